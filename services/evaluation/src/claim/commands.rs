//! What happens to a claim, each in one transaction.

use std::collections::BTreeMap;

use callout_casework::{
    Standing,
    ids::{ClaimId, Id as _, WorkOrderId},
    limits, occurred_at, records,
};
use callout_contract::{dispatch::v1 as dispatch, evaluation::v1 as pb};
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{
    Facts,
    vocabulary::{Event, Mode, Transition, words},
};
use jiff::Timestamp;

use super::{
    Claim, Line, State, Step,
    store::{self, Kept},
};
use crate::Evaluation;

/// Characters that a customer's rating may have.
const LONGEST_RATING: usize = 2_000;

/// What a claim goes through, in order; each step comes no earlier than the last one.
const COURSE: [Event; 3] = [Event::HandedIn, Event::Verified, Event::Audited];

/// The papers of an order were handed in: its claim is opened, unless it was before.
///
/// # Errors
/// [`Error::Internal`] when dispatch says something that it should not.
pub async fn open(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    handed_in: dispatch::WorkOrderHandedIn,
    at: Timestamp,
) -> Result<(), Error> {
    let order = handed_in.work_order.unwrap_or_default();
    let (_, work_order) = WorkOrderId::parse(&order.name).map_err(wrong)?;
    let mut standing = Standing { inherited: records::entries(&order.records), ..Standing::default() };
    for milestone in &order.milestones {
        // A word that this release does not know is one that no regulation of its library asks for.
        let (Ok(event), Some(at)) = (milestone.event.parse::<Event>(), milestone.occurred_at) else { continue };
        standing.happened(event, parse::timestamp(at).map_err(wrong)?);
    }
    if standing.last(Event::HandedIn).is_none() {
        standing.happened(Event::HandedIn, at);
    }
    set_facts(&mut standing.facts, &order)?;
    let claim = Claim {
        id: ClaimId::new(tx.now()),
        version: 1,
        work_order,
        case: order.case,
        engineer: handed_in.engineer,
        lines: handed_in.expenses.iter().map(line).collect::<Result<_, _>>()?,
        state: State::HandedIn,
        acted: BTreeMap::new(),
        regulation: order.regulation,
        standing,
        created_at: tx.now(),
    };
    let change = Change { name: claim.id.name(tx.organization_id()), claim, at };
    change.begin_course(evaluation, tx).await
}

/// The quality of the service and the customer's rating were verified.
///
/// # Errors
/// [`Error::WrongState`] for a claim that was verified or audited before.
pub async fn verify(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::VerifyClaimRequest,
) -> Result<pb::Claim, Error> {
    let mut violations = Violations::default();
    violations.at_most("customer_rating", &request.customer_rating, LONGEST_RATING);
    violations.finish()?;
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    change.step(Step::Verify { customer_rating: request.customer_rating })?;
    change.done_by(caller, Event::Verified);
    change.commit(evaluation, tx, Event::Verified.word()).await
}

/// The expenses are audited: each line passes or is refused by its rule.
///
/// # Errors
/// [`Error::WrongState`] for a claim that was audited before, [`Error::Refused`] by the gates of the regulation.
pub async fn audit(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::AuditClaimRequest,
) -> Result<pb::Claim, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    let subject = change.claim.subject(&evaluation.host.library, tx.organization_id())?;
    change.step(Step::Audit(change.claim.decide_lines(&subject.regulation)))?;
    subject.gate(tx, Transition::Audit, change.at, caller)?;
    change.done_by(caller, Event::Audited);
    change.commit(evaluation, tx, Event::Audited.word()).await
}

/// The copies of the papers are filed: the claim is done.
///
/// # Errors
/// [`Error::WrongState`] before the audit, [`Error::Refused`] by the gates of the regulation.
pub async fn file(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::FileClaimRequest,
) -> Result<pb::Claim, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    change.step(Step::File)?;
    let subject = change.claim.subject(&evaluation.host.library, tx.organization_id())?;
    subject.gate(tx, Transition::Reimburse, change.at, caller)?;
    change.commit(evaluation, tx, "filed").await
}

/// Something is put on record.
///
/// # Errors
/// [`Error::WrongState`] for a claim that is filed, and those of
/// [`put_on_record`](callout_casework::Subject::put_on_record).
pub async fn record(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateClaimRecordRequest,
) -> Result<pb::Claim, Error> {
    let Kept { claim, .. } = store::lock(tx, ClaimId::of(caller, "parent", &request.parent)?).await?;
    claim.state.require_open("put something on record with", &request.parent)?;
    let mut subject = claim.subject(&evaluation.host.library, tx.organization_id())?;
    // A consent is given before the money is spent: it may be older than the claim, but not than what the claim is about.
    let begun_at = subject.standing.milestones.iter().map(|(_, at)| *at).min();
    let put = subject.put_on_record(tx, caller, request.record.unwrap_or_default(), begun_at)?;
    let (event, at) = (format!("record:{}", put.entry.kind), put.entry.occurred_at);
    let claim = Claim { standing: subject.standing, ..claim };
    Change { claim, name: request.parent, at }.commit(evaluation, tx, &event).await
}

/// A limit is near its end or ran out: tells of it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such claim.
pub async fn follow_limits(evaluation: &Evaluation, tx: &mut TenantTx, id: ClaimId) -> Result<(), Error> {
    let Kept { mut claim, .. } = store::lock(tx, id).await?;
    if claim.state.is_final() {
        return Ok(());
    }
    let mut subject = claim.subject(&evaluation.host.library, tx.organization_id())?;
    let next_due_at = limits::follow(tx, &mut subject)?;
    let owner = claim.owner(&subject.regulation);
    claim.standing = subject.standing;
    store::save(tx, &mut claim, owner.as_deref(), Some(next_due_at)).await
}

