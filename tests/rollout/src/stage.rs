//! What the parts stand on: the processes, their names, and a world of a few resources to call for.

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use callout_fleet::{Fleet, Network, Plan};
use callout_journal::Service;
use futures::future::try_join_all;
use rustix::process::Signal;
use serde_json::{Value, json};
use tonic::transport::Endpoint;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::{
    call::{Call, FRESH_ID, Pace, Task},
    clients::{Clients, Kind, Started, targets, urls},
    names::Names,
    native::Client,
};

/// The organisation that everything is in.
const ORGANIZATION: &str = "organizations/acme";

/// How long a process may take until it serves.
const READY_WITHIN: Duration = Duration::from_mins(3);

/// Between two looks at a process that starts.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Processes, their names, and the clients that call them.
pub struct Stage<'c> {
    fleet: Fleet,
    /// Who knows the addresses.
    pub names: Names,
    clients: &'c Clients,
    token: String,
}

impl<'c> Stage<'c> {
    /// Starts so many replicas of each service, with these settings, and names all of them.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start(clients: &'c Clients, replicas: usize, settings: &[(&str, &str)], logs: &Path) -> Result<Self> {
        let binary = callout_fleet::binary()?;
        let plan = Plan { binary: &binary, replicas, settings, logs, network: Network::Names, postgresql: &[] };
        let fleet = Fleet::start(plan).await?;
        let token = fleet.token("lin", &["administrator", "quality_office"])?;
        let stage = Self { fleet, names: Names::start().await?, clients, token };
        try_join_all((0..stage.fleet.replicas()).map(|replica| stage.come(replica))).await?;
        Ok(stage)
    }

    /// The processes.
    pub const fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The processes of a service.
    pub fn replicas_of(&self, service: Service) -> impl Iterator<Item = usize> {
        (0..self.fleet.replicas()).filter(move |replica| self.fleet.replica(*replica).0 == service)
    }

    /// Which process it is, for people.
    pub fn who(&self, replica: usize) -> String {
        let (service, address) = self.fleet.replica(replica);
        format!("{} at {address}", service.schema())
    }

    /// Starts a process that does not run, and gives it its name once it serves.
    ///
    /// # Errors
    /// When it does not serve in time.
    pub async fn come(&self, replica: usize) -> Result<()> {
        let (service, address) = self.fleet.replica(replica);
        let since = Instant::now();
        while !serves(address).await {
            // One that did not reach the database at once has given up, and is started again, as an orchestrator does.
            self.fleet.start_again(replica).await?;
            ensure!(since.elapsed() < READY_WITHIN, "{} does not serve after {READY_WITHIN:?}", self.who(replica));
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.names.add(service, address);
        Ok(())
    }

    /// Takes the name from a process and sends it SIGTERM, as an orchestrator does both at once; how long it takes to end.
    ///
    /// # Errors
    /// When it does not end in order.
    pub async fn go(&self, replica: usize) -> Result<Duration> {
        let (service, address) = self.fleet.replica(replica);
        self.names.remove(service, address);
        let since = Instant::now();
        self.fleet.signal(replica, Signal::TERM).await?;
        Ok(since.elapsed())
    }

    /// Starts a client of each kind, which does what `task` says of it.
    ///
    /// # Errors
    /// When one cannot be started.
    pub fn start_clients(&self, task: impl Fn(Kind) -> Task) -> Result<Vec<(Kind, Started)>> {
        let start = |kind| {
            let started = self.clients.start(kind, self.names.address(), &self.names.lookup(), task(kind))?;
            Ok((kind, started))
        };
        Kind::ALL.into_iter().map(start).collect()
    }

    /// What a client is to do, at all services.
    pub fn task(&self, calls: Vec<Call>, deadline: Duration, pace: Pace) -> Task {
        let all = (0..self.fleet.replicas()).map(|replica| self.fleet.replica(replica));
        let deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        Task { targets: targets(all), token: self.token.clone(), deadline_ms, calls, pace }
    }

    /// Ends all processes.
    ///
    /// # Errors
    /// When one does not end in order.
    pub async fn stop(self) -> Result<()> {
        try_join_all((0..self.fleet.replicas()).map(|replica| self.go(replica))).await?;
        self.fleet.stop().await
    }

    /// Takes the organisation in, with a machine, a case of it, its work order and an item.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn settle(&self) -> Result<World> {
        let deadline = Duration::from_secs(10);
        let task = self.task(Vec::new(), deadline, Pace::AtOnce(0));
        let client = Client::new(&urls(&task), &self.names.lookup(), &self.token, deadline)?;
        let adoption = json!({"pack": "R01-aerial-platforms", "revision": 1, "effectiveAt": "1970-01-01T00:00:00Z"});
        named(
            &client,
            &Call::unary(
                "intake",
                "callout.intake.v1.Organizations",
                "CreateOrganization",
                json!({
                    "organizationId": "acme", "requestId": FRESH_ID,
                    "organization": {"displayName": "Acme", "adoptions": [adoption]},
                }),
            ),
        )
        .await?;
        let product = named(&client, &Call::unary("intake", "callout.intake.v1.Products", "CreateProduct", json!({
            "parent": ORGANIZATION, "requestId": FRESH_ID,
            "product": {
                "serial": "GKS-1", "model": "GKS-25", "maker": "own", "seller": "own", "warrantyEndsOn": "2199-12-31",
            },
        })))
        .await?;
        let case = named(&client, &create_case(&product)).await?;
        let fixed = json!({"name": case, "requestId": FRESH_ID, "solution": {"mode": "MODE_REMOTE", "solves": true}});
        named(&client, &Call::unary("intake", "callout.intake.v1.Cases", "FixSolution", fixed)).await?;
        let dispatched = json!({"name": case, "requestId": FRESH_ID});
        let dispatch = Call::unary("intake", "callout.intake.v1.Cases", "DispatchCase", dispatched);
        let order = text(&client.call(&dispatch).await?, "workOrder")?;
        let item = named(
            &client,
            &Call::unary(
                "inventory",
                "callout.inventory.v1.Items",
                "CreateItem",
                json!({
                    "parent": ORGANIZATION, "requestId": FRESH_ID, "item": {"code": "P-1", "displayName": "Pump"},
                }),
            ),
        )
        .await?;
        Ok(World { product, case, order, item })
    }
}

