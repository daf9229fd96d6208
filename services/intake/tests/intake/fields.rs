//! What a request about a case says: what is wrong in it, and what it changes.

use callout_contract::intake::v1::{self as pb, case::State};
use tonic::{Code, Response};

use crate::support::*;

#[tokio::test]
async fn what_is_reported_late_happened_when_it_did_and_nothing_before_the_call_or_later_than_now() {
    let suite = Suite::alone().await;
    let early = pb::CreateCaseRequest { occurred_at: at("2026-03-09 09:00:01"), ..taking_in(enquiry()) };
    assert_eq!(wrong_fields(suite.create_case(early).await), ["occurred_at"]);
    let late = pb::CreateCaseRequest { occurred_at: at("2026-03-09 08:00:00"), ..taking_in(enquiry()) };
    let name = suite.create_case(late).await.unwrap().name;
    let pass = async |occurred_at| {
        let request =
            pb::PassCaseRequest { name: name.clone(), occurred_at, request_id: request_id(), ..Default::default() };
        suite.cases().pass_case(desk(request)).await.map(Response::into_inner)
    };
    for wrong in ["2026-03-09 07:59:59", "2026-03-09 09:00:01"] {
        assert_eq!(wrong_fields(pass(at(wrong)).await), ["occurred_at"], "{wrong}");
    }
    let passed = pass(at("2026-03-09 08:00:00")).await.unwrap();
    assert_eq!(passed.milestones[1].occurred_at, at("2026-03-09 08:00:00"));
}

#[tokio::test]
async fn every_wrong_field_of_a_call_is_told_at_once() {
    let suite = Suite::alone().await;
    let case = pb::Case {
        kind: 77,
        product: "machine 7".to_owned(),
        customer: "Mr Li".to_owned(),
        fault: "x".repeat(2_001),
        work: "haircut".to_owned(),
        requested_by: "somebody".to_owned(),
        ..pb::Case::default()
    };
    let request = pb::CreateCaseRequest { occurred_at: at("2026-03-10 00:00:00"), ..taking_in(case) };
    let wrong = wrong_fields(suite.create_case(request).await);
    let fields = ["kind", "product", "customer", "fault", "work", "requested_by"].map(|field| format!("case.{field}"));
    assert_eq!(wrong, [vec!["occurred_at".to_owned()], fields.to_vec()].concat());
    let longest = pb::Case { fault: "钩".repeat(2_000), ..enquiry() };
    suite.create_case(taking_in(longest)).await.unwrap();
}

#[tokio::test]
async fn every_wrong_field_of_a_solution_is_told_at_once() {
    let suite = Suite::alone().await;
    let name = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    let other = pb::Solution { mode: 77, company_cost: "-1".to_owned(), ..pb::Solution::default() };
    let request = pb::FixSolutionRequest {
        name: name.clone(),
        solution: Some(pb::Solution { distance_km: "far".to_owned(), plan: "x".repeat(2_001), ..on_site() }),
        alternatives: vec![pb::Solution { mode: pb::solution::Mode::Remote.into(), ..pb::Solution::default() }, other],
        request_id: request_id(),
        ..Default::default()
    };
    let wrong = wrong_fields(suite.cases().fix_solution(desk(request)).await);
    assert_eq!(
        wrong,
        ["solution.distance_km", "solution.plan", "alternatives[1].mode", "alternatives[1].company_cost"]
    );
    assert_eq!(suite.get(&name).await.state(), State::AtDesk);
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_whatever_it_says() {
    let suite = Suite::alone().await;
    let name = suite.at_desk(enquiry()).await.name;
    let (name, long) = (|| name.clone(), || "x".repeat(2_001));
    let (cases, id) = (|| suite.cases(), request_id);
    let answer = pb::AnswerCaseRequest { name: name(), answer: long(), request_id: id(), ..Default::default() };
    assert_eq!(wrong_fields(cases().answer_case(desk(answer)).await), ["answer"]);
    let solve = pb::SolveCaseRequest { name: name(), solution: long(), request_id: id(), ..Default::default() };
    assert_eq!(wrong_fields(cases().solve_case(desk(solve)).await), ["solution"]);
    let cancel = pb::CancelCaseRequest { name: name(), reason: long(), request_id: id(), ..Default::default() };
    assert_eq!(wrong_fields(cases().cancel_case(desk(cancel)).await), ["reason"]);
    let contact = pb::ContactCustomerRequest { name: name(), note: long(), request_id: id(), ..Default::default() };
    assert_eq!(wrong_fields(cases().contact_customer(desk(contact)).await), ["note"]);
    let fault = pb::Case { name: name(), fault: long(), ..pb::Case::default() };
    assert_eq!(wrong_fields(suite.update(fault, &["fault"]).await), ["case.fault"]);
    assert_eq!(suite.get(&name()).await.state(), State::AtDesk);
}

#[tokio::test]
async fn what_a_request_names_wrongly_is_told_by_the_field_that_names_it() {
    let suite = Suite::alone().await;
    let wrong = suite.product("own", "own").await;
    assert_eq!(wrong_fields(suite.pass(&wrong).await), ["name"]);
    assert_eq!(wrong_fields(suite.record(&wrong, paper("service_approval", ""), "quality_lead").await), ["parent"]);
    let case = pb::Case { name: wrong.clone(), ..pb::Case::default() };
    assert_eq!(wrong_fields(suite.update(case, &["contact"]).await), ["case.name"]);
}

#[tokio::test]
async fn an_update_changes_what_its_mask_names_and_nothing_else() {
    let suite = Suite::alone().await;
    let (own, customer) = (suite.product("own", "own").await, suite.customer("Harbour").await);
    let before = suite.at_desk(enquiry()).await;
    let asked = pb::Case {
        product: own.clone(),
        customer: customer.clone(),
        contact: "Mrs Wu".to_owned(),
        fault: "it leaks".to_owned(),
        ..before.clone()
    };
    let changed = suite.update(asked.clone(), &["contact"]).await.unwrap();
    let said = (changed.contact.as_str(), changed.fault.as_str(), changed.product.as_str(), changed.customer.as_str());
    assert_eq!(said, ("Mrs Wu", before.fault.as_str(), "", ""));
    let changed = suite.update(asked.clone(), &["*"]).await.unwrap();
    let said = (changed.fault.as_str(), changed.product.as_str(), changed.customer.as_str());
    assert_eq!(said, ("it leaks", own.as_str(), customer.as_str()));
    let columns = "select count(*) from intake.service_case where product_id is not null and customer_id is not null";
    assert_eq!(suite.count(columns).await, 1);
    for paths in [&["urgent"][..], &["contact", "state"]] {
        assert_eq!(wrong_fields(suite.update(asked.clone(), paths).await), ["update_mask"]);
    }
    for nothing in [no_product(), no_customer()] {
        let asked = pb::Case { product: nothing.clone(), customer: nothing.clone(), ..before.clone() };
        let path = if nothing.contains("/products/") { "product" } else { "customer" };
        assert_refused(suite.update(asked, &[path]).await, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    }
}
