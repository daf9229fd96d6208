//! What missed limits leave in the ledger, and what takes it back.

use callout_contract::{
    evaluation::v1::{self as pb, ledger_entries_server::LedgerEntries as _},
    events::v1::{LimitMissRetracted, LimitMissed},
    regulation::v1::{Limit, limit},
};
use callout_kit::parse;
use rust_decimal::Decimal;
use tonic::Code;

use crate::support::{Bench, ORGANIZATION, REVISION, at, by, name};

fn missed(limit: &str, state: limit::State, late_days: i32) -> LimitMissed {
    LimitMissed {
        subject: name("cases", 7),
        case: name("cases", 7),
        limit: Some(Limit {
            limit: limit.to_owned(),
            due_at: Some(parse::to_timestamp(at("2026-03-11 09:00:00"))),
            state: state.into(),
            late_days,
            ..Limit::default()
        }),
        responsible: "chen".to_owned(),
        regulation: REVISION.to_owned(),
        product: String::new(),
        retractions: 0,
    }
}

/// The miss of a limit is taken back, which was met on `met_at` after all.
fn retracted(limit: &str, state: limit::State, met_at: &str, retractions: i32) -> LimitMissRetracted {
    let LimitMissed { subject, case, limit: told, responsible, regulation, .. } = missed(limit, state, 1);
    let told = told.map(|limit| Limit { met_at: Some(parse::to_timestamp(at(met_at))), ..limit });
    LimitMissRetracted { subject, case, limit: told, responsible, regulation, retractions }
}

/// What is owed in the end.
fn sum(entries: &[pb::LedgerEntry]) -> Decimal {
    entries.iter().map(|entry| entry.amount.parse::<Decimal>().unwrap()).sum()
}

