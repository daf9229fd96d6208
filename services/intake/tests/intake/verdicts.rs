//! What a case is entitled to, by the classes of R01, and what lets it go on.

use callout_contract::{
    dispatch::v1::CreateWorkOrderRequest,
    intake::v1::{self as pb, case::Cause},
    regulation::v1::{Verdict, verdict::Outcome},
};
use tonic::{Code, Response, Status};

use crate::support::*;

fn verdict(case: pb::Case) -> Verdict {
    case.verdict.unwrap()
}

/// Its outcome and the rule that gave it.
fn given(verdict: &Verdict) -> (Outcome, &str) {
    (verdict.outcome(), verdict.explanation.as_ref().map_or("", |explanation| explanation.rule.as_str()))
}

/// A machine whose warranty ended before the tests begin.
async fn old(suite: &Suite, maker: &str, seller: &str) -> String {
    let product = pb::Product { warranty_ends_on: "2026-03-08".to_owned(), ..machine(maker, seller) };
    suite.create_product(product).await.unwrap().name
}

#[tokio::test]
async fn nothing_is_decided_before_the_class_of_the_machine_is_known() {
    let suite = Suite::start().await;
    let machine = suite.create_product(machine("", "")).await.unwrap().name;
    for case in [repair(""), repair(&machine)] {
        let name = suite.at_desk(case).await.name;
        let held = verdict(suite.fix(&name).await.unwrap());
        assert_eq!(given(&held), (Outcome::Held, "R01-01"));
        assert_refused(suite.dispatch(&name).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-01"]);
        assert_refused(suite.solve(&name).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-01"]);
    }
    assert!(suite.orders().await.is_empty());
}

#[tokio::test]
async fn a_machine_of_ours_in_warranty_is_served_free_and_one_of_the_partners_after_he_was_told() {
    let suite = Suite::alone().await;
    let own = verdict(suite.at_desk(repair(&suite.product("own", "own").await)).await);
    assert_eq!((given(&own), own.product_class.as_str(), own.in_warranty), ((Outcome::Free, "R01-03"), "1", true));
    let partners = verdict(suite.at_desk(repair(&suite.product("korean_partner", "own").await)).await);
    assert_eq!(given(&partners), (Outcome::Free, "R01-06"));
    assert_eq!([partners.notify_before, partners.charge_after], [["korean_partner"]; 2]);
}

#[tokio::test]
async fn the_last_second_of_the_last_day_of_warranty_is_in_it_and_the_next_is_not() {
    let suite = Suite::alone().await;
    let product = pb::Product { warranty_ends_on: "2026-03-09".to_owned(), ..machine("own", "own") };
    let machine = suite.create_product(product).await.unwrap().name;
    suite.clock("2026-03-10 09:00:00").await;
    for (received_at, outcome, rule) in
        [("2026-03-09 23:59:59", Outcome::Free, "R01-03"), ("2026-03-10 00:00:00", Outcome::Paid, "R01-09")]
    {
        let request = pb::CreateCaseRequest { occurred_at: at(received_at), ..taking_in(repair(&machine)) };
        let verdict = verdict(suite.create_case(request).await.unwrap());
        assert_eq!(given(&verdict), (outcome, rule), "{received_at}");
    }
}

#[tokio::test]
async fn an_analysis_that_finds_misuse_makes_the_customer_pay_and_one_that_corrects_it_does_not() {
    let suite = Suite::alone().await;
    let name = suite.at_desk(repair(&suite.product("own", "own").await)).await.name;
    let misused = verdict(suite.analyse(&name, Cause::Misuse).await.unwrap());
    assert_eq!((given(&misused), misused.tariff.as_str()), ((Outcome::Paid, "R01-04"), "misuse_visit"));
    assert_eq!(given(&verdict(suite.analyse(&name, Cause::Quality).await.unwrap())), (Outcome::Free, "R01-03"));
    let neglected = pb::AnalyseCaseRequest {
        name: name.clone(),
        cause: Cause::Quality.into(),
        manual_kept: Some(false),
        request_id: request_id(),
        ..Default::default()
    };
    let neglected = suite.cases().analyse_case(desk(neglected)).await.unwrap().into_inner();
    assert_eq!(given(&verdict(neglected)), (Outcome::Paid, "R01-04"));
    // Who does not speak of the manual leaves it as it was.
    assert_eq!(given(&verdict(suite.analyse(&name, Cause::Quality).await.unwrap())), (Outcome::Paid, "R01-04"));
    assert_eq!(given(&verdict(suite.analyse(&name, Cause::Other).await.unwrap())), (Outcome::Paid, "R01-04"));
}

#[tokio::test]
async fn out_of_warranty_a_machine_of_ours_is_served_for_money_for_life() {
    let suite = Suite::start().await;
    let name = suite.at_desk(repair(&old(&suite, "own", "own").await)).await.name;
    let paid = verdict(suite.fix(&name).await.unwrap());
    assert_eq!((given(&paid), paid.tariff.as_str()), ((Outcome::Paid, "R01-09"), "on_site_visit"));
    assert!(!paid.in_warranty);
    suite.dispatch(&name).await.unwrap();
    let asked: CreateWorkOrderRequest = suite.between().calls("CreateWorkOrder")[0].message();
    assert_eq!(asked.verdict.as_ref(), Some(&paid));
    assert_eq!(suite.orders().await[0].verdict, Some(paid), "dispatch goes by it");
}

#[tokio::test]
async fn the_partners_own_sale_in_warranty_is_held_until_the_terms_are_on_record() {
    let suite = Suite::start().await;
    let name = suite.at_desk(repair(&suite.product("korean_partner", "korean_partner").await)).await.name;
    let held = verdict(suite.fix(&name).await.unwrap());
    assert_eq!(given(&held), (Outcome::Held, "R01-08"));
    assert_refused(suite.dispatch(&name).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-08"]);
    let terms = paper("agency_contract_terms", "korean_partner");
    assert_refused(
        suite.record(&name, terms.clone(), "warehouse").await,
        Code::PermissionDenied,
        "PERMISSION_MISSING",
        &[],
    );
    assert_refused(
        suite.record(&name, terms.clone(), "general_manager").await,
        Code::FailedPrecondition,
        "RULE_REFUSED",
        &["R01-08"],
    );
    let by_contract = verdict(suite.record(&name, terms, "quality_office").await.unwrap());
    assert_eq!(given(&by_contract), (Outcome::Contract, "R01-08"));
    suite.dispatch(&name).await.unwrap();
}

#[tokio::test]
async fn the_partners_own_sale_out_of_warranty_is_refused_until_he_asks_and_the_lead_approves() {
    let suite = Suite::start().await;
    let name = suite.at_desk(repair(&old(&suite, "korean_partner", "korean_partner").await)).await.name;
    let refused = verdict(suite.fix(&name).await.unwrap());
    assert_eq!((given(&refused), refused.requirements.len()), ((Outcome::Refused, "R01-13"), 2));
    let request = paper("written_request", "korean_partner");
    let asked = verdict(suite.record(&name, request, "quality_office").await.unwrap());
    assert_eq!(asked.requirements.iter().map(|needed| needed.met).collect::<Vec<_>>(), [true, false]);
    assert_refused(suite.dispatch(&name).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-13"]);
    let approval = paper("service_approval", "");
    let approved = verdict(suite.record(&name, approval, "quality_lead").await.unwrap());
    assert_eq!((given(&approved), approved.tariff.as_str()), ((Outcome::Paid, "R01-13"), "class3_visit"));
    suite.dispatch(&name).await.unwrap();
}

#[tokio::test]
async fn a_step_is_judged_by_what_was_on_record_when_it_was_taken() {
    let suite = Suite::start().await;
    let name = suite.at_desk(repair(&suite.product("korean_partner", "korean_partner").await)).await.name;
    suite.fix(&name).await.unwrap();
    suite.clock("2026-03-09 11:00:00").await;
    suite.record(&name, paper("agency_contract_terms", "korean_partner"), "quality_office").await.unwrap();
    let dispatched_at = async |when| {
        let request = pb::DispatchCaseRequest { occurred_at: at(when), ..dispatching(&name) };
        suite.cases().dispatch_case(desk(request)).await.map(Response::into_inner)
    };
    let too_early: Result<pb::Case, Status> = dispatched_at("2026-03-09 10:59:59").await;
    assert_refused(too_early, Code::FailedPrecondition, "RULE_REFUSED", &["R01-08"]);
    dispatched_at("2026-03-09 11:00:00").await.unwrap();
}

#[tokio::test]
async fn a_competitors_machine_is_machined_for_money_and_anything_else_needs_the_general_manager() {
    let suite = Suite::start().await;
    let machine = suite.product("competitor", "").await;
    let work = pb::Case { work: "work_arm_machining".to_owned(), ..repair(&machine) };
    let machining = verdict(suite.at_desk(work).await);
    assert_eq!((given(&machining), machining.tariff.as_str()), ((Outcome::Paid, "R01-17"), "competitor_machining"));
    let name = suite.at_desk(repair(&machine)).await.name;
    suite.fix(&name).await.unwrap();
    assert_refused(suite.dispatch(&name).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-17"]);
    let approval = paper("unusual_request_approval", "");
    let approved = verdict(suite.record(&name, approval, "general_manager").await.unwrap());
    assert_eq!(given(&approved), (Outcome::Paid, "R01-17"));
    suite.dispatch(&name).await.unwrap();
}

#[tokio::test]
async fn another_machine_brings_its_own_facts_and_none_leaves_nothing_known() {
    let suite = Suite::alone().await;
    let (own, unknown) = (suite.product("own", "own").await, suite.create_product(machine("", "")).await.unwrap().name);
    let case = suite.at_desk(repair(&own)).await;
    let about = async |product: &str| {
        let asked = pb::Case { product: product.to_owned(), ..case.clone() };
        verdict(suite.update(asked, &["product"]).await.unwrap())
    };
    assert_eq!(given(&about(&unknown).await), (Outcome::Held, "R01-01"));
    assert_eq!(given(&about(&own).await), (Outcome::Free, "R01-03"));
    let nothing = about("").await;
    assert_eq!((given(&nothing), nothing.in_warranty), ((Outcome::Held, "R01-01"), false));
    let old = about(&old(&suite, "own", "own").await).await;
    assert_eq!((given(&old), old.in_warranty), ((Outcome::Paid, "R01-09"), false));
}

#[tokio::test]
async fn cases_are_ranked_by_the_class_of_their_machine() {
    let suite = Suite::alone().await;
    for (maker, seller, rank) in [("own", "own", "1"), ("korean_partner", "own", "2"), ("competitor", "", "4")] {
        let case = suite.at_desk(repair(&suite.product(maker, seller).await)).await;
        assert_eq!(case.rank, [rank]);
    }
    assert!(suite.at_desk(repair("")).await.rank.is_empty());
}

#[tokio::test]
async fn what_was_decided_for_an_order_that_came_to_nothing_decides_nothing_about_another_machine() {
    let suite = Suite::start().await;
    let case = suite.at_desk(repair(&suite.product("own", "own").await)).await;
    suite.fix(&case.name).await.unwrap();
    let order = suite.dispatch(&case.name).await.unwrap().work_order;
    suite.cancel_order(&order).await;
    let without_warranty = suite.create_product(machine("own", "own")).await.unwrap().name;
    let asked = pb::Case { product: without_warranty, ..case };
    let held = verdict(suite.update(asked, &["product"]).await.unwrap());
    assert_eq!((held.outcome(), held.in_warranty), (Outcome::Held, false), "nobody knows whether it is in warranty");
}
