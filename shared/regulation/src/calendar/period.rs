//! Calendar periods, which reports, routines and scores are made for.

use std::fmt;

use jiff::{
    Span, Timestamp,
    civil::{Date, Weekday},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Calendar, Due, Error,
    computation::Computation,
    edges::{earlier, whole_second},
};

/// A kind of calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three months from January, April, July or October on.
    Quarter,
    /// Six months from January or July on.
    HalfYear,
    /// A calendar year.
    Year,
}

impl Period {
    /// The period of this kind in which `date` lies.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn containing(self, date: Date) -> Result<CalendarPeriod, Error> {
        let first = match self {
            Self::Week => {
                let days = i64::from(date.weekday().since(Weekday::Monday));
                date.checked_sub(Span::new().days(days)).map_err(|_| Error::OutOfRange)?
            }
            Self::Month | Self::Quarter | Self::HalfYear | Self::Year => {
                let months = i64::from((date.month() - 1) % self.months());
                date.first_of_month().checked_sub(Span::new().months(months)).map_err(|_| Error::OutOfRange)?
            }
        };
        let last = first.checked_add(self.length()).and_then(Date::yesterday).map_err(|_| Error::OutOfRange)?;
        Ok(CalendarPeriod { kind: self, first, last })
    }

    fn length(self) -> Span {
        match self {
            Self::Week => Span::new().weeks(1),
            Self::Month | Self::Quarter | Self::HalfYear | Self::Year => Span::new().months(self.months()),
        }
    }

    /// Months from one beginning to the next; 0 for weeks, which do not keep to months.
    #[must_use]
    pub const fn months(self) -> i8 {
        match self {
            Self::Week => 0,
            Self::Month => 1,
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::Year => 12,
        }
    }
}

/// One week, month, quarter, half-year or year of the calendar.
///
/// It prints as `2026-W11`, `2026-03`, `2026-Q1`, `2026-H1` or `2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CalendarPeriod {
    kind: Period,
    first: Date,
    last: Date,
}

impl CalendarPeriod {
    /// What kind of period it is.
    #[must_use]
    pub fn kind(self) -> Period {
        self.kind
    }

    /// The first day.
    #[must_use]
    pub fn first_on(self) -> Date {
        self.first
    }

    /// The last day.
    #[must_use]
    pub fn last_on(self) -> Date {
        self.last
    }

    /// Whether `date` lies in the period.
    #[must_use]
    pub fn contains(self, date: Date) -> bool {
        self.first <= date && date <= self.last
    }

    /// The period of the same kind that follows.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] after the year 9999.
    pub fn next(self) -> Result<Self, Error> {
        self.kind.containing(self.last.tomorrow().map_err(|_| Error::OutOfRange)?)
    }

    /// The period of the same kind that came before.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] before the year -9999.
    pub fn previous(self) -> Result<Self, Error> {
        self.kind.containing(self.first.yesterday().map_err(|_| Error::OutOfRange)?)
    }
}

impl fmt::Display for CalendarPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.first.year(), self.first.month());
        match self.kind {
            Period::Week => {
                let week = self.first.iso_week_date();
                write!(f, "{}-W{:02}", week.year(), week.week())
            }
            Period::Month => write!(f, "{year}-{month:02}"),
            Period::Quarter => write!(f, "{year}-Q{}", month / 3 + 1),
            Period::HalfYear => write!(f, "{year}-H{}", month / 6 + 1),
            Period::Year => write!(f, "{year}"),
        }
    }
}

