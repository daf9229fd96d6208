//! The calls of a day and their cards.

use callout_casework::{
    Settings,
    ids::{CaseId, Id as _},
};
use callout_contract::evaluation::v1::{self as pb, survey_day::Register};
use callout_journal::TenantTx;
use callout_kit::{Error, parse};
use callout_regulation::{Regulation, calendar::is_late};
use jiff::civil::Date;

use super::store;

/// How a day stands at the organisation's time.
///
/// # Errors
/// [`Error::Internal`] when a statement fails or the calendar does not reach that far.
pub async fn check(
    tx: &mut TenantTx,
    regulation: &Regulation,
    survey: &str,
    day: Date,
) -> Result<pb::SurveyDay, Error> {
    let organization = tx.organization_id().to_owned();
    let calls = store::calls(tx, survey, day).await?;
    let missing: Vec<CaseId> = calls.iter().filter(|call| !call.has_card).map(|call| call.case).collect();
    let sent_at = store::register_sent_at(tx, survey, day).await?;
    let due = regulation.register_due(survey, day, &Settings::of(tx)?.holidays()?);
    let due = due.map_err(|undecided| Error::Internal(anyhow::Error::new(undecided)))?;
    let register = match (&due, sent_at) {
        (None, _) => Register::Unspecified,
        (Some(due), Some(sent_at)) if is_late(due.due_at, sent_at) => Register::SentLate,
        (Some(_), Some(_)) => Register::Sent,
        (Some(due), None) if is_late(due.due_at, tx.now()) => Register::Overdue,
        (Some(_), None) => Register::Open,
    };
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    Ok(pb::SurveyDay {
        survey: survey.to_owned(),
        day: day.to_string(),
        calls: count(calls.len()),
        cards: count(calls.len() - missing.len()),
        missing: missing.into_iter().map(|case| case.name(&organization)).collect(),
        register: register.into(),
        register_due_at: due.as_ref().map(|due| parse::to_timestamp(due.due_at)),
        register_sent_at: sent_at.map(parse::to_timestamp),
        explanation: due.map(|due| due.explanation),
    })
}
