//! Where a loan slip stands, and what may follow what.

use callout_kit::Error;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a slip stands, with what is known there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Filled in, nothing issued.
    Draft,
    /// Issued to the borrower.
    Issued {
        /// When.
        issued_at: Timestamp,
    },
    /// Every line is at zero.
    Zeroed {
        /// When it was issued.
        issued_at: Timestamp,
        /// When the last line came to zero.
        zeroed_at: Timestamp,
    },
}

/// What may happen to a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its parts are issued.
    Issue(Timestamp),
    /// Parts are handed in.
    HandIn,
    /// Parts are sent, or arrive.
    Ship,
    /// What was handed in is inspected.
    Inspect,
    /// What is certified is transferred, lines come to zero.
    Transfer,
    /// The last line came to zero.
    Close(Timestamp),
}

impl State {
    /// The state after a step.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the slip `name`, with the states that would have allowed it.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Draft, Step::Issue(issued_at)) => Ok(Self::Issued { issued_at }),
            (issued @ Self::Issued { .. }, Step::HandIn | Step::Ship | Step::Inspect | Step::Transfer) => Ok(issued),
            (Self::Issued { issued_at }, Step::Close(zeroed_at)) => Ok(Self::Zeroed { issued_at, zeroed_at }),
            (from @ (Self::Issued { .. } | Self::Zeroed { .. }), step @ Step::Issue(_))
            | (
                from @ (Self::Draft | Self::Zeroed { .. }),
                step @ (Step::HandIn | Step::Ship | Step::Inspect | Step::Transfer | Step::Close(_)),
            ) => Err(step.refused_from(from, name)),
        }
    }

    /// Its word in the contract and in its column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Issued { .. } => "ISSUED",
            Self::Zeroed { .. } => "ZEROED",
        }
    }

    /// When it was issued, if it was.
    #[must_use]
    pub const fn issued_at(self) -> Option<Timestamp> {
        match self {
            Self::Draft => None,
            Self::Issued { issued_at } | Self::Zeroed { issued_at, .. } => Some(issued_at),
        }
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Draft | Self::Issued { .. } => false,
            Self::Zeroed { .. } => true,
        }
    }
}

impl Step {
    const fn word(self) -> &'static str {
        match self {
            Self::Issue(_) => "issue",
            Self::HandIn => "hand in",
            Self::Ship => "ship",
            Self::Inspect => "inspect",
            Self::Transfer => "zero",
            Self::Close(_) => "close",
        }
    }

    fn refused_from(self, from: State, name: &str) -> Error {
        let allowed = match self {
            Self::Issue(_) => "DRAFT",
            Self::HandIn | Self::Ship | Self::Inspect | Self::Transfer | Self::Close(_) => "ISSUED",
        };
        Error::WrongState {
            name: name.to_owned(),
            state: from.word().to_owned(),
            attempted: self.word().to_owned(),
            allowed: vec![allowed.to_owned()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;
    const LATER: Timestamp = Timestamp::MAX;

    const ISSUED: State = State::Issued { issued_at: AT };
    const ZEROED: State = State::Zeroed { issued_at: AT, zeroed_at: LATER };
    const STATES: [State; 3] = [State::Draft, ISSUED, ZEROED];
    const STEPS: [Step; 6] =
        [Step::Issue(AT), Step::HandIn, Step::Ship, Step::Inspect, Step::Transfer, Step::Close(LATER)];

    /// The rows of the README's table for slips: step, state from, state to.
    fn table() -> Vec<[&'static str; 3]> {
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &["slip", step, from, to] => Some([step, from, to]),
                _ => None,
            }
        });
        rows.collect()
    }

    #[test]
    fn a_slip_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        let table = table();
        for (step, from) in STEPS.into_iter().flat_map(|step| STATES.map(|from| (step, from))) {
            let (word, from_word) = (step.word(), from.word());
            let of_step = table.iter().filter(|[step, ..]| *step == word);
            let expected = of_step.clone().find(|[_, from, _]| *from == from_word).map(|[_, _, to]| *to);
            match from.apply(step, "slip") {
                Ok(to) => assert_eq!(Some(to.word()), expected, "{word} from {from_word}"),
                Err(Error::WrongState { name, state, attempted, allowed }) => {
                    assert_eq!(expected, None, "{word} from {from_word}");
                    assert_eq!((name.as_str(), state.as_str(), attempted.as_str()), ("slip", from_word, word));
                    assert!(allowed.iter().eq(of_step.map(|[_, from, _]| from)), "{word} from {from_word}");
                }
                Err(other) => panic!("{word} from {from_word}: {other}"),
            }
        }
    }

    #[test]
    fn a_slip_keeps_when_it_was_issued_to_its_end() {
        assert_eq!(State::Draft.apply(Step::Issue(AT), "slip").unwrap(), ISSUED);
        for step in [Step::HandIn, Step::Ship, Step::Inspect, Step::Transfer] {
            assert_eq!(ISSUED.apply(step, "slip").unwrap(), ISSUED, "{step:?}");
        }
        assert_eq!(ISSUED.apply(Step::Close(LATER), "slip").unwrap(), ZEROED);
        assert_eq!(STATES.map(State::issued_at), [None, Some(AT), Some(AT)]);
        assert_eq!(STATES.map(State::is_final), [false, false, true]);
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        for state in STATES {
            let written = serde_json::to_value(state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
