//! A database with one sandbox that works by R01, a warehouse with its sub-stocks, and short ways to use the service.

use std::sync::Arc;

use callout_casework::{
    Host, Peers, Service as _,
    ids::{CaseId, Id as _, WorkOrderId},
};
use callout_contract::{
    dispatch::v1::{WorkOrder, WorkOrderProgressed},
    events::v1::Event,
    intake::v1 as intake,
    inventory::v1::{
        self as pb, clocks_server::Clocks as _, items_server::Items as _, loan_slips_server::LoanSlips as _,
        movements_server::Movements as _, places_server::Places as _,
    },
    regulation::v1::Verdict,
    types::v1::{Milestone, Record, SetClockRequest},
};
use callout_devdb::{Database, shared_for_tests};
use callout_inventory::{Inventory, MIGRATIONS, SuiteRpcs};
use callout_journal::{Clock, Command, Journal, Organization, Service, TenantTx, migrate, organizations};
use callout_kit::{Caller, Error, Language, client::Channel, clock, parse, permissions::Permissions, settings};
use callout_regulation::Library;
pub use callout_testkit::answers::assert_refused;
use jiff::Timestamp;
use prost::{Message as _, Name};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool};
use tokio::sync::OnceCell;
use tonic::{Request, Response, Status};

pub const ORG: &str = "organizations/lab";
const PASSWORD: &str = "only here";
const REGULATION: &str = "R01-aerial-platforms@1";

pub struct Suite {
    pub inventory: Inventory,
    pub superuser: PgPool,
    pub warehouse: String,
    pub good: String,
    pub damaged: String,
    database: Database,
}

impl Suite {
    /// The sandbox `lab` on Wednesday 2026-03-11 08:00 in Shanghai.
    pub async fn start() -> Self {
        const MIGRATED: &str = "inventory_migrated";
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        let server = shared_for_tests().await;
        PREPARED
            .get_or_init(async || {
                let prepare =
                    async |_| migrate(&server.options(MIGRATED), Service::Inventory, &MIGRATIONS, PASSWORD).await;
                server.template(MIGRATED, prepare).await.unwrap();
            })
            .await;
        let database = server.fresh_database(MIGRATED).await.unwrap();
        let options = database.options().clone().password(PASSWORD);
        let journal = Journal::connect(options, Service::Inventory, 8).await.unwrap();
        let library = Arc::new(Library::built_in().unwrap().clone());
        let nowhere = Channel::new("inventory", "http://127.0.0.1:9", &settings::Client::default(), None).unwrap();
        let peers = Peers {
            intake: nowhere.clone(),
            dispatch: nowhere.clone(),
            inventory: nowhere.clone(),
            evaluation: nowhere,
        };
        let mut suite = Self {
            inventory: Inventory::new(Host { journal, library }, peers),
            superuser: database.superuser(),
            warehouse: String::new(),
            good: String::new(),
            damaged: String::new(),
            database,
        };
        suite.put_organization().await;
        suite.warehouse = suite.place(pb::place::Kind::Warehouse).await;
        suite.good = suite.place(pb::place::Kind::GoodStock).await;
        suite.damaged = suite.place(pb::place::Kind::DamagedStock).await;
        suite
    }

    async fn put_organization(&self) {
        let adoption = intake::Adoption {
            pack: "R01-aerial-platforms".to_owned(),
            revision: 1,
            effective_at: Some(at("2026-01-01 00:00")),
        };
        let organization =
            intake::Organization { name: ORG.to_owned(), adoptions: vec![adoption], ..intake::Organization::default() };
        let document = organization.encode_to_vec();
        self.write(async |tx: &mut TenantTx| {
            let clock = Clock::Sandbox { now: time("2026-03-11 08:00") };
            let organization = Organization { id: "lab".to_owned(), clock, document: document.clone(), version: 1 };
            organizations::put(tx, organization).await
        })
        .await;
    }

    /// A transaction of the service's own.
    pub async fn write(&self, run: impl AsyncFn(&mut TenantTx) -> Result<(), Error>) {
        let run = async |tx: &mut TenantTx| run(tx).await.map(|()| Record::default());
        let (caller, id) = (caller("services/test", &[]), request_id());
        let command = Command { method: "/test/Write", organization: "lab", resource: ORG, request_id: &id };
        let journal = &self.inventory.host().journal;
        journal.command(&caller, command, &Record::default(), run).await.unwrap();
    }

    /// Moves the clock; the timers that are due by then run.
    pub async fn clock(&self, now: &str) {
        let request = SetClockRequest { organization: ORG.to_owned(), now: Some(at(now)) };
        let service = SuiteRpcs(callout_casework::Worker::new(self.inventory.clone()));
        let mut request = Request::new(request);
        request.extensions_mut().insert(Caller::service("intake", "lab"));
        service.set_clock(request).await.unwrap();
    }

