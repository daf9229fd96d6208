//! Who may borrow what, and how it is brought back to zero.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, RuleId};
use crate::expression::Condition;

/// The lending of parts and tools.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loans {
    /// What a loan slip may be for.
    pub purposes: Entries<Purpose>,
    /// Who brings a slip to zero, on what evidence.
    pub zeroing: Entries<Zeroing>,
    /// The inspection of what was handed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection: Option<Inspection>,
    /// The buying of parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase: Option<Purchase>,
}

/// What a loan slip is for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Who fills the slip.
    pub filled_by: Vec<Id>,
    /// Who collects the items; empty: whoever is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collected_by: Vec<Id>,
    /// Which items it may have; absent: every item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Whether the items are shipped and the shipment is tracked.
    #[serde(default)]
    pub tracked: bool,
    /// The record of the slip's copy that must be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<Id>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// Who brings a slip to zero.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zeroing {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The purposes of the slips.
    pub purposes: Vec<Id>,
    /// The roles that may do it.
    pub by: Vec<Id>,
    /// On what evidence.
    pub after: Evidence,
}

/// The evidence on which a slip is brought to zero: `inspection`, or `routine:<id>` that listed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Evidence {
    /// The certificate of the inspection of what was handed in.
    Inspection,
    /// The report of a routine that lists the slip.
    Routine(Id),
}

impl TryFrom<String> for Evidence {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match (text.as_str(), text.strip_prefix("routine:")) {
            ("inspection", _) => Ok(Self::Inspection),
            (_, Some(id)) => Ok(Self::Routine(id.to_owned())),
            (_, None) => Err(format!("unknown evidence `{text}`; write `inspection` or `routine:<id>`")),
        }
    }
}

impl From<Evidence> for String {
    fn from(evidence: Evidence) -> Self {
        evidence.to_string()
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inspection => f.write_str("inspection"),
            Self::Routine(id) => write!(f, "routine:{id}"),
        }
    }
}

impl JsonSchema for Evidence {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Evidence".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "`inspection`, or `routine:<id>`.",
            "type": "string",
            "pattern": "^(inspection|routine:[a-z0-9_]+)$",
        })
    }
}

/// The inspection of what was handed in.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles that inspect and certify.
    pub by: Vec<Id>,
    /// The sub-stock to which a result sends the items, by result.
    pub results: Entries<String>,
}

/// The buying of parts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles that may apply for it.
    pub proposed_by: Vec<Id>,
    /// The roles that buy.
    pub bought_by: Vec<Id>,
    /// The roles that keep what was bought.
    pub kept_by: Vec<Id>,
}
