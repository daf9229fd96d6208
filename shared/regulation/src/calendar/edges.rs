//! Where the clock on the wall meets the time line: days and openings as instants, also where a clock is changed.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::AmbiguousOffset,
};

use super::{Calendar, Error, Interval, week::Window};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

impl Calendar {
    /// The date on the wall at `at`.
    #[must_use]
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The first instant of `date`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn starts_at(&self, date: Date) -> Result<Timestamp, Error> {
        self.first_at(date.to_datetime(Time::midnight()))
    }

    /// The last second of `date` in which a limit of days is kept: [`end_of_day`](super::CountingRules::end_of_day).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] at the very ends of the calendar.
    pub fn ends_at(&self, date: Date) -> Result<Timestamp, Error> {
        let end = self.rules.end_of_day;
        let local = self.zone.to_ambiguous_timestamp(date.to_datetime(end));
        match local.offset() {
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
                local.later().map(whole_second).map_err(|_| Error::OutOfRange)
            }
            // The clock skips the second: the last one before counts.
            AmbiguousOffset::Gap { .. } => self.first_at(date.to_datetime(end)).and_then(|at| earlier(at, SECOND)),
        }
    }

    /// From when to when `window` is open on `date`; none when the clock skips the whole window.
    pub(super) fn opening(&self, window: Window, date: Date) -> Result<Option<Interval>, Error> {
        let from = self.first_at(window.opens(date)?)?;
        let closes = window.closes(date)?;
        // Midnight is the first instant of the next day, so that windows of two days never overlap.
        let to = if closes.date() == date { self.last_at(closes)? } else { self.first_at(closes)? };
        Ok(Interval::new(from, to).ok().filter(|opening| !opening.duration().is_zero()))
    }

    /// The first instant at which the clock shows `local` or has passed it.
    fn first_at(&self, local: DateTime) -> Result<Timestamp, Error> {
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        let offset = ambiguous.offset();
        let at = ambiguous.earlier().map_err(|_| Error::OutOfRange)?;
        match offset {
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => Ok(at),
            AmbiguousOffset::Gap { .. } => self.next_change(at),
        }
    }

    /// The last instant at which the clock shows `local`, or the first at which it has passed it.
    fn last_at(&self, local: DateTime) -> Result<Timestamp, Error> {
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
                ambiguous.later().map_err(|_| Error::OutOfRange)
            }
            AmbiguousOffset::Gap { .. } => self.first_at(local),
        }
    }

    /// When the clock of the zone is changed next after `at`.
    fn next_change(&self, at: Timestamp) -> Result<Timestamp, Error> {
        self.zone.following(at).next().map(|change| change.timestamp()).ok_or(Error::OutOfRange)
    }
}

/// `at` without its fraction of a second.
pub(super) fn whole_second(at: Timestamp) -> Timestamp {
    let fraction = at.as_nanosecond().rem_euclid(1_000_000_000);
    at.checked_sub(SignedDuration::from_nanos_i128(fraction)).unwrap_or(Timestamp::MIN)
}

pub(super) fn later(at: Timestamp, by: SignedDuration) -> Result<Timestamp, Error> {
    at.checked_add(by).map_err(|_| Error::OutOfRange)
}

pub(super) fn earlier(at: Timestamp, by: SignedDuration) -> Result<Timestamp, Error> {
    at.checked_sub(by).map_err(|_| Error::OutOfRange)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{
        Interval,
        fixtures::{calendar_in, instant},
    };

    #[test]
    fn a_day_ends_at_the_second_before_midnight_also_when_it_has_23_or_25_hours() {
        for (zone, day, seconds) in [
            ("Europe/Berlin", date(2026, 3, 29), 23 * 3600),
            ("Europe/Berlin", date(2026, 10, 25), 25 * 3600),
            ("America/New_York", date(2026, 3, 8), 23 * 3600),
            ("America/New_York", date(2026, 11, 1), 25 * 3600),
            ("Asia/Shanghai", date(2026, 3, 8), 24 * 3600),
        ] {
            let calendar = calendar_in(zone);
            let (first, last) = (calendar.starts_at(day).unwrap(), calendar.ends_at(day).unwrap());
            assert_eq!(last.duration_since(first).as_secs(), seconds - 1, "{zone} {day}");
            assert_eq!(calendar.zone().to_datetime(last).to_string(), format!("{day}T23:59:59"));
        }
    }

    #[test]
    fn a_midnight_that_the_clock_skips_or_repeats_belongs_to_one_day() {
        // Havana goes from 00:00 to 01:00 in spring, and from 01:00 back to 00:00 in autumn.
        let havana = calendar_in("America/Havana");
        assert_eq!(havana.starts_at(date(2024, 3, 10)).unwrap(), instant("2024-03-10T01:00-04:00"));
        assert_eq!(havana.ends_at(date(2024, 3, 9)).unwrap(), instant("2024-03-09T23:59:59-05:00"));
        assert_eq!(havana.starts_at(date(2024, 11, 3)).unwrap(), instant("2024-11-03T00:00-04:00"));
        // Apia slept through 30 December 2011.
        let apia = calendar_in("Pacific/Apia");
        assert_eq!(apia.ends_at(date(2011, 12, 30)).unwrap(), instant("2011-12-29T23:59:59-10:00"));
    }

    #[test]
    fn a_night_shift_is_longer_or_shorter_when_clocks_are_changed_in_it() {
        let berlin = calendar_in("Europe/Berlin");
        let opening = |window: &str, day| berlin.opening(window.parse().unwrap(), day).unwrap();
        let between = |from: &str, to: &str| Interval::new(instant(from), instant(to)).ok();
        let (spring, autumn) = (date(2026, 3, 29), date(2026, 10, 25));
        assert_eq!(opening("01:30-02:30", autumn), between("2026-10-25T01:30+02:00", "2026-10-25T02:30+01:00"));
        assert_eq!(opening("02:30-04:00", autumn), between("2026-10-25T02:30+02:00", "2026-10-25T04:00+01:00"));
        assert_eq!(opening("01:30-02:30", spring), between("2026-03-29T01:30+01:00", "2026-03-29T03:00+02:00"));
        assert_eq!(opening("02:30-04:00", spring), between("2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00"));
        assert_eq!(opening("02:15-02:45", spring), None);
    }
}
