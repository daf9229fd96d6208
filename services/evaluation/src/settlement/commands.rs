//! What happens to a settlement, each in one transaction.

use std::{collections::BTreeMap, sync::Arc};

use callout_casework::{
    Settings,
    ids::{Id as _, SettlementId},
    occurred_at, refused,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag, events, timers};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{Actor, Regulation, calendar::CalendarPeriod};
use jiff::{SignedDuration, Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{Score, Settlement, Signature, State, Step, store};
use crate::{
    Evaluation,
    agreement::{self, Agreement, History},
};

/// The kind of timer that tells of a period that was not scored in time.
pub const OVERDUE: &str = "settlement_overdue";

/// The last second that is in time; the next one is late.
const A_SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Characters that a reason may have.
const LONGEST_REASON: usize = 2_000;

/// Opens the settlements of a new agreement, one for each period.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn open(
    tx: &mut TenantTx,
    agreement: &Agreement,
    regulation: &Regulation,
    periods: &[CalendarPeriod],
) -> Result<(), Error> {
    let holidays = Settings::of(tx)?.holidays()?;
    let terms = agreement.terms(regulation)?;
    for period in periods {
        let due = regulation.score_due(&agreement.kind, terms, *period, &holidays);
        let (due, explanation) = due.map_err(|fault| Error::Internal(anyhow::Error::new(fault)))?;
        let settlement = Settlement {
            id: SettlementId::new(tx.now()),
            version: 1,
            agreement: agreement.id,
            first_on: period.first_on(),
            last_on: period.last_on(),
            score_due_at: due.due_at,
            due_explanation: explanation.into(),
            state: State::Open,
            created_at: tx.now(),
        };
        store::insert(tx, &settlement, settlement.owner(regulation, terms)).await?;
        set_timer(tx, &settlement);
    }
    Ok(())
}

/// The period is scored.
///
/// # Errors
/// [`Error::Refused`] from a role that may not, and for points that are missing, unknown or out of range;
/// [`Error::WrongState`] for one that is scored already; [`Error::Invalid`] for a period that is yet to begin.
pub async fn score(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ScoreSettlementRequest,
) -> Result<pb::Settlement, Error> {
    let points = points(&request.points)?;
    let mut change = Change::begin(evaluation, tx, caller, &request.name, &request.etag).await?;
    let begin = super::begin_of(&change.regulation, change.settlement.first_on)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(begin))?;
    let regulation = Arc::clone(&change.regulation);
    let given = regulation
        .score_period(&change.agreement.kind, &Actor::of(caller.roles.iter().cloned()), &points)
        .map_err(|refusals| refused(&request.name, refusals))?;
    let calendar = regulation.calendar(&Settings::of(tx)?.holidays()?);
    let score = Score {
        points,
        result: given.result,
        by: caller.subject.clone(),
        at,
        late_days: calendar.late_days(change.settlement.score_due_at, at),
        explanation: given.explanation.into(),
    };
    change.step(Step::Score(score))?;
    change.commit(tx, "scored", at).await
}

/// Somebody signs; the last one settles the period: its lines are fixed.
///
/// # Errors
/// [`Error::WrongState`] for a period that has no score or is settled; [`Error::Refused`] from a role that may not, and by
/// the rule of each signature that comes before and is not there.
pub async fn sign(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::SignSettlementRequest,
) -> Result<pb::Settlement, Error> {
    let mut change = Change::begin(evaluation, tx, caller, &request.name, &request.etag).await?;
    let (score, signatures) = change.settlement.state.require_scored("sign", &request.name)?;
    let (result, last) = (score.result, signatures.last().map_or(score.at, |last| last.at));
    let given: Vec<String> = signatures.iter().map(|signature| signature.signoff.clone()).collect();
    if given.contains(&request.signoff) {
        let fault = Text::new("must be a signature that is not there yet", "该环节已签批");
        return Err(Error::invalid("signoff", fault));
    }
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(last))?;
    let admitted = change
        .regulation
        .admit_signoff(&change.agreement.kind, &request.signoff, &given, &Actor::of(caller.roles.iter().cloned()))
        .map_err(|refusals| refused(&request.name, refusals))?;
    let signature = Signature {
        signoff: request.signoff.clone(),
        by: caller.subject.clone(),
        at,
        explanation: admitted.explanation.into(),
    };
    if !admitted.settles {
        change.step(Step::Sign(signature))?;
        return change.commit(tx, &request.signoff, at).await;
    }
    let payment = change.history.settle(&change.agreement, &change.regulation, &change.settlement, result, tx.now())?;
    change.step(Step::Settle(signature, payment.into()))?;
    let answer = change.write(tx, &request.signoff, at).await?;
    tx.audit_as(answer.name.clone(), at);
    let Change { mut agreement, mut history, .. } = change;
    agreement::notices::review(evaluation, tx, &mut agreement, &mut history, at).await?;
    Ok(answer)
}

/// Whoever signs next returns the score to be given again.
///
/// # Errors
/// [`Error::WrongState`] for a period that has no score or is settled; [`Error::Refused`] from any other role.
pub async fn give_back(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ReturnSettlementRequest,
) -> Result<pb::Settlement, Error> {
    let mut violations = Violations::default();
    violations.at_most("reason", &request.reason, LONGEST_REASON);
    violations.finish()?;
    let mut change = Change::begin(evaluation, tx, caller, &request.name, &request.etag).await?;
    let (score, signatures) = change.settlement.state.require_scored("return", &request.name)?;
    let last = signatures.last().map_or(score.at, |last| last.at);
    let given: Vec<String> = signatures.iter().map(|signature| signature.signoff.clone()).collect();
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(last))?;
    let terms = change.agreement.terms(&change.regulation)?;
    if let Some((next, _)) = change.settlement.next_signoff(terms) {
        // Who may sign it may refuse to.
        change
            .regulation
            .admit_signoff(&change.agreement.kind, next, &given, &Actor::of(caller.roles.iter().cloned()))
            .map_err(|refusals| refused(&request.name, refusals))?;
    }
    change.step(Step::Return)?;
    change.commit(tx, "returned", at).await
}

