//! What is measured of the work: each thing is done through the suite, and the metrics say so.

use std::{collections::BTreeSet, time::Duration};

use callout_kit::{
    metrics::{self, Counter, Definition, Gauge, Histogram},
    telemetry::{MeasuredValue as Value, MetricCollector},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{
    journey::{self, Left, Machines, People},
    readings::Metrics,
    stage::Stage,
    world::World,
};

/// An organisation with people and machines, before anybody calls.
async fn open(stage: &Stage) -> (World<'_>, People, Machines) {
    let mut world = World::new(stage, "acme");
    journey::found(&mut world).await;
    world.hire("chen", "marketing");
    let people = journey::people(&mut world, &mut Left::default()).await;
    let machines = journey::machines(&mut world).await;
    (world, people, machines)
}

/// Somebody who is not of the desk takes a repair in.
async fn call_comes_in(world: &mut World<'_>, machines: &Machines) -> String {
    let case = json!({"kind": "KIND_REPAIR", "product": machines.old, "contact": "Mr Li", "fault": "Boom is stuck"});
    world.make("chen", "intake/Cases/CreateCase", json!({"parent": world.sandbox, "case": case})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_work_is_measured_by_the_metrics_of_the_list_and_told_apart_by_their_attributes_alone() {
    let collector = MetricCollector::default();
    let stage = Stage::measured(&collector).await;
    let mut world = World::new(&stage, "acme");
    let left = journey::live(&mut world).await;
    let unprepared = world.prepare("wang", "dispatch/WorkOrders/DepartWorkOrder", json!({"name": left.agency_order}));
    world.send(&unprepared).await.expect_err("nothing is on record");
    let cancelled = world.exchanges.iter().find(|made| made.method.name() == "CancelCase").expect("it was").clone();
    world.send(&cancelled).await.expect("the first answer");
    let again = world.prepare("lin", "dispatch/WorkOrders/CreateWorkOrder", {
        let first = world.exchanges.iter().find(|made| made.method.name() == "CreateWorkOrder").expect("it was");
        serde_json::to_value(&first.request).expect("a request has JSON")
    });
    world.send(&again).await.expect_err("a second order for the case");

    let definitions: Vec<Definition> = metrics::all().map(|(_, definition)| definition).collect();
    let Metrics(measured) = Metrics::of(&stage, &collector).await;
    for it in &measured {
        let definition = definitions.iter().find(|definition| definition.name == it.name);
        let Definition { unit, meaning, attributes, .. } = definition.unwrap_or_else(|| panic!("{it:?} is on no list"));
        assert_eq!((it.unit.as_str(), it.description.as_str()), (*unit, meaning.trim()), "{it:?}");
        let names: BTreeSet<&str> = it.attributes.keys().map(String::as_str).collect();
        assert_eq!(names, attributes.iter().copied().collect(), "{it:?}");
        let tells_whose = |value: &str| value.contains("organizations/") || value.parse::<uuid::Uuid>().is_ok();
        assert!(!it.attributes.values().any(|value| tells_whose(value)), "{it:?}");
    }
    let names: BTreeSet<&str> = measured.iter().map(|it| it.name.as_str()).collect();
    // Calls are measured for the process and not for a test.
    let missing: Vec<&str> = definitions.iter().map(|it| it.name).filter(|name| !name.starts_with("rpc.")).collect();
    let missing: Vec<&&str> = missing.iter().filter(|name| !names.contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?} did not occur");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_cases_are_counted_by_where_they_stand_and_how_old_they_are_by_the_clock_of_their_organisation() {
    let collector = MetricCollector::default();
    let stage = Stage::measured(&collector).await;
    let (mut world, _, machines) = open(&stage).await;
    let metrics = Metrics::of(&stage, &collector).await;
    assert_eq!(metrics.open_cases("sandbox", "at_desk", "under_4h"), Some(0), "what is not there is none");

    call_comes_in(&mut world, &machines).await;
    journey::repair(&mut world, &machines, &machines.old).await;
    let dispatched = journey::repair(&mut world, &machines, &machines.partners).await;
    journey::dispatch(&mut world, &dispatched, "MODE_REMOTE").await;
    let withdrawn = journey::repair(&mut world, &machines, &machines.old).await;
    world.call("lin", "intake/Cases/CancelCase", json!({"name": withdrawn, "reason": "Withdrawn"})).await;
    world.at("2026-03-11T03:59:59Z").await;
    let metrics = Metrics::of(&stage, &collector).await;
    for state in ["received", "at_desk", "dispatched"] {
        assert_eq!(metrics.open_cases("sandbox", state, "under_4h"), Some(1), "{state}");
    }
    assert_eq!(metrics.open_cases("sandbox", "solution_fixed", "under_4h"), Some(0));

    world.at("2026-03-11T04:00:00Z").await;
    journey::repair(&mut world, &machines, &machines.old).await;
    let metrics = Metrics::of(&stage, &collector).await;
    let at_desk = |age| metrics.open_cases("sandbox", "at_desk", age);
    assert_eq!((at_desk("under_4h"), at_desk("under_1d"), at_desk("under_3d")), (Some(1), Some(1), Some(0)));
    world.at("2026-04-11T00:00:00Z").await;
    let metrics = Metrics::of(&stage, &collector).await;
    assert_eq!(metrics.open_cases("sandbox", "at_desk", "over_30d"), Some(2));

    // One of the live organisation, whose clock is the one on the wall.
    world.sandbox = world.owner.clone();
    world.hire("wu", "desk");
    let case = json!({"kind": "KIND_ENQUIRY", "contact": "Mr Li", "fault": "Which gear oil?"});
    let request = json!({"parent": world.owner, "case": case, "atDesk": true});
    world.call("wu", "intake/Cases/CreateCase", request).await;
    let metrics = Metrics::of(&stage, &collector).await;
    assert_eq!(metrics.open_cases("live", "at_desk", "under_4h"), Some(1));
    assert_eq!(metrics.open_cases("sandbox", "at_desk", "over_30d"), Some(2));
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_until_the_desk_has_a_case_and_until_it_first_contacts_the_customer_is_measured_once() {
    let collector = MetricCollector::default();
    let stage = Stage::measured(&collector).await;
    let (mut world, _, machines) = open(&stage).await;
    let case = call_comes_in(&mut world, &machines).await;
    journey::repair(&mut world, &machines, &machines.old).await;
    world.at("2026-03-11T02:00:00Z").await;
    // Reported late: what counts is when it happened.
    let pass = json!({"name": case, "occurredAt": "2026-03-11T01:00:00Z"});
    world.call("chen", "intake/Cases/PassCase", pass).await;
    for _ in 0..2 {
        world.call("lin", "intake/Cases/ContactCustomer", json!({"name": case, "note": "Rang"})).await;
    }
    let metrics = Metrics::of(&stage, &collector).await;
    let (an_hour, two_hours) = (3600.0, 7200.0);
    let accepted = Some(Value::Times { count: 2, sum_s: an_hour });
    assert_eq!(metrics.times(Histogram::CaseAcceptance, "repair"), accepted, "one at once, one after an hour");
    let contacted = Some(Value::Times { count: 1, sum_s: two_hours });
    assert_eq!(metrics.times(Histogram::CaseFirstContact, "repair"), contacted);
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_limit_is_counted_once_whether_or_not_its_event_comes_after_all() {
    let collector = MetricCollector::default();
    let stage = Stage::measured(&collector).await;
    let (mut world, _, machines) = open(&stage).await;
    let missed = |metrics: &Metrics| {
        let of = [("callout.mode", "sandbox"), ("callout.subject", "case"), ("callout.limit", "pass_on")];
        metrics.count(Counter::LimitsMissed, "intake", of)
    };
    let case = call_comes_in(&mut world, &machines).await;
    // Four working hours, of which the last second is in time.
    world.at("2026-03-11T04:00:00Z").await;
    assert_eq!(missed(&Metrics::of(&stage, &collector).await), 0);
    world.at("2026-03-11T10:00:00Z").await;
    assert_eq!(missed(&Metrics::of(&stage, &collector).await), 1);
    world.call("chen", "intake/Cases/PassCase", json!({"name": case})).await;
    world.at("2026-03-12T10:00:00Z").await;
    assert_eq!(missed(&Metrics::of(&stage, &collector).await), 1);
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_counted_by_the_rule_and_the_transition_and_a_conflict_by_what_was_wanted_twice() {
    let collector = MetricCollector::default();
    let stage = Stage::measured(&collector).await;
    let (mut world, people, machines) = open(&stage).await;
    let visit = json!({"engineer": people.wang, "startAt": "2026-03-12T01:00:00Z", "endAt": "2026-03-12T05:00:00Z"});
    let mut orders = Vec::new();
    for _ in 0..2 {
        let case = journey::repair(&mut world, &machines, &machines.partners).await;
        orders.push(journey::dispatch(&mut world, &case, "MODE_ON_SITE").await);
    }
    let plan = |order: &str| json!({"name": order, "visit": visit});
    world.call("lin", "dispatch/WorkOrders/ScheduleVisit", plan(&orders[0])).await;
    let booked = world.prepare("lin", "dispatch/WorkOrders/ScheduleVisit", plan(&orders[1]));
    world.send(&booked).await.expect_err("he is elsewhere");
    let unprepared = world.prepare("wang", "dispatch/WorkOrders/DepartWorkOrder", json!({"name": orders[0]}));
    for _ in 0..3 {
        world.send(&unprepared).await.expect_err("nothing is on record");
    }
    let verdict = |rule: &str| json!({"outcome": "OUTCOME_FREE", "payer": "company", "explanation": {"rule": rule}});
    let parent = world.sandbox.clone();
    let order = |case: &str, rule: &str| {
        json!({
            "parent": parent, "case": case, "mode": "WORK_MODE_REMOTE", "verdict": verdict(rule),
            "milestones": [{"event": "received", "occurredAt": "2026-03-11T00:00:00Z"}],
            "regulation": "R01-aerial-platforms@1", "facts": {"product.class": "2", "case.kind": "repair"},
        })
    };
    let case = journey::repair(&mut world, &machines, &machines.partners).await;
    let request = order(&case, "whatever somebody typed");
    let free = world.make("lin", "dispatch/WorkOrders/CreateWorkOrder", request).await;
    let second = world.prepare("lin", "dispatch/WorkOrders/CreateWorkOrder", order(&case, "R01-02"));
    world.send(&second).await.expect_err("there is one already");
    let request = json!({"parent": free, "quote": {"persons": 1, "days": "1"}});
    let quote = world.prepare("lin", "dispatch/Quotes/CreateQuote", request);
    world.send(&quote).await.expect_err("nothing is charged");

    let metrics = Metrics::of(&stage, &collector).await;
    let sandbox = ("callout.mode", "sandbox");
    let quote = ("rpc.method", "callout.dispatch.v1.Quotes/CreateQuote");
    let other = metrics.count(Counter::RulesRefused, "dispatch", [sandbox, quote, ("callout.rule", "other")]);
    assert_eq!(other, 1, "what a request says of its rule is no attribute");
    let depart = ("rpc.method", "callout.dispatch.v1.WorkOrders/DepartWorkOrder");
    let points = metrics.count(Counter::RulesRefused, "dispatch", [sandbox, depart, ("callout.rule", "R01-34")]);
    assert_eq!(points % 3, 0, "each of the three calls was refused alike");
    assert!(points >= 3, "{points}");
    let of_kind = |kind| metrics.count(Counter::ConflictsRefused, "dispatch", [sandbox, ("callout.conflict", kind)]);
    assert_eq!((of_kind("engineer_booked"), of_kind("order_active")), (1, 1));
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_repeated_and_entered_is_counted_by_its_kind() {
    let collector = MetricCollector::default();
    let stage = Stage::measured(&collector).await;
    let (mut world, _, machines) = open(&stage).await;
    let case = call_comes_in(&mut world, &machines).await;
    let received = world.exchanges.last().expect("the call").clone();
    for _ in 0..2 {
        world.send(&received).await.expect("the first answer");
    }
    let finding = json!({"kind": "information_withheld", "person": "chen", "subject": case, "note": "Not told"});
    world.call("lin", "evaluation/Findings/CreateFinding", json!({"parent": world.sandbox, "finding": finding})).await;

    let metrics = Metrics::of(&stage, &collector).await;
    let sandbox = ("callout.mode", "sandbox");
    let told = [sandbox, ("callout.event.type", "callout.intake.v1.CaseReceived")];
    assert_eq!(metrics.count(Counter::EventsAppended, "intake", told), 1);
    let method = ("rpc.method", "callout.intake.v1.Cases/CreateCase");
    assert_eq!(metrics.count(Counter::RequestsReplayed, "intake", [sandbox, method]), 2);
    let entered = [sandbox, ("callout.trigger", "finding"), ("callout.consequence", "not_passed_on")];
    assert_eq!(metrics.count(Counter::LedgerEntries, "evaluation", entered), 1);
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn loans_are_outstanding_until_they_come_back_and_overdue_when_the_time_to_act_has_passed() {
    let collector = MetricCollector::default();
    let stage = Stage::measured(&collector).await;
    let mut world = World::new(&stage, "acme");
    journey::found(&mut world).await;
    let stock = journey::stock(&mut world).await;
    let wish = json!({"item": stock.hose, "quantity": "2", "grounds": "Winter"});
    let request = json!({"parent": world.sandbox, "purchaseRequisition": wish});
    let wish = world.make("zhao", "inventory/PurchaseRequisitions/CreatePurchaseRequisition", request).await;
    let lines = json!([{"item": stock.hose, "quantity": "1"}]);
    let slip = json!({"purpose": "mail", "borrower": "zhao", "place": stock.warehouse, "lines": lines});
    let request = json!({"parent": world.sandbox, "loanSlip": slip});
    let slip = world.make("zhao", "inventory/LoanSlips/CreateLoanSlip", request).await;
    let requisitions = |metrics: &Metrics| {
        ["sandbox", "live"].map(|mode| metrics.gauge(Gauge::RequisitionsOpen, "inventory", [("callout.mode", mode)]))
    };
    let metrics = Metrics::of(&stage, &collector).await;
    assert_eq!(metrics.loans(), [Some(0), Some(0)], "nothing has left the warehouse");
    assert_eq!(requisitions(&metrics), [Some(1), Some(0)], "the one of the stock was fulfilled");

    let issued = world.call("ku", "inventory/LoanSlips/IssueLoanSlip", json!({"name": slip})).await;
    let due_at = issued["nextDueAt"].as_str().expect("somebody has to act").to_owned();
    let request = json!({"name": wish, "place": stock.warehouse});
    world.call("ping", "inventory/PurchaseRequisitions/FulfilPurchaseRequisition", request).await;
    world.at(&due_at).await;
    let metrics = Metrics::of(&stage, &collector).await;
    assert_eq!((metrics.loans(), requisitions(&metrics)), ([Some(1), Some(0)], [Some(0), Some(0)]));
    let late_at: Timestamp = due_at.parse().expect("a time");
    world.at(&(late_at + SignedDuration::from_secs(1)).to_string()).await;
    assert_eq!(Metrics::of(&stage, &collector).await.loans(), [Some(1), Some(1)]);

    let shipment = json!({"carrier": "SF Express", "trackingNumber": "SF1234567"});
    for delivered in [false, true] {
        let request = json!({"name": slip, "shipment": shipment, "delivered": delivered});
        world.call("zhao", "inventory/LoanSlips/ShipLoanSlip", request).await;
    }
    let request = json!({"name": slip, "lines": [{"line": 1, "unused": "1"}]});
    world.call("zhao", "inventory/LoanSlips/HandInLoanSlip", request).await;
    assert_eq!(Metrics::of(&stage, &collector).await.loans(), [Some(0), Some(0)], "it waits for its inspection");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_go_on_reading_is_behind_by_what_was_told_since_and_for_as_long() {
    let collector = MetricCollector::default();
    let stage = Stage::measured(&collector).await;
    let (mut world, _, machines) = open(&stage).await;
    let case = call_comes_in(&mut world, &machines).await;
    // Moving a clock lets everybody read to the end.
    world.at("2026-03-11T01:00:00Z").await;
    let metrics = Metrics::of(&stage, &collector).await;
    let follow = [
        ("intake", "dispatch"),
        ("dispatch", "intake"),
        ("inventory", "intake"),
        ("inventory", "dispatch"),
        ("evaluation", "intake"),
        ("evaluation", "dispatch"),
        ("evaluation", "inventory"),
        ("evaluation", "evaluation"),
    ];
    for (service, upstream) in follow {
        assert_eq!(metrics.behind(service, upstream), [Some(0), Some(0)], "{service} reads {upstream}");
    }

    // Nobody reads what comes after a transaction that has not ended.
    let superuser = stage.database.superuser();
    let mut open = superuser.begin().await.expect("a transaction");
    sqlx::query("select pg_current_xact_id()").execute(&mut *open).await.expect("an id of its own");
    world.call("chen", "intake/Cases/PassCase", json!({"name": case})).await;
    world.call("lin", "intake/Cases/ContactCustomer", json!({"name": case, "note": "Rang"})).await;
    let age = "update intake.event set appended_at = appended_at - interval '90 s' where type like '%CaseProgressed'";
    sqlx::query(age).execute(&superuser).await.expect("they get older");
    let metrics = Metrics::of(&stage, &collector).await;
    for service in ["dispatch", "inventory"] {
        let [backlog, lag_s] = metrics.behind(service, "intake");
        assert_eq!(backlog, Some(2), "{service}");
        assert!(lag_s.is_some_and(|lag_s| (90..150).contains(&lag_s)), "{service}: {lag_s:?}");
    }
    assert_eq!(metrics.behind("evaluation", "intake"), [Some(0), Some(0)], "that is nothing to it");

    open.rollback().await.expect("the end of it");
    world.at("2026-03-11T02:00:00Z").await;
    assert_eq!(Metrics::of(&stage, &collector).await.behind("dispatch", "intake"), [Some(0), Some(0)]);
    superuser.close().await;
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gauges_are_looked_at_without_being_told_and_end_with_the_suite() {
    let collector = MetricCollector::default();
    // Where it is exported is never asked for: what is exported in a test is what the collector is given.
    let stage = Stage::measured_with(&collector, |settings| {
        settings.telemetry.otlp_endpoint = Some("http://127.0.0.1:9".to_owned());
    })
    .await;
    let services = ["intake", "dispatch", "inventory", "evaluation"];
    let timers_due = |metrics: &Metrics| services.map(|service| metrics.gauge(Gauge::TimersDue, service, []));
    let looked = async {
        while timers_due(&Metrics::as_they_stand(&collector)) != [Some(0); 4] {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), looked).await.expect("each service looks when it has started");
    stage.stop().await;
    assert_eq!(timers_due(&Metrics::as_they_stand(&collector)), [None; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_exports_nothing_does_not_look_at_the_gauges() {
    let collector = MetricCollector::default();
    let stage = Stage::measured(&collector).await;
    let mut world = World::new(&stage, "acme");
    journey::found(&mut world).await;
    let measured = Metrics::as_they_stand(&collector).0;
    assert!(measured.iter().all(|it| !matches!(it.value, Value::Gauge(_))), "{measured:?}");
    stage.stop().await;
}
