use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use callout_contract::types::v1::Record;
use callout_journal::{
    Journal, Service, TenantTx, settling,
    timers::{self, Schedule, Timer},
};
use callout_kit::Error;
use jiff::Timestamp;
use sqlx::Connection as _;

use crate::support::*;

async fn set(journal: &Journal, organization: &str, key: &'static str, run_at: Timestamp) {
    let schedule = async move |tx: &mut TenantTx| {
        timers::schedule(tx, limit(key, run_at));
        Ok(Record::default())
    };
    journal
        .command(&caller(organization), command(organization, &new_request_id()), &request(key), schedule)
        .await
        .unwrap();
}

fn limit(key: &str, run_at: Timestamp) -> Schedule<'_> {
    Schedule { key, kind: "limit_due", subject: "organizations/acme/cases/1", run_at, payload: b"arrival" }
}

async fn record_key(tx: &mut TenantTx, timer: &Timer) -> Result<(), Error> {
    insert_visit(tx, &timer.key).await
}

async fn fail(tx: &mut TenantTx, timer: &Timer) -> Result<(), Error> {
    record_key(tx, timer).await?;
    Err(Error::DeadlineExceeded)
}

fn noon() -> Timestamp {
    time("2026-03-06T12:00:00Z")
}

#[tokio::test]
async fn a_timer_of_a_live_organisation_runs_once_it_is_due_and_then_no_more() {
    let suite = Suite::start().await;
    set(&suite.intake, ACME, "arrival", noon()).await;
    assert_eq!(timers::work(&suite.intake, noon() - seconds(1), &record_key).await.unwrap(), 0);
    assert_eq!(timers::work(&suite.intake, noon(), &record_key).await.unwrap(), 1);
    assert_eq!(timers::work(&suite.intake, noon() + seconds(60), &record_key).await.unwrap(), 0);
    assert_eq!(notes(&suite.intake, ACME).await, ["arrival"]);
}

#[tokio::test]
async fn dropping_a_timer_reads_no_other_also_by_a_plan_made_when_there_were_few() {
    const DROP: &str =
        "select close_transaction(now(), '{}', '{}', '{}', '{}', '{}', '{}', 'users/lin', '{}', null, null, '{}',
        '{}', '{}', '{}', '{}', '{}', null, null, array ['b', 'c'], '{}', '{}', '{}', '{}', '{}')";
    const READ: &str = "select idx_tup_fetch + seq_tup_read from pg_stat_xact_user_tables where relname = 'timer'";
    let suite = Suite::start().await;
    let mut connection = suite.raw_connection(Service::Intake).await;
    let mut tx = connection.begin().await.unwrap();
    let enter = "select set_config('app.organization', $1, true), set_config('search_path', 'intake', true)";
    sqlx::query(enter).bind(ACME).execute(&mut *tx).await.unwrap();
    let fill = "insert into timer (organization, key, kind, subject, run_at, retry_at, payload)
        select $1, n::text, 'limit_due', '', now(), now(), '' from generate_series($2, $3) n";
    sqlx::query(fill).bind(ACME).bind(1).bind(24).execute(&mut *tx).await.unwrap();
    // The server keeps a plan from the sixth time on.
    for _ in 0..10 {
        sqlx::query(DROP).execute(&mut *tx).await.unwrap();
    }
    sqlx::query(fill).bind(ACME).bind(25).bind(1000).execute(&mut *tx).await.unwrap();
    let before: i64 = sqlx::query_scalar(READ).fetch_one(&mut *tx).await.unwrap();
    sqlx::query(DROP).execute(&mut *tx).await.unwrap();
    let after: i64 = sqlx::query_scalar(READ).fetch_one(&mut *tx).await.unwrap();
    assert_eq!(after - before, 0, "rows were read to drop timers that are not there");
}

