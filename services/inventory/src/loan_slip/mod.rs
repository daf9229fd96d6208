//! Loan slips: every part that leaves the warehouse is on one, until its last line is brought back to zero.

use callout_casework::{
    Standing, Subject,
    ids::{AgencyId, CaseId, Id as _, LoanSlipId, PlaceId, WorkOrderId},
    regulation_named,
};
use callout_contract::{inventory::v1 as pb, types::v1::Milestone};
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{
    self as regulation, Library, Regulation,
    pack::{Evidence, Zeroing},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub mod commands;
mod create;
mod decode;
mod line;
mod rpc;
mod state;
mod stock;
pub mod store;
mod zero;

pub use line::{HandedIn, Inspected, Line};
pub use state::{State, Step};

/// Parts lent to somebody who answers for them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoanSlip {
    /// Its id.
    pub id: LoanSlipId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// Document number.
    pub number: String,
    /// A purpose of the pack's loans.
    pub purpose: String,
    /// What the pack says of that purpose.
    pub terms: Terms,
    /// The subject of who borrows.
    pub borrower: String,
    /// The order that the parts are for.
    pub work_order: Option<WorkOrderId>,
    /// The case of that order.
    pub case: Option<CaseId>,
    /// The agency that does the work of that order.
    pub agency: Option<AgencyId>,
    /// The warehouse that issues the parts.
    pub place: PlaceId,
    /// The lines; rows of their own.
    #[serde(skip)]
    pub lines: Vec<Line>,
    /// Where it stands.
    pub state: State,
    /// The consignment, for parts sent by mail.
    pub shipment: Option<Shipment>,
    /// When something was handed in last.
    pub handed_in_at: Option<Timestamp>,
    /// What inspections found.
    pub certificates: Vec<Certificate>,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// What a decision looks at.
    pub standing: Standing,
    /// When it was filled in.
    pub filled_at: Timestamp,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// The terms on which parts are lent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The rule that they come from.
    pub rule: String,
    /// The roles that the borrower stands for.
    pub borrowed_by: Vec<String>,
    /// Whether the parts are sent, and the consignment is tracked.
    pub tracked: bool,
}

/// A consignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// Who carries it.
    pub carrier: String,
    /// By which it can be traced.
    pub tracking_number: String,
    /// When it was sent.
    pub shipped_at: Timestamp,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
}

/// What an inspection found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The certificate's number.
    pub number: String,
    /// The result, line by line.
    pub lines: Vec<Inspected>,
    /// The sub-stock of the pack for what is in order; none when nothing is.
    pub good_to: Option<String>,
    /// The sub-stock of the pack for what is damaged; none when nothing is.
    pub damaged_to: Option<String>,
    /// Who inspected.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Whether the parts are in their sub-stocks.
    pub transferred: bool,
}

impl LoanSlip {
    /// The slip as a subject of the regulation that it is judged by.
    ///
    /// # Errors
    /// [`Error::Internal`] when that regulation is not in the library any more.
    pub fn subject(&self, library: &Library, organization: &str) -> Result<Subject, Error> {
        let borrower = |role: &String| (role.clone(), self.borrower.clone());
        Ok(Subject {
            kind: regulation::vocabulary::Subject::LoanSlip,
            name: self.id.name(organization),
            case: self.case.map(|case| case.name(organization)).unwrap_or_default(),
            people: self.terms.borrowed_by.iter().map(borrower).collect(),
            regulation: regulation_named(library, &self.regulation)?,
            standing: self.standing.clone(),
        })
    }

    /// The name of a line of it.
    #[must_use]
    pub fn line_name(&self, organization: &str, line: i32) -> String {
        format!("{}/lines/{line}", self.id.name(organization))
    }

    /// Whether parts of it are with the borrower or on the way to him.
    #[must_use]
    pub fn is_outstanding(&self) -> bool {
        self.lines.iter().any(|line| !line.outstanding.is_zero())
    }

