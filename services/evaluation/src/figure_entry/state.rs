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

    /// The rows of the README's table for figure entry: step, state from, state to.
    fn table() -> Vec<[&'static str; 3]> {
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &["figure entry", step, from, to] => Some([step, from, to]),
                _ => None,
            }
        });
        rows.collect()
    }

    #[test]
    fn figures_take_the_steps_of_the_table_in_the_readme_and_no_other() {
        let table = table();
        let steps = [Step::Review { by: "qian".to_owned() }, Step::Withdraw { reason: "typed wrong".to_owned() }];
        for (step, from) in steps.into_iter().flat_map(|step| states().map(|from| (step.clone(), from))) {
            let (word, from_word) = (step.word(), from.word());
            let of_step = table.iter().filter(|[step, ..]| *step == word);
            let expected = of_step.clone().find(|[_, from, _]| *from == from_word).map(|[_, _, to]| *to);
            match from.apply(step, NAME) {
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
