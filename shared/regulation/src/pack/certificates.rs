//! What entitles somebody to a kind of work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RuleId;

/// A kind of certificate that a person may hold, from its first day of validity to its last.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Whether whoever holds it is entitled to the work on site and counts in `order.certified`; the proof of a training
    /// entitles to nothing.
    #[serde(default = "entitles", skip_serializing_if = "Clone::clone")]
    pub entitles: bool,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

const fn entitles() -> bool {
    true
}
