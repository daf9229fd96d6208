//! The double-entry ledger of the stock: a quantity leaves one account and enters another, and nothing is edited.
//!
//! Balances follow from the movements in the database, which also refuses to take from an account what it does not have.

use callout_casework::{
    ids::{Id as _, ItemId, MovementId, PlaceId},
    money,
};
use callout_contract::inventory::v1 as pb;
use callout_kit::parse;
use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

mod balance;
pub mod commands;
mod rpc;
pub mod store;

pub use balance::{Balance, Holding};

/// An account that a quantity can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// Outside: a supplier. Its negative balance is what was received.
    Received,
    /// Outside: customers' machines. Its negative balance is what was taken off them and brought back.
    Customer,
    /// On hand at a place.
    OnHand(PlaceId),
    /// With a borrower.
    Lent,
    /// Under way.
    InTransit,
    /// Handed in, waiting for inspection.
    InInspection,
    /// Built in at a customer's.
    Used,
    /// Scrapped.
    Scrapped,
    /// Lost.
    Lost,
}

impl Account {
    /// As its column has it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "RECEIVED",
            Self::Customer => "CUSTOMER",
            Self::OnHand(_) => "ON_HAND",
            Self::Lent => "LENT",
            Self::InTransit => "IN_TRANSIT",
            Self::InInspection => "IN_INSPECTION",
            Self::Used => "USED",
            Self::Scrapped => "SCRAPPED",
            Self::Lost => "LOST",
        }
    }

    /// The place that it is of, for what is on hand.
    #[must_use]
    pub const fn place(self) -> Option<PlaceId> {
        match self {
            Self::OnHand(place) => Some(place),
            Self::Received
            | Self::Customer
            | Self::Lent
            | Self::InTransit
            | Self::InInspection
            | Self::Used
            | Self::Scrapped
            | Self::Lost => None,
        }
    }

    /// The account of these columns; none when there is no such one.
    fn of_columns(word: &str, place: Option<Uuid>) -> Option<Self> {
        match (word, place) {
            ("ON_HAND", Some(place)) => Some(Self::OnHand(PlaceId::from_uuid(place))),
            ("RECEIVED", None) => Some(Self::Received),
            ("CUSTOMER", None) => Some(Self::Customer),
            ("LENT", None) => Some(Self::Lent),
            ("IN_TRANSIT", None) => Some(Self::InTransit),
            ("IN_INSPECTION", None) => Some(Self::InInspection),
            ("USED", None) => Some(Self::Used),
            ("SCRAPPED", None) => Some(Self::Scrapped),
            ("LOST", None) => Some(Self::Lost),
            (_, Some(_) | None) => None,
        }
    }
}

impl From<Account> for pb::Account {
    fn from(account: Account) -> Self {
        match account {
            Account::Received => Self::Received,
            Account::Customer => Self::Customer,
            Account::OnHand(_) => Self::OnHand,
            Account::Lent => Self::Lent,
            Account::InTransit => Self::InTransit,
            Account::InInspection => Self::InInspection,
            Account::Used => Self::Used,
            Account::Scrapped => Self::Scrapped,
            Account::Lost => Self::Lost,
        }
    }
}

/// A transfer that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Of what.
    pub item: ItemId,
    /// How many, above zero.
    pub quantity: Decimal,
    /// Where it leaves.
    pub from: Account,
    /// Where it goes.
    pub to: Account,
}

/// One transfer of a quantity of an item from account to account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Its id.
    pub id: MovementId,
    /// What was moved.
    pub transfer: Transfer,
    /// The resource that caused it; empty for a plain receipt.
    pub cause: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was entered.
    pub recorded_at: Timestamp,
}

impl Movement {
    /// The movement as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Movement {
        let Transfer { item, quantity, from, to } = self.transfer;
        let place = |account: Account| account.place().map(|place| place.name(organization)).unwrap_or_default();
        pb::Movement {
            name: self.id.name(organization),
            item: item.name(organization),
            quantity: money::plain(quantity),
            from_account: pb::Account::from(from).into(),
            from_place: place(from),
            to_account: pb::Account::from(to).into(),
            to_place: place(to),
            cause: self.cause.clone(),
            occurred_at: Some(parse::to_timestamp(self.occurred_at)),
            create_time: Some(parse::to_timestamp(self.recorded_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_is_read_back_from_its_columns_and_a_place_belongs_to_what_is_on_hand_alone() {
        let place = PlaceId::from_uuid(Uuid::from_u128(7));
        for account in [
            Account::Received,
            Account::Customer,
            Account::OnHand(place),
            Account::Lent,
            Account::InTransit,
            Account::InInspection,
            Account::Used,
            Account::Scrapped,
            Account::Lost,
        ] {
            let columns = (account.word(), account.place().map(PlaceId::uuid));
            assert_eq!(Account::of_columns(columns.0, columns.1), Some(account));
        }
        assert_eq!(Account::of_columns("ON_HAND", None), None);
        assert_eq!(Account::of_columns("LENT", Some(place.uuid())), None);
        assert_eq!(Account::of_columns("STOLEN", None), None);
    }
}
