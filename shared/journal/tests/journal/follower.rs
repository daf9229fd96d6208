use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use callout_contract::{
    events::v1::{Event, SubscribeRequest},
    types::v1::Milestone,
};
use callout_journal::{
    Cursor, Journal, Service, TenantTx,
    feed::{self, Subscription},
    follower::Follower,
};
use callout_kit::{Caller, Error};
use futures::{Stream, StreamExt as _, TryStreamExt as _, future::try_join_all, stream};
use prost::Message as _;
use tokio::sync::Notify;
use tonic::Status;

use crate::support::*;

type Events = Pin<Box<dyn Stream<Item = Result<Event, Status>> + Send>>;

/// What intake answers to `Subscribe`.
fn subscribe(intake: &Journal, request: SubscribeRequest) -> Result<Events, Status> {
    let organization = request.organization.strip_prefix("organizations/").unwrap().to_owned();
    let caller = Caller::service("dispatch", Caller::EVERY_ORGANIZATION);
    let after = Cursor::decode(Service::Intake, &request.cursor)?;
    let subscription = Subscription { caller, organization, after, types: request.types };
    Ok(feed::subscribe(intake, subscription, request.until_end).map_err(Status::from).boxed())
}

fn note(event: &Event) -> String {
    Milestone::decode(event.payload.as_ref().unwrap().value.as_slice()).unwrap().event
}

/// Dispatch records each visit that intake tells of.
async fn copy_visit(tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
    insert_visit(tx, &note(event)).await
}

macro_rules! copier {
    ($suite:expr) => {
        copier!($suite, $suite.dispatch)
    };
    ($suite:expr, $dispatch:expr) => {{
        let intake = $suite.intake.clone();
        let subscribe = async move |request| subscribe(&intake, request);
        Follower::new($dispatch.clone(), Service::Intake, Vec::new(), subscribe, copy_visit)
    }};
}

#[tokio::test]
async fn each_event_has_its_effect_in_the_organisation_where_it_happened() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "ours").await;
    record(&suite.intake, OTHER, "theirs").await;
    let follower = copier!(suite);
    soon(follower.settle()).await.unwrap();
    assert_eq!(notes(&suite.dispatch, ACME).await, ["ours"]);
    assert_eq!(notes(&suite.dispatch, OTHER).await, ["theirs"]);
}

#[tokio::test]
async fn an_event_that_is_sent_twice_has_one_effect() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "one").await;
    record(&suite.intake, ACME, "two").await;
    let intake = suite.intake.clone();
    let everything_twice = async move |request: SubscribeRequest| -> Result<Events, Status> {
        let from_the_start = SubscribeRequest { cursor: String::new(), ..request };
        let events: Vec<_> = subscribe(&intake, from_the_start)?.collect().await;
        Ok(stream::iter(events.clone().into_iter().chain(events)).boxed())
    };
    let follower = Follower::new(suite.dispatch.clone(), Service::Intake, Vec::new(), everything_twice, copy_visit);
    soon(follower.settle()).await.unwrap();
    soon(follower.settle()).await.unwrap();
    assert_eq!(notes(&suite.dispatch, ACME).await, ["one", "two"]);
}

