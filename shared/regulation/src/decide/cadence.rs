//! How often something is to be seen to: not too long after the last time, and often enough in each period.

use std::collections::BTreeSet;

use callout_contract::regulation::v1::Explanation;
use jiff::{Timestamp, civil::Date};

use super::unknown;
use crate::{
    Regulation,
    calendar::{Calendar, CalendarPeriod, Error, Holidays, is_late},
    expression::Inputs,
    pack::{AtLeast, Routine},
    refusal::{Refusal, Undecided},
};

/// What was done so far under a routine, and from when it is counted.
#[derive(Clone, Copy, Debug)]
pub struct Done<'a> {
    /// The day from which the first time is counted, such as the beginning of an agreement.
    pub from: Date,
    /// The days on which it was done.
    pub on: &'a BTreeSet<Date>,
    /// The last day on which it was owed; none while it still is.
    pub until: Option<Date>,
}

/// How a routine was kept until an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Cadence {
    /// The last instant at which the next time is in time; none when it is not owed any more.
    pub next_due_at: Option<Timestamp>,
    /// Every breach, the earlier first.
    pub gaps: Vec<Gap>,
    /// When it has to be looked at again: the first second at which there may be a new breach.
    pub look_again_at: Option<Timestamp>,
    /// Why the next time is due then.
    pub explanation: Option<Explanation>,
}

/// A breach of a routine.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// Which of its conditions was not kept.
    pub breach: Breach,
    /// The last instant that would have been in time.
    pub due_at: Timestamp,
    /// Why.
    pub explanation: Explanation,
}

/// Which condition of a routine was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// It was done too long after the last time, or is not done yet.
    TooLong {
        /// The last time, or the day from which the first time was counted.
        since: Date,
        /// When it was done at last; none while it was not.
        done_on: Option<Date>,
        /// Days after the due date, by the date on which it was done or by today's.
        late_days: i32,
    },
    /// It was done too seldom in a period.
    TooFew {
        /// The period, such as `2013-04`.
        period: String,
        /// How often it was done.
        done: usize,
        /// How often it was to be done at least.
        wanted: u32,
    },
}

impl Regulation {
    /// The routine of this id that work orders see to, for each product in care.
    ///
    /// # Errors
    /// The refusal, by no rule, of any other.
    pub fn maintenance_routine(&self, id: &str) -> Result<&Routine, Vec<Refusal>> {
        let known = self.pack.routines.iter().filter(|(_, routine)| routine.seen_to_by.is_some()).map(|(id, _)| id);
        match self.pack.routines.get(id).filter(|routine| routine.seen_to_by.is_some()) {
            Some(routine) => Ok(routine),
            None => Err(vec![unknown("", &format!("routines.{id}"), ("maintenance routine", "保养项目"), id, known)]),
        }
    }

    /// How a routine that goes by interval was kept until `now`; none when the pack has no such routine.
    ///
    /// An interval is the difference of the civil dates of two times. A period is judged when it is over, and only when
    /// the routine was owed in all of it.
    ///
    /// # Errors
    /// [`Undecided`] when the calendar cannot count that far.
    #[must_use]
    pub fn cadence(
        &self,
        id: &str,
        done: Done<'_>,
        holidays: &Holidays,
        now: Timestamp,
    ) -> Option<Result<Cadence, Undecided>> {
        let routine = self.pack.routines.get(id)?;
        let judged = Judged { regulation: self, id, routine, calendar: self.calendar(holidays), done, now };
        Some(judged.cadence().map_err(|error| Undecided::Uncounted { cause: error.to_string() }))
    }
}

struct Judged<'a> {
    regulation: &'a Regulation,
    id: &'a str,
    routine: &'a Routine,
    calendar: Calendar,
    done: Done<'a>,
    now: Timestamp,
}

impl Judged<'_> {
    fn cadence(&self) -> Result<Cadence, Error> {
        let mut kept = Cadence { next_due_at: None, gaps: Vec::new(), look_again_at: None, explanation: None };
        self.intervals(&mut kept)?;
        self.periods(&mut kept)?;
        kept.gaps.sort_by_key(|gap| gap.due_at);
        Ok(kept)
    }

    fn intervals(&self, kept: &mut Cadence) -> Result<(), Error> {
        let Some(every) = self.routine.every else { return Ok(()) };
        let mut since = self.done.from;
        let times = self.done.on.iter().copied().filter(|on| *on >= self.done.from).map(Some).chain([None]);
        for done_on in times {
            let due = self.calendar.due(self.calendar.starts_at(since)?, every)?;
            let explanation = self.explain(due.computation);
            let due_on = self.calendar.date_of(due.due_at);
            let is_owed = self.done.until.is_none_or(|until| due_on <= until);
            let late_on = match done_on {
                Some(done_on) => (done_on > due_on).then_some(done_on),
                None => is_late(due.due_at, self.now).then(|| self.calendar.date_of(self.now)),
            };
            if let Some(late_on) = late_on.filter(|_| is_owed) {
                let late_days = due_on.until(late_on).map_or(0, |days| days.get_days());
                let breach = Breach::TooLong { since, done_on, late_days };
                kept.gaps.push(Gap { breach, due_at: due.due_at, explanation: explanation.clone() });
            }
            match done_on {
                Some(done_on) => since = done_on,
                None if is_owed => {
                    kept.next_due_at = Some(due.due_at);
                    kept.explanation = Some(explanation);
                    if late_on.is_none() {
                        kept.look_again(due.due_at);
                    }
                }
                None => {}
            }
        }
        Ok(())
    }

    fn periods(&self, kept: &mut Cadence) -> Result<(), Error> {
        let Some(AtLeast { times, of: kind }) = self.routine.at_least else { return Ok(()) };
        let mut period = kind.containing(self.done.from)?;
        if period.first_on() < self.done.from {
            period = period.next()?;
        }
        let is_owed = |period: CalendarPeriod| self.done.until.is_none_or(|until| period.last_on() <= until);
        while is_owed(period) {
            let due = self.calendar.due_within(period)?;
            if !is_late(due.due_at, self.now) {
                kept.look_again(due.due_at);
                break;
            }
            let done = self.done.on.iter().filter(|on| period.contains(**on)).count();
            if done < usize::try_from(times).unwrap_or(usize::MAX) {
                let computation = format!("{done} of at least {times} in {period}");
                let breach = Breach::TooFew { period: period.to_string(), done, wanted: times };
                kept.gaps.push(Gap { breach, due_at: due.due_at, explanation: self.explain(computation) });
            }
            period = period.next()?;
        }
        Ok(())
    }

    fn explain(&self, computation: String) -> Explanation {
        let entry = format!("routines.{}", self.id);
        self.regulation.explain(&self.routine.rule, entry, Inputs::new(), computation)
    }
}

impl Cadence {
    /// The last second of a time is in time; a breach shows with the next one.
    fn look_again(&mut self, due_at: Timestamp) {
        let at = due_at + jiff::SignedDuration::from_secs(1);
        self.look_again_at = Some(self.look_again_at.map_or(at, |earlier| earlier.min(at)));
    }
}
