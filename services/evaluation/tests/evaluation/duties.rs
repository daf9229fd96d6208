//! Duties as in scenario S10 of R01, from a delivery on the last day of January.

use callout_casework::Service as _;
use callout_contract::{
    evaluation::v1::{self as pb, duties_server::Duties as _, duty::State},
    intake::v1 as intake,
};
use callout_journal::TenantTx;
use callout_kit::parse;
use tonic::{Code, Status};

use crate::support::{Bench, ORGANIZATION, at, by, name, new_request_id, reason, rules, shown};

async fn list(bench: &Bench, routine: &str, subject: &str) -> Vec<pb::Duty> {
    let request = pb::ListDutiesRequest {
        parent: ORGANIZATION.to_owned(),
        routine: routine.to_owned(),
        subject: subject.to_owned(),
        ..pb::ListDutiesRequest::default()
    };
    bench.evaluation.list_duties(by("lin", "quality_office", request)).await.unwrap().into_inner().duties
}

async fn complete(
    bench: &Bench,
    (subject, role): (&str, &str),
    duty: &pb::Duty,
    occurred_at: Option<&str>,
) -> Result<pb::Duty, Status> {
    let request = pb::CompleteDutyRequest {
        name: duty.name.clone(),
        outcome: "runs well".to_owned(),
        occurred_at: occurred_at.map(|instant| parse::to_timestamp(at(instant))),
        request_id: new_request_id(),
        ..pb::CompleteDutyRequest::default()
    };
    Ok(bench.evaluation.complete_duty(by(subject, role, request)).await?.into_inner())
}

async fn trained(bench: &Bench, product: u128, trained_on: &str) -> String {
    let told = intake::Product {
        name: name("products", product),
        delivered_on: "2026-01-30".to_owned(),
        trained_on: trained_on.to_owned(),
        ..intake::Product::default()
    };
    bench.tell(&intake::ProductChanged { product: Some(told) }, "2026-01-31 09:00:00").await;
    name("products", product)
}

fn dues(duties: &[pb::Duty]) -> Vec<(String, State)> {
    duties.iter().map(|duty| (shown(duty.due_at), duty.state())).collect()
}

const ADMINISTRATOR: (&str, &str) = ("zhao", "service_administrator");

#[tokio::test]
async fn a_call_is_due_three_months_after_the_training_and_the_next_after_the_call() {
    let bench = Bench::start("2026-01-31 09:00:00").await;
    let product = trained(&bench, 1, "").await;
    assert_eq!(list(&bench, "follow_up_call", &product).await, []);
    trained(&bench, 1, "2026-01-31").await;
    trained(&bench, 1, "2026-01-31").await;
    let duties = list(&bench, "follow_up_call", &product).await;
    let [first] = duties.as_slice() else { panic!("one duty, not {duties:?}") };
    assert_eq!((shown(first.due_at).as_str(), first.state()), ("2026-04-30 23:59:59", State::Open));
    assert_eq!((first.owner.as_str(), first.period_start_on.as_str()), ("service_administrator", ""));
    assert_eq!(first.explanation.as_ref().unwrap().rule, "R01-50");

    bench.advance("2026-04-20 15:00:00").await;
    assert_eq!(rules(&complete(&bench, ("ku", "warehouse"), first, None).await.unwrap_err()), ["R01-50"]);
    let before_training = complete(&bench, ADMINISTRATOR, first, Some("2026-01-30 23:59:59")).await.unwrap_err();
    assert_eq!(before_training.code(), Code::InvalidArgument);
    let done = complete(&bench, ADMINISTRATOR, first, None).await.unwrap();
    assert_eq!((done.state(), done.done_by.as_str(), done.owner.as_str()), (State::Done, "zhao", ""));
    assert_eq!(reason(&complete(&bench, ADMINISTRATOR, first, None).await.unwrap_err()), "STATE_WRONG");
    let after = list(&bench, "follow_up_call", &product).await;
    let expected = [("2026-04-30 23:59:59", State::Done), ("2026-07-20 23:59:59", State::Open)];
    assert_eq!(dues(&after), expected.map(|(due, state)| (due.to_owned(), state)));

    // The file says nothing about what comes after the first call.
    trained(&bench, 1, "2026-01-30").await;
    assert_eq!(list(&bench, "follow_up_call", &product).await, after);
}

