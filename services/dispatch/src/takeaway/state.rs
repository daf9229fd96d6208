//! Where goods are that were taken away, and what may follow what.

use callout_contract::dispatch::v1::takeaway as pb;
use callout_kit::Error;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RepairDone;

/// Where they are, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// With the organisation, not being repaired yet.
    Taken {
        /// Since when.
        at: Timestamp,
    },
    /// Being repaired.
    Repairing {
        /// Since when.
        at: Timestamp,
    },
    /// Repaired, and still with the organisation.
    Repaired {
        /// Since when.
        at: Timestamp,
        /// What was done.
        done: RepairDone,
    },
    /// Back with the customer.
    GivenBack {
        /// Since when.
        at: Timestamp,
        /// When they were repaired.
        repaired_at: Timestamp,
        /// What was done.
        done: RepairDone,
    },
}

/// What may happen to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The repair begins.
    Start,
    /// They are repaired; with what was done.
    Finish(RepairDone),
    /// The customer has them back.
    GiveBack,
}

impl State {
    /// The state after a step that happened at `at`.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the takeaway `name`.
    pub fn apply(self, step: Step, at: Timestamp, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Taken { .. }, Step::Start) => Ok(Self::Repairing { at }),
            (Self::Repairing { .. }, Step::Finish(done)) => Ok(Self::Repaired { at, done }),
            (Self::Repaired { at: repaired_at, done }, Step::GiveBack) => Ok(Self::GivenBack { at, repaired_at, done }),
            (from @ Self::Taken { .. }, step @ (Step::Finish(_) | Step::GiveBack))
            | (from @ Self::Repairing { .. }, step @ (Step::Start | Step::GiveBack))
            | (from @ Self::Repaired { .. }, step @ (Step::Start | Step::Finish(_)))
            | (from @ Self::GivenBack { .. }, step @ (Step::Start | Step::Finish(_) | Step::GiveBack)) => {
                Err(Error::WrongState {
                    name: name.to_owned(),
                    state: from.word().to_owned(),
                    attempted: step.word().to_owned(),
                    allowed: vec![step.allowed_from().to_owned()],
                })
            }
        }
    }

    /// Its word in the contract and in its column.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "TAKEN",
            Self::Repairing { .. } => "REPAIRING",
            Self::Repaired { .. } => "REPAIRED",
            Self::GivenBack { .. } => "GIVEN_BACK",
        }
    }

    /// When it began; what happens next does not happen before.
    #[must_use]
    pub const fn since(&self) -> Timestamp {
        match self {
            Self::Taken { at } | Self::Repairing { at } | Self::Repaired { at, .. } | Self::GivenBack { at, .. } => *at,
        }
    }

    /// What was done and when; none before.
    #[must_use]
    pub const fn repair(&self) -> Option<(&RepairDone, Timestamp)> {
        match self {
            Self::Taken { .. } | Self::Repairing { .. } => None,
            Self::Repaired { at, done } | Self::GivenBack { repaired_at: at, done, .. } => Some((done, *at)),
        }
    }

    /// When the customer had them back; none before.
    #[must_use]
    pub const fn given_back_at(&self) -> Option<Timestamp> {
        match self {
            Self::Taken { .. } | Self::Repairing { .. } | Self::Repaired { .. } => None,
            Self::GivenBack { at, .. } => Some(*at),
        }
    }
}

impl Step {
    const fn word(&self) -> &'static str {
        match self {
            Self::Start => "start the repair of",
            Self::Finish(_) => "finish the repair of",
            Self::GiveBack => "give back",
        }
    }

    const fn allowed_from(&self) -> &'static str {
        match self {
            Self::Start => "TAKEN",
            Self::Finish(_) => "REPAIRING",
            Self::GiveBack => "REPAIRED",
        }
    }
}

impl From<&State> for pb::State {
    fn from(state: &State) -> Self {
        match state {
            State::Taken { .. } => Self::Taken,
            State::Repairing { .. } => Self::Repairing,
            State::Repaired { .. } => Self::Repaired,
            State::GivenBack { .. } => Self::GivenBack,
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn goods_are_repaired_once_and_given_back_once() {
        let at = Timestamp::UNIX_EPOCH;
        let done = RepairDone { hours: Decimal::ONE, parts: Vec::new() };
        let steps = [Step::Start, Step::Finish(done.clone()), Step::GiveBack];
        let states = [
            State::Taken { at },
            State::Repairing { at },
            State::Repaired { at, done: done.clone() },
            State::GivenBack { at, repaired_at: at, done },
        ];
        let rows = include_str!("../../README.md").lines().filter_map(|line| line.strip_prefix("| takeaway |"));
        let mut led = Vec::new();
        for state in &states {
            for step in &steps {
                match state.clone().apply(step.clone(), at, "it") {
                    Ok(to) => led.push(format!(" {} | {} | {} |", step.word(), state.word(), to.word())),
                    Err(Error::WrongState { state: told, allowed, .. }) => {
                        assert_eq!(
                            (told.as_str(), allowed.as_slice()),
                            (state.word(), [step.allowed_from().to_owned()].as_slice())
                        );
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
        assert_eq!(rows.collect::<Vec<_>>(), led);
    }
}