/// What there is in the organisation, by its names.
pub struct World {
    product: String,
    case: String,
    order: String,
    item: String,
}

impl World {
    /// Reads and writes at all four services: one of six is a write.
    pub fn mixed(&self) -> Vec<Call> {
        let duties = json!({"parent": ORGANIZATION, "pageSize": 10});
        vec![
            create_case(&self.product),
            self.get_case(),
            Call::unary("dispatch", "callout.dispatch.v1.WorkOrders", "GetWorkOrder", json!({"name": self.order})),
            self.get_product(),
            Call::unary("inventory", "callout.inventory.v1.Items", "GetItem", json!({"name": self.item})),
            Call::unary("evaluation", "callout.evaluation.v1.Duties", "ListDuties", duties),
        ]
    }

    /// Reads a case.
    pub fn get_case(&self) -> Call {
        Call::unary("intake", "callout.intake.v1.Cases", "GetCase", json!({"name": self.case}))
    }

    /// Reads a product.
    pub fn get_product(&self) -> Call {
        Call::unary("intake", "callout.intake.v1.Products", "GetProduct", json!({"name": self.product}))
    }
}

/// Reads the organisation.
pub fn get_organization() -> Call {
    Call::unary("intake", "callout.intake.v1.Organizations", "GetOrganization", json!({"name": ORGANIZATION}))
}

/// Follows the events of intake, which never end.
pub fn subscribe() -> Call {
    let request = json!({"organization": ORGANIZATION});
    Call { streams: true, ..Call::unary("intake", "callout.intake.v1.Feed", "Subscribe", request) }
}

fn create_case(product: &str) -> Call {
    Call::unary(
        "intake",
        "callout.intake.v1.Cases",
        "CreateCase",
        json!({
            "parent": ORGANIZATION, "requestId": FRESH_ID, "atDesk": true,
            "case": {
                "kind": "KIND_REPAIR", "product": product, "contact": "Mr Li", "fault": "Boom does not extend",
            },
        }),
    )
}

async fn named(client: &Client, call: &Call) -> Result<String> {
    let answer = client.call(call).await.with_context(|| format!("{} failed", call.path()))?;
    text(&answer, "name")
}

fn text(answer: &Value, field: &str) -> Result<String> {
    let value = answer.get(field).and_then(Value::as_str);
    Ok(value.with_context(|| format!("the answer has no {field}: {answer}"))?.to_owned())
}

/// Whether the process at this address says that it answers calls.
async fn serves(address: SocketAddr) -> bool {
    let Ok(endpoint) = Endpoint::from_shared(format!("http://{address}")) else { return false };
    let Ok(channel) = endpoint.connect_timeout(Duration::from_secs(1)).connect().await else { return false };
    let mut health = HealthClient::new(channel);
    let asked = health.check(HealthCheckRequest::default());
    match tokio::time::timeout(Duration::from_secs(1), asked).await {
        Ok(Ok(answer)) => answer.into_inner().status() == ServingStatus::Serving,
        Ok(Err(_)) | Err(_) => false,
    }
}