#[tokio::test]
async fn a_day_of_training_that_is_corrected_moves_the_first_call() {
    let bench = Bench::start("2026-01-31 09:00:00").await;
    let product = trained(&bench, 1, "2026-01-31").await;
    trained(&bench, 1, "2026-02-15").await;
    let duties = list(&bench, "follow_up_call", &product).await;
    assert_eq!(dues(&duties), [("2026-05-15 23:59:59".to_owned(), State::Open)]);
    bench.advance("2026-05-01 00:00:00").await;
    assert_eq!(list(&bench, "follow_up_call", &product).await, duties);
}

#[tokio::test]
async fn a_duty_is_overdue_a_second_after_it_was_due_and_others_are_told_once() {
    let bench = Bench::start("2026-01-31 09:00:00").await;
    let product = trained(&bench, 1, "2026-01-31").await;
    bench.advance("2026-04-30 23:59:59").await;
    assert_eq!(list(&bench, "follow_up_call", &product).await[0].state(), State::Open);
    bench.advance("2026-05-01 00:00:00").await;
    bench.advance("2026-05-02 00:00:00").await;
    let overdue = list(&bench, "follow_up_call", &product).await;
    assert_eq!(overdue[0].state(), State::Overdue);
    let about_it = async || {
        let told = bench.told::<pb::DutyProgressed>().await;
        let of_it = told.into_iter().filter(|(told, _)| told.duty.as_ref().unwrap().name == overdue[0].name);
        of_it.map(|(told, _)| told.duty.unwrap().state()).collect::<Vec<_>>()
    };
    assert_eq!(about_it().await, [State::Overdue]);

    // Reported late, done in time.
    let done = complete(&bench, ADMINISTRATOR, &overdue[0], Some("2026-04-30 18:00:00")).await.unwrap();
    assert_eq!(done.state(), State::Done);
    assert_eq!(about_it().await, [State::Overdue, State::Done]);
}

#[tokio::test]
async fn reports_fall_due_once_in_each_period_from_its_beginning_on() {
    let bench = Bench::start("2026-01-31 09:00:00").await;
    let periods = async |routine: &str| -> Vec<(String, String, String)> {
        let duties = list(&bench, routine, "").await;
        let shown = |duty: &pb::Duty| (duty.period_start_on.clone(), duty.period_end_on.clone(), shown(duty.due_at));
        duties.iter().map(shown).collect()
    };
    let period = |first: &str, last: &str, due: &str| (first.to_owned(), last.to_owned(), due.to_owned());
    let january = period("2026-01-01", "2026-01-31", "2026-02-28 23:59:59");
    assert_eq!(periods("service_summary").await, std::slice::from_ref(&january));
    assert_eq!(periods("user_visits").await, [period("2026-01-01", "2026-12-31", "2026-12-31 23:59:59")]);

    bench.advance("2026-02-28 23:59:59").await;
    let february = period("2026-02-01", "2026-02-28", "2026-03-31 23:59:59");
    assert_eq!(periods("service_summary").await, [january.clone(), february.clone()]);
    bench.advance("2026-04-20 15:00:00").await;
    let march = period("2026-03-01", "2026-03-31", "2026-04-30 23:59:59");
    let april = period("2026-04-01", "2026-04-30", "2026-05-31 23:59:59");
    assert_eq!(periods("service_summary").await, [january, february, march, april]);
    let quarters =
        [("2026-01-01", "2026-03-31", "2026-04-30 23:59:59"), ("2026-04-01", "2026-06-30", "2026-07-31 23:59:59")];
    assert_eq!(periods("cause_analysis").await, quarters.map(|(first, last, due)| period(first, last, due)));

    // A report that is done opens no other: the next period does.
    let duties = list(&bench, "service_summary", "").await;
    assert_eq!(complete(&bench, ADMINISTRATOR, &duties[0], None).await.unwrap().state(), State::DoneLate);
    assert_eq!(complete(&bench, ADMINISTRATOR, &duties[3], None).await.unwrap().state(), State::Done);
    assert_eq!(periods("service_summary").await.len(), 4);
}

