//! Parts requisitions: parts and consumables are issued against a form that is filled in, supported and signed, and what
//! they replace comes back.

use std::collections::BTreeMap;

use callout_casework::{
    Standing, Subject, day_of,
    ids::{AgencyId, CaseId, Id as _, PartsRequisitionId, PlaceId, WorkOrderId},
    money, regulation_named,
};
use callout_contract::{inventory::v1 as pb, regulation::v1::Limit};
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{
    self as regulation, Library, Presented, Regulation, calendar::is_late, pack, vocabulary::Event,
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub mod commands;
mod create;
mod decode;
mod line;
mod rpc;
mod state;
pub mod store;

pub use line::{Line, OfLine};
pub use state::{State, Step};

/// A wish for parts that are built in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartsRequisition {
    /// Its id.
    pub id: PartsRequisitionId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// Document number.
    pub number: String,
    /// Which of the pack's requisitions it is.
    pub kind: String,
    /// The order that the parts are for.
    pub work_order: WorkOrderId,
    /// The case of that order.
    pub case: CaseId,
    /// The agency that does the work of that order.
    pub agency: Option<AgencyId>,
    /// The warehouse that issues the parts.
    pub place: PlaceId,
    /// The fields of its form.
    pub fields: BTreeMap<String, String>,
    /// The lines; rows of their own.
    #[serde(skip)]
    pub lines: Vec<Line>,
    /// Who filled it in.
    pub requested_by: String,
    /// The papers that support it.
    pub attachments: Vec<Attachment>,
    /// Who signed.
    pub signatures: Vec<Signed>,
    /// What came back.
    pub returns: Vec<Returned>,
    /// Where it stands.
    pub state: State,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// What a decision looks at.
    pub standing: Standing,
    /// When it was filled in.
    pub filled_at: Timestamp,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// A paper that supports a requisition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The name of the record.
    pub record: String,
    /// Its kind.
    pub kind: String,
    /// When it was made.
    pub made_at: Timestamp,
}

/// A signature that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Its place among those that the pack asks for.
    pub place: usize,
    /// Who signed.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Replaced parts that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The line's number.
    pub line: i32,
    /// How many.
    pub quantity: Decimal,
    /// When.
    pub at: Timestamp,
}

impl PartsRequisition {
    /// The requisition as a subject of the regulation that it is judged by.
    ///
    /// # Errors
    /// [`Error::Internal`] when that regulation is not in the library any more.
    pub fn subject(&self, library: &Library, organization: &str) -> Result<Subject, Error> {
        let regulation = regulation_named(library, &self.regulation)?;
        let requester = |role: &String| (role.clone(), self.requested_by.clone());
        let filled_by = terms(&regulation, &self.kind).map(|terms| terms.filled_by.iter().map(requester).collect());
        Ok(Subject {
            kind: regulation::vocabulary::Subject::Requisition,
            name: self.id.name(organization),
            case: self.case.name(organization),
            people: filled_by.unwrap_or_default(),
            regulation,
            standing: self.standing.clone(),
        })
    }

    /// The requisition as it is presented, for a decision; `run` gets it.
    pub fn present<T>(&self, run: impl FnOnce(Presented<'_>) -> T) -> T {
        let attached: Vec<String> = self.attachments.iter().map(|attachment| attachment.kind.clone()).collect();
        let signed: Vec<_> = self.signatures.iter().map(|signed| (signed.place, signed.by.clone())).collect();
        run(Presented { kind: &self.kind, attached: &attached, signed: &signed })
    }

    /// The name of a line of it.
    #[must_use]
    pub fn line_name(&self, organization: &str, line: i32) -> String {
        format!("{}/lines/{line}", self.id.name(organization))
    }

    /// Whether replaced parts must still come back.
    #[must_use]
    pub fn is_outstanding(&self) -> bool {
        self.lines.iter().any(|line| !line.outstanding().is_zero())
    }

    /// Whether nothing is left to be issued or to come back.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.is_outstanding() && self.lines.iter().all(|line| line.left().is_zero())
    }