/// The time to score a period has run out: tells of it, unless it was scored.
///
/// # Errors
/// [`Error::NotFound`] when there is no such settlement.
pub async fn overdue(evaluation: &Evaluation, tx: &mut TenantTx, id: SettlementId, at: Timestamp) -> Result<(), Error> {
    let settlement = store::get(tx, id).await?;
    if settlement.state != State::Open {
        return Ok(());
    }
    let agreement = agreement::store::get(tx, settlement.agreement).await?;
    let regulation = agreement.regulation(&evaluation.host.library)?;
    tell(tx, &agreement, &regulation, &History::default(), &settlement, ("overdue", at)).map(drop)
}

/// Makes void the settlements of periods that begin after an agreement ended.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn void_after(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    agreement: &Agreement,
    history: &mut History,
    last: Date,
    at: Timestamp,
) -> Result<(), Error> {
    let regulation = agreement.regulation(&evaluation.host.library)?;
    let after = history.settlements.iter().filter(|it| it.first_on > last && it.state.payment().is_none());
    let after: Vec<SettlementId> = after.map(|settlement| settlement.id).collect();
    for id in after {
        let mut settlement = store::lock(tx, id).await?;
        let name = id.name(tx.organization_id());
        settlement.state = settlement.state.clone().apply(Step::Void, &name)?;
        store::save(tx, &mut settlement, None).await?;
        set_timer(tx, &settlement);
        tell(tx, agreement, &regulation, history, &settlement, ("void", at))?;
        if let Some(known) = history.settlements.iter_mut().find(|known| known.id == id) {
            *known = settlement;
        }
    }
    Ok(())
}

/// Sets the timer of a period that is to be scored, and drops that of any other.
fn set_timer(tx: &mut TenantTx, settlement: &Settlement) {
    let key = settlement.timer_key(tx.organization_id());
    match settlement.state {
        State::Open => {
            let subject = settlement.id.name(tx.organization_id());
            let run_at = settlement.score_due_at + A_SECOND;
            let timer = timers::Schedule { key: &key, kind: OVERDUE, subject: &subject, run_at, payload: &[] };
            timers::schedule(tx, timer);
        }
        State::Scored { .. } | State::Settled { .. } | State::Void => timers::cancel(tx, &key),
    }
}

fn tell(
    tx: &mut TenantTx,
    agreement: &Agreement,
    regulation: &Regulation,
    history: &History,
    settlement: &Settlement,
    (event, at): (&str, Timestamp),
) -> Result<pb::Settlement, Error> {
    let answer = settlement.to_proto(tx, agreement, regulation, history)?;
    let progressed = pb::SettlementProgressed { event: event.to_owned(), settlement: Some(answer.clone()) };
    events::append(tx, &answer.name, &progressed, at);
    Ok(answer)
}

/// A settlement that is being changed, with its agreement. The agreement is locked first: whatever changes what counts
/// under it comes one after the other.
struct Change {
    agreement: Agreement,
    regulation: Arc<Regulation>,
    history: History,
    settlement: Settlement,
    name: String,
}

impl Change {
    async fn begin(
        evaluation: &Evaluation,
        tx: &mut TenantTx,
        caller: &Caller,
        name: &str,
        etag: &str,
    ) -> Result<Self, Error> {
        let id = SettlementId::of(caller, "name", name)?;
        let of = store::get(tx, id).await?.agreement;
        let agreement = agreement::store::lock(tx, of).await?;
        let settlement = store::lock(tx, id).await?;
        etag::check(etag, settlement.version, name)?;
        let regulation = agreement.regulation(&evaluation.host.library)?;
        let history = History::of(tx, agreement.id).await?;
        Ok(Self { agreement, regulation, history, settlement, name: name.to_owned() })
    }

    fn step(&mut self, step: Step) -> Result<(), Error> {
        self.settlement.state = self.settlement.state.clone().apply(step, &self.name)?;
        Ok(())
    }

    async fn commit(mut self, tx: &mut TenantTx, event: &str, at: Timestamp) -> Result<pb::Settlement, Error> {
        let answer = self.write(tx, event, at).await?;
        tx.audit_as(answer.name.clone(), at);
        Ok(answer)
    }

    /// Writes the settlement and tells of it.
    async fn write(&mut self, tx: &mut TenantTx, event: &str, at: Timestamp) -> Result<pb::Settlement, Error> {
        let terms = self.agreement.terms(&self.regulation)?;
        let owner = self.settlement.owner(&self.regulation, terms).map(str::to_owned);
        store::save(tx, &mut self.settlement, owner.as_deref()).await?;
        set_timer(tx, &self.settlement);
        if let Some(known) = self.history.settlements.iter_mut().find(|known| known.id == self.settlement.id) {
            known.clone_from(&self.settlement);
        }
        tell(tx, &self.agreement, &self.regulation, &self.history, &self.settlement, (event, at))
    }
}

/// The points of a request.
fn points(given: &BTreeMap<String, String>) -> Result<BTreeMap<String, Decimal>, Error> {
    let mut violations = Violations::default();
    let mut points = BTreeMap::new();
    for (component, value) in given {
        if let Some(value) = violations.take(format!("points.{component}"), parse::decimal(value)) {
            points.insert(component.clone(), value);
        }
    }
    violations.finish()?;
    Ok(points)
}
