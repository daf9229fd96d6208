//! Certificates, and the beginning of the work on site.

use callout_contract::dispatch::v1::{
    self as pb, engineers_server::Engineers as _, work_order::State, work_orders_server::WorkOrders as _,
};
use tonic::{Code, Response, Status};

use crate::support::*;

async fn start(suite: &Suite, order: &str, when: &str) -> Result<pb::WorkOrder, Status> {
    let request = pb::StartWorkOrderRequest {
        name: order.to_owned(),
        occurred_at: at(when),
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.start_work_order(by("wang", "engineer", request)).await.map(Response::into_inner)
}

async fn certify(suite: &Suite, engineer: &str, kind: &str, days: (&str, &str)) -> Result<pb::Engineer, Status> {
    let certificate = pb::Certificate {
        kind: kind.to_owned(),
        number: "TS-1".to_owned(),
        valid_from: days.0.to_owned(),
        valid_to: days.1.to_owned(),
        ..Default::default()
    };
    let request = pb::CreateCertificateRequest {
        parent: engineer.to_owned(),
        certificate: Some(certificate),
        request_id: request_id(),
    };
    suite.dispatch.create_certificate(desk(request)).await.map(Response::into_inner)
}

#[tokio::test]
async fn an_order_whose_work_has_begun_is_completed_as_one_without_a_beginning_is() {
    let suite = Suite::start().await;
    let engineer = suite.engineer("wang", "").await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    suite.schedule(&order, &engineer, "2026-03-09T09:00:00+08:00", "2026-03-09T18:00:00+08:00").await.unwrap();
    suite.prepare(&order).await;
    let early = start(&suite, &order, "2026-03-09T09:00:00+08:00").await;
    assert_refused(early, Code::FailedPrecondition, "STATE_WRONG", &[]);
    suite.depart(&order).await.unwrap();
    let arrive = pb::ArriveWorkOrderRequest { name: order.clone(), request_id: request_id(), ..Default::default() };
    suite.dispatch.arrive_work_order(by("wang", "engineer", arrive)).await.unwrap();
    let working = start(&suite, &order, "2026-03-09T09:00:00+08:00").await.unwrap();
    assert_eq!((working.state(), working.owner.as_str()), (State::Working, "engineer"));
    assert!(working.milestones.iter().any(|milestone| milestone.event == "started"));
    let complete = pb::CompleteWorkOrderRequest { name: order, request_id: request_id(), ..Default::default() };
    let completed = suite.dispatch.complete_work_order(by("wang", "engineer", complete)).await.unwrap().into_inner();
    assert_eq!(completed.state(), State::Completed);
}

#[tokio::test]
async fn a_certificate_of_a_kind_that_the_regulation_does_not_have_is_refused() {
    let suite = Suite::start().await;
    let engineer = suite.engineer("wang", "").await;
    let unknown = certify(&suite, &engineer, "pilot", ("2026-01-01", "")).await;
    assert_refused(unknown, Code::FailedPrecondition, "RULE_REFUSED", &[""]);
    let backwards = certify(&suite, &engineer, "pilot", ("2026-01-02", "2026-01-01")).await;
    assert_refused(backwards, Code::InvalidArgument, "FIELD_INVALID", &[]);
}
