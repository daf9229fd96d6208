//! Items: parts, tools and keys.

use std::collections::BTreeMap;

use callout_casework::{
    ids::{Id as _, ItemId},
    money,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::etag;
use callout_kit::{Text, Violations, parse};
use callout_regulation::pack::Pack;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub mod commands;
mod prices;
mod rpc;
pub mod store;

/// Characters of a name that people read, at most.
const LONGEST_NAME: usize = 200;

/// Something that is kept in stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The organisation's code, unique.
    pub code: String,
    /// What people call it.
    pub display_name: String,
    /// A category of the pack.
    pub category: Option<String>,
    /// Unit of its quantities.
    pub unit: String,
    /// Prices by the pack's kinds of price.
    pub prices: BTreeMap<String, Decimal>,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// A field that a caller sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `code`.
    Code,
    /// `display_name`.
    DisplayName,
    /// `category`.
    Category,
    /// `unit`.
    Unit,
    /// `prices`, all of them together.
    Prices,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 5] = [Self::Code, Self::DisplayName, Self::Category, Self::Unit, Self::Prices];

    /// The path in a field mask.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::DisplayName => "display_name",
            Self::Category => "category",
            Self::Unit => "unit",
            Self::Prices => "prices",
        }
    }
}

impl Item {
    /// An item of which nothing is known yet.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            id: ItemId::new(now),
            version: 1,
            code: String::new(),
            display_name: String::new(),
            category: None,
            unit: String::new(),
            prices: BTreeMap::new(),
            created_at: now,
        }
    }

    /// Takes a field over from `asked`, or adds a violation. `pack` has the words for categories and prices; without
    /// one neither can be set.
    pub fn set(&mut self, field: Field, asked: &pb::Item, pack: Option<&Pack>, violations: &mut Violations) {
        match field {
            Field::Code => {
                if let Some(code) = violations.require_text("item.code", asked.code.trim().to_owned()) {
                    violations.take("item.code", name(code.clone()));
                    self.code = code;
                }
            }
            Field::DisplayName => {
                if let Some(display_name) = violations.take("item.display_name", name(asked.display_name.clone())) {
                    self.display_name = display_name;
                }
            }
            Field::Category => {
                self.category = Some(asked.category.clone()).filter(|category| !category.is_empty());
                if let (Some(category), Some(pack)) = (&self.category, pack)
                    && !pack.item_categories.contains_key(category)
                {
                    violations.add("item.category", one_of(pack.item_categories.keys()));
                }
            }
            Field::Unit => {
                let unit = if asked.unit.trim().is_empty() { "piece" } else { asked.unit.trim() };
                if let Some(unit) = violations.take("item.unit", name(unit.to_owned())) {
                    self.unit = unit;
                }
            }
            Field::Prices => self.prices = decoded_prices(asked, pack, violations),
        }
    }

    /// The item as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Item {
        pb::Item {
            name: self.id.name(organization),
            code: self.code.clone(),
            display_name: self.display_name.clone(),
            category: self.category.clone().unwrap_or_default(),
            unit: self.unit.clone(),
            prices: self.prices.iter().map(|(kind, price)| (kind.clone(), money::plain(*price))).collect(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

fn decoded_prices(asked: &pb::Item, pack: Option<&Pack>, violations: &mut Violations) -> BTreeMap<String, Decimal> {
    let mut prices = BTreeMap::new();
    for (kind, price) in &asked.prices {
        let field = format!("item.prices.{kind}");
        if let Some(pack) = pack
            && !pack.prices.contains_key(kind)
        {
            violations.add(field.as_str(), one_of(pack.prices.keys()));
        }
        if let Some(price) = violations.take(field, parse::amount(price)) {
            prices.insert(kind.clone(), price);
        }
    }
    prices
}

/// A short text that people read.
pub(crate) fn name(text: String) -> Result<String, Text> {
    if text.chars().count() > LONGEST_NAME {
        return Err(Text::new(
            format!("must have {LONGEST_NAME} characters at most"),
            format!("最多 {LONGEST_NAME} 个字符"),
        ));
    }
    Ok(text)
}

fn one_of<'a>(words: impl Iterator<Item = &'a String>) -> Text {
    let words: Vec<&str> = words.map(String::as_str).collect();
    let words = words.join(", ");
    Text::new(format!("must be one of: {words}"), format!("必须是以下之一：{words}"))
}
