//! A compiled piece of ZEN that needs every fact that it reads.

use rust_decimal::Decimal;
use zen_expression::{
    Expression, Isolate, Variable, expression::Standard, intellisense::IntelliSense, intellisense::ReadDependency,
    variable::VariableMap,
};

use super::Inputs;
use crate::{
    facts::{Facts, Value},
    refusal::Undecided,
};

#[derive(Clone, Debug)]
pub(super) struct Leaf {
    source: String,
    code: Expression<Standard>,
    reads: Vec<String>,
}

impl Leaf {
    /// Compiles an expression; the error says what is wrong with its syntax.
    pub(super) fn compile(source: &str) -> Result<Self, String> {
        let code = Isolate::new().compile_standard(source).map_err(|error| syntax_error(source, &error))?;
        Ok(Self { source: source.to_owned(), code, reads: reads(source) })
    }

    pub(super) fn evaluate(&self, facts: &Facts, inputs: &mut Inputs) -> Result<Variable, Undecided> {
        let context = Variable::empty_object();
        for word in &self.reads {
            let value = facts.get(word).ok_or_else(|| Undecided::Missing { fact: word.clone() })?;
            inputs.insert(word.clone(), value.to_string());
            insert(&context, word, variable(value));
        }
        self.code.evaluate(context).map_err(|error| self.failed(error.to_string()))
    }

    pub(super) fn failed(&self, cause: String) -> Undecided {
        Undecided::Failed { expression: self.source.clone(), cause }
    }
}

/// The words that an expression reads, each once, in the order of their first reading.
pub(super) fn reads(source: &str) -> Vec<String> {
    let mut words = Vec::new();
    collect(&IntelliSense::new().reads(source), &mut words);
    words
}

fn collect(dependencies: &[ReadDependency], words: &mut Vec<String>) {
    for dependency in dependencies {
        match dependency {
            ReadDependency::Direct { path, .. } | ReadDependency::Unresolved { path, .. } => push(path, words),
            ReadDependency::Iteration { collection, reads, .. } => {
                push(collection, words);
                collect(reads, words);
            }
        }
    }
}

fn push(path: &[std::rc::Rc<str>], words: &mut Vec<String>) {
    let word = path.join(".");
    if !word.is_empty() && !words.contains(&word) {
        words.push(word);
    }
}

fn syntax_error(source: &str, error: &zen_expression::IsolateError) -> String {
    format!("`{source}` is not an expression: {error}")
}

/// Puts a value at a dotted word.
fn insert(context: &Variable, word: &str, value: Variable) {
    let Variable::Object(root) = context else { return };
    match word.split_once('.') {
        None => {
            root.borrow_mut().insert_str(word, value);
        }
        Some((noun, property)) => {
            let existing = root.borrow().get(&Variable::key(noun)).map(Variable::shallow_clone);
            let object = existing.unwrap_or_else(|| Variable::from_object(VariableMap::default()));
            insert(&object, property, value);
            root.borrow_mut().insert_str(noun, object);
        }
    }
}

/// Decimals go over as decimals: no float in between.
fn variable(value: Value) -> Variable {
    match value {
        Value::Text(text) => Variable::String(text.into()),
        Value::Flag(flag) => Variable::Bool(flag),
        Value::Number(number) => Variable::Number(number),
        Value::Texts(texts) => {
            Variable::from_array(texts.into_iter().map(|text| Variable::String(text.into())).collect())
        }
        Value::Numbers(numbers) => Variable::from_array(numbers.into_iter().map(from_decimal).collect()),
    }
}

fn from_decimal(number: Decimal) -> Variable {
    Variable::Number(number)
}
