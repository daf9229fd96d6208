//! Reservations: who gets a part that several want.

use callout_casework::{
    ids::{CaseId, Id as _, ItemId, ReservationId},
    money,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::etag;
use callout_kit::parse;
use jiff::Timestamp;
use rust_decimal::Decimal;

pub mod commands;
mod queue;
mod rpc;
pub mod store;

pub use queue::{Shares, share};

/// A wish for an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: ReservationId,
    /// Grows with every write.
    pub version: i64,
    /// What is wished for.
    pub item: ItemId,
    /// How many.
    pub quantity: Decimal,
    /// The case that needs it.
    pub case: CaseId,
    /// Whether the customer needs it at once.
    pub urgent: bool,
    /// Where it stands.
    pub state: State,
    /// The place in the queue: lower ranks first, number by number, then the earlier received.
    pub rank: Vec<Decimal>,
    /// When the case was received.
    pub received_at: Timestamp,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for the item.
    Open,
    /// Has it allotted, until one of a higher rank comes.
    Allotted,
    /// Given up or drawn.
    Ended,
}

impl State {
    const ALL: [Self; 3] = [Self::Open, Self::Allotted, Self::Ended];

    /// As its column has it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Allotted => "ALLOTTED",
            Self::Ended => "ENDED",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl From<State> for pb::reservation::State {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Allotted => Self::Allotted,
            State::Ended => Self::Ended,
        }
    }
}

impl Reservation {
    /// The reservation as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Reservation {
        pb::Reservation {
            name: self.id.name(organization),
            item: self.item.name(organization),
            quantity: money::plain(self.quantity),
            case: self.case.name(organization),
            urgent: self.urgent,
            state: pb::reservation::State::from(self.state).into(),
            rank: self.rank.iter().copied().map(money::plain).collect(),
            received_at: Some(parse::to_timestamp(self.received_at)),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