/// A claim that is being changed.
struct Change {
    claim: Claim,
    name: String,
    at: Timestamp,
}

impl Change {
    /// Locks the claim and checks what the caller says of it.
    async fn begin(
        tx: &mut TenantTx,
        caller: &Caller,
        name: &str,
        etag: &str,
        stated: Option<prost_types::Timestamp>,
    ) -> Result<Self, Error> {
        let Kept { claim, .. } = store::lock(tx, ClaimId::of(caller, "name", name)?).await?;
        etag::check(etag, claim.version, name)?;
        let last_step = COURSE.into_iter().filter_map(|event| claim.standing.last(event)).max();
        let at = occurred_at("occurred_at", stated, tx.now(), last_step)?;
        Ok(Self { claim, name: name.to_owned(), at })
    }

    fn step(&mut self, step: Step) -> Result<(), Error> {
        self.claim.state = self.claim.state.clone().apply(step, &self.name)?;
        Ok(())
    }

    /// Notes what happened, and that the caller answers from here on for what his roles have to do with the claim.
    fn done_by(&mut self, caller: &Caller, event: Event) {
        self.claim.standing.happened(event, self.at);
        self.claim.acted.extend(caller.roles.iter().map(|role| (role.clone(), caller.subject.clone())));
    }

    /// Sets the limits of a new claim, writes it and tells of it, unless its order has a claim already.
    async fn begin_course(mut self, evaluation: &Evaluation, tx: &mut TenantTx) -> Result<(), Error> {
        let library = &evaluation.host.library;
        let mut subject = self.claim.subject(library, tx.organization_id())?;
        let owner = self.claim.owner(&subject.regulation);
        // The row goes first: for an order that has a claim no timer may be set and nothing told.
        if !store::insert(tx, &self.claim, owner.as_deref(), Some(self.at)).await? {
            return Ok(());
        }
        let next_due_at = limits::follow(tx, &mut subject)?;
        self.claim.standing = subject.standing;
        store::save(tx, &mut self.claim, owner.as_deref(), Some(next_due_at)).await?;
        let opened = self.claim.to_proto(library, tx, Some(next_due_at))?;
        tell(tx, Event::HandedIn.word(), opened, self.at);
        Ok(())
    }

    /// Follows the limits, writes the claim and tells of `event`.
    async fn commit(mut self, evaluation: &Evaluation, tx: &mut TenantTx, event: &str) -> Result<pb::Claim, Error> {
        let library = &evaluation.host.library;
        let mut subject = self.claim.subject(library, tx.organization_id())?;
        let next_due_at = if self.claim.state.is_final() {
            limits::end(tx, &mut subject)?;
            None
        } else {
            Some(limits::follow(tx, &mut subject)?)
        };
        let owner = self.claim.owner(&subject.regulation);
        self.claim.standing = subject.standing;
        store::save(tx, &mut self.claim, owner.as_deref(), next_due_at).await?;
        let answer = self.claim.to_proto(library, tx, next_due_at)?;
        tx.audit_as(answer.name.clone(), self.at);
        tell(tx, event, answer.clone(), self.at);
        Ok(answer)
    }
}

fn tell(tx: &mut TenantTx, event: &str, claim: pb::Claim, at: Timestamp) {
    let name = claim.name.clone();
    let progressed = pb::ClaimProgressed { event: event.to_owned(), claim: Some(claim) };
    events::append(tx, &name, &progressed, at);
}

/// What is known of the order, as far as the event of dispatch says it.
fn set_facts(facts: &mut Facts, order: &dispatch::WorkOrder) -> Result<(), Error> {
    if let Some(verdict) = &order.verdict {
        facts.set_verdict(verdict);
    }
    let mode = match order.mode() {
        dispatch::WorkMode::Unspecified => None,
        dispatch::WorkMode::Remote => Some(Mode::Remote),
        dispatch::WorkMode::SelfRepair => Some(Mode::SelfRepair),
        dispatch::WorkMode::OnSite => Some(Mode::OnSite),
        dispatch::WorkMode::Workshop => Some(Mode::Workshop),
    };
    if let Some(mode) = mode {
        facts.set(words::ORDER_MODE, mode.word());
    }
    if !order.distance_km.is_empty() {
        facts.set(words::ORDER_DISTANCE_KM, parse::decimal(&order.distance_km).map_err(wrong)?);
    }
    facts.set(words::ORDER_COMPLETED, order.milestones.iter().any(|it| it.event == Event::Completed.word()));
    Ok(())
}

fn line(expense: &dispatch::Expense) -> Result<Line, Error> {
    let spent_at = expense.spent_at.ok_or_else(|| wrong(Text::new("an expense without a time", "费用缺少时间")))?;
    Ok(Line {
        kind: expense.kind.clone(),
        amount: parse::amount(&expense.amount).map_err(wrong)?,
        spent_at: parse::timestamp(spent_at).map_err(wrong)?,
    })
}

/// Dispatch checks what it tells; anything else is a fault of ours.
fn wrong(Text { en, .. }: Text) -> Error {
    Error::Internal(anyhow::anyhow!("dispatch.v1.WorkOrderHandedIn: {en}"))
}
