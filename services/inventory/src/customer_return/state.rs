//! Where a return stands, and what may follow.

use callout_contract::inventory::v1::customer_return as pb;
use callout_kit::Error;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Where a return stands, with what is known there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// The note is filled in.
    Noted,
    /// The note is approved.
    Approved,
    /// The goods are in the store.
    Received {
        /// How many.
        actual: Decimal,
    },
    /// More came than may be booked.
    ReferredBack {
        /// How many.
        actual: Decimal,
    },
    /// They are booked.
    Booked {
        /// How many.
        actual: Decimal,
    },
}

/// What may happen to a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is approved, for the first time or anew.
    Approve,
    /// So many are taken in.
    Receive(Decimal),
    /// It is booked.
    Book,
    /// It is referred back.
    ReferBack,
}

impl State {
    /// The state after a step; else the step's refusal, with the states that would have allowed it.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the return `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        use State as S;
        match (self, step) {
            (S::Noted, Step::Approve) => Ok(S::Approved),
            (S::ReferredBack { actual }, Step::Approve) | (S::Approved, Step::Receive(actual)) => {
                Ok(S::Received { actual })
            }
            (S::Received { actual }, Step::Book) => Ok(S::Booked { actual }),
            (S::Received { actual }, Step::ReferBack) => Ok(S::ReferredBack { actual }),
            (from @ (S::Approved | S::Received { .. } | S::Booked { .. }), Step::Approve)
            | (from @ (S::Noted | S::Received { .. } | S::ReferredBack { .. } | S::Booked { .. }), Step::Receive(_))
            | (
                from @ (S::Noted | S::Approved | S::ReferredBack { .. } | S::Booked { .. }),
                Step::Book | Step::ReferBack,
            ) => Err(step.refused_from(from, name)),
        }
    }

    /// As its column has it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Noted => "NOTED",
            Self::Approved => "APPROVED",
            Self::Received { .. } => "RECEIVED",
            Self::ReferredBack { .. } => "REFERRED_BACK",
            Self::Booked { .. } => "BOOKED",
        }
    }

    /// How many came; none before.
    #[must_use]
    pub const fn actual(self) -> Option<Decimal> {
        match self {
            Self::Noted | Self::Approved => None,
            Self::Received { actual } | Self::ReferredBack { actual } | Self::Booked { actual } => Some(actual),
        }
    }

    /// How many were booked; none before.
    #[must_use]
    pub const fn booked(self) -> Option<Decimal> {
        match self {
            Self::Noted | Self::Approved | Self::Received { .. } | Self::ReferredBack { .. } => None,
            Self::Booked { actual } => Some(actual),
        }
    }
}

impl Step {
    const fn allowed_from(self) -> &'static [&'static str] {
        match self {
            Self::Approve => &["NOTED", "REFERRED_BACK"],
            Self::Receive(_) => &["APPROVED"],
            Self::Book | Self::ReferBack => &["RECEIVED"],
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Receive(_) => "receive",
            Self::Book => "book",
            Self::ReferBack => "refer back",
        }
    }

    fn refused_from(self, from: State, name: &str) -> Error {
        Error::WrongState {
            name: name.to_owned(),
            state: from.word().to_owned(),
            attempted: self.word().to_owned(),
            allowed: self.allowed_from().iter().map(|&state| state.to_owned()).collect(),
        }
    }
}

impl From<State> for pb::State {
    fn from(state: State) -> Self {
        match state {
            State::Noted => Self::Noted,
            State::Approved => Self::Approved,
            State::Received { .. } => Self::Received,
            State::ReferredBack { .. } => Self::ReferredBack,
            State::Booked { .. } => Self::Booked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: Decimal = Decimal::ONE_HUNDRED;
    const STATES: [State; 5] = [
        State::Noted,
        State::Approved,
        State::Received { actual: SOME },
        State::ReferredBack { actual: SOME },
        State::Booked { actual: SOME },
    ];
    const STEPS: [Step; 4] = [Step::Approve, Step::Receive(SOME), Step::Book, Step::ReferBack];

    /// The rows of the README's table: step, state from, state to.
    fn table() -> Vec<[&'static str; 3]> {
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &["customer return", step, from, to] => Some([step, from, to]),
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
    fn what_is_booked_is_what_came() {
        assert_eq!(STATES.map(State::booked), [None, None, None, None, Some(SOME)]);
        assert_eq!(STATES.map(State::actual), [None, None, Some(SOME), Some(SOME), Some(SOME)]);
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        for state in STATES {
            let written = serde_json::to_value(state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
