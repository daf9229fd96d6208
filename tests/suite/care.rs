//! What happens in the sandbox of a company that keeps elevators: crews with certificates, products in care, parts against
//! signed requisitions, and what people hold in person.

use serde_json::{Value, json};

use crate::world::World;

/// Lives through it; the world's sandbox is another one meanwhile.
pub async fn live(world: &mut World<'_>) {
    let adoption = json!({"pack": "R13-elevator-maintenance", "revision": 1, "effectiveAt": "2025-12-31T16:00:00Z"});
    let organization = json!({"displayName": "Elevators", "adoptions": [adoption]});
    let request = json!({"parent": world.owner, "organization": organization, "clock": "2026-03-02T00:00:00Z"});
    let opened = world.make("root", "intake/Sandboxes/CreateSandbox", request).await;
    let before = std::mem::replace(&mut world.sandbox, opened);
    for (subject, role) in
        [("guo", "after_sales_manager"), ("an", "technician"), ("bai", "technician"), ("kong", "stores_clerk")]
    {
        world.hire(subject, role);
    }
    let order = visit(world).await;
    requisition(world, &order).await;
    custody(world).await;
    world.sandbox = before;
}

/// A maintenance, from the plan to its signed sheet; the order.
async fn visit(world: &mut World<'_>) -> String {
    let parent = world.sandbox.clone();
    let product = json!({"serial": "E-11", "model": "HX-1000", "maker": "own", "seller": "own"});
    let request = json!({"parent": parent, "product": product});
    let product = world.make("guo", "intake/Products/CreateProduct", request).await;
    let plan = json!({"product": product, "routine": "maintenance", "startsOn": "2026-02-20"});
    let request = json!({"parent": parent, "maintenancePlan": plan});
    let plan = world.make("guo", "dispatch/MaintenancePlans/CreateMaintenancePlan", request).await;
    let case = json!({
        "kind": "KIND_REPAIR", "work": "maintenance", "product": product, "contact": "Ms Qian", "fault": "Maintenance",
    });
    let request = json!({"parent": parent, "case": case, "atDesk": true});
    let case = world.make("guo", "intake/Cases/CreateCase", request).await;
    let solution = json!({"mode": "MODE_ON_SITE", "solves": true, "plan": "Two technicians go"});
    world.call("guo", "intake/Cases/FixSolution", json!({"name": case, "solution": solution})).await;
    let case = world.call("guo", "intake/Cases/DispatchCase", json!({"name": case})).await;
    let order = case["workOrder"].as_str().expect("a dispatched case has its order").to_owned();
    for (subject, name) in [("an", "An Ping"), ("bai", "Bai Yu")] {
        let request = json!({"parent": parent, "engineer": {"displayName": name, "subject": subject}});
        let engineer = world.make("guo", "dispatch/Engineers/CreateEngineer", request).await;
        let certificate = json!({"kind": "special_equipment_operator", "number": "TS-1", "validFrom": "2026-01-01"});
        let request = json!({"parent": engineer, "certificate": certificate});
        world.call("guo", "dispatch/Engineers/CreateCertificate", request).await;
        let visit = json!({"engineer": engineer, "startAt": "2026-03-02T00:30:00Z", "endAt": "2026-03-02T10:00:00Z"});
        let request = json!({"name": order, "visit": visit});
        world.call("guo", "dispatch/WorkOrders/ScheduleVisit", request).await;
    }
    world.at("2026-03-02T01:00:00Z").await;
    world.call("an", "dispatch/WorkOrders/DepartWorkOrder", json!({"name": order})).await;
    world.call("an", "dispatch/WorkOrders/ArriveWorkOrder", json!({"name": order})).await;
    record(world, &order, json!({"kind": "owner_consent"})).await;
    record(world, &order, json!({"kind": "signs_in_place"})).await;
    world.call("an", "dispatch/WorkOrders/StartWorkOrder", json!({"name": order})).await;
    let fields = json!({"items": "All items of the sheet", "customer_signature": "Qian"});
    record(world, &order, json!({"kind": "maintenance_sheet", "fields": fields})).await;
    let request = json!({"name": order, "workDone": "Maintained"});
    world.call("an", "dispatch/WorkOrders/CompleteWorkOrder", request).await;
    world.at("2026-03-02T02:00:00Z").await;
    let kept = world.call("guo", "dispatch/MaintenancePlans/GetMaintenancePlan", json!({"name": plan})).await;
    assert_eq!(kept["visits"][0]["doneOn"], "2026-03-02", "the order counts for the plan: {kept}");
    let request = json!({"parent": parent, "product": product});
    world.call("guo", "dispatch/MaintenancePlans/ListMaintenancePlans", request).await;
    let request = json!({"name": plan, "endsOn": "2026-03-31"});
    world.call("guo", "dispatch/MaintenancePlans/EndMaintenancePlan", request).await;
    order
}

