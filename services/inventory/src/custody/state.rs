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
            Self::Piece => "change a piece of",
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

    #[test]
    fn whatever_happens_to_it_happens_while_somebody_holds_it() {
        let lost = State::Lost { lost_at: AT, reported_at: AT };
        let (returned, renewed) = (State::Returned { at: AT }, State::Renewed { at: AT });
        for (step, to) in [
            (Step::HandOn, State::Held),
            (Step::Piece, State::Held),
            (Step::Lose(AT, AT), lost),
            (Step::Renew(AT), renewed),
            (Step::Return(AT), returned),
        ] {
            assert_eq!(State::Held.apply(step, "it").unwrap(), to);
            for from in [lost, returned, renewed] {
                let refused = from.apply(step, "it");
                assert!(matches!(refused, Err(Error::WrongState { allowed, .. }) if allowed == ["HELD"]), "{step:?}");
            }
        }
    }
}
