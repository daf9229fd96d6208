use callout_contract::types::v1::Record;
use callout_journal::{Command, DatabaseResult as _, Journal, Service, TenantTx, migration::unprotected_tables};
use callout_kit::{Caller, Error};
use sqlx::ConnectOptions as _;

use crate::support::*;

fn denied(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("42501")
}

#[tokio::test]
async fn a_query_without_a_predicate_returns_the_rows_of_the_organisation_only() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "ours").await;
    record(&suite.intake, OTHER, "theirs").await;
    assert_eq!(notes(&suite.intake, ACME).await, ["ours"]);
    assert_eq!(notes(&suite.intake, OTHER).await, ["theirs"]);
    assert_eq!(suite.count("select count(*) from intake.visit").await, 2);
}

#[tokio::test]
async fn an_update_and_a_delete_without_a_predicate_leave_other_organisations_alone() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "ours").await;
    record(&suite.intake, OTHER, "theirs").await;
    let careless = async |tx: &mut TenantTx| {
        sqlx::query("update visit set note = 'changed'").execute(tx.conn()).await.db()?;
        sqlx::query("delete from visit").execute(tx.conn()).await.db()?;
        Ok(Record::default())
    };
    suite.intake.command(&caller(ACME), command(ACME, &new_request_id()), &request(""), careless).await.unwrap();
    assert_eq!(notes(&suite.intake, ACME).await, [""; 0]);
    assert_eq!(notes(&suite.intake, OTHER).await, ["theirs"]);
}

#[tokio::test]
async fn nothing_can_be_written_for_another_organisation() {
    let suite = Suite::start().await;
    let smuggle = async |tx: &mut TenantTx| -> Result<Record, Error> {
        sqlx::query("insert into visit (organization, note) values ('other', 'smuggled')")
            .execute(tx.conn())
            .await
            .db()?;
        Ok(Record::default())
    };
    let refusal = suite.intake.command(&caller(ACME), command(ACME, &new_request_id()), &request(""), smuggle).await;
    assert!(matches!(refusal, Err(Error::Internal(_))));
    assert!(notes(&suite.intake, OTHER).await.is_empty());
}

#[tokio::test]
async fn what_a_policy_lets_no_agency_write_an_agency_is_told_that_it_may_not() {
    let suite = Suite::start().await;
    let staff = "create policy staff on intake.visit as restrictive
                     using (coalesce(current_setting('app.agency', true), '') = '')";
    sqlx::query(staff).execute(&suite.superuser).await.unwrap();
    let write = async |caller: &Caller| {
        let id = new_request_id();
        let command = Command { method: "/callout.intake.v1.Cases/CreateCase", ..command(ACME, &id) };
        let run = async |tx: &mut TenantTx| record_visit(tx, "visited").await;
        suite.intake.command(caller, command, &request(""), run).await
    };
    let partner = Caller { agency: Some("north".to_owned()), ..caller(ACME) };
    let refusal = write(&partner).await.unwrap_err();
    assert!(matches!(&refusal, Error::PermissionMissing { permission } if permission == "intake.cases.create"));
    write(&caller(ACME)).await.unwrap();
    assert_eq!(notes(&suite.intake, ACME).await, ["visited"]);
}

#[tokio::test]
async fn a_caller_is_not_let_into_another_organisation() {
    let suite = Suite::start().await;
    let look = async |_: &mut TenantTx| Ok(());
    for organization in [OTHER, "", "nobody"] {
        let refusal = suite.intake.read(&caller(ACME), organization, look).await;
        assert!(matches!(refusal, Err(Error::NotFound { .. })), "{organization:?}");
    }
}

#[tokio::test]
async fn without_an_organisation_there_are_no_rows() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "ours").await;
    let mut connection = suite.raw_connection(Service::Intake).await;
    let visible = async |connection: &mut sqlx::PgConnection| -> i64 {
        sqlx::query_scalar(
            "select (select count(*) from intake.visit) + (select count(*) from intake.event)
                  + (select count(*) from intake.audit) + (select count(*) from intake.request)
                  + (select count(*) from intake.organization)",
        )
        .fetch_one(connection)
        .await
        .unwrap()
    };
    assert_eq!(visible(&mut connection).await, 0);
    // The setting is empty, and no longer absent, on a connection that a transaction has used.
    sqlx::raw_sql("begin; select set_config('app.organization', 'acme', true); commit")
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(visible(&mut connection).await, 0);
}

#[tokio::test]
async fn a_service_cannot_read_the_schema_of_another() {
    let suite = Suite::start().await;
    let mut connection = suite.raw_connection(Service::Dispatch).await;
    for statement in ["select * from intake.visit", "select * from intake.event", "select intake.feed_of_all_waits()"] {
        assert!(denied(&sqlx::raw_sql(statement).execute(&mut connection).await.unwrap_err()), "{statement}");
    }
}

