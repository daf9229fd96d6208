//! Limits that end with a day: calendar days, working days, months and years.

use jiff::{Span, Timestamp, civil::Date};

use super::{Calendar, DayOff, Error, MonthLimits, StartDay, error::IDLE_DAYS_MAX, interval::Pauses};

/// The last day of a limit, and what people should know of how it was found.
pub(super) struct LastDay {
    pub(super) date: Date,
    /// The working days that were counted, in order; empty for other limits.
    pub(super) counted: Vec<Date>,
    /// Whether the final month has no such day number, so that its last day was taken.
    pub(super) shortened: bool,
    /// The day off from which the end was moved to `date`.
    pub(super) moved_from: Option<Date>,
}

impl LastDay {
    fn on(date: Date) -> Self {
        Self { date, counted: Vec::new(), shortened: false, moved_from: None }
    }
}

impl Calendar {
    /// The first working day on or after `date`.
    ///
    /// # Errors
    /// [`Error::NoWorkingTime`] when there is none within two years, [`Error::OutOfRange`] past the year 9999.
    pub fn next_working_day(&self, date: Date) -> Result<Date, Error> {
        let mut day = date;
        for _ in 0..=IDLE_DAYS_MAX {
            if self.is_working_day(day) {
                return Ok(day);
            }
            day = tomorrow(day)?;
        }
        Err(Error::NoWorkingTime { near: date })
    }

    /// The last of `count` calendar days. A day counts unless the clock is paused when it ends.
    pub(super) fn last_calendar_day(&self, start: Date, count: u32, pauses: &Pauses) -> Result<LastDay, Error> {
        let (first, count) = self.first_day(start, count)?;
        let last = plus(first, days(count - 1)?)?;
        let last = self.skip_paused_days(first, last, pauses)?;
        self.moved(LastDay::on(last))
    }

    /// The last of `count` working days. A day counts unless the clock is paused when it ends.
    pub(super) fn last_working_day(&self, start: Date, count: u32, pauses: &Pauses) -> Result<LastDay, Error> {
        let (mut day, count) = self.first_day(start, count)?;
        let mut counted = Vec::new();
        loop {
            day = self.next_working_day(day)?;
            if self.runs_at_end_of(day, pauses)? {
                counted.push(day);
            }
            if counted.len() as u64 == u64::from(count) {
                return Ok(LastDay { counted, ..LastDay::on(day) });
            }
            day = tomorrow(day)?;
        }
    }

    /// The last day of `span`, which is of months or years.
    pub(super) fn last_day_of_months(&self, start: Date, span: Span, pauses: &Pauses) -> Result<LastDay, Error> {
        let same_number = plus(start, span)?;
        let shortened = same_number.day() != start.day();
        let (last, shortened) = match (self.rules.month_limits, self.rules.start_day) {
            (MonthLimits::LastDay, StartDay::Excluded | StartDay::Included) => (same_number.last_of_month(), false),
            (MonthLimits::SameDayNumberOrLastDay, StartDay::Excluded) => (same_number, shortened),
            // 15 March is the first day of a month that ends on 14 April, 31 January of one that ends on 28 February.
            (MonthLimits::SameDayNumberOrLastDay, StartDay::Included) if shortened || same_number == start => {
                (same_number, shortened)
            }
            (MonthLimits::SameDayNumberOrLastDay, StartDay::Included) => (yesterday(same_number)?, false),
        };
        let first = match self.rules.start_day {
            StartDay::Excluded if start < last => tomorrow(start)?,
            StartDay::Excluded | StartDay::Included => start,
        };
        let date = self.skip_paused_days(first, last, pauses)?;
        self.moved(LastDay { shortened, ..LastDay::on(date) })
    }

    /// The day `count` calendar days before `end`.
    pub(super) fn calendar_day_before(&self, end: Date, count: u32) -> Result<LastDay, Error> {
        let back = match self.rules.start_day {
            StartDay::Excluded => count,
            StartDay::Included => count.saturating_sub(1),
        };
        end.checked_sub(days(back)?).map(LastDay::on).map_err(|_| Error::OutOfRange)
    }

