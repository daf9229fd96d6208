//! Parts that are sent by mail. Source: R01-53.

use callout_contract::inventory::v1::{self as pb, loan_slips_server::LoanSlips as _};
use tonic::{Code, Response, Status};

use crate::support::*;

async fn ship(suite: &Suite, slip: &str, tracking_number: &str, delivered: bool) -> Result<pb::LoanSlip, Status> {
    let shipment = pb::Shipment {
        carrier: "SF Express".to_owned(),
        tracking_number: tracking_number.to_owned(),
        ..pb::Shipment::default()
    };
    let request = pb::ShipLoanSlipRequest {
        name: slip.to_owned(),
        shipment: Some(shipment),
        delivered,
        request_id: request_id(),
        ..Default::default()
    };
    suite.inventory.ship_loan_slip(by("zhao", &administrator(), request)).await.map(Response::into_inner)
}

#[tokio::test]
async fn mailed_parts_are_in_transit_until_their_consignment_arrives() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let name = suite.fill("mail", "", &[(&hose, "2")]).await.unwrap().name;
    suite.issue(&name).await.unwrap();
    assert_refused(ship(&suite, &name, "SF1", true).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
    let sent = ship(&suite, &name, "SF1", false).await.unwrap().shipment.unwrap();
    assert_eq!((sent.tracking_number.as_str(), sent.delivered_at), ("SF1", None));
    assert_eq!(suite.balance(&hose).await.in_transit, "2");
    assert_refused(ship(&suite, &name, "SF1", false).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
    assert_refused(ship(&suite, &name, "SF2", true).await, Code::InvalidArgument, "FIELD_INVALID", &[]);

    suite.clock("2026-03-13 10:00").await;
    let arrived = ship(&suite, &name, "SF1", true).await.unwrap().shipment.unwrap();
    assert_eq!((arrived.shipped_at, arrived.delivered_at), (sent.shipped_at, Some(at("2026-03-13 10:00"))));
    let balance = suite.balance(&hose).await;
    assert_eq!((balance.in_transit.as_str(), balance.lent.as_str()), ("0", "2"));
}

#[tokio::test]
async fn parts_lost_on_the_way_leave_the_account_that_they_were_on() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let name = suite.fill("mail", "", &[(&hose, "2")]).await.unwrap().name;
    suite.issue(&name).await.unwrap();
    ship(&suite, &name, "SF1", false).await.unwrap();
    suite.hand_in(&name, (1, "", "", "1")).await.unwrap();
    let balance = suite.balance(&hose).await;
    assert_eq!((balance.in_transit.as_str(), balance.lost.as_str()), ("1", "1"));
}

#[tokio::test]
async fn parts_that_somebody_carries_are_not_mailed() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let name = suite.fill("carry", "", &[(&hose, "2")]).await.unwrap().name;
    suite.issue(&name).await.unwrap();
    assert_refused(ship(&suite, &name, "SF1", false).await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-54"]);
}
