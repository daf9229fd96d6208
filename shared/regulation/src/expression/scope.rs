//! What is known in a section of a pack, and what is wrong with an expression there.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use zen_expression::{intellisense::IntelliSense, lexer::Operator, parser::Node, variable::VariableType};

use super::leaf::reads;
use crate::vocabulary::{Kind, Section, find, nearest};

/// The facts that an expression may read, each with what it may say where a pack limits that.
#[derive(Clone, Debug)]
pub struct Scope {
    section: Section,
    words: BTreeMap<String, (Kind, Option<Vec<String>>)>,
}

/// What an expression must give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    YesOrNo,
    Number,
}

impl Scope {
    /// Nothing known yet.
    #[must_use]
    pub fn of(section: Section) -> Self {
        Self { section, words: BTreeMap::new() }
    }

    /// Adds a fact; `values` are all that a text may say, absent when it may say anything.
    pub fn know(&mut self, word: &str, kind: Kind, values: Option<Vec<String>>) {
        self.words.insert(word.to_owned(), (kind, values));
    }

    /// What is wrong with a word by itself, where it must be one that is known here.
    #[must_use]
    pub fn problem_with(&self, word: &str) -> Option<String> {
        (!self.words.contains_key(word)).then(|| self.unknown(word))
    }

    pub(super) fn problems(&self, source: &str, answer: Answer) -> Vec<String> {
        let mut problems = Vec::new();
        for word in reads(source) {
            if !self.words.contains_key(&word) {
                problems.push(self.unknown(&word));
            }
        }
        if !problems.is_empty() {
            return problems; // types follow from the words: one mistake is reported once
        }
        problems.extend(self.impossible_values(source));
        if !problems.is_empty() {
            return problems;
        }
        let analysis = IntelliSense::new().with_strict(true).analyze(source, &self.types());
        problems.extend(analysis.diagnostics.iter().map(|diagnostic| format!("in `{source}`: {}", diagnostic.message)));
        if problems.is_empty() {
            let fits = match answer {
                Answer::YesOrNo => matches!(analysis.return_type, VariableType::Bool),
                Answer::Number => matches!(analysis.return_type, VariableType::Number),
            };
            if !fits {
                problems.push(format!(
                    "`{source}` gives {}; it must give {}",
                    analysis.return_type,
                    match answer {
                        Answer::YesOrNo => "true or false",
                        Answer::Number => "a number",
                    }
                ));
            }
        }
        problems
    }

    fn unknown(&self, word: &str) -> String {
        if let Some(definition) = find(word) {
            let places = definition.known_in.iter().map(|section| section.name()).collect::<Vec<_>>();
            return format!("`{word}` is not known in {}; it is known in {}", self.section.name(), places.join(", "));
        }
        match nearest(word, self.words.keys().map(String::as_str)) {
            Some(near) => format!("unknown fact `{word}`; did you mean `{near}`?"),
            None => format!(
                "unknown fact `{word}`; known in {} are {}",
                self.section.name(),
                self.words.keys().cloned().collect::<Vec<_>>().join(", ")
            ),
        }
    }

    /// Texts that are compared with a fact which can never say that. ZEN sees some of them, but not one among several of
    /// a list.
    fn impossible_values(&self, source: &str) -> Vec<String> {
        let mut comparisons = Vec::new();
        IntelliSense::new().with_ast(source, false, |root, _| compared(root, &mut comparisons));
        let mut problems = Vec::new();
        for (word, text) in comparisons {
            let Some((_, Some(values))) = self.words.get(&word) else { continue };
            if !values.contains(&text) {
                problems.push(match nearest(&text, values.iter().map(String::as_str)) {
                    Some(near) => format!("`{word}` is never `{text}`; did you mean `{near}`?"),
                    None => format!("`{word}` is never `{text}`; it may be {}", values.join(", ")),
                });
            }
        }
        problems
    }

    fn types(&self) -> VariableType {
        let types =
            self.words.iter().map(|(word, (kind, values))| (word.as_str(), variable_type(*kind, values.as_deref())));
        nested(types.collect())
    }
}

/// The words by their nouns: `case.kind` is the property `kind` of the object `case`.
fn nested(words: Vec<(&str, VariableType)>) -> VariableType {
    let mut nouns: BTreeMap<&str, Vec<(&str, VariableType)>> = BTreeMap::new();
    let mut root = Vec::new();
    for (word, kind) in words {
        match word.split_once('.') {
            Some((noun, property)) => nouns.entry(noun).or_default().push((property, kind)),
            None => root.push((word, kind)),
        }
    }
    root.extend(nouns.into_iter().map(|(noun, properties)| (noun, nested(properties))));
    object(root)
}

/// The pairs of a word and a text that an expression compares.
fn compared(root: &Node, pairs: &mut Vec<(String, String)>) {
    let found = RefCell::new(Vec::new());
    root.walk(|node| {
        if let Node::Binary { left, operator: Operator::Comparison(_), right } = node {
            for (word, texts) in [(left, right), (right, left)] {
                if let Some(word) = dotted(word) {
                    found.borrow_mut().extend(texts_of(texts).into_iter().map(|text| (word.clone(), text)));
                }
            }
        }
    });
    pairs.extend(found.into_inner());
}

/// The word that a node reads, such as `case.kind`.
fn dotted(node: &Node) -> Option<String> {
    match node {
        Node::Identifier(word) => Some((*word).to_owned()),
        Node::Member { node, property: Node::String(property) } => Some(format!("{}.{property}", dotted(node)?)),
        _ => None,
    }
}

/// The texts that a node is: one, or a list of them.
fn texts_of(node: &Node) -> Vec<String> {
    match node {
        Node::String(text) => vec![(*text).to_owned()],
        Node::Array(nodes) => nodes.iter().flat_map(|node| texts_of(node)).collect(),
        _ => Vec::new(),
    }
}

fn object(properties: Vec<(&str, VariableType)>) -> VariableType {
    let properties = properties.into_iter().map(|(name, kind)| (Rc::from(name), kind)).collect();
    VariableType::Object(Rc::new(RefCell::new(properties)))
}

fn variable_type(kind: Kind, values: Option<&[String]>) -> VariableType {
    let text = || match values {
        Some(values) => VariableType::Enum(None, values.iter().map(|value| Rc::from(value.as_str())).collect()),
        None => VariableType::String,
    };
    match kind {
        Kind::Text(_) => text(),
        Kind::Flag => VariableType::Bool,
        Kind::Number => VariableType::Number,
        Kind::Texts(_) => VariableType::Array(Rc::new(text())),
        Kind::Numbers => VariableType::Array(Rc::new(VariableType::Number)),
    }
}
