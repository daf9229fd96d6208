//! Where an agreement stands, and what may follow.

use callout_contract::evaluation::v1::agreement as pb;
use callout_kit::Error;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// Where an agreement stands, with what is known there. Whether its days have come is a matter of the date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It runs for its term.
    InForce,
    /// It was ended before.
    Terminated(End),
}

/// That an agreement was ended before its term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// The ground of the pack.
    pub ground: String,
    /// Who ended it; empty when it ended with the ground itself.
    pub by: String,
}

/// What may happen to an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is ended before its term.
    Terminate(End),
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the agreement `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::InForce, Step::Terminate(end)) => Ok(Self::Terminated(end)),
            (from @ Self::Terminated(_), step @ Step::Terminate(_)) => Err(Error::WrongState {
                name: name.to_owned(),
                state: from.word().to_owned(),
                attempted: step.word().to_owned(),
                allowed: vec![Self::InForce.word().to_owned()],
            }),
        }
    }

    /// Its word in the database.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::InForce => "IN_FORCE",
            Self::Terminated(_) => "TERMINATED",
        }
    }

    /// That it was ended before its term.
    #[must_use]
    pub const fn end(&self) -> Option<&End> {
        match self {
            Self::InForce => None,
            Self::Terminated(end) => Some(end),
        }
    }

    /// How it stands on a day, by its first and its last one.
    #[must_use]
    pub fn to_proto(&self, starts_on: Date, ends_on: Date, today: Date) -> pb::State {
        match self {
            Self::Terminated(_) => pb::State::Terminated,
            Self::InForce if today < starts_on => pb::State::Agreed,
            Self::InForce if today > ends_on => pb::State::Expired,
            Self::InForce => pb::State::InForce,
        }
    }
}

impl Step {
    const fn word(&self) -> &'static str {
        match self {
            Self::Terminate(_) => "terminate",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::readme;

    fn end() -> End {
        let at = "2024-10-05T01:00:00Z".parse().unwrap();
        End { at, ground: "three_in_total".to_owned(), by: "he".to_owned() }
    }

    fn states() -> [State; 2] {
        [State::InForce, State::Terminated(end())]
    }

    #[test]
    fn an_agreement_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        for (step, from) in
            [Step::Terminate(end())].into_iter().flat_map(|step| states().map(|from| (step.clone(), from)))
        {
            let (word, from_word) = (step.word(), from.word());
            let (expected, allowing) = readme::row("agreement", word, from_word);
            match from.apply(step, "it") {
                Ok(to) => assert_eq!(Some(to.word()), expected, "{word} from {from_word}"),
                Err(Error::WrongState { state, attempted, allowed, .. }) => {
                    assert_eq!(expected, None, "{word} from {from_word}");
                    assert_eq!((state.as_str(), attempted.as_str()), (from_word, word));
                    assert_eq!(allowed, allowing, "{word} from {from_word}");
                }
                Err(other) => panic!("{word} from {from_word}: {other}"),
            }
        }
    }

    #[test]
    fn it_runs_from_its_first_day_to_its_last() {
        let (first, last) = (date(2024, 1, 1), date(2024, 12, 31));
        let on = |day| State::InForce.to_proto(first, last, day);
        assert_eq!(on(date(2023, 12, 31)), pb::State::Agreed);
        assert_eq!([on(first), on(last)], [pb::State::InForce; 2]);
        assert_eq!(on(date(2025, 1, 1)), pb::State::Expired);
        assert_eq!(State::Terminated(end()).to_proto(first, last, first), pb::State::Terminated);
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        for state in states() {
            let written = serde_json::to_value(&state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
