//! How a case goes to dispatch: what is asked for there, and what happens when one of the two fails.

use std::time::Duration;

use callout_contract::{
    dispatch::v1::{self as dispatch, WorkMode},
    intake::v1::{
        self as pb,
        case::{Cause, State},
    },
};
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

    let [call] = &suite.between().calls("CreateWorkOrder")[..] else { panic!("one call") };
    let (caller, asked) = (call.caller(), call.message::<dispatch::CreateWorkOrderRequest>());
    assert_eq!((caller.organization.as_str(), caller.subject.as_str()), (LAB, "lin"));
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
    let [order] = &suite.orders().await[..] else { panic!("one order") };
    assert_eq!((&order.name, &order.case, order.mode()), (&case.work_order, &name, WorkMode::OnSite));
    assert_eq!((order.distance_km.as_str(), order.regulation.as_str()), ("250", REGULATION));
    assert_eq!((&order.verdict, &order.milestones[..3]), (&fixed.verdict, &fixed.milestones[..]));
}

#[tokio::test]
async fn dispatch_is_asked_in_the_language_of_the_desk_and_within_its_time() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let mut asked = desk(dispatching(&name));
    asked.set_timeout(Duration::from_secs(4));
    asked.metadata_mut().insert("accept-language", "zh-CN".parse().unwrap());
    suite.cases().dispatch_case(asked).await.unwrap();
    let [call] = &suite.between().calls("CreateWorkOrder")[..] else { panic!("one call") };
    assert_eq!(call.headers["accept-language"], "zh-CN");
    // Intake's own limit of a call to another service is five seconds.
    let microseconds = call.headers["grpc-timeout"].to_str().unwrap().trim_end_matches('u').parse::<u64>();
    assert!(microseconds.is_ok_and(|left| left < 4_000_000), "{:?}", call.headers["grpc-timeout"]);
}

#[tokio::test]
async fn however_often_a_case_is_dispatched_by_one_request_there_is_one_order_and_one_answer() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let request = dispatching(&name);
    let (one, other) = tokio::join!(send(&suite, &request), send(&suite, &request));
    let again = send(&suite, &request).await.unwrap();
    assert_eq!((&one.unwrap(), &other.unwrap()), (&again, &again));
    assert_eq!(suite.orders().await.len(), 1);
}

#[tokio::test]
async fn of_two_who_dispatch_a_case_at_the_same_moment_one_does() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let (one, other) = tokio::join!(suite.dispatch(&name), suite.dispatch(&name));
    let (dispatched, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(allowed_states(refused), "SOLUTION_FIXED");
    assert_eq!(suite.orders().await[0].name, dispatched.unwrap().work_order);
    assert_eq!(suite.orders().await.len(), 1);
}

#[tokio::test]
async fn what_dispatch_refuses_is_refused_in_its_words_and_the_case_stays_where_it_was() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    // On site costs the company 900: telling him what to do would do.
    let remote = pb::Solution { mode: pb::solution::Mode::Remote.into(), solves: true, ..pb::Solution::default() };
    let request = pb::FixSolutionRequest {
        name: name.clone(),
        solution: Some(on_site()),
        alternatives: vec![remote],
        request_id: request_id(),
        ..Default::default()
    };
    let before = suite.cases().fix_solution(desk(request)).await.unwrap().into_inner();
    assert_refused(suite.dispatch(&name).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-21"]);
    assert_eq!(suite.get(&name).await, before);
    assert!(suite.orders().await.is_empty());
    // It can be fixed otherwise, and tried again.
    suite.fix(&name).await.unwrap();
    suite.dispatch(&name).await.unwrap();
}

#[tokio::test]
async fn what_fails_before_an_order_is_opened_leaves_the_case_where_it_was() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let before = suite.get(&name).await;
    let request = dispatching(&name);
    suite.between().refuse("CreateWorkOrder", Status::internal("out of order"));
    assert_refused(send(&suite, &request).await, Code::Internal, "INTERNAL", &[]);
    assert_eq!(suite.get(&name).await, before);
    assert!(suite.orders().await.is_empty());
    suite.between().leave_alone();
    let case = send(&suite, &request).await.unwrap();
    assert_eq!((case.state(), &case.work_order), (State::Dispatched, &suite.orders().await[0].name));
}

