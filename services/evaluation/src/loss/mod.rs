//! Losses: what a case cost, and who bears which part of it.

use callout_casework::{
    ids::{Id as _, LossId},
    money,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::etag;
use callout_kit::parse;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::explanation::Explanation;

pub mod commands;
mod decode;
pub mod rpc;
mod state;
pub mod store;

pub use decode::Stated;
pub use state::{Approved, State, Step};

/// A loss that was assessed. What it is and how it is divided never changes; whether it was approved, and how much was
/// deducted, are columns of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: LossId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// Where it stands; columns of their own.
    #[serde(skip)]
    pub state: State,
    /// The loss of the pack.
    pub kind: String,
    /// The case or the order that it arose from, by its name.
    pub subject: String,
    /// What it was assessed from.
    pub stated: Stated,
    /// The base points by which it was divided.
    pub total_points: Option<Decimal>,
    /// Who bears which part.
    pub shares: Vec<Share>,
    /// How much it is.
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
    /// The last day of the time for resale.
    pub resale_until: Option<Date>,
    /// Why it is that much.
    pub explanation: Explanation,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// When it was assessed.
    pub created_at: Timestamp,
}

/// The part of a loss that somebody bears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Whose it is.
    pub person: String,
    /// Per cent of the loss.
    pub percent: Option<Decimal>,
    /// Base points.
    pub points: Option<Decimal>,
    /// How much.
    pub amount: Decimal,
    /// How much of it was deducted; a column of its own.
    #[serde(skip)]
    pub deducted: Decimal,
    /// How it was computed.
    pub explanation: Explanation,
}

fn nobody() -> LossId {
    LossId::from_uuid(Uuid::nil())
}

impl Loss {
    /// The loss as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Loss {
        let approved = self.state.approved();
        let stated = &self.stated;
        let optional = |amount: Option<Decimal>| amount.map(money::written).unwrap_or_default();
        pb::Loss {
            name: self.id.name(organization),
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            judged_on: stated.judged_on.to_string(),
            full_value: optional(stated.full_value),
            resold_on: stated.resold_on.map(|day| day.to_string()).unwrap_or_default(),
            proceeds: optional(stated.proceeds),
            actual_loss: optional(stated.actual),
            department: stated.department.clone(),
            unit: stated.unit.clone(),
            total_points: self.total_points.map(money::plain).unwrap_or_default(),
            shares: self.shares.iter().map(pb::LossShare::from).collect(),
            amount: money::written(self.amount),
            currency: self.currency.clone(),
            resale_until: self.resale_until.map(|day| day.to_string()).unwrap_or_default(),
            explanation: Some(self.explanation.clone().into()),
            state: pb::loss::State::from(&self.state).into(),
            approved_at: approved.map(|approved| parse::to_timestamp(approved.at)),
            approved_by: approved.map(|approved| approved.by.clone()).unwrap_or_default(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

impl From<&Share> for pb::LossShare {
    fn from(share: &Share) -> Self {
        Self {
            person: share.person.clone(),
            percent: share.percent.map(money::plain).unwrap_or_default(),
            base_points: share.points.map(money::plain).unwrap_or_default(),
            amount: money::written(share.amount),
            deducted: money::written(share.deducted),
            explanation: Some(share.explanation.clone().into()),
        }
    }
}

impl From<&State> for pb::loss::State {
    fn from(state: &State) -> Self {
        match state {
            State::Assessed => Self::Assessed,
            State::Approved(_) => Self::Approved,
        }
    }
}
