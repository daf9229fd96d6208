//! Follows the limits of a subject: timers for each that runs, word to others of each that is near its end, of each that
//! was missed, and of each miss that was none.
//!
//! Limits are derived, never kept: whatever changes a subject changes them. After each change a command calls
//! [`follow`], and so do the timers that this sets, when a limit is near its end or has run out without anything having
//! happened.

use std::collections::BTreeSet;

use callout_contract::{
    events::v1::{LimitMissRetracted, LimitMissed, LimitNearing},
    regulation::v1::{Limit, limit},
};
use callout_journal::{
    TenantTx, events,
    timers::{self, Schedule},
};
use callout_kit::{Error, attributes, metrics::Counter, parse};
use callout_regulation::vocabulary::words;
use jiff::{SignedDuration, Timestamp};

use crate::{Settings, Subject, rates};

/// The kind of the timers of limits: one runs when a limit is near its end, another when it has run out. Their subject is
/// the one to call [`follow`] for.
pub const TIMER: &str = "limit";

/// What follows the id of a limit where a standing remembers that it was told as missed.
const MISSED: &str = " STATE_";

/// The last second of a limit is in time; the next one is late.
const A_SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Sets the timers of the limits that run, drops those of the others, and tells of limits newly near their end, once for
/// each time at which they fall due, and of those newly missed: once when the time runs out, once more when the event
/// comes late. A miss that was told and is none any more, because its event is reported late to have come in time, is taken
/// back.
///
/// How the subject counts for rates is told first, since that goes by its limits too.
///
/// Returns when something is due next: the earliest due time of what runs or is overdue, else the organisation's review.
///
/// # Errors
/// Those of [`Subject::limits`].
pub fn follow(tx: &mut TenantTx, subject: &mut Subject) -> Result<Timestamp, Error> {
    rates::tell(tx, subject)?;
    let mut next_due = None;
    for limit in told_anew(tx, subject)? {
        let due_at = due_at(&limit)?;
        let state = limit.state();
        if matches!(state, limit::State::Running | limit::State::Overdue) {
            next_due = Some(next_due.map_or(due_at, |earlier: Timestamp| earlier.min(due_at)));
        }
        match state {
            limit::State::Running => run(tx, subject, limit, due_at)?,
            limit::State::Overdue | limit::State::MetLate => {
                stop(tx, subject, &limit);
                tell_missed(tx, subject, limit)?;
            }
            limit::State::Met | limit::State::Lifted | limit::State::Unspecified => stop(tx, subject, &limit),
        }
    }
    match next_due {
        Some(next_due) => Ok(next_due),
        None => review_at(tx, subject),
    }
}

/// Ends the limits of a subject that is in a final state: those that still run are nobody's any more.
///
/// # Errors
/// As [`follow`].
pub fn end(tx: &mut TenantTx, subject: &mut Subject) -> Result<(), Error> {
    rates::tell(tx, subject)?;
    for limit in told_anew(tx, subject)? {
        stop(tx, subject, &limit);
        if limit.state() == limit::State::MetLate {
            tell_missed(tx, subject, limit)?;
        }
    }
    Ok(())
}

/// Sets the timers of a limit that runs; where the time of its warning has come, tells that it is near its end.
fn run(tx: &mut TenantTx, subject: &mut Subject, limit: Limit, due_at: Timestamp) -> Result<(), Error> {
    set(tx, subject, &timer_of(subject, &limit), due_at + A_SECOND);
    let warning = warning_of(subject, &limit);
    match limit.warn_at.map(instant).transpose()? {
        Some(warn_at) if warn_at <= tx.now() => {
            timers::cancel(tx, &warning);
            tell_nearing(tx, subject, limit, due_at, warn_at);
        }
        Some(warn_at) => set(tx, subject, &warning, warn_at),
        None => {}
    }
    Ok(())
}

/// Drops the timers of a limit that does not run any more.
fn stop(tx: &mut TenantTx, subject: &Subject, limit: &Limit) {
    timers::cancel(tx, &timer_of(subject, limit));
    if limit.warn_at.is_some() {
        timers::cancel(tx, &warning_of(subject, limit));
    }
}

fn set(tx: &mut TenantTx, subject: &Subject, key: &str, run_at: Timestamp) {
    timers::schedule(tx, Schedule { key, kind: TIMER, subject: &subject.name, run_at, payload: &[] });
}

fn timer_of(subject: &Subject, limit: &Limit) -> String {
    format!("{}/limits/{}", subject.name, limit.limit)
}

fn warning_of(subject: &Subject, limit: &Limit) -> String {
    format!("{}/warning", timer_of(subject, limit))
}

/// Tells that a limit is near its end, unless it was told of this due time before.
fn tell_nearing(tx: &mut TenantTx, subject: &mut Subject, limit: Limit, due_at: Timestamp, warn_at: Timestamp) {
    if !subject.standing.told.insert(format!("{} near {due_at}", limit.limit)) {
        return;
    }
    let event = LimitNearing {
        subject: subject.name.clone(),
        case: subject.case.clone(),
        due_at: limit.due_at,
        responsible: subject.responsible(&limit.responsible),
        regulation: subject.regulation.revision().to_owned(),
        limit: Some(limit),
    };
    events::append(tx, &subject.name, &event, warn_at);
}

