//! Reports of work: what people did on a day, by class and time, and what their leaders add up from that.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, RuleId};

/// A class of work.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkClass {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// A report of the work of a day. One that adds others up has no entries of its own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkReport {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The roles that make it.
    pub by: Vec<Id>,
    /// The roles that it is sent to.
    pub to: Vec<Id>,
    /// The report that it adds up, of everybody in its unit; absent: it says what its author did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adds_up: Option<Id>,
    /// The signature without which that of a branch is not sent; absent: none is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// A signature under a report.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles of which somebody signs.
    pub by: Vec<Id>,
    /// Whether it is needed in branches only, and not at the centre.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_branches: bool,
}
