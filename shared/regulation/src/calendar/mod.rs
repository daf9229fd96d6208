//! Calendars and time limits: when a limit falls due, how late an act is, which period an instant belongs to.
//!
//! Pure arithmetic on instants and civil dates. A [`Calendar`] is made of a time zone, the [`CountingRules`] of a
//! regulation pack and the [`Holidays`] of an organisation. Nothing here reads a clock.
//!
//! Limits are judged by whole seconds, the precision in which people state them. A start is taken down to its second,
//! and so is the act that is compared with the limit: what happens at 23:59:59.5 is in time when the limit ends at
//! 23:59:59, and 00:00:00 is late. Every [`Due`] says in one line how it came about.
//!
//! Clock changes: hours are elapsed hours, also over a change; days and opening hours follow the clock on the wall. An
//! opening that begins in an hour that the clock skips begins when it has skipped; one that begins in an hour that
//! comes twice begins with the first, and one that ends in it ends with the second.

mod amount;
mod computation;
mod days;
mod due;
mod edges;
mod error;
mod holidays;
mod interval;
mod period;
mod rules;
mod week;
mod working_time;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod scenarios;

use jiff::tz::TimeZone;

pub use amount::{Amount, InvalidAmount, Unit};
pub use due::{Due, is_late, lateness};
pub use error::Error;
pub use holidays::{Holidays, InvalidHolidays};
pub use interval::Interval;
pub use period::{CalendarPeriod, DayOfMonth, InvalidDayOfMonth, Period};
pub use rules::{Boundary, CountingRules, DayLimits, DayOff, MonthLimits, PublicHolidays, StartDay};
pub use week::{Day, InvalidWindow, Window, WorkingDays, WorkingWindows};

/// How one organisation counts time under one regulation.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    rules: CountingRules,
    holidays: Holidays,
}

impl Calendar {
    /// The calendar of the place `zone`, by the `rules` of a pack and the `holidays` of an organisation.
    #[must_use]
    pub fn new(zone: TimeZone, rules: CountingRules, holidays: Holidays) -> Self {
        Self { zone, rules, holidays }
    }

    /// The time zone in which days begin and end.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The counting rules of the pack.
    #[must_use]
    pub fn rules(&self) -> &CountingRules {
        &self.rules
    }
}
