//! Compares an answer with what was expected of it, and says where the two part.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use super::{expect::Expected, time};

/// One place in which an answer is not as expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where, such as `limits[0].dueAt`; empty for the answer as a whole.
    pub path: String,
    /// What was expected there.
    pub expected: String,
    /// What came.
    pub came: String,
}

/// A value longer than this is cut in a difference.
const LONGEST_SHOWN: usize = 200;

/// Compares answers; shows times as civil times of the scenario's zone.
pub(super) struct Comparison<'z> {
    pub(super) zone: &'z TimeZone,
}

impl Comparison<'_> {
    /// Every place in which `came` is not as `expected`; none when it matches.
    pub(super) fn differences(&self, expected: &Expected<Value>, came: &Value) -> Vec<Difference> {
        let mut differences = Vec::new();
        self.compare(expected, Some(came), "", &mut differences);
        differences
    }

    fn compare(&self, expected: &Expected<Value>, came: Option<&Value>, path: &str, out: &mut Vec<Difference>) {
        let mut differ = |expected: String| {
            out.push(Difference { path: path.to_owned(), expected, came: self.shown(came) });
        };
        match expected {
            Expected::Equal(value) => {
                if came != Some(value) && !(is_empty(came) && is_empty(Some(value))) {
                    differ(self.shown(Some(value)));
                }
            }
            Expected::Fields(fields) => match came {
                Some(Value::Object(_)) | None => {
                    for (name, field) in fields {
                        self.compare(field, came.and_then(|came| came.get(name)), &joined(path, name), out);
                    }
                }
                Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                    differ("an object".to_owned());
                }
            },
            Expected::Elements(items) => {
                let elements = elements(came);
                if elements.len() == items.len() {
                    for (position, (item, element)) in items.iter().zip(elements).enumerate() {
                        self.compare(item, Some(element), &format!("{path}[{position}]"), out);
                    }
                } else {
                    differ(format!("{}, not {}", counted(items.len()), elements.len()));
                }
            }
            Expected::Contains(items) => {
                for item in items {
                    self.find(item, elements(came), path, out);
                }
            }
            Expected::Length(length) => {
                let came_length = came.and_then(Value::as_object).map_or(elements(came).len(), serde_json::Map::len);
                if came_length != *length {
                    differ(format!("{}, not {came_length}", counted(*length)));
                }
            }
            Expected::Absent => {
                if !is_empty(came) {
                    differ("nothing".to_owned());
                }
            }
            Expected::Present => {
                if is_empty(came) {
                    differ("something".to_owned());
                }
            }
            Expected::Not(inner) => {
                if self.matches(inner, came) {
                    differ("anything else".to_owned());
                }
            }
            Expected::All(items) => {
                for item in items {
                    self.compare(item, came, path, out);
                }
            }
        }
    }

    /// Looks for an element that matches; when none does, the nearest one shows what is wrong.
    fn find(&self, item: &Expected<Value>, elements: &[Value], path: &str, out: &mut Vec<Difference>) {
        let mut nearest: Option<Vec<Difference>> = None;
        for (position, element) in elements.iter().enumerate() {
            let mut differences = Vec::new();
            self.compare(item, Some(element), &format!("{path}[{position}]"), &mut differences);
            if differences.is_empty() {
                return;
            }
            if nearest.as_ref().is_none_or(|nearest| differences.len() < nearest.len()) {
                nearest = Some(differences);
            }
        }
        out.push(Difference {
            path: path.to_owned(),
            expected: format!("an element that matches {}", self.outline(item)),
            came: match &nearest {
                Some(_) => format!("{}, none of which matches; the nearest:", counted(elements.len())),
                None => "no element".to_owned(),
            },
        });
        out.extend(nearest.unwrap_or_default());
    }

    fn matches(&self, expected: &Expected<Value>, came: Option<&Value>) -> bool {
        let mut differences = Vec::new();
        self.compare(expected, came, "", &mut differences);
        differences.is_empty()
    }

    /// An expectation in one line.
    fn outline(&self, expected: &Expected<Value>) -> String {
        let list =
            |items: &[Expected<Value>]| items.iter().map(|item| self.outline(item)).collect::<Vec<_>>().join(", ");
        shortened(match expected {
            Expected::Equal(value) => self.shown(Some(value)),
            Expected::Fields(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(name, field)| format!("{name}: {}", self.outline(field))).collect();
                format!("{{{}}}", fields.join(", "))
            }
            Expected::Elements(items) => format!("[{}]", list(items)),
            Expected::Contains(items) => format!("[… {} …]", list(items)),
            Expected::Length(length) => counted(*length),
            Expected::Absent => "nothing".to_owned(),
            Expected::Present => "something".to_owned(),
            Expected::Not(inner) => format!("not {}", self.outline(inner)),
            Expected::All(items) => list(items),
        })
    }

    /// A value as a reader wants it.
    pub(super) fn shown(&self, value: Option<&Value>) -> String {
        match value {
            None | Some(Value::Null) => "nothing".to_owned(),
            Some(Value::String(text)) if text.is_empty() => "nothing".to_owned(),
            Some(Value::String(text)) => shortened(time::in_civil_time(text, self.zone)),
            Some(value) => shortened(value.to_string()),
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn counted(length: usize) -> String {
    if length == 1 { "1 element".to_owned() } else { format!("{length} elements") }
}

fn elements(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether a field has nothing: protobuf does not tell a field that is not set from one with its type's default, and
/// every enum of the contract has its default named `…_UNSPECIFIED`.
fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Bool(value)) => !value,
        Some(Value::Number(number)) => number.as_i64() == Some(0),
        Some(Value::String(text)) => text.is_empty() || text.ends_with("_UNSPECIFIED"),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(fields)) => fields.is_empty(),
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
