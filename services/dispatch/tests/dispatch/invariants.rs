//! What holds whatever two callers do at the same moment.

use callout_contract::dispatch::v1::{self as pb, work_order::State, work_orders_server::WorkOrders as _};
use callout_journal::{Service, migration::unprotected_tables};
use sqlx::error::DatabaseError;
use tonic::{Code, Response};

use crate::support::*;

#[tokio::test]
async fn no_table_is_without_the_tenants_policy() {
    let suite = Suite::start().await;
    let mut connection = suite.superuser.acquire().await.unwrap();
    assert_eq!(unprotected_tables(&mut connection, Service::Dispatch).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn of_two_orders_for_a_case_at_the_same_moment_one_is_opened() {
    let suite = Suite::start().await;
    let case = new_case();
    let open = || suite.create(opening(&case, Product::Own, pb::WorkMode::OnSite));
    let (one, other) = tokio::join!(open(), open());
    let (opened, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    let opened = opened.unwrap();
    let first = opened.number.clone();
    assert_refused(refused, Code::FailedPrecondition, "ORDER_ACTIVE", &[]);
    assert_eq!(suite.count("select count(*) from dispatch.work_order").await, 1);

    let cancel = pb::CancelWorkOrderRequest {
        name: opened.name,
        reason: "withdrawn".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    let cancelled = suite.dispatch.cancel_work_order(desk(cancel)).await.unwrap().into_inner();
    assert_eq!((cancelled.state(), cancelled.next_due_at), (State::Cancelled, None));
    // The number of the one that was refused may be missing.
    assert!(open().await.unwrap().number > first);
}

#[tokio::test]
async fn the_same_request_opens_one_order_and_has_one_answer() {
    let suite = Suite::start().await;
    let request = opening(&new_case(), Product::Own, pb::WorkMode::OnSite);
    let (one, other) = tokio::join!(suite.create(request.clone()), suite.create(request.clone()));
    let again = suite.create(request).await.unwrap();
    assert_eq!((&one.unwrap(), &other.unwrap()), (&again, &again));
    assert_eq!(suite.events(&again.name).await, ["WorkOrderCreated"]);
}

#[tokio::test]
async fn an_engineer_is_at_one_visit_at_a_time() {
    let suite = Suite::start().await;
    let engineer = suite.engineer("wang", "").await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(suite.order(Product::Own, pb::WorkMode::OnSite).await.name);
    }
    let plan = |order: &str, from: &'static str, to: &'static str| {
        let (order, engineer, suite) = (order.to_owned(), engineer.clone(), &suite);
        async move { suite.schedule(&order, &engineer, from, to).await }
    };
    let noon = "2026-03-10T12:00:00+08:00";
    let (one, other) = tokio::join!(
        plan(&orders[0], "2026-03-10T08:00:00+08:00", noon),
        plan(&orders[1], "2026-03-10T11:59:59+08:00", "2026-03-10T18:00:00+08:00"),
    );
    let (planned, refused, free) = if one.is_ok() { (one, other, &orders[1]) } else { (other, one, &orders[0]) };
    let planned = planned.unwrap();
    assert_refused(refused, Code::FailedPrecondition, "ENGINEER_BOOKED", &[]);
    assert!(suite.get(free).await.visits.is_empty());

    // One begins when the other ends; the day after, too.
    plan(&orders[2], "2026-03-10T18:00:00+08:00", "2026-03-10T20:00:00+08:00").await.unwrap();
    let cancel = pb::CancelVisitRequest { name: planned.visits[0].name.clone(), request_id: request_id() };
    let cancelled = suite.dispatch.cancel_visit(desk(cancel)).await.map(Response::into_inner).unwrap();
    assert!(cancelled.visits[0].cancelled);
    plan(free, "2026-03-10T08:00:00+08:00", "2026-03-10T18:00:00+08:00").await.unwrap();
}

#[tokio::test]
async fn a_cancelled_order_frees_its_engineers_and_one_under_way_keeps_its_last_visit() {
    let suite = Suite::start().await;
    let engineer = suite.engineer("wang", "").await;
    let (from, to) = ("2026-03-10T08:00:00+08:00", "2026-03-10T18:00:00+08:00");
    let first = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    suite.schedule(&first, &engineer, from, to).await.unwrap();
    let cancel = pb::CancelWorkOrderRequest {
        name: first,
        reason: "withdrawn".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.cancel_work_order(desk(cancel)).await.unwrap();

    let second = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    let planned = suite.schedule(&second, &engineer, from, to).await.unwrap();
    suite.prepare(&second).await;
    suite.depart(&second).await.unwrap();
    let cancel = pb::CancelVisitRequest { name: planned.visits[0].name.clone(), request_id: request_id() };
    assert_refused(suite.dispatch.cancel_visit(desk(cancel)).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
}

#[tokio::test]
async fn a_stale_etag_is_refused() {
    let suite = Suite::start().await;
    let order = suite.order(Product::Own, pb::WorkMode::Remote).await;
    suite.record(&order.name, POINTS[0], "quality_office").await.unwrap();
    let complete = pb::CompleteWorkOrderRequest {
        name: order.name,
        etag: order.etag,
        request_id: request_id(),
        ..Default::default()
    };
    assert_refused(suite.dispatch.complete_work_order(desk(complete)).await, Code::Aborted, "ETAG_STALE", &[]);
}

#[tokio::test]
async fn the_database_keeps_no_open_order_without_an_owner_and_a_time_to_act_by() {
    let suite = Suite::start().await;
    suite.order(Product::Own, pb::WorkMode::OnSite).await;
    for broken in [
        "update dispatch.work_order set next_due_at = null",
        "update dispatch.work_order set owner = null",
        "update dispatch.work_order set owner = null, next_due_at = null",
        "update dispatch.work_order set state = 'CLOSED'",
        "update dispatch.work_order set state = 'LOST'",
    ] {
        let error = sqlx::query(broken).execute(&suite.superuser).await.unwrap_err();
        assert_eq!(error.as_database_error().and_then(DatabaseError::code).as_deref(), Some("23514"), "{broken}");
    }
}
