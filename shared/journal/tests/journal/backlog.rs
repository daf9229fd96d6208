use callout_contract::types::v1::Record;
use callout_journal::{
    Cursor, Journal, Service, TenantTx,
    backlog::{self, Backlog, Waiting},
    feed::{self, Subscription},
    timers::{self, Schedule},
};
use callout_kit::{Caller, Error, clock};
use futures::StreamExt as _;
use jiff::Timestamp;

use crate::support::*;

const MILESTONE: &str = "callout.types.v1.Milestone";

fn of_all(after: Cursor) -> Subscription {
    let caller = Caller::service("dispatch", Caller::EVERY_ORGANIZATION);
    Subscription { caller, organization: Caller::EVERY_ORGANIZATION.to_owned(), after, types: Vec::new() }
}

fn of(organization: &str) -> Subscription {
    Subscription { caller: caller(organization), organization: organization.to_owned(), ..of_all(Cursor::START) }
}

fn wanting(types: &[&str]) -> Subscription {
    Subscription { types: types.iter().map(|name| (*name).to_owned()).collect(), ..of_all(Cursor::START) }
}

async fn events_behind(suite: &Suite, subscription: &Subscription) -> i32 {
    backlog::behind(&suite.intake, subscription).await.unwrap().events
}

/// The place after the first event.
async fn after_the_first(suite: &Suite) -> Cursor {
    // As soon as no older transaction, of whatever test, holds it back.
    let mut events = Box::pin(feed::subscribe(&suite.intake, of_all(Cursor::START), true));
    let first = soon(events.next()).await.unwrap().unwrap();
    Cursor::decode(Service::Intake, &first.cursor).unwrap()
}

#[tokio::test]
async fn whoever_has_dealt_with_everything_is_not_behind() {
    let suite = Suite::start().await;
    let nothing = Backlog { events: 0, oldest_age: None };
    assert_eq!(backlog::behind(&suite.intake, &of_all(Cursor::START)).await.unwrap(), nothing);
    record(&suite.intake, ACME, "one").await;
    let after = after_the_first(&suite).await;
    assert_eq!(backlog::behind(&suite.intake, &of_all(after)).await.unwrap(), nothing);
}

#[tokio::test]
async fn the_events_after_a_place_are_counted_with_the_age_of_the_oldest_by_the_servers_clock() {
    let suite = Suite::start().await;
    // The clock of a sandbox stands somewhere else.
    for (organization, note) in [(ACME, "one"), (LAB, "two"), (ACME, "three")] {
        record(&suite.intake, organization, note).await;
    }
    let after = after_the_first(&suite).await;
    assert_eq!(events_behind(&suite, &of_all(Cursor::START)).await, 3);
    let age = "update intake.event set appended_at = now() - case organization when 'lab' then interval '90 s' else '30 s' end";
    sqlx::query(age).execute(&suite.superuser).await.unwrap();
    let behind = backlog::behind(&suite.intake, &of_all(after)).await.unwrap();
    assert_eq!(behind.events, 2);
    let oldest_age = behind.oldest_age.unwrap();
    assert!((seconds(90)..seconds(150)).contains(&oldest_age), "{oldest_age}");
}

#[tokio::test]
async fn only_the_types_that_somebody_follows_are_counted_and_each_once() {
    let suite = Suite::start().await;
    for note in ["one", "two"] {
        record(&suite.intake, ACME, note).await;
    }
    assert_eq!(events_behind(&suite, &wanting(&[MILESTONE])).await, 2);
    assert_eq!(events_behind(&suite, &wanting(&[MILESTONE, "callout.types.v1.Record", MILESTONE])).await, 2);
    assert_eq!(events_behind(&suite, &wanting(&["callout.types.v1.Record"])).await, 0);
}

#[tokio::test]
async fn an_event_that_has_to_wait_for_an_older_transaction_is_counted() {
    let suite = Suite::start().await;
    let mut older = suite.superuser.begin().await.unwrap();
    sqlx::query("select pg_current_xact_id()").execute(&mut *older).await.unwrap();
    record(&suite.intake, ACME, "one").await;
    assert!(feed::page(&suite.intake, &of_all(Cursor::START), 10).await.unwrap().events.is_empty());
    assert_eq!(events_behind(&suite, &of_all(Cursor::START)).await, 1);
    older.rollback().await.unwrap();
}

