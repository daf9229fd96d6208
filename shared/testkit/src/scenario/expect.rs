//! What a step expects of its answer: a subset, read against the type of the answer so that a misspelt field is found
//! before anything is called.

use prost_reflect::{Kind, MessageDescriptor};
use serde_json::Value;

use super::{
    path::Variables,
    problem::suggestion,
    shape::{self, ANY, Shape},
    source::{Content, Entry, Node},
    template::{Reader, Template},
};

/// An expectation; `V` is a [`Template`] while variables are open and a [`Value`] once they are filled in.
#[derive(Clone, Debug)]
pub(super) enum Expected<V> {
    /// This value. A field that is not set has the default of its type.
    Equal(V),
    /// An object with at least these fields.
    Fields(Vec<(String, Expected<V>)>),
    /// A list of exactly these elements, in this order.
    Elements(Vec<Expected<V>>),
    /// A list in which each of these has an element that matches it.
    Contains(Vec<Expected<V>>),
    /// A list or map of this many entries.
    Length(usize),
    /// An `Any` that holds this message.
    Packed(String),
    /// Nothing: not set, or the default of its type.
    Absent,
    /// Something: the opposite of absent.
    Present,
    /// Anything that this does not match.
    Not(Box<Expected<V>>),
    /// All of these.
    All(Vec<Expected<V>>),
}

impl Expected<Template> {
    /// The expectation with every variable filled in.
    pub(super) fn fill(&self, variables: &Variables) -> Result<Expected<Value>, String> {
        let fill_all = |items: &[Self]| items.iter().map(|item| item.fill(variables)).collect::<Result<Vec<_>, _>>();
        Ok(match self {
            Self::Equal(template) => Expected::Equal(template.fill(variables)?),
            Self::Fields(fields) => {
                let filled = fields.iter().map(|(name, field)| Ok((name.clone(), field.fill(variables)?)));
                Expected::Fields(filled.collect::<Result<_, String>>()?)
            }
            Self::Elements(items) => Expected::Elements(fill_all(items)?),
            Self::Contains(items) => Expected::Contains(fill_all(items)?),
            Self::Length(length) => Expected::Length(*length),
            Self::Packed(name) => Expected::Packed(name.clone()),
            Self::Absent => Expected::Absent,
            Self::Present => Expected::Present,
            Self::Not(inner) => Expected::Not(Box::new(inner.fill(variables)?)),
            Self::All(items) => Expected::All(fill_all(items)?),
        })
    }
}

impl Expected<Value> {
    /// Expects everything that `value` has.
    pub(super) fn all_of(value: &Value) -> Self {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Self::Equal(value.clone()),
            Value::Array(items) => Self::Elements(items.iter().map(Self::all_of).collect()),
            Value::Object(fields) => {
                Self::Fields(fields.iter().map(|(name, field)| (name.clone(), Self::all_of(field))).collect())
            }
        }
    }
}

/// The words that stand for something other than a value.
const OPERATORS: [&str; 4] = ["$contains", "$length", "$absent", "$not"];

impl Reader<'_, '_> {
    /// Reads what is expected of a value of type `shape`.
    pub(super) fn expected(&mut self, node: &Node, shape: &Shape) -> Expected<Template> {
        match (&node.content, shape) {
            (Content::Map(entries), _) if entries.iter().any(|entry| entry.key.starts_with('$')) => {
                self.operators(entries, shape)
            }
            (Content::Map(entries), Shape::One(Kind::Message(message))) if message.full_name() == ANY => {
                self.packed(node, entries, message)
            }
            (Content::Map(entries), Shape::One(Kind::Message(message))) if shape.as_object().is_some() => {
                self.fields(entries, message)
            }
            (Content::Map(entries), Shape::Keyed(_) | Shape::Unknown) => {
                let value = match shape {
                    Shape::Keyed(kind) => Shape::One(kind.clone()),
                    Shape::One(_) | Shape::Many(_) | Shape::Unknown => Shape::Unknown,
                };
                let each = entries.iter().map(|entry| (entry.key.clone(), self.expected(&entry.value, &value)));
                Expected::Fields(each.collect())
            }
            (Content::List(items), Shape::Many(_) | Shape::Unknown) => Expected::Elements(self.elements(items, shape)),
            (Content::Null, _) => Expected::Absent,
            (Content::Scalar { .. } | Content::List(_) | Content::Map(_), _) => {
                Expected::Equal(self.template(node, shape))
            }
        }
    }

