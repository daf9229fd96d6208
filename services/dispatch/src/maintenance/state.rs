//! Where a maintenance plan stands.

use callout_contract::dispatch::v1::maintenance_plan as pb;
use callout_kit::Error;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// The product is in care.
    Active,
    /// It is not any more.
    Ended {
        /// The last day of care.
        on: Date,
    },
}

/// What may happen to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The care ends; on its last day.
    End(Date),
}

impl State {
    /// The state after a step.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the plan `name`: care ends once.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Active, Step::End(on)) => Ok(Self::Ended { on }),
            (Self::Ended { .. }, Step::End(_)) => Err(Error::WrongState {
                name: name.to_owned(),
                state: "ENDED".to_owned(),
                attempted: "end".to_owned(),
                allowed: vec!["ACTIVE".to_owned()],
            }),
        }
    }

    /// The last day of care; none while it goes on.
    #[must_use]
    pub const fn ends_on(self) -> Option<Date> {
        match self {
            Self::Active => None,
            Self::Ended { on } => Some(on),
        }
    }
}

impl From<State> for pb::State {
    fn from(state: State) -> Self {
        match state {
            State::Active => Self::Active,
            State::Ended { .. } => Self::Ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn care_ends_once() {
        let on = jiff::civil::date(2013, 5, 1);
        let ended = State::Active.apply(Step::End(on), "it").unwrap();
        assert_eq!(ended.ends_on(), Some(on));
        let again = ended.apply(Step::End(on), "it");
        assert!(matches!(again, Err(Error::WrongState { allowed, .. }) if allowed == ["ACTIVE"]));
    }
}
