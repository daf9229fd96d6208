//! Custody: what somebody holds in person and answers for, such as a kit of tools or a key.

use std::collections::BTreeMap;

use callout_casework::{
    Settings, Standing, Subject,
    ids::{CustodyId, Id as _},
    regulation_named,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{self as regulation, InCustody, Library};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub mod commands;
mod piece;
mod rpc;
mod state;
pub mod store;

pub use piece::{Happened, Piece, What};
pub use state::{State, Step};

/// Something that one person holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Custody {
    /// Its id.
    pub id: CustodyId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// What it is, of the pack's custody.
    pub kind: String,
    /// By which a single thing is known; empty for a kit.
    pub mark: String,
    /// The entry in the register.
    pub fields: BTreeMap<String, String>,
    /// The pieces of a kit.
    pub pieces: Vec<Piece>,
    /// Who held it from when on, the present holder last; never empty.
    pub holders: Vec<Holder>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Who answers for the loss, and by which rule; none while it was not lost, or where no rule says so.
    pub liable: Option<Liable>,
    /// The custody that was renewed by this one.
    pub renews: Option<CustodyId>,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// What a decision looks at.
    pub standing: Standing,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// Who held it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// His subject.
    pub holder: String,
    /// From when on.
    pub from: Timestamp,
}

/// Who answers for a loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Liable {
    /// His subject.
    pub person: String,
    /// The rule.
    pub rule: String,
}

impl Custody {
    /// Its holder, or the last one.
    #[must_use]
    pub fn holder(&self) -> &str {
        self.holders.last().map_or("", |last| last.holder.as_str())
    }

    /// As far as it decides what follows.
    #[must_use]
    pub fn held(&self) -> InCustody<'_> {
        InCustody { kind: &self.kind, issued_at: self.issued_at }
    }

    /// It as a subject of the regulation that it is judged by.
    ///
    /// # Errors
    /// [`Error::Internal`] when that regulation is not in the library any more.
    pub fn subject(&self, library: &Library, organization: &str) -> Result<Subject, Error> {
        let regulation = regulation_named(library, &self.regulation)?;
        let terms = regulation.pack().custody.get(&self.kind);
        let holder = |role: &String| (role.clone(), self.holder().to_owned());
        Ok(Subject {
            kind: regulation::vocabulary::Subject::Custody,
            name: self.id.name(organization),
            case: String::new(),
            people: terms.into_iter().flat_map(|terms| terms.held_by.iter().map(holder)).collect(),
            regulation,
            standing: self.standing.clone(),
        })
    }

    /// It as the contract has it, with its limits as they stand at the organisation's time.
    ///
    /// # Errors
    /// Those of [`Subject::limits`].
    pub fn to_proto(&self, library: &Library, tx: &TenantTx) -> Result<pb::Custody, Error> {
        let organization = tx.organization_id();
        let subject = self.subject(library, organization)?;
        let renewable = subject.regulation.custody_renewable_on(self.held(), &Settings::of(tx)?.holidays()?);
        let renewable = renewable.map_err(|undecided| Error::Internal(anyhow::Error::new(undecided)))?;
        let holder = |holder: &Holder| pb::CustodyHolder {
            holder: holder.holder.clone(),
            held_from: Some(parse::to_timestamp(holder.from)),
        };
        Ok(pb::Custody {
            name: subject.name.clone(),
            kind: self.kind.clone(),
            holder: self.holder().to_owned(),
            mark: self.mark.clone(),
            fields: self.fields.clone().into_iter().collect(),
            pieces: self.pieces.iter().map(Piece::to_proto).collect(),
            holders: self.holders.iter().map(holder).collect(),
            issued_at: Some(parse::to_timestamp(self.issued_at)),
            renewable_on: renewable.map(|(on, _)| on.to_string()).unwrap_or_default(),
            loss: self.loss(),
            state: pb::custody::State::from(self.state).into(),
            renews: self.renews.map(|renewed| renewed.name(organization)).unwrap_or_default(),
            limits: subject.limits(tx)?,
            milestones: subject.standing.to_milestones(),
            regulation: self.regulation.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        })
    }

    fn loss(&self) -> Option<pb::CustodyLoss> {
        match self.state {
            State::Held | State::Returned { .. } | State::Renewed { .. } => None,
            State::Lost { lost_at, reported_at } => Some(pb::CustodyLoss {
                lost_at: Some(parse::to_timestamp(lost_at)),
                reported_at: Some(parse::to_timestamp(reported_at)),
                liable: self.liable.as_ref().map(|liable| liable.person.clone()).unwrap_or_default(),
                rule: self.liable.as_ref().map(|liable| liable.rule.clone()).unwrap_or_default(),
            }),
        }
    }
}
