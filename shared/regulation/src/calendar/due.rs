//! When a limit falls due, and how late an act is.

use jiff::{SignedDuration, Span, Timestamp};

use super::{
    Amount, Boundary, Calendar, DayLimits, Error, Interval, Unit,
    computation::Computation,
    days::LastDay,
    edges::{earlier, later, whole_second},
    interval::Pauses,
};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// When a limit falls due and why then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The last instant that is in time, a whole second.
    pub due_at: Timestamp,
    /// One line for people, such as `2026-03-06 16:10 + 4wh: 50 min Fri 2026-03-06, 3 h 10 min Mon 2026-03-09 =
    /// 2026-03-09 11:10`.
    pub computation: String,
}

/// Whether an act at `at` comes after the limit `due_at`; both are compared by whole seconds.
#[must_use]
pub fn is_late(due_at: Timestamp, at: Timestamp) -> bool {
    whole_second(at) > whole_second(due_at)
}

/// How long after the limit `due_at` an act at `at` comes, in whole elapsed seconds; zero when it is in time.
#[must_use]
pub fn lateness(due_at: Timestamp, at: Timestamp) -> SignedDuration {
    whole_second(at).duration_since(whole_second(due_at)).max(SignedDuration::ZERO)
}

impl Calendar {
    /// When a limit of `amount` that starts at `start` falls due.
    ///
    /// Working time begins to count with the next opening and falls due at the earliest instant at which it is used up:
    /// 4wh from 08:00 are due at 12:00 and not at 13:00. Days, working days, months and years end with a day. No limit
    /// is due before it starts.
    ///
    /// # Errors
    /// [`Error::NoWorkingTime`] when working time or days are counted and there are none within two years,
    /// [`Error::OutOfRange`] when the limit ends after the year 9999.
    pub fn due(&self, start: Timestamp, amount: Amount) -> Result<Due, Error> {
        self.due_with_pauses(start, amount, &[])
    }

    /// When a limit falls due whose clock stands still during `pauses`, given in any order.
    ///
    /// Hours and working time run on where they stopped. A day counts unless the clock stands still when it ends, so a
    /// pause moves a limit of days by the nights that it lasts, and a limit of months or years likewise.
    ///
    /// # Errors
    /// As [`Calendar::due`].
    pub fn due_with_pauses(&self, start: Timestamp, amount: Amount, pauses: &[Interval]) -> Result<Due, Error> {
        let start = whole_second(start);
        let pauses = Pauses::new(pauses);
        let mut line = Computation::forward(self, start, amount);
        let due_at = match self.measure(amount)? {
            Measure::Elapsed(duration) => {
                let at = elapsed(start, duration, &pauses)?;
                line.note_clock_change(start, at);
                self.bounded(at, &mut line)?
            }
            Measure::Working(duration) => {
                let used = self.use_up(start, duration, &pauses)?;
                line.note_shares(&used.shares);
                self.bounded(used.at, &mut line)?
            }
            Measure::Dates(count) => {
                self.day_end(&self.last_calendar_day(self.date_of(start), count, &pauses)?, &mut line)?
            }
            Measure::WorkingDays(count) => {
                self.day_end(&self.last_working_day(self.date_of(start), count, &pauses)?, &mut line)?
            }
            Measure::Months(span) => {
                self.day_end(&self.last_day_of_months(self.date_of(start), span, &pauses)?, &mut line)?
            }
        };
        line.note_pauses(&pauses, start, due_at);
        Ok(line.due(due_at.max(start)))
    }

