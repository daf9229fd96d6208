//! The limits of a work order: what is told when they run out, are near their end, or do not count after all.

use callout_contract::{
    dispatch::v1::{self as pb, work_orders_server::WorkOrders as _},
    events::v1::{LimitMissRetracted, LimitMissed, LimitNearing},
    intake::v1::case::Cause,
    regulation::v1::{Limit, limit},
};

use crate::{
    findings::{analysed, tell},
    support::*,
};

#[tokio::test]
async fn a_limit_that_runs_out_is_told_once_and_once_more_when_its_event_comes_late() {
    let suite = Suite::start().await;
    let order = ready(&suite).await;
    let running = suite.get(&order).await;
    assert_eq!(running.next_due_at, at("2026-03-10T09:00:00+08:00"));
    suite.clock("2026-03-10T09:00:00+08:00").await;
    assert!(suite.told::<LimitMissed>().await.is_empty(), "the last second is in time");
    suite.clock("2026-03-10T09:00:01+08:00").await;
    suite.clock("2026-03-11T09:00:00+08:00").await;
    let states = |missed: Vec<LimitMissed>| {
        missed.into_iter().map(|missed| (missed.responsible, missed.limit.unwrap().state())).collect::<Vec<_>>()
    };
    let by_wang = |state| ("wang".to_owned(), state);
    assert_eq!(states(suite.told().await), [by_wang(limit::State::Overdue)]);
    suite.complete(&order).await;
    assert_eq!(states(suite.told().await), [by_wang(limit::State::Overdue), by_wang(limit::State::MetLate)]);
}

/// An engineer who is at the site, as it is reported when it is over.
async fn arrived(suite: &Suite, order: &str, departed_at: &str, arrived_at: &str) -> pb::WorkOrder {
    let depart = pb::DepartWorkOrderRequest {
        name: order.to_owned(),
        occurred_at: at(departed_at),
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.depart_work_order(by("wang", "engineer", depart)).await.unwrap();
    let arrive = pb::ArriveWorkOrderRequest {
        name: order.to_owned(),
        occurred_at: at(arrived_at),
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.arrive_work_order(by("wang", "engineer", arrive)).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_miss_that_was_told_is_taken_back_once_when_the_arrival_is_reported_late_to_have_been_in_time() {
    let suite = Suite::start().await;
    let order = ready(&suite).await;
    suite.clock("2026-03-10T10:00:00+08:00").await;
    assert_eq!(suite.told::<LimitMissed>().await.len(), 1);
    assert!(suite.told::<LimitMissRetracted>().await.is_empty());
    arrived(&suite, &order, "2026-03-09T15:00:00+08:00", "2026-03-10T08:30:00+08:00").await;
    suite.clock("2026-03-10T12:00:00+08:00").await;
    let [retracted] = &suite.told::<LimitMissRetracted>().await[..] else { panic!("told once") };
    assert_eq!((retracted.subject.as_str(), retracted.responsible.as_str()), (order.as_str(), "wang"));
    let limit = retracted.limit.as_ref().unwrap();
    assert_eq!((limit.limit.as_str(), limit.state()), ("arrival", limit::State::Met));
    assert_eq!(retracted.retractions, 0, "the first miss of the limit");
    assert_eq!(suite.told::<LimitMissed>().await.len(), 1);
}

#[tokio::test]
async fn a_miss_stands_when_the_arrival_is_reported_late_to_have_been_late() {
    let suite = Suite::start().await;
    let order = ready(&suite).await;
    suite.clock("2026-03-10T12:00:00+08:00").await;
    arrived(&suite, &order, "2026-03-09T15:00:00+08:00", "2026-03-10T09:00:01+08:00").await;
    assert!(suite.told::<LimitMissRetracted>().await.is_empty());
    let missed = suite.told::<LimitMissed>().await;
    assert_eq!(missed.iter().map(|missed| missed.retractions).collect::<Vec<_>>(), [0, 0]);
}

#[tokio::test]
async fn a_miss_is_taken_back_when_its_limit_does_not_apply_any_more() {
    let suite = Suite::start().await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await;
    suite.clock("2026-03-10T12:00:00+08:00").await;
    tell(&suite, analysed(&order, Cause::Misuse)).await;
    let [retracted] = &suite.told::<LimitMissRetracted>().await[..] else { panic!("told once") };
    let limit = retracted.limit.as_ref().unwrap();
    assert_eq!((limit.limit.as_str(), limit.state()), ("arrival", limit::State::Unspecified));
    tell(&suite, analysed(&order, Cause::Quality)).await;
    let missed = suite.told::<LimitMissed>().await;
    assert_eq!(missed.iter().map(|missed| missed.retractions).collect::<Vec<_>>(), [0, 1], "missed anew");
}

#[tokio::test]
async fn a_limit_that_still_runs_is_told_to_be_near_its_end_once() {
    let suite = Suite::start().await;
    let order = ready(&suite).await;
    let [arrival] = &suite.get(&order).await.limits[..] else { panic!("one limit runs") };
    assert_eq!(arrival.warn_at, at("2026-03-10T05:00:00+08:00"));
    suite.clock("2026-03-10T04:59:59+08:00").await;
    assert!(suite.told::<LimitNearing>().await.is_empty(), "four hours before it falls due, and no sooner");
    suite.clock("2026-03-10T05:00:00+08:00").await;
    let [nearing] = &suite.told::<LimitNearing>().await[..] else { panic!("told once") };
    assert_eq!((nearing.subject.as_str(), nearing.responsible.as_str()), (order.as_str(), "wang"));
    assert_eq!(nearing.due_at, at("2026-03-10T09:00:00+08:00"));
    assert_eq!(nearing.limit.as_ref().map(Limit::state), Some(limit::State::Running));
    assert_eq!(nearing.regulation, "R01-aerial-platforms@1");
    suite.prepare(&order).await;
    assert_eq!(suite.told::<LimitNearing>().await.len(), 1, "whatever else happens while it runs");
    suite.clock("2026-03-11T09:00:00+08:00").await;
    suite.complete(&order).await;
    assert_eq!(suite.told::<LimitNearing>().await.len(), 1, "what runs out and comes late is not near its end");
}

#[tokio::test]
async fn nobody_is_warned_of_a_limit_that_was_met_or_ended() {
    let suite = Suite::start().await;
    let met = ready(&suite).await;
    suite.complete(&met).await;
    let ended = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    let request = pb::CancelWorkOrderRequest {
        name: ended,
        reason: "the machine runs again".to_owned(),
        request_id: request_id(),
        ..pb::CancelWorkOrderRequest::default()
    };
    suite.dispatch.cancel_work_order(desk(request)).await.unwrap();
    suite.clock("2026-03-10T05:00:00+08:00").await;
    assert!(suite.told::<LimitNearing>().await.is_empty());
}
