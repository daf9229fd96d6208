//! What a limit lasts, as packs write it: `24h`, `4wh`, `3wd`, `1mo`.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The unit in which a limit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `min`: elapsed minutes, day and night.
    Minute,
    /// `h`: elapsed hours, day and night.
    Hour,
    /// `wmin`: minutes of working time.
    WorkingMinute,
    /// `wh`: hours of working time.
    WorkingHour,
    /// `d`: calendar days.
    Day,
    /// `wd`: working days.
    WorkingDay,
    /// `mo`: months.
    Month,
    /// `y`: years.
    Year,
}

impl Unit {
    /// Every unit, the shortest first.
    pub const ALL: [Self; 8] = [
        Self::Minute,
        Self::Hour,
        Self::WorkingMinute,
        Self::WorkingHour,
        Self::Day,
        Self::WorkingDay,
        Self::Month,
        Self::Year,
    ];

    /// How the unit is written behind its number.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Minute => "min",
            Self::Hour => "h",
            Self::WorkingMinute => "wmin",
            Self::WorkingHour => "wh",
            Self::Day => "d",
            Self::WorkingDay => "wd",
            Self::Month => "mo",
            Self::Year => "y",
        }
    }

    fn from_suffix(suffix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.suffix() == suffix)
    }
}

/// What a limit lasts: a whole number of one unit. `0d` is the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "String")]
pub struct Amount {
    count: u32,
    unit: Unit,
}

impl Amount {
    /// The highest number that an amount may have; what is longer is a mistake in a pack.
    pub const MAX_COUNT: u32 = 999_999;

    /// `count` times `unit`.
    ///
    /// # Errors
    /// [`InvalidAmount`] when `count` is above [`Amount::MAX_COUNT`].
    pub fn new(count: u32, unit: Unit) -> Result<Self, InvalidAmount> {
        if count > Self::MAX_COUNT {
            return Err(InvalidAmount::new(&format!("{count}{}", unit.suffix()), TOO_LONG));
        }
        Ok(Self { count, unit })
    }

    /// How many of the unit.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The unit.
    #[must_use]
    pub const fn unit(self) -> Unit {
        self.unit
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.suffix())
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let invalid = |hint: &str| InvalidAmount::new(text, hint);
        let (number, suffix) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        if number.is_empty() {
            return Err(invalid("an amount begins with a whole number, such as `24h`"));
        }
        let Some(unit) = Unit::from_suffix(suffix) else {
            return Err(invalid(&hint_for_suffix(number, suffix)));
        };
        if number.len() > 1 && number.starts_with('0') {
            let plain = number.trim_start_matches('0');
            let plain = if plain.is_empty() { "0" } else { plain };
            return Err(invalid(&format!("write it without leading zeros: `{plain}{suffix}`")));
        }
        let count = number.parse().map_err(|_| invalid(TOO_LONG))?;
        Self::new(count, unit)
    }
}

const TOO_LONG: &str = "the number is at most 999999";
const UNITS: &str = "min, h, wmin, wh (working time), d, wd (working days), mo or y";

fn hint_for_suffix(number: &str, suffix: &str) -> String {
    match suffix.trim() {
        "" => format!("the unit is missing: {UNITS}"),
        fraction if fraction.starts_with(['.', ',']) => {
            "only whole numbers: write half a day as `12h`, an hour and a half as `90min`".to_owned()
        }
        "m" => format!("`m` could be minutes or months: write `{number}min` or `{number}mo`"),
        "w" => "write weeks as days: two weeks are `14d`".to_owned(),
        unit if unit != suffix && Unit::from_suffix(unit).is_some() => {
            format!("write it without spaces: `{number}{unit}`")
        }
        _ => format!("the unit is one of {UNITS}"),
    }
}

/// A text that is not an amount, and what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount of time: {hint}")]
pub struct InvalidAmount {
    text: String,
    hint: String,
}

impl InvalidAmount {
    fn new(text: &str, hint: &str) -> Self {
        Self { text: text.to_owned(), hint: hint.to_owned() }
    }
}

impl TryFrom<Cow<'_, str>> for Amount {
    type Error = InvalidAmount;

    fn try_from(text: Cow<'_, str>) -> Result<Self, InvalidAmount> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let suffixes = Unit::ALL.map(Unit::suffix).join("|");
        json_schema!({
            "type": "string",
            "description": "What a limit lasts: 30min and 24h elapsed; 90wmin and 4wh of working time; 3d days; \
                            3wd working days; 1mo; 2y. 0d is the same day.",
            "pattern": format!("^(0|[1-9][0-9]{{0,5}})({suffixes})$"),
            "examples": ["24h", "4wh", "3wd", "1mo"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_printed_as_it_was_written() {
        for text in ["30min", "24h", "4wh", "90wmin", "3wd", "3d", "1mo", "2y", "0d", "999999min"] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_wrong_amount_is_refused_with_what_would_be_right() {
        for (text, hint) in [
            ("", "begins with a whole number"),
            ("h", "begins with a whole number"),
            ("-1d", "begins with a whole number"),
            ("24", "the unit is missing"),
            ("0.5d", "write half a day as `12h`"),
            ("1m", "write `1min` or `1mo`"),
            ("2w", "`14d`"),
            ("24 h", "without spaces: `24h`"),
            ("24hours", "the unit is one of"),
            ("24H", "the unit is one of"),
            ("1µs", "the unit is one of"),
            ("04wh", "`4wh`"),
            ("00d", "`0d`"),
            ("1000000d", "at most 999999"),
            ("99999999999d", "at most 999999"),
        ] {
            let error = text.parse::<Amount>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
        assert!(Amount::new(1_000_000, Unit::Day).is_err());
    }

    #[test]
    fn an_amount_is_text_in_documents() {
        let amount: Amount = serde_json::from_str("\"3wd\"").unwrap();
        assert_eq!(amount, Amount::new(3, Unit::WorkingDay).unwrap());
        assert_eq!(serde_json::to_string(&amount).unwrap(), "\"3wd\"");
        assert!(serde_json::from_str::<Amount>("3").is_err());
    }

    #[test]
    fn the_schema_knows_every_unit() {
        let schema = schemars::schema_for!(Amount);
        assert_eq!(schema.get("pattern").unwrap(), "^(0|[1-9][0-9]{0,5})(min|h|wmin|wh|d|wd|mo|y)$");
    }
}
