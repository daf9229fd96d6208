//! What an item costs, and on which days.

use std::collections::BTreeMap;

use callout_casework::money;
use callout_contract::inventory::v1 as pb;
use callout_kit::{Text, Violations, parse};
use callout_regulation::pack::Pack;
use jiff::{ToSpan as _, civil::Date};
use rust_decimal::Decimal;

use super::{Field, one_of};

/// A price, and the days on which it is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// A kind of price of the pack.
    pub kind: String,
    /// The price of a unit, in the currency of the pack.
    pub amount: Decimal,
    /// The first day; none for since ever.
    pub valid_from: Option<Date>,
    /// The last day; none for as long as nothing else is said.
    pub valid_until: Option<Date>,
}

/// Every price of an item, by kind, the earlier ones first. That no day has two of a kind is kept by the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceList(Vec<Price>);

/// What a caller says of prices: all of them with their days, or those from today on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// `price_list`, and perhaps `prices` beside it, which must then say the same.
    List,
    /// `prices`.
    FromToday,
}

impl Change {
    /// What the named fields of `asked` say of the prices of an item that has `list`.
    pub fn of(asked: &pb::Item, fields: &[Field], list: &PriceList) -> Self {
        let names = |field| fields.contains(&field);
        // Whoever names all fields and leaves the list out speaks of the prices of the day.
        let is_list = names(Field::PriceList) && !(asked.price_list.is_empty() && names(Field::Prices));
        let is_something = |given: bool| given || !list.0.is_empty();
        match is_list {
            true if is_something(!asked.price_list.is_empty()) => Self::List,
            false if names(Field::Prices) && is_something(!asked.prices.is_empty()) => Self::FromToday,
            true | false => Self::None,
        }
    }
}

impl PriceList {
    /// The prices of an item, in the order of the list.
    pub fn new(mut prices: Vec<Price>) -> Self {
        prices.sort_by(|a, b| (&a.kind, a.valid_from).cmp(&(&b.kind, b.valid_from)));
        Self(prices)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Price> {
        self.0.iter()
    }

    /// The prices that are valid on a day, by their kind.
    pub fn on(&self, day: Date) -> BTreeMap<String, Decimal> {
        self.0.iter().filter(|price| price.is_valid_on(day)).map(|price| (price.kind.clone(), price.amount)).collect()
    }

    /// Takes over what a caller says, or adds a violation for everything that is wrong with it.
    pub fn change(&mut self, change: Change, asked: &pb::Item, pack: &Pack, today: Date, violations: &mut Violations) {
        match change {
            Change::None => {}
            Change::FromToday => {
                if let Some(prices) = decoded(asked, pack, violations) {
                    self.set_from(today, prices);
                }
            }
            Change::List => {
                let Some(list) = decoded_list(asked, pack, violations) else { return };
                let prices = decoded(asked, pack, violations);
                if prices.is_some_and(|prices| !prices.is_empty() && prices != list.on(today)) {
                    violations.add(
                        "item.prices",
                        Text::new(
                            format!("must be the prices of {today} in price_list, or be left out"),
                            format!("必须与 price_list 中 {today} 的价格一致，或不填写"),
                        ),
                    );
                }
                *self = list;
            }
        }
    }

    /// From `day` on these prices are valid and no others; the days before keep theirs. A kind that never had a price has
    /// its first one since ever.
    fn set_from(&mut self, day: Date, mut prices: BTreeMap<String, Decimal>) {
        let known: Vec<String> = self.0.iter().map(|price| price.kind.clone()).collect();
        let mut list = Vec::new();
        for mut price in std::mem::take(&mut self.0) {
            let goes_on = price.is_valid_on(day) && price.valid_until.is_none();
            if goes_on && prices.get(&price.kind) == Some(&price.amount) {
                prices.remove(&price.kind);
                list.push(price);
            } else if price.valid_from.is_none_or(|from| from < day) {
                let before = day.saturating_sub(1.day());
                price.valid_until = Some(price.valid_until.map_or(before, |until| until.min(before)));
                list.push(price);
            }
        }
        for (kind, amount) in prices {
            let valid_from = known.contains(&kind).then_some(day);
            list.push(Price { kind, amount, valid_from, valid_until: None });
        }
        *self = Self::new(list);
    }

    /// The list as the contract has it.
    pub fn to_proto(&self) -> Vec<pb::Price> {
        let written = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let price = |price: &Price| pb::Price {
            kind: price.kind.clone(),
            price: money::plain(price.amount),
            valid_from: written(price.valid_from),
            valid_to: written(price.valid_until),
        };
        self.0.iter().map(price).collect()
    }
}

impl Price {
    fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_until.is_none_or(|until| day <= until)
    }
}

/// The prices of the day; none when something is wrong with them.
fn decoded(asked: &pb::Item, pack: &Pack, violations: &mut Violations) -> Option<BTreeMap<String, Decimal>> {
    let mut prices = BTreeMap::new();
    for (kind, price) in &asked.prices {
        let field = format!("item.prices.{kind}");
        known_kind(&field, kind, pack, violations);
        if let Some(price) = violations.take(field, parse::amount(price)) {
            prices.insert(kind.clone(), price);
        }
    }
    violations.is_empty().then_some(prices)
}

