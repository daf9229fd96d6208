//! Stretches of time, and the pauses of a clock.

use jiff::{SignedDuration, Timestamp};

use super::Error;

/// From an instant up to, and without, another one that is not earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    from: Timestamp,
    to: Timestamp,
}

impl Interval {
    /// The time from `from` to `to`.
    ///
    /// # Errors
    /// [`Error::ReversedInterval`] when `to` lies before `from`.
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self, Error> {
        if to < from { Err(Error::ReversedInterval { from, to }) } else { Ok(Self { from, to }) }
    }

    /// All time from `from` on.
    pub(super) fn starting(from: Timestamp) -> Self {
        Self { from, to: Timestamp::MAX }
    }

    /// The beginning, which is part of the interval.
    #[must_use]
    pub fn from(self) -> Timestamp {
        self.from
    }

    /// The end, which is the first instant behind the interval.
    #[must_use]
    pub fn to(self) -> Timestamp {
        self.to
    }

    /// How long it lasts, never negative.
    #[must_use]
    pub fn duration(self) -> SignedDuration {
        self.to.duration_since(self.from)
    }

    /// What both have in common; none when that is nothing.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        let common = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (common.from < common.to).then_some(common)
    }
}

/// When a clock stands still: in order, never empty, never touching.
#[derive(Debug, Clone, Default)]
pub(super) struct Pauses(Vec<Interval>);

impl Pauses {
    /// The pauses, which may come in any order and overlap.
    pub(super) fn new(intervals: &[Interval]) -> Self {
        let mut sorted: Vec<_> = intervals.iter().copied().filter(|interval| interval.from < interval.to).collect();
        sorted.sort_by_key(|interval| interval.from);
        let mut merged: Vec<Interval> = Vec::with_capacity(sorted.len());
        for interval in sorted {
            match merged.last_mut() {
                Some(last) if interval.from <= last.to => last.to = last.to.max(interval.to),
                Some(_) | None => merged.push(interval),
            }
        }
        Self(merged)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Interval> {
        self.0.iter().copied()
    }

    /// The parts of `span` in which the clock runs, in order.
    pub(super) fn running(&self, span: Interval) -> Vec<Interval> {
        let mut parts = Vec::new();
        let mut from = span.from;
        for pause in self.iter().filter_map(|pause| pause.and(span)) {
            if from < pause.from {
                parts.push(Interval { from, to: pause.from });
            }
            from = pause.to;
        }
        if from < span.to {
            parts.push(Interval { from, to: span.to });
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(from: i64, to: i64) -> Interval {
        Interval::new(Timestamp::from_second(from).unwrap(), Timestamp::from_second(to).unwrap()).unwrap()
    }

    #[test]
    fn an_interval_that_ends_before_it_begins_is_refused() {
        let (early, late) = (Timestamp::from_second(1).unwrap(), Timestamp::from_second(2).unwrap());
        assert_eq!(Interval::new(late, early), Err(Error::ReversedInterval { from: late, to: early }));
    }

    #[test]
    fn pauses_in_any_order_leave_the_time_between_them() {
        let pauses =
            Pauses::new(&[interval(50, 60), interval(10, 20), interval(15, 30), interval(30, 31), interval(40, 40)]);
        assert_eq!(pauses.running(interval(0, 100)), [interval(0, 10), interval(31, 50), interval(60, 100)]);
        assert_eq!(pauses.running(interval(12, 55)), [interval(31, 50)]);
        assert_eq!(pauses.running(interval(15, 25)), []);
    }
}
