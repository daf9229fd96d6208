//! What happens in the sandbox of an enterprise that scores its people by figures and marks, and pays them by their grades.

use serde_json::json;

use crate::world::World;

const FIGURES: [(&str, &str); 17] = [
    ("plan_done", "38"),
    ("plan_planned", "40"),
    ("accepted_in_time", "46"),
    ("requests", "50"),
    ("first_time", "44"),
    ("services", "50"),
    ("improvements_reached", "9"),
    ("improvements_set", "10"),
    ("visited", "50"),
    ("to_visit", "50"),
    ("survey_points", "2730"),
    ("surveys", "30"),
    ("forms_correct", "97"),
    ("forms_checked", "100"),
    ("actual_cost", "20000"),
    ("collected", "47000"),
    ("receivable", "50000"),
];
const MARKS: [&str; 11] = [
    "item_completeness",
    "design_novelty",
    "initiative",
    "discipline",
    "cooperation",
    "integrity",
    "innovation",
    "coordination",
    "emergency",
    "self_control",
    "affinity",
];

/// Lives through a year of one person; the world's sandbox is another one meanwhile, which is returned.
pub async fn live(world: &mut World<'_>) -> String {
    let adoption = json!({"pack": "R26-weighted-grades", "revision": 1, "effectiveAt": "2025-12-31T16:00:00Z"});
    let tables = json!([
        {"table": "bonus_ratios", "validFrom": "2026-01-01", "values": {"a": "120", "b": "100", "c": "80"}},
        {"table": "excess_profit", "validFrom": "2026-01-01", "values": {"rate": "2"}},
    ]);
    let organization = json!({"displayName": "Grades", "adoptions": [adoption], "tables": tables});
    let request = json!({"parent": world.owner, "organization": organization, "clock": "2026-03-28T02:00:00Z"});
    let opened = world.make("root", "intake/Sandboxes/CreateSandbox", request).await;
    let before = std::mem::replace(&mut world.sandbox, opened);
    for (subject, role) in [
        ("ke", "customer_service"),
        ("qian", "customer_service_supervisor"),
        ("hu", "human_resources"),
        ("shen", "human_resources_supervisor"),
    ] {
        world.hire(subject, role);
    }
    let scorecard = quarter(world).await;
    paid(world, &scorecard).await;
    year(world).await;
    std::mem::replace(&mut world.sandbox, before)
}

/// A quarter, from what was agreed and counted to its score.
async fn quarter(world: &mut World<'_>) -> String {
    let parent = world.sandbox.clone();
    let appointment = json!({
        "person": "luo", "fromOn": "2025-01-01", "standing": "STANDING_REGULAR", "post": "technician",
        "annualSalary": "96000", "standardPay": "24000",
    });
    let request = json!({"parent": parent, "appointment": appointment});
    let appointment = world.make("hu", "evaluation/Appointments/CreateAppointment", request).await;
    world.call("hu", "evaluation/Appointments/GetAppointment", json!({"name": appointment})).await;
    world.call("hu", "evaluation/Appointments/ListAppointments", json!({"parent": parent})).await;
    let sheet = json!({
        "scorecard": "quarterly", "person": "luo", "day": "2026-03-31", "goals": ["Every visit in time"],
        "plan": "Two crews", "budget": "18000",
    });
    let request = json!({"parent": parent, "goalSheet": sheet});
    let sheet = world.make("ke", "evaluation/GoalSheets/CreateGoalSheet", request).await;
    world.call("ke", "evaluation/GoalSheets/GetGoalSheet", json!({"name": sheet})).await;
    world.call("ke", "evaluation/GoalSheets/ListGoalSheets", json!({"parent": parent})).await;
    let figures: serde_json::Map<_, _> =
        FIGURES.iter().map(|(figure, value)| ((*figure).to_owned(), json!(value))).collect();
    let entry = json!({"scorecard": "quarterly", "person": "luo", "day": "2026-03-31", "figures": figures});
    let request = json!({"parent": parent, "figureEntry": entry});
    let wrong = world.make("ke", "evaluation/FigureEntries/CreateFigureEntry", request.clone()).await;
    let withdraw = json!({"name": wrong, "reason": "Typed wrong"});
    world.call("ke", "evaluation/FigureEntries/WithdrawFigureEntry", withdraw).await;
    let entry = world.make("ke", "evaluation/FigureEntries/CreateFigureEntry", request).await;
    world.call("ke", "evaluation/FigureEntries/GetFigureEntry", json!({"name": entry})).await;
    world.call("ke", "evaluation/FigureEntries/ListFigureEntries", json!({"parent": parent})).await;
    world.call("qian", "evaluation/FigureEntries/ReviewFigureEntry", json!({"name": entry})).await;
    world.at("2026-04-03T02:00:00Z").await;
    let marks: serde_json::Map<_, _> = MARKS.iter().map(|mark| ((*mark).to_owned(), json!("85"))).collect();
    let scorecard = json!({"scorecard": "quarterly", "person": "luo", "day": "2026-03-31", "marks": marks});
    let request = json!({"parent": parent, "scorecard": scorecard});
    world.make("ke", "evaluation/Scorecards/CreateScorecard", request).await
}