    /// The day `count` working days before `end`.
    pub(super) fn working_day_before(&self, end: Date, count: u32) -> Result<LastDay, Error> {
        let (mut day, count) = match (self.rules.start_day, count) {
            (StartDay::Excluded, 1..) => (yesterday(end)?, count),
            (StartDay::Excluded, 0) | (StartDay::Included, _) => (end, count.max(1)),
        };
        let (mut counted, mut idle_days) = (Vec::new(), 0);
        while idle_days <= IDLE_DAYS_MAX {
            idle_days += 1;
            if self.is_working_day(day) {
                counted.push(day);
                idle_days = 0;
            }
            if counted.len() as u64 == u64::from(count) {
                return Ok(LastDay { counted, ..LastDay::on(day) });
            }
            day = yesterday(day)?;
        }
        Err(Error::NoWorkingTime { near: end })
    }

    /// The day `span`, which is of months or years, before `end`.
    pub(super) fn months_before(&self, end: Date, span: Span) -> Result<LastDay, Error> {
        let same_number = end.checked_sub(span).map_err(|_| Error::OutOfRange)?;
        let shortened = same_number.day() != end.day();
        match (self.rules.month_limits, self.rules.start_day) {
            (MonthLimits::LastDay, StartDay::Excluded | StartDay::Included) => {
                Ok(LastDay::on(same_number.last_of_month().min(end)))
            }
            (MonthLimits::SameDayNumberOrLastDay, StartDay::Excluded) => {
                Ok(LastDay { shortened, ..LastDay::on(same_number) })
            }
            (MonthLimits::SameDayNumberOrLastDay, StartDay::Included) => {
                Ok(LastDay { shortened, ..LastDay::on(tomorrow(same_number)?.min(end)) })
            }
        }
    }

    /// The first day that can count, and how many have to count from it on. None to count means the first one.
    fn first_day(&self, start: Date, count: u32) -> Result<(Date, u32), Error> {
        match (self.rules.start_day, count) {
            (StartDay::Excluded, 1..) => Ok((tomorrow(start)?, count)),
            (StartDay::Excluded, 0) | (StartDay::Included, _) => Ok((start, count.max(1))),
        }
    }

    /// Moves `last` by the days from `first` on that do not count because the clock is paused when they end.
    fn skip_paused_days(&self, first: Date, mut last: Date, pauses: &Pauses) -> Result<Date, Error> {
        for pause in pauses.iter() {
            let paused_from = self.first_day_ending_from(pause.from())?.max(first);
            let runs_from = self.first_day_ending_from(pause.to())?;
            if paused_from > last {
                break;
            }
            if paused_from < runs_from {
                last = plus(last, paused_from.until(runs_from).map_err(|_| Error::OutOfRange)?)?;
            }
        }
        Ok(last)
    }

    fn runs_at_end_of(&self, day: Date, pauses: &Pauses) -> Result<bool, Error> {
        let end = self.ends_at(day)?;
        Ok(!pauses.iter().any(|pause| pause.from() <= end && end < pause.to()))
    }

    fn first_day_ending_from(&self, at: Timestamp) -> Result<Date, Error> {
        let date = self.date_of(at);
        if self.ends_at(date)? >= at { Ok(date) } else { tomorrow(date) }
    }

    fn moved(&self, last: LastDay) -> Result<LastDay, Error> {
        match self.rules.day_off {
            DayOff::Stays => Ok(last),
            DayOff::NextWorkingDay => {
                let date = self.next_working_day(last.date)?;
                let moved_from = (date != last.date).then_some(last.date);
                Ok(LastDay { date, moved_from, ..last })
            }
        }
    }
}

fn days(count: u32) -> Result<Span, Error> {
    Span::new().try_days(count).map_err(|_| Error::OutOfRange)
}

fn plus(date: Date, span: Span) -> Result<Date, Error> {
    date.checked_add(span).map_err(|_| Error::OutOfRange)
}

fn tomorrow(date: Date) -> Result<Date, Error> {
    date.tomorrow().map_err(|_| Error::OutOfRange)
}

fn yesterday(date: Date) -> Result<Date, Error> {
    date.yesterday().map_err(|_| Error::OutOfRange)
}
