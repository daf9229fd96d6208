//! By when what has to be done with a case, to the second, and who is told when it was not.

use callout_contract::{
    events::v1::LimitMissed,
    intake::v1::{self as pb, case::Cause},
    regulation::v1::{Limit, limit},
};
use jiff::Timestamp;
use tonic::Response;

use crate::support::*;

/// The limits of a case by their name and state, in the order in which they began.
fn states(case: &pb::Case) -> Vec<(&str, limit::State)> {
    case.limits.iter().map(|limit| (limit.limit.as_str(), limit.state())).collect()
}

/// Whose limits were told of as missed: limit, state, who answers for it, when it was missed.
async fn missed(suite: &Suite) -> Vec<(String, limit::State, String, Timestamp)> {
    let told = suite.told::<LimitMissed>().await.into_iter();
    let short = |(told, missed_at): (LimitMissed, Timestamp)| {
        assert_eq!((&told.case, told.regulation.as_str()), (&told.subject, REGULATION));
        let limit: Limit = told.limit.unwrap();
        (limit.limit.clone(), limit.state(), told.responsible, missed_at)
    };
    told.map(short).collect()
}

async fn pass_at(suite: &Suite, case: &str, occurred_at: &str) -> pb::Case {
    let name = case.to_owned();
    let request =
        pb::PassCaseRequest { name, occurred_at: at(occurred_at), request_id: request_id(), ..Default::default() };
    suite.cases().pass_case(desk(request)).await.map(Response::into_inner).unwrap()
}

#[tokio::test]
async fn who_hears_of_it_passes_it_on_within_four_working_hours_and_is_told_of_once_and_once_more_when_he_is_late() {
    let suite = Suite::alone().await;
    let asked = by("chen", "marketing", taking_in(enquiry()));
    let case = suite.cases().create_case(asked).await.unwrap().into_inner();
    assert_eq!(
        (states(&case), case.next_due_at),
        (vec![("pass_on", limit::State::Running)], at("2026-03-09 14:00:00"))
    );
    suite.clock("2026-03-09 14:00:00").await;
    assert!(missed(&suite).await.is_empty(), "the last second is in time");
    suite.clock("2026-03-09 14:00:01").await;
    suite.clock("2026-03-09 15:00:00").await;
    let by_chen = |state, when| ("pass_on".to_owned(), state, "chen".to_owned(), time(when));
    let overdue = by_chen(limit::State::Overdue, "2026-03-09 14:00:01");
    assert_eq!(missed(&suite).await, std::slice::from_ref(&overdue));
    // Still open, still due when it was, and still his.
    let case = suite.get(&case.name).await;
    assert_eq!((case.owner.as_str(), case.next_due_at), ("marketing", at("2026-03-09 14:00:00")));
    pass_at(&suite, &case.name, "2026-03-09 14:30:00").await;
    assert_eq!(missed(&suite).await, [overdue, by_chen(limit::State::MetLate, "2026-03-09 14:30:00")]);
}

#[tokio::test]
async fn what_was_done_in_time_is_in_time_however_late_it_is_reported() {
    let suite = Suite::alone().await;
    let name = suite.create_case(taking_in(enquiry())).await.unwrap().name;
    suite.clock("2026-03-09 13:59:59").await;
    let passed = pass_at(&suite, &name, "2026-03-09 10:00:00").await;
    assert_eq!(states(&passed)[0], ("pass_on", limit::State::Met));
    assert_eq!(passed.next_due_at, at("2026-03-09 15:00:00"), "four working hours after it reached the desk");
    assert!(missed(&suite).await.is_empty());
}

#[tokio::test]
async fn a_repair_is_owed_a_contact_and_a_solution_and_an_enquiry_an_answer() {
    let suite = Suite::alone().await;
    let name = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    let running = limit::State::Running;
    let case = suite.get(&name).await;
    let (met, running_too) = (("pass_on", limit::State::Met), [("first_contact", running), ("solution", running)]);
    assert_eq!(states(&case), [vec![met], running_too.to_vec()].concat());
    assert_eq!(case.limits[2].due_at, at("2026-03-10 09:00:00"), "eight working hours");

    let question = suite.at_desk(enquiry()).await;
    assert_eq!(states(&question), [met, ("first_contact", running), ("answer", running)]);

    suite.clock("2026-03-09 10:00:00").await;
    let contact = pb::ContactCustomerRequest { name: name.clone(), request_id: request_id(), ..Default::default() };
    let contacted = suite.cases().contact_customer(desk(contact)).await.unwrap().into_inner();
    assert_eq!(states(&contacted)[1], ("first_contact", limit::State::Met));
    assert_eq!(contacted.next_due_at, at("2026-03-10 09:00:00"));
    let fixed = suite.fix(&name).await.unwrap();
    assert_eq!(states(&fixed)[2], ("solution", limit::State::Met));
}

