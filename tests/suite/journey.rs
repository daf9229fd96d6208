//! What happens in a world: every method of the suite is called at least once and accepted, and one of each resource is
//! there afterwards.

use serde_json::{Value, json};

use crate::{appliances, care, complaints, grades, outsourcing, papers, rehearsal, remedies, world::World};

const PACK: &str = "R01-aerial-platforms";

/// Names of what the journey leaves behind.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// An order given to an agency, whose engineer is to go on 24 March.
    pub agency_order: String,
    pub agency_engineer: String,
    /// That agency, and one that has no order.
    pub agency: String,
    pub other_agency: String,
}

fn settings(name: &str) -> Value {
    json!({
        "displayName": name,
        "adoptions": [{"pack": PACK, "revision": 1, "effectiveAt": "2025-12-31T16:00:00Z"}],
        "tables": [{
            "table": "on_site_visit",
            "validFrom": "2026-01-01",
            "validTo": "2026-12-31",
            "values": {"person_day": "400", "km": "1.20"},
        }],
    })
}

/// Lives through it.
pub async fn live(world: &mut World<'_>) -> Left {
    found(world).await;
    let mut left = Left::default();
    let stock = stock(world).await;
    let people = people(world, &mut left).await;
    let machines = machines(world).await;
    let order = paid_visit(world, &people, &machines, &stock).await;
    other_cases(world, &people, &machines, &mut left).await;
    slips(world, &stock).await;
    papers::bring_back(world, &order, &stock).await;
    papers::evaluate(world, &order).await;
    clocks(world).await;
    outsourcing::live(world).await;
    remedies::live(world).await;
    care::live(world).await;
    appliances::live(world).await;
    grades::live(world).await;
    complaints::live(world).await;
    left
}

/// The organisation, its sandbox and who works there.
pub async fn found(world: &mut World<'_>) {
    let owner = world.owner.clone();
    let id = owner.trim_start_matches("organizations/").to_owned();
    let organization = settings("Acme");
    let request = json!({"organizationId": id, "organization": organization});
    world.call("root", "intake/Organizations/CreateOrganization", request).await;
    world.call("root", "intake/Organizations/GetOrganization", json!({"name": owner})).await;
    let request = json!({"organization": {"name": owner, "displayName": "Acme Service"}, "updateMask": "displayName"});
    world.call("root", "intake/Organizations/UpdateOrganization", request).await;
    let request = json!({"parent": owner, "organization": settings("Trial"), "clock": "2026-03-11T00:00:00Z"});
    world.sandbox = world.make("root", "intake/Sandboxes/CreateSandbox", request).await;
    let request = json!({"name": world.sandbox, "subject": "lin", "roles": ["quality_office"]});
    world.call("root", "intake/Sandboxes/IssueSandboxToken", request).await;
    for (subject, role) in [
        ("lin", "quality_office"),
        ("zhao", "service_administrator"),
        ("ku", "warehouse"),
        ("cai", "finance"),
        ("ping", "production"),
        ("xu", "information_office"),
        ("wang", "engineer"),
    ] {
        world.hire(subject, role);
    }
    world.hire_service("intake");
}

pub struct Stock {
    pub warehouse: String,
    pub hose: String,
    pub bolt: String,
}