#[tokio::test]
async fn a_service_cannot_change_the_record_or_the_schema() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "ours").await;
    let mut connection = suite.raw_connection(Service::Intake).await;
    for statement in [
        "update intake.audit set subject = 'somebody else'",
        "delete from intake.audit",
        "update intake.event set subject = ''",
        "delete from intake.event",
        "delete from intake.request",
        "create table intake.mine ()",
        "create schema mine",
        "alter table intake.visit disable row level security",
        "truncate intake.visit",
        "set session authorization postgres",
    ] {
        let error = sqlx::raw_sql(statement).execute(&mut connection).await.unwrap_err();
        assert!(denied(&error), "{statement}: {error}");
    }
}

#[tokio::test]
async fn a_role_that_owns_a_table_is_not_let_in_because_it_could_lift_the_policies() {
    let suite = Suite::start().await;
    sqlx::raw_sql("alter table intake.visit owner to svc_intake").execute(&suite.superuser).await.unwrap();
    let options = suite.database.options().clone().password(PASSWORD);
    let error = Journal::connect(options, Service::Intake, 1).await.unwrap_err();
    assert!(error.to_string().contains("not bound by row level security"), "{error}");
}

#[tokio::test]
async fn a_table_that_was_forgotten_is_found_and_cannot_be_used() {
    let suite = Suite::start().await;
    let mut owner = suite.database.options().connect().await.unwrap();
    assert_eq!(unprotected_tables(&mut owner, Service::Intake).await.unwrap(), [""; 0]);
    sqlx::raw_sql("create table intake.forgotten (organization text)").execute(&mut owner).await.unwrap();
    assert_eq!(unprotected_tables(&mut owner, Service::Intake).await.unwrap(), ["forgotten"]);
    let mut connection = suite.raw_connection(Service::Intake).await;
    assert!(denied(&sqlx::query("select * from intake.forgotten").execute(&mut connection).await.unwrap_err()));
}

#[tokio::test]
async fn a_read_sees_one_moment_and_cannot_write() {
    let suite = Suite::start().await;
    let write = async |tx: &mut TenantTx| insert_visit(tx, "written").await;
    assert!(matches!(suite.intake.read(&caller(ACME), ACME, write).await, Err(Error::Internal(_))));

    let intake = suite.intake.clone();
    let look_twice = async move |tx: &mut TenantTx| {
        let count = "select count(*) from visit";
        let before: i64 = sqlx::query_scalar(count).fetch_one(tx.conn()).await.db()?;
        record(&intake, ACME, "meanwhile").await;
        let after: i64 = sqlx::query_scalar(count).fetch_one(tx.conn()).await.db()?;
        Ok((before, after))
    };
    assert_eq!(suite.intake.read(&caller(ACME), ACME, look_twice).await.unwrap(), (0, 0));
}

#[tokio::test]
async fn a_transaction_goes_by_the_clock_of_its_organisation() {
    let suite = Suite::start().await;
    let look = async |tx: &mut TenantTx| Ok((tx.now(), tx.organization()?.document.clone()));
    let (now, document) = suite.intake.read(&caller(LAB), LAB, look).await.unwrap();
    assert_eq!((now, document), (time("2026-03-06T08:00:00Z"), vec![1, 2, 3]));
    let before = callout_kit::clock::system_now();
    let (now, _) = suite.intake.read(&caller(ACME), ACME, look).await.unwrap();
    assert!((now - before).total(jiff::Unit::Second).unwrap().abs() < 20.0);
}

#[tokio::test]
async fn an_older_copy_of_an_organisation_does_not_replace_a_newer_one_nor_move_its_clock_back() {
    use callout_journal::{Clock, Organization};
    let suite = Suite::start().await;
    let copy = |version, now: &str, document| Organization {
        id: LAB.to_owned(),
        clock: Clock::Sandbox { now: time(now) },
        document: vec![document],
        version,
    };
    put(&suite.intake, copy(3, "2026-03-06T10:00:00Z", 3)).await;
    put(&suite.intake, copy(2, "2026-03-06T09:00:00Z", 2)).await;
    put(&suite.intake, copy(4, "2026-03-06T09:30:00Z", 4)).await;
    let look = async |tx: &mut TenantTx| Ok(tx.organization()?.clone());
    let known = suite.intake.read(&caller(LAB), LAB, look).await.unwrap();
    assert_eq!(known, copy(4, "2026-03-06T10:00:00Z", 4));
}