/// Sends a request of which intake never learns what dispatch answered, however often it asks.
async fn fails_after_the_order_was_opened(suite: &Suite, request: &pb::DispatchCaseRequest) -> dispatch::WorkOrder {
    suite.between().lose_answers("CreateWorkOrder");
    assert_eq!(send(suite, request).await.unwrap_err().code(), Code::Unavailable);
    suite.between().leave_alone();
    let calls = suite.between().calls("CreateWorkOrder");
    let asked: Vec<dispatch::CreateWorkOrderRequest> = calls.iter().map(Noted::message).collect();
    assert!(
        asked.len() > 1 && asked.iter().all(|again| *again == asked[0]),
        "asked again, by the same request: {asked:?}"
    );
    let orders = suite.orders().await;
    assert_eq!(orders.len(), 1);
    assert_eq!(suite.get(&request.name).await.state(), State::SolutionFixed);
    orders[0].clone()
}

#[tokio::test]
async fn a_request_that_failed_after_the_order_was_opened_finds_that_order_when_it_comes_again() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let request = dispatching(&name);
    let order = fails_after_the_order_was_opened(&suite, &request).await;
    let case = send(&suite, &request).await.unwrap();
    assert_eq!((case.state(), &case.work_order), (State::Dispatched, &order.name));
    assert_eq!(suite.orders().await.len(), 1);
}

#[tokio::test]
async fn who_hangs_up_while_dispatch_opens_the_order_finds_that_order_when_he_asks_again() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let request = dispatching(&name);
    let carried_out = suite.between().hold_answers("CreateWorkOrder");
    tokio::select! {
        answer = send(&suite, &request) => panic!("dispatch keeps its answer to itself: {answer:?}"),
        () = carried_out.notified() => {}
    }
    let order = suite.orders().await[0].name.clone();
    assert_eq!(suite.get(&name).await.state(), State::SolutionFixed);
    suite.between().leave_alone();
    let case = send(&suite, &request).await.unwrap();
    assert_eq!((case.state(), &case.work_order), (State::Dispatched, &order));
    assert_eq!(suite.orders().await.len(), 1);
}

#[tokio::test]
async fn an_order_that_was_opened_although_the_request_failed_becomes_the_cases_when_dispatch_tells_of_it() {
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let order = fails_after_the_order_was_opened(&suite, &dispatching(&name)).await;
    suite.settle().await;
    let case = suite.get(&name).await;
    assert_eq!((case.state(), &case.work_order), (State::Dispatched, &order.name));
    assert_eq!(case.milestones.last().map(|last| last.event.as_str()), Some("dispatched"));
    let told = suite.told::<pb::CaseProgressed>().await.pop().unwrap().0;
    assert_eq!((told.event.as_str(), told.case.as_ref()), ("dispatched", Some(&case)));
    // Heard again, it changes nothing.
    let [created] = &suite.told_by_dispatch::<dispatch::WorkOrderCreated>().await[..] else { panic!("told once") };
    suite.hear(created).await.unwrap();
    assert_eq!(suite.get(&name).await, case);
}

#[tokio::test]
async fn a_request_that_comes_again_after_dispatch_told_of_its_order_is_answered_with_the_case_and_another_one_is_not()
{
    let suite = Suite::start().await;
    let name = ready(&suite).await;
    let request = dispatching(&name);
    let order = fails_after_the_order_was_opened(&suite, &request).await;
    suite.settle().await;
    let case = suite.get(&name).await;
    assert_eq!((case.state(), &case.work_order), (State::Dispatched, &order.name));
    assert_eq!(send(&suite, &request).await.unwrap(), case);
    assert_eq!(suite.get(&name).await, case);
    assert_refused(suite.dispatch(&name).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
    assert_eq!(suite.orders().await.len(), 1);
}

#[tokio::test]
async fn the_order_of_a_case_that_went_its_own_way_meanwhile_changes_nothing() {
    let suite = Suite::start().await;
    let (dispatched, cancelled) = (ready(&suite).await, ready(&suite).await);
    // One whose order came to nothing before intake heard of it, and which has another one by now.
    let first = fails_after_the_order_was_opened(&suite, &dispatching(&dispatched)).await;
    let request = dispatch::CancelWorkOrderRequest {
        name: first.name.clone(),
        reason: "nobody asked for it".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    suite.work_orders().cancel_work_order(desk(request)).await.unwrap();
    let second = suite.dispatch(&dispatched).await.unwrap().work_order;
    assert_ne!(second, first.name);
    suite.cancel(&cancelled).await.unwrap();
    let nobodys = no_case();
    for case in [&cancelled, &nobodys] {
        suite.open_order(case).await.unwrap();
    }
    let names = [dispatched.clone(), cancelled, nobodys];
    let mut before = Vec::new();
    for name in &names {
        before.push(suite.events(name).await);
    }
    suite.settle().await;
    assert_eq!(suite.told_by_dispatch::<dispatch::WorkOrderCreated>().await.len(), 4);
    for (name, before) in names.iter().zip(before) {
        assert_eq!(suite.events(name).await, before, "{name}");
    }
    assert_eq!(suite.get(&dispatched).await.work_order, second);
}