/// The number of a day in a month, 1 to 31; in a shorter month its last day stands in for it, so 31 is always the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "i8", into = "i8")]
pub struct DayOfMonth(#[schemars(range(min = 1, max = 31))] i8);

impl DayOfMonth {
    /// The last day of every month.
    pub const LAST: Self = Self(31);

    /// The day with this number in the month of `date`, or that month's last day.
    #[must_use]
    pub fn in_month_of(self, date: Date) -> Date {
        let last = date.last_of_month();
        date.with().day(self.0.min(last.day())).build().unwrap_or(last)
    }
}

/// A number that no day of a month has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a day of a month: 1 to 31, where 31 also means the last day")]
pub struct InvalidDayOfMonth(i8);

impl TryFrom<i8> for DayOfMonth {
    type Error = InvalidDayOfMonth;

    fn try_from(day: i8) -> Result<Self, InvalidDayOfMonth> {
        if (1..=31).contains(&day) { Ok(Self(day)) } else { Err(InvalidDayOfMonth(day)) }
    }
}

impl From<DayOfMonth> for i8 {
    fn from(day: DayOfMonth) -> Self {
        day.0
    }
}

impl Calendar {
    /// The period of the given kind in which `at` lies.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn period(&self, kind: Period, at: Timestamp) -> Result<CalendarPeriod, Error> {
        kind.containing(self.date_of(at))
    }

    /// The first instant of `period`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn period_starts_at(&self, period: CalendarPeriod) -> Result<Timestamp, Error> {
        self.starts_at(period.first)
    }

    /// The last second of `period`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn period_ends_at(&self, period: CalendarPeriod) -> Result<Timestamp, Error> {
        let next = self.starts_at(period.last.tomorrow().map_err(|_| Error::OutOfRange)?)?;
        earlier(next, jiff::SignedDuration::from_secs(1))
    }

    /// When something falls due that is to be done once within `period`: at the end of its last day. Source: R01 A14.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn due_within(&self, period: CalendarPeriod) -> Result<Due, Error> {
        Ok(Computation::of(self, format!("end of {period}")).due(self.ends_at(period.last)?))
    }

    /// When something falls due that is to be done by a day of the month that follows `period`. Source: R01 A16.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn due_after(&self, period: CalendarPeriod, day: DayOfMonth) -> Result<Due, Error> {
        let following = Period::Month.containing(period.last)?.next()?;
        let line = Computation::of(self, format!("{period}, day {} of {following}", day.0));
        Ok(line.due(self.ends_at(day.in_month_of(following.first))?))
    }

    /// When something falls due that is to be done by a day of the last month of `period`. Source: R22-18.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn due_by_day_within(&self, period: CalendarPeriod, day: DayOfMonth) -> Result<Due, Error> {
        let month = Period::Month.containing(period.last)?;
        let line = Computation::of(self, format!("{period}, day {} of {month}", day.0));
        Ok(line.due(self.ends_at(day.in_month_of(month.first))?))
    }

    /// When something falls due that is to be done by a day of the month after that of `start`. Source: R20-22.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn due_in_following_month(&self, start: Timestamp, day: DayOfMonth) -> Result<Due, Error> {
        self.due_after(self.period(Period::Month, start)?, day)
    }

    /// When something falls due that is to be done by the next such day of a month, the date of `start` included: what
    /// starts on the 31st is due by the 30th of the next month. Source: R13-19.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn due_by_day_of_month(&self, start: Timestamp, day: DayOfMonth) -> Result<Due, Error> {
        let start = whole_second(start);
        let month = Period::Month.containing(self.date_of(start))?;
        let mut due_at = self.ends_at(day.in_month_of(month.first))?;
        if due_at < start {
            due_at = self.ends_at(day.in_month_of(month.next()?.first))?;
        }
        Ok(Computation::of(self, format!("{}, next day {} of a month", self.in_words(start), day.0)).due(due_at))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{super::fixtures::*, *};

    #[test]
    fn a_period_knows_its_days_its_name_and_its_neighbours() {
        for (kind, name, first, last, previous, next) in [
            (Period::Week, "2026-W01", date(2025, 12, 29), date(2026, 1, 4), "2025-W52", "2026-W02"),
            (Period::Month, "2026-01", date(2026, 1, 1), date(2026, 1, 31), "2025-12", "2026-02"),
            (Period::Quarter, "2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "2025-Q4", "2026-Q2"),
            (Period::HalfYear, "2026-H1", date(2026, 1, 1), date(2026, 6, 30), "2025-H2", "2026-H2"),
            (Period::Year, "2026", date(2026, 1, 1), date(2026, 12, 31), "2025", "2027"),
        ] {
            let period = kind.containing(date(2026, 1, 2)).unwrap();
            assert_eq!(period.to_string(), name);
            assert_eq!((period.kind(), period.first_on(), period.last_on()), (kind, first, last));
            assert!(period.contains(first) && period.contains(last) && !period.contains(last.tomorrow().unwrap()));
            assert_eq!(period.previous().unwrap().to_string(), previous);
            assert_eq!(period.next().unwrap().to_string(), next);
        }
        assert_eq!(Period::Quarter.containing(date(2026, 12, 31)).unwrap().to_string(), "2026-Q4");
        assert_eq!(Period::HalfYear.containing(date(2026, 7, 1)).unwrap().to_string(), "2026-H2");
    }

    #[test]
    fn a_period_begins_and_ends_by_the_clock_on_the_wall() {
        let berlin = calendar_in("Europe/Berlin");
        let week = berlin.period(Period::Week, instant("2026-03-22T23:30Z")).unwrap();
        assert_eq!(week.first_on(), date(2026, 3, 23));
        assert_eq!(berlin.period_starts_at(week).unwrap(), instant("2026-03-23T00:00+01:00"));
        assert_eq!(berlin.period_ends_at(week).unwrap(), instant("2026-03-29T23:59:59+02:00"));
    }

    #[test]
    fn a_day_number_that_the_month_lacks_is_its_last_day() {
        let thirtieth = DayOfMonth::try_from(30).unwrap();
        assert_eq!(thirtieth.in_month_of(date(2013, 2, 5)), date(2013, 2, 28));
        assert_eq!(thirtieth.in_month_of(date(2013, 3, 5)), date(2013, 3, 30));
        assert_eq!(DayOfMonth::LAST.in_month_of(date(2024, 2, 1)), date(2024, 2, 29));
        assert!(serde_json::from_str::<DayOfMonth>("0").unwrap_err().to_string().contains("1 to 31"));
        assert!(serde_json::from_str::<DayOfMonth>("32").is_err());
    }
}
