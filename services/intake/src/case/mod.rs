//! Cases: who called, what for, and what they are entitled to.

use callout_casework::{
    Standing, Subject,
    ids::{CaseId, CustomerId, Id as _, ProductId, WorkOrderId},
    money,
};
use callout_contract::{intake::v1 as pb, regulation::v1::Explanation};
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{self as regulation, Library, vocabulary::Event};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub mod change;
pub mod commands;
mod create;
mod decode;
pub mod dispatching;
pub mod pace;
mod register;
pub mod rehearse;
pub mod rpc;
mod state;
mod store;
mod waiting;

pub use register::{Registered, Reminded};
pub use state::{State, Step};

/// Characters that a text may have which people write about a case: what the caller says, what was done, why.
const LONGEST_TEXT: usize = 2_000;

/// One request of a customer, from the first call to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: CaseId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// Document number.
    pub number: String,
    /// What the caller wants, by its word in the vocabulary.
    pub kind: Kind,
    /// The product, if it is about one.
    pub product: Option<ProductId>,
    /// The customer, if known.
    pub customer: Option<CustomerId>,
    /// Name and telephone of the caller.
    pub contact: String,
    /// What the caller says.
    pub fault: String,
    /// A kind of work of the pack; empty for an ordinary repair.
    pub work: String,
    /// Whether the customer needs it at once.
    pub urgent: bool,
    /// By what way the customer turned to the organisation.
    #[serde(default)]
    pub channel: Channel,
    /// The region of the site, of the pack; empty where none is told apart.
    #[serde(default)]
    pub region: String,
    /// How urgent or grave it is, of the pack; empty for an ordinary case.
    #[serde(default)]
    pub severity: String,
    /// The part at fault, of the pack; empty for none of them.
    #[serde(default)]
    pub part: String,
    /// The remedies that were granted, in their order.
    #[serde(default)]
    pub granted: Vec<Granted>,
    /// Where it stands in a register of the organisation; none while in none.
    #[serde(default)]
    pub registered: Option<Registered>,
    /// The case that it takes up again.
    #[serde(default)]
    pub previous: Option<CaseId>,
    /// Who was reminded of what was overdue, in the order of time.
    #[serde(default)]
    pub reminders: Vec<Reminded>,
    /// The party that asks; empty for the customer himself.
    pub requested_by: String,
    /// When anybody of the organisation received it.
    pub received_at: Timestamp,
    /// Who received it.
    pub receiver: String,
    /// In which role.
    pub receiver_role: String,
    /// Where it stands.
    pub state: State,
    /// What was said when the desk contacted the customer last.
    #[serde(default)]
    pub contact_note: String,
    /// What the analysis found; none before it.
    pub analysis: Option<Analysis>,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// What a decision looks at.
    pub standing: Standing,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// What the caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something is broken or wanted done.
    Repair,
    /// A question.
    Enquiry,
    /// Discontent.
    Complaint,
    /// Spare parts.
    PartsPurchase,
}

/// By what way a customer turns to the organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By telephone.
    #[default]
    Phone,
    /// By letter or fax.
    Letter,
    /// By e-mail.
    Email,
    /// In person.
    Visitor,
    /// By a form or program on line.
    Online,
}

/// A remedy that was granted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Granted {
    /// The remedy, of the pack.
    pub remedy: String,
    /// When it was granted.
    pub at: Timestamp,
    /// Who granted it.
    pub by: String,
    /// Why it was granted.
    #[serde(with = "callout_casework::message")]
    pub explanation: Explanation,
}

/// What the analysis found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// What caused the trouble.
    pub cause: Cause,
    /// Whether the user kept to the product manual.
    pub manual_kept: bool,
}

/// What caused the trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A fault of the product.
    Quality,
    /// Improper use, maintenance or care.
    Misuse,
    /// Neither.
    Other,
}

/// How the trouble is dealt with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solution {
    /// How it is carried out.
    pub mode: Mode,
    /// Road distance to the site in km, for a visit.
    pub distance_km: Option<Decimal>,
    /// What was looked at, the chosen one first.
    pub options: Vec<SolutionOption>,
    /// What is to be done.
    pub plan: String,
}

/// A way to deal with the trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SolutionOption {
    /// How it is carried out.
    pub mode: Mode,
    /// Whether it solves the trouble fully.
    pub solves: bool,
    /// What it costs the company.
    pub company_cost: Decimal,
    /// What it costs the customer.
    pub customer_cost: Decimal,
}

/// How the work is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Guidance by telephone, without parts.
    Remote,
    /// The user carries it out himself.
    SelfRepair,
    /// Somebody goes to the customer.
    OnSite,
    /// The machine or part comes to the workshop.
    Workshop,
}

fn nobody() -> CaseId {
    CaseId::from_uuid(uuid::Uuid::nil())
}

impl Case {
    /// The case as a subject of the regulation that it is judged by.
    ///
    /// # Errors
    /// [`Error::Internal`] when that regulation is not in the library any more.
    pub fn subject(&self, library: &Library, organization: &str) -> Result<Subject, Error> {
        let name = self.id.name(organization);
        Ok(Subject {
            kind: regulation::vocabulary::Subject::Case,
            case: name.clone(),
            name,
            people: [("receiver".to_owned(), self.receiver.clone())].into(),
            regulation: callout_casework::regulation_named(library, &self.regulation)?,
            standing: self.standing.clone(),
        })
    }

