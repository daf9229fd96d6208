//! A share of the performance pay is computed, and paid.

use callout_casework::{
    Settings,
    ids::{self, Id as _, PerformancePayId},
    occurred_at,
};
use callout_contract::{evaluation::v1 as pb, regulation::v1::Limit};
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Violations, parse};
use callout_regulation::{
    Actor, PaidBy, PayInput,
    calendar::Period,
    vocabulary::{Event, Transition},
};
use jiff::Timestamp;

use super::{Paid, PerformancePay, Step, store};
use crate::{
    Evaluation, appointment, decode, in_force,
    scorecard::{self, Days, Scorecard},
};

/// Computes a share for a period, by the regulation in force on the day that it is asked for.
///
/// # Errors
/// [`Error::Refused`] from a role that does not compute it, for a person whom the regulation gives none, for a period that
/// was not scored, and without the ratios of the year; [`Error::AlreadyExists`] when it was computed before.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreatePerformancePayRequest,
) -> Result<pb::PerformancePay, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.performance_pay.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("performance_pay.person", &asked.person, decode::LONGEST_PERSON);
    let day = violations.take("performance_pay.day", parse::date(&asked.day));
    let (Some(day), true) = (day, violations.is_empty()) else { return Err(violations.into_error()) };

    let regulation = in_force::on(evaluation, tx, "performance_pay.day", day)?;
    let refusing = || in_force::refusing(&request.parent);
    let (_, share) = regulation.share(&asked.share).map_err(refusing())?;
    let card = in_force::scorecard(&regulation, "performance_pay.share", &share.scorecard)?;
    let period = in_force::required_period(card, "performance_pay.share", day)?;
    let person = appointment::facts_on(tx, &asked.person, period.last_on()).await?;
    let scored = scorecard::store::of_period(tx, &share.scorecard, &asked.person, period.first_on()).await?;
    let tables = Settings::of(tx)?.tables()?;
    let year = Period::Year.containing(day).map_err(|fault| Error::Internal(anyhow::Error::new(fault)))?;
    let input =
        PayInput { person: &person, by: paid_by(scored.as_ref()), tables: &tables, year_begins_on: year.first_on() };
    let actor = Actor::of(caller.roles.iter().cloned());
    let amount = regulation.performance_pay(&asked.share, &actor, &input).map_err(refusing())?;
    let Some(scored) = scored else {
        return Err(Error::Internal(anyhow::anyhow!("a share was computed for a period that was not scored")));
    };
    let pay = PerformancePay {
        id: PerformancePayId::new(tx.now()),
        version: 1,
        state: super::State::Due,
        share: asked.share,
        person: asked.person,
        day,
        period: Days::from(period),
        scorecard: scored.id,
        standard: amount.standard,
        percent: amount.percent,
        grade: scored.scores.grade.as_ref().map(|grade| grade.grade.clone()).unwrap_or_default(),
        ratio: amount.ratio,
        amount: amount.amount,
        currency: regulation.pack().currency.clone(),
        explanation: amount.explanation.into(),
        created_at: tx.now(),
    };
    store::insert(tx, &pay).await?;
    let now = tx.now();
    tell(evaluation, tx, &pay, &scored, now)
}

/// A share was paid.
///
/// # Errors
/// [`Error::Refused`] from a role that does not pay, and by the gates before payment; [`Error::WrongState`] for one that was
/// paid before.
pub async fn pay(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::PayPerformancePayRequest,
) -> Result<pb::PerformancePay, Error> {
    let mut pay = store::lock(tx, PerformancePayId::of(caller, "name", &request.name)?).await?;
    etag::check(&request.etag, pay.version, &request.name)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(pay.created_at))?;
    pay.state = pay.state.clone().apply(Step::Pay(Paid { at, by: caller.subject.clone() }), &request.name)?;
    let mut scored = scorecard::store::lock(tx, pay.scorecard).await?;
    let subject = scored.subject(&evaluation.host.library, tx.organization_id())?;
    let actor = Actor::of(caller.roles.iter().cloned());
    subject.regulation.admit_payment(&actor).map_err(in_force::refusing(&request.name))?;
    subject.gate(tx, Transition::Pay, at, caller)?;
    scored.standing.happened(Event::Paid, at);
    scorecard::commands::follow(evaluation, tx, &mut scored).await?;
    store::save(tx, &mut pay).await?;
    tell(evaluation, tx, &pay, &scored, at)
}

/// The limit by which the pay that goes by a result is to be paid, as it stands.
///
/// # Errors
/// Those of the decisions.
pub fn limit(evaluation: &Evaluation, tx: &TenantTx, scored: &Scorecard) -> Result<Option<Limit>, Error> {
    let subject = scored.subject(&evaluation.host.library, tx.organization_id())?;
    Ok(subject.limits(tx)?.into_iter().find(|limit| limit.to_event == Event::Paid.word()))
}

fn paid_by(scored: Option<&Scorecard>) -> PaidBy<'_> {
    let Some(scored) = scored else { return PaidBy::NotScored };
    match (scored.scores.cancelled.first(), &scored.scores.grade) {
        (Some(cancelled), _) => PaidBy::Cancelled(&cancelled.rule),
        (None, Some(grade)) => PaidBy::Grade(&grade.grade),
        // A share goes by a scorecard with grades, which the check of the pack has seen to.
        (None, None) => PaidBy::NotScored,
    }
}

fn tell(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    pay: &PerformancePay,
    scored: &Scorecard,
    at: Timestamp,
) -> Result<pb::PerformancePay, Error> {
    let answer = pay.to_proto(tx.organization_id(), limit(evaluation, tx, scored)?);
    tx.audit_as(answer.name.clone(), at);
    let event = pb::PerformancePayChanged { performance_pay: Some(answer.clone()) };
    events::append(tx, &answer.name, &event, at);
    Ok(answer)
}
