//! What holds whatever two callers do at the same moment, and what the database sees to whatever the code does.

use callout_contract::intake::v1::{
    self as pb,
    case::{Cause, State},
};
use callout_journal::{Service, migration::unprotected_tables};
use tonic::{Code, Response, Status};

use crate::support::*;

#[tokio::test]
async fn no_table_is_without_the_tenants_policy() {
    let suite = Suite::alone().await;
    let mut connection = suite.superuser.acquire().await.unwrap();
    assert_eq!(unprotected_tables(&mut connection, Service::Intake).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_same_call_is_taken_in_once_and_has_one_answer_for_good() {
    let suite = Suite::alone().await;
    let request = taking_in(enquiry());
    let (one, other) = tokio::join!(suite.create_case(request.clone()), suite.create_case(request.clone()));
    let first = one.unwrap();
    assert_eq!(first, other.unwrap());
    // Whatever becomes of it meanwhile.
    suite.cancel(&first.name).await.unwrap();
    suite.clock("2026-03-20 09:00:00").await;
    assert_eq!(suite.create_case(request.clone()).await.unwrap(), first);
    assert_eq!(suite.events(&first.name).await, ["CaseReceived", "CaseEnded"]);
    let other = pb::CreateCaseRequest { at_desk: true, ..request };
    assert_refused(suite.create_case(other).await, Code::InvalidArgument, "REQUEST_ID_REUSED", &[]);
}

#[tokio::test]
async fn a_refused_request_is_judged_again_when_it_comes_again() {
    let suite = Suite::start().await;
    let name = suite.at_desk(repair("")).await.name;
    suite.fix(&name).await.unwrap();
    let request = dispatching(&name);
    let send = async || suite.cases().dispatch_case(desk(request.clone())).await.map(Response::into_inner);
    assert_refused(send().await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-01"]);
    let known = pb::Case { name, product: suite.product("own", "own").await, ..pb::Case::default() };
    suite.update(known, &["product"]).await.unwrap();
    assert_eq!(send().await.unwrap().state(), State::Dispatched);
}

#[tokio::test]
async fn of_two_steps_at_the_same_moment_that_exclude_each_other_one_is_taken() {
    let suite = Suite::alone().await;
    let machine = suite.product("own", "own").await;
    for _ in 0..3 {
        let name = suite.at_desk(repair(&machine)).await.name;
        let (solved, cancelled) = tokio::join!(suite.solve(&name), suite.cancel(&name));
        let ended = match (solved, cancelled) {
            (Ok(ended), Err(refused)) | (Err(refused), Ok(ended)) => {
                assert_eq!(allowed_states(Err::<(), _>(refused)), "RECEIVED,AT_DESK,SOLUTION_FIXED");
                ended
            }
            both => panic!("{both:?}"),
        };
        assert_eq!(suite.get(&name).await, ended);
        assert_eq!(suite.events(&name).await, ["CaseReceived", "CaseEnded"]);
    }
}

#[tokio::test]
async fn of_two_steps_at_the_same_moment_that_do_not_neither_is_lost() {
    let suite = Suite::alone().await;
    let name = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    let contact = pb::ContactCustomerRequest { name: name.clone(), request_id: request_id(), ..Default::default() };
    let mut cases = suite.cases();
    let (one, other) = tokio::join!(suite.analyse(&name, Cause::Misuse), cases.contact_customer(desk(contact)));
    assert_ne!(one.unwrap().etag, other.unwrap().into_inner().etag);
    let both = suite.get(&name).await;
    assert_eq!((both.cause(), both.etag.as_str()), (Cause::Misuse, "\"3\""));
    assert!(both.milestones.iter().any(|milestone| milestone.event == "contacted"));
}

#[tokio::test]
async fn numbers_are_given_once_whoever_calls_at_the_same_moment() {
    let suite = Suite::alone().await;
    let call = || suite.create_case(taking_in(enquiry()));
    let (one, two, three, four) = tokio::join!(call(), call(), call(), call());
    let mut numbers = [one, two, three, four].map(|case| case.unwrap().number);
    numbers.sort_unstable();
    assert_eq!(numbers, ["C2026-03-0001", "C2026-03-0002", "C2026-03-0003", "C2026-03-0004"]);
}

#[tokio::test]
async fn a_stale_etag_is_refused_by_every_step() {
    let suite = Suite::start().await;
    let before = suite.at_desk(enquiry()).await;
    suite.analyse(&before.name, Cause::Other).await.unwrap();
    let (name, etag, id) = (|| before.name.clone(), || before.etag.clone(), request_id);
    let mut cases = suite.cases();
    let mut refused: Vec<Result<Response<pb::Case>, Status>> = Vec::new();
    let pass = pb::PassCaseRequest { name: name(), etag: etag(), request_id: id(), ..Default::default() };
    refused.push(cases.pass_case(desk(pass)).await);
    let contact = pb::ContactCustomerRequest { name: name(), etag: etag(), request_id: id(), ..Default::default() };
    refused.push(cases.contact_customer(desk(contact)).await);
    let (answer, solution) = ("yes".to_owned(), "done".to_owned());
    let answer = pb::AnswerCaseRequest { name: name(), answer, etag: etag(), request_id: id(), ..Default::default() };
    refused.push(cases.answer_case(desk(answer)).await);
    let cause = Cause::Other.into();
    let analyse = pb::AnalyseCaseRequest { name: name(), cause, etag: etag(), request_id: id(), ..Default::default() };
    refused.push(cases.analyse_case(desk(analyse)).await);
    let chosen = Some(on_site());
    let fix =
        pb::FixSolutionRequest { name: name(), solution: chosen, etag: etag(), request_id: id(), ..Default::default() };
    refused.push(cases.fix_solution(desk(fix)).await);
    let solve = pb::SolveCaseRequest { name: name(), solution, etag: etag(), request_id: id(), ..Default::default() };
    refused.push(cases.solve_case(desk(solve)).await);
    let dispatch = pb::DispatchCaseRequest { etag: etag(), ..dispatching(&name()) };
    refused.push(cases.dispatch_case(desk(dispatch)).await);
    let reason = "withdrawn".to_owned();
    let cancel = pb::CancelCaseRequest { name: name(), reason, etag: etag(), request_id: id(), ..Default::default() };
    refused.push(cases.cancel_case(desk(cancel)).await);
    let update = pb::UpdateCaseRequest {
        case: Some(before.clone()),
        update_mask: Some(mask(&["contact"])),
        etag: etag(),
        request_id: id(),
    };
    refused.push(cases.update_case(desk(update)).await);
    for answer in refused {
        assert_refused(answer, Code::Aborted, "ETAG_STALE", &[]);
    }
    assert_eq!(suite.events(&before.name).await.len(), 2);
}

#[tokio::test]
async fn the_database_keeps_no_open_case_without_an_owner_and_a_time_to_act_by() {
    let suite = Suite::alone().await;
    suite.at_desk(enquiry()).await;
    for (broken, constraint) in [
        ("update intake.service_case set next_due_at = null", "case_is_kept"),
        ("update intake.service_case set owner = null", "case_is_kept"),
        ("update intake.service_case set owner = null, next_due_at = null", "case_is_kept"),
        ("update intake.service_case set state = 'SOLVED'", "case_is_kept"),
        ("update intake.service_case set state = 'LOST'", "service_case_state_check"),
        ("update intake.service_case set state = 'DISPATCHED'", "case_is_dispatched"),
        ("update intake.service_case set product_id = gen_random_uuid()", "case_product"),
        ("update intake.service_case set customer_id = gen_random_uuid()", "case_customer"),
    ] {
        assert_eq!(suite.refusal_of(broken).await.as_deref(), Some(constraint), "{broken}");
    }
}

#[tokio::test]
async fn what_has_happened_and_what_was_answered_cannot_be_taken_back() {
    let suite = Suite::alone().await;
    suite.at_desk(repair(&suite.product("own", "own").await)).await;
    for taken_back in [
        "delete from intake.service_case",
        "delete from intake.product",
        "delete from intake.customer",
        "update intake.event set payload = ''",
        "delete from intake.event",
        "update intake.audit set subject = 'nobody'",
        "delete from intake.audit",
        "delete from intake.request",
    ] {
        assert_eq!(suite.refusal_of(taken_back).await.as_deref(), Some("42501"), "{taken_back}");
    }
}
