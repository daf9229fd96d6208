//! Where a case stands, and what may follow what.

use callout_casework::ids::WorkOrderId;
use callout_kit::Error;
use serde::{Deserialize, Serialize};

use super::Solution;

/// Where a case stands, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Taken in by somebody, not yet at the desk.
    Received,
    /// At the desk.
    AtDesk,
    /// It is fixed how the trouble will be dealt with.
    SolutionFixed {
        /// How.
        solution: Solution,
    },
    /// A work order is under way.
    Dispatched {
        /// How the trouble is dealt with.
        solution: Solution,
        /// The order.
        work_order: WorkOrderId,
    },
    /// The question is answered.
    Answered {
        /// The answer.
        answer: String,
    },
    /// Solved at once, without a work order.
    SolvedAtOnce {
        /// What was done.
        done: String,
    },
    /// The work order did it.
    Solved {
        /// How the trouble was dealt with.
        solution: Solution,
        /// The order.
        work_order: WorkOrderId,
    },
    /// Withdrawn, or refused for good.
    Cancelled {
        /// Why.
        reason: String,
    },
}

/// What may happen to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It reaches the desk.
    Pass,
    /// The question is answered.
    Answer(String),
    /// The solution is fixed.
    Fix(Solution),
    /// It is solved at once.
    Solve(String),
    /// Dispatch has opened a work order.
    Dispatch(WorkOrderId),
    /// The work order was closed.
    Close,
    /// The work order was ended without work.
    Reopen,
    /// It is withdrawn, or refused for good.
    Cancel(String),
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// A case that was answered or solved by whoever received it is still passed on to the desk, which records it.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the case `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        use State as S;
        match (self, step) {
            (S::Received, Step::Pass) => Ok(S::AtDesk),
            (final_state @ (S::Answered { .. } | S::SolvedAtOnce { .. }), Step::Pass) => Ok(final_state),
            (S::Received | S::AtDesk, Step::Answer(answer)) => Ok(S::Answered { answer }),
            (S::AtDesk | S::SolutionFixed { .. }, Step::Fix(solution))
            | (S::Dispatched { solution, .. }, Step::Reopen) => Ok(S::SolutionFixed { solution }),
            (S::Received | S::AtDesk | S::SolutionFixed { .. }, Step::Solve(done)) => Ok(S::SolvedAtOnce { done }),
            (S::SolutionFixed { solution }, Step::Dispatch(work_order)) => Ok(S::Dispatched { solution, work_order }),
            (S::Dispatched { solution, work_order }, Step::Close) => Ok(S::Solved { solution, work_order }),
            (S::Received | S::AtDesk | S::SolutionFixed { .. }, Step::Cancel(reason)) => Ok(S::Cancelled { reason }),
            (
                from @ (S::AtDesk
                | S::SolutionFixed { .. }
                | S::Dispatched { .. }
                | S::Solved { .. }
                | S::Cancelled { .. }),
                step @ Step::Pass,
            )
            | (
                from @ (S::SolutionFixed { .. }
                | S::Dispatched { .. }
                | S::Answered { .. }
                | S::SolvedAtOnce { .. }
                | S::Solved { .. }
                | S::Cancelled { .. }),
                step @ Step::Answer(_),
            )
            | (
                from @ (S::Received
                | S::Dispatched { .. }
                | S::Answered { .. }
                | S::SolvedAtOnce { .. }
                | S::Solved { .. }
                | S::Cancelled { .. }),
                step @ Step::Fix(_),
            )
            | (
                from @ (S::Dispatched { .. }
                | S::Answered { .. }
                | S::SolvedAtOnce { .. }
                | S::Solved { .. }
                | S::Cancelled { .. }),
                step @ (Step::Solve(_) | Step::Cancel(_)),
            )
            | (
                from @ (S::Received
                | S::AtDesk
                | S::Dispatched { .. }
                | S::Answered { .. }
                | S::SolvedAtOnce { .. }
                | S::Solved { .. }
                | S::Cancelled { .. }),
                step @ Step::Dispatch(_),
            )
            | (
                from @ (S::Received
                | S::AtDesk
                | S::SolutionFixed { .. }
                | S::Answered { .. }
                | S::SolvedAtOnce { .. }
                | S::Solved { .. }
                | S::Cancelled { .. }),
                step @ (Step::Close | Step::Reopen),
            ) => Err(step.refused_from(&from, name)),
        }
    }

    /// Its word in the contract and in the database.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Received => "RECEIVED",
            Self::AtDesk => "AT_DESK",
            Self::SolutionFixed { .. } => "SOLUTION_FIXED",
            Self::Dispatched { .. } => "DISPATCHED",
            Self::Answered { .. } => "ANSWERED",
            Self::SolvedAtOnce { .. } | Self::Solved { .. } => "SOLVED",
            Self::Cancelled { .. } => "CANCELLED",
        }
    }

    /// Whether nothing more has to be done.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Received | Self::AtDesk | Self::SolutionFixed { .. } | Self::Dispatched { .. } => false,
            Self::Answered { .. } | Self::SolvedAtOnce { .. } | Self::Solved { .. } | Self::Cancelled { .. } => true,
        }
    }
}

