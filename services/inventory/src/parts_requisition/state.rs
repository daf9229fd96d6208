//! Where a parts requisition stands, and what may follow what.

use callout_contract::inventory::v1::parts_requisition as pb;
use callout_kit::Error;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a requisition stands, with what is known there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Filled in, nothing issued.
    Draft,
    /// Something was issued.
    Issued {
        /// When for the first time.
        issued_at: Timestamp,
    },
    /// All was issued, and all that was replaced came back.
    Settled {
        /// When something was issued for the first time.
        issued_at: Timestamp,
        /// When the last thing happened that was owed.
        settled_at: Timestamp,
    },
}

/// What may happen to a requisition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A paper is attached.
    Attach,
    /// Somebody signs.
    Sign,
    /// Parts are issued.
    Issue(Timestamp),
    /// Replaced parts come back.
    Return,
    /// Nothing is left to be issued or to come back.
    Settle(Timestamp),
}

impl State {
    /// The state after a step.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the requisition `name`, with the states that would have allowed it.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (draft @ Self::Draft, Step::Attach | Step::Sign) => Ok(draft),
            (Self::Draft, Step::Issue(issued_at)) => Ok(Self::Issued { issued_at }),
            (issued @ Self::Issued { .. }, Step::Issue(_) | Step::Return) => Ok(issued),
            (Self::Issued { issued_at }, Step::Settle(settled_at)) => Ok(Self::Settled { issued_at, settled_at }),
            (from @ (Self::Issued { .. } | Self::Settled { .. }), step @ (Step::Attach | Step::Sign))
            | (from @ Self::Settled { .. }, step @ (Step::Issue(_) | Step::Return | Step::Settle(_)))
            | (from @ Self::Draft, step @ (Step::Return | Step::Settle(_))) => Err(step.refused_from(from, name)),
        }
    }

    /// Its word in the contract and in its column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Issued { .. } => "ISSUED",
            Self::Settled { .. } => "SETTLED",
        }
    }

    /// When something was issued for the first time, if it was.
    #[must_use]
    pub const fn issued_at(self) -> Option<Timestamp> {
        match self {
            Self::Draft => None,
            Self::Issued { issued_at } | Self::Settled { issued_at, .. } => Some(issued_at),
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Draft | Self::Issued { .. } => false,
            Self::Settled { .. } => true,
        }
    }
}

impl Step {
    const fn allowed_from(self) -> &'static [&'static str] {
        match self {
            Self::Attach | Self::Sign => &["DRAFT"],
            Self::Issue(_) => &["DRAFT", "ISSUED"],
            Self::Return | Self::Settle(_) => &["ISSUED"],
        }
    }

    fn refused_from(self, from: State, name: &str) -> Error {
        let attempted = match self {
            Self::Attach => "attach to",
            Self::Sign => "sign",
            Self::Issue(_) => "issue",
            Self::Return => "return",
            Self::Settle(_) => "settle",
        };
        Error::WrongState {
            name: name.to_owned(),
            state: from.word().to_owned(),
            attempted: attempted.to_owned(),
            allowed: self.allowed_from().iter().map(|&state| state.to_owned()).collect(),
        }
    }
}

impl From<State> for pb::State {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Issued { .. } => Self::Issued,
            State::Settled { .. } => Self::Settled,
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
        let settled = State::Settled { issued_at: AT, settled_at: LATER };
        let table = [
            (Step::Attach, [Some(State::Draft), None, None]),
            (Step::Sign, [Some(State::Draft), None, None]),
            (Step::Issue(AT), [Some(issued), Some(issued), None]),
            (Step::Return, [None, Some(issued), None]),
            (Step::Settle(LATER), [None, Some(settled), None]),
        ];
        for (step, expected) in table {
            for (from, expected) in [State::Draft, issued, settled].into_iter().zip(expected) {
                match (from.apply(step, "it"), expected) {
                    (Ok(to), Some(expected)) => assert_eq!(to, expected, "{step:?}"),
                    (Err(Error::WrongState { allowed, state, .. }), None) => {
                        assert_eq!(state, from.word());
                        assert!(!allowed.iter().any(|allowed| allowed == from.word()), "{step:?} from {from:?}");
                    }
                    (other, expected) => panic!("{step:?} from {from:?}: {other:?}, not {expected:?}"),
                }
            }
        }
    }
}
