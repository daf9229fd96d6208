//! The four services as they are run, on a database of their own: intake on one port, and behind [`Between`] the other
//! three.
//!
//! What they would do in the background, following one another and running timers, they do here when the clock is moved or
//! [`Suite::settle`] is called, by the same RPCs as in any sandbox, so that a test knows what has happened.

use std::sync::Arc;

use callout_casework::{Host, Peers, Service as _};
use callout_contract::{
    intake::v1::{
        self as pb, cases_client::CasesClient, clocks_client::ClocksClient, customers_client::CustomersClient,
        organizations_client::OrganizationsClient, products_client::ProductsClient, sandboxes_client::SandboxesClient,
    },
    types::v1::SetClockRequest,
};
use callout_devdb::{Database, Server, shared_for_tests};
use callout_dispatch::Dispatch;
use callout_evaluation::Evaluation;
use callout_intake::Intake;
use callout_inventory::Inventory;
use callout_journal::{Journal, Service, migrate};
use callout_kit::{
    Caller,
    client::Channel,
    identity::Verifier,
    permissions::RoleMaps,
    server::{self, Access, Plan, Port, Running, Services},
    settings,
};
use callout_regulation::Library;
use futures::future::try_join_all;
use sqlx::{PgPool, migrate::Migrator, postgres::PgConnectOptions};
use tokio::sync::OnceCell;
use tonic::transport;

use super::{
    LAB, ORG, OWNER, adoption, at,
    between::Between,
    people::{ISSUER, by, from, owner},
    request_id,
};

pub const PASSWORD: &str = "only here";

/// Where nobody answers.
const NOWHERE: &str = "http://127.0.0.1:9";

/// The request that opens the sandbox: its name follows from it.
const OPENING: &str = "0195a000-0000-7000-8000-000000000001";

pub struct Suite {
    pub intake: Intake,
    pub superuser: PgPool,
    processes: Processes,
    pub(super) database: Database,
}

impl Suite {
    /// The sandbox [`LAB`] of `acme`, on Monday 2026-03-09 at 09:00 in Shanghai.
    pub async fn start() -> Self {
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        const TEMPLATE: &str = "intake_and_others_with_lab";
        PREPARED.get_or_init(|| Box::pin(prepare_lab(TEMPLATE, &ALL))).await;
        Box::pin(Self::on_copy_of(TEMPLATE, &ALL)).await
    }

    /// The same, and nobody there but intake: for what it does without the others, which takes half the time.
    pub async fn alone() -> Self {
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        const TEMPLATE: &str = "intake_with_lab";
        PREPARED.get_or_init(|| Box::pin(prepare_lab(TEMPLATE, &INTAKE))).await;
        Box::pin(Self::on_copy_of(TEMPLATE, &INTAKE)).await
    }

    /// The same under another pack of the suite.
    pub async fn alone_under(pack: &str) -> Self {
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        const TEMPLATE: &str = "intake";
        PREPARED.get_or_init(|| Box::pin(prepare(TEMPLATE, &INTAKE))).await;
        let suite = Box::pin(Self::on_copy_of(TEMPLATE, &INTAKE)).await;
        suite.processes.open_lab(pack).await;
        suite
    }

    /// The services, before they know anybody.
    pub async fn without_organization() -> Self {
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        const TEMPLATE: &str = "intake_and_others";
        PREPARED.get_or_init(|| Box::pin(prepare(TEMPLATE, &ALL))).await;
        Box::pin(Self::on_copy_of(TEMPLATE, &ALL)).await
    }

    async fn on_copy_of(template: &str, services: &[Migrated]) -> Self {
        let database = shared_for_tests().await.fresh_database(template).await.unwrap();
        let processes = Processes::start(database.options().clone(), services.len() > 1).await;
        let intake = processes.intake.clone();
        Self { intake, superuser: database.superuser(), processes, database }
    }

    /// What stands between intake and the others.
    pub fn between(&self) -> &Between {
        &self.processes.behind.as_ref().expect("the suite was not started alone").between
    }

