//! What the customer pays for a work order, as far as it is known.

use callout_contract::{dispatch::v1 as pb, regulation::v1::verdict::Outcome};
use callout_regulation::{
    Regulation,
    pack::Gate,
    vocabulary::{Transition, words},
};
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
    /// What the customer pays; none while it is not known.
    ///
    /// Nothing when the verdict says so, when the tariff does not charge for this way of working, or when he declined to
    /// pay and those who may have agreed to serve him all the same.
    #[must_use]
    pub fn customer_amount(&self, regulation: &Regulation) -> Option<Decimal> {
        match self.verdict.outcome() {
            Outcome::Free => return Some(Decimal::ZERO),
            Outcome::Paid if self.is_free_of_charge(regulation) => return Some(Decimal::ZERO),
            Outcome::Paid | Outcome::Contract | Outcome::Held | Outcome::Refused | Outcome::Unspecified => {}
        }
        match &self.quote {
            QuoteStanding::Confirmed { total } => Some(*total),
            QuoteStanding::Declined => self.is_served_unpaid(regulation).then_some(Decimal::ZERO),
            QuoteStanding::None | QuoteStanding::Open => None,
        }
    }

    fn is_free_of_charge(&self, regulation: &Regulation) -> bool {
        let tariff = regulation.pack().tariffs.get(&self.verdict.tariff);
        tariff.and_then(|tariff| tariff.free_modes.as_ref()).is_some_and(|free| free.modes.contains(&self.mode))
    }

    /// Whether everything is on record that the regulation asks for before the departure to a customer who declined to
    /// pay, and to him alone: the gates that stand there when he declined, and not when he confirmed.
    fn is_served_unpaid(&self, regulation: &Regulation) -> bool {
        let stands = |gate: &Gate, quote: &str| {
            let facts = self.standing.facts.clone().with(words::QUOTE_STATE, quote);
            gate.when.as_ref().is_none_or(|when| when.holds(&facts).is_ok_and(|decided| decided.value))
        };
        let dossier = self.standing.dossier();
        let on_record = |kind: &String| dossier.records.iter().any(|record| record.kind == *kind);
        let mut asked = regulation
            .pack()
            .gates
            .values()
            .filter(|gate| gate.before.contains(&Transition::Depart))
            .filter(|gate| stands(gate, "declined") && !stands(gate, "confirmed"))
            .flat_map(|gate| &gate.needs)
            .peekable();
        asked.peek().is_some() && asked.all(on_record)
    }
}
