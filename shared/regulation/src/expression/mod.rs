//! Expressions of a pack: ZEN, compiled when the pack is read, checked against the vocabulary, exact in decimals.
//!
//! A missing fact makes an expression undecided. ZEN would read it as null, and `null == 'paid'` as false.

mod condition;
mod leaf;
mod scope;

use std::{borrow::Cow, collections::BTreeMap, fmt};

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zen_expression::Variable;

pub use self::scope::Scope;
use self::{condition::Tree, leaf::Leaf};
use crate::{facts::Facts, refusal::Undecided};

/// The facts that an expression looked at, as the explanation shows them.
pub type Inputs = BTreeMap<String, String>;

/// A question about facts, answered yes or no.
///
/// `and` and `or` are decided as soon as what is known decides them: `a and b` is no when `a` is no, whatever `b` is.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    source: String,
    tree: Tree,
}

/// A computation from facts with one exact decimal as its result.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Formula {
    source: String,
    leaf: Leaf,
}

/// What was decided, and from what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided<T> {
    /// The answer.
    pub value: T,
    /// The facts that it was made from.
    pub inputs: Inputs,
}

impl Condition {
    /// Whether it holds.
    ///
    /// # Errors
    /// [`Undecided`] when a fact that would decide it is not known, or it cannot be computed.
    pub fn holds(&self, facts: &Facts) -> Result<Decided<bool>, Undecided> {
        let mut inputs = Inputs::new();
        let value = self.tree.decide(facts, &mut inputs)?;
        Ok(Decided { value, inputs })
    }

    /// What is wrong with it where `scope` says what is known; empty when nothing is.
    #[must_use]
    pub fn problems(&self, scope: &Scope) -> Vec<String> {
        scope.problems(&self.source, scope::Answer::YesOrNo)
    }

    /// The expression as the pack has it.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl Formula {
    /// The result, not rounded.
    ///
    /// # Errors
    /// [`Undecided`] when a fact that it reads is not known, or it cannot be computed.
    pub fn compute(&self, facts: &Facts) -> Result<Decided<Decimal>, Undecided> {
        let mut inputs = Inputs::new();
        match self.leaf.evaluate(facts, &mut inputs)? {
            Variable::Number(value) => Ok(Decided { value, inputs }),
            other => Err(self.leaf.failed(format!("its result is {}, not a number", other.type_name()))),
        }
    }

    /// What is wrong with it where `scope` says what is known; empty when nothing is.
    #[must_use]
    pub fn problems(&self, scope: &Scope) -> Vec<String> {
        scope.problems(&self.source, scope::Answer::Number)
    }

    /// The expression as the pack has it.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(source: String) -> Result<Self, String> {
        Ok(Self { tree: Tree::parse(&source)?, source })
    }
}

impl TryFrom<String> for Formula {
    type Error = String;

    fn try_from(source: String) -> Result<Self, String> {
        Ok(Self { leaf: Leaf::compile(&source)?, source })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl Serialize for Formula {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "A ZEN expression that is true or false." })
    }
}

impl JsonSchema for Formula {
    fn schema_name() -> Cow<'static, str> {
        "Formula".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "A ZEN expression that gives a number." })
    }
}
