use callout_journal::{Service, migrate, migration::unprotected_tables};
use futures::future::join_all;
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
