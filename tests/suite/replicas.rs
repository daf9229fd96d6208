//! Two replicas of every service on one database: what is done once by one of them is done once by both.

use std::collections::BTreeMap;

use callout_journal::Service;
use callout_testkit::scenario::Refusal;
use futures::future::join_all;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};

use crate::{
    journey::{self, Left},
    stage::Stage,
    world::{Exchange, World},
};

/// Copies of a call that are sent at once.
const COPIES: usize = 8;

/// Times that two orders want the same engineer at once.
const RACES: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_a_call_sent_to_both_replicas_at_once_have_one_effect_and_one_answer() {
    let stage = Stage::of_replicas(2).await;
    let mut world = World::new(&stage, "acme");
    journey::found(&mut world).await;
    for round in 0..5 {
        let request = json!({"parent": world.sandbox, "customer": {"displayName": format!("Customer {round}")}});
        let call = world.prepare("lin", "intake/Customers/CreateCustomer", request);
        let answers = at_once(&stage, &vec![call; COPIES]).await;
        let first = answers[0].as_ref().expect("a customer");
        assert!(answers.iter().all(|answer| answer.as_ref().ok() == Some(first)), "{answers:?}");
    }
    let request = json!({"parent": world.sandbox});
    let customers = world.call("lin", "intake/Customers/ListCustomers", request).await;
    assert_eq!(customers["customers"].as_array().map(Vec::len), Some(5));
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_orders_that_want_an_engineer_at_the_same_time_through_two_replicas_one_gets_him() {
    let stage = Stage::of_replicas(2).await;
    let mut world = World::new(&stage, "acme");
    journey::found(&mut world).await;
    let people = journey::people(&mut world, &mut Left::default()).await;
    let machines = journey::machines(&mut world).await;
    let mut orders = Vec::new();
    for _ in 0..2 {
        let case = journey::repair(&mut world, &machines, &machines.partners).await;
        orders.push(journey::dispatch(&mut world, &case, "MODE_ON_SITE").await);
    }
    for day in 10..10 + RACES {
        let visit = |from: u32, to: u32| {
            let at = |hour: u32| format!("2026-04-{day}T{hour:02}:00:00Z");
            json!({"engineer": people.wang, "startAt": at(from), "endAt": at(to)})
        };
        let calls: Vec<Exchange> = [(&orders[0], visit(1, 5)), (&orders[1], visit(4, 9))]
            .into_iter()
            .map(|(order, visit)| {
                world.prepare("lin", "dispatch/WorkOrders/ScheduleVisit", json!({"name": order, "visit": visit}))
            })
            .collect();
        let answers = at_once(&stage, &calls).await;
        let refused: Vec<Refusal> =
            answers.iter().filter_map(|answer| answer.as_ref().err()).map(Refusal::from).collect();
        let [refusal] = refused.as_slice() else { panic!("{} of two were refused: {refused:?}", refused.len()) };
        assert_eq!(refusal.reason, "ENGINEER_BOOKED");
    }
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_tell_and_do_what_one_does_alone() {
    let alone = month(1).await;
    let together = month(2).await;
    assert!(alone.values().sum::<i64>() > 100, "little happened: {alone:?}");
    assert_eq!(together, alone);
}

/// How often each thing was told and each limit, claim, duty and entry was made in a month that so many replicas served.
async fn month(replicas: usize) -> BTreeMap<String, i64> {
    let stage = Stage::of_replicas(replicas).await;
    let mut world = World::new(&stage, "acme");
    journey::live(&mut world).await;
    let superuser = stage.database.superuser();
    let organization = world.sandbox.trim_start_matches("organizations/").to_owned();
    let mut done = BTreeMap::new();
    for service in Service::ALL {
        let schema = service.schema();
        done.extend(counts(&superuser, &organization, &format!("select type, count(*) from {schema}.event")).await);
        let audited = format!("select '{schema} ' || method, count(*) from {schema}.audit");
        done.extend(counts(&superuser, &organization, &audited).await);
    }
    superuser.close().await;
    stage.stop().await;
    done
}

async fn counts(superuser: &PgPool, organization: &str, select: &str) -> Vec<(String, i64)> {
    // Schemas are named by the code.
    let statement = AssertSqlSafe(format!("{select} where organization = $1 group by 1"));
    sqlx::query_as(statement).bind(organization).fetch_all(superuser).await.expect("counts")
}

/// Makes the calls at once, each through the replica whose turn it is.
async fn at_once(stage: &Stage, calls: &[Exchange]) -> Vec<Result<Vec<Vec<u8>>, tonic::Status>> {
    let clients = stage.clients();
    let calls = calls.iter().zip(clients.iter().cycle()).map(|(call, client)| async move {
        client.call(&call.method, &call.request, Some(&stage.token(&call.by))).await
    });
    join_all(calls).await
}
