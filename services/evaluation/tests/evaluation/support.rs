//! The service over a database of its own, in a sandbox that works by the regulation of aerial platforms.

use std::sync::Arc;

use callout_casework::{Host, Peers, Service as _};
use callout_contract::{dispatch::v1 as dispatch, events::v1 as events, intake::v1 as intake, types::v1 as types};
use callout_devdb::{Database, shared_for_tests};
use callout_evaluation::{Evaluation, MIGRATIONS};
use callout_journal::{
    Clock, Command, Journal, Organization, Service, TenantTx, migrate, organizations,
    timers::{self, Timer},
};
use callout_kit::{Caller, Error, Language, client::Channel, parse, permissions::Permissions, settings};
use callout_regulation::Library;
use jiff::Timestamp;
use prost::{Message, Name};
use prost_types::Any;
use sqlx::PgPool;
use tokio::sync::OnceCell;
use tonic::Request;
use uuid::Uuid;

pub const PASSWORD: &str = "secret";
pub const ORGANIZATION: &str = "organizations/lab";
pub const REVISION: &str = "R01-aerial-platforms@1";
const LAB: &str = "lab";

pub struct Bench {
    pub evaluation: Evaluation,
    pub journal: Journal,
    pub superuser: PgPool,
    pub database: Database,
}

impl Bench {
    /// A sandbox whose clock stands at `now`, in civil time of Shanghai.
    pub async fn start(now: &str) -> Self {
        Self::start_under("R01-aerial-platforms", now).await
    }

    /// The same under another pack of the suite, in force since the beginning of 2026.
    pub async fn start_under(pack: &str, now: &str) -> Self {
        Self::start_with(pack, now, Vec::new()).await
    }

    /// The same with tables of the organisation.
    pub async fn start_with(pack: &str, now: &str, tables: Vec<intake::Table>) -> Self {
        Self::under((pack, "2026-01-01 00:00:00"), now, tables).await
    }

    /// The same under a pack that is in force since another day.
    pub async fn under((pack, since): (&str, &str), now: &str, tables: Vec<intake::Table>) -> Self {
        const MIGRATED: &str = "evaluation_migrated";
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        let server = shared_for_tests().await;
        PREPARED
            .get_or_init(async || {
                let prepare =
                    async |_| migrate(&server.options(MIGRATED), Service::Evaluation, &MIGRATIONS, PASSWORD).await;
                server.template(MIGRATED, prepare).await.unwrap();
            })
            .await;
        let database = server.fresh_database(MIGRATED).await.unwrap();
        let options = database.options().clone().password(PASSWORD);
        let journal = Journal::connect(options, Service::Evaluation, 6).await.unwrap();
        let library = Arc::new(Library::built_in().unwrap().clone());
        let evaluation = Evaluation::new(Host { journal: journal.clone(), library }, nobody_else());
        let bench = Self { evaluation, journal, superuser: database.superuser(), database };
        bench.adopt((pack, since), now, tables, 1).await;
        bench
    }

    /// The organisation as intake would tell of it.
    async fn adopt(&self, (pack, since): (&str, &str), now: &str, tables: Vec<intake::Table>, version: i64) {
        let adoption =
            intake::Adoption { pack: pack.to_owned(), revision: 1, effective_at: Some(parse::to_timestamp(at(since))) };
        let snapshot = intake::Organization { adoptions: vec![adoption], tables, ..intake::Organization::default() };
        let organization = Organization {
            id: LAB.to_owned(),
            clock: Clock::Sandbox { now: at(now) },
            document: snapshot.encode_to_vec(),
            version,
        };
        self.write(async move |tx: &mut TenantTx| organizations::put(tx, organization.clone()).await).await.unwrap();
        self.tell(&intake::OrganizationChanged { organization: Some(snapshot) }, now).await;
    }

    /// Does something in a transaction of the organisation.
    pub async fn write(&self, run: impl AsyncFn(&mut TenantTx) -> Result<(), Error>) -> Result<(), Error> {
        let request_id = new_request_id();
        let command = Command {
            method: "/callout.test.v1.Test/Write",
            organization: LAB,
            resource: ORGANIZATION,
            request_id: &request_id,
        };
        let run = async |tx: &mut TenantTx| run(tx).await.map(|()| types::Record::default());
        let caller = Caller::service("evaluation", LAB);
        self.journal.command(&caller, command, &types::Record::default(), run).await.map(drop)
    }

    /// Brings an event as a feed would.
    pub async fn tell<E: Message + Name>(&self, payload: &E, occurred_at: &str) {
        let payload = Any { type_url: E::type_url(), value: payload.encode_to_vec() };
        let event = events::Event {
            id: new_request_id(),
            organization: ORGANIZATION.to_owned(),
            r#type: E::full_name(),
            occurred_at: Some(parse::to_timestamp(at(occurred_at))),
            payload: Some(payload),
            ..events::Event::default()
        };
        let evaluation = self.evaluation.clone();
        self.write(async move |tx: &mut TenantTx| evaluation.on_event(tx, &event).await).await.unwrap();
    }

    /// Moves the clock and brings evaluation the limits that were missed on the way. Twice, as a feed may.
    pub async fn advance(&self, now: &str) {
        let evaluation = self.evaluation.clone();
        let run = async move |tx: &mut TenantTx, timer: &Timer| evaluation.on_timer(tx, timer).await;
        timers::fire_due(&self.journal, LAB, at(now), &run).await.unwrap();
        self.settle().await;
        self.settle().await;
    }

