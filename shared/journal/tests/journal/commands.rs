use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use callout_contract::types::v1::Record;
use callout_journal::{Command, DatabaseResult as _, TenantTx, purge_requests};
use callout_kit::{Error, call::Call, deadline::Deadline};
use futures::future::join_all;
use jiff::ToSpan as _;
use prost::Message as _;
use tokio::sync::Barrier;

use crate::support::*;

async fn send(suite: &Suite, request_id: &str, note: &str) -> Result<Record, Error> {
    let (sent, said) = (request(note), note.to_owned());
    let run = async move |tx: &mut TenantTx| {
        let answer = record_visit(tx, &said).await?;
        Ok(Record { recorded_by: new_request_id(), ..answer }) // differs each time that it runs
    };
    suite.intake.command(&caller(ACME), command(ACME, request_id), &sent, run).await
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_and_changes_nothing() {
    let suite = Suite::start().await;
    let id = new_request_id();
    let first = send(&suite, &id, "arrived").await.unwrap();
    let again = send(&suite, &id, "arrived").await.unwrap();
    assert_eq!(again.encode_to_vec(), first.encode_to_vec());
    assert_eq!(notes(&suite.intake, ACME).await, ["arrived"]);
    assert_eq!(suite.count("select count(*) from intake.event").await, 1);
}

#[tokio::test]
async fn the_same_request_id_with_other_content_is_refused() {
    let suite = Suite::start().await;
    let id = new_request_id();
    send(&suite, &id, "arrived").await.unwrap();
    assert!(matches!(send(&suite, &id, "left").await, Err(Error::RequestReused)));
    assert_eq!(notes(&suite.intake, ACME).await, ["arrived"]);
}

#[tokio::test]
async fn the_same_request_id_from_another_agency_or_for_another_method_is_refused() {
    let suite = Suite::start().await;
    let id = new_request_id();
    let first = send(&suite, &id, "arrived").await.unwrap();
    let run = async |_: &mut TenantTx| Ok(Record::default());
    let mut agent = caller(ACME);
    agent.agency = Some("north".to_owned());
    let sent = request("arrived");
    let as_agent = suite.intake.command(&agent, command(ACME, &id), &sent, run).await;
    assert!(matches!(as_agent, Err(Error::RequestReused)));
    let other = Command { method: "/callout.test.v1.Visits/DropVisit", ..command(ACME, &id) };
    assert!(matches!(suite.intake.command(&caller(ACME), other, &sent, run).await, Err(Error::RequestReused)));
    assert_eq!(send(&suite, &id, "arrived").await.unwrap(), first);
}

#[tokio::test]
async fn a_request_without_a_uuid_as_its_id_is_refused() {
    let suite = Suite::start().await;
    for id in ["", "17"] {
        let refusal = send(&suite, id, "arrived").await.unwrap_err();
        assert!(matches!(refusal, Error::Invalid(fields) if fields[0].field == "request_id"), "{id:?}");
    }
    assert!(notes(&suite.intake, ACME).await.is_empty());
}

#[tokio::test]
async fn twenty_copies_at_once_have_one_effect_and_one_answer() {
    let suite = Suite::start().await;
    let id = new_request_id();
    let answers = join_all((0..20).map(|_| send(&suite, &id, "arrived"))).await;
    let first = answers[0].as_ref().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == first));
    assert_eq!(notes(&suite.intake, ACME).await, ["arrived"]);
}

#[tokio::test]
async fn a_command_that_fails_leaves_nothing_and_its_id_may_be_used_again() {
    let suite = Suite::start().await;
    let id = new_request_id();
    let fail = async |tx: &mut TenantTx| -> Result<Record, Error> {
        record_visit(tx, "arrived").await?;
        Err(Error::ClockFixed { organization: ACME.to_owned() })
    };
    let refusal = suite.intake.command(&caller(ACME), command(ACME, &id), &request("arrived"), fail).await;
    assert!(matches!(refusal, Err(Error::ClockFixed { .. })));
    assert!(notes(&suite.intake, ACME).await.is_empty());
    assert_eq!(suite.count("select count(*) from intake.event").await, 0);
    send(&suite, &id, "left").await.unwrap();
    assert_eq!(notes(&suite.intake, ACME).await, ["left"]);
}

#[tokio::test]
async fn commands_that_deadlock_both_have_their_effect() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "a").await;
    record(&suite.intake, ACME, "b").await;
    let both_hold_one = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicU32::new(0));
    let lock_both = |order: [&'static str; 2]| {
        let (intake, both_hold_one, runs) = (suite.intake.clone(), both_hold_one.clone(), runs.clone());
        async move {
            let run = async move |tx: &mut TenantTx| {
                let lock = "update visit set note = note where note = $1";
                sqlx::query(lock).bind(order[0]).execute(tx.conn()).await.db()?;
                if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                    both_hold_one.wait().await;
                }
                sqlx::query(lock).bind(order[1]).execute(tx.conn()).await.db()?;
                record_visit(tx, "done").await
            };
            intake.command(&caller(ACME), command(ACME, &new_request_id()), &request("done"), run).await
        }
    };
    let (one, other) = soon(Box::pin(async { tokio::join!(lock_both(["a", "b"]), lock_both(["b", "a"])) })).await;
    one.unwrap();
    other.unwrap();
    assert_eq!(notes(&suite.intake, ACME).await, ["a", "b", "done", "done"]);
    assert!(runs.load(Ordering::SeqCst) > 2, "nobody was in the way, the test proves nothing");
}