impl Step {
    const fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Answer(_) => "answer",
            Self::Fix(_) => "fix the solution",
            Self::Solve(_) => "solve",
            Self::Dispatch(_) => "dispatch",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Cancel(_) => "cancel",
        }
    }

    const fn allowed_in(&self) -> &'static [&'static str] {
        match self {
            Self::Pass => &["RECEIVED", "ANSWERED", "SOLVED"],
            Self::Answer(_) => &["RECEIVED", "AT_DESK"],
            Self::Fix(_) => &["AT_DESK", "SOLUTION_FIXED"],
            Self::Solve(_) | Self::Cancel(_) => &["RECEIVED", "AT_DESK", "SOLUTION_FIXED"],
            Self::Dispatch(_) => &["SOLUTION_FIXED"],
            Self::Close | Self::Reopen => &["DISPATCHED"],
        }
    }

    fn refused_from(&self, from: &State, name: &str) -> Error {
        Error::WrongState {
            name: name.to_owned(),
            state: from.word().to_owned(),
            attempted: self.word().to_owned(),
            allowed: self.allowed_in().iter().map(|state| (*state).to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use callout_casework::ids::Id as _;
    use uuid::Uuid;

    use super::*;
    use crate::case::{Mode, Solution};

    fn solution() -> Solution {
        Solution { mode: Mode::OnSite, distance_km: None, options: Vec::new(), plan: String::new() }
    }

    fn states() -> [State; 8] {
        let (solution, work_order) = (solution(), WorkOrderId::from_uuid(Uuid::nil()));
        [
            State::Received,
            State::AtDesk,
            State::SolutionFixed { solution: solution.clone() },
            State::Dispatched { solution: solution.clone(), work_order },
            State::Answered { answer: "yes".to_owned() },
            State::SolvedAtOnce { done: "told him".to_owned() },
            State::Solved { solution, work_order },
            State::Cancelled { reason: "withdrawn".to_owned() },
        ]
    }

    #[test]
    fn every_step_from_every_state_leads_where_the_table_says_or_names_the_states_that_allow_it() {
        let text = || "text".to_owned();
        let (no, final_words) = ("", ["ANSWERED", "SOLVED", "SOLVED", "CANCELLED"]);
        #[rustfmt::skip]
        let table: [(Step, [&str; 8]); 8] = [
            // from:                      RECEIVED         AT_DESK          SOLUTION_FIXED   DISPATCHED      ANSWERED    SOLVED at once
            (Step::Pass,                 ["AT_DESK",        no,              no,              no,              "ANSWERED", "SOLVED", no, no]),
            (Step::Answer(text()),       ["ANSWERED",       "ANSWERED",      no,              no,              no,         no,       no, no]),
            (Step::Fix(solution()),      [no,               "SOLUTION_FIXED", "SOLUTION_FIXED", no,            no,         no,       no, no]),
            (Step::Solve(text()),        ["SOLVED",         "SOLVED",        "SOLVED",        no,              no,         no,       no, no]),
            (Step::Dispatch(WorkOrderId::from_uuid(Uuid::nil())),
                                         [no,               no,              "DISPATCHED",    no,              no,         no,       no, no]),
            (Step::Close,                [no,               no,              no,              "SOLVED",        no,         no,       no, no]),
            (Step::Reopen,               [no,               no,              no,              "SOLUTION_FIXED", no,        no,       no, no]),
            (Step::Cancel(text()),       ["CANCELLED",      "CANCELLED",     "CANCELLED",     no,              no,         no,       no, no]),
        ];
        for (step, expected) in table {
            for (from, expected) in states().into_iter().zip(expected) {
                let word = from.word();
                match from.apply(step.clone(), "organizations/o/cases/c") {
                    Ok(to) => assert_eq!(to.word(), expected, "{step:?} from {word}"),
                    Err(Error::WrongState { state, allowed, .. }) => {
                        assert_eq!((expected, state.as_str()), (no, word), "{step:?} from {word}");
                        // SOLVED stands for two states; only the one solved at once can still be passed on.
                        assert!(
                            !allowed.contains(&state) || state == "SOLVED",
                            "{step:?} from {word} names it as allowed"
                        );
                    }
                    Err(other) => panic!("{step:?} from {word}: {other}"),
                }
            }
        }
        let finals: Vec<&str> = states().iter().filter(|state| state.is_final()).map(State::word).collect();
        assert_eq!(finals, final_words);
    }
}