    /// The role that has to act next; none in the final state. The desk, where the pack does not name one.
    #[must_use]
    pub fn owner(&self, regulation: &Regulation) -> Option<String> {
        let terms = terms(regulation, &self.kind);
        let is_open = |place: usize| !self.signatures.iter().any(|signed| signed.place == place);
        let roles = match self.state {
            State::Settled { .. } => return None,
            State::Draft => terms.map(|terms| {
                let open = terms.signatures.iter().enumerate().find(|(place, _)| is_open(*place));
                open.map_or(&terms.issue.by, |(_, signature)| &signature.by)
            }),
            State::Issued { .. } if self.is_outstanding() => terms.map(|terms| &terms.filled_by),
            State::Issued { .. } => terms.map(|terms| &terms.issue.by),
        };
        Some(roles.and_then(|roles| roles.first()).map_or(regulation.desk(), String::as_str).to_owned())
    }

    /// The requisition as the contract has it, with its limits as they stand at the organisation's time.
    ///
    /// # Errors
    /// Those of [`Subject::limits`].
    pub fn to_proto(
        &self,
        library: &Library,
        tx: &TenantTx,
        due: Option<Timestamp>,
    ) -> Result<pb::PartsRequisition, Error> {
        let organization = tx.organization_id();
        let subject = self.subject(library, organization)?;
        let limits = subject.limits(tx)?;
        let signatures = terms(&subject.regulation, &self.kind).map(|terms| terms.signatures.as_slice());
        Ok(pb::PartsRequisition {
            name: subject.name.clone(),
            number: self.number.clone(),
            kind: self.kind.clone(),
            work_order: self.work_order.name(organization),
            place: self.place.name(organization),
            fields: self.fields.clone().into_iter().collect(),
            lines: self.lines.iter().map(|line| line.to_proto(organization)).collect(),
            requested_by: self.requested_by.clone(),
            attachments: self.attachments.iter().map(pb::RequisitionAttachment::from).collect(),
            signatures: self.signatures.iter().map(|signed| signed.to_proto(signatures.unwrap_or_default())).collect(),
            returns: self.returns.iter().map(|came| came.to_proto(&subject, &limits)).collect(),
            state: pb::parts_requisition::State::from(self.state).into(),
            limits,
            milestones: subject.standing.to_milestones(),
            owner: self.owner(&subject.regulation).unwrap_or_default(),
            next_due_at: due.map(parse::to_timestamp),
            regulation: self.regulation.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        })
    }
}

fn terms<'a>(regulation: &'a Regulation, kind: &str) -> Option<&'a pack::Requisition> {
    regulation.pack().requisitions.get(kind)
}

impl From<&Attachment> for pb::RequisitionAttachment {
    fn from(attachment: &Attachment) -> Self {
        Self {
            record: attachment.record.clone(),
            kind: attachment.kind.clone(),
            made_at: Some(parse::to_timestamp(attachment.made_at)),
        }
    }
}

impl Signed {
    fn to_proto(&self, asked: &[pack::Signature]) -> pb::RequisitionSignature {
        pb::RequisitionSignature {
            signed_by: self.by.clone(),
            roles: asked.get(self.place).map(|signature| signature.by.clone()).unwrap_or_default(),
            signed_at: Some(parse::to_timestamp(self.at)),
        }
    }
}

impl Returned {
    /// As the contract has it: late by the limit that ends with the last return, whenever this one came.
    fn to_proto(self, subject: &Subject, limits: &[Limit]) -> pb::ReplacedReturn {
        let limit = limits.iter().find(|limit| limit.to_event == Event::ReplacedReturned.word());
        let due = limit.and_then(|limit| parse::timestamp(limit.due_at?).ok());
        let on = |at: Timestamp| day_of(at, subject.regulation.zone());
        let days_after = |due: Timestamp| on(due).until(on(self.at)).map_or(0, |days| days.get_days());
        let late_days = due.filter(|due| is_late(*due, self.at)).map_or(0, days_after);
        pb::ReplacedReturn {
            line: self.line,
            quantity: money::plain(self.quantity),
            returned_at: Some(parse::to_timestamp(self.at)),
            late_days,
        }
    }
}
