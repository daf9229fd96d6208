//! What a request says of a loss.

use std::collections::BTreeSet;

use callout_contract::evaluation::v1 as pb;
use callout_kit::{Error, Text, Violations, parse};
use callout_regulation::Portion;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::decode;

/// What a loss is assessed from, but for its shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// The day of the judgement.
    pub judged_on: Date,
    /// What the goods are worth at their full price.
    pub full_value: Option<Decimal>,
    /// When they were resold.
    pub resold_on: Option<Date>,
    /// For how much.
    pub proceeds: Option<Decimal>,
    /// What was actually lost.
    pub actual: Option<Decimal>,
    /// The department that is liable.
    pub department: String,
    /// The unit that is charged.
    pub unit: String,
    /// The base points of all who are charged.
    pub total_points: Option<Decimal>,
}

impl Stated {
    /// Reads a request, with the portions.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that is wrong.
    pub fn decode(asked: &pb::Loss) -> Result<(Self, Vec<Portion>), Error> {
        let mut violations = Violations::default();
        let amount = |text: &str| if text.is_empty() { Ok(None) } else { parse::amount(text).map(Some) };
        let day = |text: &str| if text.is_empty() { Ok(None) } else { parse::date(text).map(Some) };
        let judged_on = violations.take("loss.judged_on", parse::date(&asked.judged_on));
        let resold_on = violations.take("loss.resold_on", day(&asked.resold_on)).flatten();
        let mut optional = |field: &str, text: &str| violations.take(field, amount(text)).flatten();
        let full_value = optional("loss.full_value", &asked.full_value);
        let proceeds = optional("loss.proceeds", &asked.proceeds);
        let actual = optional("loss.actual_loss", &asked.actual_loss);
        let total_points = optional("loss.total_points", &asked.total_points);
        let mut seen = BTreeSet::new();
        let mut portions = Vec::new();
        for (index, share) in asked.shares.iter().enumerate() {
            let field = |name: &str| format!("loss.shares[{index}].{name}");
            violations.at_most(field("person"), &share.person, decode::LONGEST_PERSON);
            if !seen.insert(share.person.as_str()) {
                violations.add(field("person"), Text::new("has a share already", "已有分摊"));
            }
            let percent = violations.take(field("percent"), amount(&share.percent)).flatten();
            let points = violations.take(field("base_points"), amount(&share.base_points)).flatten();
            portions.push(Portion { person: share.person.clone(), percent, points });
        }
        let (Some(judged_on), true) = (judged_on, violations.is_empty()) else { return Err(violations.into_error()) };
        let (department, unit) = (asked.department.clone(), asked.unit.clone());
        let stated = Self { judged_on, full_value, resold_on, proceeds, actual, department, unit, total_points };
        Ok((stated, portions))
    }
}
