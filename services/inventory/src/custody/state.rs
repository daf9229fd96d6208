//! Where something in custody stands, and what may follow what.

use callout_contract::inventory::v1::custody as pb;
use callout_kit::Error;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where it stands, with what is known there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// With its holder.
    Held,
    /// Lost.
    Lost {
        /// When.
        lost_at: Timestamp,
        /// When its holder reported it.
        reported_at: Timestamp,
    },
    /// Handed back.
    Returned {
        /// When.
        at: Timestamp,
    },
    /// A new one was given for it.
    Renewed {
        /// When.
        at: Timestamp,
    },
}

/// What may happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It goes to another holder.
    HandOn,
    /// It is lost; and when that was reported.
    Lose(Timestamp, Timestamp),
    /// Something happens to a piece of it: it is lost, or another one is given.
    Piece,
    /// A new one is given for it.
    Renew(Timestamp),
    /// It is handed back.
    Return(Timestamp),
}

impl State {
    /// The state after a step.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the custody `name`: whatever happens to it happens while somebody holds it.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (held @ Self::Held, Step::HandOn | Step::Piece) => Ok(held),
            (Self::Held, Step::Lose(lost_at, reported_at)) => Ok(Self::Lost { lost_at, reported_at }),
            (Self::Held, Step::Renew(at)) => Ok(Self::Renewed { at }),
            (Self::Held, Step::Return(at)) => Ok(Self::Returned { at }),
            (
                from @ (Self::Lost { .. } | Self::Returned { .. } | Self::Renewed { .. }),
                step @ (Step::HandOn | Step::Lose(..) | Step::Piece | Step::Renew(_) | Step::Return(_)),
            ) => Err(Error::WrongState {
                name: name.to_owned(),
                state: from.word().to_owned(),
                attempted: step.word().to_owned(),
                allowed: vec![Self::Held.word().to_owned()],
            }),
        }
    }

    /// Its word in the contract and in its column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "HELD",
            Self::Lost { .. } => "LOST",
            Self::Returned { .. } => "RETURNED",
            Self::Renewed { .. } => "RENEWED",
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Held => false,
            Self::Lost { .. } | Self::Returned { .. } | Self::Renewed { .. } => true,
        }
    }
}

impl Step {
    const fn word(self) -> &'static str {
        match self {
            Self::HandOn => "hand on",
            Self::Lose(..) => "lose",
            Self::Piece => "change a piece",
            Self::Renew(_) => "renew",
            Self::Return(_) => "return",
        }
    }
}

impl From<State> for pb::State {
    fn from(state: State) -> Self {
        match state {
            State::Held => Self::Held,
            State::Lost { .. } => Self::Lost,
            State::Returned { .. } => Self::Returned,
            State::Renewed { .. } => Self::Renewed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    const STATES: [State; 4] = [
        State::Held,
        State::Lost { lost_at: AT, reported_at: AT },
        State::Returned { at: AT },
        State::Renewed { at: AT },
    ];
    const STEPS: [Step; 5] = [Step::HandOn, Step::Lose(AT, AT), Step::Piece, Step::Renew(AT), Step::Return(AT)];

    /// The rows of the README's table: step, state from, state to.
    fn table() -> Vec<[&'static str; 3]> {
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &["custody", step, from, to] => Some([step, from, to]),
                _ => None,
            }
        });
        rows.collect()
    }

    #[test]
    fn it_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        let table = table();
        for (step, from) in STEPS.into_iter().flat_map(|step| STATES.map(|from| (step, from))) {
            let (word, from_word) = (step.word(), from.word());
            let of_step = table.iter().filter(|[step, ..]| *step == word);
            let expected = of_step.clone().find(|[_, from, _]| *from == from_word).map(|[_, _, to]| *to);
            match from.apply(step, "it") {
                Ok(to) => assert_eq!(Some(to.word()), expected, "{word} from {from_word}"),
                Err(Error::WrongState { state, attempted, allowed, .. }) => {
                    assert_eq!(expected, None, "{word} from {from_word}");
                    assert_eq!((state.as_str(), attempted.as_str()), (from_word, word));
                    assert!(allowed.iter().eq(of_step.map(|[_, from, _]| from)), "{word} from {from_word}");
                }
                Err(other) => panic!("{word} from {from_word}: {other}"),
            }
        }
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        for state in STATES {
            let written = serde_json::to_value(state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