pub async fn stock(world: &mut World<'_>) -> Stock {
    let parent = world.sandbox.clone();
    let mut places = Vec::new();
    for (name, kind) in
        [("Warehouse", "KIND_WAREHOUSE"), ("Good", "KIND_GOOD_STOCK"), ("Damaged", "KIND_DAMAGED_STOCK")]
    {
        let request = json!({"parent": parent, "place": {"displayName": name, "kind": kind}});
        places.push(world.make("ku", "inventory/Places/CreatePlace", request).await);
    }
    let warehouse = places[0].clone();
    world.call("ku", "inventory/Places/GetPlace", json!({"name": warehouse})).await;
    world.call("ku", "inventory/Places/ListPlaces", json!({"parent": parent})).await;
    let mut items = Vec::new();
    for (code, name, category) in [("H-10", "Hydraulic hose", ""), ("B-M8", "Bolt M8", "low_value_standard")] {
        let item = json!({"code": code, "displayName": name, "category": category});
        let item = world.make("ku", "inventory/Items/CreateItem", json!({"parent": parent, "item": item})).await;
        let movement = json!({"item": item, "quantity": "20", "toPlace": warehouse});
        let request = json!({"parent": parent, "movement": movement});
        let movement = world.make("ku", "inventory/Movements/ReceiveStock", request).await;
        world.call("ku", "inventory/Movements/GetMovement", json!({"name": movement})).await;
        items.push(item);
    }
    let [hose, bolt] = <[String; 2]>::try_from(items).expect("two items");
    let request = json!({"item": {"name": hose, "prices": {"finance": "380"}}, "updateMask": "prices"});
    world.call("cai", "inventory/Items/UpdateItem", request).await;
    world.call("ku", "inventory/Items/GetItem", json!({"name": hose})).await;
    world.call("ku", "inventory/Items/ListItems", json!({"parent": parent})).await;
    world.call("ku", "inventory/Movements/ListMovements", json!({"parent": parent, "item": hose})).await;
    world.call("ku", "inventory/Movements/GetBalance", json!({"name": hose})).await;
    let wish = json!({"item": hose, "quantity": "10", "grounds": "Seven replaced last quarter"});
    let request = json!({"parent": parent, "purchaseRequisition": wish});
    let wish = world.make("zhao", "inventory/PurchaseRequisitions/CreatePurchaseRequisition", request).await;
    world.call("zhao", "inventory/PurchaseRequisitions/GetPurchaseRequisition", json!({"name": wish})).await;
    world.call("zhao", "inventory/PurchaseRequisitions/ListPurchaseRequisitions", json!({"parent": parent})).await;
    let request = json!({"name": wish, "place": warehouse});
    world.call("ping", "inventory/PurchaseRequisitions/FulfilPurchaseRequisition", request).await;
    Stock { warehouse, hose, bolt }
}

pub struct People {
    pub wang: String,
    pub fang: String,
}

pub async fn people(world: &mut World<'_>, left: &mut Left) -> People {
    let parent = world.sandbox.clone();
    let request = |name: &str| json!({"parent": parent, "agency": {"displayName": name}});
    left.agency = world.make("lin", "dispatch/Agencies/CreateAgency", request("North Station")).await;
    left.other_agency = world.make("lin", "dispatch/Agencies/CreateAgency", request("South Station")).await;
    world.call("lin", "dispatch/Agencies/GetAgency", json!({"name": left.agency})).await;
    world.call("lin", "dispatch/Agencies/ListAgencies", json!({"parent": parent})).await;
    let request = |name: &str, subject: &str, agency: &str| json!({"parent": parent, "engineer": {"displayName": name, "subject": subject, "agency": agency}});
    let wang = request("Wang Gang", "wang", "");
    let wang = world.make("lin", "dispatch/Engineers/CreateEngineer", wang).await;
    let fang = request("Fang Yu", "fang", &left.agency);
    let fang = world.make("lin", "dispatch/Engineers/CreateEngineer", fang).await;
    world.call("lin", "dispatch/Engineers/GetEngineer", json!({"name": wang})).await;
    world.call("lin", "dispatch/Engineers/ListEngineers", json!({"parent": parent})).await;
    People { wang, fang }
}

pub struct Machines {
    pub customer: String,
    /// Out of warranty: a visit is paid.
    pub old: String,
    /// A partner's, in warranty: free, and the partner is charged.
    pub partners: String,
}

pub async fn machines(world: &mut World<'_>) -> Machines {
    let parent = world.sandbox.clone();
    let request = |name: &str| json!({"parent": parent, "customer": {"displayName": name}});
    let customer = world.make("lin", "intake/Customers/CreateCustomer", request("Harbour Power Supply")).await;
    world.make("lin", "intake/Customers/CreateCustomer", request("City Gardens")).await;
    world.call("lin", "intake/Customers/GetCustomer", json!({"name": customer})).await;
    let request = json!({"customer": {"name": customer, "phone": "0571 0000 0000"}, "updateMask": "phone"});
    world.call("lin", "intake/Customers/UpdateCustomer", request).await;
    world.call("lin", "intake/Customers/ListCustomers", json!({"parent": parent, "pageSize": 1})).await;
    let old = json!({
        "customer": customer, "serial": "GKS-91", "model": "GKS-25", "maker": "own", "seller": "own",
        "deliveredOn": "2026-03-10", "trainedOn": "2026-03-10", "warrantyEndsOn": "2025-12-31",
    });
    let old = world.make("lin", "intake/Products/CreateProduct", json!({"parent": parent, "product": old})).await;
    let partners = json!({
        "customer": customer, "serial": "KR-7", "model": "K-30", "maker": "korean_partner", "seller": "own",
        "warrantyEndsOn": "2026-12-31",
    });
    let request = json!({"parent": parent, "product": partners});
    let partners = world.make("lin", "intake/Products/CreateProduct", request).await;
    world.call("lin", "intake/Products/GetProduct", json!({"name": old})).await;
    world.call("lin", "intake/Products/ListProducts", json!({"parent": parent, "customer": customer})).await;
    let request = json!({"product": {"name": old, "model": "GKS-25A"}, "updateMask": "model"});
    world.call("lin", "intake/Products/UpdateProduct", request).await;
    let form = json!({"kind": "registration_form", "fields": {
        "unit": "Harbour Power Supply", "unit_kind": "electric_power", "contact": "Mr Li",
        "address": "12 Harbour Road", "telephone": "138 0000 0000", "direct_user": "yes", "model": "GKS-25",
        "first_use": "2026-02-02, street lighting",
    }});
    let request = json!({"name": old, "postedOn": "2026-03-10", "form": form});
    world.call("zhao", "intake/Products/RegisterProduct", request).await;
    let file = json!({"kind": "product_file", "fields": {
        "condition": "Pump of batch 25-11", "users": "Harbour Power Supply", "technical_agreement": "As printed",
    }});
    world.call("zhao", "intake/Products/CreateProductRecord", json!({"parent": old, "record": file})).await;
    Machines { customer, old, partners }
}

