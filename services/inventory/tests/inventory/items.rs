//! Items with their prices, and what is bought.

use callout_contract::inventory::v1::{
    self as pb, items_server::Items as _, purchase_requisitions_server::PurchaseRequisitions as _,
};
use tonic::{Code, Response, Status};

use crate::support::*;

async fn change(suite: &Suite, role: &str, item: pb::Item, paths: &[&str]) -> Result<pb::Item, Status> {
    let paths = paths.iter().map(|&path| path.to_owned()).collect();
    let request = pb::UpdateItemRequest {
        item: Some(item),
        update_mask: Some(prost_types::FieldMask { paths }),
        request_id: request_id(),
        ..Default::default()
    };
    suite.inventory.update_item(by("cai", role, request)).await.map(Response::into_inner)
}

#[tokio::test]
async fn prices_are_set_by_finance_alone_in_the_words_of_the_pack() {
    let suite = Suite::start().await;
    let name = suite.item("X-380", "").await;
    let priced = |kind: &str, price: &str| pb::Item {
        name: name.clone(),
        prices: [(kind.to_owned(), price.to_owned())].into(),
        ..pb::Item::default()
    };
    let by_warehouse = change(&suite, "warehouse", priced("finance", "380"), &["prices"]).await;
    assert_refused(by_warehouse, Code::PermissionDenied, "PERMISSION_MISSING", &[]);
    let unknown = change(&suite, "finance", priced("friends", "1"), &["prices"]).await;
    assert_refused(unknown, Code::InvalidArgument, "FIELD_INVALID", &[]);
    let item = change(&suite, "finance", priced("finance", "380.00"), &["prices"]).await.unwrap();
    assert_eq!(item.prices["finance"], "380");
    assert_eq!((item.code.as_str(), item.unit.as_str()), ("X-380", "piece"), "only what the mask names is changed");
}

#[tokio::test]
async fn a_code_belongs_to_one_item() {
    let suite = Suite::start().await;
    let first = suite.item("H-10", "").await;
    let second = suite.item("H-11", "").await;
    let again = pb::Item { code: "H-10".to_owned(), ..pb::Item::default() };
    let request = pb::CreateItemRequest { parent: ORG.to_owned(), item: Some(again.clone()), request_id: request_id() };
    let refused = suite.inventory.create_item(by("ku", "warehouse", request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists);
    assert!(refused.message().contains(&first), "{refused:?}");
    let renamed = change(&suite, "warehouse", pb::Item { name: second, ..again }, &["code"]).await;
    assert_refused(renamed, Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
}

#[tokio::test]
async fn a_stale_etag_is_refused() {
    let suite = Suite::start().await;
    let name = suite.item("H-10", "").await;
    let item = pb::Item { name, display_name: "Hose".to_owned(), ..pb::Item::default() };
    let request = pb::UpdateItemRequest {
        item: Some(item.clone()),
        update_mask: Some(prost_types::FieldMask { paths: vec!["display_name".to_owned()] }),
        etag: "\"1\"".to_owned(),
        request_id: request_id(),
    };
    suite.inventory.update_item(by("ku", "warehouse", request.clone())).await.unwrap();
    let late = pb::UpdateItemRequest { request_id: request_id(), ..request };
    let late = suite.inventory.update_item(by("ku", "warehouse", late)).await;
    assert_refused(late, Code::Aborted, "ETAG_STALE", &[]);
}

#[tokio::test]
async fn a_purchase_is_proposed_by_the_administrator_and_its_goods_come_in_once() {
    let suite = Suite::start().await;
    let item = suite.item("H-10", "").await;
    let propose = async |role: &str| {
        let requisition = pb::PurchaseRequisition {
            item: item.clone(),
            quantity: "20".to_owned(),
            grounds: "14 replaced in the last quarter".to_owned(),
            ..pb::PurchaseRequisition::default()
        };
        let request = pb::CreatePurchaseRequisitionRequest {
            parent: ORG.to_owned(),
            purchase_requisition: Some(requisition),
            request_id: request_id(),
        };
        let answer = suite.inventory.create_purchase_requisition(by("zhao", role, request)).await;
        answer.map(Response::into_inner)
    };
    assert_refused(propose("engineer").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-52"]);
    let requisition = propose(&administrator()).await.unwrap();
    let fulfil = async |role: &str| {
        let request = pb::FulfilPurchaseRequisitionRequest {
            name: requisition.name.clone(),
            place: suite.warehouse.clone(),
            request_id: request_id(),
            ..Default::default()
        };
        let answer = suite.inventory.fulfil_purchase_requisition(by("ku", role, request)).await;
        answer.map(Response::into_inner)
    };
    assert_refused(fulfil("engineer").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-52"]);
    assert_refused(fulfil("warehouse").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-52"]);
    assert_eq!(fulfil("production").await.unwrap().state(), pb::purchase_requisition::State::Fulfilled);
    assert_refused(fulfil("production").await, Code::FailedPrecondition, "STATE_WRONG", &[]);
    assert_eq!(suite.balance(&item).await.on_hand, "20");
}
