//! A database with one sandbox that works by R01, and short ways to use the service on it.

use std::sync::Arc;

use callout_casework::{Host, Peers, Service as _};
use callout_contract::{
    dispatch::v1::{
        self as pb, clocks_server::Clocks as _, engineers_server::Engineers as _, work_orders_server::WorkOrders as _,
    },
    intake::v1 as intake,
    regulation::v1::Verdict,
    types::v1::{Milestone, Record, SetClockRequest},
};
use callout_devdb::{Database, shared_for_tests};
use callout_dispatch::{Dispatch, MIGRATIONS, SuiteRpcs};
use callout_journal::{Clock, Command, Journal, Organization, Service, TenantTx, migrate, organizations};
use callout_kit::{Caller, Error, Language, client::Channel, clock, parse, permissions::Permissions, settings};
use callout_regulation::{
    Dossier, Facts, Library,
    vocabulary::{Event, words},
};
pub use callout_testkit::answers::assert_refused;
use jiff::Timestamp;
use prost::{Message as _, Name};
use sqlx::PgPool;
use tokio::sync::OnceCell;
use tonic::{Request, Status};

pub const ORG: &str = "organizations/lab";
const PASSWORD: &str = "only here";
const REGULATION: &str = "R01-aerial-platforms@1";

/// The points that R01 has on record before a departure.
pub const POINTS: [&str; 5] =
    ["plan_told_again", "precautions_told", "transport_and_lodging", "parts_and_tools", "feedback_form_handed_over"];

pub const VISIT: (&str, &str) = ("2026-03-09T13:00:00+08:00", "2026-03-12T18:00:00+08:00");

pub struct Suite {
    pub dispatch: Dispatch,
    pub superuser: PgPool,
    _database: Database,
}

impl Suite {
    /// The sandbox `lab` on 2026-03-09 09:00 in Shanghai.
    pub async fn start() -> Self {
        const MIGRATED: &str = "dispatch_migrated";
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        let server = shared_for_tests().await;
        PREPARED
            .get_or_init(async || {
                let prepare =
                    async |_| migrate(&server.options(MIGRATED), Service::Dispatch, &MIGRATIONS, PASSWORD).await;
                server.template(MIGRATED, prepare).await.unwrap();
            })
            .await;
        let database = server.fresh_database(MIGRATED).await.unwrap();
        let options = database.options().clone().password(PASSWORD);
        let journal = Journal::connect(options, Service::Dispatch, 8).await.unwrap();
        let library = Arc::new(Library::built_in().unwrap().clone());
        let nowhere = Channel::new("dispatch", "http://127.0.0.1:9", &settings::Client::default(), None).unwrap();
        let peers = Peers {
            intake: nowhere.clone(),
            dispatch: nowhere.clone(),
            inventory: nowhere.clone(),
            evaluation: nowhere,
        };
        let dispatch = Dispatch::new(Host { journal, library }, peers);
        let suite = Self { dispatch, superuser: database.superuser(), _database: database };
        suite.put_organization().await;
        suite
    }