/// Takes a repair in at the desk.
pub async fn repair(world: &mut World<'_>, machines: &Machines, product: &str) -> String {
    let case = json!({
        "kind": "KIND_REPAIR", "product": product, "customer": machines.customer,
        "contact": "Mr Li 138 0000 0000", "fault": "Boom does not extend",
    });
    let request = json!({"parent": world.sandbox, "case": case, "atDesk": true});
    world.make("lin", "intake/Cases/CreateCase", request).await
}

/// Fixes a solution and hands the case to dispatch; the work order.
pub async fn dispatch(world: &mut World<'_>, case: &str, mode: &str) -> String {
    let solution = json!({"mode": mode, "distanceKm": "200", "solves": true, "plan": "Replace the hose"});
    world.call("lin", "intake/Cases/FixSolution", json!({"name": case, "solution": solution})).await;
    let case = world.call("lin", "intake/Cases/DispatchCase", json!({"name": case})).await;
    case["workOrder"].as_str().expect("a dispatched case has its order").to_owned()
}

/// A visit that the customer pays, until the engineer is back at the company.
pub async fn paid_visit(world: &mut World<'_>, people: &People, machines: &Machines, stock: &Stock) -> String {
    let parent = world.sandbox.clone();
    world.at("2026-03-11T00:30:00Z").await;
    let case = repair(world, machines, &machines.old).await;
    world.call("lin", "intake/Cases/ContactCustomer", json!({"name": case, "note": "Told what happens"})).await;
    let request = json!({"name": case, "cause": "CAUSE_QUALITY", "manualKept": true});
    world.call("lin", "intake/Cases/AnalyseCase", request).await;
    let request = json!({"case": {"name": case, "fault": "Boom does not extend at all"}, "updateMask": "fault"});
    world.call("lin", "intake/Cases/UpdateCase", request).await;
    world.call("lin", "intake/Cases/GetCase", json!({"name": case})).await;
    let reservation = json!({"item": stock.hose, "quantity": "1", "case": case});
    world.at("2026-03-11T00:40:00Z").await;
    let request = json!({"parent": parent, "reservation": reservation});
    let reservation = world.make("ku", "inventory/Reservations/CreateReservation", request).await;
    world.call("ku", "inventory/Reservations/GetReservation", json!({"name": reservation})).await;
    let request = json!({"parent": parent, "item": stock.hose});
    world.call("ku", "inventory/Reservations/ListReservations", request).await;
    world.call("ku", "inventory/Reservations/AllotItem", json!({"name": stock.hose})).await;
    let order = dispatch(world, &case, "MODE_ON_SITE").await;
    world.call("lin", "dispatch/WorkOrders/GetWorkOrder", json!({"name": order})).await;
    world.call("lin", "dispatch/WorkOrders/ListWorkOrders", json!({"parent": parent})).await;
    let request = json!({"parent": order, "quote": {"persons": 1, "days": "1"}});
    let quote = world.make("lin", "dispatch/Quotes/CreateQuote", request).await;
    world.call("lin", "dispatch/Quotes/GetQuote", json!({"name": quote})).await;
    world.call("lin", "dispatch/Quotes/ListQuotes", json!({"parent": order})).await;
    world.call("lin", "dispatch/Quotes/ConfirmQuote", json!({"name": quote})).await;
    let visit = |from: &str, to: &str| json!({"engineer": people.wang, "startAt": from, "endAt": to});
    let request = json!({"name": order, "visit": visit("2026-03-20T05:00:00Z", "2026-03-21T05:00:00Z")});
    let planned = world.call("lin", "dispatch/WorkOrders/ScheduleVisit", request).await;
    let planned = planned["visits"][0]["name"].as_str().expect("the visit planned").to_owned();
    world.call("lin", "dispatch/WorkOrders/CancelVisit", json!({"name": planned})).await;
    let request = json!({"name": order, "visit": visit("2026-03-11T05:00:00Z", "2026-03-13T12:00:00Z")});
    world.call("lin", "dispatch/WorkOrders/ScheduleVisit", request).await;
    let before = [
        "plan_told_again",
        "precautions_told",
        "transport_and_lodging",
        "parts_and_tools",
        "feedback_form_handed_over",
    ];
    for kind in before {
        record(world, "lin", &order, json!({"kind": kind})).await;
    }
    world.at("2026-03-11T05:00:00Z").await;
    world.call("wang", "dispatch/WorkOrders/DepartWorkOrder", json!({"name": order})).await;
    world.at("2026-03-11T09:00:00Z").await;
    world.call("wang", "dispatch/WorkOrders/ArriveWorkOrder", json!({"name": order})).await;
    order
}

