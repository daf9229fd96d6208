//! The way of a work order, and what the regulation asks for on it.

use callout_contract::dispatch::v1::{self as pb, work_order::State, work_orders_server::WorkOrders as _};
use tonic::{Code, Response};

use crate::support::*;

async fn come_back(suite: &Suite, order: &str, in_breach: bool) -> Result<pb::WorkOrder, tonic::Status> {
    let request = pb::ReturnWorkOrderRequest {
        name: order.to_owned(),
        in_breach,
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.return_work_order(by("wang", "engineer", request)).await.map(Response::into_inner)
}

async fn hand_in(suite: &Suite, order: &str) -> Result<pb::WorkOrder, tonic::Status> {
    let expense =
        pb::Expense { kind: "travel".to_owned(), amount: "1000".to_owned(), spent_at: at("2026-03-09T09:00:00+08:00") };
    let request = pb::HandInWorkOrderRequest {
        name: order.to_owned(),
        expenses: vec![expense],
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.hand_in_work_order(by("wang", "engineer", request)).await.map(Response::into_inner)
}

async fn close(suite: &Suite, order: &str) -> Result<pb::WorkOrder, tonic::Status> {
    let request = pb::CloseWorkOrderRequest { name: order.to_owned(), request_id: request_id(), ..Default::default() };
    suite.dispatch.close_work_order(desk(request)).await.map(Response::into_inner)
}

#[tokio::test]
async fn a_visit_goes_from_the_order_to_the_papers_and_everything_is_told() {
    let suite = Suite::start().await;
    let order = ready(&suite).await;
    suite.complete(&order).await;
    suite.record(&order, "feedback_form", "engineer").await.unwrap();
    suite.record(&order, "telephone_report", "engineer").await.unwrap();
    suite.record(&order, "return_consent", "quality_office").await.unwrap();
    let returned = come_back(&suite, &order, false).await.unwrap();
    assert_eq!((returned.state(), returned.owner.as_str()), (State::Returned, "engineer"));
    assert!(returned.milestones.iter().any(|milestone| milestone.event == "return_agreed"));
    for paper in ["trip_report", "expense_claim", "returned_materials", "receipts_and_money"] {
        suite.record(&order, paper, "engineer").await.unwrap();
    }
    assert_eq!(hand_in(&suite, &order).await.unwrap().state(), State::HandedIn);
    let closed = close(&suite, &order).await.unwrap();
    assert_eq!((closed.state(), closed.owner.as_str(), closed.next_due_at), (State::Closed, "", None));

    let told = suite.events(&order).await;
    assert_eq!(told.first().map(String::as_str), Some("WorkOrderCreated"));
    assert_eq!(told.last().map(String::as_str), Some("WorkOrderEnded"));
    let claim = suite.told::<pb::WorkOrderHandedIn>().await.pop().unwrap();
    assert_eq!((claim.engineer.as_str(), claim.expenses[0].amount.as_str()), ("wang", "1000.00"));
    assert!(suite.told::<pb::WorkOrderBreached>().await.is_empty());
}

#[tokio::test]
async fn a_departure_with_a_point_missing_is_refused_by_its_rule_and_changes_nothing() {
    let suite = Suite::start().await;
    let engineer = suite.engineer("wang", "").await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    suite.schedule(&order, &engineer, VISIT.0, VISIT.1).await.unwrap();
    for point in &POINTS[1..] {
        suite.record(&order, point, "quality_office").await.unwrap();
    }
    let before = suite.get(&order).await;
    assert_refused(suite.depart(&order).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-34"]);
    assert_eq!(suite.get(&order).await, before);
    suite.record(&order, POINTS[0], "quality_office").await.unwrap();
    assert_eq!(suite.depart(&order).await.unwrap().state(), State::Departed);
}

#[tokio::test]
async fn nobody_departs_without_a_visit_planned() {
    let suite = Suite::start().await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    suite.prepare(&order).await;
    assert_refused(suite.depart(&order).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
}

#[tokio::test]
async fn a_return_without_consent_is_refused_or_recorded_as_a_breach() {
    let suite = Suite::start().await;
    let order = ready(&suite).await;
    suite.complete(&order).await;
    // The desk agrees only to what was reported.
    let early = suite.record(&order, "return_consent", "quality_office").await;
    assert_refused(early, Code::FailedPrecondition, "RULE_REFUSED", &["R01-35"]);
    assert_refused(come_back(&suite, &order, false).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-36"]);
    assert_eq!(suite.get(&order).await.state(), State::Completed);
    assert_eq!(come_back(&suite, &order, true).await.unwrap().state(), State::Returned);
    let breach = suite.told::<pb::WorkOrderBreached>().await.pop().unwrap();
    assert_eq!((breach.rules, breach.person.as_str()), (vec!["R01-36".to_owned()], "wang"));
}

#[tokio::test]
async fn papers_are_accepted_complete_only() {
    let suite = Suite::start().await;
    let order = ready(&suite).await;
    suite.complete(&order).await;
    come_back(&suite, &order, true).await.unwrap();
    assert_refused(hand_in(&suite, &order).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-39"]);
    assert!(suite.told::<pb::WorkOrderHandedIn>().await.is_empty());
}

#[tokio::test]
async fn what_happens_next_does_not_happen_before() {
    let suite = Suite::start().await;
    let order = ready(&suite).await;
    suite.clock("2026-03-09T14:00:00+08:00").await;
    suite.depart(&order).await.unwrap();
    let arrive = |occurred_at| {
        let request = pb::ArriveWorkOrderRequest {
            name: order.clone(),
            occurred_at,
            request_id: request_id(),
            ..Default::default()
        };
        suite.dispatch.arrive_work_order(by("wang", "engineer", request))
    };
    for wrong in ["2026-03-09T13:59:59+08:00", "2026-03-09T14:00:01+08:00"] {
        assert_refused(arrive(at(wrong)).await, Code::InvalidArgument, "FIELD_INVALID", &[]);
    }
    assert_eq!(arrive(at("2026-03-09T14:00:00+08:00")).await.unwrap().into_inner().state(), State::OnSite);
}

#[tokio::test]
async fn guidance_by_telephone_is_completed_and_closed_and_costs_nothing() {
    let suite = Suite::start().await;
    let order = suite.order(Product::OwnOld, pb::WorkMode::Remote).await;
    assert_eq!((order.customer_amount.as_str(), order.owner.as_str()), ("0.00", "quality_office"));
    let request =
        pb::CompleteWorkOrderRequest { name: order.name.clone(), request_id: request_id(), ..Default::default() };
    suite.dispatch.complete_work_order(desk(request)).await.unwrap();
    assert_eq!(close(&suite, &order.name).await.unwrap().state(), State::Closed);
    assert_refused(suite.depart(&order.name).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
}

#[tokio::test]
async fn a_dearer_way_is_refused_where_a_cheaper_one_solves_it_fully() {
    let suite = Suite::start().await;
    let option = |mode: pb::WorkMode, solves, customer_cost: &str, chosen| pb::SolutionOption {
        mode: mode.into(),
        solves,
        company_cost: "100".to_owned(),
        customer_cost: customer_cost.to_owned(),
        chosen,
    };
    let asked = |solves| {
        let options =
            vec![option(pb::WorkMode::OnSite, true, "900", true), option(pb::WorkMode::Remote, solves, "0", false)];
        pb::CreateWorkOrderRequest { options, ..opening(&new_case(), Product::OwnOld, pb::WorkMode::OnSite) }
    };
    assert_refused(suite.create(asked(true)).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-21"]);
    suite.create(asked(false)).await.unwrap();
}

#[tokio::test]
async fn every_wrong_field_of_an_opening_is_told_at_once() {
    let suite = Suite::start().await;
    let mut request = opening(&new_case(), Product::Own, pb::WorkMode::OnSite);
    request.distance_km = "far".to_owned();
    request.regulation = "R99@1".to_owned();
    request.milestones[0].event = "recieved".to_owned();
    let status = suite.create(request).await.unwrap_err();
    let details = tonic_types::StatusExt::get_error_details(&status);
    let fields: Vec<&str> =
        details.bad_request().unwrap().field_violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["distance_km", "regulation", "milestones[0].event", "milestones"]);
}

#[tokio::test]
async fn orders_are_served_by_class_and_then_by_receipt() {
    let suite = Suite::start().await;
    let mut expected = Vec::new();
    for (product, receipt) in [
        (Product::Foreign, "2026-03-09T06:00:00+08:00"),
        (Product::Korean, "2026-03-09T07:00:00+08:00"),
        (Product::Own, "2026-03-09T09:00:00+08:00"),
        (Product::Own, "2026-03-09T08:00:00+08:00"),
    ] {
        let mut request = opening(&new_case(), product, pb::WorkMode::Workshop);
        request.milestones = vec![received(receipt)];
        expected.insert(0, suite.create(request).await.unwrap().name);
    }
    let closed = suite.order(Product::Own, pb::WorkMode::Workshop).await.name;
    let cancel = pb::CancelWorkOrderRequest {
        name: closed,
        reason: "withdrawn".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.cancel_work_order(desk(cancel)).await.unwrap();

    let (mut served, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListWorkOrdersRequest {
            parent: ORG.to_owned(),
            page_size: 3,
            page_token,
            order: pb::list_work_orders_request::Order::Service.into(),
            ..Default::default()
        };
        let page = suite.dispatch.list_work_orders(desk(request)).await.unwrap().into_inner();
        served.extend(page.work_orders.into_iter().map(|order| order.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(served, expected);
}
