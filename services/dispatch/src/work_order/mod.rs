//! Work orders: the work that answers a case, from the order to the papers of the trip.

use std::collections::BTreeMap;

use callout_casework::{
    Standing, Subject,
    ids::{AgencyId, CaseId, Id as _, WorkOrderId},
    money, regulation_named,
};
use callout_contract::{dispatch::v1 as pb, regulation::v1::Verdict};
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{
    Library, Regulation,
    pack::Profile,
    vocabulary::{self, Mode},
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::fee::FeeStanding;

mod case;
pub mod change;
pub mod commands;
mod decode;
pub mod material;
mod price;
pub mod queries;
pub mod rehearse;
pub mod rpc;
mod state;
mod store;
mod visit;

pub use price::QuoteStanding;
pub use state::{AHEAD, Expense, State, Step, wrong_state};
pub use store::{exists, get, lock};
pub use visit::Visit;

/// The work that answers one case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkOrder {
    /// Its id; a column of its own.
    #[serde(skip, default = "unread")]
    pub id: WorkOrderId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// When something is due next, none in a final state; a column of its own.
    #[serde(skip)]
    pub next_due_at: Option<Timestamp>,
    /// The visits, planned and done, in the order in which they were planned; a table of their own.
    #[serde(skip)]
    pub visits: Vec<Visit>,
    /// Document number.
    pub number: String,
    /// The case that it answers.
    pub case: CaseId,
    /// How the work is done.
    pub mode: Mode,
    /// Road distance to the site in km, for a visit.
    pub distance_km: Option<Decimal>,
    /// The outside company that does the work; none for the organisation's own people.
    pub agency: Option<AgencyId>,
    /// Where it stands.
    pub state: State,
    /// What the case is entitled to.
    #[serde(with = "callout_casework::message")]
    pub verdict: Verdict,
    /// Where the quote stands.
    pub quote: QuoteStanding,
    /// What the customer owes for it; none before that is noted.
    #[serde(default)]
    pub fee: Option<FeeStanding>,
    /// Whether goods were taken away under it.
    #[serde(default)]
    pub taken_away: bool,
    /// When the case was received.
    pub received_at: Timestamp,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// By loan slip or requisition, by its name, the pieces that are not accounted for.
    #[serde(default)]
    pub material: BTreeMap<String, Decimal>,
    /// What a decision looks at.
    pub standing: Standing,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn unread() -> WorkOrderId {
    WorkOrderId::from_uuid(uuid::Uuid::nil())
}

impl WorkOrder {
    /// The order as a subject of the regulation that it is judged by.
    ///
    /// # Errors
    /// [`Error::Internal`] when that regulation is not in the library any more.
    pub fn subject(&self, library: &Library, organization: &str) -> Result<Subject, Error> {
        let regulation = regulation_named(library, &self.regulation)?;
        let people = match self.engineer() {
            Some(engineer) => field_roles(&regulation).map(|role| (role.to_owned(), engineer.to_owned())).collect(),
            None => BTreeMap::new(),
        };
        Ok(Subject {
            kind: vocabulary::Subject::WorkOrder,
            name: self.id.name(organization),
            case: self.case.name(organization),
            people,
            regulation,
            standing: self.standing.clone(),
        })
    }

    /// The subject of the engineer who goes: the one of the visit planned last that still stands.
    #[must_use]
    pub fn engineer(&self) -> Option<&str> {
        self.visits.iter().rfind(|visit| !visit.cancelled).map(|visit| visit.engineer_subject.as_str())
    }

    /// The pieces of material that are not accounted for.
    #[must_use]
    pub fn material_outstanding(&self) -> Decimal {
        self.material.values().sum()
    }

    /// The role that has to act next; none in a final state.
    #[must_use]
    pub fn owner(&self, regulation: &Regulation) -> Option<String> {
        let desk = regulation.desk();
        let field = field_roles(regulation).next().unwrap_or(desk);
        match (&self.state, self.mode) {
            (State::Departed { .. } | State::OnSite { .. } | State::Working { .. } | State::Returned { .. }, _)
            | (State::Completed { .. }, Mode::OnSite) => Some(field.to_owned()),
            (State::Completed { .. }, Mode::Remote | Mode::SelfRepair | Mode::Workshop)
            | (State::Open { .. } | State::HandedIn { .. }, _) => Some(desk.to_owned()),
            (State::Closed { .. } | State::Cancelled { .. }, _) => None,
        }
    }

    /// The place in the order of service, compared number by number; empty when the regulation has no order, or lacks a
    /// fact to tell it.
    #[must_use]
    pub fn rank(&self, regulation: &Regulation) -> Vec<Decimal> {
        regulation.rank(callout_regulation::Queue::Service, &self.standing.facts).unwrap_or_default()
    }

    /// The order as the contract has it, with what is decided about it at the organisation's time.
    ///
    /// # Errors
    /// Those of the decisions.
    pub fn to_proto(&self, library: &Library, tx: &TenantTx) -> Result<pb::WorkOrder, Error> {
        let organization = tx.organization_id();
        let subject = self.subject(library, organization)?;
        let judged = subject.judged(tx)?;
        let regulation = &subject.regulation;
        Ok(pb::WorkOrder {
            name: subject.name.clone(),
            number: self.number.clone(),
            case: subject.case.clone(),
            state: pb::work_order::State::from(&self.state).into(),
            mode: decode::mode_to_proto(self.mode).into(),
            distance_km: self.distance_km.map(money::plain).unwrap_or_default(),
            verdict: Some(self.verdict.clone()),
            quote_state: pb::work_order::QuoteState::from(&self.quote).into(),
            visits: self.visits.iter().map(|visit| visit.to_proto(self.id, organization)).collect(),
            agency: self.agency.map(|agency| agency.name(organization)).unwrap_or_default(),
            limits: judged.limits(),
            chains: judged.chains(),
            records: subject.standing.to_records(),
            milestones: subject.standing.to_milestones(),
            rank: self.rank(regulation).into_iter().map(money::plain).collect(),
            customer_amount: self.customer_amount(regulation, tx.now()).map(money::written).unwrap_or_default(),
            owner: self.owner(regulation).unwrap_or_default(),
            next_due_at: self.next_due_at.map(parse::to_timestamp),
            regulation: self.regulation.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        })
    }
}

/// The roles of the pack whose holders go to customers.
fn field_roles(regulation: &Regulation) -> impl Iterator<Item = &str> {
    let roles = regulation.pack().roles.iter().filter(|(_, role)| role.profile == Profile::Engineer);
    roles.map(|(role, _)| role.as_str())
}
