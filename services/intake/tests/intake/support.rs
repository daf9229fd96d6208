//! A database with one sandbox that works by R01, and short ways to use the service on it.

use std::sync::{Arc, LazyLock};

use callout_casework::{
    Host, Peers, Service as _,
    ids::{CaseId, CustomerId, Id as _, ProductId},
};
use callout_contract::{
    dispatch::v1::{WorkOrder, WorkOrderEnded, work_order},
    events::v1::Event,
    intake::v1::{
        self as pb, cases_client::CasesClient, clocks_client::ClocksClient, customers_client::CustomersClient,
        organizations_client::OrganizationsClient, products_client::ProductsClient, sandboxes_client::SandboxesClient,
    },
    types::v1::{Record, SetClockRequest},
};
use callout_devdb::{Database, shared_for_tests};
use callout_intake::{Intake, MIGRATIONS};
use callout_journal::{Clock, Command, Journal, Organization, Service, TenantTx, migrate, organizations};
use callout_kit::{
    Caller, Error, Language,
    client::Channel,
    clock,
    identity::{DevelopmentIssuer, Verifier},
    parse,
    permissions::Permissions,
    server::{self, Access, Plan, Port, Running, Services},
    settings,
};
use callout_regulation::Library;
use jiff::Timestamp;
use prost::{Message as _, Name};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool};
use tokio::sync::OnceCell;
use tonic::{Code, Request, Response, Status, transport};
use tonic_types::StatusExt as _;

use crate::others::Others;

pub const ORG: &str = "organizations/lab";
pub const OWNER: &str = "organizations/acme";
pub const REGULATION: &str = "R01-aerial-platforms@1";
const PASSWORD: &str = "only here";

pub static ISSUER: LazyLock<DevelopmentIssuer> = LazyLock::new(|| DevelopmentIssuer::new().unwrap());

pub struct Suite {
    pub intake: Intake,
    pub others: Others,
    pub superuser: PgPool,
    channel: transport::Channel,
    // Stopped before its database is dropped.
    _running: Running,
    database: Database,
}

impl Suite {
    /// The sandbox `lab` of `acme`, on Monday 2026-03-09 at 09:00 in Shanghai.
    pub async fn start() -> Self {
        Self::start_under("R01-aerial-platforms").await
    }

    /// The same under another pack of the suite.
    pub async fn start_under(pack: &str) -> Self {
        let suite = Self::without_organization().await;
        let sandbox = pb::Organization {
            name: ORG.to_owned(),
            mode: pb::organization::Mode::Sandbox.into(),
            owner: OWNER.to_owned(),
            adoptions: vec![adoption(pack, "2026-01-01 00:00:00")],
            ..pb::Organization::default()
        };
        suite
            .write(async |tx: &mut TenantTx| {
                let (id, clock) = ("lab".to_owned(), Clock::Sandbox { now: time("2026-03-09 09:00:00") });
                let document = sandbox.encode_to_vec();
                organizations::put(tx, Organization { id, clock, document, version: 1 }).await
            })
            .await
            .unwrap();
        suite
    }

    /// The service, before it knows anybody.
    pub async fn without_organization() -> Self {
        const MIGRATED: &str = "intake_migrated";
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        let server = shared_for_tests().await;
        PREPARED
            .get_or_init(async || {
                let prepare =
                    async |_| migrate(&server.options(MIGRATED), Service::Intake, &MIGRATIONS, PASSWORD).await;
                server.template(MIGRATED, prepare).await.unwrap();
            })
            .await;
        let database = server.fresh_database(MIGRATED).await.unwrap();
        let options = database.options().clone().password(PASSWORD);
        let journal = Journal::connect(options, Service::Intake, 8).await.unwrap();
        let library = Arc::new(Library::built_in().unwrap().clone());

        let port = Port::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let url = format!("http://{}", port.address().unwrap());
        let peer = Channel::new("intake", &url, &settings::Client::default(), Some(ISSUER.signer())).unwrap();
        let peers = Peers { intake: peer.clone(), dispatch: peer.clone(), inventory: peer.clone(), evaluation: peer };
        let intake = Intake::new(Host { journal, library }, peers, Some(ISSUER.signer()));
        let others = Others::default();
        let verifier = Verifier::new(&settings::Identity::default()).unwrap().and_development(&ISSUER).unwrap();
        let plan = Plan {
            service: "intake",
            services: others.add_to(intake.add_to(Services::default())),
            access: Access::new(Arc::new(verifier), intake.host().role_maps()),
            ready: Box::pin(async { Ok(()) }),
        };
        let running = server::start_on(port, &settings::Server::default(), plan).await.unwrap();
        let channel = transport::Endpoint::from_shared(url).unwrap().connect_lazy();
        Self { intake, others, superuser: database.superuser(), channel, _running: running, database }
    }

