//! A work order that is being changed, in one transaction: locked, checked, changed, written, told.

use std::collections::{BTreeMap, BTreeSet};

use callout_casework::{
    Subject, day_of,
    ids::{EngineerId, Id as _, WorkOrderId},
    limits, occurred_at,
};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error};
use callout_regulation::vocabulary::{Event, Transition, words};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{State, Step, Visit, WorkOrder, state::NOT_FINAL, store, wrong_state};
use crate::{
    Dispatch,
    engineer::{self, Certificate},
};

/// A work order that is being changed.
pub struct Change {
    /// As it is to become.
    pub order: WorkOrder,
    /// Its resource name.
    pub name: String,
    /// When what changes it happened.
    pub at: Timestamp,
    /// The certificates of the engineers whom its visits name.
    pub certificates: Vec<Certificate>,
    /// The roles in which they go.
    pub roles: BTreeMap<EngineerId, Vec<String>>,
}

impl Change {
    /// Locks the order of a name and checks the etag that the caller last read; what happens, happens now.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`] for a wrong name, [`Error::Stale`].
    pub async fn begin(tx: &mut TenantTx, caller: &Caller, field: &str, name: &str, etag: &str) -> Result<Self, Error> {
        let order = store::lock(tx, WorkOrderId::of(caller, field, name)?).await?;
        etag::check(etag, order.version, name)?;
        let engineers: Vec<_> = order.visits.iter().map(|visit| visit.engineer.uuid()).collect();
        let certificates = engineer::store::certificates(tx, &engineers).await?;
        let roles = engineer::store::roles(tx, &engineers).await?;
        Ok(Self { order, name: name.to_owned(), at: tx.now(), certificates, roles })
    }

    /// Says when it happened: not before the order was opened.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a time that cannot be.
    pub fn occurred(&mut self, tx: &TenantTx, stated: Option<prost_types::Timestamp>) -> Result<(), Error> {
        self.at = occurred_at("occurred_at", stated, tx.now(), Some(self.order.opened_at()))?;
        Ok(())
    }

    /// Takes a step: it must be possible in the state at hand, and not have happened before that state began.
    ///
    /// # Errors
    /// [`Error::WrongState`], and [`Error::Invalid`] for a time that cannot be.
    pub fn step(&mut self, tx: &TenantTx, step: Step, stated: Option<prost_types::Timestamp>) -> Result<(), Error> {
        let (from, event) = (self.order.state.clone(), step.event());
        let since = from.since();
        // A step that is not possible is refused as such, whatever time is stated with it.
        from.clone().apply(step.clone(), since, self.order.mode, &self.name)?;
        self.at = occurred_at("occurred_at", stated, tx.now(), Some(since))?;
        self.order.state = from.apply(step, self.at, self.order.mode, &self.name)?;
        if let Some(event) = event {
            self.happened(event);
        }
        Ok(())
    }

    /// Notes that something happened at the time of the change.
    pub fn happened(&mut self, event: Event) {
        self.order.standing.happened(event, self.at);
    }

    /// Checks everything that the regulation asks for before a step.
    ///
    /// # Errors
    /// [`Error::Refused`] with every rule that is not met.
    pub fn gate(&self, dispatch: &Dispatch, tx: &TenantTx, step: Transition, caller: &Caller) -> Result<(), Error> {
        self.subject(dispatch, tx)?.gate(tx, step, self.at, caller)
    }

    /// The order as a subject of its regulation, with the crew that is there at the time of the change.
    ///
    /// # Errors
    /// As [`WorkOrder::subject`].
    pub fn subject(&self, dispatch: &Dispatch, tx: &TenantTx) -> Result<Subject, Error> {
        let mut subject = self.order.subject(&dispatch.host.library, tx.organization_id())?;
        let day = day_of(self.at, subject.regulation.zone());
        let crew = self.order.crew(self.at);
        let certified = crew.iter().filter(|member| {
            let entitles =
                |held: &Certificate| subject.regulation.certificate(&held.kind).is_ok_and(|kind| kind.entitles);
            let valid = |held: &Certificate| held.engineer == **member && held.is_valid_on(day) && entitles(held);
            self.certificates.iter().any(valid)
        });
        let certified = Decimal::from(certified.count());
        subject.standing.facts.set(words::ORDER_CREW, Decimal::from(crew.len()));
        subject.standing.facts.set(words::ORDER_CERTIFIED, certified);
        subject.standing.facts.set(words::ORDER_ROLES, self.assigned_roles());
        subject.standing.facts.set(words::ORDER_MATERIAL_OUTSTANDING, self.order.material_outstanding());
        Ok(subject)
    }

