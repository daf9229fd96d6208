//! Where figures stand, and what may follow what.

use callout_kit::Error;
use serde::{Deserialize, Serialize};

/// Where figures stand, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Entered, and not looked through yet.
    Entered,
    /// Looked through.
    Reviewed {
        /// By whom.
        by: String,
    },
    /// Taken back.
    Withdrawn {
        /// Who had looked them through; empty when nobody had.
        reviewed_by: String,
        /// Why.
        reason: String,
    },
}

/// What may happen to figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// They are looked through.
    Review {
        /// By whom.
        by: String,
    },
    /// They are taken back.
    Withdraw {
        /// Why.
        reason: String,
    },
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the entry `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Entered, Step::Review { by }) => Ok(Self::Reviewed { by }),
            (Self::Entered, Step::Withdraw { reason }) => Ok(Self::Withdrawn { reviewed_by: String::new(), reason }),
            (Self::Reviewed { by }, Step::Withdraw { reason }) => Ok(Self::Withdrawn { reviewed_by: by, reason }),
            (from @ (Self::Reviewed { .. } | Self::Withdrawn { .. }), step @ Step::Review { .. })
            | (from @ Self::Withdrawn { .. }, step @ Step::Withdraw { .. }) => Err(Error::WrongState {
                name: name.to_owned(),
                state: from.word().to_owned(),
                attempted: step.word().to_owned(),
                allowed: step.allowed_in().iter().map(|state| (*state).to_owned()).collect(),
            }),
        }
    }

    /// Whether figures that were entered in the window, or not, are summed up: those of another day only once somebody has
    /// looked them through.
    #[must_use]
    pub const fn counts(&self, in_window: bool) -> bool {
        match self {
            Self::Entered => in_window,
            Self::Reviewed { .. } => true,
            Self::Withdrawn { .. } => false,
        }
    }

    /// Its word in the contract and in the database.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Entered => "ENTERED",
            Self::Reviewed { .. } => "REVIEWED",
            Self::Withdrawn { .. } => "WITHDRAWN",
        }
    }

    /// Who looked them through; empty before.
    #[must_use]
    pub fn reviewed_by(&self) -> &str {
        match self {
            Self::Entered => "",
            Self::Reviewed { by } | Self::Withdrawn { reviewed_by: by, .. } => by,
        }
    }

    /// Why they were taken back; empty while they were not.
    #[must_use]
    pub fn withdrawn_because(&self) -> &str {
        match self {
            Self::Entered | Self::Reviewed { .. } => "",
            Self::Withdrawn { reason, .. } => reason,
        }
    }
}

impl Step {
    const fn word(&self) -> &'static str {
        match self {
            Self::Review { .. } => "review",
            Self::Withdraw { .. } => "withdraw",
        }
    }

    const fn allowed_in(&self) -> &'static [&'static str] {
        match self {
            Self::Review { .. } => &["ENTERED"],
            Self::Withdraw { .. } => &["ENTERED", "REVIEWED"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "organizations/o/figureEntries/f";

    fn states() -> [State; 3] {
        [
            State::Entered,
            State::Reviewed { by: "qian".to_owned() },
            State::Withdrawn { reviewed_by: String::new(), reason: "typed wrong".to_owned() },
        ]
    }

    #[test]
    fn every_step_from_every_state_leads_where_the_table_says_or_names_the_states_that_allow_it() {
        let no = "";
        #[rustfmt::skip]
        let table: [(Step, [&str; 3]); 2] = [
            // from:                                                ENTERED      REVIEWED     WITHDRAWN
            (Step::Review { by: "qian".to_owned() },               ["REVIEWED",  no,          no]),
            (Step::Withdraw { reason: "typed wrong".to_owned() },  ["WITHDRAWN", "WITHDRAWN", no]),
        ];
        for (step, expected) in table {
            for (from, expected) in states().into_iter().zip(expected) {
                let word = from.word();
                match from.apply(step.clone(), NAME) {
                    Ok(to) => assert_eq!(to.word(), expected, "{step:?} from {word}"),
                    Err(Error::WrongState { state, allowed, .. }) => {
                        assert_eq!((expected, state.as_str()), (no, word), "{step:?} from {word}");
                        assert!(!allowed.contains(&state), "{step:?} from {word} names it as allowed");
                    }
                    Err(other) => panic!("{step:?} from {word}: {other}"),
                }
            }
        }
    }

    #[test]
    fn figures_of_another_day_count_once_they_were_looked_through_and_none_that_were_taken_back() {
        let counts = |in_window| states().map(|state| state.counts(in_window));
        assert_eq!(counts(true), [true, true, false]);
        assert_eq!(counts(false), [false, true, false]);
    }

    #[test]
    fn who_looked_them_through_is_known_also_of_those_that_were_taken_back() {
        let reviewed = State::Entered.apply(Step::Review { by: "qian".to_owned() }, NAME).unwrap();
        let withdrawn = reviewed.apply(Step::Withdraw { reason: "typed wrong".to_owned() }, NAME).unwrap();
        assert_eq!((withdrawn.reviewed_by(), withdrawn.withdrawn_because()), ("qian", "typed wrong"));
    }
}
