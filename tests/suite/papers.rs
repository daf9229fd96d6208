//! What an engineer brings back from a visit, and what comes of it.

use serde_json::json;

use crate::{
    journey::{Stock, record},
    world::World,
};

/// From the work done to the papers handed in.
pub async fn bring_back(world: &mut World<'_>, order: &str, _stock: &Stock) {
    world.at("2026-03-13T02:00:00Z").await;
    let request = json!({"name": order, "workDone": "Hose replaced, whole machine tested"});
    world.call("wang", "dispatch/WorkOrders/CompleteWorkOrder", request).await;
    let form = json!({"number": "F-017", "opinion": "Satisfied", "signature": "Li Ming", "seal": "Harbour Power"});
    record(world, "wang", order, json!({"kind": "feedback_form", "fields": form})).await;
    record(world, "wang", order, json!({"kind": "telephone_report"})).await;
    record(world, "lin", order, json!({"kind": "return_consent"})).await;
    world.at("2026-03-13T12:00:00Z").await;
    world.call("wang", "dispatch/WorkOrders/ReturnWorkOrder", json!({"name": order})).await;
    let report = json!({"service_done": "Hose replaced", "money_used": "1860 CNY"});
    record(world, "wang", order, json!({"kind": "trip_report", "fields": report})).await;
    for kind in ["expense_claim", "returned_materials", "receipts_and_money"] {
        record(world, "wang", order, json!({"kind": kind})).await;
    }
    let expenses = json!([{"kind": "travel", "amount": "1000", "spentAt": "2026-03-11T05:00:00Z"}]);
    let request = json!({"name": order, "expenses": expenses});
    world.call("wang", "dispatch/WorkOrders/HandInWorkOrder", request).await;
    world.at("2026-03-30T02:00:00Z").await;
}

/// The claim, the duties, the marks and what was found.
pub async fn evaluate(world: &mut World<'_>, order: &str) {
    let parent = world.sandbox.clone();
    let request = json!({"parent": parent, "workOrder": order});
    let claims = world.call("zhao", "evaluation/Claims/ListClaims", request).await;
    let claim = claims["claims"][0]["name"].as_str().expect("a claim follows the papers").to_owned();
    world.call("zhao", "evaluation/Claims/GetClaim", json!({"name": claim})).await;
    let request = json!({"name": claim, "customerRating": "Satisfied"});
    world.call("zhao", "evaluation/Claims/VerifyClaim", request).await;
    world.call("zhao", "evaluation/Claims/AuditClaim", json!({"name": claim})).await;
    for kind in ["archive_copy", "finance_copy"] {
        let request = json!({"parent": claim, "record": {"kind": kind}});
        world.call("zhao", "evaluation/Claims/CreateClaimRecord", request).await;
    }
    world.call("zhao", "evaluation/Claims/FileClaim", json!({"name": claim})).await;
    world.call("lin", "dispatch/WorkOrders/CloseWorkOrder", json!({"name": order})).await;

    world.call("lin", "evaluation/Rates/ListRates", json!({"parent": parent})).await;
    let request = json!({"parent": parent, "routine": "follow_up_call"});
    let duties = world.call("lin", "evaluation/Duties/ListDuties", request).await;
    let duty = duties["duties"][0]["name"].as_str().expect("a call is due after the training").to_owned();
    world.call("lin", "evaluation/Duties/GetDuty", json!({"name": duty})).await;
    let request = json!({"name": duty, "outcome": "Runs well"});
    world.call("zhao", "evaluation/Duties/CompleteDuty", request).await;

    let card = json!({
        "scorecard": "engineer_service", "person": "wang", "day": "2026-03-30", "marks": {"service_quality": "92"},
    });
    let request = json!({"parent": parent, "scorecard": card});
    let card = world.make("zhao", "evaluation/Scorecards/CreateScorecard", request).await;
    world.call("zhao", "evaluation/Scorecards/GetScorecard", json!({"name": card})).await;
    world.call("zhao", "evaluation/Scorecards/ListScorecards", json!({"parent": parent})).await;

    let finding = json!({"kind": "information_withheld", "person": "chen", "subject": order, "note": "Not told"});
    let request = json!({"parent": parent, "finding": finding});
    let finding = world.make("lin", "evaluation/Findings/CreateFinding", request).await;
    world.call("lin", "evaluation/Findings/GetFinding", json!({"name": finding})).await;
    world.call("lin", "evaluation/Findings/ListFindings", json!({"parent": parent})).await;
    let request = json!({"parent": parent, "person": "chen"});
    let entries = world.call("lin", "evaluation/LedgerEntries/ListLedgerEntries", request).await;
    let entry = entries["ledgerEntries"][0]["name"].as_str().expect("a finding has its consequence").to_owned();
    world.call("lin", "evaluation/LedgerEntries/GetLedgerEntry", json!({"name": entry})).await;
}
