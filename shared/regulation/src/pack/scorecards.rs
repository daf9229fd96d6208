//! Who rates whom, by what; what is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, Number, Rounding, RuleId};
use crate::{
    calendar::{Amount, Period},
    refusal::Text,
};

/// A scorecard.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The role that is rated.
    pub of: Id,
    /// The roles that rate.
    pub by: Vec<Id>,
    /// The period that is rated; absent: each service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// What is rated.
    pub indicators: Entries<Indicator>,
    /// The marks that may be given.
    #[serde(default)]
    pub marks: Marks,
    /// How the marks make the result.
    #[serde(default)]
    pub result: ScoreResult,
    /// How the result is rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// The roles to which the result is reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reported_to: Vec<Id>,
}

/// What is rated.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its weight in per cent, for a weighted result; the weights of a scorecard are exactly 100 together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Number>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// The marks that may be given, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Marks {
    /// The lowest.
    pub min: Number,
    /// The highest.
    pub max: Number,
}

impl Default for Marks {
    fn default() -> Self {
        Self { min: Number(0.into()), max: Number(100.into()) }
    }
}

/// How marks make a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreResult {
    /// Their plain mean.
    #[default]
    Mean,
    /// The sum of each mark times its weight in per cent.
    Weighted,
}

/// What is kept, and which copies are made.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// What is kept for how long.
    #[serde(default)]
    pub kept: Entries<Retained>,
    /// Which copies are made.
    #[serde(default)]
    pub copies: Entries<Copies>,
}

/// Something that is kept.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retained {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// How long; absent when the regulation states no term: then nothing is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Amount>,
    /// The procedure of the organisation that governs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
}

/// Copies that are made of records.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Copies {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The records of which copies are made.
    pub of: Vec<Id>,
    /// Where each copy goes, by the record that proves it.
    pub to: Entries<Text>,
}
