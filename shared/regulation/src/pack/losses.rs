//! What a case cost, who bears it, and how it is taken from a bonus.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, Number, Rounding, RuleId, Signature};
use crate::{calendar::Amount, expression::Formula};

/// A kind of loss: how much it is, how it is divided among those who are liable, and who approves that.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The roles that assess it.
    pub by: Vec<Id>,
    /// The time in which the goods may be resold; absent: the loss is what it actually was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resale: Option<Resale>,
    /// How it is divided.
    pub division: Division,
    /// Who is charged, by department; absent: whoever has a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liable: Option<Liable>,
    /// Who approves it; before that nothing is deducted.
    pub approval: Signature,
    /// How a share is rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// The time in which goods may be resold after the judgement. What is sold within it sets the loss; otherwise it is what
/// it actually was.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resale {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// How long, from the day of the judgement to the end of the last day.
    pub within: Amount,
    /// The loss of goods that were sold within it, from `loss.full_value` and `loss.proceeds`.
    pub sold: Formula,
}

/// How a loss is divided.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Division {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// By what.
    pub by: DividedBy,
}

/// By what a loss is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DividedBy {
    /// By the gravity of each fault in per cent, exactly 100 together; one alone bears it all.
    Percent,
    /// By base points: the loss, divided by all of those who are charged, times a person's own.
    BasePoints,
}

/// Who is charged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Liable {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The departments that may be liable, each with the units that may be charged in it, the nearest to the fault first.
    pub departments: IndexMap<Id, Vec<Id>>,
    /// The units.
    pub units: Entries<LiableUnit>,
}

/// A unit that may be charged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiableUnit {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// It owes the whole: the points of those who have a share are all there are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// What is taken from a bonus of a month for losses that were approved: up to a part of it, the rest in later months, each
/// time up to the same part.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BonusDeduction {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The losses that are taken from it.
    pub losses: Vec<Id>,
    /// The roles that deduct.
    pub by: Vec<Id>,
    /// How much of the bonus of a month at most, in per cent.
    pub at_most_percent: Number,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}