    pub fn organizations(&self) -> OrganizationsClient<transport::Channel> {
        OrganizationsClient::new(self.channel.clone())
    }

    pub fn sandboxes(&self) -> SandboxesClient<transport::Channel> {
        SandboxesClient::new(self.channel.clone())
    }

    pub fn customers(&self) -> CustomersClient<transport::Channel> {
        CustomersClient::new(self.channel.clone())
    }

    pub fn products(&self) -> ProductsClient<transport::Channel> {
        ProductsClient::new(self.channel.clone())
    }

    pub fn cases(&self) -> CasesClient<transport::Channel> {
        CasesClient::new(self.channel.clone())
    }

    /// A transaction of the service's own.
    pub async fn write(&self, run: impl AsyncFn(&mut TenantTx) -> Result<(), Error>) -> Result<(), Error> {
        let run = async |tx: &mut TenantTx| run(tx).await.map(|()| Record::default());
        let (caller, id) = (caller("services/test", &[]), request_id());
        let command = Command { method: "/test/Write", organization: "lab", resource: ORG, request_id: &id };
        self.intake.host().journal.command(&caller, command, &Record::default(), run).await.map(drop)
    }

    /// Moves intake's clock; the timers that are due by then run.
    pub async fn clock(&self, now: &str) {
        let request = SetClockRequest { organization: ORG.to_owned(), now: at(now) };
        let service = from(Caller::service("intake", "lab"), request);
        ClocksClient::new(self.channel.clone()).set_clock(service).await.unwrap();
    }

    /// Brings an event as a feed would.
    pub async fn hear<E: Name>(&self, payload: &E, occurred_at: &str) -> Result<(), Error> {
        let event = Event {
            id: request_id(),
            organization: ORG.to_owned(),
            r#type: E::full_name(),
            occurred_at: at(occurred_at),
            payload: prost_types::Any::from_msg(payload).ok(),
            ..Event::default()
        };
        self.write(async |tx: &mut TenantTx| self.intake.on_event(tx, &event).await).await
    }

    /// Dispatch tells of the end of an order.
    pub async fn order_ended(&self, order: &str, state: work_order::State, occurred_at: &str) {
        let order = WorkOrder { name: order.to_owned(), state: state.into(), ..WorkOrder::default() };
        self.hear(&WorkOrderEnded { work_order: Some(order) }, occurred_at).await.unwrap();
    }

    /// A customer.
    pub async fn customer(&self, display_name: &str) -> String {
        let customer = pb::Customer { display_name: display_name.to_owned(), ..pb::Customer::default() };
        let request =
            pb::CreateCustomerRequest { parent: ORG.to_owned(), customer: Some(customer), request_id: request_id() };
        self.customers().create_customer(desk(request)).await.unwrap().into_inner().name
    }

    pub async fn create_product(&self, product: pb::Product) -> Result<pb::Product, Status> {
        let request =
            pb::CreateProductRequest { parent: ORG.to_owned(), product: Some(product), request_id: request_id() };
        self.products().create_product(desk(request)).await.map(Response::into_inner)
    }

    /// A machine in warranty to the end of the year, made and sold by these.
    pub async fn product(&self, maker: &str, seller: &str) -> String {
        let product = pb::Product { warranty_ends_on: "2026-12-31".to_owned(), ..machine(maker, seller) };
        self.create_product(product).await.unwrap().name
    }

    pub async fn create_case(&self, request: pb::CreateCaseRequest) -> Result<pb::Case, Status> {
        self.cases().create_case(desk(request)).await.map(Response::into_inner)
    }

    /// A case at the desk.
    pub async fn at_desk(&self, case: pb::Case) -> pb::Case {
        self.create_case(pb::CreateCaseRequest { at_desk: true, ..taking_in(case) }).await.unwrap()
    }

    pub async fn get(&self, case: &str) -> pb::Case {
        let request = pb::GetCaseRequest { name: case.to_owned() };
        self.cases().get_case(desk(request)).await.unwrap().into_inner()
    }

    pub async fn pass(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::PassCaseRequest { name: case.to_owned(), request_id: request_id(), ..Default::default() };
        self.cases().pass_case(desk(request)).await.map(Response::into_inner)
    }