    /// Brings evaluation what it told of missed limits and of those that were not missed after all, in its order.
    pub async fn settle(&self) {
        let rows: Vec<(String, Vec<u8>, jiff_sqlx::Timestamp)> = sqlx::query_as(
            "select type, payload, occurred_at from evaluation.event
              where type like 'callout.events.v1.LimitMiss%' order by xid, position",
        )
        .fetch_all(&self.superuser)
        .await
        .unwrap();
        for (of_type, payload, occurred_at) in rows {
            let at = local(occurred_at.to_jiff());
            if of_type == events::LimitMissed::full_name() {
                self.tell(&events::LimitMissed::decode(payload.as_slice()).unwrap(), &at).await;
            } else {
                self.tell(&events::LimitMissRetracted::decode(payload.as_slice()).unwrap(), &at).await;
            }
        }
    }

    /// The events of a type that evaluation told, in their order.
    pub async fn told<E: Message + Name + Default>(&self) -> Vec<(E, Timestamp)> {
        let rows: Vec<(Vec<u8>, jiff_sqlx::Timestamp)> =
            sqlx::query_as("select payload, occurred_at from evaluation.event where type = $1 order by xid, position")
                .bind(E::full_name())
                .fetch_all(&self.superuser)
                .await
                .unwrap();
        let decode = |(payload, occurred_at): (Vec<u8>, jiff_sqlx::Timestamp)| {
            (E::decode(payload.as_slice()).unwrap(), occurred_at.to_jiff())
        };
        rows.into_iter().map(decode).collect()
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.superuser).await.unwrap()
    }
}

/// The ways to the others, at which nobody is.
fn nobody_else() -> Peers {
    let channel = || Channel::new("evaluation", "http://127.0.0.1:9", &settings::Client::default(), None).unwrap();
    Peers { intake: channel(), dispatch: channel(), inventory: channel(), evaluation: channel() }
}

/// A request of somebody of the organisation.
pub fn by<R>(subject: &str, role: &str, message: R) -> Request<R> {
    let caller = Caller {
        organization: LAB.to_owned(),
        subject: subject.to_owned(),
        roles: vec![role.to_owned()],
        agency: None,
        service: None,
        language: Language::default(),
        permissions: Permissions::default(),
    };
    let mut request = Request::new(message);
    request.extensions_mut().insert(caller);
    request
}

/// An instant, by the clock on the wall in Shanghai.
pub fn at(local: &str) -> Timestamp {
    format!("{local}+08:00").parse().unwrap()
}

/// The time of the clock on the wall in Shanghai.
pub fn local(instant: Timestamp) -> String {
    let shanghai = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    shanghai.to_datetime(instant).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The same, of an answer.
pub fn shown(instant: Option<prost_types::Timestamp>) -> String {
    instant.map(|instant| local(parse::timestamp(instant).unwrap())).unwrap_or_default()
}

pub fn new_request_id() -> String {
    callout_kit::clock::new_id(callout_kit::clock::system_now()).to_string()
}

pub fn name(collection: &str, number: u128) -> String {
    format!("{ORGANIZATION}/{collection}/{}", Uuid::from_u128(number))
}

/// The rules that a refused call names, in their order.
pub fn rules(refused: &tonic::Status) -> Vec<String> {
    use tonic_types::StatusExt as _;
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition, "{refused:?}");
    let details = refused.get_error_details();
    let failure = details.precondition_failure().expect("a refusal by a rule");
    failure.violations.iter().map(|violation| violation.r#type.clone()).collect()
}

/// The reason of a refused call.
pub fn reason(refused: &tonic::Status) -> String {
    use tonic_types::StatusExt as _;
    refused.get_error_details().error_info().expect("a reason").reason.clone()
}

/// What dispatch tells when the papers of scenario S9 were handed in on 2026-03-18 at 16:00: 1,860 with a dinner of 260.
pub fn handed_in(order: u128, records: Vec<types::Record>) -> dispatch::WorkOrderHandedIn {
    let milestone = |event: &str, instant: &str| types::Milestone {
        event: event.to_owned(),
        occurred_at: Some(parse::to_timestamp(at(instant))),
    };
    let expense = |kind: &str, amount: &str, spent_at: &str| dispatch::Expense {
        kind: kind.to_owned(),
        amount: amount.to_owned(),
        spent_at: Some(parse::to_timestamp(at(spent_at))),
    };
    let work_order = dispatch::WorkOrder {
        name: name("workOrders", order),
        case: name("cases", order),
        mode: dispatch::WorkMode::OnSite.into(),
        distance_km: "200".to_owned(),
        records,
        milestones: vec![
            milestone("received", "2026-03-11 08:30:00"),
            milestone("completed", "2026-03-13 10:00:00"),
            milestone("returned", "2026-03-13 20:00:00"),
            milestone("handed_in", "2026-03-18 16:00:00"),
        ],
        regulation: REVISION.to_owned(),
        ..dispatch::WorkOrder::default()
    };
    dispatch::WorkOrderHandedIn {
        work_order: Some(work_order),
        engineer: "wang".to_owned(),
        expenses: vec![
            expense("travel", "1000", "2026-03-11 13:00:00"),
            expense("lodging", "600", "2026-03-13 08:00:00"),
            expense("entertainment", "260", "2026-03-12 19:30:00"),
        ],
    }
}