    /// The way to dispatch, inventory and evaluation, past what stands between intake and them.
    pub fn others(&self) -> transport::Channel {
        self.processes.behind.as_ref().expect("the suite was not started alone").channel.clone()
    }

    pub fn organizations(&self) -> OrganizationsClient<transport::Channel> {
        OrganizationsClient::new(self.processes.front.clone())
    }

    pub fn sandboxes(&self) -> SandboxesClient<transport::Channel> {
        SandboxesClient::new(self.processes.front.clone())
    }

    pub fn customers(&self) -> CustomersClient<transport::Channel> {
        CustomersClient::new(self.processes.front.clone())
    }

    pub fn products(&self) -> ProductsClient<transport::Channel> {
        ProductsClient::new(self.processes.front.clone())
    }

    pub fn cases(&self) -> CasesClient<transport::Channel> {
        CasesClient::new(self.processes.front.clone())
    }

    /// Moves the clock of the sandbox in every service that is there; what is due by then happens.
    pub async fn clock(&self, now: &str) {
        self.processes.set_clock(at(now)).await;
    }

    /// Lets each service hear what the others have told so far.
    pub async fn settle(&self) {
        let get = by("root", "administrator", pb::GetOrganizationRequest { name: ORG.to_owned() });
        let now = self.organizations().get_organization(get).await.unwrap().into_inner().clock;
        self.processes.set_clock(now).await;
    }
}