#[tokio::test]
async fn a_follower_that_starts_again_goes_on_where_it_was() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "one").await;
    soon(copier!(suite).settle()).await.unwrap();
    record(&suite.intake, ACME, "two").await;
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let handler = async move |tx: &mut TenantTx, event: &Event| {
        counted.fetch_add(1, Ordering::SeqCst);
        copy_visit(tx, event).await
    };
    let intake = suite.intake.clone();
    let subscribe = async move |request| subscribe(&intake, request);
    let restarted = Follower::new(suite.dispatch.clone(), Service::Intake, Vec::new(), subscribe, handler);
    soon(restarted.settle()).await.unwrap();
    assert_eq!(notes(&suite.dispatch, ACME).await, ["one", "two"]);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_event_that_fails_leaves_nothing_and_is_not_skipped() {
    let suite = Suite::start().await;
    for note in ["one", "poison", "three"] {
        record(&suite.intake, ACME, note).await;
    }
    let mended = Arc::new(AtomicBool::new(false));
    let works = mended.clone();
    let handler = async move |tx: &mut TenantTx, event: &Event| {
        copy_visit(tx, event).await?;
        if note(event) == "poison" && !works.load(Ordering::SeqCst) {
            return Err(Error::DeadlineExceeded);
        }
        Ok(())
    };
    let intake = suite.intake.clone();
    let subscribe = async move |request| subscribe(&intake, request);
    let follower = Follower::new(suite.dispatch.clone(), Service::Intake, Vec::new(), subscribe, handler);
    for _ in 0..2 {
        assert!(matches!(soon(follower.settle()).await, Err(Error::DeadlineExceeded)));
        assert_eq!(notes(&suite.dispatch, ACME).await, ["one"]);
    }
    mended.store(true, Ordering::SeqCst);
    soon(follower.settle()).await.unwrap();
    assert_eq!(notes(&suite.dispatch, ACME).await, ["one", "poison", "three"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_follow_at_once_apply_each_event_once() {
    let suite = Suite::start().await;
    for nth in 10..40 {
        record(&suite.intake, ACME, &nth.to_string()).await;
    }
    let replica = connect(&suite.database, Service::Dispatch).await;
    let (one, other) = (copier!(suite), copier!(suite, replica));
    let (first, second) = soon(Box::pin(async { tokio::join!(one.settle(), other.settle()) })).await;
    first.unwrap();
    second.unwrap();
    assert_eq!(notes(&suite.dispatch, ACME).await, (10..40).map(|nth| nth.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn those_who_settle_while_one_of_them_reads_share_the_next_reading() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "one").await;
    let (readings, intake) = (Arc::new(AtomicU32::new(0)), suite.intake.clone());
    let counted = Arc::clone(&readings);
    let subscribe = async move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        subscribe(&intake, request)
    };
    let follower = Follower::new(suite.dispatch.clone(), Service::Intake, Vec::new(), subscribe, copy_visit);
    soon(try_join_all((0..20).map(|_| follower.settle()))).await.unwrap();
    assert_eq!(readings.load(Ordering::SeqCst), 2);
    assert_eq!(notes(&suite.dispatch, ACME).await, ["one"]);
}

#[tokio::test]
async fn what_a_process_has_dealt_with_costs_its_followers_no_turn() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "one").await;
    let (intake, held) = (suite.intake.clone(), Arc::new(tokio::sync::Mutex::new(None)));
    let (superuser, turn) = (suite.superuser.clone(), Arc::clone(&held));
    // As if it had been sent before the other one dealt with it; and nobody else gets a turn.
    let too_late = async move |request: SubscribeRequest| -> Result<Events, Status> {
        let events = subscribe(&intake, SubscribeRequest { cursor: String::new(), ..request })?;
        let mut transaction = superuser.begin().await.unwrap();
        sqlx::query("select from dispatch.follower for update").execute(&mut *transaction).await.unwrap();
        *turn.lock().await = Some(transaction);
        Ok(events)
    };
    soon(copier!(suite).settle()).await.unwrap();
    let follower = Follower::new(suite.dispatch.clone(), Service::Intake, Vec::new(), too_late, copy_visit);
    soon(follower.settle()).await.unwrap();
    assert!(held.lock().await.is_some());
    assert_eq!(notes(&suite.dispatch, ACME).await, ["one"]);
}

#[tokio::test]
async fn a_database_that_was_set_back_is_followed_from_where_it_is() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "one").await;
    soon(copier!(suite).settle()).await.unwrap();
    for statement in ["delete from dispatch.visit", "delete from dispatch.follower"] {
        sqlx::query(statement).execute(&suite.superuser).await.unwrap();
    }
    soon(copier!(suite).settle()).await.unwrap();
    assert_eq!(notes(&suite.dispatch, ACME).await, ["one"]);
}

#[tokio::test]
async fn a_running_follower_outlives_a_feed_that_breaks_off() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "one").await;
    let (tries, applied) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
    let intake = suite.intake.clone();
    let breaks_off = async move |request: SubscribeRequest| -> Result<Events, Status> {
        match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Status::unavailable("not yet")),
            1 => Ok(stream::iter([Err(Status::unavailable("not any more"))]).boxed()),
            _ => subscribe(&intake, request),
        }
    };
    let heard = applied.clone();
    let handler = async move |tx: &mut TenantTx, event: &Event| {
        copy_visit(tx, event).await?;
        heard.notify_one();
        Ok(())
    };
    let follower = Follower::new(suite.dispatch.clone(), Service::Intake, Vec::new(), breaks_off, handler);
    let running = tokio::spawn(async move { follower.run().await });
    soon(applied.notified()).await;
    record(&suite.intake, ACME, "two").await;
    soon(applied.notified()).await;
    running.abort();
}

#[tokio::test]
async fn events_that_arrived_together_share_a_transaction_and_each_effect_is_audited_as_the_service_s_own() {
    let suite = Suite::start().await;
    for note in ["one", "nothing", "two"] {
        record(&suite.intake, ACME, note).await;
    }
    let handler = async |tx: &mut TenantTx, event: &Event| {
        if note(event) == "nothing" {
            return copy_visit(tx, event).await;
        }
        tell(tx, &note(event));
        Ok(())
    };
    let intake = suite.intake.clone();
    // Transactions elsewhere on the server may hold some of them back; here they have all arrived.
    let subscribe = async move |request| -> Result<Events, Status> {
        let events: Vec<_> = subscribe(&intake, request)?.collect().await;
        Ok(stream::iter(events).boxed())
    };
    let follower = Follower::new(suite.dispatch.clone(), Service::Intake, Vec::new(), subscribe, handler);
    soon(follower.settle()).await.unwrap();
    let entries: Vec<(String, String, String)> = sqlx::query_as(
        "select a.subject, a.service, a.method from dispatch.audit a join intake.event e on e.event_id::text = a.cause",
    )
    .fetch_all(&suite.superuser)
    .await
    .unwrap();
    let own = ("services/dispatch".to_owned(), "dispatch".to_owned(), "callout.types.v1.Milestone".to_owned());
    assert_eq!(entries, [own.clone(), own]);
    let transactions: i64 =
        sqlx::query_scalar("select count(distinct xid) from dispatch.event").fetch_one(&suite.superuser).await.unwrap();
    assert_eq!(transactions, 1);
}
