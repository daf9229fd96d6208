//! Where a duty stands, and what may follow.

use std::collections::BTreeMap;

use callout_contract::evaluation::v1::duty as pb;
use callout_kit::Error;
use callout_regulation::calendar::is_late;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a duty stands, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Not done yet.
    Open,
    /// Done.
    Done(Done),
    /// Not done in its period, and what is done afterwards counts for the next one.
    Missed {
        /// Since when.
        at: Timestamp,
    },
}

/// That a duty was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What came of it.
    pub outcome: String,
    /// What was filled in, by the routine's form.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// What may happen to a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is done.
    Complete(Done),
    /// Its period is over.
    Lapse(Timestamp),
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the duty `name`, which was due at `due_at`.
    pub fn apply(self, step: Step, name: &str, due_at: Timestamp) -> Result<Self, Error> {
        match (self, step) {
            // What was done in its period may be entered when that is over.
            (Self::Open | Self::Missed { .. }, Step::Complete(done)) => Ok(Self::Done(done)),
            (Self::Open, Step::Lapse(at)) => Ok(Self::Missed { at }),
            (from @ Self::Done(_), step @ (Step::Complete(_) | Step::Lapse(_)))
            | (from @ Self::Missed { .. }, step @ Step::Lapse(_)) => Err(Error::WrongState {
                name: name.to_owned(),
                state: word(from.to_proto(due_at, due_at)).to_owned(),
                attempted: step.word().to_owned(),
                allowed: step.allowed_from().iter().map(|state| word(*state).to_owned()).collect(),
            }),
        }
    }

    /// That it was done; none while it was not.
    #[must_use]
    pub const fn done(&self) -> Option<&Done> {
        match self {
            Self::Open | Self::Missed { .. } => None,
            Self::Done(done) => Some(done),
        }
    }

    /// Since when it is missed; none while it is not.
    #[must_use]
    pub const fn missed_at(&self) -> Option<Timestamp> {
        match self {
            Self::Open | Self::Done(_) => None,
            Self::Missed { at } => Some(*at),
        }
    }

    /// How it stands at `now` by the time at which it is due. What is done at the last second is in time.
    #[must_use]
    pub fn to_proto(&self, due_at: Timestamp, now: Timestamp) -> pb::State {
        match self {
            Self::Open if is_late(due_at, now) => pb::State::Overdue,
            Self::Open => pb::State::Open,
            Self::Done(done) if is_late(due_at, done.at) => pb::State::DoneLate,
            Self::Done(_) => pb::State::Done,
            Self::Missed { .. } => pb::State::Missed,
        }
    }
}

impl Step {
    const fn word(&self) -> &'static str {
        match self {
            Self::Complete(_) => "complete",
            Self::Lapse(_) => "lapse",
        }
    }

    const fn allowed_from(&self) -> &'static [pb::State] {
        match self {
            Self::Complete(_) => &[pb::State::Open, pb::State::Overdue, pb::State::Missed],
            Self::Lapse(_) => &[pb::State::Open, pb::State::Overdue],
        }
    }
}

fn word(state: pb::State) -> &'static str {
    let name = state.as_str_name();
    name.strip_prefix("STATE_").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn done(text: &str) -> Done {
        Done { at: at(text), by: "zhao".to_owned(), outcome: "three cases".to_owned(), fields: BTreeMap::new() }
    }

    #[test]
    fn a_duty_is_done_once() {
        let due_at = at("2026-02-28T15:59:59Z");
        let complete = Step::Complete(done("2026-02-28T16:00:00Z"));
        let after = State::Open.apply(complete.clone(), "organizations/o/duties/d", due_at).unwrap();
        match after.apply(complete, "organizations/o/duties/d", due_at) {
            Err(Error::WrongState { state, allowed, .. }) => {
                assert_eq!(state, "DONE_LATE");
                assert_eq!(allowed, ["OPEN", "OVERDUE", "MISSED"]);
            }
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn a_duty_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        let due_at = at("2026-02-28T15:59:59Z");
        let rows = include_str!("../../README.md").lines().filter_map(|line| line.strip_prefix("| duty |"));
        let (in_time, late) = ("2026-02-28T15:59:59Z", "2026-02-28T16:00:00Z");
        let missed = State::Missed { at: at(late) };
        let led: Vec<String> = [
            (State::Open, Step::Complete(done(in_time)), in_time),
            (State::Open, Step::Complete(done(late)), late),
            (State::Open, Step::Lapse(at(late)), late),
            (missed, Step::Complete(done(in_time)), late),
        ]
        .map(|(state, step, when)| {
            let (from, word_of_step) = (state.to_proto(due_at, at(when)), step.word());
            let to = state.apply(step, "duty", due_at).unwrap().to_proto(due_at, at(when));
            format!(" {word_of_step} | {} | {} |", word(from), word(to))
        })
        .into();
        assert_eq!(rows.collect::<Vec<_>>(), led);
    }

    #[test]
    fn what_lapsed_may_still_be_entered_as_done_and_lapses_once() {
        let due_at = at("2026-02-28T15:59:59Z");
        let missed = State::Open.apply(Step::Lapse(due_at), "it", due_at).unwrap();
        assert_eq!(missed.to_proto(due_at, due_at), pb::State::Missed);
        assert_eq!(missed.missed_at(), Some(due_at));
        let again = missed.clone().apply(Step::Lapse(due_at), "it", due_at).unwrap_err();
        assert!(matches!(again, Error::WrongState { allowed, .. } if allowed == ["OPEN", "OVERDUE"]));
        let done = done("2026-02-27T15:59:59Z");
        assert_eq!(missed.apply(Step::Complete(done.clone()), "it", due_at).unwrap(), State::Done(done.clone()));
        assert!(State::Done(done).apply(Step::Lapse(due_at), "it", due_at).is_err());
    }

    #[test]
    fn the_last_second_is_in_time_and_the_next_one_late() {
        let due_at = at("2026-02-28T15:59:59Z");
        assert_eq!(State::Open.to_proto(due_at, at("2026-02-28T15:59:59.9Z")), pb::State::Open);
        assert_eq!(State::Open.to_proto(due_at, at("2026-02-28T16:00:00Z")), pb::State::Overdue);
        let now = at("2026-06-01T00:00:00Z");
        assert_eq!(State::Done(done("2026-02-28T15:59:59Z")).to_proto(due_at, now), pb::State::Done);
        assert_eq!(State::Done(done("2026-02-28T16:00:00Z")).to_proto(due_at, now), pb::State::DoneLate);
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        let missed = State::Missed { at: at("2026-02-28T16:00:00Z") };
        for state in [State::Open, State::Done(done("2026-02-28T15:59:59Z")), missed] {
            let written = serde_json::to_value(&state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
