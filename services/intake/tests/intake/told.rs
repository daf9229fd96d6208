//! What others are told: every change of a case, as it is then, when it happened.

use callout_contract::{
    dispatch::v1::WorkOrderEnded,
    events::v1::Event,
    intake::v1::{self as pb, case::Cause},
};
use jiff::Timestamp;
use prost_types::Any;

use crate::support::*;

/// What was told of a case beside missed limits: the word, the state that it was told in, and when it happened.
async fn told(suite: &Suite, name: &str) -> Vec<(String, pb::case::State, Timestamp)> {
    let mut told: Vec<(String, pb::Case, Timestamp)> = Vec::new();
    for (event, at) in suite.told::<pb::CaseReceived>().await {
        told.push(("taken in".to_owned(), event.case.unwrap(), at));
    }
    for (event, at) in suite.told::<pb::CaseProgressed>().await {
        told.push((event.event, event.case.unwrap(), at));
    }
    for (event, at) in suite.told::<pb::CaseEnded>().await {
        told.push(("ended".to_owned(), event.case.unwrap(), at));
    }
    let own = told.into_iter().filter(|(_, case, _)| case.name == name);
    own.map(|(word, case, at)| (word, case.state(), at)).collect()
}

#[tokio::test]
async fn each_step_of_a_case_is_told_once_with_the_time_at_which_it_happened() {
    use pb::case::State;
    let suite = Suite::start().await;
    suite.clock("2026-03-09 10:00:00").await;
    let request = pb::CreateCaseRequest {
        occurred_at: at("2026-03-09 09:00:00"),
        ..taking_in(repair(&suite.product("own", "own").await))
    };
    let name = suite.create_case(request).await.unwrap().name;
    let pass = pb::PassCaseRequest {
        name: name.clone(),
        occurred_at: at("2026-03-09 09:30:00"),
        request_id: request_id(),
        ..Default::default()
    };
    suite.cases().pass_case(desk(pass)).await.unwrap();
    let contact = pb::ContactCustomerRequest { name: name.clone(), request_id: request_id(), ..Default::default() };
    suite.cases().contact_customer(desk(contact)).await.unwrap();
    suite.analyse(&name, Cause::Quality).await.unwrap();
    let known = pb::Case { name: name.clone(), contact: "Mrs Wu".to_owned(), ..pb::Case::default() };
    suite.update(known, &["contact"]).await.unwrap();
    suite.record(&name, paper("agency_contract_terms", "korean_partner"), "quality_office").await.unwrap();
    suite.fix(&name).await.unwrap();
    let first = suite.dispatch(&name).await.unwrap().work_order;
    suite.cancel_order(&first).await;
    let second = suite.dispatch(&name).await.unwrap().work_order;
    suite.clock("2026-03-10 10:00:00").await;
    suite.close_order(&second, "2026-03-10 09:00:00").await;

    let (ten, next_day) = (time("2026-03-09 10:00:00"), time("2026-03-10 09:00:00"));
    let expected = [
        ("taken in", State::Received, time("2026-03-09 09:00:00")),
        ("passed_on", State::AtDesk, time("2026-03-09 09:30:00")),
        ("contacted", State::AtDesk, ten),
        ("analysed", State::AtDesk, ten),
        ("updated", State::AtDesk, ten),
        ("record:agency_contract_terms", State::AtDesk, ten),
        ("solution_fixed", State::SolutionFixed, ten),
        ("dispatched", State::Dispatched, ten),
        ("reopened", State::SolutionFixed, ten),
        ("dispatched", State::Dispatched, ten),
        ("ended", State::Solved, next_day),
    ];
    assert_eq!(told(&suite, &name).await, expected.map(|(word, state, at)| (word.to_owned(), state, at)));
    let events = suite.events(&name).await;
    assert_eq!((events.len(), events[0].as_str(), events[10].as_str()), (11, "CaseReceived", "CaseEnded"));
}

#[tokio::test]
async fn a_case_ends_once_and_what_is_done_with_it_after_that_is_progress() {
    use pb::case::State;
    let suite = Suite::alone().await;
    let asked = by("chen", "marketing", taking_in(enquiry()));
    let answered = suite.cases().create_case(asked).await.unwrap().into_inner().name;
    suite.answer(&answered).await.unwrap();
    suite.pass(&answered).await.unwrap();
    let nine = time("2026-03-09 09:00:00");
    let progress = ("passed_on".to_owned(), State::Answered, nine);
    let told_of = told(&suite, &answered).await;
    assert!(
        told_of.contains(&progress) && told_of.contains(&("ended".to_owned(), State::Answered, nine)),
        "{told_of:?}"
    );
    assert_eq!(suite.events(&answered).await, ["CaseReceived", "CaseEnded", "CaseProgressed"]);

    for (ended, state) in [
        (suite.solve(&suite.at_desk(repair(&suite.product("own", "own").await)).await.name).await, State::Solved),
        (suite.cancel(&suite.at_desk(enquiry()).await.name).await, State::Cancelled),
    ] {
        let case = ended.unwrap();
        assert_eq!(case.state(), state);
        assert_eq!(suite.events(&case.name).await, ["CaseReceived", "CaseEnded"]);
        let told = suite.told::<pb::CaseEnded>().await.into_iter().filter_map(|(told, _)| told.case);
        assert_eq!(told.filter(|told| told.name == case.name).collect::<Vec<_>>(), [case], "as it was answered");
    }
}

#[tokio::test]
async fn what_is_refused_is_told_to_nobody_and_leaves_no_trace() {
    let suite = Suite::start().await;
    let name = suite.at_desk(repair("")).await.name;
    suite.fix(&name).await.unwrap();
    let left = async || {
        let count = "select (select count(*) from intake.event) + (select count(*) from intake.audit)
                          + (select count(*) from intake.request) + (select sum(version)::bigint from intake.service_case)";
        suite.count(count).await
    };
    let before = left().await;
    suite.dispatch(&name).await.unwrap_err();
    suite.solve(&name).await.unwrap_err();
    suite.pass(&name).await.unwrap_err();
    suite.record(&name, paper("service_approval", ""), "quality_office").await.unwrap_err();
    suite.create_case(taking_in(repair(&no_product()))).await.unwrap_err();
    assert_eq!(left().await, before);
}

#[tokio::test]
async fn an_event_that_is_not_about_a_case_of_ours_is_passed_over_and_one_that_cannot_be_read_is_not() {
    let suite = Suite::start().await;
    let name = suite.at_desk(enquiry()).await.name;
    let before = suite.events(&name).await;
    let stray = suite.open_order(&no_case()).await.unwrap().name;
    suite.cancel_order(&stray).await;
    assert_eq!(suite.events(&name).await, before);
    let [ended] = &suite.told_by_dispatch::<WorkOrderEnded>().await[..] else { panic!("one order ended") };
    suite.hear(ended).await.unwrap();
    let nameless = Any::from_msg(&WorkOrderEnded::default()).ok();
    suite.hear(&Event { payload: nameless, ..ended.clone() }).await.unwrap_err();
}