/// Tells of a missed limit, unless it was told in this state before.
fn tell_missed(tx: &mut TenantTx, subject: &mut Subject, limit: Limit) -> Result<(), Error> {
    let first = told_as_missed(subject, &limit.limit).next().is_none();
    if !subject.standing.told.insert(as_missed(&limit)) {
        return Ok(());
    }
    if first {
        let limit = limit.limit.clone().into();
        let labels = [(attributes::SUBJECT, subject.kind.word().into()), (attributes::LIMIT, limit)];
        tx.count(Counter::LimitsMissed, labels);
    }
    let missed_at = match limit.met_at {
        Some(met_at) => instant(met_at)?,
        None => due_at(&limit)? + A_SECOND,
    };
    let event = LimitMissed {
        subject: subject.name.clone(),
        case: subject.case.clone(),
        responsible: subject.responsible(&limit.responsible),
        regulation: subject.regulation.revision().to_owned(),
        product: subject.standing.facts.text(words::CASE_PRODUCT).unwrap_or_default(),
        retractions: subject.standing.retractions.get(&limit.limit).copied().unwrap_or_default(),
        limit: Some(limit),
    };
    events::append(tx, &subject.name, &event, missed_at);
    Ok(())
}

/// The limits of a subject, after every miss of theirs that was told and does not stand any more was taken back.
fn told_anew(tx: &mut TenantTx, subject: &mut Subject) -> Result<Vec<Limit>, Error> {
    let limits = subject.judged(tx)?.decided_limits();
    for limit in &limits.known {
        if told_as_missed(subject, &limit.limit).any(|told| !stands(told, limit)) {
            retract(tx, subject, limit.clone());
        }
    }
    // One that cannot be decided may yet turn out to be missed; one that is not there at all does not apply.
    let is_there = |id: &str| {
        let mut undecided = limits.undecided.iter().map(|limit| limit.limit.as_str());
        limits.known.iter().any(|limit| limit.limit == id) || undecided.any(|limit| limit == id)
    };
    let told = subject.standing.told.iter().filter_map(|told| Some(told.split_once(MISSED)?.0.to_owned()));
    let gone: BTreeSet<String> = told.filter(|id| !is_there(id)).collect();
    for id in gone {
        let limit = subject.regulation.pack().limits.get(&id);
        let responsible = limit.map(|limit| limit.responsible.clone()).unwrap_or_default();
        retract(tx, subject, Limit { limit: id, responsible, ..Limit::default() });
    }
    Ok(limits.known)
}

/// Tells that a miss was none, or another than was told.
fn retract(tx: &mut TenantTx, subject: &mut Subject, limit: Limit) {
    let taken_back: Vec<String> = told_as_missed(subject, &limit.limit).cloned().collect();
    subject.standing.told.retain(|told| !taken_back.contains(told));
    let count = subject.standing.retractions.entry(limit.limit.clone()).or_default();
    let retractions = *count;
    *count += 1;
    let event = LimitMissRetracted {
        subject: subject.name.clone(),
        case: subject.case.clone(),
        responsible: subject.responsible(&limit.responsible),
        regulation: subject.regulation.revision().to_owned(),
        limit: Some(limit),
        retractions,
    };
    let now = tx.now();
    events::append(tx, &subject.name, &event, now);
}

/// What a standing remembers of a limit that was told as missed: its state, and of one that came late how late.
fn as_missed(limit: &Limit) -> String {
    let told = format!("{} {}", limit.limit, limit.state().as_str_name());
    match limit.late {
        Some(late) if limit.state() == limit::State::MetLate => format!("{told} by {}s", late.seconds),
        Some(_) | None => told,
    }
}

/// What a standing remembers of the miss of a limit.
fn told_as_missed<'s>(subject: &'s Subject, id: &str) -> impl Iterator<Item = &'s String> + use<'s> {
    let states = format!("{id}{MISSED}");
    subject.standing.told.iter().filter(move |told| told.starts_with(&states))
}

/// Whether a miss is as it was told: that a limit is overdue stands when its event comes late, and how late it came stands
/// when it did not change.
fn stands(told: &str, limit: &Limit) -> bool {
    let as_overdue = format!("{} {}", limit.limit, limit::State::Overdue.as_str_name());
    match limit.state() {
        limit::State::Overdue | limit::State::MetLate => told == as_overdue || told == as_missed(limit),
        limit::State::Met | limit::State::Running | limit::State::Lifted | limit::State::Unspecified => false,
    }
}

fn due_at(limit: &Limit) -> Result<Timestamp, Error> {
    let missing = || Error::Internal(anyhow::anyhow!("limit {} has no due time", limit.limit));
    instant(limit.due_at.ok_or_else(missing)?)
}

fn instant(at: prost_types::Timestamp) -> Result<Timestamp, Error> {
    parse::timestamp(at).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))
}

fn review_at(tx: &TenantTx, subject: &Subject) -> Result<Timestamp, Error> {
    let settings = Settings::of(tx)?;
    let calendar = subject.regulation.calendar(&settings.holidays()?);
    let due = calendar.due(tx.now(), settings.review_after()?);
    due.map(|due| due.due_at).map_err(|fault| Error::Internal(anyhow::Error::new(fault)))
}
