//! The way of a case from the call to its end.

use callout_contract::{
    dispatch::v1::WorkOrderEnded,
    intake::v1::{
        self as pb,
        case::{Cause, State},
    },
    types::v1::Record,
};
use tonic::{Code, Response, Status};

use crate::support::*;

/// The events of a case that happened, in the order of time.
fn milestones(case: &pb::Case) -> Vec<&str> {
    case.milestones.iter().map(|milestone| milestone.event.as_str()).collect()
}

#[tokio::test]
async fn a_call_is_taken_in_by_whoever_hears_it_and_goes_to_the_desk_and_out_and_to_its_end() {
    let suite = Suite::start().await;
    let machine = suite.product("own", "own").await;
    let asked = taking_in(repair(&machine));
    let case = suite.cases().create_case(by("chen", "marketing", asked)).await.unwrap().into_inner();
    assert_eq!((case.state(), case.owner.as_str(), case.receiver.as_str()), (State::Received, "marketing", "chen"));
    assert_eq!((case.number.as_str(), case.regulation.as_str()), ("C2026-03-0001", REGULATION));
    assert_eq!((case.received_at, case.next_due_at), (at("2026-03-09 09:00:00"), at("2026-03-09 14:00:00")));

    let name = case.name;
    let case = suite.pass(&name).await.unwrap();
    assert_eq!((case.state(), case.owner.as_str()), (State::AtDesk, "quality_office"));
    let contact = pb::ContactCustomerRequest {
        name: name.clone(),
        note: "he is on site until six".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    let case = suite.cases().contact_customer(desk(contact)).await.unwrap().into_inner();
    assert_eq!((case.state(), case.contact_note.as_str()), (State::AtDesk, "he is on site until six"));
    let case = suite.analyse(&name, Cause::Quality).await.unwrap();
    assert_eq!((case.cause(), case.manual_kept), (Cause::Quality, true));
    let case = suite.fix(&name).await.unwrap();
    assert_eq!((case.state(), case.owner.as_str()), (State::SolutionFixed, "quality_office"));
    let solution = case.solution.unwrap();
    assert_eq!((solution.distance_km.as_str(), solution.company_cost.as_str()), ("250", "900.00"));
    let case = suite.dispatch(&name).await.unwrap();
    assert_eq!(case.state(), State::Dispatched);
    assert_eq!(case.work_order, suite.orders().await[0].name);
    // Nothing is due by a rule any more: the desk looks at it again in a week.
    assert_eq!(case.next_due_at, at("2026-03-16 23:59:59"));

    suite.close_order(&case.work_order, "2026-03-09 09:00:00").await;
    let case = suite.get(&name).await;
    assert_eq!((case.state(), case.owner.as_str(), case.next_due_at), (State::Solved, "", None));
    assert!(!case.work_order.is_empty() && case.solution.is_some(), "it says how it was solved");
    assert_eq!(milestones(&case), ["received", "passed_on", "contacted", "solution_fixed", "dispatched"]);
}

#[tokio::test]
async fn an_order_that_ended_without_work_gives_the_case_back_to_the_desk() {
    let suite = Suite::start().await;
    let name = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    suite.fix(&name).await.unwrap();
    let first = suite.dispatch(&name).await.unwrap().work_order;
    suite.cancel_order(&first).await;
    let case = suite.get(&name).await;
    assert_eq!((case.state(), case.work_order.as_str()), (State::SolutionFixed, ""));
    assert_eq!(case.owner, "quality_office");

    let second = suite.dispatch(&name).await.unwrap().work_order;
    assert_ne!(first, second);
    // The first order's end is heard a second time, and an order of nobody's ends: neither is the order under way.
    let ended = suite.told_by_dispatch::<WorkOrderEnded>().await;
    assert_eq!(ended.len(), 1);
    suite.hear(&ended[0]).await.unwrap();
    suite.cancel_order(&suite.open_order(&no_case()).await.unwrap().name).await;
    assert_eq!(suite.told_by_dispatch::<WorkOrderEnded>().await.len(), 2);
    assert_eq!(suite.get(&name).await.state(), State::Dispatched);
    suite.close_order(&second, "2026-03-09 09:00:00").await;
    assert_eq!(suite.get(&name).await.state(), State::Solved);
}

#[tokio::test]
async fn a_question_is_answered_by_whoever_hears_it_and_the_desk_still_learns_of_it() {
    let suite = Suite::alone().await;
    let asked = by("chen", "marketing", taking_in(enquiry()));
    let name = suite.cases().create_case(asked).await.unwrap().into_inner().name;
    let answered = suite.answer(&name).await.unwrap();
    assert_eq!((answered.state(), answered.answer.as_str()), (State::Answered, "every 500 hours"));
    assert_eq!((answered.owner.as_str(), answered.next_due_at), ("", None));
    let passed = suite.pass(&name).await.unwrap();
    assert_eq!((passed.state(), milestones(&passed)), (State::Answered, vec!["received", "answered", "passed_on"]));
    assert_eq!(allowed_states(suite.pass(&name).await), "RECEIVED");
    let record =
        Record { fields: [("received".to_owned(), "chen, 09:00".to_owned())].into(), ..paper("enquiry_record", "") };
    let recorded = suite.record(&name, record, "quality_office").await.unwrap();
    assert_eq!((recorded.state(), recorded.records.len()), (State::Answered, 1));
}

#[tokio::test]
async fn only_a_question_is_answered() {
    let suite = Suite::alone().await;
    let name = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    assert_eq!(wrong_fields(suite.answer(&name).await), ["name"]);
    assert_eq!(suite.get(&name).await.state(), State::AtDesk);
}

#[tokio::test]
async fn a_repair_is_solved_at_once_by_those_alone_who_may() {
    let suite = Suite::alone().await;
    let machine = suite.product("own", "own").await;
    let received = suite.cases().create_case(by("chen", "marketing", taking_in(repair(&machine)))).await;
    let name = received.unwrap().into_inner().name;
    let solving = || pb::SolveCaseRequest {
        name: name.clone(),
        solution: "told him what to do".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    let by_chen = suite.cases().solve_case(by("chen", "marketing", solving())).await;
    assert_refused(by_chen, Code::FailedPrecondition, "RULE_REFUSED", &["R01-23"]);
    assert_eq!(suite.get(&name).await.state(), State::Received);
    let solved = suite.cases().solve_case(by("hu", "product_development", solving())).await.unwrap().into_inner();
    assert_eq!((solved.state(), solved.answer.as_str()), (State::Solved, "told him what to do"));
    assert_eq!((solved.work_order.as_str(), solved.next_due_at), ("", None));
}

#[tokio::test]
async fn who_solves_a_case_himself_has_its_data_on_record() {
    let suite = Suite::alone().await;
    let case = pb::Case { contact: String::new(), ..repair(&suite.product("own", "own").await) };
    let name =
        suite.cases().create_case(by("hu", "product_development", taking_in(case))).await.unwrap().into_inner().name;
    let solve = async || {
        let request = pb::SolveCaseRequest {
            name: name.clone(),
            solution: "x".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        suite.cases().solve_case(by("hu", "product_development", request)).await.map(Response::into_inner)
    };
    assert_refused(solve().await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-24"]);
    let known = pb::Case { name: name.clone(), contact: "Mr Li".to_owned(), ..pb::Case::default() };
    suite.update(known, &["contact"]).await.unwrap();
    assert_eq!(solve().await.unwrap().state(), State::Solved);
}

#[tokio::test]
async fn a_case_is_given_up_at_any_time_before_its_work_begins_and_says_why() {
    let suite = Suite::alone().await;
    let machine = suite.product("own", "own").await;
    let received = suite.create_case(taking_in(repair(&machine))).await.unwrap().name;
    let at_desk = suite.at_desk(repair(&machine)).await.name;
    let fixed = suite.at_desk(repair(&machine)).await.name;
    suite.fix(&fixed).await.unwrap();
    for name in [received, at_desk, fixed] {
        let cancelled = suite.cancel(&name).await.unwrap();
        assert_eq!((cancelled.state(), cancelled.cancel_reason.as_str()), (State::Cancelled, "withdrawn"));
        assert_eq!((cancelled.owner.as_str(), cancelled.next_due_at), ("", None));
    }
}

/// A case in each state, in their order in the README.
async fn one_in_each_state(suite: &Suite) -> Vec<pb::Case> {
    let machine = suite.product("own", "own").await;
    let received = suite.create_case(taking_in(enquiry())).await.unwrap();
    let at_desk = suite.at_desk(enquiry()).await;
    let mut ways = Vec::new();
    for _ in 0..3 {
        let name = suite.at_desk(repair(&machine)).await.name;
        ways.push(suite.fix(&name).await.unwrap());
    }
    let dispatched = suite.dispatch(&ways[1].name).await.unwrap();
    let closed = suite.dispatch(&ways[2].name).await.unwrap();
    suite.close_order(&closed.work_order, "2026-03-09 09:00:00").await;
    let answered = suite.answer(&suite.at_desk(enquiry()).await.name).await.unwrap();
    let at_once = suite.solve(&suite.at_desk(repair(&machine)).await.name).await.unwrap();
    let cancelled = suite.cancel(&suite.at_desk(enquiry()).await.name).await.unwrap();
    vec![received, at_desk, ways.remove(0), dispatched, answered, at_once, suite.get(&closed.name).await, cancelled]
}

#[tokio::test]
async fn a_step_out_of_turn_is_refused_naming_the_states_that_allow_it_and_changes_nothing() {
    let suite = Suite::start().await;
    let cases = Box::pin(one_in_each_state(&suite)).await;
    let words: Vec<&str> = cases.iter().map(|case| case.state().as_str_name()).collect();
    assert_eq!(
        words,
        [
            "STATE_RECEIVED",
            "STATE_AT_DESK",
            "STATE_SOLUTION_FIXED",
            "STATE_DISPATCHED",
            "STATE_ANSWERED",
            "STATE_SOLVED",
            "STATE_SOLVED",
            "STATE_CANCELLED"
        ]
    );
    let refused = async |step: &str, case: &pb::Case| -> Result<pb::Case, Status> {
        match step {
            "fix" => suite.fix(&case.name).await,
            "solve" => suite.solve(&case.name).await,
            "dispatch" => suite.dispatch(&case.name).await,
            "cancel" => suite.cancel(&case.name).await,
            "analyse" => suite.analyse(&case.name, Cause::Quality).await,
            _ => suite.update(pb::Case { contact: "x".to_owned(), ..case.clone() }, &["contact"]).await,
        }
    };
    let open = "RECEIVED,AT_DESK,SOLUTION_FIXED,DISPATCHED";
    for (step, allowed, wrong) in [
        ("fix", "AT_DESK,SOLUTION_FIXED", vec![0, 3, 4, 5, 6, 7]),
        ("solve", "RECEIVED,AT_DESK,SOLUTION_FIXED", vec![3, 4, 5, 6, 7]),
        ("dispatch", "SOLUTION_FIXED", vec![0, 1, 3, 4, 5, 6, 7]),
        ("cancel", "RECEIVED,AT_DESK,SOLUTION_FIXED", vec![3, 4, 5, 6, 7]),
        ("analyse", open, vec![4, 5, 6, 7]),
        ("update", open, vec![4, 5, 6, 7]),
    ] {
        for index in wrong {
            let case = &cases[index];
            assert_eq!(allowed_states(refused(step, case).await), allowed, "{step} from {}", words[index]);
            assert_eq!(&suite.get(&case.name).await, case);
        }
    }
    // What came to nothing has nothing put on record with it; what is over otherwise has.
    let terms = || paper("agency_contract_terms", "korean_partner");
    for over in &cases[4..7] {
        suite.record(&over.name, terms(), "quality_office").await.unwrap();
    }
    assert_eq!(allowed_states(suite.record(&cases[7].name, terms(), "quality_office").await), open);
}

#[tokio::test]
async fn the_desk_alone_takes_a_call_in_at_the_desk() {
    let suite = Suite::alone().await;
    let request = || pb::CreateCaseRequest { at_desk: true, ..taking_in(enquiry()) };
    let partner = suite.cases().create_case(by("gao", "general_manager", request())).await;
    assert_refused(partner, Code::PermissionDenied, "PERMISSION_MISSING", &[]);
    assert_eq!(suite.count("select count(*) from intake.service_case").await, 0);
    let case = suite.create_case(request()).await.unwrap();
    assert_eq!((case.state(), milestones(&case)), (State::AtDesk, vec!["received", "passed_on"]));
    assert_refused(suite.pass(&case.name).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
}

#[tokio::test]
async fn cases_are_listed_by_their_state_the_latest_first_and_page_by_page() {
    let suite = Suite::alone().await;
    let mut expected: Vec<String> = Vec::new();
    for _ in 0..5 {
        expected.insert(0, suite.create_case(taking_in(enquiry())).await.unwrap().name);
        suite.at_desk(enquiry()).await;
    }
    let list = |page_size, page_token: String, state: State| {
        let parent = ORG.to_owned();
        desk(pb::ListCasesRequest { parent, page_size, page_token, state: state.into() })
    };
    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let page = suite.cases().list_cases(list(2, page_token, State::Received)).await.unwrap().into_inner();
        assert!(page.cases.len() <= 2);
        listed.extend(page.cases.into_iter().map(|case| case.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, expected);
    let first = suite.cases().list_cases(list(2, String::new(), State::Received)).await.unwrap().into_inner();
    assert_eq!(first.cases[0], suite.get(&first.cases[0].name).await);
    let other = suite.cases().list_cases(list(2, first.next_page_token, State::AtDesk)).await;
    assert_eq!(wrong_fields(other), ["page_token"]);
    let all = suite.cases().list_cases(list(0, String::new(), State::Unspecified)).await.unwrap().into_inner();
    assert_eq!((all.cases.len(), all.next_page_token.as_str()), (10, ""));
    let unknown = pb::ListCasesRequest { parent: ORG.to_owned(), state: 77, ..Default::default() };
    assert_eq!(wrong_fields(suite.cases().list_cases(desk(unknown)).await), ["state"]);
}

#[tokio::test]
async fn numbers_follow_one_another_through_a_month() {
    let suite = Suite::alone().await;
    let number = async || suite.create_case(taking_in(enquiry())).await.unwrap().number;
    assert_eq!((number().await.as_str(), number().await.as_str()), ("C2026-03-0001", "C2026-03-0002"));
    suite.clock("2026-04-01 00:00:00").await;
    assert_eq!(number().await, "C2026-04-0001");
}
