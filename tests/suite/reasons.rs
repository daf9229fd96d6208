//! Every reason for which a call may be refused is given to somebody.

use std::{collections::BTreeSet, path::Path};

use callout_contract::POOL;
use callout_testkit::scenario::Refusal;
use serde_json::{Value, json};

use crate::{
    contract, journey,
    probe::{unknown, with_new_id},
    stage::Stage,
    world::{Exchange, World},
};

/// Reasons for which something has to be broken, overloaded or left out, and the tests that see to that.
const SHOWN_ELSEWHERE: [(&str, &str); 5] = [
    ("SERVICE_UNCONFIGURED", "tests/suite/production.rs"),
    ("SERVICE_BUSY", "shared/journal/tests/journal/commands.rs"),
    ("SERVICE_OVERLOADED", "shared/kit/tests/kit/serving.rs"),
    ("DEADLINE_EXCEEDED", "shared/kit/tests/kit/serving.rs"),
    ("INTERNAL", "shared/kit/tests/kit/serving.rs"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_error_reason_is_given_for_the_mistake_that_it_stands_for() {
    let stage = Stage::start().await;
    let mut world = World::new(&stage, "acme");
    let left = journey::live(&mut world).await;
    let (owner, parent) = (world.owner.clone(), world.sandbox.clone());

    let customer = json!({"parent": parent, "customer": {"displayName": ""}});
    expect(&world, "FIELD_INVALID", "lin", "intake/Customers/CreateCustomer", customer).await;
    expect(&world, "PERMISSION_MISSING", "wang", "intake/Products/CreateProduct", json!({"parent": parent})).await;
    let late = json!({"name": owner, "to": "2026-04-01T00:00:00Z"});
    expect(&world, "CLOCK_FIXED", "root", "intake/Sandboxes/AdvanceClock", late).await;
    let nothing = json!({"name": unknown(&left.agency)});
    expect(&world, "RESOURCE_NOT_FOUND", "lin", "dispatch/Agencies/GetAgency", nothing).await;
    let outdated = json!({"name": left.agency_order, "etag": "\"999\""});
    expect(&world, "ETAG_STALE", "lin", "dispatch/WorkOrders/CloseWorkOrder", outdated).await;

    let visit = json!({
        "engineer": left.agency_engineer, "startAt": "2026-03-24T23:00:00Z", "endAt": "2026-03-25T02:00:00Z",
    });
    let visit = json!({"name": left.agency_order, "visit": visit});
    expect(&world, "ENGINEER_BOOKED", "lin", "dispatch/WorkOrders/ScheduleVisit", visit).await;
    again(&world, "ORDER_ACTIVE", "dispatch/WorkOrders/CreateWorkOrder").await;
    again(&world, "STATE_WRONG", "intake/Cases/CancelCase").await;
    again(&world, "RESOURCE_EXISTS", "inventory/Items/CreateItem").await;

    let slip = |purpose: &str, quantity: &str| {
        let mut slip = json_of(&world, "inventory/LoanSlips/CreateLoanSlip");
        slip["loanSlip"]["purpose"] = json!(purpose);
        slip["loanSlip"]["lines"][0]["quantity"] = json!(quantity);
        slip
    };
    let (mailed, large) = (slip("mail", "1"), slip("self_signed", "999"));
    expect(&world, "RULE_REFUSED", "wang", "inventory/LoanSlips/CreateLoanSlip", mailed).await;
    let large = world.make("wang", "inventory/LoanSlips/CreateLoanSlip", large).await;
    expect(&world, "STOCK_SHORT", "ku", "inventory/LoanSlips/IssueLoanSlip", json!({"name": large})).await;
    let issued = json_of(&world, "inventory/LoanSlips/IssueLoanSlip")["name"].clone();
    let lines = json!({"name": issued, "lines": [{"line": 1, "unused": "5"}]});
    expect(&world, "LINE_EXCEEDED", "wang", "inventory/LoanSlips/HandInLoanSlip", lines).await;

    let made = made(&world, "intake/Customers/CreateCustomer");
    let mut other = made.request.clone();
    contract::each_text(&mut other, &mut |field, text| {
        if field.name() == "display_name" {
            text.push_str(" and Sons");
        }
    });
    assert_eq!(reason(world.send_as(&made.by, made, &other).await), "REQUEST_ID_REUSED");
    assert_eq!(reason(world.client().call(&made.method, &made.request, Some("no token")).await), "TOKEN_INVALID");

    // An organisation that has adopted no regulation can judge no case.
    let bare = json!({"parent": owner, "organization": {"displayName": "Undecided"}});
    world.sandbox = world.make("root", "intake/Sandboxes/CreateSandbox", bare).await;
    world.hire("lin", "desk");
    let case = json!({"parent": world.sandbox, "case": {"kind": "KIND_ENQUIRY", "fault": "Which oil?"}});
    expect(&world, "SETTING_MISSING", "lin", "intake/Cases/CreateCase", case).await;
    stage.stop().await;
}

#[test]
fn no_error_reason_is_left_without_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (reason, test) in SHOWN_ELSEWHERE {
        assert!(root.join(test).exists(), "{reason} is said to be shown by {test}, which is gone");
    }
    let here = include_str!("reasons.rs");
    let reasons = POOL.get_enum_by_name("callout.types.v1.ErrorReason").expect("the reasons");
    let missing: BTreeSet<String> = reasons
        .values()
        .filter(|reason| reason.number() != 0)
        .map(|reason| reason.name().trim_start_matches("ERROR_REASON_").to_owned())
        .filter(|reason| !here.contains(&format!("\"{reason}\"")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Makes a call that is refused for this reason.
async fn expect(world: &World<'_>, wanted: &str, by: &str, method: &str, request: Value) {
    let call = world.prepare(by, method, request);
    assert_eq!(reason(world.send(&call).await), wanted, "{method}");
}

/// Asks once more for what was done, which is refused for this reason.
async fn again(world: &World<'_>, wanted: &str, method: &str) {
    let made = made(world, method);
    let request = with_new_id(made.request.clone());
    assert_eq!(reason(world.send_as(&made.by, made, &request).await), wanted, "{method}");
}

/// The first accepted call of a method.
fn made<'w>(world: &'w World<'_>, method: &str) -> &'w Exchange {
    let (package, rest) = method.split_once('/').expect("a package and a method");
    let method = contract::method(&format!("callout.{package}.v1.{rest}"));
    world.exchanges.iter().find(|made| made.method == method).expect("the journey calls every method")
}

/// What it asked for.
fn json_of(world: &World<'_>, method: &str) -> Value {
    serde_json::to_value(&made(world, method).request).expect("a request has JSON")
}

fn reason(answer: Result<Vec<Vec<u8>>, tonic::Status>) -> String {
    answer.err().map_or_else(|| "answered".to_owned(), |status| Refusal::from(&status).reason)
}
