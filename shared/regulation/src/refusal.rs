//! How a rule says no, and what a decision says when it cannot be made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A sentence, or a name, in the languages of the suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese, as the regulation has it.
    pub zh: String,
}

/// A refusal by a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule} ({entry}): {}", message.en)]
pub struct Refusal {
    /// The rule that refuses, such as `R01-34`.
    pub rule: String,
    /// The entry of the pack that carries it, such as `gates.before_departure`.
    pub entry: String,
    /// Why, for people.
    pub message: Text,
    /// What would lift it: `record:<kind>`, `role:<role>`, `fact:<word>`, `event:<event>`, `field:<name>`,
    /// `setting:<name>`, `condition:<expression>`; empty when nothing would.
    pub lifted_by: Vec<String>,
}

/// Why a decision could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// A fact that the expression reads is not known.
    #[error("`{fact}` is not known")]
    Missing {
        /// The word of the fact.
        fact: String,
    },
    /// The expression could not be computed, such as a division by zero.
    #[error("`{expression}` cannot be computed: {cause}")]
    Failed {
        /// The expression as the pack has it.
        expression: String,
        /// What went wrong.
        cause: String,
    },
    /// The calendar cannot count that far.
    #[error("the due time cannot be counted: {cause}")]
    Uncounted {
        /// What went wrong.
        cause: String,
    },
}

impl Undecided {
    /// The refusal that it amounts to where something must be decided: what is not known is never taken for a yes.
    #[must_use]
    pub fn refusal(&self, rule: &str, entry: &str) -> Refusal {
        let (zh, lifted_by) = match self {
            Self::Missing { fact } => match fact.strip_prefix("setting.") {
                Some(setting) => (format!("尚未设定 {setting}"), vec![format!("setting:{setting}")]),
                None => (format!("尚不知道 {fact}"), vec![format!("fact:{fact}")]),
            },
            Self::Failed { expression, cause } => (format!("无法计算 {expression}:{cause}"), Vec::new()),
            Self::Uncounted { cause } => (format!("无法计算期限:{cause}"), Vec::new()),
        };
        Refusal {
            rule: rule.to_owned(),
            entry: entry.to_owned(),
            message: Text { en: self.to_string(), zh },
            lifted_by,
        }
    }
}

/// `a`, `a or b`, `a, b or c`: for messages that name alternatives.
pub(crate) fn alternatives<S: AsRef<str>>(words: &[S], or: &str) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first = first.iter().map(AsRef::as_ref).collect::<Vec<_>>();
            format!("{} {or} {}", first.join(", "), last.as_ref())
        }
    }
}