async fn all(bench: &Bench, size: i32, token: &str) -> pb::ListLedgerEntriesResponse {
    let request = pb::ListLedgerEntriesRequest {
        parent: ORGANIZATION.to_owned(),
        page_size: size,
        page_token: token.to_owned(),
        ..pb::ListLedgerEntriesRequest::default()
    };
    bench.evaluation.list_ledger_entries(by("lin", "quality_office", request)).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_limit_that_ran_out_and_was_met_late_costs_once() {
    let bench = Bench::start("2026-03-11 09:05:00").await;
    bench.tell(&missed("pass_on", limit::State::Overdue, 0), "2026-03-11 09:00:01").await;
    bench.tell(&missed("pass_on", limit::State::MetLate, 0), "2026-03-11 09:01:00").await;
    let entries = all(&bench, 0, "").await.ledger_entries;
    let [fine] = entries.as_slice() else { panic!("one entry, not {entries:?}") };
    assert_eq!(
        (fine.consequence.as_str(), fine.person.as_str(), fine.amount.as_str()),
        ("not_passed_on", "chen", "50.00")
    );
    assert_eq!(fine.subject, name("cases", 7));
    assert_eq!(fine.explanation.as_ref().unwrap().revision, REVISION);
    assert_eq!(bench.told::<pb::LedgerEntryMade>().await.len(), 1);
}

#[tokio::test]
async fn a_fine_is_taken_back_once_by_the_same_rule_when_its_limit_was_met_in_time_after_all() {
    let bench = Bench::start("2026-03-11 09:05:00").await;
    bench.tell(&missed("pass_on", limit::State::Overdue, 0), "2026-03-11 09:00:01").await;
    let taken_back = retracted("pass_on", limit::State::Met, "2026-03-11 08:50:00", 0);
    bench.tell(&taken_back, "2026-03-11 09:05:00").await;
    // All of it again, as a feed may bring it that is read from its start.
    bench.tell(&missed("pass_on", limit::State::Overdue, 0), "2026-03-11 09:00:01").await;
    bench.tell(&taken_back, "2026-03-11 09:05:00").await;

    let entries = all(&bench, 0, "").await.ledger_entries;
    let [a, b] = entries.as_slice() else { panic!("two entries, not {entries:?}") };
    let (fine, reversal) = if a.reverses.is_empty() { (a, b) } else { (b, a) };
    assert_eq!((fine.amount.as_str(), fine.reverses.as_str()), ("50.00", ""));
    assert_eq!((reversal.amount.as_str(), &reversal.reverses), ("-50.00", &fine.name));
    assert_eq!(
        (&reversal.person, &reversal.consequence, &reversal.trigger, &reversal.subject),
        (&fine.person, &fine.consequence, &fine.trigger, &fine.subject)
    );
    let (why, rule) = (reversal.explanation.clone().unwrap(), &fine.explanation.as_ref().unwrap().rule);
    assert_eq!(&why.rule, rule);
    assert_eq!(
        why.computation,
        "pass_on was met at 2026-03-11 08:50:00, in time: it was due by 2026-03-11 09:00:00; 0 - 50 = -50"
    );
    assert_eq!(sum(&entries), Decimal::ZERO);
    assert_eq!(bench.told::<pb::LedgerEntryMade>().await.len(), 2);
}

#[tokio::test]
async fn a_limit_that_is_missed_again_after_its_miss_was_taken_back_costs_again() {
    let bench = Bench::start("2026-03-11 09:05:00").await;
    bench.tell(&missed("audit", limit::State::MetLate, 3), "2026-03-11 09:01:00").await;
    bench.tell(&retracted("audit", limit::State::MetLate, "2026-03-12 09:00:00", 0), "2026-03-11 09:05:00").await;
    bench
        .tell(&LimitMissed { retractions: 1, ..missed("audit", limit::State::MetLate, 1) }, "2026-03-11 09:05:00")
        .await;
    let entries = all(&bench, 0, "").await.ledger_entries;
    assert_eq!((entries.len(), sum(&entries)), (3, Decimal::TEN), "30, less 30, and 10 for the one day");
    bench.tell(&retracted("audit", limit::State::Lifted, "2026-03-12 09:00:00", 1), "2026-03-11 09:05:00").await;
    let entries = all(&bench, 0, "").await.ledger_entries;
    assert_eq!((entries.len(), sum(&entries)), (4, Decimal::ZERO));
}

#[tokio::test]
async fn a_miss_that_left_nothing_is_taken_back_without_a_trace_and_no_other_limit_with_it() {
    let bench = Bench::start("2026-03-11 09:05:00").await;
    bench.tell(&missed("pass_on", limit::State::Overdue, 0), "2026-03-11 09:00:01").await;
    for other in ["first_contact", "trip_report"] {
        bench.tell(&retracted(other, limit::State::Met, "2026-03-11 08:50:00", 0), "2026-03-11 09:05:00").await;
    }
    bench.tell(&retracted("pass_on", limit::State::Met, "2026-03-11 08:50:00", 1), "2026-03-11 09:05:00").await;
    assert_eq!(all(&bench, 0, "").await.ledger_entries.len(), 1, "the fine of another miss stays");
}

#[tokio::test]
async fn what_is_due_by_the_day_waits_until_the_days_are_known() {
    let bench = Bench::start("2026-03-11 09:05:00").await;
    bench.tell(&missed("audit", limit::State::Overdue, 1), "2026-03-11 09:00:01").await;
    assert_eq!(all(&bench, 0, "").await.ledger_entries, []);
    bench.tell(&missed("audit", limit::State::MetLate, 3), "2026-03-11 09:01:00").await;
    assert_eq!(all(&bench, 0, "").await.ledger_entries[0].amount, "30.00");
}

#[tokio::test]
async fn a_limit_without_a_consequence_leaves_nothing_and_a_breach_without_a_fine_leaves_an_entry_of_zero() {
    let bench = Bench::start("2026-03-11 09:05:00").await;
    bench.tell(&missed("first_contact", limit::State::Overdue, 0), "2026-03-11 09:00:01").await;
    assert_eq!(all(&bench, 0, "").await.ledger_entries, []);
    bench.tell(&missed("trip_report", limit::State::Overdue, 1), "2026-03-11 09:00:01").await;
    assert_eq!(all(&bench, 0, "").await.ledger_entries[0].amount, "0.00");
}

#[tokio::test]
async fn entries_are_listed_the_latest_first_page_by_page() {
    let bench = Bench::start("2026-03-11 09:05:00").await;
    for limit in ["pass_on", "trip_report", "hand_in"] {
        bench.tell(&missed(limit, limit::State::MetLate, 1), "2026-03-11 09:01:00").await;
        bench.advance(if limit == "pass_on" { "2026-03-11 10:00:00" } else { "2026-03-11 11:00:00" }).await;
    }
    let first = all(&bench, 2, "").await;
    let rest = all(&bench, 2, &first.next_page_token).await;
    let consequences = |page: &pb::ListLedgerEntriesResponse| -> Vec<String> {
        page.ledger_entries.iter().map(|entry| entry.consequence.clone()).collect()
    };
    assert_eq!(consequences(&first), ["hand_in_late", "trip_report_late"]);
    assert_eq!(
        (consequences(&rest).as_slice(), rest.next_page_token.as_str()),
        (&["not_passed_on".to_owned()][..], "")
    );

    let request = pb::GetLedgerEntryRequest { name: first.ledger_entries[0].name.clone() };
    let got = bench.evaluation.get_ledger_entry(by("lin", "quality_office", request)).await.unwrap().into_inner();
    assert_eq!(got, first.ledger_entries[0]);
    let request = pb::GetLedgerEntryRequest { name: name("ledgerEntries", 9) };
    let unknown = bench.evaluation.get_ledger_entry(by("lin", "quality_office", request)).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}
