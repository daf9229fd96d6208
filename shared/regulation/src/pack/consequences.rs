//! What may be found against a person, what follows from a breach, and which expenses need consent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, Number, RuleId};
use crate::{
    expression::{Condition, Formula},
    vocabulary::Trigger,
};

/// What may be found against a person.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The rule that it breaks.
    pub rule: RuleId,
    /// The roles that may make it.
    pub by: Vec<Id>,
    /// What must be on record with the case or the order that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Id>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// What follows from a breach: an amount that is computed, or one that a person sets within a band.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Consequence {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The breaches that it follows from.
    pub on: Vec<Trigger>,
    /// On whom it falls.
    pub against: Against,
    /// For each of what it falls due.
    pub per: Per,
    /// When money is due; absent: always. When it does not hold the breach is recorded with the amount 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The amount. This, `band` or `proposal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Formula>,
    /// The band in which a person sets the amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<Band>,
    /// The bounds, by circumstances, in which a person sets the amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
}

/// On whom a consequence falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Who answers for the limit, or against whom the finding was made.
    Responsible,
}

/// For each of what a consequence falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each time.
    Occasion,
    /// Each record that is found wanting.
    Record,
    /// Each day late; the amount is the one for all of them.
    Day,
}

/// A band of amounts, both ends included.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The least.
    pub min: Number,
    /// The most.
    pub max: Number,
    /// The roles that set the amount.
    pub set_by: Vec<Id>,
}

/// Bounds of an amount that are computed, both included.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The least.
    pub at_least: Formula,
    /// The most; absent: there is no such bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Formula>,
    /// The roles that set the amount.
    pub set_by: Vec<Id>,
}

/// A kind of expense that is accepted on a condition only.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpenseKind {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// What must have been on record before the money was spent.
    pub needs_before: Id,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}
