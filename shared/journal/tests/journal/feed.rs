use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use callout_contract::{
    events::v1::Event,
    types::v1::{Milestone, Record},
};
use callout_journal::{
    Cursor, DatabaseResult as _, Service, TenantTx,
    feed::{self, Subscription},
};
use callout_kit::{Caller, Error};
use futures::{StreamExt as _, TryStreamExt as _, future::join_all};
use prost::Message as _;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;

use crate::support::*;

fn of_all(after: Cursor) -> Subscription {
    let caller = Caller::service("dispatch", Caller::EVERY_ORGANIZATION);
    Subscription { caller, organization: Caller::EVERY_ORGANIZATION.to_owned(), after, types: Vec::new() }
}

fn of(organization: &str) -> Subscription {
    Subscription {
        caller: caller(organization),
        organization: organization.to_owned(),
        after: Cursor::START,
        types: Vec::new(),
    }
}

fn note(event: &Event) -> String {
    Milestone::decode(event.payload.as_ref().unwrap().value.as_slice()).unwrap().event
}

fn all_notes(events: &[Event]) -> Vec<String> {
    events.iter().map(note).collect()
}

async fn to_end(suite: &Suite, subscription: Subscription) -> Vec<Event> {
    soon(feed::subscribe(&suite.intake, subscription, true).try_collect()).await.unwrap()
}

#[tokio::test]
async fn an_event_says_what_happened_to_what_and_when() {
    let suite = Suite::start().await;
    record(&suite.intake, LAB, "arrived").await;
    let events = to_end(&suite, of(LAB)).await;
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.organization, "organizations/lab");
    assert_eq!(event.subject, "organizations/acme/visits/1");
    assert_eq!(event.r#type, "callout.types.v1.Milestone");
    assert_eq!(event.payload.as_ref().unwrap().type_url, "type.googleapis.com/callout.types.v1.Milestone");
    let at = callout_kit::parse::to_timestamp(time("2026-03-06T08:00:00Z"));
    assert_eq!((event.occurred_at, event.recorded_at), (Some(at), Some(at)));
    assert_eq!(note(event), "arrived");
}

#[tokio::test]
async fn events_of_a_transaction_come_in_the_order_in_which_they_were_appended() {
    let suite = Suite::start().await;
    let tell_three = async |tx: &mut TenantTx| {
        for note in ["departed", "arrived", "completed"] {
            tell(tx, note);
        }
        Ok(Record::default())
    };
    suite.intake.command(&caller(ACME), command(ACME, &new_request_id()), &request(""), tell_three).await.unwrap();
    assert_eq!(all_notes(&to_end(&suite, of(ACME)).await), ["departed", "arrived", "completed"]);
}

