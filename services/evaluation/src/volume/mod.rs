//! Volumes: records bound for a period, handed over and kept until their term is over, or for ever.

use callout_casework::ids::{Id as _, VolumeId};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::parse;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::explanation::Explanation;

pub mod commands;
pub mod rpc;
mod state;
pub mod store;

pub use state::{Act, State, Step};

/// Records that were bound for a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: VolumeId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// What is kept in it.
    pub kept: String,
    /// A day of its period, as whoever bound it named it.
    pub day: Date,
    /// What its period is called.
    pub period: String,
    /// The first day of its period.
    pub first_on: Date,
    /// The last day of its period.
    pub last_on: Date,
    /// What is in it.
    pub contents: String,
    /// Where it stands.
    pub state: State,
    /// Who bound it and when.
    pub bound: Act,
    /// The last day on which it is kept; none for ever.
    pub keep_until: Option<Date>,
    /// Why until then.
    pub explanation: Explanation,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn nobody() -> VolumeId {
    VolumeId::from_uuid(Uuid::nil())
}

impl Volume {
    /// The volume as the contract has it.
    #[must_use]
    pub fn to_proto(&self, tx: &TenantTx) -> pb::Volume {
        let taken_over = self.state.taken_over();
        pb::Volume {
            name: self.id.name(tx.organization_id()),
            kept: self.kept.clone(),
            day: self.day.to_string(),
            period: self.period.clone(),
            period_start_on: self.first_on.to_string(),
            period_end_on: self.last_on.to_string(),
            contents: self.contents.clone(),
            state: pb::volume::State::from(&self.state).into(),
            bound_by: self.bound.by.clone(),
            bound_at: Some(parse::to_timestamp(self.bound.at)),
            taken_over_by: taken_over.map(|act| act.by.clone()).unwrap_or_default(),
            taken_over_at: taken_over.map(|act| parse::to_timestamp(act.at)),
            destroyed_at: self.state.destroyed().map(|act| parse::to_timestamp(act.at)),
            keep_until: self.keep_until.map(|day| day.to_string()).unwrap_or_default(),
            explanation: Some(self.explanation.clone().into()),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

impl From<&State> for pb::volume::State {
    fn from(state: &State) -> Self {
        match state {
            State::Bound => Self::Bound,
            State::TakenOver(_) => Self::TakenOver,
            State::Destroyed { .. } => Self::Destroyed,
        }
    }
}