    /// Whether parts of it wait for an inspection.
    #[must_use]
    pub fn is_uncertified(&self) -> bool {
        self.lines.iter().any(|line| !line.uncertified().is_zero())
    }

    /// The role that has to act next; none in the final state. The desk, where the pack does not name one.
    #[must_use]
    pub fn owner(&self, regulation: &Regulation) -> Option<String> {
        let loans = regulation.pack().loans.as_ref();
        let zeroing = zeroing(regulation, &self.purpose);
        let comes_back = zeroing.is_none_or(|zeroing| zeroing.after == Evidence::Inspection);
        let roles = match self.state {
            State::Zeroed { .. } => return None,
            State::Draft => loans.and_then(|loans| loans.purchase.as_ref()).map(|purchase| &purchase.kept_by),
            State::Issued { .. } if comes_back && self.is_outstanding() => Some(&self.terms.borrowed_by),
            State::Issued { .. } if self.is_uncertified() => {
                loans.and_then(|loans| loans.inspection.as_ref()).map(|inspection| &inspection.by)
            }
            State::Issued { .. } => zeroing.map(|zeroing| &zeroing.by),
        };
        Some(roles.and_then(|roles| roles.first()).map_or(regulation.desk(), String::as_str).to_owned())
    }

    /// The slip as the contract has it, with its limits as they stand at the organisation's time.
    ///
    /// # Errors
    /// Those of [`Subject::limits`].
    pub fn to_proto(&self, library: &Library, tx: &TenantTx, due: Option<Timestamp>) -> Result<pb::LoanSlip, Error> {
        let organization = tx.organization_id();
        let subject = self.subject(library, organization)?;
        Ok(pb::LoanSlip {
            name: subject.name.clone(),
            number: self.number.clone(),
            purpose: self.purpose.clone(),
            borrower: self.borrower.clone(),
            work_order: self.work_order.map(|order| order.name(organization)).unwrap_or_default(),
            place: self.place.name(organization),
            lines: self.lines.iter().map(|line| line.to_proto(organization)).collect(),
            state: pb::loan_slip::State::from(self.state).into(),
            limits: subject.limits(tx)?,
            records: subject.standing.to_records(),
            milestones: self.to_milestones(),
            shipment: self.shipment.as_ref().map(pb::Shipment::from),
            owner: self.owner(&subject.regulation).unwrap_or_default(),
            next_due_at: due.map(parse::to_timestamp),
            regulation: self.regulation.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        })
    }

    /// What happened and when: its issue too, which no rule is counted from and is no event of the vocabulary.
    fn to_milestones(&self) -> Vec<Milestone> {
        let issued = self.state.issued_at().map(parse::to_timestamp);
        let mut milestones = self.standing.to_milestones();
        if let Some(issued) = issued {
            milestones.push(Milestone { event: "issued".to_owned(), occurred_at: Some(issued) });
        }
        milestones.sort_by_key(|milestone| milestone.occurred_at.map(|at| (at.seconds, at.nanos)));
        milestones
    }
}

/// How slips of a purpose are brought to zero, by the pack.
fn zeroing<'a>(regulation: &'a Regulation, purpose: &str) -> Option<&'a Zeroing> {
    let of_purpose = |zeroing: &&Zeroing| zeroing.purposes.iter().any(|listed| listed == purpose);
    regulation.pack().loans.as_ref()?.zeroing.values().find(of_purpose)
}

impl From<State> for pb::loan_slip::State {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Issued { .. } => Self::Issued,
            State::Zeroed { .. } => Self::Zeroed,
        }
    }
}

impl From<&Shipment> for pb::Shipment {
    fn from(shipment: &Shipment) -> Self {
        Self {
            carrier: shipment.carrier.clone(),
            tracking_number: shipment.tracking_number.clone(),
            shipped_at: Some(parse::to_timestamp(shipment.shipped_at)),
            delivered_at: shipment.delivered_at.map(parse::to_timestamp),
        }
    }
}