    /// The work order, while one is under way and after.
    #[must_use]
    pub fn work_order(&self) -> Option<WorkOrderId> {
        match &self.state {
            State::Dispatched { work_order, .. } | State::Solved { work_order, .. } => Some(*work_order),
            State::Received
            | State::AtDesk
            | State::SolutionFixed { .. }
            | State::Answered { .. }
            | State::SolvedAtOnce { .. }
            | State::Cancelled { .. } => None,
        }
    }

    /// Whether nobody owes it anything any more. What a first receiver has dealt with himself he still passes on.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match &self.state {
            State::Received | State::AtDesk | State::SolutionFixed { .. } | State::Dispatched { .. } => false,
            State::Answered { .. } | State::SolvedAtOnce { .. } | State::Solved { .. } => {
                self.standing.last(Event::PassedOn).is_some()
            }
            State::Cancelled { .. } => true,
        }
    }

    /// The role that has to act next; none in a final state.
    #[must_use]
    pub fn owner(&self, regulation: &regulation::Regulation) -> Option<String> {
        match &self.state {
            State::Received => Some(self.receiver_role.clone()),
            State::AtDesk | State::SolutionFixed { .. } | State::Dispatched { .. } => {
                Some(regulation.desk().to_owned())
            }
            State::Answered { .. } | State::SolvedAtOnce { .. } | State::Solved { .. } | State::Cancelled { .. } => {
                None
            }
        }
    }

    /// The case as the contract has it, with what is decided about it at the organisation's time.
    ///
    /// # Errors
    /// Those of the decisions.
    pub fn to_proto(
        &self,
        library: &Library,
        tx: &TenantTx,
        next_due_at: Option<Timestamp>,
    ) -> Result<pb::Case, Error> {
        let organization = tx.organization_id();
        let subject = self.subject(library, organization)?;
        let judged = subject.judged(tx)?;
        let verdict = judged.verdict();
        let mut facts = subject.standing.facts.clone();
        facts.set_verdict(&verdict);
        let solution = match &self.state {
            State::SolutionFixed { solution } | State::Dispatched { solution, .. } | State::Solved { solution, .. } => {
                Some(solution.into())
            }
            State::Received
            | State::AtDesk
            | State::Answered { .. }
            | State::SolvedAtOnce { .. }
            | State::Cancelled { .. } => None,
        };
        let answer = match &self.state {
            State::Answered { answer } => answer.clone(),
            State::SolvedAtOnce { done } => done.clone(),
            State::Received
            | State::AtDesk
            | State::SolutionFixed { .. }
            | State::Dispatched { .. }
            | State::Solved { .. }
            | State::Cancelled { .. } => String::new(),
        };
        let cancel_reason = match &self.state {
            State::Cancelled { reason } => reason.clone(),
            State::Received
            | State::AtDesk
            | State::SolutionFixed { .. }
            | State::Dispatched { .. }
            | State::Answered { .. }
            | State::SolvedAtOnce { .. }
            | State::Solved { .. } => String::new(),
        };
        let rank = subject.regulation.rank(regulation::Queue::Service, &facts).unwrap_or_default();
        Ok(pb::Case {
            name: subject.name.clone(),
            number: self.number.clone(),
            kind: pb::case::Kind::from(self.kind).into(),
            product: self.product.map(|product| product.name(organization)).unwrap_or_default(),
            customer: self.customer.map(|customer| customer.name(organization)).unwrap_or_default(),
            contact: self.contact.clone(),
            fault: self.fault.clone(),
            work: self.work.clone(),
            urgent: self.urgent,
            requested_by: self.requested_by.clone(),
            channel: pb::case::Channel::from(self.channel).into(),
            region: self.region.clone(),
            severity: self.severity.clone(),
            part: self.part.clone(),
            granted: self.granted.iter().map(pb::GrantedRemedy::from).collect(),
            received_at: Some(parse::to_timestamp(self.received_at)),
            receiver: self.receiver.clone(),
            state: pb::case::State::from(&self.state).into(),
            cause: self.analysis.map_or(pb::case::Cause::Unspecified, |analysis| analysis.cause.into()).into(),
            manual_kept: self.analysis.is_none_or(|analysis| analysis.manual_kept),
            verdict: Some(verdict),
            limits: judged.limits(),
            chains: judged.chains(),
            records: subject.standing.to_records(),
            milestones: subject.standing.to_milestones(),
            solution,
            answer,
            work_order: self.work_order().map(|order| order.name(organization)).unwrap_or_default(),
            owner: self.owner(&subject.regulation).unwrap_or_default(),
            next_due_at: next_due_at.map(parse::to_timestamp),
            regulation: self.regulation.clone(),
            rank: rank.into_iter().map(money::plain).collect(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
            contact_note: self.contact_note.clone(),
            cancel_reason,
            register_number: self.registered.as_ref().map(|entry| entry.number.clone()).unwrap_or_default(),
            previous: self.previous.map(|previous| previous.name(organization)).unwrap_or_default(),
            reminders: self.reminders.iter().map(pb::Reminder::from).collect(),
        })
    }
}
