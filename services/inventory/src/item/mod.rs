//! Items: parts, tools and keys.

use callout_casework::{
    ids::{Id as _, ItemId},
    money,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::etag;
use callout_kit::{Text, Violations, parse};
use callout_regulation::pack::Pack;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub mod commands;
mod price_list;
mod prices;
mod rpc;
pub mod store;

use price_list::PriceList;

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
    /// What it costs; rows of their own.
    #[serde(skip)]
    pub prices: PriceList,
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
    /// `prices`, those of the day, all of them together.
    Prices,
    /// `price_list`, all of it.
    PriceList,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 6] =
        [Self::Code, Self::DisplayName, Self::Category, Self::Unit, Self::Prices, Self::PriceList];

    /// The path in a field mask.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::DisplayName => "display_name",
            Self::Category => "category",
            Self::Unit => "unit",
            Self::Prices => "prices",
            Self::PriceList => "price_list",
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
            prices: PriceList::default(),
            created_at: now,
        }
    }

    /// Takes a field over from `asked`, or adds a violation. `pack` has the words for categories; without one none can be
    /// set. Prices are not taken one field at a time ([`PriceList::change`]).
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
            Field::Prices | Field::PriceList => {}
        }
    }

    /// The item as the contract has it, with the prices of a day.
    #[must_use]
    pub fn to_proto(&self, organization: &str, day: Date) -> pb::Item {
        pb::Item {
            name: self.id.name(organization),
            code: self.code.clone(),
            display_name: self.display_name.clone(),
            category: self.category.clone().unwrap_or_default(),
            unit: self.unit.clone(),
            prices: self.prices.on(day).into_iter().map(|(kind, price)| (kind, money::plain(price))).collect(),
            price_list: self.prices.to_proto(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
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
