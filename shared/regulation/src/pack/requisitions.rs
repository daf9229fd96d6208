//! How parts and consumables are drawn from the stores.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, RuleId};
use crate::expression::Condition;

/// A kind of requisition: a form that is filled in, supported by a paper, signed, and then issued against.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requisition {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The form that it fills.
    pub form: Id,
    /// The roles that fill it in.
    pub filled_by: Vec<Id>,
    /// The papers of which one must be attached; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached: Option<Attached>,
    /// The signatures without which nothing is issued, each of another person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
    /// Who issues against it.
    pub issue: RequisitionIssue,
    /// What must come back for what was issued; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Replaced>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// The papers that support a requisition.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Records of the work order, of which one is needed.
    pub any_of: Vec<Id>,
}

/// A signature under a requisition.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles, of which one signs.
    pub by: Vec<Id>,
}

/// The issue against a requisition: never more than it states.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequisitionIssue {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles that issue.
    pub by: Vec<Id>,
}

/// The parts that were taken out and must come back, one for each piece issued. Until when, a limit says of which the
/// requisition is the subject, from `supported` to `replaced_returned`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replaced {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// For which items; absent: for every item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
}
