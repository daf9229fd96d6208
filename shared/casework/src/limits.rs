//! Follows the limits of a subject: timers for each that runs, word to others of each that is near its end, and of each
//! that was missed.
//!
//! Limits are derived, never kept: whatever changes a subject changes them. After each change a command calls
//! [`follow`], and so do the timers that this sets, when a limit is near its end or has run out without anything having
//! happened.

use callout_contract::{
    events::v1::{LimitMissed, LimitNearing},
    regulation::v1::{Limit, limit},
};
use callout_journal::{
    TenantTx, events,
    timers::{self, Schedule},
};
use callout_kit::{Error, parse};
use jiff::{SignedDuration, Timestamp};

use crate::{Settings, Subject};

/// The kind of the timers of limits: one runs when a limit is near its end, another when it has run out. Their subject is
/// the one to call [`follow`] for.
pub const TIMER: &str = "limit";

/// The last second of a limit is in time; the next one is late.
const A_SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Sets the timers of the limits that run, drops those of the others, and tells of limits newly near their end, once for
/// each time at which they fall due, and of those newly missed: once when the time runs out, once more when the event
/// comes late.
///
/// Returns when something is due next: the earliest due time of what runs or is overdue, else the organisation's review.
///
/// # Errors
/// Those of [`Subject::limits`], and [`Error::Internal`] when a statement fails.
pub async fn follow(tx: &mut TenantTx, subject: &mut Subject) -> Result<Timestamp, Error> {
    let mut next_due = None;
    for limit in subject.limits(tx)? {
        let due_at = due_at(&limit)?;
        let state = limit.state();
        if matches!(state, limit::State::Running | limit::State::Overdue) {
            next_due = Some(next_due.map_or(due_at, |earlier: Timestamp| earlier.min(due_at)));
        }
        match state {
            limit::State::Running => run(tx, subject, limit, due_at).await?,
            limit::State::Overdue | limit::State::MetLate => {
                stop(tx, subject, &limit).await?;
                tell_missed(tx, subject, limit).await?;
            }
            limit::State::Met | limit::State::Lifted | limit::State::Unspecified => stop(tx, subject, &limit).await?,
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
pub async fn end(tx: &mut TenantTx, subject: &mut Subject) -> Result<(), Error> {
    for limit in subject.limits(tx)? {
        stop(tx, subject, &limit).await?;
        if limit.state() == limit::State::MetLate {
            tell_missed(tx, subject, limit).await?;
        }
    }
    Ok(())
}

/// Sets the timers of a limit that runs; where the time of its warning has come, tells that it is near its end.
async fn run(tx: &mut TenantTx, subject: &mut Subject, limit: Limit, due_at: Timestamp) -> Result<(), Error> {
    set(tx, subject, &timer_of(subject, &limit), due_at + A_SECOND).await?;
    let warning = warning_of(subject, &limit);
    match limit.warn_at.map(instant).transpose()? {
        Some(warn_at) if warn_at <= tx.now() => {
            timers::cancel(tx, &warning).await?;
            tell_nearing(tx, subject, limit, due_at, warn_at).await
        }
        Some(warn_at) => set(tx, subject, &warning, warn_at).await,
        None => Ok(()),
    }
}

/// Drops the timers of a limit that does not run any more.
async fn stop(tx: &mut TenantTx, subject: &Subject, limit: &Limit) -> Result<(), Error> {
    timers::cancel(tx, &timer_of(subject, limit)).await?;
    if limit.warn_at.is_some() {
        timers::cancel(tx, &warning_of(subject, limit)).await?;
    }
    Ok(())
}

async fn set(tx: &mut TenantTx, subject: &Subject, key: &str, run_at: Timestamp) -> Result<(), Error> {
    timers::schedule(tx, Schedule { key, kind: TIMER, subject: &subject.name, run_at, payload: &[] }).await
}

fn timer_of(subject: &Subject, limit: &Limit) -> String {
    format!("{}/limits/{}", subject.name, limit.limit)
}

fn warning_of(subject: &Subject, limit: &Limit) -> String {
    format!("{}/warning", timer_of(subject, limit))
}

/// Tells that a limit is near its end, unless it was told of this due time before.
async fn tell_nearing(
    tx: &mut TenantTx,
    subject: &mut Subject,
    limit: Limit,
    due_at: Timestamp,
    warn_at: Timestamp,
) -> Result<(), Error> {
    if !subject.standing.told.insert(format!("{} near {due_at}", limit.limit)) {
        return Ok(());
    }
    let event = LimitNearing {
        subject: subject.name.clone(),
        case: subject.case.clone(),
        due_at: limit.due_at,
        responsible: subject.responsible(&limit.responsible),
        regulation: subject.regulation.revision().to_owned(),
        limit: Some(limit),
    };
    events::append(tx, &subject.name, &event, warn_at).await
}

/// Tells of a missed limit, unless it was told in this state before.
async fn tell_missed(tx: &mut TenantTx, subject: &mut Subject, limit: Limit) -> Result<(), Error> {
    let told = format!("{} {}", limit.limit, limit.state().as_str_name());
    if !subject.standing.told.insert(told) {
        return Ok(());
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
        limit: Some(limit),
    };
    events::append(tx, &subject.name, &event, missed_at).await
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
