//! Where a share stands, and what may follow.

use callout_kit::Error;
use jiff::Timestamp;

/// Where a share stands, with what is known there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Computed, and not paid yet.
    #[default]
    Due,
    /// Paid.
    Paid(Paid),
}

/// That a share was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// What may happen to a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is paid.
    Pay(Paid),
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the share `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Due, Step::Pay(paid)) => Ok(Self::Paid(paid)),
            (Self::Paid(_), Step::Pay(_)) => Err(Error::WrongState {
                name: name.to_owned(),
                state: "PAID".to_owned(),
                attempted: "pay".to_owned(),
                allowed: vec!["DUE".to_owned()],
            }),
        }
    }

    /// That it was paid; none while it was not.
    #[must_use]
    pub const fn paid(&self) -> Option<&Paid> {
        match self {
            Self::Due => None,
            Self::Paid(paid) => Some(paid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the README's table for performance pay: step, state from, state to.
    fn table() -> Vec<[&'static str; 3]> {
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &["performance pay", step, from, to] => Some([step, from, to]),
                _ => None,
            }
        });
        rows.collect()
    }

    #[test]
    fn a_share_is_paid_once_as_the_table_in_the_readme_says() {
        let paid = Paid { at: "2026-04-15T02:00:00Z".parse().unwrap(), by: "hr".to_owned() };
        let name = "organizations/o/performancePays/p";
        assert_eq!(table(), [["pay", "DUE", "PAID"]]);
        let after = State::Due.apply(Step::Pay(paid.clone()), name).unwrap();
        assert_eq!(after.paid(), Some(&paid));
        match after.apply(Step::Pay(paid), name) {
            Err(Error::WrongState { state, attempted, allowed, .. }) => {
                assert_eq!((attempted.as_str(), state.as_str(), allowed), ("pay", "PAID", vec!["DUE".to_owned()]));
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}
