//! Who sees what: an organisation its own, an outside company the slips of the orders that were given to it.

use callout_casework::ids::{AgencyId, Id as _};
use callout_contract::inventory::v1::{
    self as pb, items_server::Items as _, loan_slips_server::LoanSlips as _, movements_server::Movements as _,
};
use callout_kit::{Caller, clock};
use tonic::Code;

use crate::support::*;

#[tokio::test]
async fn another_organisation_learns_nothing_not_even_that_it_is_there() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let stranger = Caller { organization: "other".to_owned(), ..caller("eve", &["warehouse"]) };
    let asked = suite
        .inventory
        .get_item(from(stranger.clone(), pb::GetItemRequest { name: hose.clone(), ..Default::default() }))
        .await;
    assert_refused(asked, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    let theirs = hose.replace("/lab/", "/other/");
    let asked = suite.inventory.get_balance(from(stranger, pb::GetBalanceRequest { name: theirs })).await;
    assert_refused(asked, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
}

#[tokio::test]
async fn an_agency_sees_the_slips_of_its_orders_and_nothing_else_of_the_stock() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let case = suite.case("1", "2026-03-11 08:00").await;
    let (north, south) = (AgencyId::new(clock::system_now()), AgencyId::new(clock::system_now()));
    let mut slips = Vec::new();
    for agency in [north.name("lab"), south.name("lab"), String::new()] {
        let order = new_order();
        suite.order(&order, &case, &[], &agency).await;
        slips.push(suite.fill("carry", &order, &[(&hose, "1")]).await.unwrap().name);
    }
    let zhou = Caller { agency: Some(north.uuid().to_string()), ..caller("zhou", &["engineer"]) };
    let list = pb::ListLoanSlipsRequest { parent: ORG.to_owned(), ..Default::default() };
    let seen = suite.inventory.list_loan_slips(from(zhou.clone(), list)).await.unwrap().into_inner().loan_slips;
    assert_eq!(seen.iter().map(|slip| slip.name.as_str()).collect::<Vec<_>>(), [slips[0].as_str()]);
    assert_eq!(seen[0].lines.len(), 1);
    for other in &slips[1..] {
        let get = pb::GetLoanSlipRequest { name: other.clone() };
        let asked = suite.inventory.get_loan_slip(from(zhou.clone(), get)).await;
        assert_refused(asked, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    }
    let asked =
        suite.inventory.get_item(from(zhou, pb::GetItemRequest { name: hose.clone(), ..Default::default() })).await;
    assert_refused(asked, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
}

#[tokio::test]
async fn a_slip_follows_its_order_to_the_agency_that_gets_it() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let (case, order) = (suite.case("1", "2026-03-11 08:00").await, new_order());
    suite.order(&order, &case, &[], "").await;
    let name = suite.fill("carry", &order, &[(&hose, "1")]).await.unwrap().name;
    let north = AgencyId::new(clock::system_now());
    suite.order(&order, &case, &[], &north.name("lab")).await;
    let zhou = Caller { agency: Some(north.uuid().to_string()), ..caller("zhou", &["engineer"]) };
    suite.inventory.get_loan_slip(from(zhou, pb::GetLoanSlipRequest { name })).await.unwrap();
}