#[tokio::test]
async fn a_timer_runs_in_its_organisation_and_knows_what_it_is_for() {
    let suite = Suite::start().await;
    set(&suite.intake, OTHER, "arrival", noon()).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let see = async |tx: &mut TenantTx, timer: &Timer| {
        seen.lock().unwrap().push((tx.organization_id().to_owned(), timer.clone()));
        Ok(())
    };
    timers::work(&suite.intake, noon(), &see).await.unwrap();
    let seen = seen.lock().unwrap();
    let [(organization, timer)] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((organization.as_str(), timer.organization.as_str()), (OTHER, OTHER));
    assert_eq!((timer.kind.as_str(), timer.subject.as_str()), ("limit_due", "organizations/acme/cases/1"));
    assert_eq!((timer.run_at, timer.payload.as_slice(), timer.attempt), (noon(), b"arrival".as_slice(), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_run_each_timer_once() {
    let suite = Suite::start().await;
    for key in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"] {
        set(&suite.intake, ACME, key, noon()).await;
    }
    let worker = async || while timers::work(&suite.intake, noon(), &record_key).await.unwrap() > 0 {};
    soon(Box::pin(async { tokio::join!(worker(), worker()) })).await;
    assert_eq!(notes(&suite.intake, ACME).await.concat(), "abcdefghijklmnopqrst");
}

#[tokio::test]
async fn a_worker_whose_lease_went_to_another_does_not_complete_the_timer() {
    let suite = Suite::start().await;
    set(&suite.intake, ACME, "arrival", noon()).await;
    let slow = timers::lease(&suite.intake, noon()).await.unwrap();
    let next = timers::lease(&suite.intake, noon() + seconds(3)).await.unwrap();
    assert_eq!((slow[0].attempt, next[0].attempt), (1, 2));
    assert!(!timers::complete(&suite.intake, &slow[0], &record_key).await.unwrap());
    assert!(notes(&suite.intake, ACME).await.is_empty());
    assert!(timers::complete(&suite.intake, &next[0], &record_key).await.unwrap());
    assert!(!timers::complete(&suite.intake, &next[0], &record_key).await.unwrap());
    assert_eq!(notes(&suite.intake, ACME).await, ["arrival"]);
}

#[tokio::test]
async fn a_timer_that_was_moved_or_cancelled_is_not_completed_by_an_older_lease() {
    let suite = Suite::start().await;
    set(&suite.intake, ACME, "arrival", noon()).await;
    let leased = timers::lease(&suite.intake, noon()).await.unwrap();
    set(&suite.intake, ACME, "arrival", noon() + seconds(3600)).await;
    let again = timers::lease(&suite.intake, noon() + seconds(3600)).await.unwrap();
    assert_eq!(leased[0].attempt, again[0].attempt, "else the attempt alone would be fence enough");
    assert!(!timers::complete(&suite.intake, &leased[0], &record_key).await.unwrap());

    let cancel = async |tx: &mut TenantTx| {
        timers::cancel(tx, "arrival");
        timers::cancel(tx, "there is none");
        Ok(Record::default())
    };
    suite.intake.command(&caller(ACME), command(ACME, &new_request_id()), &request(""), cancel).await.unwrap();
    assert!(!timers::complete(&suite.intake, &again[0], &record_key).await.unwrap());
    assert!(notes(&suite.intake, ACME).await.is_empty());
}

#[tokio::test]
async fn a_timer_that_fails_leaves_nothing_and_is_put_off_longer_each_time_also_across_a_restart() {
    let suite = Suite::start().await;
    set(&suite.intake, ACME, "arrival", noon()).await;
    // e, then e², then e³ seconds after the try before.
    let tries = [(0, 1), (2, 0), (3, 1), (10, 0), (11, 1), (31, 0), (32, 1)];
    for (after, leased) in tries {
        let restarted = connect(&suite.database, Service::Intake).await;
        assert_eq!(timers::work(&restarted, noon() + seconds(after), &fail).await.unwrap(), leased, "after {after} s");
    }
    assert!(notes(&suite.intake, ACME).await.is_empty());
    assert_eq!(timers::work(&suite.intake, noon() + seconds(3600), &record_key).await.unwrap(), 1);
    assert_eq!(notes(&suite.intake, ACME).await, ["arrival"]);
}

#[tokio::test]
async fn a_timer_that_fails_does_not_hold_up_the_others() {
    let suite = Suite::start().await;
    set(&suite.intake, ACME, "bad", noon()).await;
    set(&suite.intake, ACME, "good", noon()).await;
    let handler = async |tx: &mut TenantTx, timer: &Timer| {
        if timer.key == "bad" { fail(tx, timer).await } else { record_key(tx, timer).await }
    };
    timers::work(&suite.intake, noon(), &handler).await.unwrap();
    assert_eq!(notes(&suite.intake, ACME).await, ["good"]);
}

#[tokio::test]
async fn timers_of_a_sandbox_run_in_order_at_their_own_times_when_its_clock_is_moved() {
    let suite = Suite::start().await;
    set(&suite.intake, LAB, "second", noon()).await;
    set(&suite.intake, LAB, "third", noon()).await;
    set(&suite.intake, LAB, "first", noon() - seconds(60)).await;
    set(&suite.intake, LAB, "last", noon() + seconds(3600)).await;
    assert_eq!(timers::work(&suite.intake, noon() + seconds(86_400), &record_key).await.unwrap(), 0);

    let ran = Arc::new(Mutex::new(Vec::new()));
    let handler = async |tx: &mut TenantTx, timer: &Timer| {
        ran.lock().unwrap().push((timer.key.clone(), tx.now()));
        if timer.key == "first" {
            timers::schedule(tx, limit("follow-up", noon() - seconds(30)));
        }
        Ok(())
    };
    let until = noon() + seconds(600);
    let standing = timers::fire_due(&suite.intake, LAB, until, &handler).await.unwrap();
    assert_eq!(standing.next_due, Some(noon() + seconds(3600)));
    let at = |key: &str, time| (key.to_owned(), time);
    assert_eq!(
        *ran.lock().unwrap(),
        [
            at("first", noon() - seconds(60)),
            at("follow-up", noon() - seconds(30)),
            at("second", noon()),
            at("third", noon()),
        ]
    );
    let now = suite.intake.read(&caller(LAB), LAB, async |tx: &mut TenantTx| Ok(tx.now())).await.unwrap();
    assert_eq!(now, until);
}

#[tokio::test]
async fn two_who_move_a_clock_at_once_run_each_timer_once_and_both_come_back_when_all_have_run() {
    let suite = Suite::start().await;
    for key in ["a", "b", "c", "d", "e"] {
        set(&suite.intake, LAB, key, noon()).await;
    }
    let mover = async || {
        timers::fire_due(&suite.intake, LAB, noon(), &record_key).await.unwrap();
        assert_eq!(notes(&suite.intake, LAB).await.concat(), "abcde");
    };
    soon(Box::pin(async { tokio::join!(mover(), mover()) })).await;
}

#[tokio::test]
async fn a_timer_of_a_sandbox_that_fails_stays_and_so_does_the_clock() {
    let suite = Suite::start().await;
    set(&suite.intake, LAB, "arrival", noon()).await;
    assert!(matches!(timers::fire_due(&suite.intake, LAB, noon(), &fail).await, Err(Error::DeadlineExceeded)));
    let now = suite.intake.read(&caller(LAB), LAB, async |tx: &mut TenantTx| Ok(tx.now())).await.unwrap();
    let next = settling::standing(&suite.intake, LAB).await.unwrap().next_due;
    assert_eq!((now, next), (time("2026-03-06T08:00:00Z"), Some(noon())));
    timers::fire_due(&suite.intake, LAB, noon(), &record_key).await.unwrap();
    assert_eq!(notes(&suite.intake, LAB).await, ["arrival"]);
}

#[tokio::test]
async fn the_clock_of_a_live_organisation_cannot_be_moved() {
    let suite = Suite::start().await;
    set(&suite.intake, ACME, "arrival", noon()).await;
    let refusal = timers::fire_due(&suite.intake, ACME, noon(), &record_key).await;
    assert!(matches!(refusal, Err(Error::ClockFixed { .. })));
    let refusal = timers::fire_due(&suite.intake, "nobody", noon(), &record_key).await;
    assert!(matches!(refusal, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_running_worker_runs_what_falls_due() {
    let suite = Suite::start().await;
    let ran = Arc::new(AtomicU32::new(0));
    let done = Arc::new(tokio::sync::Notify::new());
    let worker = {
        let (intake, ran, done) = (suite.intake.clone(), ran.clone(), done.clone());
        tokio::spawn(async move {
            let handler = async move |_: &mut TenantTx, _: &Timer| {
                ran.fetch_add(1, Ordering::SeqCst);
                done.notify_one();
                Ok(())
            };
            timers::run(&intake, &handler).await;
        })
    };
    set(&suite.intake, ACME, "arrival", noon()).await;
    soon(done.notified()).await;
    worker.abort();
    assert_eq!(ran.load(Ordering::SeqCst), 1);
}