#[tokio::test]
async fn no_more_than_ten_thousand_are_counted_and_the_age_is_that_of_the_oldest_all_the_same() {
    let suite = Suite::start().await;
    let many = "insert into intake.event
                       (position, event_id, organization, subject, type, payload, traceparent, occurred_at, recorded_at,
                        appended_at)
                select n, gen_random_uuid(), 'acme', '', case n % 2 when 0 then 'a' else 'b' end, '', '', now(), now(),
                       now() - make_interval(hours => 1, secs => -n / 10)
                  from generate_series(1, 20002) n";
    sqlx::query(many).execute(&suite.superuser).await.unwrap();
    for subscription in [of_all(Cursor::START), wanting(&["a"]), wanting(&["b", "a"])] {
        let behind = backlog::behind(&suite.intake, &subscription).await.unwrap();
        assert_eq!(behind.events, 10_000, "{:?}", subscription.types);
        assert!(behind.oldest_age.unwrap() >= seconds(3599), "{:?}: {behind:?}", subscription.types);
    }
}

#[tokio::test]
async fn an_organisation_hears_of_its_own_backlog_an_agency_of_none_and_only_a_service_of_all() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "ours").await;
    record(&suite.intake, OTHER, "theirs").await;
    assert_eq!(events_behind(&suite, &of(ACME)).await, 1);
    let mut agent = of(ACME);
    agent.caller.agency = Some("north".to_owned());
    assert_eq!(events_behind(&suite, &agent).await, 0);
    for asker in [caller(ACME), caller(Caller::EVERY_ORGANIZATION), Caller::service("dispatch", ACME)] {
        let asks_for_all = Subscription { caller: asker, ..of_all(Cursor::START) };
        let refusal = backlog::behind(&suite.intake, &asks_for_all).await;
        assert!(matches!(refusal, Err(Error::NotFound { .. })), "{refusal:?}");
    }
}

async fn set(journal: &Journal, organization: &str, key: &'static str, run_at: Timestamp) {
    let schedule = async move |tx: &mut TenantTx| {
        let timer = Schedule { key, kind: "limit", subject: "organizations/acme/cases/1", run_at, payload: &[] };
        timers::schedule(tx, timer);
        Ok(Record::default())
    };
    let command = command(organization, &new_request_id()).request_id.to_owned();
    let command = crate::support::command(organization, &command);
    journal.command(&caller(organization), command, &request(key), schedule).await.unwrap();
}

async fn waiting(journal: &Journal, as_of: Timestamp) -> Waiting {
    let all = Caller::service("intake", Caller::EVERY_ORGANIZATION);
    let look = async move |tx: &mut TenantTx| backlog::waiting(tx, as_of).await;
    journal.read(&all, Caller::EVERY_ORGANIZATION, look).await.unwrap()
}

#[tokio::test]
async fn a_timer_is_due_when_its_time_has_come_and_late_a_minute_after() {
    let suite = Suite::start().await;
    let noon = time("2026-03-06T12:00:00Z");
    set(&suite.intake, ACME, "arrival", noon).await;
    set(&suite.intake, OTHER, "arrival", noon + seconds(30)).await;
    // Nobody runs those of a sandbox before its clock is moved.
    set(&suite.intake, LAB, "arrival", noon).await;
    let mut seen = Vec::new();
    for after in [-1, 0, 59, 60, 90] {
        let Waiting { timers_due, timers_late, .. } = waiting(&suite.intake, noon + seconds(after)).await;
        seen.push((timers_due, timers_late));
    }
    assert_eq!(seen, [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)]);

    // One that fails stays due, although it is not tried again before its back-off is over.
    let fail = async |_: &mut TenantTx, _: &timers::Timer| Err(Error::DeadlineExceeded);
    assert_eq!(timers::work(&suite.intake, noon, &fail).await.unwrap(), 1);
    assert_eq!(waiting(&suite.intake, noon).await.timers_due, 1);
}

#[tokio::test]
async fn a_service_knows_how_far_it_has_read_each_feed() {
    let suite = Suite::start().await;
    let now = clock::system_now();
    assert!(waiting(&suite.dispatch, now).await.places.is_empty());
    let read = "insert into dispatch.follower (name, xid, position) values ('intake', '77', 3), ('inventory', '99', 0)";
    sqlx::query(read).execute(&suite.superuser).await.unwrap();
    let places = waiting(&suite.dispatch, now).await.places;
    let mut told: Vec<String> = places.iter().map(|(of, place)| format!("{} {place}", of.schema())).collect();
    told.sort();
    assert_eq!(told, ["intake 77.3", "inventory 99.0"]);
}
