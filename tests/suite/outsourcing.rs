//! What happens in the sandbox of a service office that has its lifts cared for by a contractor: from the tender to the end
//! of the agreement, and what is bound and kept.

use serde_json::json;

use crate::world::World;

/// Lives through it; the world's sandbox is another one meanwhile.
pub async fn live(world: &mut World<'_>) {
    let home = world.sandbox.clone();
    let office = json!({
        "displayName": "Service office",
        "adoptions": [{"pack": "R22-elevator-outsourcing", "revision": 1, "effectiveAt": "2023-12-31T16:00:00Z"}],
        "settings": [{"setting": "duty_phone_log_months", "value": "12", "validFrom": "2020-01-01"}],
    });
    let request = json!({"parent": world.owner, "organization": office, "clock": "2024-07-25T01:00:00Z"});
    world.sandbox = world.make("root", "intake/Sandboxes/CreateSandbox", request).await;
    for (subject, role) in [
        ("he", "service_office"),
        ("tang", "territorial_department"),
        ("an", "safety_quality"),
        ("ling", "competent_leader"),
        ("jing", "business_management"),
    ] {
        world.hire(subject, role);
    }
    let agreement = agreement(world).await;
    settlements(world, &agreement).await;
    let request = json!({"name": agreement, "ground": "late_rescues"});
    world.call("he", "evaluation/Agreements/TerminateAgreement", request).await;
    volumes(world).await;
    world.sandbox = home;
}

async fn agreement(world: &mut World<'_>) -> String {
    let parent = world.sandbox.clone();
    let request = json!({"parent": parent, "agency": {"displayName": "Lift Care"}});
    let agency = world.make("he", "dispatch/Agencies/CreateAgency", request).await;
    let lift = json!({"serial": "E-1", "model": "TKJ", "maker": "manufacturer"});
    let lift = world.make("he", "intake/Products/CreateProduct", json!({"parent": parent, "product": lift})).await;
    let agreement = json!({
        "kind": "elevator_maintenance", "contractor": agency, "startsOn": "2024-01-01", "annualFee": "360000",
        "products": [lift], "persons": 1, "selection": "tender", "reference": "Tender 2023-17",
    });
    let request = json!({"parent": parent, "agreement": agreement});
    let agreement = world.make("he", "evaluation/Agreements/CreateAgreement", request).await;
    world.call("he", "evaluation/Agreements/GetAgreement", json!({"name": agreement})).await;
    world.call("he", "evaluation/Agreements/ListAgreements", json!({"parent": parent})).await;
    for day in ["2024-07-06", "2024-07-07", "2024-07-08", "2024-07-09"] {
        let rescue = json!({"agreement": agreement, "kind": "late_rescue", "product": lift, "note": "41 minutes"});
        let request = json!({"parent": parent, "incident": rescue, "occurredAt": format!("{day}T01:00:00Z")});
        let incident = world.make("tang", "evaluation/Incidents/CreateIncident", request).await;
        if day == "2024-07-09" {
            world.call("tang", "evaluation/Incidents/GetIncident", json!({"name": incident})).await;
            let request = json!({"name": incident, "reason": "It was the neighbours' lift"});
            world.call("tang", "evaluation/Incidents/WithdrawIncident", request).await;
        }
    }
    let problem = json!({
        "agreement": agreement, "kind": "quality_not_rectified", "note": "Oil in the pit", "rectifyBy": "2024-07-31",
    });
    let request = json!({"parent": parent, "incident": problem});
    let problem = world.make("tang", "evaluation/Incidents/CreateIncident", request).await;
    world.call("tang", "evaluation/Incidents/RectifyIncident", json!({"name": problem})).await;
    let request = json!({"parent": parent, "agreement": agreement});
    world.call("tang", "evaluation/Incidents/ListIncidents", request).await;
    agreement
}

async fn settlements(world: &mut World<'_>, agreement: &str) {
    let request = json!({"parent": world.sandbox, "agreement": agreement});
    let all = world.call("jing", "evaluation/Settlements/ListSettlements", request).await;
    let july = all["settlements"][6]["name"].as_str().expect("a settlement for each month").to_owned();
    world.call("jing", "evaluation/Settlements/GetSettlement", json!({"name": july})).await;
    let points = json!({
        "service_quality": "28", "repair_timeliness": "19", "rescue_time": "11", "inspection_pass": "18", "records": "17",
    });
    let score = json!({"name": july, "points": points});
    world.call("tang", "evaluation/Settlements/ScoreSettlement", score.clone()).await;
    let request = json!({"name": july, "reason": "The late rescues are in it twice"});
    world.call("an", "evaluation/Settlements/ReturnSettlement", request).await;
    world.call("tang", "evaluation/Settlements/ScoreSettlement", score).await;
    for (by, signoff) in [("an", "review"), ("ling", "approval"), ("jing", "settlement")] {
        let request = json!({"name": july, "signoff": signoff});
        world.call(by, "evaluation/Settlements/SignSettlement", request).await;
    }
}

async fn volumes(world: &mut World<'_>) {
    let volume = json!({"kept": "duty_phone_log", "day": "2022-05-01", "contents": "412 calls"});
    let request = json!({"parent": world.sandbox, "volume": volume});
    let volume = world.make("tang", "evaluation/Volumes/CreateVolume", request).await;
    world.call("an", "evaluation/Volumes/GetVolume", json!({"name": volume})).await;
    world.call("an", "evaluation/Volumes/ListVolumes", json!({"parent": world.sandbox})).await;
    world.call("an", "evaluation/Volumes/TakeOverVolume", json!({"name": volume})).await;
    world.call("an", "evaluation/Volumes/DestroyVolume", json!({"name": volume})).await;
}