    pub async fn answer(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::AnswerCaseRequest {
            name: case.to_owned(),
            answer: "every 500 hours".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().answer_case(desk(request)).await.map(Response::into_inner)
    }

    pub async fn fix(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::FixSolutionRequest {
            name: case.to_owned(),
            solution: Some(on_site()),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().fix_solution(desk(request)).await.map(Response::into_inner)
    }

    pub async fn solve(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::SolveCaseRequest {
            name: case.to_owned(),
            solution: "reset the controller".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().solve_case(desk(request)).await.map(Response::into_inner)
    }

    pub async fn dispatch(&self, case: &str) -> Result<pb::Case, Status> {
        self.cases().dispatch_case(desk(dispatching(case))).await.map(Response::into_inner)
    }

    pub async fn cancel(&self, case: &str) -> Result<pb::Case, Status> {
        let request = pb::CancelCaseRequest {
            name: case.to_owned(),
            reason: "withdrawn".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().cancel_case(desk(request)).await.map(Response::into_inner)
    }

    pub async fn analyse(&self, case: &str, cause: pb::case::Cause) -> Result<pb::Case, Status> {
        let request = pb::AnalyseCaseRequest {
            name: case.to_owned(),
            cause: cause.into(),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().analyse_case(desk(request)).await.map(Response::into_inner)
    }

    /// Changes the fields of a case that `paths` names.
    pub async fn update(&self, case: pb::Case, paths: &[&str]) -> Result<pb::Case, Status> {
        let request = pb::UpdateCaseRequest {
            case: Some(case),
            update_mask: Some(mask(paths)),
            request_id: request_id(),
            ..Default::default()
        };
        self.cases().update_case(desk(request)).await.map(Response::into_inner)
    }

    /// Puts something on record in a role.
    pub async fn record(&self, case: &str, record: Record, role: &str) -> Result<pb::Case, Status> {
        let request =
            pb::CreateCaseRecordRequest { parent: case.to_owned(), record: Some(record), request_id: request_id() };
        self.cases().create_case_record(by("somebody", role, request)).await.map(Response::into_inner)
    }

    /// The types of the events about a resource, in order.
    pub async fn events(&self, subject: &str) -> Vec<String> {
        let types = "select substring(type from '[^.]*$') from intake.event where subject = $1 order by xid, position";
        sqlx::query_scalar(types).bind(subject).fetch_all(&self.superuser).await.unwrap()
    }

    /// The events of one type, in order, and when they say that it happened.
    pub async fn told<M: Name + Default>(&self) -> Vec<(M, Timestamp)> {
        let rows: Vec<(Vec<u8>, jiff_sqlx::Timestamp)> =
            sqlx::query_as("select payload, occurred_at from intake.event where type = $1 order by xid, position")
                .bind(M::full_name())
                .fetch_all(&self.superuser)
                .await
                .unwrap();
        let decode =
            |(payload, at): (Vec<u8>, jiff_sqlx::Timestamp)| (M::decode(payload.as_slice()).unwrap(), at.to_jiff());
        rows.into_iter().map(decode).collect()
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.superuser).await.unwrap()
    }

    /// A connection as the service's own role has it, for what gets past the code; of nobody's organisation yet.
    pub async fn service_role(&self) -> PgConnection {
        let options = self.database.options().clone().username(Service::Intake.role()).password(PASSWORD);
        options.connect().await.unwrap()
    }

    /// The constraint, or else the SQLSTATE, by which the database refuses a statement of the service's own role; none
    /// when it carries it out.
    pub async fn refusal_of(&self, statement: &'static str) -> Option<String> {
        let mut service = self.service_role().await;
        sqlx::query("select set_config('app.organization', 'lab', false)").execute(&mut service).await.unwrap();
        let outcome = sqlx::query(statement).execute(&mut service).await;
        service.close().await.unwrap();
        let error = outcome.err()?;
        let error = error.as_database_error().unwrap();
        Some(error.constraint().map_or_else(|| error.code().unwrap().into_owned(), str::to_owned))
    }
}

/// A regulation, in force from a civil time in Shanghai on.
pub fn adoption(pack: &str, effective_at: &str) -> pb::Adoption {
    pb::Adoption { pack: pack.to_owned(), revision: 1, effective_at: at(effective_at) }
}

/// A machine that was made and sold by these.
pub fn machine(maker: &str, seller: &str) -> pb::Product {
    pb::Product {
        serial: format!("GKS-{}", request_id()),
        maker: maker.to_owned(),
        seller: seller.to_owned(),
        ..pb::Product::default()
    }
}

/// A repair of a machine.
pub fn repair(product: &str) -> pb::Case {
    pb::Case {
        kind: pb::case::Kind::Repair.into(),
        product: product.to_owned(),
        contact: "Mr Li, 138 0000 0000".to_owned(),
        fault: "the boom does not extend".to_owned(),
        ..pb::Case::default()
    }
}

/// A question.
pub fn enquiry() -> pb::Case {
    pb::Case {
        kind: pb::case::Kind::Enquiry.into(),
        fault: "how often is the oil changed?".to_owned(),
        ..pb::Case::default()
    }
}

/// Somebody called, just now.
pub fn taking_in(case: pb::Case) -> pb::CreateCaseRequest {
    pb::CreateCaseRequest { parent: ORG.to_owned(), case: Some(case), request_id: request_id(), ..Default::default() }
}

pub fn dispatching(case: &str) -> pb::DispatchCaseRequest {
    pb::DispatchCaseRequest { name: case.to_owned(), request_id: request_id(), ..Default::default() }
}

/// Somebody goes there, 250 km.
pub fn on_site() -> pb::Solution {
    pb::Solution {
        mode: pb::solution::Mode::OnSite.into(),
        distance_km: "250".to_owned(),
        solves: true,
        company_cost: "900".to_owned(),
        plan: "replace the hose".to_owned(),
        ..pb::Solution::default()
    }
}

/// Something of a kind that has no form.
pub fn paper(kind: &str, party: &str) -> Record {
    Record { kind: kind.to_owned(), party: party.to_owned(), ..Record::default() }
}

pub fn mask(paths: &[&str]) -> prost_types::FieldMask {
    prost_types::FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() }
}

pub fn request_id() -> String {
    clock::new_id(clock::system_now()).to_string()
}

/// Names that nothing has.
pub fn no_case() -> String {
    CaseId::new(clock::system_now()).name("lab")
}

pub fn no_product() -> String {
    ProductId::new(clock::system_now()).name("lab")
}

pub fn no_customer() -> String {
    CustomerId::new(clock::system_now()).name("lab")
}

/// An instant by the clock on the wall in Shanghai.
pub fn time(civil: &str) -> Timestamp {
    format!("{civil}+08:00").parse().unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "a field of a request, which may be absent")]
pub fn at(civil: &str) -> Option<prost_types::Timestamp> {
    Some(parse::to_timestamp(time(civil)))
}

pub fn caller(subject: &str, roles: &[&str]) -> Caller {
    Caller {
        organization: "lab".to_owned(),
        subject: subject.to_owned(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        agency: None,
        service: None,
        language: Language::default(),
        permissions: Permissions::default(),
    }
}

/// A call by somebody.
#[expect(clippy::needless_pass_by_value, reason = "a caller is made for one call")]
pub fn from<R>(caller: Caller, request: R) -> Request<R> {
    let mut request = Request::new(request);
    let token = ISSUER.token(&caller, clock::system_now()).unwrap();
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// A call by somebody in a role.
pub fn by<R>(subject: &str, role: &str, request: R) -> Request<R> {
    from(caller(subject, &[role]), request)
}

/// A call by the desk.
pub fn desk<R>(request: R) -> Request<R> {
    by("lin", "quality_office", request)
}

/// A call by the administrator of the organisation that owns the sandbox.
pub fn owner<R>(request: R) -> Request<R> {
    from(Caller { organization: "acme".to_owned(), ..caller("root", &["administrator"]) }, request)
}

/// Checks a refusal by its reason, and by its rules when it has some.
#[track_caller]
pub fn assert_refused<A: std::fmt::Debug>(answer: Result<A, Status>, code: Code, reason: &str, rules: &[&str]) {
    let status = answer.unwrap_err();
    let details = status.get_error_details();
    assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some(reason), "{status:?}");
    assert_eq!(status.code(), code, "{status:?}");
    let mut found: Vec<&str> = details
        .precondition_failure()
        .map(|failure| failure.violations.iter().map(|violation| violation.r#type.as_str()).collect())
        .unwrap_or_default();
    found.dedup();
    if !rules.is_empty() {
        assert_eq!(found, rules, "{status:?}");
    }
}

/// The fields that a refused request has wrong, in their order.
#[track_caller]
pub fn wrong_fields<A: std::fmt::Debug>(answer: Result<A, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let details = status.get_error_details();
    let wrong = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    wrong.iter().map(|violation| violation.field.clone()).collect()
}

/// The states in which a refused step could have been taken.
#[track_caller]
pub fn allowed_states<A: std::fmt::Debug>(answer: Result<A, Status>) -> String {
    let status = answer.unwrap_err();
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(info.reason, "STATE_WRONG", "{status:?}");
    info.metadata["allowed"].clone()
}