    /// The roles in which those go whose visits stand.
    fn assigned_roles(&self) -> Vec<String> {
        let assigned = self.order.visits.iter().filter(|visit| !visit.cancelled);
        let roles: BTreeSet<&String> = assigned.filter_map(|visit| self.roles.get(&visit.engineer)).flatten().collect();
        roles.into_iter().cloned().collect()
    }

    /// # Errors
    /// [`Error::WrongState`] for an order in a final state.
    pub fn require_open(&self, attempted: &str) -> Result<(), Error> {
        self.require(!self.order.state.is_final(), attempted, NOT_FINAL)
    }

    /// # Errors
    /// [`Error::WrongState`] unless it `holds`, naming the states in which it would.
    pub fn require(&self, holds: bool, attempted: &str, allowed: &[&str]) -> Result<(), Error> {
        if holds { Ok(()) } else { Err(wrong_state(&self.order.state, attempted, allowed, &self.name)) }
    }

    /// Follows the limits, writes the order and tells of `event`; returns it as it is now.
    ///
    /// # Errors
    /// Those of the limits and of the statements.
    pub async fn commit(self, dispatch: &Dispatch, tx: &mut TenantTx, event: &str) -> Result<pb::WorkOrder, Error> {
        let Self { order, name, at, certificates: _, roles: _ } = self;
        let order = keep(dispatch, tx, order).await?;
        let answer = order.to_proto(&dispatch.host.library, tx)?;
        if order.state.is_final() {
            events::append(tx, &name, &pb::WorkOrderEnded { work_order: Some(answer.clone()) }, at);
        } else {
            let progressed = pb::WorkOrderProgressed { event: event.to_owned(), work_order: Some(answer.clone()) };
            events::append(tx, &name, &progressed, at);
        }
        tx.audit_as(name, at);
        Ok(answer)
    }
}

/// Follows the limits of a locked order and writes it.
///
/// # Errors
/// Those of the limits and of the statements.
pub async fn keep(dispatch: &Dispatch, tx: &mut TenantTx, mut order: WorkOrder) -> Result<WorkOrder, Error> {
    order.renew_facts();
    let mut subject = order.subject(&dispatch.host.library, tx.organization_id())?;
    order.next_due_at = if order.state.is_final() {
        limits::end(tx, &mut subject)?;
        None
    } else {
        Some(limits::follow(tx, &mut subject)?)
    };
    order.standing = subject.standing;
    store::save(tx, &mut order, &subject.regulation).await?;
    Ok(order)
}

impl WorkOrder {
    /// When it was opened.
    #[must_use]
    pub fn opened_at(&self) -> Timestamp {
        self.standing.last(Event::Dispatched).unwrap_or(self.created_at)
    }

    /// The engineers who are there at an instant, by the visits that stand.
    #[must_use]
    pub fn crew(&self, at: Timestamp) -> BTreeSet<EngineerId> {
        let there = |visit: &&Visit| !visit.cancelled && visit.start_at <= at && at <= visit.end_at;
        self.visits.iter().filter(there).map(|visit| visit.engineer).collect()
    }

    /// Makes the facts say what the order says.
    pub fn renew_facts(&mut self) {
        let completed = match self.state {
            State::Open { .. }
            | State::Departed { .. }
            | State::OnSite { .. }
            | State::Working { .. }
            | State::Cancelled { .. } => false,
            State::Completed { .. } | State::Returned { .. } | State::HandedIn { .. } | State::Closed { .. } => true,
        };
        let facts = &mut self.standing.facts;
        facts.set_verdict(&self.verdict);
        facts.set(words::ORDER_MODE, self.mode.word());
        facts.set(words::ORDER_COMPLETED, completed);
        facts.set(words::QUOTE_STATE, self.quote.word());
        facts.set(words::ORDER_TAKEN_AWAY, self.taken_away);
        if let Some(fee) = &self.fee {
            facts.set(words::FEE_AMOUNT, fee.amount);
            facts.set(words::FEE_STATE, fee.state.as_str());
        }
        if let Some(distance_km) = self.distance_km {
            facts.set(words::ORDER_DISTANCE_KM, distance_km);
        }
    }
}
