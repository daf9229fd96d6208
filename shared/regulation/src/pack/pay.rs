//! What follows from a result in money: shares of the performance pay, the income of a year; and cards.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Covers, Entries, Id, Number, Rounding, RuleId};
use crate::{expression::Formula, refusal::Text};

/// Pay that goes by grades: the standard of the year, times the share, times the ratio of the grade.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PerformancePay {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// Who gets it, by his appointment on the last day of the period; absent: everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Covers>,
    /// The roles that compute it and pay it out.
    pub by: Vec<Id>,
    /// The standard of a whole year.
    pub standard: Formula,
    /// The ratio of each grade.
    pub ratios: Ratios,
    /// The shares into which a year's pay is split.
    pub shares: Entries<Share>,
    /// How an amount is rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// The income of a year; absent: it is not made up here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income: Option<Income>,
}

/// Ratios in per cent by grade, as they are valid on the first day of the year: a change never touches a year that has
/// begun.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ratios {
    /// The rule that they come from.
    pub rule: RuleId,
    /// The table in which the organisation keeps them, with grades as its columns.
    pub table: Id,
    /// Those that the regulation sets itself.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub fixed: Entries<FixedRatio>,
}

/// The ratio of a grade that the regulation sets.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedRatio {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Per cent.
    pub ratio: Number,
}

/// A share of a year's pay, paid for each period of a scorecard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The scorecard whose grade it goes by.
    pub scorecard: Id,
    /// Per cent of the year's pay, for one period; all shares of a year are exactly 100 together.
    pub percent: Number,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// What a person earns in a year: the shares of the performance pay, and these parts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Income {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The parts beside the performance pay.
    pub parts: Entries<IncomePart>,
}

/// A part of the income of a year.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncomePart {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The table whose values the amount reads, as they are valid on the last day of the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Id>,
    /// How much.
    pub amount: Formula,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// Cards that a person is shown for his conduct.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cards {
    /// The rule that they come from.
    pub rule: RuleId,
    /// The roles that enter them.
    pub by: Vec<Id>,
    /// Their colours.
    pub kinds: Entries<Text>,
    /// What a card must say.
    pub needs: Vec<CardPart>,
}

/// What a card says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardPart {
    /// Why it was shown.
    Reason,
    /// Who showed it.
    Issuer,
}
