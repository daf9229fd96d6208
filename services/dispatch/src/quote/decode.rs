//! What a quoter enters.

use std::collections::BTreeMap;

use callout_casework::ids::{Id as _, ItemId};
use callout_contract::dispatch::v1 as pb;
use callout_kit::{Caller, Error, Text, Violations, parse};
use rust_decimal::Decimal;

/// What a quote is asked for.
pub struct Asked {
    /// People who go.
    pub persons: Option<Decimal>,
    /// Days on site.
    pub days: Option<Decimal>,
    /// Parts to be replaced.
    pub parts: Vec<AskedPart>,
    /// Cost items that the quoter enters.
    pub items: BTreeMap<String, Decimal>,
    /// The total, where the tariff leaves it to the quoter.
    pub proposed_price: Option<Decimal>,
}

/// A part to be replaced.
pub struct AskedPart {
    /// Which, by its resource name.
    pub item: String,
    /// How many.
    pub quantity: Decimal,
    /// The price of one, where the tariff leaves it to the quoter.
    pub unit_price: Option<Decimal>,
    /// The party that supplies it; none for the organisation itself.
    pub supplied_by: Option<String>,
}

impl Asked {
    /// Reads the fields of a quote that the quoter fills.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong, [`Error::NotFound`] for another organisation's item.
    pub fn decode(caller: &Caller, quote: &pb::Quote) -> Result<Self, Error> {
        let mut violations = Violations::default();
        let persons = (quote.persons != 0).then(|| Decimal::from(quote.persons));
        if quote.persons < 0 {
            violations.add("quote.persons", Text::new("must not be negative", "不能为负数"));
        }
        let days = optional(&mut violations, "quote.days", &quote.days);
        let proposed_price = optional(&mut violations, "quote.proposed_price", &quote.proposed_price);
        let mut parts = Vec::new();
        for (index, part) in quote.parts.iter().enumerate() {
            let field = |name: &str| format!("quote.parts[{index}].{name}");
            match ItemId::of(caller, &field("item"), &part.item) {
                Ok(_) => {}
                Err(Error::Invalid(faults)) => {
                    for fault in faults {
                        violations.add(fault.field, fault.description);
                    }
                }
                Err(other) => return Err(other),
            }
            let quantity = violations.take(field("quantity"), parse::amount(&part.quantity).and_then(above_zero));
            let unit_price = optional(&mut violations, &field("unit_price"), &part.unit_price);
            if let Some(quantity) = quantity {
                parts.push(AskedPart {
                    item: part.item.clone(),
                    quantity,
                    unit_price,
                    supplied_by: Some(part.supplied_by.clone()).filter(|party| !party.is_empty()),
                });
            }
        }
        let items = items(&mut violations, "quote.items", &quote.items);
        violations.finish().map(|()| Self { persons, days, parts, items, proposed_price })
    }
}

/// Cost items by what they are for; each of them once.
pub fn items(violations: &mut Violations, field: &str, stated: &[pb::QuoteItem]) -> BTreeMap<String, Decimal> {
    let mut items = BTreeMap::new();
    for (index, stated) in stated.iter().enumerate() {
        if let Some(amount) = violations.take(format!("{field}[{index}].amount"), parse::amount(&stated.amount))
            && items.insert(stated.item.clone(), amount).is_some()
        {
            violations.add(format!("{field}[{index}].item"), Text::new("must be listed once", "不能重复"));
        }
    }
    items
}

fn optional(violations: &mut Violations, field: &str, number: &str) -> Option<Decimal> {
    if number.is_empty() { None } else { violations.take(field, parse::amount(number)) }
}

fn above_zero(number: Decimal) -> Result<Decimal, Text> {
    if number.is_zero() { Err(Text::new("must be above zero", "必须大于零")) } else { Ok(number) }
}
