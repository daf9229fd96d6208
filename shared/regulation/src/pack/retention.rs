//! What is kept, and which copies are made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Binding, Entries, Id, RuleId};
use crate::{calendar::Amount, refusal::Text};

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
    /// The number of the organisation, one of `settings`, that says for how many months, where the regulation leaves that
    /// to it. Not with `term`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_set: Option<Id>,
    /// How it is bound into volumes; absent when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Binding>,
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