#[tokio::test]
async fn products_known_before_a_regulation_is_adopted_get_their_duties_when_it_is() {
    let bench = Bench::start("2025-12-15 09:00:00").await;
    let product = trained(&bench, 1, "2025-12-10").await;
    assert_eq!(list(&bench, "", "").await, []);
    bench.advance("2026-01-01 00:00:00").await;
    let duties = list(&bench, "follow_up_call", &product).await;
    assert_eq!(dues(&duties), [("2026-03-10 23:59:59".to_owned(), State::Open)]);
    assert_eq!(list(&bench, "service_summary", "").await.len(), 1);
}

#[tokio::test]
async fn duties_are_opened_once_by_whoever_comes_first() {
    let bench = Bench::start("2026-01-31 09:00:00").await;
    let product =
        intake::Product { name: name("products", 1), trained_on: "2026-01-31".to_owned(), ..Default::default() };
    let changed = intake::ProductChanged { product: Some(product) };
    let told = || bench.tell(&changed, "2026-01-31 09:00:00");
    tokio::join!(told(), told(), told(), told());
    assert_eq!(bench.count("select count(*) from evaluation.duty where routine = 'follow_up_call'").await, 1);
    assert_eq!(bench.count("select count(*) from evaluation.timer where kind = 'duty_overdue'").await, 6);
}

#[tokio::test]
async fn an_event_that_nobody_asked_for_is_a_fault() {
    let bench = Bench::start("2026-01-31 09:00:00").await;
    let evaluation = bench.evaluation.clone();
    let stray =
        callout_contract::events::v1::Event { r#type: "callout.intake.v1.CaseEnded".to_owned(), ..Default::default() };
    let refused = bench.write(async move |tx: &mut TenantTx| evaluation.on_event(tx, &stray).await).await;
    assert!(refused.unwrap_err().is_fault());
}

#[tokio::test]
async fn a_check_of_each_product_in_each_half_year_lapses_with_it() {
    let bench = Bench::start_under("R13-elevator-maintenance", "2026-01-31 09:00:00").await;
    let (manager, product) = (("guo", "after_sales_manager"), trained(&bench, 1, "").await);
    let first = list(&bench, "full_inspection", &product).await.pop().unwrap();
    assert_eq!(first.period_start_on, "2026-01-01");
    bench.advance("2026-06-30 23:59:59").await;
    assert_eq!(list(&bench, "full_inspection", &product).await[0].state(), State::Open);
    bench.advance("2026-07-01 00:00:00").await;
    let expected = [("2026-06-30 23:59:59", State::Missed), ("2026-12-31 23:59:59", State::Open)];
    let duties = list(&bench, "full_inspection", &product).await;
    assert_eq!(dues(&duties), expected.map(|(due, state)| (due.to_owned(), state)));
    assert_eq!(duties[0].owner, "");
    assert_eq!(rules(&complete(&bench, manager, &duties[0], None).await.unwrap_err()), ["R13-12"]);

    // What was done in the half-year may be reported afterwards.
    let reported = complete(&bench, manager, &duties[0], Some("2026-06-30 23:59:59")).await.unwrap();
    assert_eq!(reported.state(), State::Done);
    assert_eq!(reason(&complete(&bench, manager, &duties[0], None).await.unwrap_err()), "STATE_WRONG");
    assert_eq!(complete(&bench, manager, &duties[1], None).await.unwrap().state(), State::Done);
    // A product that comes later owes the half-year in which it came.
    let late = trained(&bench, 2, "").await;
    assert_eq!(list(&bench, "full_inspection", &late).await[0].period_start_on, "2026-07-01");
}