    fn elements(&mut self, items: &[Node], shape: &Shape) -> Vec<Expected<Template>> {
        let element = match shape {
            Shape::Many(kind) => Shape::One(kind.clone()),
            Shape::One(_) | Shape::Keyed(_) | Shape::Unknown => Shape::Unknown,
        };
        items.iter().map(|item| self.expected(item, &element)).collect()
    }

    fn fields(&mut self, entries: &[Entry], message: &MessageDescriptor) -> Expected<Template> {
        let mut fields = Vec::with_capacity(entries.len());
        for entry in entries {
            match shape::field(message, &entry.key) {
                Ok(field) => {
                    let expected = self.expected(&entry.value, &Shape::of_field(&field));
                    fields.push((field.json_name().to_owned(), expected));
                }
                Err(problem) => self.found.add(entry.at, problem),
            }
        }
        Expected::Fields(fields)
    }

    /// What is expected inside of an `Any`: `@type` says of which message.
    fn packed(&mut self, node: &Node, entries: &[Entry], any: &MessageDescriptor) -> Expected<Template> {
        let (types, rest): (Vec<_>, Vec<_>) = entries.iter().cloned().partition(|entry| entry.key == "@type");
        let Some(name) = types.first().and_then(|entry| entry.value.text()) else {
            self.found
                .add(node.at, "say with `\"@type\"` which message it is, such as `callout.intake.v1.CaseReceived`");
            return Expected::Absent;
        };
        let name = name.rsplit('/').next().unwrap_or(name);
        let Some(message) = any.parent_pool().get_message_by_name(name) else {
            let known: Vec<String> =
                any.parent_pool().all_messages().map(|known| known.full_name().to_owned()).collect();
            self.found.add(node.at, format!("there is no message `{name}`{}", suggestion(name, known)));
            return Expected::Absent;
        };
        Expected::All(vec![Expected::Packed(name.to_owned()), self.fields(&rest, &message)])
    }

    fn operators(&mut self, entries: &[Entry], shape: &Shape) -> Expected<Template> {
        let mut all = Vec::with_capacity(entries.len());
        for Entry { at, key, value } in entries {
            match (key.as_str(), &value.content) {
                ("$contains", Content::List(items)) if matches!(shape, Shape::Many(_) | Shape::Unknown) => {
                    all.push(Expected::Contains(self.elements(items, shape)));
                }
                ("$contains", _) => self.found.add(*at, "`$contains` wants a list, of a field that is a list"),
                ("$length", Content::Scalar { text, .. }) if !matches!(shape, Shape::One(_)) => match text.parse() {
                    Ok(length) => all.push(Expected::Length(length)),
                    Err(_) => self.found.add(value.at, format!("`$length` wants a number, not `{text}`")),
                },
                ("$length", _) => self.found.add(*at, "`$length` wants a number, of a field that is a list or a map"),
                ("$absent", Content::Scalar { text, .. }) if text == "true" => all.push(Expected::Absent),
                ("$absent", Content::Scalar { text, .. }) if text == "false" => all.push(Expected::Present),
                ("$absent", _) => self.found.add(*at, "`$absent` wants true or false"),
                ("$not", _) => all.push(Expected::Not(Box::new(self.expected(value, shape)))),
                (key, _) if key.starts_with('$') => {
                    self.found.add(*at, format!("there is no `{key}`{}", suggestion(key, OPERATORS)));
                }
                (key, _) => self.found.add(*at, format!("`{key}` cannot stand beside a word with `$`")),
            }
        }
        match <[Expected<Template>; 1]>::try_from(all) {
            Ok([single]) => single,
            Err(all) => Expected::All(all),
        }
    }
}
