//! Agreements with a contractor: how each of their periods is scored, what is paid for it, and when they end early.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, FallsDue, Id, Number, Rounding, RuleId};
use crate::{
    calendar::{Amount, Period, Unit},
    vocabulary::Trigger,
};

/// A kind of agreement with a contractor: he is paid a yearly fee in periods, each by its score and less what is deducted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The roles that make such agreements and end them.
    pub by: Vec<Id>,
    /// How long one runs from its first day: months or years, whole periods.
    pub term: Amount,
    /// The period that is scored and paid for: a month, a quarter, half a year or a year. Its share of the yearly fee is
    /// the share that its months have of the year.
    pub period: Period,
    /// How each amount is rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// How the contractor may have been chosen; empty: the regulation does not say.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub selections: Entries<Selection>,
    /// How many machines a person of the contractor may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<Workload>,
    /// How a period is scored.
    pub score: PeriodScore,
    /// What share of the fee is paid by the score.
    pub tiers: PaymentTiers,
    /// What may happen under the agreement that counts when it is settled or ended.
    #[serde(default)]
    pub incidents: Entries<IncidentKind>,
    /// What is deducted. Deductions are added up; the payment is never below 0.
    #[serde(default)]
    pub deductions: Entries<Deduction>,
    /// When the agreement ends, or may be ended, before its term. Each counts within one agreement.
    #[serde(default)]
    pub terminations: Entries<Termination>,
    /// Who signs after the score, in this order; the last signature settles the period.
    pub signoffs: Entries<Signoff>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

impl Settlement {
    /// The months of its term; none for a term in another unit, which the check refuses.
    #[must_use]
    pub fn term_months(&self) -> Option<u32> {
        let count = self.term.count();
        match self.term.unit() {
            Unit::Month => Some(count),
            Unit::Year => Some(count * 12),
            Unit::Minute | Unit::Hour | Unit::WorkingMinute | Unit::WorkingHour | Unit::Day | Unit::WorkingDay => None,
        }
    }
}

/// A way in which a contractor is chosen.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// How many machines a person of the contractor may have on average; more need a reason on record.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The most machines a person.
    pub machines_per_person: Number,
}

/// How a period is scored: the points of its components, added up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodScore {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The roles that score.
    pub by: Vec<Id>,
    /// By when.
    pub due: FallsDue,
    /// The most that all components give together.
    pub max: Number,
    /// What points are given for.
    pub components: Entries<Component>,
}

/// What points are given for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// The most points; absent: the regulation sets none, and the sum alone is bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// What share of the fee is paid by the score.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentTiers {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// From the highest to the one for 0 points and more.
    pub steps: Vec<PaymentTier>,
}

/// A step of the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentTier {
    /// The least score, included.
    pub min: Number,
    /// The share of the fee that is paid: `0.95`.
    pub pay: Number,
}

/// Something that may happen under an agreement.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentKind {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The roles that enter it.
    pub by: Vec<Id>,
    /// The limits whose breach is one by itself, about a machine of the agreement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<Trigger>,
    /// What must be said of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<IncidentDetail>,
    /// It is pointed out with a day by which to rectify it, and counts from that day's end on if it was not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rectifiable: bool,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// What may have to be said of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentDetail {
    /// The machine.
    Product,
    /// The cause.
    Cause,
    /// What it cost.
    Cost,
    /// The case or the work order that it comes from.
    Subject,
    /// What happened, in words.
    Note,
}

impl IncidentDetail {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Cause => "cause",
            Self::Cost => "cost",
            Self::Subject => "subject",
            Self::Note => "note",
        }
    }
}

/// What is deducted for incidents.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deduction {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The incidents that it is for.
    pub on: Vec<Id>,
    /// How they are counted.
    #[serde(default)]
    pub counted: Counted,
    /// What a share is of: always the full fee, never what the score leaves of it.
    #[serde(default)]
    pub of: FeeBase,
    /// By the count reached; the highest step alone counts.
    pub steps: Vec<DeductionStep>,
    /// The share of the incidents' cost that the contractor bears besides; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passes_on: Option<Number>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// How incidents are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Those of the period together; one deduction.
    #[default]
    Period,
    /// Each by itself; as many deductions.
    Each,
    /// In series: those of the same machine that follow one another with the same cause, from whatever period of the
    /// agreement on; another cause in between begins a new series. One deduction for each series that goes on in the period.
    Series,
}

/// What a share of the fee is taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeeBase {
    /// The fee of the period.
    #[default]
    Period,
    /// The fee of three months.
    Quarter,
    /// The yearly fee.
    Year,
}

/// A step of a deduction: a share of the fee, or a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeductionStep {
    /// From this count on.
    #[serde(default = "once")]
    pub min: u32,
    /// The share of the fee: `0.02`. Either this or `sum`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Number>,
    /// The sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<Number>,
}

const fn once() -> u32 {
    1
}

/// A ground on which an agreement ends, or may be ended, before its term: by scores, or by incidents.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Termination {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// What follows from it.
    pub effect: TerminationEffect,
    /// Scores that are too low. Either this or `incidents`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<LowScores>,
    /// Incidents that are too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incidents: Option<TooMany>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// What follows from a ground of termination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TerminationEffect {
    /// The agreement has ended with it.
    AtOnce,
    /// It must be ended.
    Mandatory,
    /// It may be ended.
    Optional,
}

/// Periods with a score below a value: so many one after the other, or so many in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LowScores {
    /// The score that is not low any more.
    pub below: Number,
    /// So many periods one after the other. Either this or `total`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consecutive: Option<u32>,
    /// So many periods of the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
}

/// So many incidents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TooMany {
    /// Of these kinds together.
    pub of: Vec<Id>,
    /// From this count on.
    #[serde(default = "once")]
    pub min: u32,
    /// Within one period; false: within the agreement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_period: bool,
}

/// A signature under a score.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signoff {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles that sign.
    pub by: Vec<Id>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}
