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
    fn refused_from(self, from: State, name: &str) -> Error {
        let (attempted, allowed) = match self {
            Self::Issue(_) => ("issue", "DRAFT"),
            Self::HandIn => ("hand in", "ISSUED"),
            Self::Ship => ("ship", "ISSUED"),
            Self::Inspect => ("inspect", "ISSUED"),
            Self::Transfer | Self::Close(_) => ("zero", "ISSUED"),
        };
        Error::WrongState {
            name: name.to_owned(),
            state: from.word().to_owned(),
            attempted: attempted.to_owned(),
            allowed: vec![allowed.to_owned()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;
    const LATER: Timestamp = Timestamp::MAX;

    #[test]
    fn every_step_from_every_state_leads_where_it_should_or_is_refused() {
        let issued = State::Issued { issued_at: AT };
        let zeroed = State::Zeroed { issued_at: AT, zeroed_at: LATER };
        let table = [
            (Step::Issue(AT), [Some(issued), None, None]),
            (Step::HandIn, [None, Some(issued), None]),
            (Step::Ship, [None, Some(issued), None]),
            (Step::Inspect, [None, Some(issued), None]),
            (Step::Transfer, [None, Some(issued), None]),
            (Step::Close(LATER), [None, Some(zeroed), None]),
        ];
        for (step, after) in table {
            for (from, expected) in [State::Draft, issued, zeroed].into_iter().zip(after) {
                match (from.apply(step, "slip"), expected) {
                    (Ok(state), Some(expected)) => assert_eq!(state, expected, "{step:?} from {from:?}"),
                    (Err(Error::WrongState { state, allowed, .. }), None) => {
                        assert_eq!(state, from.word());
                        assert!(!allowed.contains(&state), "{step:?} from {from:?}");
                    }
                    (outcome, expected) => panic!("{step:?} from {from:?}: {outcome:?}, not {expected:?}"),
                }
            }
        }
    }
}
