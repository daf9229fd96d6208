//! The days on which an organisation differs from its ordinary week.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data of an organisation, kept year by year: its holidays, and the ordinary days off on which it makes up for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Dates", into = "Dates")]
#[schemars(with = "Dates")]
pub struct Holidays {
    dates: Dates,
}

/// Holidays as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Dates {
    /// Dates without working time.
    holidays: BTreeSet<Date>,
    /// Dates with the ordinary working windows, whatever the day of the week.
    make_up_days: BTreeSet<Date>,
}

impl Holidays {
    /// The given dates off and dates made up for.
    ///
    /// # Errors
    /// [`InvalidHolidays`] when a date is in both lists.
    pub fn new(
        holidays: impl IntoIterator<Item = Date>,
        make_up_days: impl IntoIterator<Item = Date>,
    ) -> Result<Self, InvalidHolidays> {
        Dates { holidays: holidays.into_iter().collect(), make_up_days: make_up_days.into_iter().collect() }.try_into()
    }

    pub(super) fn is_holiday(&self, date: Date) -> bool {
        self.dates.holidays.contains(&date)
    }

    pub(super) fn is_make_up_day(&self, date: Date) -> bool {
        self.dates.make_up_days.contains(&date)
    }
}

/// A date that is said to be off and worked at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{date} is both a holiday and a make-up day: keep it in one list")]
pub struct InvalidHolidays {
    date: Date,
}

impl TryFrom<Dates> for Holidays {
    type Error = InvalidHolidays;

    fn try_from(dates: Dates) -> Result<Self, InvalidHolidays> {
        match dates.holidays.intersection(&dates.make_up_days).next() {
            Some(&date) => Err(InvalidHolidays { date }),
            None => Ok(Self { dates }),
        }
    }
}

impl From<Holidays> for Dates {
    fn from(holidays: Holidays) -> Self {
        holidays.dates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holidays_are_read_from_an_organisation_s_data() {
        let text = r#"{"holidays": ["2026-02-16", "2026-02-17"], "make_up_days": ["2026-02-14"]}"#;
        let holidays: Holidays = serde_json::from_str(text).unwrap();
        assert!(holidays.is_holiday(jiff::civil::date(2026, 2, 17)));
        assert!(holidays.is_make_up_day(jiff::civil::date(2026, 2, 14)));
    }

    #[test]
    fn a_date_that_is_off_and_worked_is_refused() {
        let text = r#"{"holidays": ["2026-02-16"], "make_up_days": ["2026-02-16"]}"#;
        let error = serde_json::from_str::<Holidays>(text).unwrap_err().to_string();
        assert!(error.contains("2026-02-16 is both a holiday and a make-up day"), "{error}");
    }
}
