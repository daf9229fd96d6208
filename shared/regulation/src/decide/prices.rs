//! What the organisation keeps for its quotes, with validity dates.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

/// A revision of a tariff table of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TariffTable {
    /// The table, of the pack's `tables`.
    pub table: String,
    /// Its values by column, in the currency of the pack.
    pub values: BTreeMap<String, Decimal>,
    /// The first day on which it is valid.
    pub valid_from: Date,
    /// The last day on which it is valid; absent: until the next revision.
    pub valid_until: Option<Date>,
}

/// A price of a part that the organisation keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartPrice {
    /// The part.
    pub item: String,
    /// The kind of price, of the pack's `prices`.
    pub kind: String,
    /// The price of one piece, in the currency of the pack.
    pub amount: Decimal,
    /// The first day on which it is valid.
    pub valid_from: Date,
    /// The last day on which it is valid; absent: until the next one.
    pub valid_until: Option<Date>,
}

/// The revision of a table that is valid on a day: of several, the one that began last.
pub(super) fn table_on<'a>(tables: &'a [TariffTable], table: &str, day: Date) -> Option<&'a TariffTable> {
    tables
        .iter()
        .filter(|it| it.table == table && is_valid(it.valid_from, it.valid_until, day))
        .max_by_key(|it| it.valid_from)
}

/// The prices of a part that are valid on a day, by kind.
pub(super) fn prices_on<'a>(prices: &'a [PartPrice], item: &str, day: Date) -> BTreeMap<&'a str, Decimal> {
    let mut valid =
        prices.iter().filter(|it| it.item == item && is_valid(it.valid_from, it.valid_until, day)).collect::<Vec<_>>();
    valid.sort_by_key(|it| it.valid_from);
    valid.into_iter().map(|it| (it.kind.as_str(), it.amount)).collect()
}

fn is_valid(from: Date, until: Option<Date>, day: Date) -> bool {
    from <= day && until.is_none_or(|until| day <= until)
}