    /// What another service tells.
    pub async fn learn<M: Name>(&self, payload: &M) {
        self.learn_late(payload, "2026-03-11 08:00").await;
    }

    /// What another service told at a time of its own.
    pub async fn learn_late<M: Name>(&self, payload: &M, recorded_at: &str) {
        let recorded_at = Some(at(recorded_at));
        let any = prost_types::Any { type_url: M::type_url(), value: payload.encode_to_vec() };
        let event = Event { r#type: M::full_name(), payload: Some(any), recorded_at, ..Event::default() };
        self.write(async |tx: &mut TenantTx| self.inventory.on_event(tx, &event).await).await;
    }

    /// A case of a machine of this class, as intake tells of it.
    pub async fn case(&self, class: &str, received_at: &str) -> String {
        let name = CaseId::new(clock::system_now()).name("lab");
        let verdict = Verdict { product_class: class.to_owned(), ..Verdict::default() };
        let case = intake::Case {
            name: name.clone(),
            kind: intake::case::Kind::Repair.into(),
            received_at: Some(at(received_at)),
            verdict: Some(verdict).filter(|_| !class.is_empty()),
            regulation: REGULATION.to_owned(),
            ..intake::Case::default()
        };
        self.learn(&intake::CaseReceived { case: Some(case) }).await;
        name
    }

    /// An order that answers a case and has come so far, as dispatch tells of it.
    pub async fn order(&self, name: &str, case: &str, milestones: &[(&str, &str)], agency: &str) {
        let milestone =
            |(event, time): &(&str, &str)| Milestone { event: (*event).to_owned(), occurred_at: Some(at(time)) };
        let order = WorkOrder {
            name: name.to_owned(),
            case: case.to_owned(),
            agency: agency.to_owned(),
            milestones: milestones.iter().map(milestone).collect(),
            regulation: REGULATION.to_owned(),
            ..WorkOrder::default()
        };
        self.learn(&WorkOrderProgressed { event: "progressed".to_owned(), work_order: Some(order) }).await;
    }

    pub async fn place(&self, kind: pb::place::Kind) -> String {
        let display_name = kind.as_str_name().to_owned();
        let place = pb::Place { display_name, kind: kind.into(), ..pb::Place::default() };
        let request = pb::CreatePlaceRequest { parent: ORG.to_owned(), place: Some(place), request_id: request_id() };
        self.inventory.create_place(by("ku", "warehouse", request)).await.unwrap().into_inner().name
    }

    pub async fn item(&self, code: &str, category: &str) -> String {
        let item = pb::Item { code: code.to_owned(), category: category.to_owned(), ..pb::Item::default() };
        let request = pb::CreateItemRequest { parent: ORG.to_owned(), item: Some(item), request_id: request_id() };
        self.inventory.create_item(by("ku", "warehouse", request)).await.unwrap().into_inner().name
    }

    /// An item of which so many lie in the warehouse.
    pub async fn stocked(&self, code: &str, category: &str, quantity: &str) -> String {
        let item = self.item(code, category).await;
        self.receive(&item, quantity).await;
        item
    }

    pub async fn receive(&self, item: &str, quantity: &str) {
        let movement = pb::Movement {
            item: item.to_owned(),
            quantity: quantity.to_owned(),
            to_place: self.warehouse.clone(),
            ..pb::Movement::default()
        };
        let request = pb::ReceiveStockRequest {
            parent: ORG.to_owned(),
            movement: Some(movement),
            request_id: request_id(),
            ..Default::default()
        };
        self.inventory.receive_stock(by("ku", "warehouse", request)).await.unwrap();
    }

    pub async fn balance(&self, item: &str) -> pb::Balance {
        let request = pb::GetBalanceRequest { name: item.to_owned() };
        self.inventory.get_balance(by("ku", "warehouse", request)).await.unwrap().into_inner()
    }

    /// A slip that the administrator, or for its own signature the engineer, fills in for the engineer wang.
    pub async fn fill(&self, purpose: &str, order: &str, lines: &[(&str, &str)]) -> Result<pb::LoanSlip, Status> {
        let administrator = administrator();
        let role = if purpose == "self_signed" { "engineer" } else { &administrator };
        self.inventory
            .create_loan_slip(by("zhao", role, self.filling(purpose, order, lines)))
            .await
            .map(Response::into_inner)
    }

    pub fn filling(&self, purpose: &str, order: &str, lines: &[(&str, &str)]) -> pb::CreateLoanSlipRequest {
        let line = |(item, quantity): &(&str, &str)| pb::LoanLine {
            item: (*item).to_owned(),
            quantity: (*quantity).to_owned(),
            ..pb::LoanLine::default()
        };
        let slip = pb::LoanSlip {
            purpose: purpose.to_owned(),
            borrower: "wang".to_owned(),
            work_order: order.to_owned(),
            place: self.warehouse.clone(),
            lines: lines.iter().map(line).collect(),
            ..pb::LoanSlip::default()
        };
        pb::CreateLoanSlipRequest {
            parent: ORG.to_owned(),
            loan_slip: Some(slip),
            request_id: request_id(),
            ..Default::default()
        }
    }

    pub async fn get(&self, slip: &str) -> pb::LoanSlip {
        let request = pb::GetLoanSlipRequest { name: slip.to_owned() };
        self.inventory.get_loan_slip(by("lin", "quality_office", request)).await.unwrap().into_inner()
    }

    pub async fn issue(&self, slip: &str) -> Result<pb::LoanSlip, Status> {
        let request =
            pb::IssueLoanSlipRequest { name: slip.to_owned(), request_id: request_id(), ..Default::default() };
        self.inventory.issue_loan_slip(by("ku", "warehouse", request)).await.map(Response::into_inner)
    }

    /// Hands in: line, unused, replaced, lost.
    pub async fn hand_in(&self, slip: &str, came: (i32, &str, &str, &str)) -> Result<pb::LoanSlip, Status> {
        let (line, unused, replaced, lost) = came;
        let line =
            pb::HandedInLine { line, unused: unused.to_owned(), replaced: replaced.to_owned(), lost: lost.to_owned() };
        let request = pb::HandInLoanSlipRequest {
            name: slip.to_owned(),
            lines: vec![line],
            request_id: request_id(),
            ..Default::default()
        };
        self.inventory.hand_in_loan_slip(by("wang", "engineer", request)).await.map(Response::into_inner)
    }

    /// Inspects: line, good, damaged.
    pub async fn inspect(&self, slip: &str, role: &str, found: (i32, &str, &str)) -> Result<pb::LoanSlip, Status> {
        let (line, good, damaged) = found;
        let line = pb::InspectedLine { line, good: good.to_owned(), damaged: damaged.to_owned() };
        let request = pb::InspectLoanSlipRequest {
            name: slip.to_owned(),
            lines: vec![line],
            certificate: "JY-031".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.inventory.inspect_loan_slip(by("lin", role, request)).await.map(Response::into_inner)
    }

    pub async fn zero(&self, slip: &str, role: &str) -> Result<pb::LoanSlip, Status> {
        let request = pb::ZeroLoanSlipRequest { name: slip.to_owned(), request_id: request_id(), ..Default::default() };
        self.inventory.zero_loan_slip(by("ku", role, request)).await.map(Response::into_inner)
    }

    /// The events of one type, in order.
    pub async fn told<M: Name + Default>(&self) -> Vec<M> {
        let payloads = "select payload from inventory.event where type = $1 order by xid, position";
        let payloads: Vec<Vec<u8>> =
            sqlx::query_scalar(payloads).bind(M::full_name()).fetch_all(&self.superuser).await.unwrap();
        payloads.iter().map(|payload| M::decode(payload.as_slice()).unwrap()).collect()
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.superuser).await.unwrap()
    }

    /// What the service's own role can do that gets past the code: the name of the constraint, or else the SQLSTATE, by
    /// which the database refuses a statement; none when it carries it out.
    pub async fn refusal_of(&self, statement: &str) -> Option<String> {
        let options = self.database.options().clone();
        let mut service: PgConnection = options.username("svc_inventory").password(PASSWORD).connect().await.unwrap();
        sqlx::query("select set_config('app.organization', 'lab', false)").execute(&mut service).await.unwrap();
        let outcome = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut service).await;
        service.close().await.unwrap();
        let error = outcome.err()?;
        let error = error.as_database_error().unwrap();
        Some(error.constraint().map_or_else(|| error.code().unwrap().into_owned(), str::to_owned))
    }
}

/// The role of the pack that fills in slips.
pub fn administrator() -> String {
    let regulation = Library::built_in().unwrap().named(REGULATION).unwrap();
    regulation.pack().loans.as_ref().unwrap().purposes["carry"].filled_by[0].clone()
}

pub fn new_order() -> String {
    WorkOrderId::new(clock::system_now()).name("lab")
}

pub fn request_id() -> String {
    clock::new_id(clock::system_now()).to_string()
}

/// A civil time in Shanghai.
pub fn time(text: &str) -> Timestamp {
    format!("{text}:00+08:00").parse().unwrap()
}

pub fn at(text: &str) -> prost_types::Timestamp {
    parse::to_timestamp(time(text))
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
pub fn from<R>(caller: Caller, request: R) -> Request<R> {
    let mut request = Request::new(request);
    request.extensions_mut().insert(caller);
    request
}

/// A call by somebody in a role.
pub fn by<R>(subject: &str, role: &str, request: R) -> Request<R> {
    from(caller(subject, &[role]), request)
}
