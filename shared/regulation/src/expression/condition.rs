//! Conditions decided from what is known: `and` and `or` over leaves, in three-valued (Kleene) logic.

use zen_expression::{
    Variable,
    intellisense::{AstMetadata, IntelliSense},
    lexer::{LogicalOperator, Operator},
    parser::Node,
};

use super::{Inputs, leaf::Leaf};
use crate::{facts::Facts, refusal::Undecided};

#[derive(Clone, Debug)]
pub(super) enum Tree {
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
    Leaf(Leaf),
}

/// The same as spans of the source, while its syntax tree is borrowed.
enum Cut {
    And(Box<Cut>, Box<Cut>),
    Or(Box<Cut>, Box<Cut>),
    Leaf(Option<(u32, u32)>),
}

impl Tree {
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        match IntelliSense::new().with_ast(source, false, cut) {
            Some(cut) => Self::compile(source, &cut),
            None => Leaf::compile(source).map(Self::Leaf), // not an expression: its error says why
        }
    }

    fn compile(source: &str, cut: &Cut) -> Result<Self, String> {
        Ok(match cut {
            Cut::And(left, right) => {
                Self::And(Box::new(Self::compile(source, left)?), Box::new(Self::compile(source, right)?))
            }
            Cut::Or(left, right) => {
                Self::Or(Box::new(Self::compile(source, left)?), Box::new(Self::compile(source, right)?))
            }
            Cut::Leaf(span) => {
                let piece = span.and_then(|(from, to)| source.get(from as usize..to as usize)).unwrap_or(source);
                Self::Leaf(Leaf::compile(piece)?)
            }
        })
    }

    /// Decides from left to right; a side that decides the whole makes what the other side lacks irrelevant.
    pub(super) fn decide(&self, facts: &Facts, inputs: &mut Inputs) -> Result<bool, Undecided> {
        match self {
            Self::And(left, right) => either(left, right, facts, inputs, false),
            Self::Or(left, right) => either(left, right, facts, inputs, true),
            Self::Leaf(leaf) => match leaf.evaluate(facts, inputs)? {
                Variable::Bool(value) => Ok(value),
                other => Err(leaf.failed(format!("its result is {}, not true or false", other.type_name()))),
            },
        }
    }
}

/// `decisive` on one side decides; else both sides must be known.
fn either(left: &Tree, right: &Tree, facts: &Facts, inputs: &mut Inputs, decisive: bool) -> Result<bool, Undecided> {
    match left.decide(facts, inputs) {
        Ok(value) if value == decisive => Ok(decisive),
        Ok(_) => right.decide(facts, inputs),
        Err(unknown) => match right.decide(facts, inputs) {
            Ok(value) if value == decisive => Ok(decisive),
            Ok(_) | Err(_) => Err(unknown),
        },
    }
}

fn cut(node: &Node, metadata: &AstMetadata) -> Cut {
    match node {
        Node::Parenthesized(inner) => cut(inner, metadata),
        Node::Binary { left, operator: Operator::Logical(LogicalOperator::And), right } => {
            Cut::And(Box::new(cut(left, metadata)), Box::new(cut(right, metadata)))
        }
        Node::Binary { left, operator: Operator::Logical(LogicalOperator::Or), right } => {
            Cut::Or(Box::new(cut(left, metadata)), Box::new(cut(right, metadata)))
        }
        leaf => Cut::Leaf(metadata.get(&(std::ptr::from_ref(leaf) as usize)).map(|entry| entry.span)),
    }
}
