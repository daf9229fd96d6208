//! Work reports: what people did on a day, by class and time, and what their leaders add up from that.

use std::collections::BTreeMap;

use callout_casework::{
    ids::{Id as _, WorkReportId},
    money,
};
use callout_contract::evaluation::v1::{self as pb, work_report as of};
use callout_journal::etag;
use callout_kit::{Error, parse};
use callout_regulation::WorkEntry;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Explanation;

pub mod commands;
mod rpc;
mod store;

/// A report of the work of a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkReport {
    /// Its id; a column of its own.
    #[serde(skip, default = "unread")]
    pub id: WorkReportId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The report of the pack.
    pub report: String,
    /// The day.
    pub day: Date,
    /// The branch; empty at the centre.
    pub branch: String,
    /// Who made it.
    pub author: String,
    /// The pieces of work; none in a report that adds others up.
    pub entries: Vec<Entry>,
    /// Hours by class of work.
    pub totals: BTreeMap<String, Decimal>,
    /// The reports that it adds up.
    pub added_up: Vec<WorkReportId>,
    /// How the totals were computed.
    pub explanation: Explanation,
    /// The roles that it is sent to.
    pub to: Vec<String>,
    /// Where it stands.
    pub state: State,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn unread() -> WorkReportId {
    WorkReportId::from_uuid(Uuid::nil())
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its class.
    pub class: String,
    /// How many hours it took.
    pub hours: Decimal,
    /// What it was.
    pub note: String,
}

/// Where a report stands, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Made.
    Draft,
    /// Looked through and signed.
    Signed {
        /// By whom.
        signature: Signature,
    },
    /// Sent on.
    Sent {
        /// Who signed it; none where nobody did.
        signature: Option<Signature>,
        /// When it was sent.
        at: Timestamp,
    },
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Whose.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What may happen to a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody signs it.
    Sign(Signature),
    /// It is sent on.
    Send(Timestamp),
}

impl State {
    /// The state after a step.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the report `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Draft, Step::Sign(signature)) => Ok(Self::Signed { signature }),
            (Self::Draft, Step::Send(at)) => Ok(Self::Sent { signature: None, at }),
            (Self::Signed { signature }, Step::Send(at)) => Ok(Self::Sent { signature: Some(signature), at }),
            (from @ (Self::Signed { .. } | Self::Sent { .. }), Step::Sign(_)) => {
                Err(refused(&from, "sign", &["DRAFT"], name))
            }
            (from @ Self::Sent { .. }, Step::Send(_)) => Err(refused(&from, "send", &["DRAFT", "SIGNED"], name)),
        }
    }

    /// Its word in its column.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Signed { .. } => "SIGNED",
            Self::Sent { .. } => "SENT",
        }
    }

    /// Who signed it; none where nobody did.
    #[must_use]
    pub const fn signature(&self) -> Option<&Signature> {
        match self {
            Self::Draft => None,
            Self::Signed { signature } => Some(signature),
            Self::Sent { signature, .. } => signature.as_ref(),
        }
    }
}

fn refused(from: &State, attempted: &str, allowed: &[&str], name: &str) -> Error {
    Error::WrongState {
        name: name.to_owned(),
        state: from.word().to_owned(),
        attempted: attempted.to_owned(),
        allowed: allowed.iter().map(|state| (*state).to_owned()).collect(),
    }
}

impl WorkReport {
    /// Its pieces of work, as far as they are added up.
    pub fn work(&self) -> impl Iterator<Item = WorkEntry> {
        self.entries.iter().map(|entry| WorkEntry { class: entry.class.clone(), hours: entry.hours })
    }

    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::WorkReport {
        let (state, sent_at) = match &self.state {
            State::Draft => (of::State::Draft, None),
            State::Signed { .. } => (of::State::Signed, None),
            State::Sent { at, .. } => (of::State::Sent, Some(*at)),
        };
        let signature = self.state.signature();
        let entry = |entry: &Entry| pb::WorkReportEntry {
            class: entry.class.clone(),
            hours: money::plain(entry.hours),
            note: entry.note.clone(),
        };
        pb::WorkReport {
            name: self.id.name(organization),
            report: self.report.clone(),
            day: self.day.to_string(),
            branch: self.branch.clone(),
            entries: self.entries.iter().map(entry).collect(),
            author: self.author.clone(),
            totals: self.totals.iter().map(|(class, hours)| (class.clone(), money::plain(*hours))).collect(),
            added_up: self.added_up.iter().map(|report| report.name(organization)).collect(),
            explanation: Some(self.explanation.clone().into()),
            state: state.into(),
            signed_by: signature.map(|signature| signature.by.clone()).unwrap_or_default(),
            signed_at: signature.map(|signature| parse::to_timestamp(signature.at)),
            sent_at: sent_at.map(parse::to_timestamp),
            to: self.to.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_signed_before_it_is_sent_and_sent_once() {
        let at = Timestamp::UNIX_EPOCH;
        let sign = || Step::Sign(Signature { by: "jing".to_owned(), at });
        let signed = State::Draft.apply(sign(), "it").unwrap();
        assert!(
            matches!(signed.clone().apply(sign(), "it"), Err(Error::WrongState { state, .. }) if state == "SIGNED")
        );
        for from in [State::Draft, signed] {
            let was_signed = from.signature().is_some();
            let sent = from.apply(Step::Send(at), "it").unwrap();
            assert_eq!(sent.signature().is_some(), was_signed);
            for step in [sign(), Step::Send(at)] {
                assert!(
                    matches!(sent.clone().apply(step, "it"), Err(Error::WrongState { state, .. }) if state == "SENT")
                );
            }
        }
    }
}
