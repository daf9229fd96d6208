//! Of how many it must be so, in each period: answered in time, studied, settled.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, Number, RuleId};
use crate::{
    calendar::Period,
    expression::Condition,
    vocabulary::{Moment, Subject},
};

/// The share of the subjects of a period of which something is so. In percent, rounded half up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// What is counted.
    pub of: Subject,
    /// Which of them count; absent: all. One of which that is not known does not count yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// What must have happened for it to count, the first time of which says in which period.
    pub counted: Moment,
    /// The period.
    pub period: Period,
    /// The limit that must have been met in time. Either this or `holds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_time: Option<Id>,
    /// What must hold. While that is not known, it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Condition>,
    /// The percentage to reach.
    pub target: Number,
    /// Decimal places of the percentage.
    #[serde(default = "hundredths")]
    #[schemars(range(max = 6))]
    pub places: u32,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

const fn hundredths() -> u32 {
    2
}
