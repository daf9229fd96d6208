//! Purchase requisitions: what the warehouse should buy.

use callout_casework::{
    ids::{Id as _, ItemId, PurchaseRequisitionId},
    money,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::etag;
use callout_kit::{Error, parse};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub mod commands;
mod rpc;
pub mod store;

/// A proposal to buy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseRequisition {
    /// Its id.
    pub id: PurchaseRequisitionId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// What should be bought.
    pub item: ItemId,
    /// How many.
    pub quantity: Decimal,
    /// The statistics that speak for it.
    pub grounds: String,
    /// Where it stands.
    pub state: State,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// Where a requisition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Proposed.
    Open,
    /// Bought and received.
    Fulfilled {
        /// When the goods came in.
        at: Timestamp,
    },
}

impl State {
    /// As its column has it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Fulfilled { .. } => "FULFILLED",
        }
    }

    /// The state after the goods came in.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the requisition `name`: goods come in once.
    pub fn fulfil(self, at: Timestamp, name: &str) -> Result<Self, Error> {
        match self {
            Self::Open => Ok(Self::Fulfilled { at }),
            Self::Fulfilled { .. } => Err(Error::WrongState {
                name: name.to_owned(),
                state: self.word().to_owned(),
                attempted: "fulfil".to_owned(),
                allowed: vec![Self::Open.word().to_owned()],
            }),
        }
    }
}

impl From<State> for pb::purchase_requisition::State {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Fulfilled { .. } => Self::Fulfilled,
        }
    }
}

impl PurchaseRequisition {
    /// The requisition as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::PurchaseRequisition {
        pb::PurchaseRequisition {
            name: self.id.name(organization),
            item: self.item.name(organization),
            quantity: money::plain(self.quantity),
            grounds: self.grounds.clone(),
            state: pb::purchase_requisition::State::from(self.state).into(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_come_in_once_as_the_table_in_the_readme_says() {
        let at = Timestamp::UNIX_EPOCH;
        let fulfilled = State::Open.fulfil(at, "it").unwrap();
        assert_eq!(fulfilled, State::Fulfilled { at });
        let row = format!("| requisition | fulfil | {} | {} |", State::Open.word(), fulfilled.word());
        let readme = include_str!("../../README.md");
        assert!(readme.contains(&row) && readme.matches("| requisition |").count() == 1, "{row}");
        assert!(matches!(fulfilled.fulfil(at, "it"), Err(Error::WrongState { allowed, .. }) if allowed == ["OPEN"]));
    }
}
