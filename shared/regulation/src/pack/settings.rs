//! What a regulation leaves to the organisation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RuleId;

/// A number that the regulation needs and does not state: a threshold, a rate. The organisation sets it, for a time;
/// expressions read it as `setting.<id>`. A decision that needs one that is not set is refused, and says which.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The rule that leaves it to the organisation.
    pub rule: RuleId,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}