pub async fn record(world: &mut World<'_>, by: &str, order: &str, record: Value) {
    let request = json!({"parent": order, "record": record});
    world.call(by, "dispatch/WorkOrders/CreateWorkOrderRecord", request).await;
}

/// Cases that go other ways.
async fn other_cases(world: &mut World<'_>, people: &People, machines: &Machines, left: &mut Left) {
    let parent = world.sandbox.clone();
    let enquiry = json!({"kind": "KIND_ENQUIRY", "contact": "Mr Li", "fault": "Which gear oil?"});
    let request = json!({"parent": parent, "case": enquiry});
    let enquiry = world.make("lin", "intake/Cases/CreateCase", request).await;
    world.call("lin", "intake/Cases/PassCase", json!({"name": enquiry})).await;
    let heard = json!({"kind": "enquiry_record", "fields": {"received": "Lin", "answer": "Gear oil 220"}});
    world.call("lin", "intake/Cases/CreateCaseRecord", json!({"parent": enquiry, "record": heard})).await;
    world.call("lin", "intake/Cases/AnswerCase", json!({"name": enquiry, "answer": "Gear oil 220"})).await;
    let case = repair(world, machines, &machines.old).await;
    world.call("lin", "intake/Cases/SolveCase", json!({"name": case, "solution": "Reset by telephone"})).await;
    let case = repair(world, machines, &machines.old).await;
    world.call("lin", "intake/Cases/CancelCase", json!({"name": case, "reason": "Withdrawn"})).await;
    world.call("lin", "intake/Cases/ListCases", json!({"parent": parent, "pageSize": 2})).await;

    // The customer will not pay, and nobody goes.
    let case = repair(world, machines, &machines.old).await;
    let order = dispatch(world, &case, "MODE_ON_SITE").await;
    let request = json!({"parent": order, "quote": {"persons": 1, "days": "1"}});
    let quote = world.make("lin", "dispatch/Quotes/CreateQuote", request).await;
    world.call("lin", "dispatch/Quotes/DeclineQuote", json!({"name": quote})).await;
    world.call("lin", "dispatch/WorkOrders/CancelWorkOrder", json!({"name": order, "reason": "Not paid"})).await;

    // Guidance by telephone for a partner's machine, which the partner is charged for.
    let case = repair(world, machines, &machines.partners).await;
    let order = dispatch(world, &case, "MODE_REMOTE").await;
    let request = json!({"name": order, "workDone": "Guided through the reset"});
    world.call("lin", "dispatch/WorkOrders/CompleteWorkOrder", request).await;
    let charge = json!({"party": "korean_partner", "items": [{"item": "travel", "amount": "300"}]});
    let charge = world.make("lin", "dispatch/Charges/CreateCharge", json!({"parent": order, "charge": charge})).await;
    world.call("lin", "dispatch/Charges/GetCharge", json!({"name": charge})).await;
    world.call("lin", "dispatch/Charges/ListCharges", json!({"parent": order})).await;
    world.call("lin", "dispatch/WorkOrders/CloseWorkOrder", json!({"name": order})).await;

    // The agency's people go.
    let case = repair(world, machines, &machines.partners).await;
    left.agency_order = dispatch(world, &case, "MODE_ON_SITE").await;
    left.agency_engineer.clone_from(&people.fang);
    let visit = json!({"engineer": people.fang, "startAt": "2026-03-24T01:00:00Z", "endAt": "2026-03-25T01:00:00Z"});
    let request = json!({"name": left.agency_order, "visit": visit});
    world.call("lin", "dispatch/WorkOrders/ScheduleVisit", request).await;

    // An order that dispatch is asked for directly, as intake does it.
    let case = repair(world, machines, &machines.partners).await;
    let seen = world.call("lin", "intake/Cases/GetCase", json!({"name": case})).await;
    let request = json!({
        "parent": parent, "case": case, "mode": "WORK_MODE_REMOTE", "verdict": seen["verdict"],
        "milestones": seen["milestones"], "regulation": seen["regulation"],
        "facts": {"product.class": "2", "case.kind": "repair"},
    });
    world.call("lin", "dispatch/WorkOrders/CreateWorkOrder", request).await;
}

