//! How customers are asked what they think of each call.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, RuleId};
use crate::calendar::Amount;

/// A card that is sent to the customer of every call of a day, without sampling, and comes back with ratings of the person
/// who served him.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// The rule that asks for a card for every call.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The register of the calls of a day, from which the cards are written; absent: nobody sends one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<RegisterSent>,
    /// The roles that send the cards and enter what comes back.
    pub sent_by: Vec<Id>,
    /// What the customer rates.
    pub criteria: Entries<Criterion>,
    /// In how many degrees, of which 1 is the best. A criterion that he leaves out counts for nothing.
    #[schemars(range(min = 2))]
    pub degrees: u32,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// The register of the calls of a day, which is sent to whoever sends the cards.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterSent {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles that send it.
    pub by: Vec<Id>,
    /// How long after the day it is due, such as `1wd`.
    pub amount: Amount,
}

/// Something that the customer rates.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}
