//! What happens in the sandbox of a company that mends appliances: a machine that is taken away, its fee, a contract with
//! the customer, cards for every call, and reports of the day.

use serde_json::json;

use crate::world::World;

/// Lives through it; the world's sandbox is another one meanwhile.
pub async fn live(world: &mut World<'_>) {
    let adoption = json!({"pack": "R19-appliance-service", "revision": 1, "effectiveAt": "2025-12-31T16:00:00Z"});
    let setting = json!({"setting": "low_fee", "value": "200", "validFrom": "2026-01-01"});
    let organization = json!({"displayName": "Appliances", "adoptions": [adoption], "settings": [setting]});
    let request = json!({"parent": world.owner, "organization": organization, "clock": "2026-03-02T01:00:00Z"});
    let opened = world.make("root", "intake/Sandboxes/CreateSandbox", request).await;
    let before = std::mem::replace(&mut world.sandbox, opened);
    for (subject, role) in [
        ("wen", "clerk"),
        ("zhu", "supervisor"),
        ("fan", "technician"),
        ("kuai", "accountant"),
        ("jing", "branch_manager"),
        ("fu", "service_department"),
    ] {
        world.hire(subject, role);
    }
    let case = take_away(world).await;
    agreement(world).await;
    survey(world, &case).await;
    reports(world).await;
    world.sandbox = before;
}

/// A printer that is taken away and given back, and its fee; the call.
async fn take_away(world: &mut World<'_>) -> String {
    let parent = world.sandbox.clone();
    let product =
        json!({"serial": "LP-1", "model": "LP-200", "maker": "own", "seller": "own", "warrantyEndsOn": "2025-12-31"});
    let product =
        world.make("wen", "intake/Products/CreateProduct", json!({"parent": parent, "product": product})).await;
    let case = json!({
        "kind": "KIND_REPAIR", "product": product, "contact": "Ms Lu", "fault": "Does not print", "region": "city",
    });
    let request = json!({"parent": parent, "case": case, "atDesk": true});
    let case = world.make("wen", "intake/Cases/CreateCase", request).await;
    let entry = json!({"customer_name": "Harbour", "address": "12 Harbour Road", "phone": "021", "model": "LP-200"});
    for record in [
        json!({"kind": "call_register", "fields": entry}),
        json!({"kind": "voucher", "fields": {"number": "V-1", "model": "LP-200"}}),
    ] {
        let request = json!({"parent": case, "record": record});
        world.call("wen", "intake/Cases/CreateCaseRecord", request).await;
    }
    let solution = json!({"mode": "MODE_ON_SITE", "solves": true, "plan": "A technician goes"});
    world.call("wen", "intake/Cases/FixSolution", json!({"name": case, "solution": solution})).await;
    let dispatched = world.call("zhu", "intake/Cases/DispatchCase", json!({"name": case})).await;
    let order = dispatched["workOrder"].as_str().expect("a dispatched case has its order").to_owned();
    let request = json!({"parent": parent, "engineer": {"displayName": "Fan Ning", "subject": "fan"}});
    let engineer = world.make("wen", "dispatch/Engineers/CreateEngineer", request).await;
    let visit = json!({"engineer": engineer, "startAt": "2026-03-02T01:30:00Z", "endAt": "2026-03-02T04:00:00Z"});
    world.call("zhu", "dispatch/WorkOrders/ScheduleVisit", json!({"name": order, "visit": visit})).await;
    world.at("2026-03-02T02:00:00Z").await;
    world.call("fan", "dispatch/WorkOrders/DepartWorkOrder", json!({"name": order})).await;
    world.call("fan", "dispatch/WorkOrders/ArriveWorkOrder", json!({"name": order})).await;

    let takeaway = json!({"workOrder": order, "goods": "Laser printer LP-200"});
    let request = json!({"parent": parent, "takeaway": takeaway});
    let takeaway = world.make("fan", "dispatch/Takeaways/CreateTakeaway", request).await;
    let fee = world.make("fan", "dispatch/Fees/CreateFee", json!({"parent": order, "fee": {"amount": "350"}})).await;
    for (who, record) in [
        ("fan", json!({"kind": "goods_receipt"})),
        ("fan", json!({"kind": "countersignature"})),
        ("wen", json!({"kind": "goods_in", "fields": {"in_on": "2026-03-02", "goods": "Printer"}})),
        ("fan", json!({"kind": "repair_card", "fields": {"fault": "Feeds no paper", "planned_ready": "2026-03-04"}})),
    ] {
        let request = json!({"parent": takeaway, "record": record});
        world.call(who, "dispatch/Takeaways/CreateTakeawayRecord", request).await;
    }
    world.call("fan", "dispatch/Takeaways/StartTakeawayRepair", json!({"name": takeaway})).await;
    let repair = json!({"hours": "1.5", "parts": [{"part": "roller", "quantity": "1"}]});
    let request = json!({"name": takeaway, "repair": repair});
    world.call("fan", "dispatch/Takeaways/FinishTakeawayRepair", request).await;
    for (who, record) in [
        ("zhu", json!({"kind": "inspected"})),
        ("wen", json!({"kind": "return_date", "fields": {"out_on": "2026-03-02"}})),
    ] {
        let request = json!({"parent": takeaway, "record": record});
        world.call(who, "dispatch/Takeaways/CreateTakeawayRecord", request).await;
    }
    world.call("fan", "dispatch/Takeaways/GiveBackTakeaway", json!({"name": takeaway})).await;
    world.call("kuai", "dispatch/Fees/InvoiceFee", json!({"name": fee, "invoiceNumber": "I-1"})).await;
    world.call("fan", "dispatch/Fees/CollectFee", json!({"name": fee})).await;
    world.call("kuai", "dispatch/Fees/PayInFee", json!({"name": fee})).await;
    world.call("zhu", "dispatch/Fees/GetFee", json!({"name": fee})).await;
    world.call("zhu", "dispatch/Fees/ListFees", json!({"parent": order})).await;
    world.call("zhu", "dispatch/Takeaways/GetTakeaway", json!({"name": takeaway})).await;
    world.call("zhu", "dispatch/Takeaways/ListTakeaways", json!({"parent": parent})).await;
    case
}

