//! The regulation by which something of a day or a period is judged, and the period that it lies in.

use std::sync::Arc;

use callout_casework::{Settings, day_of, refused};
use callout_journal::TenantTx;
use callout_kit::{Error, Text};
use callout_regulation::{
    Regulation,
    calendar::{self, Calendar, CalendarPeriod},
    pack::Scorecard,
};
use jiff::{Timestamp, ToSpan as _, civil::Date};

use crate::Evaluation;

/// The regulation that is in force when a day ends, so that what is adopted later does not change how a past day is judged.
/// The day counts in the zone of the one in force now, which is also the one that says what day it is today.
///
/// # Errors
/// [`Error::SettingMissing`] when none was in force, [`Error::Invalid`] about `field` for a day that no calendar has.
pub fn on(evaluation: &Evaluation, tx: &TenantTx, field: &str, day: Date) -> Result<Arc<Regulation>, Error> {
    let (library, settings) = (&evaluation.host.library, Settings::of(tx)?);
    let today = settings.regulation_at(library, tx.now())?;
    let ends_at = || -> Option<Timestamp> {
        let begin = day.checked_add(1.day()).ok()?.to_zoned(today.zone().clone()).ok()?;
        Some(begin.timestamp())
    };
    let out_of_range = || Error::invalid(field, Text::new("is out of range", "超出范围"));
    settings.regulation_at(library, ends_at().ok_or_else(out_of_range)?.min(tx.now()))
}

/// The regulation that is in force at an instant.
///
/// # Errors
/// [`Error::SettingMissing`] when none was.
pub fn at(evaluation: &Evaluation, tx: &TenantTx, at: Timestamp) -> Result<Arc<Regulation>, Error> {
    Settings::of(tx)?.regulation_at(&evaluation.host.library, at)
}

/// A scorecard of the regulation.
///
/// # Errors
/// [`Error::Invalid`] about `field`, naming those that there are.
pub fn scorecard<'a>(regulation: &'a Regulation, field: &str, id: &str) -> Result<&'a Scorecard, Error> {
    regulation.scorecard(id).map_err(|_| {
        let known = regulation.pack().scorecards.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        Error::invalid(field, Text::new(format!("must be a scorecard: {known}"), format!("必须是考核表：{known}")))
    })
}

/// The period of a scorecard in which a day lies; none for one that rates each service.
///
/// # Errors
/// [`Error::Internal`] at the very ends of the calendar.
pub fn period(scorecard: &Scorecard, day: Date) -> Result<Option<CalendarPeriod>, Error> {
    scorecard.period.map(|kind| kind.containing(day)).transpose().map_err(uncounted)
}

/// The same where there must be one.
///
/// # Errors
/// [`Error::Invalid`] about `field` for a scorecard that rates each service.
pub fn required_period(scorecard: &Scorecard, field: &str, day: Date) -> Result<CalendarPeriod, Error> {
    let none = || Error::invalid(field, Text::new("must be a scorecard with periods", "必须是有考核期的考核表"));
    period(scorecard, day)?.ok_or_else(none)
}

/// Refuses what is of a period that is yet to begin.
///
/// # Errors
/// [`Error::Invalid`] about `field`.
pub fn require_begun(regulation: &Regulation, field: &str, begins_on: Date, now: Timestamp) -> Result<(), Error> {
    if begins_on > day_of(now, regulation.zone()) {
        let fault = Text::new("must lie in a period that has begun", "所评价的期间尚未开始");
        return Err(Error::invalid(field, fault));
    }
    Ok(())
}

/// The last second of a period.
///
/// # Errors
/// [`Error::Internal`] at the very ends of the calendar.
pub fn ends_at(calendar: &Calendar, period: CalendarPeriod) -> Result<Timestamp, Error> {
    calendar.period_ends_at(period).map_err(uncounted)
}

/// The refusals of a decision about something of the organisation.
pub fn refusing(subject: &str) -> impl FnOnce(Vec<callout_regulation::Refusal>) -> Error {
    move |refusals| refused(subject, refusals)
}

fn uncounted(fault: calendar::Error) -> Error {
    Error::Internal(anyhow::Error::new(fault))
}
