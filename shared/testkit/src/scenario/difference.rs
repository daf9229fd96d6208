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
    /// Whether a later number of a document will do.
    pub(super) gaps: bool,
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
                let as_good = is_empty(came) && is_empty(Some(value)) || self.gaps && is_later(came, value);
                if came != Some(value) && !as_good {
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
            Expected::Packed(name) => {
                // What stands before the last slash says where the type is described, and may be anything.
                let came_type = came.and_then(|came| came.get("@type")).and_then(Value::as_str);
                if came_type.and_then(|url| url.rsplit('/').next()) != Some(name) {
                    differ(name.clone());
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
            Expected::Packed(name) => name.clone(),
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

/// Whether a value is the number of a later document than `expected`, of the same kind and month.
fn is_later(came: Option<&Value>, expected: &Value) -> bool {
    let number = |value: &Value| {
        let (series, serial) = value.as_str()?.rsplit_once('-')?;
        let (kind, month) = series.split_at_checked(1)?;
        let is_number = kind.bytes().all(|letter| letter.is_ascii_uppercase()) && month.len() == "2026-03".len();
        is_number.then_some((series.to_owned(), serial.parse::<u64>().ok()?))
    };
    let (Some((series, serial)), Some((first_series, first))) = (came.and_then(number), number(expected)) else {
        return false;
    };
    series == first_series && serial > first
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, path::Path};

    use callout_contract::POOL;
    use serde_json::json;

    use super::*;
    use crate::scenario::{path::Variables, problem::Found, shape::Shape, source, template::Reader};

    /// The differences between a case and what the YAML expects of it, a line each.
    fn differences(expected: &str, came: &Value) -> Vec<String> {
        differences_if(false, expected, came)
    }

    fn differences_if(gaps: bool, expected: &str, came: &Value) -> Vec<String> {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut found = Found::new(Path::new("s.yaml"));
        let node = source::documents(expected, &mut found).remove(0);
        let message = POOL.get_message_by_name("callout.intake.v1.Case").unwrap();
        let order = Shape::One(prost_reflect::Kind::String);
        let variables = HashMap::from([("order".to_owned(), order)]);
        let mut reader = Reader { zone: zone.clone(), variables, found: &mut found };
        let expected = reader.expected(&node, &Shape::message(message));
        assert_eq!(found.into_problems(), []);
        let expected = expected.fill(&Variables::from([("order".to_owned(), json!("w1"))])).unwrap();
        let differences = Comparison { zone: &zone, gaps }.differences(&expected, came);
        differences.iter().map(|found| format!("{}: {} | {}", found.path, found.expected, found.came)).collect()
    }

    fn case() -> Value {
        json!({
            "name": "c1", "urgent": false, "answer": "", "cause": "CAUSE_UNSPECIFIED", "workOrder": "w1",
            "verdict": {"outcome": "OUTCOME_FREE", "notifyBefore": []},
            "limits": [
                {"limit": "departure", "state": "STATE_RUNNING", "dueAt": "2026-03-06T12:10:00Z", "lateDays": 0},
                {"limit": "arrival", "state": "STATE_RUNNING", "dueAt": "2026-03-07T08:10:00Z", "late": "1200s"},
            ],
            "rank": ["1", "2"],
        })
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn fields_that_are_not_named_may_be_anything() {
        assert_eq!(differences("{name: c1, verdict: {outcome: OUTCOME_FREE}}", &case()), NONE);
    }

    #[test]
    fn a_difference_names_its_path_and_shows_times_of_the_zone() {
        assert_eq!(
            differences("limits: [{}, {due_at: 2026-03-07 16:11}]", &case()),
            ["limits[1].dueAt: 2026-03-07 16:11:00 | 2026-03-07 16:10:00"]
        );
    }

    #[test]
    fn a_field_that_is_not_set_has_the_default_of_its_type() {
        let defaults = "{urgent: false, answer: \"\", cause: CAUSE_UNSPECIFIED, records: [], customer: ~}";
        assert_eq!(differences(defaults, &case()), NONE);
        assert_eq!(differences("{urgent: true}", &json!({})), ["urgent: true | nothing"]);
    }

    #[test]
    fn variables_and_spans_are_compared_as_the_answer_writes_them() {
        assert_eq!(differences("{workOrder: \"${order}\", limits: [{}, {late: 20m}]}", &case()), NONE);
    }

    #[test]
    fn lists_are_compared_element_by_element() {
        assert_eq!(differences("rank: [1, 2]", &case()), NONE);
        assert_eq!(differences("rank: [1, 3]", &case()), ["rank[1]: 3 | 2"]);
        assert_eq!(differences("rank: [1]", &case()), [r#"rank: 1 element, not 2 | ["1","2"]"#]);
    }

    #[test]
    fn contains_wants_each_listed_element_somewhere() {
        assert_eq!(differences("limits: {$contains: [{limit: arrival}, {limit: departure}]}", &case()), NONE);
        assert_eq!(
            differences("limits: {$contains: [{limit: arrival, state: STATE_MET}]}", &case()),
            [
                "limits: an element that matches {limit: arrival, state: STATE_MET} | 2 elements, none of which matches; \
                 the nearest:",
                "limits[1].state: STATE_MET | STATE_RUNNING",
            ]
        );
    }

    #[test]
    fn words_with_a_dollar_can_be_used_together() {
        let both = "limits: {$length: 2, $not: {$contains: [{limit: quote}]}}";
        assert_eq!(differences(both, &case()), NONE);
        assert_eq!(differences("limits: {$length: 3}", &case()).len(), 1);
        assert_eq!(differences("rank: {$not: {$contains: [2]}}", &case()), [r#"rank: anything else | ["1","2"]"#]);
    }

    #[test]
    fn absent_and_present_are_told_apart() {
        assert_eq!(differences("{answer: {$absent: true}, name: {$absent: false}}", &case()), NONE);
        assert_eq!(
            differences("{answer: {$absent: false}, name: {$absent: true}}", &case()),
            ["answer: something | nothing", "name: nothing | c1"]
        );
    }
    #[test]
    fn a_later_number_will_do_where_numbers_may_have_gaps() {
        let expected = "{number: C2026-03-0001}";
        for (gaps, came, will_do) in [
            (true, "C2026-03-0001", true),
            (true, "C2026-03-0003", true),
            (false, "C2026-03-0003", false),
            (true, "C2026-03-0000", false),
            (true, "C2026-04-0003", false),
            (true, "W2026-03-0003", false),
        ] {
            let differences = differences_if(gaps, expected, &json!({"number": came}));
            assert_eq!(differences.is_empty(), will_do, "{came}: {differences:?}");
        }
        assert_eq!(differences_if(true, "{number: x-0001}", &json!({"number": "x-0002"})).len(), 1);
    }
}
