//! What intake finds out about a case whose order is under way.

use callout_casework::Service as _;
use callout_contract::{
    dispatch::v1::{self as pb, quote, quotes_server::Quotes as _, work_order::QuoteState},
    events::v1::Event,
    intake::v1::{Case, CaseProgressed, case::Cause},
    regulation::v1::{Verdict, verdict::Outcome},
    types::v1::Record,
};
use callout_journal::TenantTx;
use callout_regulation::vocabulary::words;
use prost::Name as _;

use crate::support::*;

/// The case of an order as intake tells of it after an analysis that found `cause`.
pub fn analysed(order: &pb::WorkOrder, cause: Cause) -> CaseProgressed {
    let mut dossier = dossier(Product::Own);
    dossier.facts.set(words::CASE_CAUSE, if cause == Cause::Misuse { "misuse" } else { "quality" });
    let record =
        Record { kind: "enquiry_record".to_owned(), occurred_at: at("2026-03-09T09:00:00+08:00"), ..Record::default() };
    let told = Case {
        name: order.case.clone(),
        work_order: order.name.clone(),
        cause: cause.into(),
        verdict: Some(verdict(&dossier)),
        milestones: vec![received("2026-03-09T09:00:00+08:00")],
        records: vec![record],
        ..Case::default()
    };
    CaseProgressed { event: "analysed".to_owned(), case: Some(told) }
}

#[tokio::test]
async fn a_finding_of_intake_is_judged_anew_on_the_order_under_way() {
    let suite = Suite::start().await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await;
    assert_eq!(order.limits.len(), 1);
    tell(&suite, analysed(&order, Cause::Misuse)).await;
    let judged = suite.get(&order.name).await;
    assert_eq!(judged.verdict.as_ref().map(Verdict::outcome), Some(Outcome::Paid));
    assert_eq!((judged.customer_amount.as_str(), judged.quote_state()), ("", QuoteState::None));
    assert!(judged.limits.is_empty(), "a paid visit has no arrival limit");
    assert!(judged.milestones.iter().any(|milestone| milestone.event == "dispatched"), "its own history stays");
}

#[tokio::test]
async fn a_quote_by_a_tariff_that_does_not_count_any_more_is_taken_back() {
    let suite = Suite::start().await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await;
    tell(&suite, analysed(&order, Cause::Misuse)).await;
    let request = pb::CreateQuoteRequest {
        parent: order.name.clone(),
        quote: Some(pb::Quote { persons: 1, days: "1".to_owned(), ..pb::Quote::default() }),
        request_id: request_id(),
        ..Default::default()
    };
    let quote = suite.dispatch.create_quote(desk(request)).await.unwrap().into_inner();
    tell(&suite, analysed(&order, Cause::Quality)).await;
    let judged = suite.get(&order.name).await;
    assert_eq!((judged.customer_amount.as_str(), judged.quote_state()), ("0.00", QuoteState::None));
    let told: Vec<_> = suite.told::<pb::QuoteChanged>().await.into_iter().filter_map(|told| told.quote).collect();
    assert_eq!(told.iter().map(pb::Quote::state).collect::<Vec<_>>(), [quote::State::Open, quote::State::Replaced]);
    assert_eq!(told[1].name, quote.name);
}

#[tokio::test]
async fn what_intake_told_of_a_case_before_it_was_dispatched_changes_nothing() {
    let suite = Suite::start().await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await;
    let mut early = analysed(&order, Cause::Misuse);
    if let Some(case) = &mut early.case {
        case.work_order = String::new();
    }
    tell(&suite, early).await;
    assert_eq!(suite.get(&order.name).await, order);
}

/// Intake tells of something that happened to a case.
pub async fn tell(suite: &Suite, progressed: CaseProgressed) {
    let event = Event {
        id: request_id(),
        r#type: CaseProgressed::full_name(),
        occurred_at: at("2026-03-09T09:00:00+08:00"),
        payload: prost_types::Any::from_msg(&progressed).ok(),
        ..Event::default()
    };
    suite.write(async |tx: &mut TenantTx| suite.dispatch.on_event(tx, &event).await).await;
}