#[tokio::test]
async fn who_has_his_answer_has_been_contacted_with_it() {
    let suite = Suite::alone().await;
    let (answered, late) = (suite.at_desk(enquiry()).await.name, suite.at_desk(enquiry()).await.name);
    suite.clock("2026-03-09 10:00:00").await;
    suite.answer(&answered).await.unwrap();
    suite.clock("2026-03-10 10:00:00").await;
    suite.answer(&late).await.unwrap();
    suite.clock("2026-03-20 09:00:00").await;
    let by_desk = |limit: &str, state, when| (limit.to_owned(), state, "quality_office".to_owned(), time(when));
    let expected = [
        by_desk("first_contact", limit::State::Overdue, "2026-03-09 14:00:01"),
        by_desk("answer", limit::State::Overdue, "2026-03-10 09:00:01"),
        by_desk("first_contact", limit::State::MetLate, "2026-03-10 10:00:00"),
        by_desk("answer", limit::State::MetLate, "2026-03-10 10:00:00"),
    ];
    assert_eq!(missed(&suite).await, expected, "all of them of the late one");
}

#[tokio::test]
async fn what_was_answered_before_it_was_passed_on_is_still_passed_on_in_time_or_told_of() {
    let suite = Suite::alone().await;
    let asked = by("chen", "marketing", taking_in(enquiry()));
    let name = suite.cases().create_case(asked).await.unwrap().into_inner().name;
    suite.answer(&name).await.unwrap();
    suite.clock("2026-03-09 14:00:01").await;
    assert_eq!(missed(&suite).await.len(), 1);
    let case = suite.get(&name).await;
    assert_eq!((case.owner.as_str(), case.next_due_at), ("", None), "it is over all the same");
    let passed = suite.pass(&name).await.unwrap();
    assert_eq!(states(&passed)[0], ("pass_on", limit::State::MetLate));
    suite.clock("2026-03-20 09:00:00").await;
    assert_eq!(missed(&suite).await.len(), 2, "the desk owes him nothing any more");
}

#[tokio::test]
async fn what_came_to_nothing_owes_nobody_anything_any_more_but_what_was_late_before() {
    let suite = Suite::alone().await;
    let (one, other) = (suite.create_case(taking_in(enquiry())).await.unwrap(), suite.at_desk(enquiry()).await);
    suite.cancel(&one.name).await.unwrap();
    suite.cancel(&other.name).await.unwrap();
    let late = suite.create_case(taking_in(enquiry())).await.unwrap().name;
    suite.clock("2026-03-09 14:00:01").await;
    suite.cancel(&late).await.unwrap();
    suite.clock("2026-03-20 09:00:00").await;
    let told: Vec<_> = suite.told::<LimitMissed>().await.into_iter().map(|(told, _)| told.subject).collect();
    assert_eq!(told, [late]);
    assert_eq!(suite.count("select count(*) from intake.timer").await, 0);
}

#[tokio::test]
async fn a_case_that_nothing_is_due_for_is_looked_at_again_after_as_long_as_the_organisation_says() {
    let suite = Suite::start().await;
    let name = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    let contact = pb::ContactCustomerRequest { name: name.clone(), request_id: request_id(), ..Default::default() };
    suite.cases().contact_customer(desk(contact)).await.unwrap();
    assert_eq!(suite.fix(&name).await.unwrap().next_due_at, at("2026-03-16 23:59:59"), "seven days unless it says");
    let organization =
        pb::Organization { name: ORG.to_owned(), review_after: "24h".to_owned(), ..pb::Organization::default() };
    let request = pb::UpdateOrganizationRequest {
        organization: Some(organization),
        update_mask: Some(mask(&["review_after"])),
        request_id: request_id(),
    };
    suite.organizations().update_organization(by("root", "administrator", request)).await.unwrap();
    let looked_at = suite.analyse(&name, Cause::Quality).await.unwrap();
    assert_eq!(looked_at.next_due_at, at("2026-03-10 09:00:00"));
}

#[tokio::test]
async fn a_call_that_is_entered_after_its_time_is_told_of_at_once() {
    let suite = Suite::alone().await;
    suite.clock("2026-03-10 09:00:00").await;
    let request = pb::CreateCaseRequest { occurred_at: at("2026-03-09 09:00:00"), ..taking_in(enquiry()) };
    let case = suite.create_case(request).await.unwrap();
    assert_eq!(states(&case), [("pass_on", limit::State::Overdue)]);
    assert_eq!(case.next_due_at, at("2026-03-09 14:00:00"));
    assert_eq!(missed(&suite).await.len(), 1);
}
