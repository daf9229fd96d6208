//! How much of an item is where.

use std::collections::BTreeMap;

use callout_casework::{
    ids::{Id as _, ItemId, PlaceId},
    money,
};
use callout_contract::inventory::v1 as pb;
use rust_decimal::Decimal;

use super::Account;
use crate::place;

/// What is on one account of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The account.
    pub account: Account,
    /// What kind of place it is of, for what is on hand.
    pub place_kind: Option<place::Kind>,
    /// How much; below zero on the accounts outside.
    pub quantity: Decimal,
}

/// How much of an item is where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    item: ItemId,
    holdings: Vec<Holding>,
    allotted: Decimal,
}

impl Balance {
    /// Of an item with these holdings, of which so much is allotted to reservations.
    #[must_use]
    pub fn new(item: ItemId, holdings: Vec<Holding>, allotted: Decimal) -> Self {
        Self { item, holdings, allotted }
    }

    /// What is on hand and can be given out: everything but damaged goods.
    #[must_use]
    pub fn usable(&self) -> Decimal {
        let usable = |holding: &&Holding| {
            holding.account.place().is_some() && holding.place_kind != Some(place::Kind::DamagedStock)
        };
        self.holdings.iter().filter(usable).map(|holding| holding.quantity).sum()
    }

    /// What can be given out at a place when `kept` must be left for others wherever it is.
    #[must_use]
    pub fn available_at(&self, place: PlaceId, kept: Decimal) -> Decimal {
        let there = self.on(|account| account == Account::OnHand(place));
        there.min(self.usable() - kept).max(Decimal::ZERO)
    }

    /// The balance as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Balance {
        let on = |wanted: Account| money::plain(self.on(|account| account == wanted));
        let by_place: BTreeMap<String, String> = self
            .holdings
            .iter()
            .filter(|holding| !holding.quantity.is_zero())
            .filter_map(|holding| Some((holding.account.place()?.name(organization), money::plain(holding.quantity))))
            .collect();
        pb::Balance {
            item: self.item.name(organization),
            received: money::plain(-self.on(|account| account == Account::Received)),
            on_hand: money::plain(self.on(|account| account.place().is_some())),
            lent: on(Account::Lent),
            in_transit: on(Account::InTransit),
            in_inspection: on(Account::InInspection),
            used: on(Account::Used),
            scrapped: on(Account::Scrapped),
            lost: on(Account::Lost),
            on_hand_by_place: by_place,
            taken_back: money::plain(-self.on(|account| account == Account::Customer)),
            free: money::plain((self.usable() - self.allotted).max(Decimal::ZERO)),
        }
    }

    fn on(&self, wanted: impl Fn(Account) -> bool) -> Decimal {
        self.holdings.iter().filter(|holding| wanted(holding.account)).map(|holding| holding.quantity).sum()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn balance(allotted: i64) -> (Balance, PlaceId) {
        let place = |id| PlaceId::from_uuid(Uuid::from_u128(id));
        let holding = |account, place_kind, quantity: i64| Holding { account, place_kind, quantity: quantity.into() };
        let holdings = vec![
            holding(Account::Received, None, -10),
            holding(Account::OnHand(place(1)), Some(place::Kind::Warehouse), 4),
            holding(Account::OnHand(place(2)), Some(place::Kind::GoodStock), 1),
            holding(Account::OnHand(place(3)), Some(place::Kind::DamagedStock), 2),
            holding(Account::OnHand(place(4)), Some(place::Kind::Van), 0),
            holding(Account::Lent, None, 3),
        ];
        (Balance::new(ItemId::from_uuid(Uuid::from_u128(9)), holdings, allotted.into()), place(1))
    }

    #[test]
    fn damaged_goods_are_on_hand_but_neither_usable_nor_free() {
        let (balance, _) = balance(2);
        let shown = balance.to_proto("acme");
        assert_eq!((shown.received.as_str(), shown.on_hand.as_str(), shown.lent.as_str()), ("10", "7", "3"));
        assert_eq!(balance.usable(), Decimal::from(5));
        assert_eq!(shown.free, "3");
        assert_eq!(shown.on_hand_by_place.len(), 3, "an empty place is not listed");
    }

    #[test]
    fn what_is_kept_for_others_is_not_given_out_and_neither_is_what_lies_elsewhere() {
        let (balance, warehouse) = balance(0);
        assert_eq!(balance.available_at(warehouse, Decimal::ZERO), Decimal::from(4));
        assert_eq!(balance.available_at(warehouse, Decimal::from(2)), Decimal::from(3));
        assert_eq!(balance.available_at(warehouse, Decimal::from(9)), Decimal::ZERO);
    }
}
