//! What the customer pays for a work order, as far as it is known.

use callout_contract::{dispatch::v1 as pb, regulation::v1::verdict::Outcome};
use callout_regulation::Regulation;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::WorkOrder;

/// Where the quote of a work order stands: the last one told, whatever was told before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum QuoteStanding {
    /// Nothing was told.
    None,
    /// The customer was told and has not answered.
    Open,
    /// The customer confirmed.
    Confirmed {
        /// What he pays.
        total: Decimal,
    },
    /// The customer declined to bear the cost.
    Declined,
}

impl QuoteStanding {
    /// Its word in the vocabulary.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Open => "quoted",
            Self::Confirmed { .. } => "confirmed",
            Self::Declined => "declined",
        }
    }
}

impl From<&QuoteStanding> for pb::work_order::QuoteState {
    fn from(standing: &QuoteStanding) -> Self {
        match standing {
            QuoteStanding::None => Self::None,
            QuoteStanding::Open => Self::Open,
            QuoteStanding::Confirmed { .. } => Self::Confirmed,
            QuoteStanding::Declined => Self::Declined,
        }
    }
}

impl WorkOrder {
    /// What the customer pays, by what is on record at `at`; none while it is not known.
    ///
    /// Nothing when the verdict says so, when a record waives his price, or when the tariff does not charge for this way of
    /// working; else what he confirmed.
    #[must_use]
    pub fn customer_amount(&self, regulation: &Regulation, at: Timestamp) -> Option<Decimal> {
        let is_free = match self.verdict.outcome() {
            Outcome::Free => true,
            Outcome::Paid => self.is_free_of_charge(regulation),
            Outcome::Contract | Outcome::Held | Outcome::Refused | Outcome::Unspecified => false,
        };
        // A waiver that cannot be decided waives nothing.
        if is_free || matches!(regulation.waiver(&self.standing.dossier(), at), Ok(Some(_))) {
            return Some(Decimal::ZERO);
        }
        match &self.quote {
            QuoteStanding::Confirmed { total } => Some(*total),
            QuoteStanding::None | QuoteStanding::Open | QuoteStanding::Declined => None,
        }
    }

    fn is_free_of_charge(&self, regulation: &Regulation) -> bool {
        let tariff = regulation.pack().tariffs.get(&self.verdict.tariff);
        tariff.and_then(|tariff| tariff.free_modes.as_ref()).is_some_and(|free| free.modes.contains(&self.mode))
    }
}