/// A contract that is won again.
async fn agreement(world: &mut World<'_>) {
    let parent = world.sandbox.clone();
    let request = json!({"parent": parent, "customer": {"displayName": "Harbour Trading"}});
    let customer = world.make("wen", "intake/Customers/CreateCustomer", request).await;
    let product = json!({"serial": "LP-2", "model": "LP-200", "customer": customer});
    let product =
        world.make("wen", "intake/Products/CreateProduct", json!({"parent": parent, "product": product})).await;
    let agreement = json!({"customer": customer, "product": product, "startsOn": "2025-04-01", "endsOn": "2026-03-31"});
    let request = json!({"parent": parent, "agreement": agreement});
    let agreement = world.make("wen", "intake/Agreements/CreateAgreement", request).await;
    let request = json!({"parent": agreement, "record": {"kind": "expiry_notice"}});
    world.call("wen", "intake/Agreements/CreateAgreementRecord", request).await;
    let request = json!({"name": agreement, "endsOn": "2027-03-31"});
    world.make("wen", "intake/Agreements/RenewAgreement", request).await;
    world.call("wen", "intake/Agreements/GetAgreement", json!({"name": agreement})).await;
    world.call("wen", "intake/Agreements/ListAgreements", json!({"parent": parent})).await;
}

/// The calls of a day and their cards.
async fn survey(world: &mut World<'_>, case: &str) {
    let parent = world.sandbox.clone();
    world.at("2026-03-03T01:00:00Z").await;
    let request = json!({"parent": parent, "survey": "opinion_card", "day": "2026-03-02"});
    world.call("wen", "evaluation/Surveys/SendCallRegister", request.clone()).await;
    let card = json!({"survey": "opinion_card", "case": case});
    let card =
        world.make("fu", "evaluation/Surveys/CreateSurveyCard", json!({"parent": parent, "surveyCard": card})).await;
    let answer = json!({"name": card, "person": "fan", "degrees": {"attitude": 1, "technique": 2}});
    world.call("fu", "evaluation/Surveys/AnswerSurveyCard", answer).await;
    let day = world.call("fu", "evaluation/Surveys/GetSurveyDay", request).await;
    assert_eq!((&day["calls"], &day["cards"]), (&json!(1), &json!(1)), "{day}");
    let request = json!({"parent": parent, "survey": "opinion_card", "person": "fan", "day": "2026-03-02"});
    world.call("fu", "evaluation/Surveys/GetSurveyTally", request).await;
    world.call("fu", "evaluation/Surveys/GetSurveyCard", json!({"name": card})).await;
    world.call("fu", "evaluation/Surveys/ListSurveyCards", json!({"parent": parent})).await;
}

/// The day of a technician, and what his supervisor makes of it.
async fn reports(world: &mut World<'_>) {
    let parent = world.sandbox.clone();
    let made = |report: &str, entries: serde_json::Value| {
        let report = json!({"report": report, "day": "2026-03-02", "branch": "north", "entries": entries});
        json!({"parent": parent, "workReport": report})
    };
    let request = made("technicians_day", json!([{"class": "A", "hours": "3"}]));
    let own = world.make("fan", "evaluation/WorkReports/CreateWorkReport", request).await;
    world.call("fan", "evaluation/WorkReports/SendWorkReport", json!({"name": own})).await;
    let added_up = made("supervisors_day", json!([]));
    let added_up = world.make("zhu", "evaluation/WorkReports/CreateWorkReport", added_up).await;
    world.call("jing", "evaluation/WorkReports/SignWorkReport", json!({"name": added_up})).await;
    world.call("zhu", "evaluation/WorkReports/SendWorkReport", json!({"name": added_up})).await;
    world.call("zhu", "evaluation/WorkReports/GetWorkReport", json!({"name": own})).await;
    world.call("zhu", "evaluation/WorkReports/ListWorkReports", json!({"parent": parent})).await;
}
