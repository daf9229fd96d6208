//! What work costs: quotes for the customer, charges for a party.

use callout_contract::dispatch::v1::{
    self as pb, charges_server::Charges as _, quote, quotes_server::Quotes as _, work_order::QuoteState,
};
use tonic::{Code, Response, Status};

use crate::support::*;

async fn told(suite: &Suite, order: &str, days: &str) -> Result<pb::Quote, Status> {
    let quote = pb::Quote { persons: 1, days: days.to_owned(), ..pb::Quote::default() };
    let request = pb::CreateQuoteRequest {
        parent: order.to_owned(),
        quote: Some(quote),
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.create_quote(desk(request)).await.map(Response::into_inner)
}

async fn confirm(suite: &Suite, quote: &str) -> Result<pb::Quote, Status> {
    let request = pb::ConfirmQuoteRequest { name: quote.to_owned(), request_id: request_id(), ..Default::default() };
    suite.dispatch.confirm_quote(desk(request)).await.map(Response::into_inner)
}

async fn charge(suite: &Suite, order: &str, party: &str) -> Result<pb::Charge, Status> {
    let item = |item: &str, amount: &str| pb::QuoteItem { item: item.to_owned(), amount: amount.to_owned() };
    let charge = pb::Charge {
        party: party.to_owned(),
        items: vec![item("travel", "1150"), item("labour", "800"), item("parts", "400")],
        ..pb::Charge::default()
    };
    let request = pb::CreateChargeRequest {
        parent: order.to_owned(),
        charge: Some(charge),
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.create_charge(desk(request)).await.map(Response::into_inner)
}

#[tokio::test]
async fn a_quote_says_what_each_line_comes_from() {
    let suite = Suite::start().await;
    let order = suite.order(Product::OwnOld, pb::WorkMode::OnSite).await.name;
    let quote = told(&suite, &order, "2").await.unwrap();
    assert_eq!((quote.state(), quote.total.as_str(), quote.currency.as_str()), (quote::State::Open, "1100.00", "CNY"));
    let lines: Vec<_> =
        quote.lines.iter().map(|line| (line.line.as_str(), line.amount.as_str(), line.rule.as_str())).collect();
    assert_eq!(lines, [("labour", "800.00", "R01-11"), ("travel", "300.00", "R01-11")]);
    assert!(quote.lines[1].computation.contains("= 300"), "{}", quote.lines[1].computation);
    let kept = pb::GetQuoteRequest { name: quote.name.clone() };
    assert_eq!(suite.dispatch.get_quote(desk(kept)).await.unwrap().into_inner(), quote);
}

#[tokio::test]
async fn a_confirmed_quote_is_the_price_and_starts_the_departure_limit() {
    let suite = Suite::start().await;
    let order = suite.order(Product::OwnOld, pb::WorkMode::OnSite).await.name;
    let first = told(&suite, &order, "2").await.unwrap();
    let second = told(&suite, &order, "1").await.unwrap();
    assert_refused(confirm(&suite, &first.name).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
    confirm(&suite, &second.name).await.unwrap();
    let order = suite.get(&order).await;
    assert_eq!((order.quote_state(), order.customer_amount.as_str()), (QuoteState::Confirmed, "700.00"));
    assert_eq!(order.next_due_at, at("2026-03-10T09:00:00+08:00"));
    assert_eq!(order.limits.iter().map(|limit| limit.limit.as_str()).collect::<Vec<_>>(), ["departure"]);
    // The price that he confirmed stands.
    assert_refused(told(&suite, &order.name, "3").await, Code::FailedPrecondition, "STATE_WRONG", &[]);
}

#[tokio::test]
async fn who_declines_to_pay_is_served_free_by_the_right_approval_alone() {
    let suite = Suite::start().await;
    let engineer = suite.engineer("wang", "").await;
    let order = suite.order(Product::OwnOld, pb::WorkMode::OnSite).await.name;
    let visit = ("2026-03-09T13:00:00+08:00", "2026-03-12T18:00:00+08:00");
    suite.schedule(&order, &engineer, visit.0, visit.1).await.unwrap();
    suite.prepare(&order).await;
    assert_refused(suite.depart(&order).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-12"]);
    let quote = told(&suite, &order, "2").await.unwrap();
    let request = pb::DeclineQuoteRequest { name: quote.name, request_id: request_id(), ..Default::default() };
    suite.dispatch.decline_quote(desk(request)).await.unwrap();
    assert_eq!(suite.get(&order).await.customer_amount, "");
    assert_refused(suite.depart(&order).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-33"]);
    let wrong = suite.record(&order, "unpaid_service_approval", "quality_lead").await;
    assert_refused(wrong, Code::FailedPrecondition, "RULE_REFUSED", &["R01-33"]);
    let approved = suite.record(&order, "unpaid_service_approval", "general_manager").await.unwrap();
    assert_eq!(approved.customer_amount, "0.00");
    assert_eq!(approved.limits.iter().map(|limit| limit.limit.as_str()).collect::<Vec<_>>(), ["departure_unpaid"]);
    suite.depart(&order).await.unwrap();
}

#[tokio::test]
async fn nothing_is_quoted_where_nothing_is_charged() {
    let suite = Suite::start().await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await;
    assert_eq!(order.customer_amount, "0.00");
    assert_refused(told(&suite, &order.name, "1").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-03"]);
    assert_eq!(suite.count("select count(*) from dispatch.quote").await, 0);
}

#[tokio::test]
async fn a_price_that_the_quoter_gives_keeps_its_floor_and_needs_every_item() {
    let suite = Suite::start().await;
    let order = suite.order(Product::Foreign, pb::WorkMode::Workshop).await.name;
    let quote = |leave_out: &str, price: &str| {
        let costs = [
            ("survey", "1000"),
            ("design", "2000"),
            ("travel", "500"),
            ("material", "6000"),
            ("machining", "4000"),
            ("tooling", "1500"),
            ("management", "800"),
            ("taxes", "1200"),
        ];
        let item = |(item, amount): (&str, &str)| pb::QuoteItem { item: item.to_owned(), amount: amount.to_owned() };
        let quote = pb::Quote {
            items: costs.into_iter().filter(|(item, _)| *item != leave_out).map(item).collect(),
            proposed_price: price.to_owned(),
            ..pb::Quote::default()
        };
        suite.dispatch.create_quote(desk(pb::CreateQuoteRequest {
            parent: order.clone(),
            quote: Some(quote),
            request_id: request_id(),
            ..Default::default()
        }))
    };
    assert_refused(quote("", "20399").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-18"]);
    assert_refused(quote("tooling", "21000").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-18"]);
    let quote = quote("", "20400").await.unwrap().into_inner();
    assert_eq!((quote.total.as_str(), quote.lines.len(), quote.lines[0].rule.as_str()), ("20400.00", 8, "R01-18"));
}

#[tokio::test]
async fn a_party_is_charged_after_the_service_once_and_only_where_the_verdict_says_so() {
    let suite = Suite::start().await;
    let engineer = suite.engineer("wang", "").await;
    let order = suite.order(Product::Korean, pb::WorkMode::OnSite).await.name;
    let visit = ("2026-03-09T13:00:00+08:00", "2026-03-12T18:00:00+08:00");
    suite.schedule(&order, &engineer, visit.0, visit.1).await.unwrap();
    suite.prepare(&order).await;
    assert_refused(suite.depart(&order).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-06"]);
    suite.record(&order, "partner_notified", "quality_office").await.unwrap();
    let early = charge(&suite, &order, "korean_partner").await;
    assert_refused(early, Code::FailedPrecondition, "RULE_REFUSED", &["R01-07"]);
    suite.complete(&order).await;
    assert_refused(charge(&suite, &order, "martians").await, Code::InvalidArgument, "FIELD_INVALID", &[]);
    let claimed = charge(&suite, &order, "korean_partner").await.unwrap();
    assert_eq!((claimed.total.as_str(), claimed.currency.as_str()), ("2350.00", "CNY"));
    assert_eq!(claimed.explanation.as_ref().map(|why| why.rule.as_str()), Some("R01-07"));
    assert_refused(charge(&suite, &order, "korean_partner").await, Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
    let request = pb::ListChargesRequest { parent: order, ..Default::default() };
    assert_eq!(suite.dispatch.list_charges(desk(request)).await.unwrap().into_inner().charges, [claimed]);

    let own = suite.order(Product::Own, pb::WorkMode::Remote).await.name;
    let complete = pb::CompleteWorkOrderRequest { name: own.clone(), request_id: request_id(), ..Default::default() };
    pb::work_orders_server::WorkOrders::complete_work_order(&suite.dispatch, desk(complete)).await.unwrap();
    let stray = charge(&suite, &own, "korean_partner").await;
    assert_refused(stray, Code::FailedPrecondition, "RULE_REFUSED", &["R01-07"]);
}
