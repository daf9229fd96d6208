//! What a repair was.

use callout_casework::money;
use callout_contract::dispatch::v1 as pb;
use callout_kit::{Error, Text, Violations, parse};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Characters of the name of a part at most.
const LONGEST_PART: usize = 200;

/// What a repair was, as the card on the goods says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairDone {
    /// How many hours it took, above zero.
    pub hours: Decimal,
    /// What was exchanged.
    pub parts: Vec<Exchanged>,
}

/// A part that was exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchanged {
    /// Which.
    pub part: String,
    /// How many, above zero.
    pub quantity: Decimal,
}

impl RepairDone {
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with it.
    pub fn decode(stated: &pb::RepairDone) -> Result<Self, Error> {
        let mut violations = Violations::default();
        let hours = violations.take("repair.hours", parse::amount(&stated.hours).and_then(above_zero));
        let mut parts = Vec::new();
        for (index, exchanged) in stated.parts.iter().enumerate() {
            let field = |name: &str| format!("repair.parts[{index}].{name}");
            if exchanged.part.trim().is_empty() {
                violations.add(field("part"), Text::new("is required", "必填"));
            } else if exchanged.part.chars().count() > LONGEST_PART {
                violations.add(field("part"), Text::new("must have 200 characters at most", "最多 200 个字符"));
            }
            let quantity = parse::amount(&exchanged.quantity).and_then(above_zero);
            if let Some(quantity) = violations.take(field("quantity"), quantity) {
                parts.push(Exchanged { part: exchanged.part.clone(), quantity });
            }
        }
        match (hours, violations.is_empty()) {
            (Some(hours), true) => Ok(Self { hours, parts }),
            _ => Err(violations.into_error()),
        }
    }
}

impl Exchanged {
    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self) -> pb::ExchangedPart {
        pb::ExchangedPart { part: self.part.clone(), quantity: money::plain(self.quantity) }
    }
}

fn above_zero(number: Decimal) -> Result<Decimal, Text> {
    if number.is_zero() { Err(Text::new("must be above zero", "必须大于零")) } else { Ok(number) }
}
