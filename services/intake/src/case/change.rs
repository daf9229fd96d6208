//! A case that is being changed: locked, stepped on, and kept with its limits followed and the others told.

use callout_casework::{
    Subject,
    ids::{CaseId, Id as _},
    limits, occurred_at, rates,
};
use callout_contract::{Call, intake::v1 as pb};
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error};
use callout_regulation::vocabulary::{Event, Transition};
use jiff::Timestamp;

use super::{
    Case, Reminded, State, Step,
    state::OPEN,
    store::{self, Kept},
};
use crate::Intake;

/// A case that is being changed.
pub(super) struct Change {
    pub(super) open_before: bool,
    pub(super) case: Case,
    pub(super) name: String,
    pub(super) at: Timestamp,
}

impl Change {
    /// Locks the case that a request is about and checks what the caller says of it.
    pub(super) async fn of<R: Call>(
        tx: &mut TenantTx,
        caller: &Caller,
        request: &R,
        etag: &str,
        stated: Option<prost_types::Timestamp>,
    ) -> Result<Self, Error> {
        let name = request.resource();
        let Kept { case, .. } = store::lock(tx, CaseId::of(caller, R::RESOURCE_FIELD, name)?).await?;
        etag::check(etag, case.version, name)?;
        let at = occurred_at("occurred_at", stated, tx.now(), Some(case.received_at))?;
        Ok(Self { open_before: !case.state.is_final(), case, name: name.to_owned(), at })
    }

    pub(super) fn step(&mut self, step: Step) -> Result<(), Error> {
        self.case.state = self.case.state.clone().apply(step, &self.name)?;
        Ok(())
    }

    pub(super) fn happened(&mut self, event: Event) {
        self.case.standing.happened(event, self.at);
    }

    pub(super) fn gate(
        &self,
        intake: &Intake,
        tx: &TenantTx,
        transition: Transition,
        caller: &Caller,
    ) -> Result<(), Error> {
        self.case.subject(&intake.host.library, tx.organization_id())?.gate(tx, transition, self.at, caller)
    }

    pub(super) fn require_open(&self, attempted: &str) -> Result<(), Error> {
        if !self.case.state.is_final() {
            return Ok(());
        }
        Err(Error::WrongState {
            name: self.name.clone(),
            state: self.case.state.word().to_owned(),
            attempted: attempted.to_owned(),
            allowed: OPEN.map(str::to_owned).to_vec(),
        })
    }

    /// Follows the limits, writes the case and tells of `event`.
    pub(super) async fn commit(mut self, intake: &Intake, tx: &mut TenantTx, event: &str) -> Result<pb::Case, Error> {
        let library = &intake.host.library;
        let mut subject = self.case.subject(library, tx.organization_id())?;
        self.case.register(tx, &subject).await?;
        let (next_due_at, reminded) = next_due(tx, &mut self.case, &mut subject)?;
        let open = !self.case.state.is_final();
        let owner = self.case.owner(&subject.regulation);
        self.case.standing = subject.standing;
        store::save(tx, &mut self.case, owner.as_deref(), next_due_at).await?;
        let answer = self.case.to_proto(library, tx, next_due_at)?;
        tx.audit_as(answer.name.clone(), self.at);
        tell_reminded(tx, &answer, &reminded);
        if open || !self.open_before {
            let progressed = pb::CaseProgressed { event: event.to_owned(), case: Some(answer.clone()) };
            events::append(tx, &answer.name, &progressed, self.at);
        } else {
            events::append(tx, &answer.name, &pb::CaseEnded { case: Some(answer.clone()) }, self.at);
        }
        Ok(answer)
    }
}

/// A limit is near its end or ran out: tells of it.
pub async fn follow_limits(intake: &Intake, tx: &mut TenantTx, id: CaseId) -> Result<(), Error> {
    let Kept { mut case, .. } = store::lock(tx, id).await?;
    let mut subject = case.subject(&intake.host.library, tx.organization_id())?;
    let (next_due_at, reminded) = next_due(tx, &mut case, &mut subject)?;
    let owner = case.owner(&subject.regulation);
    case.standing = subject.standing;
    store::save(tx, &mut case, owner.as_deref(), next_due_at).await?;
    if reminded.is_empty() {
        return Ok(());
    }
    let shown = case.to_proto(&intake.host.library, tx, next_due_at)?;
    tell_reminded(tx, &shown, &reminded);
    Ok(())
}

/// Tells of reminders that were issued.
fn tell_reminded(tx: &mut TenantTx, case: &pb::Case, reminded: &[Reminded]) {
    for reminder in reminded {
        let event = pb::CaseReminded { reminder: Some(reminder.into()), case: Some(case.clone()) };
        events::append(tx, &case.name, &event, reminder.at);
    }
}

/// Follows the limits of a case and says when something is due next, unless it is in a final state, and who was reminded.
fn next_due(
    tx: &mut TenantTx,
    case: &mut Case,
    subject: &mut Subject,
) -> Result<(Option<Timestamp>, Vec<Reminded>), Error> {
    if case.is_over() {
        limits::end(tx, subject)?;
        if let State::Cancelled { .. } = case.state {
            rates::withdraw(tx, subject);
        }
        return Ok((None, Vec::new()));
    }
    let next_due_at = limits::follow(tx, subject)?;
    if case.state.is_final() {
        return Ok((None, Vec::new()));
    }
    Ok((Some(next_due_at), case.remind(tx, subject)?))
}
