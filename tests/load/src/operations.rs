//! Calls of intake: the floor, opening a case, reading one, listing them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use async_trait::async_trait;
use callout_contract::intake::v1::{GetCaseRequest, ListCasesRequest};
use callout_journal::Service;
use rand::Rng as _;
use tonic::{Status, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::{
    arguments::Part,
    bench::Bench,
    bulk::{self, Bulk},
    driver::Operation,
    pgbench::Twin,
    profile,
    world::Organization,
};

/// How many organisations work side by side where the load is spread.
const ORGANIZATIONS: usize = 16;

/// Cases of the pages by which the places are found.
const LONGEST_PAGE: i32 = 250;

/// Measures those that were asked for.
///
/// # Errors
/// When a call is refused or a twin fails.
pub async fn measure(bench: &mut Bench) -> Result<()> {
    if bench.wants(Part::Floor) {
        let floor: Arc<dyn Operation> = Arc::new(Floor { channels: bench.world.channels(Service::Intake) });
        for clients in bench.arguments.clients.clone() {
            bench.measure("no-op call", clients, &floor, &Twin::nothing()).await?;
        }
    }
    if bench.wants(Part::Open) {
        open(bench).await?;
    }
    if bench.wants(Part::Read) || bench.wants(Part::Page) {
        look(bench).await?;
    }
    Ok(())
}

async fn open(bench: &mut Bench) -> Result<()> {
    let twin = bench.twin_of_open().await?;
    let one: Arc<dyn Operation> = Arc::new(Open(vec![bench.organization("one").await?]));
    let mut many = Vec::new();
    for number in 0..ORGANIZATIONS {
        many.push(bench.organization(&format!("many-{number}")).await?);
    }
    let many: Arc<dyn Operation> = Arc::new(Open(many));
    for clients in bench.arguments.clients.clone() {
        bench.measure("open a case", clients, &one, &twin).await?;
        bench.measure("open a case, one durable statement", clients, &one, &Twin::durable()).await?;
        bench.measure("open a case, 16 organisations", clients, &many, &twin).await?;
    }
    bench.list_statements("open a case", 1, &one).await?;
    bench.list_statements("open a case", 16, &one).await?;
    profile::take(bench, "open a case", 16, &one).await
}

async fn look(bench: &mut Bench) -> Result<()> {
    let (big, rows) = match bench.world_of_growth.take() {
        Some(grown) => grown,
        None => {
            let big = bench.organization("big").await?;
            let mut bulk = Bulk::of(&bench.fleet, &big).await?;
            bulk.grow(bench.arguments.big).await?;
            (big, bulk.rows())
        }
    };
    let rows_told = rows.to_string();
    if bench.wants(Part::Read) {
        let read: Arc<dyn Operation> = Arc::new(Read { organization: Arc::clone(&big), rows });
        for clients in bench.arguments.clients.clone() {
            bench.measure("read a case", clients, &read, &Twin::one(rows, window(rows))).await?;
        }
    }
    if bench.wants(Part::Page) {
        let page: Arc<dyn Operation> = Arc::new(Page::of(&big, rows).await?);
        for clients in bench.arguments.clients.clone() {
            let name = format!("page of 50 in {rows_told}");
            bench.measure(&name, clients, &page, &Twin::page(rows, window(rows))).await?;
        }
    }
    Ok(())
}

/// In how many of the latest cases something is read, of so many.
pub fn window(rows: u64) -> u64 {
    bulk::WHOLE.min(rows / 2)
}

/// A call that finds nothing to do.
struct Floor {
    channels: Vec<Channel>,
}

#[async_trait]
impl Operation for Floor {
    async fn once(&self, client: usize) -> Result<bool, Status> {
        let channel = self.channels[client % self.channels.len()].clone();
        HealthClient::new(channel).check(HealthCheckRequest::default()).await?;
        Ok(true)
    }
}

/// A case is opened; each caller works for one of the organisations.
pub struct Open(pub Vec<Arc<Organization>>);

#[async_trait]
impl Operation for Open {
    async fn once(&self, client: usize) -> Result<bool, Status> {
        let organization = &self.0[client % self.0.len()];
        organization.cases(client).create_case(organization.request(organization.call())).await?;
        Ok(true)
    }
}

/// One of the latest of many cases is read.
struct Read {
    organization: Arc<Organization>,
    rows: u64,
}

#[async_trait]
impl Operation for Read {
    async fn once(&self, client: usize) -> Result<bool, Status> {
        let name = bulk::name(rand::rng().random_range(self.rows - window(self.rows) + 1..=self.rows));
        let request = self.organization.request(GetCaseRequest { name });
        self.organization.cases(client).get_case(request).await?;
        Ok(true)
    }
}

/// A page somewhere among the latest cases is read.
pub struct Page {
    organization: Arc<Organization>,
    tokens: Vec<String>,
}

impl Page {
    /// Goes through the latest cases in long pages and keeps where each begins.
    ///
    /// # Errors
    /// When a call is refused.
    pub async fn of(organization: &Arc<Organization>, rows: u64) -> Result<Self> {
        let mut tokens = vec![String::new()];
        let begun = Instant::now();
        let pages = usize::try_from(window(rows) / u64::from(LONGEST_PAGE.unsigned_abs()))?.max(1);
        while tokens.len() < pages && begun.elapsed() < Duration::from_mins(2) {
            let page_token = tokens.last().cloned().unwrap_or_default();
            let parent = organization.name.clone();
            let request = ListCasesRequest { parent, page_size: LONGEST_PAGE, page_token, ..Default::default() };
            let answer = organization.cases(0).list_cases(organization.request(request)).await?.into_inner();
            if answer.next_page_token.is_empty() {
                break;
            }
            tokens.push(answer.next_page_token);
        }
        Ok(Self { organization: Arc::clone(organization), tokens })
    }
}

#[async_trait]
impl Operation for Page {
    async fn once(&self, client: usize) -> Result<bool, Status> {
        let page_token = self.tokens[rand::rng().random_range(0..self.tokens.len())].clone();
        let parent = self.organization.name.clone();
        let request = ListCasesRequest { parent, page_token, ..Default::default() };
        let answer = self.organization.cases(client).list_cases(self.organization.request(request)).await?;
        if answer.get_ref().cases.len() != 50 {
            return Err(Status::internal("the page is not full"));
        }
        Ok(true)
    }
}
