//! What changes from one pack to another, in words.

use serde_json::{Map, Value};

use crate::{Regulation, source::member};

/// What changes from one regulation to another, a sentence each, in the order of the packs:
/// `limits.arrival.tiers: 24h becomes 12h where order.distance_km <= 300`.
#[must_use]
pub fn diff(from: &Regulation, to: &Regulation) -> Vec<String> {
    let mut changes = Vec::new();
    match (serde_json::to_value(from.pack()), serde_json::to_value(to.pack())) {
        (Ok(from), Ok(to)) => compare("", &from, &to, None, &mut changes),
        // A pack that was read from text is always written back.
        (Err(error), _) | (_, Err(error)) => changes.push(error.to_string()),
    }
    changes
}

/// `context` says for which case of a table the value holds.
fn compare(path: &str, from: &Value, to: &Value, context: Option<&str>, changes: &mut Vec<String>) {
    if from == to {
        return;
    }
    match (from, to) {
        (Value::Object(from), Value::Object(to)) => objects(path, from, to, context, changes),
        (Value::Array(from), Value::Array(to)) => match (keyed(from), keyed(to)) {
            (Some(from), Some(to)) => rows(path, &from, &to, changes),
            (Some(_) | None, None) | (None, Some(_)) => words(path, from, to, context, changes),
        },
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) | Value::Array(_),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) | Value::Array(_),
        ) => changes.push(sentence(path, &format!("{} becomes {}", show(from), show(to)), context)),
    }
}

fn objects(
    path: &str,
    from: &Map<String, Value>,
    to: &Map<String, Value>,
    context: Option<&str>,
    changes: &mut Vec<String>,
) {
    for (key, old) in from {
        let path = member(path, key);
        match to.get(key) {
            Some(new) => compare(&path, old, new, context, changes),
            None => changes.push(sentence(&path, &format!("no longer there; was {}", show(old)), context)),
        }
    }
    for (key, new) in to.iter().filter(|(key, _)| !from.contains_key(*key)) {
        changes.push(sentence(&member(path, key), &format!("new: {}", show(new)), context));
    }
}

/// A row of a table, by what tells it apart: its id, its class, or the case that it is for.
type Row<'a> = (String, &'a Map<String, Value>);

fn keyed(elements: &[Value]) -> Option<Vec<Row<'_>>> {
    let key = |row: &Map<String, Value>| {
        let named = ["id", "class", "when"].iter().find_map(|key| row.get(*key).and_then(Value::as_str));
        named.unwrap_or("else").to_owned()
    };
    elements.iter().map(|element| element.as_object().map(|row| (key(row), row))).collect()
}

fn rows(path: &str, from: &[Row<'_>], to: &[Row<'_>], changes: &mut Vec<String>) {
    for (key, old) in from {
        match to.iter().find(|(other, _)| other == key) {
            None => changes.push(format!("{path}: `{key}` is no longer there")),
            Some((_, new)) if is_case(old) => {
                for (field, old) in *old {
                    let new = new.get(field).unwrap_or(&Value::Null);
                    if field != "when" && old != new {
                        changes.push(sentence(path, &format!("{} becomes {}", show(old), show(new)), Some(key)));
                    }
                }
            }
            Some((_, new)) => objects(&member(path, key), old, new, None, changes),
        }
    }
    for (key, new) in to.iter().filter(|(key, _)| !from.iter().any(|(other, _)| other == key)) {
        changes.push(format!("{path}: `{key}` is new: {}", show(&Value::Object((*new).clone()))));
    }
    let order = |rows: &[Row<'_>], others: &[Row<'_>]| {
        let shared = rows.iter().map(|(key, _)| key.clone()).filter(|key| others.iter().any(|(other, _)| other == key));
        shared.collect::<Vec<_>>()
    };
    let (before, after) = (order(from, to), order(to, from));
    if before != after {
        changes.push(format!("{path}: the order {} becomes {}", before.join(", "), after.join(", ")));
    }
}

/// Whether a row is told apart by its case alone.
fn is_case(row: &Map<String, Value>) -> bool {
    !row.contains_key("id") && !row.contains_key("class")
}

/// Lists of words are sets to their reader.
fn words(path: &str, from: &[Value], to: &[Value], context: Option<&str>, changes: &mut Vec<String>) {
    let gone = from.iter().filter(|word| !to.contains(word)).map(|word| format!("without {}", show(word)));
    let new = to.iter().filter(|word| !from.contains(word)).map(|word| format!("with {}", show(word)));
    let parts = gone.chain(new).collect::<Vec<_>>();
    let what = if parts.is_empty() { "in another order".to_owned() } else { format!("now {}", parts.join(", ")) };
    changes.push(sentence(path, &what, context));
}

fn sentence(path: &str, what: &str, context: Option<&str>) -> String {
    match context {
        Some("else") => format!("{path}: {what} in all other cases"),
        Some(case) => format!("{path}: {what} where {case}"),
        None => format!("{path}: {what}"),
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
