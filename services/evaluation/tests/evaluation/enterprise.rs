//! An enterprise whose people are rated by figures and marks, and the steps by which it rates and pays them.

use std::collections::BTreeMap;

use callout_contract::{
    evaluation::v1::{
        self as pb, appointments_server::Appointments as _, figure_entries_server::FigureEntries as _,
        goal_sheets_server::GoalSheets as _, performance_pays_server::PerformancePays as _,
        scorecards_server::Scorecards as _,
    },
    intake::v1::Table,
    types::v1::Record,
};
use prost_types::Timestamp;
use tonic::Status;

use crate::support::{Bench, ORGANIZATION, by, new_request_id};

pub const PACK: &str = "R26-weighted-grades";
pub const COUNTED: [(&str, &str); 16] = [
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
];
pub const GIVEN: [(&str, &str); 11] = [
    ("item_completeness", "90"),
    ("design_novelty", "85"),
    ("initiative", "90"),
    ("discipline", "85"),
    ("cooperation", "80"),
    ("integrity", "85"),
    ("innovation", "70"),
    ("coordination", "80"),
    ("emergency", "85"),
    ("self_control", "85"),
    ("affinity", "80"),
];

pub fn ratios() -> Table {
    Table {
        table: "bonus_ratios".to_owned(),
        valid_from: "2026-01-01".to_owned(),
        values: map(&[("a", "120"), ("b", "100"), ("c", "80")]),
        ..Table::default()
    }
}

pub fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// An enterprise at the end of March in which Luo is employed and his goals for the quarter are agreed.
pub async fn enterprise() -> Bench {
    let bench = Bench::start_with(PACK, "2026-03-28 10:00:00", vec![ratios()]).await;
    employ(&bench, "luo", pb::appointment::Standing::Regular, "2025-01-01").await.unwrap();
    agree(&bench, "luo", "18000").await.unwrap();
    bench
}

pub async fn employ(
    bench: &Bench,
    person: &str,
    standing: pb::appointment::Standing,
    from_on: &str,
) -> Result<pb::Appointment, Status> {
    let appointment = pb::Appointment {
        person: person.to_owned(),
        from_on: from_on.to_owned(),
        standing: standing.into(),
        standard_pay: "24000".to_owned(),
        annual_salary: "96000".to_owned(),
        ..pb::Appointment::default()
    };
    let request = pb::CreateAppointmentRequest {
        parent: ORGANIZATION.to_owned(),
        appointment: Some(appointment),
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.create_appointment(by("hu", "human_resources", request)).await?.into_inner())
}

pub async fn agree(bench: &Bench, person: &str, budget: &str) -> Result<pb::GoalSheet, Status> {
    let sheet = pb::GoalSheet {
        scorecard: "quarterly".to_owned(),
        person: person.to_owned(),
        day: "2026-03-31".to_owned(),
        goals: vec!["Every visit in time".to_owned()],
        plan: "Two crews".to_owned(),
        budget: budget.to_owned(),
        ..pb::GoalSheet::default()
    };
    let request = pb::CreateGoalSheetRequest {
        parent: ORGANIZATION.to_owned(),
        goal_sheet: Some(sheet),
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.create_goal_sheet(by("ke", "customer_service", request)).await?.into_inner())
}

pub async fn enter(bench: &Bench, day: &str, figures: &[(&str, &str)]) -> Result<pb::FigureEntry, Status> {
    let entry = pb::FigureEntry {
        scorecard: "quarterly".to_owned(),
        person: "luo".to_owned(),
        day: day.to_owned(),
        figures: map(figures),
        ..pb::FigureEntry::default()
    };
    let request = pb::CreateFigureEntryRequest {
        parent: ORGANIZATION.to_owned(),
        figure_entry: Some(entry),
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.create_figure_entry(by("ke", "customer_service", request)).await?.into_inner())
}

pub async fn all_figures(bench: &Bench) -> pb::FigureEntry {
    let figures = [COUNTED.as_slice(), &[("receivable", "50000")]].concat();
    enter(bench, "2026-03-31", &figures).await.unwrap()
}

pub async fn review(bench: &Bench, entry: &pb::FigureEntry) -> Result<pb::FigureEntry, Status> {
    let request =
        pb::ReviewFigureEntryRequest { name: entry.name.clone(), etag: String::new(), request_id: new_request_id() };
    Ok(bench.evaluation.review_figure_entry(by("qian", "customer_service_supervisor", request)).await?.into_inner())
}

pub async fn score(bench: &Bench, card: &str, day: &str, marks: &[(&str, &str)]) -> Result<pb::Scorecard, Status> {
    let scorecard = pb::Scorecard {
        scorecard: card.to_owned(),
        person: "luo".to_owned(),
        day: day.to_owned(),
        marks: map(marks),
        ..pb::Scorecard::default()
    };
    let request = pb::CreateScorecardRequest {
        parent: ORGANIZATION.to_owned(),
        scorecard: Some(scorecard),
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.create_scorecard(by("ke", "customer_service", request)).await?.into_inner())
}

/// Luo's first quarter, scored on 3 April.
pub async fn scored() -> (Bench, pb::Scorecard) {
    let bench = enterprise().await;
    let entry = all_figures(&bench).await;
    review(&bench, &entry).await.unwrap();
    bench.advance("2026-04-03 10:00:00").await;
    let scorecard = score(&bench, "quarterly", "2026-03-31", &GIVEN).await.unwrap();
    (bench, scorecard)
}

pub async fn put(
    bench: &Bench,
    scorecard: &pb::Scorecard,
    kind: &str,
    who: (&str, &str),
) -> Result<pb::Scorecard, Status> {
    let request = pb::CreateScorecardRecordRequest {
        parent: scorecard.name.clone(),
        record: Some(Record { kind: kind.to_owned(), ..Record::default() }),
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.create_scorecard_record(by(who.0, who.1, request)).await?.into_inner())
}

pub async fn compute(bench: &Bench, share: &str, day: &str) -> Result<pb::PerformancePay, Status> {
    let pay = pb::PerformancePay {
        share: share.to_owned(),
        person: "luo".to_owned(),
        day: day.to_owned(),
        ..pb::PerformancePay::default()
    };
    let request = pb::CreatePerformancePayRequest {
        parent: ORGANIZATION.to_owned(),
        performance_pay: Some(pay),
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.create_performance_pay(by("hu", "human_resources", request)).await?.into_inner())
}

pub async fn pay(bench: &Bench, pay: &pb::PerformancePay, at: Option<Timestamp>) -> Result<pb::PerformancePay, Status> {
    let request = pb::PayPerformancePayRequest {
        name: pay.name.clone(),
        etag: String::new(),
        occurred_at: at,
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.pay_performance_pay(by("hu", "human_resources", request)).await?.into_inner())
}
