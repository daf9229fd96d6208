use callout_journal::{
    Cursor, Service, TenantTx,
    feed::{self, Subscription},
    migrate,
    migration::unprotected_tables,
    purge_requests, timers,
};
use callout_kit::Caller;
use futures::{TryStreamExt as _, future::join_all};
use sqlx::{
    ConnectOptions as _, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

use crate::support::*;

#[tokio::test]
async fn migrations_of_all_services_run_twice_at_the_same_time_and_again() {
    let (server, empty) = server_with_empty_template().await;
    let database = server.fresh_database(empty).await.unwrap();
    let twice = Service::ALL.into_iter().chain(Service::ALL);
    let options = database.options();
    let all = twice.map(|service| async move { migrate(options, service, &visits(service), PASSWORD).await });
    for result in soon(join_all(all)).await {
        result.unwrap();
    }
    let mut owner = database.options().connect().await.unwrap();
    let tables = "select count(*) from pg_tables where schemaname in ('intake', 'dispatch', 'inventory', 'evaluation')";
    let before: i64 = sqlx::query_scalar(tables).fetch_one(&mut owner).await.unwrap();
    for service in Service::ALL {
        migrate(database.options(), service, &visits(service), PASSWORD).await.unwrap();
        assert_eq!(unprotected_tables(&mut owner, service).await.unwrap(), [""; 0]);
        connect(&database, service).await;
    }
    let after: i64 = sqlx::query_scalar(tables).fetch_one(&mut owner).await.unwrap();
    assert_eq!(before, after);
}

/// Superusers are not bound by row level security, other owners are: what works for one need not work for the other.
#[tokio::test]
async fn an_owner_that_is_no_superuser_is_enough_to_migrate_and_for_what_is_done_for_all_organisations() {
    let (server, empty) = server_with_empty_template().await;
    let database = server.fresh_database(empty).await.unwrap();
    let make_owner = "do $$ begin
            create role callout_owner login createrole password 'owner';
        exception when duplicate_object then null; end $$;
        do $$ begin execute format('alter database %I owner to callout_owner', current_database()); end $$";
    sqlx::raw_sql(make_owner).execute(&database.superuser()).await.unwrap();
    let owner = database.options().clone().username("callout_owner").password("owner");
    migrate(&owner, Service::Intake, &visits(Service::Intake), PASSWORD).await.unwrap();
    migrate(&owner, Service::Intake, &visits(Service::Intake), PASSWORD).await.unwrap();

    let intake = connect(&database, Service::Intake).await;
    put_organizations(&intake).await;
    record(&intake, ACME, "arrived").await;
    record(&intake, OTHER, "left").await;
    let everybody = Subscription {
        caller: Caller::service("dispatch", Caller::EVERY_ORGANIZATION),
        organization: Caller::EVERY_ORGANIZATION.to_owned(),
        after: Cursor::START,
        types: Vec::new(),
    };
    // Not one page: a transaction of another test on the same server may hold the events back for a moment.
    let told: Vec<_> = soon(feed::subscribe(&intake, everybody, true).try_collect()).await.unwrap();
    assert_eq!(told.len(), 2);
    let now = callout_kit::clock::system_now();
    let schedule = async move |tx: &mut TenantTx| {
        let timer = timers::Schedule { key: "arrival", kind: "limit_due", subject: "", run_at: now, payload: b"" };
        timers::schedule(tx, timer);
        Ok(request(""))
    };
    intake.command(&caller(ACME), command(ACME, &new_request_id()), &request(""), schedule).await.unwrap();
    assert_eq!(timers::lease(&intake, now + seconds(1)).await.unwrap().len(), 1);
    assert!(purge_requests(&intake, now + seconds(3600)).await.unwrap() > 0);
}

#[tokio::test]
async fn a_service_cannot_make_temporary_tables_either() {
    let (server, empty) = server_with_empty_template().await;
    let database = server.fresh_database(empty).await.unwrap();
    migrate(database.options(), Service::Intake, &visits(Service::Intake), PASSWORD).await.unwrap();
    let options = database.options().clone().username(Service::Intake.role()).password(PASSWORD);
    let mut connection = options.connect().await.unwrap();
    let error = sqlx::raw_sql("create temporary table event ()").execute(&mut connection).await.unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
}

#[tokio::test]
async fn a_migration_that_was_changed_after_it_was_applied_is_refused() {
    let (server, empty) = server_with_empty_template().await;
    let database = server.fresh_database(empty).await.unwrap();
    migrate(database.options(), Service::Intake, &visits(Service::Intake), PASSWORD).await.unwrap();
    let changed = Migration::new(1, "visit".into(), MigrationType::Simple, "select 2".into_sql_str(), false);
    let changed = Migrator::with_migrations(vec![changed]);
    let error = migrate(database.options(), Service::Intake, &changed, PASSWORD).await.unwrap_err();
    assert!(format!("{error:#}").contains("was previously applied but has been modified"), "{error:#}");
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_schema_as_it_was() {
    let (server, empty) = server_with_empty_template().await;
    let database = server.fresh_database(empty).await.unwrap();
    migrate(database.options(), Service::Intake, &visits(Service::Intake), PASSWORD).await.unwrap();
    let mut more: Vec<_> = visits(Service::Intake).iter().cloned().collect();
    let sql = "create table intake.part (); create table intake.visit ()";
    more.push(Migration::new(2, "part".into(), MigrationType::Simple, sql.into_sql_str(), false));
    migrate(database.options(), Service::Intake, &Migrator::with_migrations(more), PASSWORD).await.unwrap_err();
    let mut owner = database.options().connect().await.unwrap();
    let exists: bool =
        sqlx::query_scalar("select to_regclass('intake.part') is not null").fetch_one(&mut owner).await.unwrap();
    assert!(!exists);
}
