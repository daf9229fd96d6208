//! Working time: when the organisation is open, and instants so much of it away.

use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{Calendar, Error, Interval, PublicHolidays, error::IDLE_DAYS_MAX, interval::Pauses, week::Window};

/// Where a clock that runs in working time ends, and what it used on each day, in the order in which it was used.
pub(super) struct UsedUp {
    pub(super) at: Timestamp,
    pub(super) shares: Vec<(Date, SignedDuration)>,
}

impl Calendar {
    /// Whether the organisation works on `date`.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        !self.windows_on(date).is_empty()
    }

    /// `at` when the organisation is open then, else the next instant at which it opens.
    ///
    /// # Errors
    /// [`Error::NoWorkingTime`] when it does not open within two years, [`Error::OutOfRange`] past the year 9999.
    pub fn next_opening(&self, at: Timestamp) -> Result<Timestamp, Error> {
        self.visit_openings(at, |_, opening| ControlFlow::Break(opening.from()))
    }

    /// The earliest instant at which `amount` of working time since `start` is used up; `start` itself for none.
    ///
    /// # Errors
    /// [`Error::NoWorkingTime`] when it is closed for two years, [`Error::OutOfRange`] past the year 9999.
    pub fn add_working_time(&self, start: Timestamp, amount: SignedDuration) -> Result<Timestamp, Error> {
        self.use_up(start, amount, &Pauses::default()).map(|used| used.at)
    }

    /// How much working time lies in `interval`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn working_time(&self, interval: Interval) -> Result<SignedDuration, Error> {
        let (mut date, last) = (self.date_of(interval.from()), self.date_of(interval.to()));
        let (mut rest, mut total) = (interval, SignedDuration::ZERO);
        while date <= last {
            for &window in self.windows_on(date) {
                let Some(opening) = self.opening(window, date)?.and_then(|opening| opening.and(rest)) else { continue };
                total += opening.duration();
                rest = Interval::new(opening.to(), interval.to())?;
            }
            date = date.tomorrow().map_err(|_| Error::OutOfRange)?;
        }
        Ok(total)
    }

    /// Uses up `amount` of the working time from `start` on that is not paused.
    pub(super) fn use_up(&self, start: Timestamp, amount: SignedDuration, pauses: &Pauses) -> Result<UsedUp, Error> {
        let mut shares = Shares::new(amount);
        if shares.left.is_zero() {
            return Ok(UsedUp { at: start, shares: shares.taken });
        }
        let at = self.visit_openings(start, |date, opening| {
            for part in pauses.running(opening) {
                let share = shares.take(date, part.duration());
                if shares.left.is_zero() {
                    return ControlFlow::Break(part.from() + share);
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok(UsedUp { at, shares: shares.taken })
    }

    /// Uses up `amount` of the working time before `end`, backwards; the latest instant from which it suffices.
    pub(super) fn use_up_backwards(&self, end: Timestamp, amount: SignedDuration) -> Result<UsedUp, Error> {
        let mut shares = Shares::new(amount);
        if shares.left.is_zero() {
            return Ok(UsedUp { at: end, shares: shares.taken });
        }
        let at = self.visit_openings_backwards(end, |date, opening| {
            let share = shares.take(date, opening.duration());
            if shares.left.is_zero() { ControlFlow::Break(opening.to() - share) } else { ControlFlow::Continue(()) }
        })?;
        Ok(UsedUp { at, shares: shares.taken })
    }

    /// Shows the openings from `start` on, in order, until `visit` breaks.
    fn visit_openings<B>(
        &self,
        start: Timestamp,
        mut visit: impl FnMut(Date, Interval) -> ControlFlow<B>,
    ) -> Result<B, Error> {
        let mut rest = Interval::starting(start);
        let first = self.date_of(start);
        let (mut date, mut idle_days) = (first, 0);
        while idle_days <= IDLE_DAYS_MAX {
            idle_days += 1;
            for &window in self.windows_on(date) {
                let Some(opening) = self.opening(window, date)?.and_then(|opening| opening.and(rest)) else { continue };
                if let ControlFlow::Break(result) = visit(date, opening) {
                    return Ok(result);
                }
                rest = Interval::starting(opening.to());
                idle_days = 0;
            }
            date = date.tomorrow().map_err(|_| Error::OutOfRange)?;
        }
        Err(Error::NoWorkingTime { near: first })
    }

    /// Shows the openings before `end`, the last one first, until `visit` breaks.
    fn visit_openings_backwards<B>(
        &self,
        end: Timestamp,
        mut visit: impl FnMut(Date, Interval) -> ControlFlow<B>,
    ) -> Result<B, Error> {
        let mut rest = Interval::new(Timestamp::MIN, end)?;
        let first = self.date_of(end);
        let (mut date, mut idle_days) = (first, 0);
        while idle_days <= IDLE_DAYS_MAX {
            idle_days += 1;
            for &window in self.windows_on(date).iter().rev() {
                let Some(opening) = self.opening(window, date)?.and_then(|opening| opening.and(rest)) else { continue };
                if let ControlFlow::Break(result) = visit(date, opening) {
                    return Ok(result);
                }
                rest = Interval::new(Timestamp::MIN, opening.from())?;
                idle_days = 0;
            }
            date = date.yesterday().map_err(|_| Error::OutOfRange)?;
        }
        Err(Error::NoWorkingTime { near: first })
    }

    fn windows_on(&self, date: Date) -> &[Window] {
        let in_week = self.rules.working_days.contains(date);
        let works = match self.rules.public_holidays {
            PublicHolidays::Off => self.holidays.is_make_up_day(date) || (in_week && !self.holidays.is_holiday(date)),
            PublicHolidays::Worked => in_week,
        };
        if works { self.rules.working_windows.as_slice() } else { &[] }
    }
}

/// How much is left of an amount, and what was taken from it by day.
struct Shares {
    left: SignedDuration,
    taken: Vec<(Date, SignedDuration)>,
}

impl Shares {
    fn new(amount: SignedDuration) -> Self {
        Self { left: amount.max(SignedDuration::ZERO), taken: Vec::new() }
    }

    /// Takes what is left, at most `available`, on `date`; gives what was taken.
    fn take(&mut self, date: Date, available: SignedDuration) -> SignedDuration {
        let share = self.left.min(available);
        self.left -= share;
        match self.taken.last_mut() {
            Some((day, taken)) if *day == date => *taken += share,
            Some(_) | None => self.taken.push((date, share)),
        }
        share
    }
}
