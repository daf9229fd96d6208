//! Places: where items are.

use callout_casework::ids::{Id as _, PlaceId};
use callout_contract::inventory::v1 as pb;
use callout_journal::etag;
use callout_kit::parse;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub mod commands;
mod rpc;
pub mod store;

/// Somewhere that stock can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its id.
    pub id: PlaceId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// What people call it.
    pub display_name: String,
    /// What kind of place it is.
    pub kind: Kind,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// What kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A warehouse, out of which slips are issued.
    Warehouse,
    /// A sub-stock of goods that came back in order.
    GoodStock,
    /// A sub-stock of damaged goods.
    DamagedStock,
    /// An engineer's van.
    Van,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Warehouse, Self::GoodStock, Self::DamagedStock, Self::Van];

    /// As its column has it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Warehouse => "WAREHOUSE",
            Self::GoodStock => "GOOD_STOCK",
            Self::DamagedStock => "DAMAGED_STOCK",
            Self::Van => "VAN",
        }
    }

    /// The kind that a pack names, such as `good_stock`.
    #[must_use]
    pub fn from_pack(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))
    }

    fn decode(kind: pb::place::Kind) -> Option<Self> {
        match kind {
            pb::place::Kind::Unspecified => None,
            pb::place::Kind::Warehouse => Some(Self::Warehouse),
            pb::place::Kind::GoodStock => Some(Self::GoodStock),
            pb::place::Kind::DamagedStock => Some(Self::DamagedStock),
            pb::place::Kind::Van => Some(Self::Van),
        }
    }
}

impl From<Kind> for pb::place::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Warehouse => Self::Warehouse,
            Kind::GoodStock => Self::GoodStock,
            Kind::DamagedStock => Self::DamagedStock,
            Kind::Van => Self::Van,
        }
    }
}

impl Place {
    /// The place as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Place {
        pb::Place {
            name: self.id.name(organization),
            display_name: self.display_name.clone(),
            kind: pb::place::Kind::from(self.kind).into(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_names_sub_stocks_by_the_kinds_of_places() {
        assert_eq!(Kind::from_pack("good_stock"), Some(Kind::GoodStock));
        assert_eq!(Kind::from_pack("damaged_stock"), Some(Kind::DamagedStock));
        assert_eq!(Kind::from_pack("scrap_yard"), None);
    }
}
