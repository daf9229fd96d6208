//! A database with two services and three organisations, and short ways to use it.

use std::time::Duration;

use callout_contract::types::v1::{Milestone, Record};
use callout_devdb::{Database, Server, shared_for_tests};
use callout_journal::{
    Clock, Command, DatabaseResult as _, Journal, Organization, Service, TenantTx, events, migrate, organizations,
};
use callout_kit::{Caller, Error};
use jiff::{SignedDuration, Timestamp};
use sqlx::{
    ConnectOptions as _, PgConnection, PgPool, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};
use tokio::sync::OnceCell;
use uuid::Uuid;

pub const PASSWORD: &str = "it's secret";
pub const METHOD: &str = "/callout.test.v1.Visits/RecordVisit";

/// Two live organisations and a sandbox.
pub const ACME: &str = "acme";
pub const OTHER: &str = "other";
pub const LAB: &str = "lab";

/// A table like those of the services.
pub fn visits(service: Service) -> Migrator {
    let sql = match service {
        Service::Intake => {
            "create table intake.visit (organization text not null, note text not null); call intake.protect('intake.visit')"
        }
        Service::Dispatch => {
            "create table dispatch.visit (organization text not null, note text not null); call dispatch.protect('dispatch.visit')"
        }
        Service::Inventory | Service::Evaluation => "select 1",
    };
    let migration = Migration::new(1, "visit".into(), MigrationType::Simple, sql.into_sql_str(), false);
    Migrator::with_migrations(vec![migration])
}

/// A server on which an empty database can be had.
pub async fn server_with_empty_template() -> (&'static Server, &'static str) {
    const EMPTY: &str = "journal_empty";
    static PREPARED: OnceCell<()> = OnceCell::const_new();
    let server = shared_for_tests().await;
    PREPARED.get_or_init(async || server.template(EMPTY, async |_| Ok(())).await.unwrap()).await;
    (server, EMPTY)
}

pub struct Suite {
    pub intake: Journal,
    pub dispatch: Journal,
    pub superuser: PgPool,
    pub database: Database,
}

impl Suite {
    pub async fn start() -> Self {
        const MIGRATED: &str = "journal_migrated";
        static PREPARED: OnceCell<()> = OnceCell::const_new();
        let server = shared_for_tests().await;
        PREPARED
            .get_or_init(async || {
                let prepare = async |_| {
                    for service in [Service::Intake, Service::Dispatch] {
                        migrate(&server.options(MIGRATED), service, &visits(service), PASSWORD).await?;
                    }
                    Ok(())
                };
                server.template(MIGRATED, prepare).await.unwrap();
            })
            .await;
        let database = server.fresh_database(MIGRATED).await.unwrap();
        let suite = Self {
            intake: connect(&database, Service::Intake).await,
            dispatch: connect(&database, Service::Dispatch).await,
            superuser: database.superuser(),
            database,
        };
        put_organizations(&suite.intake).await;
        put_organizations(&suite.dispatch).await;
        suite
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.superuser).await.unwrap()
    }

    /// What a service can do that connects past the journal.
    pub async fn raw_connection(&self, service: Service) -> PgConnection {
        self.database.options().clone().username(service.role()).password(PASSWORD).connect().await.unwrap()
    }
}

pub async fn put_organizations(journal: &Journal) {
    let sandbox = Clock::Sandbox { now: time("2026-03-06T08:00:00Z") };
    for (id, clock) in [(ACME, Clock::Live), (OTHER, Clock::Live), (LAB, sandbox)] {
        put(journal, Organization { id: id.to_owned(), clock, document: vec![1, 2, 3], version: 1 }).await;
    }
}

pub async fn connect(database: &Database, service: Service) -> Journal {
    Journal::connect(database.options().clone().password(PASSWORD), service, 25).await.unwrap()
}

pub async fn put(journal: &Journal, organization: Organization) {
    let caller = caller(&organization.id);
    let id = organization.id.clone();
    let put = async move |tx: &mut TenantTx| {
        organizations::put(tx, organization.clone()).await?;
        Ok(Record::default())
    };
    journal.command(&caller, command(&id, &new_request_id()), &Record::default(), put).await.unwrap();
}

pub fn caller(organization: &str) -> Caller {
    Caller {
        organization: organization.to_owned(),
        subject: "users/lin".to_owned(),
        roles: vec!["clerk".to_owned()],
        agency: None,
        service: None,
        language: callout_kit::Language::default(),
        permissions: callout_kit::permissions::Permissions::default(),
    }
}

pub fn command<'a>(organization: &'a str, request_id: &'a str) -> Command<'a> {
    Command { method: METHOD, organization, resource: "organizations/acme/visits/1", request_id }
}

pub fn new_request_id() -> String {
    callout_kit::clock::new_id(callout_kit::clock::system_now()).to_string()
}

pub fn request(note: &str) -> Record {
    Record { note: note.to_owned(), ..Record::default() }
}

/// The command of these tests: a visit is recorded, and others are told.
pub async fn record_visit(tx: &mut TenantTx, note: &str) -> Result<Record, Error> {
    insert_visit(tx, note).await?;
    tell(tx, note);
    Ok(Record { name: Uuid::nil().to_string(), note: note.to_owned(), ..Record::default() })
}

pub async fn insert_visit(tx: &mut TenantTx, note: &str) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query("insert into visit (organization, note) values ($1, $2)")
        .bind(organization)
        .bind(note)
        .execute(tx.conn())
        .await
        .db()?;
    Ok(())
}

pub fn tell(tx: &mut TenantTx, note: &str) {
    let happened = Milestone { event: note.to_owned(), occurred_at: None };
    let now = tx.now();
    events::append(tx, "organizations/acme/visits/1", &happened, now);
}

/// Records a visit in a command of its own.
pub async fn record(journal: &Journal, organization: &str, note: &str) {
    let (sent, said) = (request(note), note.to_owned());
    let run = async move |tx: &mut TenantTx| record_visit(tx, &said).await;
    journal.command(&caller(organization), command(organization, &new_request_id()), &sent, run).await.unwrap();
}

/// All notes that the organisation has, in order.
pub async fn notes(journal: &Journal, organization: &str) -> Vec<String> {
    let select = async |tx: &mut TenantTx| {
        sqlx::query_scalar("select note from visit order by note").fetch_all(tx.conn()).await.db()
    };
    journal.read(&caller(organization), organization, select).await.unwrap()
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// Fails a test that would otherwise wait for ever.
pub async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(1), work).await.expect("takes too long")
}