/// The result on its way until it is paid.
async fn paid(world: &mut World<'_>, scorecard: &str) {
    let parent = world.sandbox.clone();
    for (kind, who) in [("result_reviewed", "qian"), ("data_handed_over", "ke"), ("payment_approved", "shen")] {
        let request = json!({"parent": scorecard, "record": {"kind": kind}});
        world.call(who, "evaluation/Scorecards/CreateScorecardRecord", request).await;
    }
    let pay = json!({"share": "quarter", "person": "luo", "day": "2026-03-31"});
    let request = json!({"parent": parent, "performancePay": pay});
    let pay = world.make("hu", "evaluation/PerformancePays/CreatePerformancePay", request).await;
    world.call("hu", "evaluation/PerformancePays/GetPerformancePay", json!({"name": pay})).await;
    world.call("hu", "evaluation/PerformancePays/ListPerformancePays", json!({"parent": parent})).await;
    world.call("hu", "evaluation/PerformancePays/PayPerformancePay", json!({"name": pay})).await;
    let card = json!({
        "kind": "yellow", "person": "luo", "shownOn": "2026-04-01", "reason": "Left a site unsecured", "issuer": "qian",
    });
    let card = world.make("qian", "evaluation/Cards/CreateCard", json!({"parent": parent, "card": card})).await;
    world.call("hu", "evaluation/Cards/GetCard", json!({"name": card})).await;
    world.call("hu", "evaluation/Cards/ListCards", json!({"parent": parent})).await;
}

/// The year, made of the one quarter that there is.
async fn year(world: &mut World<'_>) {
    let parent = world.sandbox.clone();
    world.at("2027-01-04T02:00:00Z").await;
    let scorecard = json!({"scorecard": "year_end", "person": "luo", "day": "2026-12-31"});
    let request = json!({"parent": parent, "scorecard": scorecard});
    world.call("ke", "evaluation/Scorecards/CreateScorecard", request).await;
    let pay = json!({"share": "year_end", "person": "luo", "day": "2026-12-31"});
    let request = json!({"parent": parent, "performancePay": pay});
    world.call("hu", "evaluation/PerformancePays/CreatePerformancePay", request).await;
    let income = json!({"person": "luo", "day": "2026-12-31", "profit": "0", "profitTarget": "0"});
    let request = json!({"parent": parent, "annualIncome": income});
    let income = world.make("hu", "evaluation/AnnualIncomes/CreateAnnualIncome", request).await;
    world.call("hu", "evaluation/AnnualIncomes/GetAnnualIncome", json!({"name": income})).await;
    world.call("hu", "evaluation/AnnualIncomes/ListAnnualIncomes", json!({"parent": parent})).await;
}
