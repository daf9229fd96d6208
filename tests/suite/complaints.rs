//! What happens in the sandbox of a manufacturer who deals with complaints of quality: goods that come back, losses that are
//! divided, and what is taken from bonuses for them.

use serde_json::{Value, json};

use crate::world::World;

/// Lives through it; the world's sandbox is another one meanwhile.
pub async fn live(world: &mut World<'_>) {
    let adoption = json!({"pack": "R20-quality-complaints", "revision": 1, "effectiveAt": "2025-12-31T16:00:00Z"});
    let settings: Vec<Value> =
        [("sales_manager_authority", "10000"), ("deputy_general_manager_authority", "50000"), ("overrun_percent", "3")]
            .into_iter()
            .map(|(setting, value)| json!({"setting": setting, "value": value, "validFrom": "2026-01-01"}))
            .collect();
    let organization = json!({"displayName": "Circuit boards", "adoptions": [adoption], "settings": settings});
    let request = json!({"parent": world.owner, "organization": organization, "clock": "2026-03-02T00:00:00Z"});
    let opened = world.make("root", "intake/Sandboxes/CreateSandbox", request).await;
    let before = std::mem::replace(&mut world.sandbox, opened);
    for (subject, role) in [
        ("gu", "gm_office"),
        ("ye", "sales"),
        ("jing", "sales_manager"),
        ("zhi", "quality"),
        ("zhao", "manufacturing"),
        ("li", "managers_office"),
        ("kuai", "accounting"),
        ("cang", "finished_goods_store"),
        ("zong", "general_manager"),
    ] {
        world.hire(subject, role);
    }
    let case = decided(world).await;
    returned(world, &case).await;
    charged(world, &case).await;
    world.sandbox = before;
}

/// A complaint on its way through the stations to the decision.
async fn decided(world: &mut World<'_>) -> String {
    let case = json!({
        "kind": "KIND_COMPLAINT", "contact": "Ms Ho", "fault": "Solder mask peels off", "region": "domestic",
    });
    let request = json!({"parent": world.sandbox, "case": case, "atDesk": true});
    let case = world.make("ye", "intake/Cases/CreateCase", request).await;
    let form = json!({
        "order_number": "PO-311", "part_number": "P-4417", "shipped_on": "2026-02-20", "quantity": "5000",
        "defective_quantity": "1000", "demand": "A return", "returns": "determined", "return_quantity": "1000",
        "opinion": "Justified", "sample": "yes", "renewed": "no",
    });
    let finding = json!({"cause": "Cured too short", "department_liable": "manufacturing", "research": "no"});
    let countermeasure = json!({
        "cause": "Oven", "countermeasure": "Checked", "unit": "Mask", "shift": "B2", "people": "Wu", "produced_on": "2026-02-11",
    });
    let opinion = json!({"opinion": "A return"});
    let decision = json!({"justified": "yes", "settlement": "return", "amount": "8000", "quantity": "1000"});
    for (who, kind, fields) in [
        ("ye", "first_handling", json!({"loss": "yes", "reason": "Peels off"})),
        ("ye", "complaint_form", form),
        ("gu", "accepted", json!({})),
        ("gu", "registered", json!({})),
        ("zhi", "quality_finding", finding),
        ("zhao", "production_finding", countermeasure),
        ("li", "managers_instruction", opinion.clone()),
        ("gu", "gm_check", json!({})),
        ("ye", "sales_opinion", opinion),
        ("gu", "gm_opinion", json!({"opinion": "Agreed", "negotiation": "no"})),
        ("jing", "decision", decision),
    ] {
        let request = json!({"parent": case, "record": {"kind": kind, "fields": fields}});
        world.call(who, "intake/Cases/CreateCaseRecord", request).await;
    }
    case
}

/// Goods that come back, from the note to the booking.
async fn returned(world: &mut World<'_>, case: &str) {
    let parent = world.sandbox.clone();
    let request = json!({"parent": parent, "place": {"displayName": "Finished goods", "kind": "KIND_WAREHOUSE"}});
    let place = world.make("cang", "inventory/Places/CreatePlace", request).await;
    let request = json!({"parent": parent, "item": {"code": "P-4417", "displayName": "Board"}});
    let item = world.make("cang", "inventory/Items/CreateItem", request).await;
    let fields = json!({"reason": "Peels off", "handling": "return", "basis": "Decision"});
    let note = json!({
        "kind": "finished_goods", "case": case, "item": item, "place": place, "quantity": "1000", "overrunPercent": "5",
        "fields": fields,
    });
    let request = json!({"parent": parent, "customerReturn": note});
    let note = world.make("ye", "inventory/CustomerReturns/CreateCustomerReturn", request).await;
    world.call("ye", "inventory/CustomerReturns/GetCustomerReturn", json!({"name": note})).await;
    world.call("ye", "inventory/CustomerReturns/ListCustomerReturns", json!({"parent": parent, "case": case})).await;
    world.call("jing", "inventory/CustomerReturns/ApproveCustomerReturn", json!({"name": note})).await;
    let request = json!({"name": note, "quantity": "1050", "asked": "Ye Min: counted wrong"});
    world.call("cang", "inventory/CustomerReturns/ReceiveCustomerReturn", request).await;
    let evidence = json!({"paper": "return_certificate", "shows": ["buyers_stamp", "signed_back"]});
    let request = json!({"name": note, "evidence": evidence});
    world.call("kuai", "inventory/CustomerReturns/BookCustomerReturn", request).await;
}

/// A loss, from its assessment to the bonus that it is taken from.
async fn charged(world: &mut World<'_>, case: &str) {
    let parent = world.sandbox.clone();
    let shares = json!([{"person": "ai", "basePoints": "15"}, {"person": "bo", "basePoints": "25"}]);
    let loss = json!({
        "kind": "charged", "subject": case, "judgedOn": "2026-03-01", "actualLoss": "24000", "department": "sales",
        "unit": "department", "totalPoints": "120", "shares": shares,
    });
    let request = json!({"parent": parent, "loss": loss});
    let loss = world.make("gu", "evaluation/Losses/CreateLoss", request).await;
    world.call("gu", "evaluation/Losses/GetLoss", json!({"name": loss})).await;
    world.call("gu", "evaluation/Losses/ListLosses", json!({"parent": parent})).await;
    world.call("zong", "evaluation/Losses/ApproveLoss", json!({"name": loss})).await;
    let bonus = json!({"deduction": "efficiency_bonus", "person": "ai", "month": "2026-03-01", "bonus": "4000"});
    let request = json!({"parent": parent, "bonusDeduction": bonus});
    let bonus = world.make("kuai", "evaluation/BonusDeductions/CreateBonusDeduction", request).await;
    world.call("kuai", "evaluation/BonusDeductions/GetBonusDeduction", json!({"name": bonus})).await;
    world.call("kuai", "evaluation/BonusDeductions/ListBonusDeductions", json!({"parent": parent})).await;
}
