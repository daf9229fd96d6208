//! A rolling restart under load: every service in two replicas of its own, each stopped and started again while clients
//! call, and no call fails.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use callout::{
    settings::Settings,
    suite::{Suite, Trust},
};
use callout_contract::{
    dispatch::v1::{GetWorkOrderRequest, work_orders_client::WorkOrdersClient},
    intake::v1::{
        DispatchCaseRequest, FixSolutionRequest, Solution, cases_client::CasesClient,
        organizations_client::OrganizationsClient, products_client::ProductsClient, solution,
    },
};
use callout_fleet::founding::{self, request_id};
use callout_journal::Service;
use callout_kit::{client::Channel, clock, identity::DevelopmentIssuer};
use tonic::{Request, Status};

use crate::stage::{self, person};

/// Replicas of each service.
const REPLICAS: usize = 2;

/// Clients that call without a pause.
const CLIENTS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "how many calls were made is part of what is proved")]
async fn no_call_fails_while_every_replica_of_every_service_is_restarted_in_turn() {
    let mut fleet = Fleet::start().await;
    let (channel, token) = (fleet.channels(), fleet.token());
    let load = Arc::new(Load::default());
    let desk = Desk { intake: channel.0, dispatch: channel.1, token, load: Arc::clone(&load) };
    let product = desk.open().await.expect("an organisation with a product");
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (desk, product) = (desk.clone(), product.clone());
            tokio::spawn(async move { desk.work(&product).await })
        })
        .collect();
    let mut called = 0;
    for place in 0..fleet.servers.len() {
        // Each restart is under load: calls went through since the one before.
        load.more_than(called).await;
        called = load.calls.load(Ordering::Relaxed);
        fleet.restart(place).await;
    }
    load.more_than(called).await;
    load.over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("a client");
    }
    let calls = load.calls.load(Ordering::Relaxed);
    let failed = load.failed.lock().expect("nobody panics with it").clone();
    assert!(failed.is_empty(), "{} of {calls} calls failed: {:#?}", failed.len(), failed);
    println!("{calls} calls, {} restarts, 0 failed", fleet.servers.len());
    fleet.stop().await;
}

/// The servers of all services, each with a port of its own that it keeps over restarts.
struct Fleet {
    servers: Vec<(Service, Settings, Option<Suite>)>,
    trust: Trust,
    issuer: DevelopmentIssuer,
    // Last: it is removed when nobody works on it any more.
    _database: callout_devdb::Database,
}

impl Fleet {
    async fn start() -> Self {
        let database = stage::database().await;
        let issuer = DevelopmentIssuer::new().expect("a key");
        let trust = Trust::of_development(&issuer).expect("the issuer's own key");
        let ports = callout_fleet::free_ports(Service::ALL.len() * REPLICAS).expect("free ports");
        let mut settings = stage::settings(database.url());
        // Long enough for the other services to see that a replica is going.
        settings.server.drain_delay_ms = 200;
        let address = |service: usize| -> String {
            let replicas = ports[service * REPLICAS..][..REPLICAS].iter();
            replicas.map(|port| format!("http://{port}")).collect::<Vec<_>>().join(",")
        };
        for (place, service) in Service::ALL.iter().enumerate() {
            match service {
                Service::Intake => settings.peers.intake = address(place),
                Service::Dispatch => settings.peers.dispatch = address(place),
                Service::Inventory => settings.peers.inventory = address(place),
                Service::Evaluation => settings.peers.evaluation = address(place),
            }
        }
        let services = Service::ALL.iter().flat_map(|service| [*service; REPLICAS]);
        let mut servers = Vec::new();
        for (service, port) in services.zip(&ports) {
            let mut settings = settings.clone();
            settings.server.listen = *port;
            let server = Suite::start(&settings, &[service], &trust).await.expect("a server");
            servers.push((service, settings, Some(server)));
        }
        Self { servers, trust, issuer, _database: database }
    }

