//! What the tests share: the built-in regulations, civil time in Shanghai, dossiers.

use std::sync::Arc;

use callout_contract::regulation::v1::{Limit, Verdict};
use callout_regulation::{
    Actor, Dossier, Library, RecordEntry, Refusal, Regulation,
    calendar::Holidays,
    vocabulary::{Event, Subject, words},
};
use jiff::{Timestamp, civil::Date, civil::DateTime, tz::TimeZone};
use rust_decimal::Decimal;

pub fn main_regulation() -> Arc<Regulation> {
    Library::built_in().unwrap().named("R01-aerial-platforms@1").unwrap().clone()
}

pub fn agent_regulation() -> Arc<Regulation> {
    Library::built_in().unwrap().named("R01-agent-sales@1").unwrap().clone()
}

pub fn r13() -> Arc<Regulation> {
    Library::built_in().unwrap().named("R13-elevator-maintenance@1").unwrap().clone()
}

pub fn r20() -> Arc<Regulation> {
    Library::built_in().unwrap().named("R20-quality-complaints@1").unwrap().clone()
}

pub fn r31() -> Arc<Regulation> {
    Library::built_in().unwrap().named("R31-power-equipment@1").unwrap().clone()
}

/// Civil time in Shanghai, `2026-03-06T16:10` or with seconds.
pub fn at(civil: &str) -> Timestamp {
    let civil: DateTime = civil.parse().unwrap();
    civil.to_zoned(TimeZone::get("Asia/Shanghai").unwrap()).unwrap().timestamp()
}

/// The same, printed the way `at` reads it, with seconds.
pub fn civil(at: Timestamp) -> String {
    at.to_zoned(TimeZone::get("Asia/Shanghai").unwrap()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn actor(role: &str) -> Actor {
    Actor::of([role])
}

pub fn no_holidays() -> Holidays {
    Holidays::default()
}

pub fn record(kind: &str, occurred_at: &str) -> RecordEntry {
    RecordEntry {
        kind: kind.to_owned(),
        party: String::new(),
        role: String::new(),
        occurred_at: at(occurred_at),
        fields: std::collections::BTreeMap::new(),
    }
}

/// A machine by its maker and seller, with a repair received then.
pub fn repair(maker: &str, seller: &str, received_at: &str, warranty_ends_on: Option<&str>) -> Dossier {
    let mut dossier = Dossier { warranty_ends_on: warranty_ends_on.map(date), ..Dossier::default() };
    dossier.facts.set(words::PRODUCT_MAKER, maker);
    dossier.facts.set(words::PRODUCT_SELLER, seller);
    dossier.facts.set(words::CASE_KIND, "repair");
    dossier.facts.set(words::CASE_WORK, "repair");
    dossier.milestones.push((Event::Received, at(received_at)));
    dossier
}

/// The dossier of the order that answers a case: the verdict is known.
pub fn ordered(regulation: &Regulation, mut dossier: Dossier, mode: &str, distance_km: &str) -> Dossier {
    let verdict: Verdict = regulation.verdict(&dossier);
    dossier.facts.set_verdict(&verdict);
    dossier.facts.set(words::ORDER_MODE, mode);
    dossier.facts.set(words::ORDER_DISTANCE_KM, dec(distance_km));
    dossier
}

pub fn limit(regulation: &Regulation, of: Subject, id: &str, dossier: &Dossier, now: &str) -> Option<Limit> {
    let limits = regulation.limits(of, dossier, &no_holidays(), at(now));
    assert!(limits.undecided.is_empty(), "{:?}", limits.undecided);
    limits.known.into_iter().find(|limit| limit.limit == id)
}

pub fn due(limit: &Limit) -> String {
    let due_at = limit.due_at.as_ref().unwrap();
    civil(Timestamp::new(due_at.seconds, due_at.nanos).unwrap())
}

/// When the responsible person is warned of a limit, as civil time in Shanghai.
pub fn warned(limit: &Limit) -> Option<String> {
    limit.warn_at.as_ref().map(|warn_at| civil(Timestamp::new(warn_at.seconds, warn_at.nanos).unwrap()))
}

/// The rules that refuse and what would lift each, to be compared as a whole.
pub fn refused<T: std::fmt::Debug>(result: Result<T, Vec<Refusal>>) -> Vec<(String, String)> {
    let refusals = result.unwrap_err();
    assert!(refusals.iter().all(|it| !it.message.en.is_empty() && !it.message.zh.is_empty()), "{refusals:?}");
    refusals.into_iter().map(|it| (it.rule, it.lifted_by.join(" "))).collect()
}

pub fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(rule, lifted_by)| ((*rule).to_owned(), (*lifted_by).to_owned())).collect()
}