#[tokio::test]
async fn a_command_that_always_meets_a_conflict_is_tried_four_times_and_is_busy_then() {
    let suite = Suite::start().await;
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let run = async move |tx: &mut TenantTx| -> Result<Record, Error> {
        counted.fetch_add(1, Ordering::SeqCst);
        record_visit(tx, "arrived").await?;
        let conflict = "do $$ begin raise exception using errcode = 'serialization_failure'; end $$";
        sqlx::raw_sql(conflict).execute(tx.conn()).await.db()?;
        Ok(Record::default())
    };
    let sent = request("arrived");
    let refusal = suite.intake.command(&caller(ACME), command(ACME, &new_request_id()), &sent, run).await;
    assert!(matches!(refusal, Err(Error::Busy { .. })), "{refusal:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 4);
    assert!(notes(&suite.intake, ACME).await.is_empty());
}

#[tokio::test]
async fn a_statement_ends_with_the_deadline_of_its_call() {
    let suite = Suite::start().await;
    let sleep = async |tx: &mut TenantTx| {
        sqlx::query("select pg_sleep(30)").execute(tx.conn()).await.db()?;
        Ok(())
    };
    let call =
        Call { deadline: Some(Deadline::after(Duration::from_millis(50))), ..Call::own_work("intake", caller(ACME)) };
    let (asker, intake) = (caller(ACME), suite.intake.clone());
    let refusal = soon(call.scope(async move { intake.read(&asker, ACME, sleep).await })).await;
    assert!(matches!(refusal, Err(Error::DeadlineExceeded)), "{refusal:?}");
}

#[tokio::test]
async fn a_lost_connection_is_busy_and_the_next_call_has_another_one() {
    let suite = Suite::start().await;
    let cut = async |tx: &mut TenantTx| -> Result<Record, Error> {
        record_visit(tx, "arrived").await?;
        sqlx::query("select pg_terminate_backend(pg_backend_pid())").execute(tx.conn()).await.db()?;
        Ok(Record::default())
    };
    let id = new_request_id();
    let refusal = suite.intake.command(&caller(ACME), command(ACME, &id), &request("arrived"), cut).await;
    assert!(matches!(refusal, Err(Error::Busy { .. })), "{refusal:?}");
    send(&suite, &id, "arrived").await.unwrap();
    assert_eq!(notes(&suite.intake, ACME).await, ["arrived"]);
}

#[tokio::test]
async fn each_effect_has_one_audit_entry_that_says_who_did_what() {
    let suite = Suite::start().await;
    let before = suite.count("select count(*) from intake.audit").await;
    let id = new_request_id();
    let happened = time("2026-03-06T07:00:00Z");
    let run = async move |tx: &mut TenantTx| {
        tx.audit_as("organizations/acme/visits/7", happened);
        record_visit(tx, "arrived").await
    };
    for _ in 0..2 {
        suite.intake.command(&caller(ACME), command(ACME, &id), &request("arrived"), run).await.unwrap();
    }
    assert_eq!(suite.count("select count(*) from intake.audit").await, before + 1);
    let entry: (String, Vec<String>, String, String, String, String, jiff_sqlx::Timestamp) = sqlx::query_as(
        "select subject, roles, method, resource, cause, class, occurred_at from intake.audit order by audit_id desc limit 1",
    )
    .fetch_one(&suite.superuser)
    .await
    .unwrap();
    let (subject, roles, method, resource, cause, class, occurred_at) = entry;
    assert_eq!((subject.as_str(), roles), ("users/lin", vec!["clerk".to_owned()]));
    assert_eq!((method.as_str(), resource.as_str()), (METHOD, "organizations/acme/visits/7"));
    assert_eq!((cause, class.as_str(), occurred_at.to_jiff()), (id, "CHANGE", happened));
}

#[tokio::test]
async fn requests_are_forgotten_when_they_are_old_enough_and_not_before() {
    let suite = Suite::start().await;
    let id = new_request_id();
    send(&suite, &id, "arrived").await.unwrap();
    let now = callout_kit::clock::system_now();
    assert_eq!(purge_requests(&suite.intake, now - 1.hour()).await.unwrap(), 0);
    assert!(purge_requests(&suite.intake, now + 1.hour()).await.unwrap() > 0);
    assert_eq!(suite.count("select count(*) from intake.request").await, 0);
}

/// Between the first byte of a read and its answer lie about so many microseconds; it is given up at each step on the way.
#[tokio::test]
async fn a_read_that_is_given_up_at_any_moment_leaves_no_transaction_to_whoever_comes_next() {
    let suite = Suite::start().await;
    for patience in (0..3_000).step_by(15).map(Duration::from_micros) {
        let asker = caller(ACME);
        let reads = (0..8).map(|_| suite.intake.read(&asker, ACME, async |tx: &mut TenantTx| Ok(tx.now())));
        let _ = tokio::time::timeout(patience, join_all(reads)).await;
        let written = send(&suite, &new_request_id(), "arrived").await;
        assert!(written.is_ok(), "after {patience:?}: {written:?}");
    }
}
