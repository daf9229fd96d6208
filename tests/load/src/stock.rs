//! Parts go onto loan slips.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use callout_contract::inventory::v1::{
    CreateItemRequest, CreateLoanSlipRequest, CreatePlaceRequest, IssueLoanSlipRequest, Item, LoanLine, LoanSlip,
    Movement, Place, ReceiveStockRequest, items_client::ItemsClient, loan_slips_client::LoanSlipsClient,
    movements_client::MovementsClient, place, places_client::PlacesClient,
};
use callout_fleet::founding::request_id;
use callout_journal::Service;
use futures::{StreamExt as _, TryStreamExt as _, future, stream};
use tonic::{Status, transport::Channel};

use crate::{bench::Bench, driver::Operation, pgbench::Twin, profile, world::Organization};

/// How long inventory may take to hear of an organisation.
const PATIENCE: Duration = Duration::from_secs(30);

/// Callers who fill slips in before they are issued.
const FILLING: usize = 16;

/// Slips that are filled in for each second of issuing and each caller, as long as a few callers get more done than one.
const READY: usize = 240;

/// How many callers get more done than fewer.
const FEW: usize = 6;

/// How many times longer than issuing filling in may take: a slice with fewer slips ends with the last one.
const FILLING_TIMES: u32 = 3;

/// Measures both.
///
/// # Errors
/// When a call is refused or a twin fails.
pub async fn measure(bench: &mut Bench) -> Result<()> {
    let organization = bench.organization("stock").await?;
    let channels = bench.world.channels(Service::Inventory);
    eprintln!("{} items are taken into stock …", bench.arguments.items);
    let store = Arc::new(Store::fill(organization, channels, bench.arguments.items).await?);
    let items = store.items.len();
    let spread: Arc<dyn Operation> = Arc::new(Issue::of(&store, items));
    let hot: Arc<dyn Operation> = Arc::new(Issue::of(&store, 1));
    for clients in bench.arguments.clients.clone() {
        bench.measure(&format!("issue a slip, {items} items"), clients, &spread, &Twin::reservation(items)).await?;
        bench.measure("issue a slip, one hot item", clients, &hot, &Twin::reservation(1)).await?;
    }
    bench.list_statements("issue a slip, one hot item", 1, &hot).await?;
    bench.list_statements(&format!("issue a slip, {items} items"), 16, &spread).await?;
    profile::take(bench, &format!("issue a slip, {items} items"), 16, &spread).await
}

/// A warehouse with items.
struct Store {
    organization: Arc<Organization>,
    channels: Vec<Channel>,
    warehouse: String,
    items: Vec<String>,
}

impl Store {
    async fn fill(organization: Arc<Organization>, channels: Vec<Channel>, items: usize) -> Result<Self> {
        let warehouse = warehouse(&organization, &channels[0]).await?;
        let store = Self { organization, channels, warehouse, items: Vec::new() };
        let made: Vec<String> =
            stream::iter(0..items).map(|number| store.item(number)).buffered(FILLING).try_collect().await?;
        Ok(Self { items: made, ..store })
    }

    /// An item of which there is more than anybody takes.
    async fn item(&self, number: usize) -> Result<String, Status> {
        let channel = self.channels[number % self.channels.len()].clone();
        let parent = self.organization.name.clone();
        let item = Item { code: format!("P-{number}"), display_name: "Hydraulic hose".to_owned(), ..Item::default() };
        let request = CreateItemRequest { parent: parent.clone(), item: Some(item), request_id: request_id() };
        let item = ItemsClient::new(channel.clone()).create_item(self.organization.request(request)).await?;
        let name = item.into_inner().name;
        let movement = Movement {
            item: name.clone(),
            quantity: "1000000".to_owned(),
            to_place: self.warehouse.clone(),
            ..Movement::default()
        };
        let request = ReceiveStockRequest {
            parent,
            movement: Some(movement),
            request_id: request_id(),
            ..ReceiveStockRequest::default()
        };
        MovementsClient::new(channel).receive_stock(self.organization.request(request)).await?;
        Ok(name)
    }

    fn slips(&self, client: usize) -> LoanSlipsClient<Channel> {
        LoanSlipsClient::new(self.channels[client % self.channels.len()].clone())
    }

    /// A slip for one piece, filled in and not issued.
    async fn slip(&self, client: usize, item: &str) -> Result<String, Status> {
        let line = LoanLine { item: item.to_owned(), quantity: "1".to_owned(), ..LoanLine::default() };
        let slip = LoanSlip {
            purpose: "carry".to_owned(),
            borrower: "wang".to_owned(),
            place: self.warehouse.clone(),
            lines: vec![line],
            ..LoanSlip::default()
        };
        let request = CreateLoanSlipRequest {
            parent: self.organization.name.clone(),
            loan_slip: Some(slip),
            request_id: request_id(),
            ..CreateLoanSlipRequest::default()
        };
        Ok(self.slips(client).create_loan_slip(self.organization.request(request)).await?.into_inner().name)
    }
}

/// The organisation's warehouse, as soon as inventory has heard of the organisation.
async fn warehouse(organization: &Organization, channel: &Channel) -> Result<String> {
    let begun = Instant::now();
    let place = Place { display_name: "Parts".to_owned(), kind: place::Kind::Warehouse.into(), ..Place::default() };
    loop {
        let request = CreatePlaceRequest {
            parent: organization.name.clone(),
            place: Some(place.clone()),
            request_id: request_id(),
        };
        match PlacesClient::new(channel.clone()).create_place(organization.request(request)).await {
            Ok(place) => return Ok(place.into_inner().name),
            Err(status) => ensure!(begun.elapsed() < PATIENCE, "inventory makes no place: {status}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Slips are issued that were filled in before.
struct Issue {
    store: Arc<Store>,
    items: usize,
    drafts: Mutex<Vec<String>>,
    made: AtomicUsize,
}

impl Issue {
    fn of(store: &Arc<Store>, items: usize) -> Self {
        Self { store: Arc::clone(store), items, drafts: Mutex::default(), made: AtomicUsize::new(0) }
    }

    async fn fill_in(&self) -> Result<()> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let item = &self.store.items[number % self.items];
        let slip = self.store.slip(number, item).await.context("a slip cannot be filled in")?;
        self.drafts.lock().unwrap_or_else(PoisonError::into_inner).push(slip);
        Ok(())
    }
}

#[async_trait]
impl Operation for Issue {
    async fn prepare(&self, clients: usize, span: Duration) -> Result<()> {
        let begun = Instant::now();
        let ready = self.drafts.lock().unwrap_or_else(PoisonError::into_inner).len();
        let seconds = usize::try_from(span.as_secs())?.max(1);
        let missing = (READY * clients.min(FEW) * seconds).saturating_sub(ready);
        let filling = stream::iter(0..missing)
            .take_while(|_| future::ready(begun.elapsed() < span * FILLING_TIMES))
            .map(|_| self.fill_in());
        filling.buffer_unordered(FILLING).try_collect::<()>().await
    }

    async fn once(&self, client: usize) -> Result<bool, Status> {
        let draft = self.drafts.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(name) = draft else { return Ok(false) };
        let request = IssueLoanSlipRequest { name, request_id: request_id(), ..IssueLoanSlipRequest::default() };
        self.store.slips(client).issue_loan_slip(self.store.organization.request(request)).await?;
        Ok(true)
    }
}
