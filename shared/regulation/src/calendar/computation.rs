//! The line that tells people how a due time came about.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
};

use super::{Amount, Calendar, Due, days::LastDay, interval::Pauses};

/// Days or pauses that a line lists one by one; of more, the first and the last are named and the rest is counted.
const LISTED_MAX: usize = 6;

/// `start + amount: note; note = end`, in the time of the calendar's zone.
pub(super) struct Computation<'a> {
    calendar: &'a Calendar,
    terms: String,
    notes: Vec<String>,
}

impl<'a> Computation<'a> {
    pub(super) fn forward(calendar: &'a Calendar, start: Timestamp, amount: Amount) -> Self {
        Self::of(calendar, format!("{} + {amount}", calendar.in_words(start)))
    }

    pub(super) fn backward(calendar: &'a Calendar, deadline: Timestamp, amount: Amount) -> Self {
        Self::of(calendar, format!("{} - {amount}", calendar.in_words(deadline)))
    }

    pub(super) fn of(calendar: &'a Calendar, terms: String) -> Self {
        Self { calendar, terms, notes: Vec::new() }
    }

    pub(super) fn note_shares(&mut self, shares: &[(Date, SignedDuration)]) {
        if !shares.is_empty() {
            self.notes.push(list(shares, "days", |(date, share)| format!("{} {}", duration(*share), day(*date))));
        }
    }

    pub(super) fn note_last_day(&mut self, last: &LastDay) {
        if !last.counted.is_empty() {
            self.notes.push(list(&last.counted, "working days", |date| day(*date)));
        }
        if last.shortened {
            let unmoved = last.moved_from.unwrap_or(last.date);
            self.notes.push(format!("{} is too short, its last day", unmoved.strftime("%Y-%m")));
        }
        if let Some(day_off) = last.moved_from {
            self.notes.push(format!("{} is a day off, moved to {}", day(day_off), day(last.date)));
        }
    }

    /// Hours that do not look like hours on the wall, because the clock was changed on the way.
    pub(super) fn note_clock_change(&mut self, from: Timestamp, to: Timestamp) {
        let (before, after) = (self.calendar.zone.to_offset(from), self.calendar.zone.to_offset(to));
        if before != after {
            self.notes.push(format!("clock changed from UTC{before} to UTC{after}"));
        }
    }

    pub(super) fn note_exclusive(&mut self, limit: Timestamp) {
        self.notes.push(format!("before {}", self.calendar.in_words(limit)));
    }

    pub(super) fn note_pauses(&mut self, pauses: &Pauses, start: Timestamp, due_at: Timestamp) {
        let between: Vec<_> = pauses.iter().filter(|pause| pause.to() > start && pause.from() < due_at).collect();
        if !between.is_empty() {
            let words = |at| self.calendar.in_words(at);
            let pauses = list(&between, "pauses", |pause| format!("{} to {}", words(pause.from()), words(pause.to())));
            self.notes.push(format!("paused {pauses}"));
        }
    }

    pub(super) fn due(self, due_at: Timestamp) -> Due {
        let notes = if self.notes.is_empty() { String::new() } else { format!(": {}", self.notes.join("; ")) };
        let computation = format!("{}{notes} = {}", self.terms, self.calendar.in_words(due_at));
        Due { due_at, computation }
    }
}

impl Calendar {
    /// Date and time on the wall, with seconds where there are any.
    pub(super) fn in_words(&self, at: Timestamp) -> String {
        let local = self.zone.to_datetime(at);
        let format = if local.time().second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
        local.strftime(format).to_string()
    }
}

/// Such as `Fri 2026-03-06`.
fn day(date: Date) -> String {
    date.to_datetime(Time::midnight()).strftime("%a %Y-%m-%d").to_string()
}

/// Such as `3 h 10 min`.
fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let words: Vec<_> =
        parts.iter().filter(|(count, _)| *count != 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    words.join(" ")
}

fn list<T>(items: &[T], noun: &str, words: impl Fn(&T) -> String) -> String {
    match items {
        [first, second, between @ .., last] if items.len() > LISTED_MAX => {
            format!("{}, {}, {} more {noun}, {}", words(first), words(second), between.len(), words(last))
        }
        few => few.iter().map(words).collect::<Vec<_>>().join(", "),
    }
}
