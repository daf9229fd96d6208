//! Duties: what the routines of the regulation ask to be done again and again.

use callout_casework::ids::{DutyId, Id as _};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::parse;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::explanation::Explanation;

pub mod commands;
pub mod customer;
pub mod opening;
pub mod product;
pub mod rpc;
mod state;
pub mod store;

pub use state::{Done, State, Step};

/// One occurrence of a routine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: DutyId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The routine of the pack.
    pub routine: String,
    /// What it concerns: a customer, a product, or the organisation, by its name.
    pub subject: String,
    /// The days that it covers; none when it goes by interval.
    pub period: Option<Days>,
    /// From when its time is counted: the last time, or the beginning of the period. It cannot be done before.
    pub counted_from: Timestamp,
    /// The duty after which it came; none for the first of its kind, which is counted from the product's file.
    pub follows: Option<DutyId>,
    /// The last instant that is in time.
    pub due_at: Timestamp,
    /// Whether it is missed for good when that has passed.
    #[serde(default)]
    pub lapses: bool,
    /// Where it stands.
    pub state: State,
    /// The role that owes it.
    pub role: String,
    /// The subject of the one person who owes it, the one in charge of the customer; empty for whoever has the role.
    #[serde(default)]
    pub person: String,
    /// Why it is due then.
    pub explanation: Explanation,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// The days of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// The first one.
    pub first: Date,
    /// The last one.
    pub last: Date,
}

fn nobody() -> DutyId {
    DutyId::from_uuid(Uuid::nil())
}

impl Duty {
    /// The role that owes it; none when it is done or missed.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        match &self.state {
            State::Open => Some(&self.role),
            State::Done(_) | State::Missed { .. } => None,
        }
    }

    /// The key of the timer that runs when it becomes overdue.
    #[must_use]
    pub fn timer_key(&self, organization: &str) -> String {
        format!("{}/overdue", self.id.name(organization))
    }

    /// The duty as the contract has it, at the organisation's time.
    #[must_use]
    pub fn to_proto(&self, tx: &TenantTx) -> pb::Duty {
        let done = self.state.done();
        pb::Duty {
            name: self.id.name(tx.organization_id()),
            routine: self.routine.clone(),
            subject: self.subject.clone(),
            period_start_on: self.period.map(|days| days.first.to_string()).unwrap_or_default(),
            period_end_on: self.period.map(|days| days.last.to_string()).unwrap_or_default(),
            due_at: Some(parse::to_timestamp(self.due_at)),
            done_at: done.map(|done| parse::to_timestamp(done.at)),
            done_by: done.map(|done| done.by.clone()).unwrap_or_default(),
            outcome: done.map(|done| done.outcome.clone()).unwrap_or_default(),
            state: self.state.to_proto(self.due_at, tx.now()).into(),
            owner: self.owner().unwrap_or_default().to_owned(),
            explanation: Some(self.explanation.clone().into()),
            etag: etag::of(self.version),
            person: self.person.clone(),
            fields: done.map(|done| done.fields.clone()).unwrap_or_default(),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