    /// The latest instant that leaves `amount` before an appointment or a deadline, such as one month before expiry.
    ///
    /// Counted like a limit, backwards: hours and working time give an instant, days and months the end of a day. Never
    /// moved for a day off, and never later than the deadline. Source: R19-21.
    ///
    /// # Errors
    /// As [`Calendar::due`], for the two years and the years before.
    pub fn before(&self, deadline: Timestamp, amount: Amount) -> Result<Due, Error> {
        let deadline = whole_second(deadline);
        let mut line = Computation::backward(self, deadline, amount);
        let end = self.date_of(deadline);
        let due_at = match self.measure(amount)? {
            Measure::Elapsed(duration) => {
                let at = earlier(deadline, duration)?;
                line.note_clock_change(at, deadline);
                self.bounded(at, &mut line)?
            }
            Measure::Working(duration) => {
                let used = self.use_up_backwards(deadline, duration)?;
                line.note_shares(&used.shares);
                self.bounded(used.at, &mut line)?
            }
            Measure::Dates(count) => self.day_end(&self.calendar_day_before(end, count)?, &mut line)?,
            Measure::WorkingDays(count) => self.day_end(&self.working_day_before(end, count)?, &mut line)?,
            Measure::Months(span) => self.day_end(&self.months_before(end, span)?, &mut line)?,
        };
        Ok(line.due(due_at.min(deadline)))
    }

    /// How many dates the date of `at` lies after the due date; zero when it is in time, never negative.
    ///
    /// An act that is late on the due date itself is zero days late. Source: R01 A13.
    #[must_use]
    pub fn late_days(&self, due_at: Timestamp, at: Timestamp) -> i32 {
        self.date_of(due_at).until(self.date_of(at)).map_or(0, |days| days.get_days().max(0))
    }

    /// What `amount` asks to be counted under the rules of the pack.
    fn measure(&self, amount: Amount) -> Result<Measure, Error> {
        let count = i64::from(amount.count());
        let span = |span: Result<Span, jiff::Error>| span.map(Measure::Months).map_err(|_| Error::OutOfRange);
        match (amount.unit(), self.rules.day_limits) {
            (Unit::Minute, _) => Ok(Measure::Elapsed(SignedDuration::from_mins(count))),
            (Unit::Hour, _) => Ok(Measure::Elapsed(SignedDuration::from_hours(count))),
            (Unit::WorkingMinute, _) => Ok(Measure::Working(SignedDuration::from_mins(count))),
            (Unit::WorkingHour, _) => Ok(Measure::Working(SignedDuration::from_hours(count))),
            (Unit::Day, DayLimits::SpansOf24h) => Ok(Measure::Elapsed(SignedDuration::from_hours(24 * count))),
            (Unit::Day, DayLimits::Dates) => Ok(Measure::Dates(amount.count())),
            (Unit::WorkingDay, _) => Ok(Measure::WorkingDays(amount.count())),
            (Unit::Month, _) => span(Span::new().try_months(count)),
            (Unit::Year, _) => span(Span::new().try_years(count)),
        }
    }

    /// The last instant in time of a limit that ends at the moment `at`.
    fn bounded(&self, at: Timestamp, line: &mut Computation<'_>) -> Result<Timestamp, Error> {
        match self.rules.boundary {
            Boundary::Inclusive => Ok(at),
            Boundary::Exclusive => {
                line.note_exclusive(at);
                earlier(at, SECOND)
            }
        }
    }

    /// The last instant in time of a limit that ends with a day.
    fn day_end(&self, last: &LastDay, line: &mut Computation<'_>) -> Result<Timestamp, Error> {
        line.note_last_day(last);
        self.ends_at(last.date)
    }
}

/// How an amount is counted.
enum Measure {
    /// Elapsed time, day and night.
    Elapsed(SignedDuration),
    /// Time while the organisation is open.
    Working(SignedDuration),
    /// Calendar days.
    Dates(u32),
    /// Working days.
    WorkingDays(u32),
    /// Months or years.
    Months(Span),
}

/// The earliest instant at which the clock has run for `duration` outside the pauses.
fn elapsed(start: Timestamp, duration: SignedDuration, pauses: &Pauses) -> Result<Timestamp, Error> {
    let mut left = duration;
    for part in pauses.running(Interval::starting(start)) {
        if left.is_zero() {
            break;
        }
        if left <= part.duration() {
            return later(part.from(), left);
        }
        left -= part.duration();
    }
    if left.is_zero() { Ok(start) } else { Err(Error::OutOfRange) }
}

#[cfg(test)]
mod tests;
