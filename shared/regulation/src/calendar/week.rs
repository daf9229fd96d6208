//! The ordinary working week: on which days, and from when to when.

use std::{borrow::Cow, fmt, str::FromStr};

use jiff::civil::{Date, DateTime, Time, Weekday};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Error;

/// A day of the week, as packs write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the days of the week")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl From<Weekday> for Day {
    fn from(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// The days of the week that are worked; none at all is allowed, where a pack never counts working time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct WorkingDays(std::collections::BTreeSet<Day>);

impl WorkingDays {
    /// Whether the day of the week of `date` is one of them.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.0.contains(&Day::from(date.weekday()))
    }
}

impl FromIterator<Day> for WorkingDays {
    fn from_iter<I: IntoIterator<Item = Day>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

/// A stretch of a working day, such as `08:00-12:00`: it begins with its first minute and ends before its last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "String")]
pub struct Window {
    from_min: u16,
    to_min: u16,
}

const DAY_MIN: u16 = 24 * 60;

impl Window {
    /// From when the window is open on `date`, by the clock on the wall.
    pub(super) fn opens(self, date: Date) -> Result<DateTime, Error> {
        at_minute(date, self.from_min)
    }

    /// From when it is closed; 24:00 is midnight of the next day.
    pub(super) fn closes(self, date: Date) -> Result<DateTime, Error> {
        at_minute(date, self.to_min)
    }
}

fn at_minute(date: Date, minute: u16) -> Result<DateTime, Error> {
    if minute == DAY_MIN {
        return Ok(date.tomorrow().map_err(|_| Error::OutOfRange)?.to_datetime(Time::midnight()));
    }
    let (hour, minute) = (minute / 60, minute % 60);
    let time = i8::try_from(hour).ok().zip(i8::try_from(minute).ok()).and_then(|(h, m)| Time::new(h, m, 0, 0).ok());
    time.map(|time| date.to_datetime(time)).ok_or(Error::OutOfRange)
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from_min, to_min } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from_min / 60, from_min % 60, to_min / 60, to_min % 60)
    }
}

impl FromStr for Window {
    type Err = InvalidWindow;

    fn from_str(text: &str) -> Result<Self, InvalidWindow> {
        let invalid = |hint: &str| InvalidWindow { text: text.to_owned(), hint: hint.to_owned() };
        let parts = text.split_once('-').and_then(|(from, to)| minute_of_day(from).zip(minute_of_day(to)));
        let Some((from_min, to_min)) = parts else {
            return Err(invalid("write it as `08:00-12:00`, from 00:00 to 24:00"));
        };
        match from_min.cmp(&to_min) {
            std::cmp::Ordering::Less => Ok(Self { from_min, to_min }),
            std::cmp::Ordering::Equal => Err(invalid("it is empty; the whole day is `00:00-24:00`")),
            std::cmp::Ordering::Greater => {
                Err(invalid("it ends before it begins; divide it at midnight, as in `22:00-24:00` and `00:00-06:00`"))
            }
        }
    }
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits =
        |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok())?;
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY_MIN).then_some(total)
}

/// A text that is not a window, or windows that do not fit together, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a working window: {hint}")]
pub struct InvalidWindow {
    text: String,
    hint: String,
}

impl TryFrom<Cow<'_, str>> for Window {
    type Error = InvalidWindow;

    fn try_from(text: Cow<'_, str>) -> Result<Self, InvalidWindow> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

impl JsonSchema for Window {
    fn schema_name() -> Cow<'static, str> {
        "Window".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "From when to when by the clock on the wall; midnight at the end is 24:00.",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
            "examples": ["08:00-12:00", "00:00-24:00"],
        })
    }
}

/// The windows of a working day, in order; the breaks are what lies between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Window>", into = "Vec<Window>")]
#[schemars(with = "Vec<Window>")]
pub struct WorkingWindows(Vec<Window>);

impl WorkingWindows {
    /// 08:00-12:00 and 13:00-17:00. Source: R01 A1.
    pub(super) fn office_hours() -> Self {
        let [morning, afternoon] = [(8 * 60, 12 * 60), (13 * 60, 17 * 60)];
        let window = |(from_min, to_min)| Window { from_min, to_min };
        Self(vec![window(morning), window(afternoon)])
    }

    pub(super) fn as_slice(&self) -> &[Window] {
        &self.0
    }
}

impl TryFrom<Vec<Window>> for WorkingWindows {
    type Error = InvalidWindow;

    fn try_from(mut windows: Vec<Window>) -> Result<Self, InvalidWindow> {
        windows.sort();
        match windows.windows(2).find(|pair| pair[1].from_min < pair[0].to_min) {
            Some(pair) => {
                Err(InvalidWindow { text: pair[1].to_string(), hint: format!("it overlaps with `{}`", pair[0]) })
            }
            None => Ok(Self(windows)),
        }
    }
}

impl From<WorkingWindows> for Vec<Window> {
    fn from(windows: WorkingWindows) -> Self {
        windows.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_printed_as_it_was_written() {
        for text in ["08:00-12:00", "13:30-17:05", "00:00-24:00", "23:59-24:00"] {
            assert_eq!(text.parse::<Window>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_wrong_window_is_refused_with_what_would_be_right() {
        for (text, hint) in [
            ("8:00-12:00", "`08:00-12:00`"),
            ("08:00", "`08:00-12:00`"),
            ("08:60-12:00", "`08:00-12:00`"),
            ("08:00-24:01", "`08:00-12:00`"),
            ("08:00-+1:00", "`08:00-12:00`"),
            ("08:00-08:00", "`00:00-24:00`"),
            ("22:00-06:00", "divide it at midnight"),
        ] {
            let error = text.parse::<Window>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }

    #[test]
    fn windows_are_put_in_order_and_may_touch_but_not_overlap() {
        let read = serde_json::from_str::<WorkingWindows>;
        let windows = read(r#"["13:00-17:00", "08:00-12:00", "12:00-13:00"]"#).unwrap();
        assert_eq!(serde_json::to_string(&windows).unwrap(), r#"["08:00-12:00","12:00-13:00","13:00-17:00"]"#);
        let error = read(r#"["08:00-12:00", "11:59-17:00"]"#).unwrap_err().to_string();
        assert!(error.contains("`11:59-17:00` is not a working window: it overlaps with `08:00-12:00`"), "{error}");
    }
}
