//! How a case goes to dispatch: what is asked for there, and what happens when one of the two fails.

use callout_contract::{
    dispatch::v1::{self as dispatch, WorkMode},
    intake::v1::{
        self as pb,
        case::{Cause, State},
    },
};
use callout_kit::{Error, Refusal, Text};
use tonic::{Code, Response, Status};

use crate::support::*;

/// A case at the desk whose solution is fixed.
async fn ready(suite: &Suite) -> String {
    let name = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    suite.analyse(&name, Cause::Quality).await.unwrap();
    suite.fix(&name).await.unwrap();
    name
}

async fn send(suite: &Suite, request: &pb::DispatchCaseRequest) -> Result<pb::Case, Status> {
    suite.cases().dispatch_case(desk(request.clone())).await.map(Response::into_inner)
}

#[tokio::test]
async fn dispatch_is_told_everything_that_its_decisions_rest_on_and_on_whose_behalf() {
    let suite = Suite::start().await;
    let name = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    let remote = pb::Solution { mode: pb::solution::Mode::Remote.into(), ..pb::Solution::default() };
    let request = pb::FixSolutionRequest {
        name: name.clone(),
        solution: Some(on_site()),
        alternatives: vec![remote],
        request_id: request_id(),
        ..Default::default()
    };
    let fixed = suite.cases().fix_solution(desk(request)).await.unwrap().into_inner();
    let case = suite.dispatch(&name).await.unwrap();

    let (caller, asked) = suite.others.with(|heard| heard.orders.remove(0));
    assert_eq!((caller.organization.as_str(), caller.subject.as_str()), ("lab", "lin"));
    assert_eq!((caller.service.as_deref(), caller.roles), (Some("intake"), vec!["quality_office".to_owned()]));
    assert_eq!((asked.parent.as_str(), &asked.case, asked.mode()), (ORG, &name, WorkMode::OnSite));
    assert_eq!((asked.distance_km.as_str(), asked.regulation.as_str()), ("250", REGULATION));
    // Not said, not filled in: a request that comes again must be the same.
    assert_eq!((asked.occurred_at, &asked.verdict), (None, &fixed.verdict));
    assert_eq!(asked.milestones, fixed.milestones);
    let facts = ["case.kind", "case.product", "case.fault", "product.maker", "product.seller", "product.class"];
    assert!(facts.iter().all(|fact| asked.facts.contains_key(*fact)), "{:?}", asked.facts);
    let option = |mode: WorkMode, solves, company_cost: &str, chosen| dispatch::SolutionOption {
        mode: mode.into(),
        solves,
        company_cost: company_cost.to_owned(),
        customer_cost: "0.00".to_owned(),
        chosen,
    };
    let looked_at = [option(WorkMode::OnSite, true, "900.00", true), option(WorkMode::Remote, false, "0.00", false)];
    assert_eq!(asked.options, looked_at);
    assert_eq!(suite.others.opened()[0].name, case.work_order);
}

#[tokio::test]
async fn however_often_a_case_is_dispatched_by_one_request_there_is_one_order_and_one_answer() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let request = dispatching(&name);
    let (one, other) = tokio::join!(send(&suite, &request), send(&suite, &request));
    let again = send(&suite, &request).await.unwrap();
    assert_eq!((&one.unwrap(), &other.unwrap()), (&again, &again));
    assert_eq!(suite.others.opened().len(), 1);
}

#[tokio::test]
async fn of_two_who_dispatch_a_case_at_the_same_moment_one_does() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let (one, other) = tokio::join!(suite.dispatch(&name), suite.dispatch(&name));
    let (dispatched, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(allowed_states(refused), "SOLUTION_FIXED");
    assert_eq!(suite.others.opened()[0].name, dispatched.unwrap().work_order);
    assert_eq!(suite.others.opened().len(), 1);
}

#[tokio::test]
async fn what_dispatch_refuses_is_refused_in_its_words_and_the_case_stays_where_it_was() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let before = suite.get(&name).await;
    let refusal = Refusal {
        rule: "R01-21".to_owned(),
        subject: name.clone(),
        message: Text::new("guidance by telephone solves it", "电话指导即可解决"),
        lifted_by: Vec::new(),
    };
    suite.others.with(|heard| heard.dispatch_refuses = Some(Error::Refused(vec![refusal]).into()));
    assert_refused(suite.dispatch(&name).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-21"]);
    assert_eq!(suite.get(&name).await, before);
    // It can be fixed otherwise, and tried again.
    suite.others.with(|heard| heard.dispatch_refuses = None);
    suite.fix(&name).await.unwrap();
    suite.dispatch(&name).await.unwrap();
}