async fn record(world: &mut World<'_>, order: &str, record: Value) -> Value {
    let request = json!({"parent": order, "record": record});
    world.call("an", "dispatch/WorkOrders/CreateWorkOrderRecord", request).await
}

/// Two rollers, from the form to the replaced ones.
async fn requisition(world: &mut World<'_>, order: &str) {
    let parent = world.sandbox.clone();
    let mut places = Vec::new();
    for (name, kind) in [("Parts store", "KIND_WAREHOUSE"), ("Replaced parts", "KIND_DAMAGED_STOCK")] {
        let request = json!({"parent": parent, "place": {"displayName": name, "kind": kind}});
        places.push(world.make("kong", "inventory/Places/CreatePlace", request).await);
    }
    let request = json!({"parent": parent, "item": {"code": "DR-40", "displayName": "Door roller"}});
    let roller = world.make("kong", "inventory/Items/CreateItem", request).await;
    let movement = json!({"item": roller, "quantity": "10", "toPlace": places[0]});
    world.call("kong", "inventory/Movements/ReceiveStock", json!({"parent": parent, "movement": movement})).await;
    let wish = json!({
        "kind": "parts", "workOrder": order, "place": places[0], "lines": [{"item": roller, "quantity": "2"}],
        "fields": {
            "use": "Door repair", "elevator_no": "E-11", "customer_name": "Harbour Tower", "model": "DR-40",
            "quantity": "2", "reason": "Worn through",
        },
    });
    let request = json!({"parent": parent, "partsRequisition": wish});
    let wish = world.make("an", "inventory/PartsRequisitions/CreatePartsRequisition", request).await;
    let written = world.call("guo", "dispatch/WorkOrders/GetWorkOrder", json!({"name": order})).await;
    let sheet = written["records"].as_array().and_then(|records| records.last()).expect("the sheet")["name"].clone();
    let request = json!({"name": wish, "record": sheet});
    world.call("an", "inventory/PartsRequisitions/AttachToPartsRequisition", request).await;
    for signer in ["an", "guo"] {
        world.call(signer, "inventory/PartsRequisitions/SignPartsRequisition", json!({"name": wish})).await;
    }
    world.call("kong", "inventory/PartsRequisitions/IssuePartsRequisition", json!({"name": wish})).await;
    let request = json!({"name": wish, "lines": [{"line": 1, "quantity": "2"}], "place": places[1]});
    world.call("an", "inventory/PartsRequisitions/ReturnReplacedParts", request).await;
    world.call("guo", "inventory/PartsRequisitions/GetPartsRequisition", json!({"name": wish})).await;
    world.call("guo", "inventory/PartsRequisitions/ListPartsRequisitions", json!({"parent": parent})).await;
}

/// A kit that is renewed after its term, and a key that changes hands and is lost.
async fn custody(world: &mut World<'_>) {
    let parent = world.sandbox.clone();
    let issue = |custody: Value| json!({"parent": parent, "custody": custody});
    let kit = json!({"kind": "tool_kit", "holder": "an", "fields": {"details": "Full kit"}});
    let kit = world.make("kong", "inventory/Custodies/CreateCustody", issue(kit)).await;
    let register = json!({"district": "North", "model": "T-5", "key_type": "triangular"});
    let key = json!({"kind": "elevator_key", "mark": "K-3", "holder": "an", "fields": register});
    let key = world.make("kong", "inventory/Custodies/CreateCustody", issue(key)).await;
    let request = json!({"name": kit, "piece": "wrench", "broken": true, "oldHandedIn": true});
    world.call("kong", "inventory/Custodies/ReplaceCustodyPiece", request).await;
    world.call("guo", "inventory/Custodies/HandOnCustody", json!({"name": key, "holder": "bai"})).await;
    world.call("bai", "inventory/Custodies/ReportLoss", json!({"name": key})).await;
    world.at("2029-03-02T02:00:00Z").await;
    let renewed = world.make("kong", "inventory/Custodies/RenewCustody", json!({"name": kit})).await;
    world.call("kong", "inventory/Custodies/ReturnCustody", json!({"name": renewed})).await;
    world.call("guo", "inventory/Custodies/GetCustody", json!({"name": kit})).await;
    world.call("guo", "inventory/Custodies/ListCustodies", json!({"parent": parent})).await;
}