/// All prices with their days; none when something is wrong with them.
fn decoded_list(asked: &pb::Item, pack: &Pack, violations: &mut Violations) -> Option<PriceList> {
    let mut prices = Vec::new();
    for (index, price) in asked.price_list.iter().enumerate() {
        let field = |name: &str| format!("item.price_list[{index}].{name}");
        known_kind(&field("kind"), &price.kind, pack, violations);
        let amount = violations.take(field("price"), parse::amount(&price.price));
        let day = |stated: &str| Some(stated).filter(|stated| !stated.is_empty()).map(parse::date).transpose();
        let valid_from = violations.take(field("valid_from"), day(&price.valid_from));
        let valid_until = violations.take(field("valid_to"), day(&price.valid_to));
        let (Some(amount), Some(valid_from), Some(valid_until)) = (amount, valid_from, valid_until) else { continue };
        if valid_from.zip(valid_until).is_some_and(|(from, until)| until < from) {
            violations.add(field("valid_to"), Text::new("must not be before valid_from", "不能早于 valid_from"));
        }
        prices.push(Price { kind: price.kind.clone(), amount, valid_from, valid_until });
    }
    violations.is_empty().then(|| PriceList::new(prices))
}

fn known_kind(field: &str, kind: &str, pack: &Pack, violations: &mut Violations) {
    if !pack.prices.contains_key(kind) {
        violations.add(field, one_of(pack.prices.keys()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn price(kind: &str, amount: i64, from: &str, until: &str) -> Price {
        let day = |text: &str| Some(text).filter(|text| !text.is_empty()).map(day);
        Price { kind: kind.to_owned(), amount: amount.into(), valid_from: day(from), valid_until: day(until) }
    }

    fn prices<const N: usize>(prices: [(&str, i64); N]) -> BTreeMap<String, Decimal> {
        prices.map(|(kind, amount)| (kind.to_owned(), amount.into())).into()
    }

    #[test]
    fn a_price_is_valid_from_its_first_day_to_its_last() {
        let list =
            PriceList::new(vec![price("finance", 400, "2026-07-01", ""), price("finance", 380, "", "2026-06-30")]);
        assert_eq!(list.on(day("2020-01-01")), prices([("finance", 380)]));
        assert_eq!(list.on(day("2026-06-30")), prices([("finance", 380)]));
        assert_eq!(list.on(day("2026-07-01")), prices([("finance", 400)]));
        let ended = PriceList::new(vec![price("finance", 380, "2026-01-01", "2026-06-30")]);
        assert_eq!((ended.on(day("2025-12-31")), ended.on(day("2026-07-01"))), (prices([]), prices([])));
    }

    #[test]
    fn prices_set_on_a_day_are_valid_from_it_on_and_the_days_before_keep_theirs() {
        let mut list = PriceList::default();
        list.set_from(day("2026-01-10"), prices([("finance", 380), ("partner", 300)]));
        assert_eq!(list.0, [price("finance", 380, "", ""), price("partner", 300, "", "")], "the first, since ever");
        list.set_from(day("2026-07-01"), prices([("finance", 400), ("preferential", 361)]));
        assert_eq!(
            list.0,
            [
                price("finance", 380, "", "2026-06-30"),
                price("finance", 400, "2026-07-01", ""),
                price("partner", 300, "", "2026-06-30"),
                price("preferential", 361, "", ""),
            ]
        );
        let unchanged = list.clone();
        list.set_from(day("2026-08-01"), prices([("finance", 400), ("preferential", 361)]));
        assert_eq!(list, unchanged, "what goes on is not cut in two");
        list.set_from(day("2026-07-01"), prices([("finance", 410), ("preferential", 361), ("partner", 310)]));
        assert_eq!(list.on(day("2026-06-30")), prices([("finance", 380), ("partner", 300), ("preferential", 361)]));
        assert_eq!(list.on(day("2026-07-01")), prices([("finance", 410), ("partner", 310), ("preferential", 361)]));
    }

    #[test]
    fn the_fields_that_are_named_say_what_becomes_of_the_prices() {
        let list = PriceList::new(vec![price("finance", 380, "", "")]);
        let of_the_day = pb::Item { prices: [("finance".to_owned(), "380".to_owned())].into(), ..pb::Item::default() };
        let with_list = pb::Item { price_list: list.to_proto(), ..of_the_day.clone() };
        let (nothing, none) = (pb::Item::default(), PriceList::default());
        let table: [(&pb::Item, &[Field], &PriceList, Change); 9] = [
            (&of_the_day, &[Field::Prices], &none, Change::FromToday),
            (&nothing, &[Field::Prices], &none, Change::None),
            (&nothing, &[Field::Prices], &list, Change::FromToday),
            (&nothing, &[Field::PriceList], &list, Change::List),
            (&with_list, &[Field::PriceList], &none, Change::List),
            (&with_list, &Field::ALL, &list, Change::List),
            (&of_the_day, &Field::ALL, &list, Change::FromToday),
            (&nothing, &Field::ALL, &none, Change::None),
            (&with_list, &[Field::Unit], &list, Change::None),
        ];
        for (asked, fields, list, change) in table {
            assert_eq!(Change::of(asked, fields, list), change, "{asked:?} {fields:?}");
        }
    }
}