    async fn put_organization(&self) {
        let table = intake::Table {
            table: "on_site_visit".to_owned(),
            valid_from: "2026-01-01".to_owned(),
            valid_to: "2026-12-31".to_owned(),
            values: [("person_day".to_owned(), "400".to_owned()), ("km".to_owned(), "1.20".to_owned())].into(),
        };
        let adoption = intake::Adoption {
            pack: "R01-aerial-platforms".to_owned(),
            revision: 1,
            effective_at: Some(parse::to_timestamp(time("2026-01-01T00:00:00+08:00"))),
        };
        let organization = intake::Organization {
            name: ORG.to_owned(),
            adoptions: vec![adoption],
            tables: vec![table],
            ..intake::Organization::default()
        };
        let document = organization.encode_to_vec();
        self.write(async |tx: &mut TenantTx| {
            let clock = Clock::Sandbox { now: time("2026-03-09T09:00:00+08:00") };
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
        let journal = &self.dispatch.host().journal;
        journal.command(&caller, command, &Record::default(), run).await.unwrap();
    }

    /// Moves the clock; the timers that are due by then run.
    pub async fn clock(&self, now: &str) {
        let request = SetClockRequest { organization: ORG.to_owned(), now: at(now) };
        let service = SuiteRpcs(callout_casework::Worker::new(self.dispatch.clone()));
        let mut request = Request::new(request);
        request.extensions_mut().insert(Caller::service("intake", "lab"));
        service.set_clock(request).await.unwrap();
    }

    /// An engineer of the organisation's own, or of an agency.
    pub async fn engineer(&self, subject: &str, agency: &str) -> String {
        let engineer = pb::Engineer {
            display_name: subject.to_owned(),
            subject: subject.to_owned(),
            agency: agency.to_owned(),
            ..pb::Engineer::default()
        };
        let request =
            pb::CreateEngineerRequest { parent: ORG.to_owned(), engineer: Some(engineer), request_id: request_id() };
        self.dispatch.create_engineer(desk(request)).await.unwrap().into_inner().name
    }

    /// The order of a new case, received at 2026-03-09 09:00.
    pub async fn order(&self, product: Product, mode: pb::WorkMode) -> pb::WorkOrder {
        self.create(opening(&new_case(), product, mode)).await.unwrap()
    }

    pub async fn create(&self, request: pb::CreateWorkOrderRequest) -> Result<pb::WorkOrder, Status> {
        self.dispatch.create_work_order(desk(request)).await.map(tonic::Response::into_inner)
    }

    pub async fn get(&self, name: &str) -> pb::WorkOrder {
        let request = pb::GetWorkOrderRequest { name: name.to_owned() };
        self.dispatch.get_work_order(desk(request)).await.unwrap().into_inner()
    }

    pub async fn schedule(&self, order: &str, engineer: &str, from: &str, to: &str) -> Result<pb::WorkOrder, Status> {
        let visit =
            pb::Visit { engineer: engineer.to_owned(), start_at: at(from), end_at: at(to), ..pb::Visit::default() };
        let request = pb::ScheduleVisitRequest {
            name: order.to_owned(),
            visit: Some(visit),
            etag: String::new(),
            request_id: request_id(),
        };
        self.dispatch.schedule_visit(desk(request)).await.map(tonic::Response::into_inner)
    }

    pub async fn record(&self, order: &str, kind: &str, role: &str) -> Result<pb::WorkOrder, Status> {
        let fields: &[(&str, &str)] = match kind {
            "feedback_form" => &[("number", "F-1"), ("opinion", "good"), ("signature", "Li"), ("seal", "Harbour")],
            "trip_report" => &[("service_done", "hose replaced"), ("money_used", "1860 CNY")],
            _ => &[],
        };
        let record = Record {
            kind: kind.to_owned(),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..Record::default()
        };
        let request = pb::CreateWorkOrderRecordRequest {
            parent: order.to_owned(),
            record: Some(record),
            request_id: request_id(),
        };
        self.dispatch.create_work_order_record(by("somebody", role, request)).await.map(tonic::Response::into_inner)
    }

    /// Puts the points before departure on record.
    pub async fn prepare(&self, order: &str) {
        for point in POINTS {
            self.record(order, point, "quality_office").await.unwrap();
        }
    }

    pub async fn depart(&self, order: &str) -> Result<pb::WorkOrder, Status> {
        let request =
            pb::DepartWorkOrderRequest { name: order.to_owned(), request_id: request_id(), ..Default::default() };
        self.dispatch.depart_work_order(by("wang", "engineer", request)).await.map(tonic::Response::into_inner)
    }

    /// Departs, arrives and completes.
    pub async fn complete(&self, order: &str) {
        self.depart(order).await.unwrap();
        let (name, request_id) = (order.to_owned(), request_id);
        let arrive = pb::ArriveWorkOrderRequest { name: name.clone(), request_id: request_id(), ..Default::default() };
        self.dispatch.arrive_work_order(by("wang", "engineer", arrive)).await.unwrap();
        let complete = pb::CompleteWorkOrderRequest {
            name,
            work_done: "hose replaced".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.dispatch.complete_work_order(by("wang", "engineer", complete)).await.unwrap();
    }

    /// The types of the events about a resource, in order.
    pub async fn events(&self, subject: &str) -> Vec<String> {
        let types =
            "select substring(type from '[^.]*$') from dispatch.event where subject = $1 order by xid, position";
        sqlx::query_scalar(types).bind(subject).fetch_all(&self.superuser).await.unwrap()
    }

    /// The events of one type, in order.
    pub async fn told<M: Name + Default>(&self) -> Vec<M> {
        let payloads = "select payload from dispatch.event where type = $1 order by xid, position";
        let payloads: Vec<Vec<u8>> =
            sqlx::query_scalar(payloads).bind(M::full_name()).fetch_all(&self.superuser).await.unwrap();
        payloads.iter().map(|payload| M::decode(payload.as_slice()).unwrap()).collect()
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.superuser).await.unwrap()
    }
}

/// An order for a visit to a machine in warranty, ready for departure.
pub async fn ready(suite: &Suite) -> String {
    let engineer = suite.engineer("wang", "").await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    suite.schedule(&order, &engineer, VISIT.0, VISIT.1).await.unwrap();
    suite.prepare(&order).await;
    order
}

/// A product by the classes of R01.
#[derive(Clone, Copy)]
pub enum Product {
    /// Class 1 in warranty: free.
    Own,
    /// Class 1 out of warranty: paid.
    OwnOld,
    /// Class 2 in warranty: free, charged to the partner.
    Korean,
    /// Class 4 with work of the pack: paid.
    Foreign,
}

/// What intake sends for a case received at 2026-03-09 09:00, 250 km away.
pub fn opening(case: &str, product: Product, mode: pb::WorkMode) -> pb::CreateWorkOrderRequest {
    let dossier = dossier(product);
    pb::CreateWorkOrderRequest {
        parent: ORG.to_owned(),
        case: case.to_owned(),
        mode: mode.into(),
        distance_km: "250".to_owned(),
        verdict: Some(verdict(&dossier)),
        facts: dossier.facts.written().into_iter().collect(),
        milestones: vec![received("2026-03-09T09:00:00+08:00")],
        records: Vec::new(),
        regulation: REGULATION.to_owned(),
        options: Vec::new(),
        occurred_at: None,
        request_id: request_id(),
    }
}

pub fn dossier(product: Product) -> Dossier {
    let (maker, work, ends_on) = match product {
        Product::Own => ("own", "repair", "2026-12-31"),
        Product::OwnOld => ("own", "repair", "2025-12-31"),
        Product::Korean => ("korean_partner", "repair", "2026-12-31"),
        Product::Foreign => ("competitor", "work_arm_machining", "2025-12-31"),
    };
    let mut facts = Facts::default();
    facts.set(words::PRODUCT_MAKER, maker);
    facts.set(words::PRODUCT_SELLER, "own");
    facts.set(words::CASE_KIND, "repair");
    facts.set(words::CASE_WORK, work);
    Dossier {
        facts,
        milestones: vec![(Event::Received, time("2026-03-09T09:00:00+08:00"))],
        warranty_ends_on: Some(ends_on.parse().unwrap()),
        ..Dossier::default()
    }
}

pub fn verdict(dossier: &Dossier) -> Verdict {
    Library::built_in().unwrap().named(REGULATION).unwrap().verdict(dossier)
}

pub fn received(when: &str) -> Milestone {
    Milestone { event: "received".to_owned(), occurred_at: at(when) }
}

pub fn new_case() -> String {
    format!("{ORG}/cases/{}", request_id())
}

pub fn request_id() -> String {
    clock::new_id(clock::system_now()).to_string()
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "a field of a request, which may be absent")]
pub fn at(text: &str) -> Option<prost_types::Timestamp> {
    Some(parse::to_timestamp(time(text)))
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

/// A call by somebody in a role.
pub fn by<R>(subject: &str, role: &str, request: R) -> Request<R> {
    let mut request = Request::new(request);
    request.extensions_mut().insert(caller(subject, &[role]));
    request
}

/// A call by the desk.
pub fn desk<R>(request: R) -> Request<R> {
    by("lin", "quality_office", request)
}
