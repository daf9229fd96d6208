//! Requests with gaps: proto JSON in which `${variables}` are filled in when the step is played.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use prost_reflect::{DynamicMessage, Kind};
use serde_json::{Map, Value};

use super::{
    path::{Reference, Variables},
    problem::{Found, Position, suggestion},
    shape::{self, Shape},
    source::{Content, Entry, Node},
};

/// A JSON value that may have variables in it.
#[derive(Clone, Debug)]
pub(super) enum Template {
    Fixed(Value),
    /// `${variable}` alone: whatever was saved, an object too.
    Whole(Reference),
    /// A text with variables in it.
    Text(Vec<Piece>),
    List(Vec<Template>),
    Object(Vec<(String, Template)>),
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Literal(String),
    Variable(Reference),
}

impl Template {
    /// The value with every variable filled in.
    pub(super) fn fill(&self, variables: &Variables) -> Result<Value, String> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Whole(reference) => reference.value(variables).cloned(),
            Self::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Literal(literal) => text.push_str(literal),
                        Piece::Variable(reference) => match reference.value(variables)? {
                            Value::String(value) => text.push_str(value),
                            value @ (Value::Number(_) | Value::Bool(_)) => text.push_str(&value.to_string()),
                            Value::Null | Value::Array(_) | Value::Object(_) => {
                                return Err(format!(
                                    "`${{{reference}}}` is no single value and cannot stand in a text"
                                ));
                            }
                        },
                    }
                }
                Ok(Value::from(text))
            }
            Self::List(items) => {
                items.iter().map(|item| item.fill(variables)).collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Object(fields) => {
                let filled = fields.iter().map(|(name, field)| Ok((name.clone(), field.fill(variables)?)));
                filled.collect::<Result<Map<_, _>, String>>().map(Value::Object)
            }
        }
    }
}

/// Reads the values of one scenario: knows its zone, and which variables there are at the step that is being read.
pub(super) struct Reader<'f, 'a> {
    pub(super) zone: TimeZone,
    pub(super) variables: HashMap<String, Shape>,
    pub(super) found: &'f mut Found<'a>,
}

impl Reader<'_, '_> {
    /// Reads a value of a request. What does not fit is added to the problems, and something harmless is returned.
    pub(super) fn template(&mut self, node: &Node, shape: &Shape) -> Template {
        match (&node.content, shape) {
            (Content::Null, _) => Template::Fixed(Value::Null),
            (Content::Scalar { text, plain }, _) => self.scalar(node.at, text, *plain, shape),
            (Content::List(items), Shape::Many(kind)) => {
                let element = Shape::One(kind.clone());
                Template::List(items.iter().map(|item| self.template(item, &element)).collect())
            }
            (Content::List(items), Shape::Unknown) => {
                Template::List(items.iter().map(|item| self.template(item, shape)).collect())
            }
            (Content::Map(entries), Shape::Keyed(kind)) => {
                let value = Shape::One(kind.clone());
                Template::Object(self.each(entries, |_, _| Some((None, value.clone()))))
            }
            (Content::Map(entries), Shape::Unknown) => {
                Template::Object(self.each(entries, |_, _| Some((None, Shape::Unknown))))
            }
            (Content::Map(entries), Shape::One(Kind::Message(message))) if shape.as_object().is_some() => {
                let message = message.clone();
                Template::Object(self.each(entries, |reader, entry| match shape::field(&message, &entry.key) {
                    Ok(field) => Some((Some(field.json_name().to_owned()), Shape::of_field(&field))),
                    Err(problem) => {
                        reader.found.add(entry.at, problem);
                        None
                    }
                }))
            }
            (Content::List(_) | Content::Map(_), Shape::One(_) | Shape::Many(_) | Shape::Keyed(_)) => {
                self.found.add(node.at, format!("{} is wanted here, not {}", shape.noun(), node.noun()));
                Template::Fixed(Value::Null)
            }
        }
    }

    fn each(
        &mut self,
        entries: &[Entry],
        shape: impl Fn(&mut Self, &Entry) -> Option<(Option<String>, Shape)>,
    ) -> Vec<(String, Template)> {
        let mut fields = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some((name, shape)) = shape(self, entry) {
                let template = self.template(&entry.value, &shape);
                fields.push((name.unwrap_or_else(|| entry.key.clone()), template));
            }
        }
        fields
    }

    /// Reads a scalar by the type that is wanted of it.
    pub(super) fn scalar(&mut self, at: Position, text: &str, plain: bool, shape: &Shape) -> Template {
        let pieces = self.pieces(at, text);
        match (pieces, shape) {
            (Pieces::None, Shape::One(kind)) => match shape::scalar(text, plain, kind, &self.zone) {
                Ok(value) => return Template::Fixed(value),
                Err(problem) => self.found.add(at, problem),
            },
            (Pieces::None, Shape::Unknown) => return Template::Fixed(Value::from(text)),
            (Pieces::Whole(reference), _) => return Template::Whole(reference),
            (Pieces::Several(pieces), Shape::One(Kind::String) | Shape::Unknown) => return Template::Text(pieces),
            (Pieces::None | Pieces::Several(_), _) => {
                self.found.add(at, format!("{} is wanted here, not `{text}`", shape.noun()));
            }
        }
        Template::Fixed(Value::Null)
    }

    fn pieces(&mut self, at: Position, text: &str) -> Pieces {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((inner, after)) = after.split_once('}') else {
                self.found.add(at, format!("`{text}` has a `${{` without its `}}`"));
                return Pieces::Several(Vec::new());
            };
            if !before.is_empty() {
                pieces.push(Piece::Literal(before.to_owned()));
            }
            match self.reference(inner) {
                Ok(reference) => pieces.push(Piece::Variable(reference)),
                Err(problem) => self.found.add(at, problem),
            }
            rest = after;
        }
        if rest.len() == text.len() {
            return Pieces::None;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        match <[Piece; 1]>::try_from(pieces) {
            Ok([Piece::Variable(reference)]) => Pieces::Whole(reference),
            Ok([literal @ Piece::Literal(_)]) => Pieces::Several(vec![literal]),
            Err(pieces) => Pieces::Several(pieces),
        }
    }

    /// Reads `case.name`: the variable must have been saved by then, and have such a field.
    fn reference(&mut self, text: &str) -> Result<Reference, String> {
        let Reference { name, path } = Reference::parse(text)?;
        let shape = self.variables.get(&name).ok_or_else(|| {
            format!("no step before this one saves `{name}`{}", suggestion(&name, self.variables.keys()))
        })?;
        let (path, _) = path.follow(shape).map_err(|problem| format!("`${{{text}}}`: {problem}"))?;
        Ok(Reference { name, path })
    }
}

enum Pieces {
    /// No variable in it.
    None,
    Whole(Reference),
    Several(Vec<Piece>),
}

/// The request itself.
pub(super) fn message(value: &Value, descriptor: &prost_reflect::MessageDescriptor) -> Result<DynamicMessage, String> {
    DynamicMessage::deserialize(descriptor.clone(), value)
        .map_err(|error| format!("the request does not fit {}: {error}", descriptor.full_name()))
}
