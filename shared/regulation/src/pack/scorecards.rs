//! How well the work of a person was done in a period: indicators, blocks, scales, grades.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, Number, Pack, Rounding, RuleId};
use crate::{
    calendar::{DayOfMonth, Period},
    expression::{Condition, Formula},
    refusal::Text,
};

/// A scorecard. What it rates is listed in `indicators`, or in `blocks` of them, or it is `made_of` the results of another
/// scorecard; one of the three.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The role that is rated.
    pub of: Id,
    /// The roles that rate.
    pub by: Vec<Id>,
    /// The period that is rated; absent: each service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Whom it covers, by his appointment on the last day of the period; absent: everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Covers>,
    /// What must have been agreed with the person for the period; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goals: Option<Goals>,
    /// What is rated.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub indicators: Entries<Indicator>,
    /// The organisation's weights of `indicators`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
    /// What is rated, in blocks with a weight each.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub blocks: Entries<Block>,
    /// The results of another scorecard that this one is the mean of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_of: Option<MadeOf>,
    /// The marks that may be given, and the bounds of a score that is computed.
    #[serde(default)]
    pub marks: Marks,
    /// How the scores of `indicators` make the result.
    #[serde(default)]
    pub result: ScoreResult,
    /// What holds of an indicator that has no score.
    #[serde(default)]
    pub missing: Missing,
    /// How the result is rounded; nothing is rounded before it.
    #[serde(default)]
    pub rounding: Rounding,
    /// The result on further scales. Of one that is made of another scorecard, absent: that one's.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub scales: Entries<Scale>,
    /// The grade that the result reaches. Of one that is made of another scorecard, absent: that one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grades: Option<Grades>,
    /// What takes the result away; any one of them does.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub cancelled: Entries<Cancellation>,
    /// When its figures are collected, and by whom; absent: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<Collection>,
    /// The roles to which the result is reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reported_to: Vec<Id>,
}

/// Whom something covers.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// What must hold of the person.
    pub when: Condition,
    /// Whom it covers, in English.
    pub en: String,
    /// Whom it covers, in Chinese.
    pub zh: String,
}

/// What must have been agreed with a person before a period of his can be scored.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Goals {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles that agree them with the person.
    pub by: Vec<Id>,
    /// What a goal sheet must say.
    pub needs: Vec<GoalPart>,
}

/// A part of a goal sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoalPart {
    /// What is to be reached.
    Goals,
    /// How it is to be reached.
    Plan,
    /// What the service should effect.
    Effect,
    /// What it may cost.
    Budget,
}

impl GoalPart {
    /// The word as packs write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Goals => "goals",
            Self::Plan => "plan",
            Self::Effect => "effect",
            Self::Budget => "budget",
        }
    }
}

/// Indicators that are weighed together.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// Its weight in per cent; the weights of the blocks are exactly 100 together.
    pub weight: Number,
    /// Whom it is for; absent: everybody. For others it is left out and the weights of the rest are raised in proportion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Covers>,
    /// What is rated.
    pub indicators: Entries<Indicator>,
    /// How the scores make the value of the block.
    #[serde(default)]
    pub result: ScoreResult,
    /// The organisation's weights of its indicators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// Weights in per cent that the organisation sets: exactly 100 together. They hold for the periods that begin while they
/// are valid, so that a change never touches a period that has begun.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The table that holds them, with the indicators as its columns.
    pub table: Id,
    /// Nothing is scored without them; else `result` holds while there are none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// What is rated: by a mark that somebody gives, or by a formula over figures that were counted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// The rule that it comes from; absent: that of the block or scorecard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// Its weight in per cent, for a weighted result; the weights are exactly 100 together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Number>,
    /// What is counted for it in each collection, as `figure.<id>`; the sum over the period is what counts.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub figures: Entries<Text>,
    /// How its score is computed, within the bounds of `marks`; absent: a mark is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Formula>,
    /// When there is nothing to compute it from, such as a number of zero that it would be divided by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_data: Option<Condition>,
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

/// How scores make a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreResult {
    /// Their plain mean.
    #[default]
    Mean,
    /// The sum of each score times its weight in per cent.
    Weighted,
}

/// What holds of an indicator that has no score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Nothing can be scored without it.
    #[default]
    Refused,
    /// It is left out and the weights of the rest are raised in proportion.
    Renormalised,
}

/// The mean of the results that a person has on another scorecard in the period of this one.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MadeOf {
    /// The other scorecard, of a shorter period.
    pub scorecard: Id,
}

/// The result on another scale.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// How it follows from `score.total`, and from the blocks as `score.<block>`.
    pub value: Formula,
    /// How it is rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// The grades that a result may reach.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grades {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that they keep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The scale by which they go; absent: the result itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
    /// From the best to the worst; the first whose threshold is reached.
    pub ladder: Vec<Grade>,
}

/// A grade.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// The id of the grade.
    pub id: Id,
    /// The lowest value that reaches it; absent in the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Number>,
    /// Whether the period counts as failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// What takes a result away.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// When it does: how many of the results that it is made of failed, how many cards the person got in its period.
    pub when: Condition,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// The days on which the figures of a period are collected.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The first day of the month on which they are.
    pub from_day: DayOfMonth,
    /// The last one; in a shorter month its last day.
    pub to_day: DayOfMonth,
    /// The roles that collect them.
    pub by: Vec<Id>,
    /// The roles that approve figures which were entered on another day; without it they do not count.
    pub approved_by: Vec<Id>,
    /// Who looks through the figures of every month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// A review of figures that must have been held when a result is put on record as reviewed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles that review.
    pub by: Vec<Id>,
}

impl Scorecard {
    /// Its indicators, each with the block that it belongs to, in the order of the pack.
    pub fn each_indicator(&self) -> impl Iterator<Item = (Option<&str>, &str, &Indicator)> {
        let alone = self.indicators.iter().map(|(id, indicator)| (None, id.as_str(), indicator));
        let of_blocks = self.blocks.iter().flat_map(|(block, it)| {
            it.indicators.iter().map(move |(id, indicator)| (Some(block.as_str()), id.as_str(), indicator))
        });
        alone.chain(of_blocks)
    }
}

impl Pack {
    /// The further scales of a scorecard: its own, else those of the one that it is made of.
    #[must_use]
    pub fn scales_of<'a>(&'a self, scorecard: &'a Scorecard) -> &'a Entries<Scale> {
        match self.part_of(scorecard) {
            Some(part) if scorecard.scales.is_empty() => &part.scales,
            Some(_) | None => &scorecard.scales,
        }
    }

    /// The grades of a scorecard: its own, else those of the one that it is made of.
    #[must_use]
    pub fn grades_of<'a>(&'a self, scorecard: &'a Scorecard) -> Option<&'a Grades> {
        scorecard.grades.as_ref().or_else(|| self.part_of(scorecard)?.grades.as_ref())
    }

    fn part_of(&self, scorecard: &Scorecard) -> Option<&Scorecard> {
        self.scorecards.get(&scorecard.made_of.as_ref()?.scorecard)
    }
}