    async fn restart(&mut self, place: usize) {
        let (service, settings, server) = &mut self.servers[place];
        let running = server.take().expect("it runs");
        running.shutdown().await.expect("an orderly end");
        let service = *service;
        *server = Some(Suite::start(settings, &[service], &self.trust).await.expect("a server"));
    }

    async fn stop(self) {
        for (_, _, server) in self.servers {
            server.expect("it runs").shutdown().await.expect("an orderly end");
        }
    }

    /// The ways to intake and to dispatch, each over all replicas.
    fn channels(&self) -> (Channel, Channel) {
        let (_, settings, _) = &self.servers[0];
        let channel =
            |url: &str| Channel::new("client", url, &settings.client, None).expect("the addresses of the replicas");
        (channel(&settings.peers.intake), channel(&settings.peers.dispatch))
    }

    fn token(&self) -> String {
        let caller = person("acme", "lin", &["administrator", "quality_office"]);
        self.issuer.token(&caller, clock::system_now()).expect("a token")
    }
}

/// What the clients did so far.
#[derive(Default)]
struct Load {
    calls: AtomicUsize,
    failed: std::sync::Mutex<Vec<String>>,
    over: AtomicBool,
    moved: tokio::sync::Notify,
}

impl Load {
    /// Waits until fifty more calls were made than `called`.
    async fn more_than(&self, called: usize) {
        while self.calls.load(Ordering::Relaxed) < called + 50 {
            self.moved.notified().await;
        }
    }
}

/// A client that takes cases in and hands them to dispatch.
#[derive(Clone)]
struct Desk {
    intake: Channel,
    dispatch: Channel,
    token: String,
    load: Arc<Load>,
}

impl Desk {
    /// Takes the organisation in, with a machine in warranty; the machine's name.
    async fn open(&self) -> Result<String, Status> {
        let request = self.request(founding::organization("acme"));
        OrganizationsClient::new(self.intake.clone()).create_organization(request).await?;
        let request = self.request(founding::machine("organizations/acme"));
        let product = ProductsClient::new(self.intake.clone()).create_product(request).await?;
        Ok(product.into_inner().name)
    }

    /// Works until the load is over.
    async fn work(&self, product: &str) {
        while !self.load.over.load(Ordering::Relaxed) {
            if let Err(status) = self.serve(product).await {
                let mut failed = self.load.failed.lock().expect("nobody panics with it");
                failed.push(format!("{}: {}", status.code(), status.message()));
            }
        }
    }

    /// One case, from the call to its work order.
    async fn serve(&self, product: &str) -> Result<(), Status> {
        let mut cases = CasesClient::new(self.intake.clone());
        let request = founding::repair("organizations/acme", product);
        let name = self.counted(cases.create_case(self.request(request)).await)?.name;
        let solution = Solution { mode: solution::Mode::Remote.into(), solves: true, ..Default::default() };
        let request = FixSolutionRequest {
            name: name.clone(),
            solution: Some(solution),
            request_id: request_id(),
            ..Default::default()
        };
        self.counted(cases.fix_solution(self.request(request)).await)?;
        let request = DispatchCaseRequest { name, request_id: request_id(), ..Default::default() };
        let name = self.counted(cases.dispatch_case(self.request(request)).await)?.work_order;
        let mut orders = WorkOrdersClient::new(self.dispatch.clone());
        self.counted(orders.get_work_order(self.request(GetWorkOrderRequest { name })).await)?;
        Ok(())
    }

    fn counted<A>(&self, answer: Result<tonic::Response<A>, Status>) -> Result<A, Status> {
        self.load.calls.fetch_add(1, Ordering::Relaxed);
        self.load.moved.notify_one();
        answer.map(tonic::Response::into_inner)
    }

    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token).parse().expect("a token is a header value");
        request.metadata_mut().insert("authorization", bearer);
        request
    }
}
