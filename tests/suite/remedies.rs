//! What happens in a sandbox under a regulation that grants more than repairs.

use serde_json::json;

use crate::world::World;

/// Lives through it; the world's sandbox is another one meanwhile.
pub async fn live(world: &mut World<'_>) {
    let adoption = json!({"pack": "R16-phone-warranty", "revision": 1, "effectiveAt": "2025-12-31T16:00:00Z"});
    let organization = json!({"displayName": "Phones", "adoptions": [adoption]});
    let request = json!({"parent": world.owner, "organization": organization, "clock": "2026-03-11T00:00:00Z"});
    let opened = world.make("root", "intake/Sandboxes/CreateSandbox", request).await;
    let before = std::mem::replace(&mut world.sandbox, opened);
    world.hire("gao", "hotline_engineer");
    let product = json!({
        "serial": "P-1", "category": "phone", "purchasedOn": "2026-03-01", "goodsReceivedOn": "2026-03-03",
    });
    let request = json!({"parent": world.sandbox, "product": product});
    let phone = world.make("gao", "intake/Products/CreateProduct", request).await;
    let case = json!({"kind": "KIND_REPAIR", "product": phone, "contact": "Ms Liu", "fault": "No reception"});
    let request = json!({"parent": world.sandbox, "case": case, "atDesk": true});
    let case = world.make("gao", "intake/Cases/CreateCase", request).await;
    let entry = json!({
        "symptom": "no reception", "finding": "quality_problem", "appearance_undamaged": "yes", "box_present": "yes",
    });
    for record in [json!({"kind": "hotline", "fields": entry}), json!({"kind": "phone_finding"})] {
        let request = json!({"parent": case, "record": record});
        world.call("gao", "intake/Cases/CreateCaseRecord", request).await;
    }
    let request = json!({"name": case, "cause": "CAUSE_QUALITY"});
    world.call("gao", "intake/Cases/AnalyseCase", request).await;
    world.call("gao", "intake/Cases/GrantRemedy", json!({"name": case, "remedy": "exchange"})).await;
    world.sandbox = before;
}
