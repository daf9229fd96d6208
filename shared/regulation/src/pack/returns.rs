//! Goods that customers send back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, RuleId, Signature, UntilRecord};
use crate::refusal::Text;

/// A kind of return: a note that is filled in and approved, the goods as they were received, and the quantity that is booked
/// against the one that was approved.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The form of the note.
    pub form: Id,
    /// The roles that fill it in.
    pub filled_by: Vec<Id>,
    /// Who approves it.
    pub approval: Signature,
    /// Who checks the goods against the note, and signs what is actually there.
    pub receipt: Signature,
    /// What is booked, and by whom.
    pub booking: ReturnBooking,
    /// What proves it; absent: nothing has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<ReturnEvidence>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// What is booked: the actual quantity, up to the approved one and the permitted overrun. More goes back to be approved.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnBooking {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles that book.
    pub by: Vec<Id>,
    /// The record of the case that approves a quantity, and the number of its form that says which.
    pub approved: UntilRecord,
    /// The setting of the organisation that holds the permitted overrun in per cent, for customers who have none of their
    /// own; absent: no overrun is permitted to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrun: Option<Id>,
}

/// What proves a return.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnEvidence {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The papers, of which one is needed.
    pub papers: Entries<EvidencePaper>,
}

/// A paper that proves something.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidencePaper {
    /// What it must show, all of it.
    pub shows: Entries<Text>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}