/// A service and what its schema is made by.
type Migrated = (Service, &'static Migrator);

static INTAKE: [Migrated; 1] = [(Service::Intake, &callout_intake::MIGRATIONS)];
static ALL: [Migrated; 4] = [
    (Service::Intake, &callout_intake::MIGRATIONS),
    (Service::Dispatch, &callout_dispatch::MIGRATIONS),
    (Service::Inventory, &callout_inventory::MIGRATIONS),
    (Service::Evaluation, &callout_evaluation::MIGRATIONS),
];

/// Prepares a template with the schemas of services.
async fn prepare(template: &str, services: &[Migrated]) {
    let server = shared_for_tests().await;
    server.template(template, async |_| migrate_all(server, template, services).await).await.unwrap();
}

/// The same with the sandbox, which is opened once for all tests: by the services, which hear of it as ever.
async fn prepare_lab(template: &str, services: &[Migrated]) {
    let server = shared_for_tests().await;
    let prepare = async |_| {
        migrate_all(server, template, services).await?;
        let processes = Processes::start(server.options(template), services.len() > 1).await;
        processes.open_lab("R01-aerial-platforms").await;
        processes.stop().await;
        Ok(())
    };
    server.template(template, prepare).await.unwrap();
}

async fn migrate_all(server: &Server, database: &str, services: &[Migrated]) -> anyhow::Result<()> {
    for (service, migrations) in services {
        migrate(&server.options(database), *service, migrations, PASSWORD).await?;
    }
    Ok(())
}

/// The services, and who is connected to them.
struct Processes {
    intake: Intake,
    /// To intake.
    front: transport::Channel,
    behind: Option<Behind>,
    running: Vec<Running>,
    journals: Vec<Journal>,
}

/// The other three, and what stands before them.
struct Behind {
    between: Between,
    channel: transport::Channel,
}

impl Processes {
    async fn start(options: PgConnectOptions, with_others: bool) -> Self {
        let options = options.password(PASSWORD);
        let library = Arc::new(Library::built_in().unwrap().clone());
        let host = |journal: &Journal| Host { journal: journal.clone(), library: Arc::clone(&library) };
        let connect = |service| Journal::connect(options.clone(), service, 8);
        let front = port().await;
        let here = url_of(&front);
        let (mut running, mut journals) = (Vec::new(), Vec::new());
        let mut elsewhere = NOWHERE.to_owned();
        let behind = if with_others {
            let connected = [Service::Dispatch, Service::Inventory, Service::Evaluation].map(connect);
            let connected = try_join_all(connected).await.unwrap();
            let [dispatch, inventory, evaluation] = &connected[..] else { panic!("three") };
            let back = port().await;
            let url = url_of(&back);
            let dispatch = Dispatch::new(host(dispatch), peers("dispatch", &here, &url));
            let inventory = Inventory::new(host(inventory), peers("inventory", &here, &url));
            let evaluation = Evaluation::new(host(evaluation), peers("evaluation", &here, &url));
            let services = evaluation.add_to(inventory.add_to(dispatch.add_to(Services::default())));
            running.push(serve(back, "dispatch", services, dispatch.host().role_maps()).await);
            journals.extend(connected);
            let between = Between::start(url.clone());
            between.url().clone_into(&mut elsewhere);
            Some(Behind { between, channel: channel(url) })
        } else {
            None
        };
        let journal = connect(Service::Intake).await.unwrap();
        let intake = Intake::new(host(&journal), peers("intake", &here, &elsewhere), Some(ISSUER.signer()));
        journals.push(journal);
        running.push(serve(front, "intake", intake.add_to(Services::default()), intake.host().role_maps()).await);
        Self { intake, front: channel(here), behind, running, journals }
    }

    /// Opens the sandbox of the tests under a pack of the suite.
    async fn open_lab(&self, pack: &str) {
        let organization =
            pb::Organization { adoptions: vec![adoption(pack, "2026-01-01 00:00:00")], ..pb::Organization::default() };
        let opening = pb::CreateSandboxRequest {
            parent: OWNER.to_owned(),
            organization: Some(organization),
            clock: at("2026-03-09 09:00:00"),
            request_id: OPENING.to_owned(),
        };
        let opened = SandboxesClient::new(self.front.clone()).create_sandbox(owner(opening)).await.unwrap();
        assert_eq!(opened.into_inner().name, format!("organizations/{LAB}"));
        // Whoever could not hear of it at once hears of it now, or says why not.
        self.set_clock(at("2026-03-09 09:00:00")).await;
    }

    async fn set_clock(&self, to: Option<prost_types::Timestamp>) {
        if self.behind.is_some() {
            let request = pb::AdvanceClockRequest { name: ORG.to_owned(), to, request_id: request_id() };
            SandboxesClient::new(self.front.clone()).advance_clock(owner(request)).await.unwrap();
        } else {
            let request = SetClockRequest { organization: ORG.to_owned(), now: to };
            let asked = from(Caller::service("intake", LAB), request);
            ClocksClient::new(self.front.clone()).set_clock(asked).await.unwrap();
        }
    }

    /// Stops in order, so that nobody is connected to the database any more.
    async fn stop(self) {
        for running in self.running {
            running.shutdown().await.unwrap();
        }
        for journal in self.journals {
            journal.close().await;
        }
    }
}

fn channel(url: String) -> transport::Channel {
    transport::Endpoint::from_shared(url).unwrap().connect_lazy()
}

async fn port() -> Port {
    Port::bind("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

fn url_of(port: &Port) -> String {
    format!("http://{}", port.address().unwrap())
}

fn peers(service: &'static str, intake: &str, others: &str) -> Peers {
    let channel = |url: &str| Channel::new(service, url, &settings::Client::default(), Some(ISSUER.signer())).unwrap();
    let others = channel(others);
    Peers { intake: channel(intake), dispatch: others.clone(), inventory: others.clone(), evaluation: others }
}

async fn serve(port: Port, service: &'static str, services: Services, role_maps: RoleMaps) -> Running {
    let verifier = Verifier::new(&settings::Identity::default()).unwrap().and_development(&ISSUER).unwrap();
    let access = Access::new(Arc::new(verifier), role_maps);
    let plan = Plan { service, services, access, ready: Box::pin(async { Ok(()) }) };
    let settings = settings::Server { drain_delay_ms: 0, ..settings::Server::default() };
    server::start_on(port, &settings, plan).await.unwrap()
}
