//! Registers with numbers of their own, and reminders of what is overdue.

use std::{borrow::Cow, fmt};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, RuleId};
use crate::{expression::Condition, vocabulary::Moment};

/// A register of the organisation in which cases are entered under numbers of its own pattern.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// Which cases are entered; absent: all that reach `at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// What enters a case: it has no number before.
    pub at: Moment,
    /// How the number is written.
    pub pattern: NumberPattern,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// How a number is written: `YYYY` or `YY` the year, `MM` the month, `S…` the serial of the month with so many digits at
/// least, from 1; everything else stands for itself. `YYMMSS` writes the seventh of March 2024 as `240307`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NumberPattern {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Year,
    ShortYear,
    Month,
    Serial(usize),
    Itself(char),
}

impl NumberPattern {
    /// The number of the so many-th of a month.
    #[must_use]
    pub fn write(&self, on: Date, serial: i64) -> String {
        let piece = |piece: &Piece| match *piece {
            Piece::Year => format!("{:04}", on.year()),
            Piece::ShortYear => format!("{:02}", on.year().rem_euclid(100)),
            Piece::Month => format!("{:02}", on.month()),
            Piece::Serial(digits) => format!("{serial:0digits$}"),
            Piece::Itself(letter) => letter.to_string(),
        };
        self.pieces.iter().map(piece).collect()
    }
}

impl TryFrom<String> for NumberPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some(first) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(first).len();
            let (piece, taken) = match (first, run / first.len_utf8()) {
                ('Y', 4) => (Piece::Year, run),
                ('Y', 2) => (Piece::ShortYear, run),
                ('M', 2) => (Piece::Month, run),
                ('S', digits @ 1..=9) => (Piece::Serial(digits), run),
                ('Y' | 'M' | 'S', _) => {
                    return Err(format!("`{text}`: write `YYYY` or `YY`, `MM`, `S` to `SSSSSSSSS`"));
                }
                (letter, _) => (Piece::Itself(letter), letter.len_utf8()),
            };
            pieces.push(piece);
            rest = &rest[taken..];
        }
        // The serial starts anew each month: without all three, numbers would come twice.
        let has = |wanted: fn(&Piece) -> bool| pieces.iter().filter(|piece| wanted(piece)).count() == 1;
        let whole = has(|piece| matches!(piece, Piece::Year | Piece::ShortYear))
            && has(|piece| matches!(piece, Piece::Month))
            && has(|piece| matches!(piece, Piece::Serial(_)));
        if whole {
            Ok(Self { text, pieces })
        } else {
            Err(format!("`{text}` must say year, month and serial once each"))
        }
    }
}

impl From<NumberPattern> for String {
    fn from(pattern: NumberPattern) -> Self {
        pattern.text
    }
}

impl fmt::Display for NumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl JsonSchema for NumberPattern {
    fn schema_name() -> Cow<'static, str> {
        "NumberPattern".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Year, month and serial of a number, such as `YYMMSS`.",
            "type": "string",
        })
    }
}

/// Reminders of what is overdue while a case is open: whoever answers for the limit is told, once for each time at which it
/// falls due.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// Limits of cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Id>,
    /// Chains of cases, with the limits of all their stations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<Id>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}
