//! Why something was decided, as it is kept with the decision.

use std::collections::BTreeMap;

use callout_contract::regulation::v1 as pb;
use serde::{Deserialize, Serialize};

/// Enough to decide it again and get the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The rule of the regulation.
    pub rule: String,
    /// The entry of the pack that carries it.
    pub entry: String,
    /// The pack and its revision.
    pub revision: String,
    /// The facts that the decision looked at, by their word in the vocabulary.
    pub inputs: BTreeMap<String, String>,
    /// The computation in one line.
    pub computation: String,
}

impl From<pb::Explanation> for Explanation {
    fn from(explanation: pb::Explanation) -> Self {
        let pb::Explanation { rule, entry, revision, inputs, computation } = explanation;
        Self { rule, entry, revision, inputs: inputs.into_iter().collect(), computation }
    }
}

impl From<Explanation> for pb::Explanation {
    fn from(explanation: Explanation) -> Self {
        let Explanation { rule, entry, revision, inputs, computation } = explanation;
        Self { rule, entry, revision, inputs: inputs.into_iter().collect(), computation }
    }
}
