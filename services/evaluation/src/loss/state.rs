//! Where a loss stands, and what may follow.

use callout_kit::Error;
use jiff::Timestamp;

/// Where a loss stands, with what is known there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Assessed and divided, not approved yet.
    #[default]
    Assessed,
    /// Approved: it is deducted.
    Approved(Approved),
}

/// That a loss was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// What may happen to a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is approved.
    Approve(Approved),
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the loss `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Assessed, Step::Approve(approved)) => Ok(Self::Approved(approved)),
            (Self::Approved(_), Step::Approve(_)) => Err(Error::WrongState {
                name: name.to_owned(),
                state: "APPROVED".to_owned(),
                attempted: "approve".to_owned(),
                allowed: vec!["ASSESSED".to_owned()],
            }),
        }
    }

    /// That it was approved; none while it was not.
    #[must_use]
    pub const fn approved(&self) -> Option<&Approved> {
        match self {
            Self::Assessed => None,
            Self::Approved(approved) => Some(approved),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the README's table for losses: step, state from, state to.
    fn table() -> Vec<[&'static str; 3]> {
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &["loss", step, from, to] => Some([step, from, to]),
                _ => None,
            }
        });
        rows.collect()
    }

    #[test]
    fn a_loss_is_approved_once_as_the_table_in_the_readme_says() {
        let approved = Approved { at: "2024-04-08T02:00:00Z".parse().unwrap(), by: "zong".to_owned() };
        let name = "organizations/o/losses/l";
        assert_eq!(table(), [["approve", "ASSESSED", "APPROVED"]]);
        let after = State::Assessed.apply(Step::Approve(approved.clone()), name).unwrap();
        assert_eq!(after.approved(), Some(&approved));
        match after.apply(Step::Approve(approved), name) {
            Err(Error::WrongState { state, attempted, allowed, .. }) => {
                assert_eq!((attempted.as_str(), state.as_str()), ("approve", "APPROVED"));
                assert_eq!(allowed, ["ASSESSED"]);
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}