#[tokio::test]
async fn an_event_that_commits_after_a_later_one_is_not_lost() {
    let suite = Suite::start().await;
    let (told, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (intake, told, go_on) = (suite.intake.clone(), told.clone(), go_on.clone());
        tokio::spawn(async move {
            let run = async move |tx: &mut TenantTx| {
                let answer = record_visit(tx, "slow").await?;
                told.notify_one();
                go_on.notified().await;
                Ok(answer)
            };
            intake.command(&caller(ACME), command(ACME, &new_request_id()), &request("slow"), run).await
        })
    };
    soon(told.notified()).await;
    record(&suite.intake, ACME, "fast").await;

    let page = feed::page(&suite.intake, &of_all(Cursor::START), 10).await.unwrap();
    assert_eq!(all_notes(&page.events), [""; 0], "a reader that goes on from here never comes back for the slow one");
    assert!(!page.at_end);
    let reader = tokio::spawn(feed::subscribe(&suite.intake, of_all(Cursor::START), true).try_collect::<Vec<_>>());
    go_on.notify_one();
    soon(slow).await.unwrap().unwrap();
    assert_eq!(all_notes(&soon(reader).await.unwrap().unwrap()), ["slow", "fast"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_of_many_writers_gets_each_event_once_and_those_of_a_writer_in_order() {
    const WRITERS: usize = 8;
    const EACH: usize = 25;
    let suite = Suite::start().await;
    let reader = tokio::spawn(
        feed::subscribe(&suite.intake, of_all(Cursor::START), false).take(WRITERS * EACH).try_collect::<Vec<_>>(),
    );
    let writers = (0..WRITERS).map(|writer| {
        let intake = suite.intake.clone();
        tokio::spawn(async move {
            for nth in 0..EACH {
                let said = format!("{writer} {nth:02}");
                let run = async move |tx: &mut TenantTx| {
                    tell(tx, &said);
                    // Commits interleave with those of the others: some hold their place longer than others.
                    let pause = f64::from(u32::try_from((writer * 7 + nth * 3) % 5).unwrap()) / 1000.0;
                    sqlx::query("select pg_sleep($1)").bind(pause).execute(tx.conn()).await.db()?;
                    Ok(Record::default())
                };
                let organization = [ACME, OTHER][nth % 2];
                let command = command(organization, &new_request_id()).request_id.to_owned();
                let command = crate::support::command(organization, &command);
                intake.command(&caller(organization), command, &request(""), run).await.unwrap();
            }
        })
    });
    join_all(writers).await;
    let events = soon(reader).await.unwrap().unwrap();
    assert_eq!(events.iter().map(|event| &event.id).collect::<HashSet<_>>().len(), WRITERS * EACH);
    for writer in 0..WRITERS {
        let own = events.iter().map(note).filter(|note| note.starts_with(&format!("{writer} ")));
        assert_eq!(own.collect::<Vec<_>>(), (0..EACH).map(|nth| format!("{writer} {nth:02}")).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_reader_goes_on_after_its_cursor() {
    let suite = Suite::start().await;
    for note in ["one", "two", "three"] {
        record(&suite.intake, ACME, note).await;
    }
    let first = &to_end(&suite, of(ACME)).await[0];
    let after = Cursor::decode(Service::Intake, &first.cursor).unwrap();
    assert_eq!(all_notes(&to_end(&suite, Subscription { after, ..of(ACME) }).await), ["two", "three"]);
    let page = feed::page(&suite.intake, &Subscription { after, ..of(ACME) }, 1).await.unwrap();
    assert_eq!((all_notes(&page.events), page.at_end), (vec!["two".to_owned()], false));
}

#[tokio::test]
async fn a_reader_that_waits_gets_what_comes_later() {
    let suite = Suite::start().await;
    let mut events = Box::pin(feed::subscribe(&suite.intake, of(ACME), false));
    record(&suite.intake, OTHER, "theirs").await;
    record(&suite.intake, ACME, "one").await;
    assert_eq!(note(&soon(events.next()).await.unwrap().unwrap()), "one");
    record(&suite.intake, ACME, "two").await;
    assert_eq!(note(&soon(events.next()).await.unwrap().unwrap()), "two");
}

#[tokio::test]
async fn what_happens_right_after_an_event_was_read_waits_for_what_may_be_read_with_it() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "0").await;
    let begun = Instant::now();
    let mut events = Box::pin(feed::subscribe(&suite.intake, of_all(Cursor::START), false));
    for next in 0..10 {
        assert_eq!(note(&soon(events.next()).await.unwrap().unwrap()), next.to_string());
        record(&suite.intake, ACME, &(next + 1).to_string()).await;
    }
    assert!(begun.elapsed() >= Duration::from_millis(9 * 20), "ten looks within {:?}", begun.elapsed());
}

#[tokio::test]
async fn what_was_committed_is_announced_by_its_type() {
    let suite = Suite::start().await;
    let mut listener = PgListener::connect_with(&suite.superuser).await.unwrap();
    listener.listen("intake_event").await.unwrap();
    record(&suite.intake, ACME, "one").await;
    assert_eq!(soon(Box::pin(listener.recv())).await.unwrap().payload(), "callout.types.v1.Milestone");
}

#[tokio::test]
async fn only_the_wanted_types_are_read() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "one").await;
    let wanting = |kind: &str| Subscription { types: vec![kind.to_owned()], ..of(ACME) };
    assert_eq!(to_end(&suite, wanting("callout.types.v1.Milestone")).await.len(), 1);
    assert_eq!(to_end(&suite, wanting("callout.types.v1.Record")).await.len(), 0);
}

#[tokio::test]
async fn an_organisation_reads_its_own_events_and_only_a_service_those_of_all() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "ours").await;
    record(&suite.intake, OTHER, "theirs").await;
    assert_eq!(all_notes(&to_end(&suite, of(ACME)).await), ["ours"]);
    assert_eq!(all_notes(&to_end(&suite, of_all(Cursor::START)).await), ["ours", "theirs"]);
    let asks_for_all = Subscription { caller: caller(ACME), ..of_all(Cursor::START) };
    assert!(matches!(feed::page(&suite.intake, &asks_for_all, 10).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn an_agency_has_no_feed() {
    let suite = Suite::start().await;
    record(&suite.intake, ACME, "ours").await;
    let mut agent = of(ACME);
    agent.caller.agency = Some("north".to_owned());
    assert!(to_end(&suite, agent).await.is_empty());
}
