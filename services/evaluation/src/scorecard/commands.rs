//! A person is rated.

use std::{collections::BTreeMap, sync::Arc};

use callout_casework::{
    Settings, day_of,
    ids::{self, Id as _, ScorecardId, WorkOrderId},
    refused,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{Actor, Facts, Library, Rating, Regulation, calendar::CalendarPeriod, pack};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use rust_decimal::Decimal;

use super::{Scorecard, store};
use crate::{Evaluation, concern::Concern, decode};

/// Rates a person by the regulation in force on the day that the rating is for, so that what is adopted later does not
/// change how a past period is rated.
///
/// # Errors
/// [`Error::Refused`] from a role that may not rate, and for each mark that is absent, unknown or out of range.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateScorecardRequest,
) -> Result<pb::Scorecard, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let asked = request.scorecard.unwrap_or_default();
    let (day, marks) = day_and_marks(&asked)?;
    let work_order = WorkOrderId::optional(caller, "scorecard.work_order", &asked.work_order)?;
    let regulation = regulation_on(&evaluation.host.library, tx, day)?;
    let Some(card) = regulation.pack().scorecards.get(&asked.scorecard) else {
        let known = regulation.pack().scorecards.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let fault = Text::new(format!("must be a scorecard: {known}"), format!("必须是考核表：{known}"));
        return Err(Error::invalid("scorecard.scorecard", fault));
    };
    require_begun(&regulation, card, day, tx.now())?;
    if work_order.is_some() {
        // Only to see that there is such an order, and that the caller may see it.
        Concern::of(evaluation, caller, "scorecard.work_order", &asked.work_order).await?;
    }
    let actor = Actor::of(caller.roles.iter().cloned());
    let (facts, tables) = (Facts::default(), Settings::of(tx)?.tables()?);
    let rating = Rating { marks: &marks, facts: &facts, agreed: &[], tables: &tables, first_on: day };
    let score =
        regulation.rate(&asked.scorecard, &actor, &rating).map_err(|refusals| refused(&request.parent, refusals))?;

    let scorecard = Scorecard {
        id: ScorecardId::new(tx.now()),
        card: asked.scorecard,
        person: asked.person,
        day,
        marks,
        work_order,
        result: score.result.unwrap_or_default(),
        rated_by: caller.subject.clone(),
        reported_to: card.reported_to.clone(),
        explanation: score.explanation.into(),
        created_at: tx.now(),
    };
    store::insert(tx, &scorecard).await?;
    let answer = scorecard.to_proto(organization);
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    events::append(tx, &answer.name, &pb::PersonRated { scorecard: Some(answer.clone()) }, now).await?;
    Ok(answer)
}

/// The day and the marks of a request, of which everything that needs no regulation is checked.
fn day_and_marks(asked: &pb::Scorecard) -> Result<(Date, BTreeMap<String, Decimal>), Error> {
    let mut violations = Violations::default();
    violations.at_most("scorecard.person", &asked.person, decode::LONGEST_PERSON);
    let day = violations.take("scorecard.day", parse::date(&asked.day));
    let mut marks = BTreeMap::new();
    for (indicator, mark) in &asked.marks {
        if let Some(mark) = violations.take(format!("scorecard.marks.{indicator}"), parse::decimal(mark)) {
            marks.insert(indicator.clone(), mark);
        }
    }
    match day {
        Some(day) if violations.is_empty() => Ok((day, marks)),
        Some(_) | None => Err(violations.into_error()),
    }
}

/// The regulation that is in force when a day ends. The day counts in the zone of the one in force now, which is also the
/// one that says what day it is today.
fn regulation_on(library: &Library, tx: &TenantTx, day: Date) -> Result<Arc<Regulation>, Error> {
    let settings = Settings::of(tx)?;
    let today = settings.regulation_at(library, tx.now())?;
    let ends_at = || -> Option<Timestamp> {
        let begin = day.checked_add(1.day()).ok()?.to_zoned(today.zone().clone()).ok()?;
        Some(begin.timestamp())
    };
    let out_of_range = || Error::invalid("scorecard.day", Text::new("is out of range", "超出范围"));
    settings.regulation_at(library, ends_at().ok_or_else(out_of_range)?.min(tx.now()))
}

/// Nobody is rated for a day, or a period, that is yet to begin.
fn require_begun(regulation: &Regulation, card: &pack::Scorecard, day: Date, now: Timestamp) -> Result<(), Error> {
    let begins_on = match card.period {
        Some(period) => period.containing(day).map_or(day, CalendarPeriod::first_on),
        None => day,
    };
    if begins_on > day_of(now, regulation.zone()) {
        let fault = Text::new("must lie in a period that has begun", "所评价的期间尚未开始");
        return Err(Error::invalid("scorecard.day", fault));
    }
    Ok(())
}
