//! Follows the limits of a subject: a timer for each that runs, and word to others of each that was missed.
//!
//! Limits are derived, never kept: whatever changes a subject changes them. After each change a command calls
//! [`follow`], and so does the timer that this sets, when a limit has run out without anything having happened.

use callout_contract::{
    events::v1::LimitMissed,
    regulation::v1::{Limit, limit},
};
use callout_journal::{TenantTx, events, timers};
use callout_kit::{Error, attributes, metrics::Counter, parse};
use jiff::{SignedDuration, Timestamp};

use crate::{Settings, Subject};

/// The kind of timer that runs when a limit has run out. Its subject is the one to call [`follow`] for.
pub const TIMER: &str = "limit";

/// The last second of a limit is in time; the next one is late.
const A_SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Sets the timers of the limits that run, drops those of the others, and tells of limits newly missed: once when the
/// time runs out, once more when the event comes late.
///
/// Returns when something is due next: the earliest due time of what runs or is overdue, else the organisation's review.
///
/// # Errors
/// Those of [`Subject::limits`], and [`Error::Internal`] when a statement fails.
pub async fn follow(tx: &mut TenantTx, subject: &mut Subject) -> Result<Timestamp, Error> {
    let mut next_due = None;
    for limit in subject.limits(tx)? {
        let key = format!("{}/limits/{}", subject.name, limit.limit);
        let due_at = due_at(&limit)?;
        let state = limit.state();
        if state == limit::State::Running {
            let timer = timers::Schedule {
                key: &key,
                kind: TIMER,
                subject: &subject.name,
                run_at: due_at + A_SECOND,
                payload: &[],
            };
            timers::schedule(tx, timer).await?;
        } else {
            timers::cancel(tx, &key).await?;
        }
        if matches!(state, limit::State::Running | limit::State::Overdue) {
            next_due = Some(next_due.map_or(due_at, |earlier: Timestamp| earlier.min(due_at)));
        }
        if matches!(state, limit::State::Overdue | limit::State::MetLate) {
            tell_missed(tx, subject, limit).await?;
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
        timers::cancel(tx, &format!("{}/limits/{}", subject.name, limit.limit)).await?;
        if limit.state() == limit::State::MetLate {
            tell_missed(tx, subject, limit).await?;
        }
    }
    Ok(())
}

/// Tells of a missed limit, unless it was told in this state before.
async fn tell_missed(tx: &mut TenantTx, subject: &mut Subject, limit: Limit) -> Result<(), Error> {
    let of_limit = format!("{} ", limit.limit);
    let first = !subject.standing.told.iter().any(|told| told.starts_with(&of_limit));
    if !subject.standing.told.insert(of_limit + limit.state().as_str_name()) {
        return Ok(());
    }
    if first {
        let limit = limit.limit.clone().into();
        let labels = [(attributes::SUBJECT, subject.kind.word().into()), (attributes::LIMIT, limit)];
        tx.count(Counter::LimitsMissed, labels);
    }
    let missed_at = match limit.met_at {
        Some(met_at) => parse::timestamp(met_at).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?,
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
    parse::timestamp(limit.due_at.ok_or_else(missing)?).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))
}

fn review_at(tx: &TenantTx, subject: &Subject) -> Result<Timestamp, Error> {
    let settings = Settings::of(tx)?;
    let calendar = subject.regulation.calendar(&settings.holidays()?);
    let due = calendar.due(tx.now(), settings.review_after()?);
    due.map(|due| due.due_at).map_err(|fault| Error::Internal(anyhow::Error::new(fault)))
}
