//! What the customer owes, under a regulation that says nothing of how money is collected.

use callout_contract::dispatch::v1::{
    self as pb, fee::State, fees_server::Fees as _, quotes_server::Quotes as _, takeaways_server::Takeaways as _,
};
use tonic::{Code, Response, Status};

use crate::support::*;

async fn charge(suite: &Suite, order: &str, amount: &str) -> Result<pb::Fee, Status> {
    let fee = pb::Fee { amount: amount.to_owned(), ..pb::Fee::default() };
    let request = pb::CreateFeeRequest {
        parent: order.to_owned(),
        fee: Some(fee),
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.create_fee(desk(request)).await.map(Response::into_inner)
}

async fn invoice(suite: &Suite, fee: &str, number: &str) -> Result<pb::Fee, Status> {
    let request = pb::InvoiceFeeRequest {
        name: fee.to_owned(),
        invoice_number: number.to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    suite.dispatch.invoice_fee(desk(request)).await.map(Response::into_inner)
}

#[tokio::test]
async fn an_order_has_one_fee_and_an_invoice_is_for_one() {
    let suite = Suite::start().await;
    let first = suite.order(Product::OwnOld, pb::WorkMode::OnSite).await.name;
    let other = suite.order(Product::OwnOld, pb::WorkMode::OnSite).await.name;
    let fee = charge(&suite, &first, "350").await.unwrap();
    assert_eq!((fee.state(), fee.amount.as_str()), (State::Due, "350.00"));
    assert_refused(charge(&suite, &first, "350").await, Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
    assert_eq!(invoice(&suite, &fee.name, "I-1").await.unwrap().state(), State::Invoiced);
    let fee_of_other = charge(&suite, &other, "20").await.unwrap().name;
    assert_refused(invoice(&suite, &fee_of_other, "I-1").await, Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
    assert_eq!(invoice(&suite, &fee_of_other, "I-2").await.unwrap().state(), State::Invoiced);
    assert_eq!(suite.events(&fee.name).await, ["FeeChanged", "FeeChanged"]);
}

#[tokio::test]
async fn what_is_free_has_no_fee_and_what_was_confirmed_is_what_is_owed() {
    let suite = Suite::start().await;
    let free = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    assert_refused(charge(&suite, &free, "50").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-03"]);
    let paid = suite.order(Product::OwnOld, pb::WorkMode::OnSite).await.name;
    for amount in ["", "0", "-1", "many"] {
        assert_eq!(charge(&suite, &paid, amount).await.unwrap_err().code(), Code::InvalidArgument, "{amount}");
    }
    let quote = pb::Quote { persons: 1, days: "2".to_owned(), ..pb::Quote::default() };
    let request = pb::CreateQuoteRequest {
        parent: paid.clone(),
        quote: Some(quote),
        request_id: request_id(),
        ..Default::default()
    };
    let quote = suite.dispatch.create_quote(desk(request)).await.unwrap().into_inner();
    let confirm = pb::ConfirmQuoteRequest { name: quote.name, request_id: request_id(), ..Default::default() };
    suite.dispatch.confirm_quote(desk(confirm)).await.unwrap();
    assert_eq!(charge(&suite, &paid, "1099.99").await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(charge(&suite, &paid, "1100").await.unwrap().amount, "1100.00");
}

#[tokio::test]
async fn goods_are_taken_from_the_site_alone() {
    let suite = Suite::start().await;
    let order = suite.order(Product::OwnOld, pb::WorkMode::OnSite).await.name;
    let takeaway = pb::Takeaway { work_order: order, goods: "pump".to_owned(), ..pb::Takeaway::default() };
    let request = pb::CreateTakeawayRequest {
        parent: ORG.to_owned(),
        takeaway: Some(takeaway),
        request_id: request_id(),
        ..Default::default()
    };
    let refused = suite.dispatch.create_takeaway(desk(request)).await.map(Response::into_inner);
    assert_refused(refused, Code::FailedPrecondition, "STATE_WRONG", &[]);
    assert_eq!(suite.count("select count(*) from dispatch.takeaway").await, 0);
}