/// Parts that are lent, sent and accounted for.
async fn slips(world: &mut World<'_>, stock: &Stock) {
    let parent = world.sandbox.clone();
    let slip = |purpose: &str, borrower: &str, item: &str| {
        let lines = json!([{"item": item, "quantity": "1"}]);
        let slip = json!({"purpose": purpose, "borrower": borrower, "place": stock.warehouse, "lines": lines});
        json!({"parent": parent, "loanSlip": slip})
    };
    let signed = slip("self_signed", "wang", &stock.bolt);
    let signed = world.make("wang", "inventory/LoanSlips/CreateLoanSlip", signed).await;
    let copy = json!({"parent": signed, "record": {"kind": "slip_copy_to_administrator"}});
    world.call("wang", "inventory/LoanSlips/CreateLoanSlipRecord", copy).await;
    world.call("ku", "inventory/LoanSlips/IssueLoanSlip", json!({"name": signed})).await;
    world.call("ku", "inventory/LoanSlips/GetLoanSlip", json!({"name": signed})).await;
    world.call("ku", "inventory/LoanSlips/ListLoanSlips", json!({"parent": parent})).await;
    let request = json!({"parent": parent, "routine": "weekly_slip_list", "day": "2026-03-11"});
    let list = world.make("ku", "inventory/SlipLists/CreateSlipList", request).await;
    world.call("ku", "inventory/SlipLists/GetSlipList", json!({"name": list})).await;
    world.call("ku", "inventory/SlipLists/ListSlipLists", json!({"parent": parent})).await;

    let mailed = slip("mail", "zhao", &stock.hose);
    let mailed = world.make("zhao", "inventory/LoanSlips/CreateLoanSlip", mailed).await;
    world.call("ku", "inventory/LoanSlips/IssueLoanSlip", json!({"name": mailed})).await;
    let shipment = json!({"carrier": "SF Express", "trackingNumber": "SF1234567"});
    world.call("zhao", "inventory/LoanSlips/ShipLoanSlip", json!({"name": mailed, "shipment": shipment})).await;
    let request = json!({"name": mailed, "shipment": shipment, "delivered": true});
    world.call("zhao", "inventory/LoanSlips/ShipLoanSlip", request).await;
    let request = json!({"name": mailed, "lines": [{"line": 1, "replaced": "1"}]});
    world.call("zhao", "inventory/LoanSlips/HandInLoanSlip", request).await;
    let request = json!({"name": mailed, "lines": [{"line": 1, "damaged": "1"}], "certificate": "JY-1"});
    world.call("lin", "inventory/LoanSlips/InspectLoanSlip", request).await;
    world.call("ku", "inventory/LoanSlips/ZeroLoanSlip", json!({"name": mailed})).await;
}

/// What the services of the suite ask one another, and what anybody may follow.
async fn clocks(world: &mut World<'_>) {
    let organization = world.sandbox.clone();
    world.hire("dong", "general_manager");
    for package in ["intake", "dispatch", "inventory", "evaluation"] {
        let request = json!({"organization": organization});
        world.call("intake", &format!("{package}/Clocks/GetNextDue"), request.clone()).await;
        world.call("intake", &format!("{package}/Clocks/Settle"), request).await;
        let request = json!({"organization": organization, "now": "2026-03-30T02:00:00Z"});
        world.call("intake", &format!("{package}/Clocks/SetClock"), request).await;
        let request = json!({"organization": organization, "untilEnd": true});
        world.call("lin", &format!("{package}/Feed/Subscribe"), request).await;
        let request = json!({"organization": organization});
        world.call("lin", &format!("{package}/Feed/GetBacklog"), request).await;
        let request = rehearsal::march(&organization, json!({"revision": "R01-agent-sales@1"}));
        world.call("dong", &format!("{package}/Rehearsals/Rehearse"), request).await;
    }
}