#[tokio::test]
async fn a_request_that_failed_after_the_order_was_opened_finds_that_order_when_it_comes_again() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let request = dispatching(&name);
    suite.others.with(|heard| heard.dispatch_fails = Some(Status::internal("gone before it could answer")));
    assert_refused(send(&suite, &request).await, Code::Internal, "INTERNAL", &[]);
    assert_eq!(suite.get(&name).await.state(), State::SolutionFixed);
    suite.others.with(|heard| heard.dispatch_fails = None);
    let case = send(&suite, &request).await.unwrap();
    assert_eq!((case.state(), suite.others.opened().len()), (State::Dispatched, 1));
    assert_eq!(case.work_order, suite.others.opened()[0].name);
}

#[tokio::test]
async fn an_order_that_was_opened_although_the_request_failed_becomes_the_cases_when_dispatch_tells_of_it() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    suite.others.with(|heard| heard.dispatch_fails = Some(Status::internal("gone before it could answer")));
    assert_refused(suite.dispatch(&name).await, Code::Internal, "INTERNAL", &[]);
    let order = suite.others.opened().remove(0);
    let created = dispatch::WorkOrderCreated { work_order: Some(order.clone()), request_id: String::new() };
    suite.hear(&created, "2026-03-09 09:00:00").await.unwrap();
    let case = suite.get(&name).await;
    assert_eq!((case.state(), &case.work_order), (State::Dispatched, &order.name));
    assert_eq!(case.milestones.last().map(|last| last.event.as_str()), Some("dispatched"));
    let told = suite.told::<pb::CaseProgressed>().await.pop().unwrap().0;
    assert_eq!((told.event.as_str(), told.case.as_ref()), ("dispatched", Some(&case)));
    // Heard again, it changes nothing.
    suite.hear(&created, "2026-03-09 09:00:00").await.unwrap();
    assert_eq!(suite.get(&name).await, case);
}

#[tokio::test]
async fn a_request_that_comes_again_after_dispatch_told_of_its_order_is_answered_with_the_case_and_another_one_is_not()
{
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let request = dispatching(&name);
    suite.others.with(|heard| heard.dispatch_fails = Some(Status::internal("gone before it could answer")));
    assert_refused(send(&suite, &request).await, Code::Internal, "INTERNAL", &[]);
    suite.others.with(|heard| heard.dispatch_fails = None);
    let order = suite.others.opened().remove(0);
    let request_id = suite.others.with(|heard| heard.orders[0].1.request_id.clone());
    let created = dispatch::WorkOrderCreated { work_order: Some(order), request_id };
    suite.hear(&created, "2026-03-09 09:00:00").await.unwrap();
    let case = suite.get(&name).await;
    assert_eq!(send(&suite, &request).await.unwrap(), case);
    assert_eq!(suite.get(&name).await, case);
    assert_refused(suite.dispatch(&name).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
    assert_eq!(suite.others.opened().len(), 1);
}

#[tokio::test]
async fn the_order_of_a_case_that_went_its_own_way_meanwhile_changes_nothing() {
    let suite = Suite::start().await;
    let (dispatched, cancelled) = (ready(&suite).await, ready(&suite).await);
    suite.dispatch(&dispatched).await.unwrap();
    suite.cancel(&cancelled).await.unwrap();
    for name in [dispatched, cancelled, no_case()] {
        let order = dispatch::WorkOrder {
            name: format!("{ORG}/workOrders/{}", request_id()),
            case: name.clone(),
            ..dispatch::WorkOrder::default()
        };
        let before = suite.events(&name).await;
        let created = dispatch::WorkOrderCreated { work_order: Some(order), ..dispatch::WorkOrderCreated::default() };
        suite.hear(&created, "2026-03-09 09:00:00").await.unwrap();
        assert_eq!(suite.events(&name).await, before);
    }
}
