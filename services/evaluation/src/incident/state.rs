//! Where an incident stands, and what may follow.

use callout_contract::evaluation::v1::incident as pb;
use callout_kit::Error;
use callout_regulation::calendar::is_late;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The last second of a limit is in time; the next one is late.
const A_SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Where an incident stands, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It happened.
    Entered,
    /// It was pointed out and is to be rectified.
    ToRectify {
        /// The last instant that is in time.
        due_at: Timestamp,
    },
    /// It was rectified.
    Rectified {
        /// The last instant that was in time.
        due_at: Timestamp,
        /// When it was.
        at: Timestamp,
    },
    /// It was entered wrongly.
    Withdrawn {
        /// Why.
        reason: String,
        /// Who took it back.
        by: String,
    },
}

/// What may happen to an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is rectified.
    Rectify {
        /// When.
        at: Timestamp,
    },
    /// It is taken back.
    Withdraw {
        /// Why.
        reason: String,
        /// Who takes it back.
        by: String,
    },
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the incident `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        use State as S;
        match (self, step) {
            (S::ToRectify { due_at }, Step::Rectify { at }) => Ok(S::Rectified { due_at, at }),
            (S::Entered | S::ToRectify { .. } | S::Rectified { .. }, Step::Withdraw { reason, by }) => {
                Ok(S::Withdrawn { reason, by })
            }
            (from @ (S::Entered | S::Rectified { .. } | S::Withdrawn { .. }), step @ Step::Rectify { .. })
            | (from @ S::Withdrawn { .. }, step @ Step::Withdraw { .. }) => {
                Err(from.refuses(step.word(), step.allowed_in(), name))
            }
        }
    }

    /// Its word in the database.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Entered => "ENTERED",
            Self::ToRectify { .. } => "TO_RECTIFY",
            Self::Rectified { .. } => "RECTIFIED",
            Self::Withdrawn { .. } => "WITHDRAWN",
        }
    }

    /// From when it counts by what is known at `now`, having happened at `occurred_at`: what was not rectified in time
    /// counts from the first second after it.
    #[must_use]
    pub fn counts_from(&self, occurred_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Entered => Some(occurred_at),
            Self::ToRectify { due_at } => is_late(*due_at, now).then(|| *due_at + A_SECOND),
            Self::Rectified { due_at, at } => is_late(*due_at, *at).then(|| *due_at + A_SECOND),
            Self::Withdrawn { .. } => None,
        }
    }

    /// When its time to be rectified runs out; none when nothing is to be.
    #[must_use]
    pub fn runs_out_at(&self) -> Option<Timestamp> {
        match self {
            Self::ToRectify { due_at } => Some(*due_at + A_SECOND),
            Self::Entered | Self::Rectified { .. } | Self::Withdrawn { .. } => None,
        }
    }

    /// How it stands at `now`.
    #[must_use]
    pub fn to_proto(&self, occurred_at: Timestamp, now: Timestamp) -> pb::State {
        match (self, self.counts_from(occurred_at, now)) {
            (Self::Withdrawn { .. }, _) => pb::State::Withdrawn,
            (_, Some(_)) => pb::State::Counted,
            (Self::ToRectify { .. }, None) => pb::State::ToRectify,
            (Self::Entered | Self::Rectified { .. }, None) => pb::State::Rectified,
        }
    }

    fn refuses(&self, attempted: &str, allowed: &[&str], name: &str) -> Error {
        Error::WrongState {
            name: name.to_owned(),
            state: self.word().to_owned(),
            attempted: attempted.to_owned(),
            allowed: allowed.iter().map(|state| (*state).to_owned()).collect(),
        }
    }
}

impl Step {
    const fn word(&self) -> &'static str {
        match self {
            Self::Rectify { .. } => "rectify",
            Self::Withdraw { .. } => "withdraw",
        }
    }

    const fn allowed_in(&self) -> &'static [&'static str] {
        match self {
            Self::Rectify { .. } => &["TO_RECTIFY"],
            Self::Withdraw { .. } => &["ENTERED", "TO_RECTIFY", "RECTIFIED"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readme;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn withdraw() -> Step {
        Step::Withdraw { reason: "mistaken".to_owned(), by: "he".to_owned() }
    }

    fn states() -> [State; 4] {
        let due_at = at("2024-07-10T15:59:59Z");
        [
            State::Entered,
            State::ToRectify { due_at },
            State::Rectified { due_at, at: due_at },
            State::Withdrawn { reason: "another lift".to_owned(), by: "he".to_owned() },
        ]
    }

    #[test]
    fn an_incident_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        for (step, from) in [Step::Rectify { at: at("2024-07-11T01:00:00Z") }, withdraw()]
            .into_iter()
            .flat_map(|step| states().map(|from| (step.clone(), from)))
        {
            let (word, from_word) = (step.word(), from.word());
            let (expected, allowing) = readme::row("incident", word, from_word);
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
    fn what_is_rectified_at_the_last_second_does_not_count_and_at_the_next_one_it_does() {
        let (happened, due_at) = (at("2024-07-03T02:00:00Z"), at("2024-07-10T15:59:59Z"));
        let late = due_at + A_SECOND;
        let open = State::ToRectify { due_at };
        assert_eq!((open.counts_from(happened, due_at), open.to_proto(happened, due_at)), (None, pb::State::ToRectify));
        assert_eq!((open.counts_from(happened, late), open.to_proto(happened, late)), (Some(late), pb::State::Counted));
        let in_time = State::Rectified { due_at, at: due_at };
        assert_eq!(
            (in_time.counts_from(happened, late), in_time.to_proto(happened, late)),
            (None, pb::State::Rectified)
        );
        assert_eq!(State::Rectified { due_at, at: late }.counts_from(happened, late), Some(late));
        assert_eq!(State::Entered.counts_from(happened, late), Some(happened));
        assert_eq!(states()[3].counts_from(happened, late), None);
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        for state in states() {
            let written = serde_json::to_value(&state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
