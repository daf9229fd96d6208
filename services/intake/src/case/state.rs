//! Where a case stands, and what may follow what.

use callout_casework::ids::WorkOrderId;
use callout_kit::Error;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
        /// The request id under which dispatch was asked for it, by which the request knows it that comes again.
        #[serde(default)]
        asked_by: Option<Uuid>,
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
    Dispatch {
        /// The order.
        work_order: WorkOrderId,
        /// The request id under which it was asked for; none for one that dispatch opened of itself.
        asked_by: Option<Uuid>,
    },
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
            (S::SolutionFixed { solution }, Step::Dispatch { work_order, asked_by }) => {
                Ok(S::Dispatched { solution, work_order, asked_by })
            }
            (S::Dispatched { solution, work_order, .. }, Step::Close) => Ok(S::Solved { solution, work_order }),
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
                step @ Step::Dispatch { .. },
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
            Self::Dispatch { .. } => "dispatch",
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
            Self::Dispatch { .. } => &["SOLUTION_FIXED"],
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

/// The states in which something has to be done yet.
pub const OPEN: [&str; 4] = ["RECEIVED", "AT_DESK", "SOLUTION_FIXED", "DISPATCHED"];

#[cfg(test)]
mod tests {
    use callout_casework::ids::Id as _;
    use uuid::Uuid;

    use super::*;
    use crate::case::{Mode, Solution};

    const NAME: &str = "organizations/o/cases/c";

    fn solution(plan: &str) -> Solution {
        Solution { mode: Mode::OnSite, distance_km: None, options: Vec::new(), plan: plan.to_owned() }
    }

    fn order(id: u128) -> WorkOrderId {
        WorkOrderId::from_uuid(Uuid::from_u128(id))
    }

    fn states() -> [State; 8] {
        let (solution, work_order) = (solution("before"), order(1));
        [
            State::Received,
            State::AtDesk,
            State::SolutionFixed { solution: solution.clone() },
            State::Dispatched { solution: solution.clone(), work_order, asked_by: None },
            State::Answered { answer: "before".to_owned() },
            State::SolvedAtOnce { done: "before".to_owned() },
            State::Solved { solution, work_order },
            State::Cancelled { reason: "before".to_owned() },
        ]
    }

    fn steps() -> [Step; 8] {
        let text = || "after".to_owned();
        [
            Step::Pass,
            Step::Answer(text()),
            Step::Fix(solution("after")),
            Step::Solve(text()),
            Step::Dispatch { work_order: order(2), asked_by: Some(Uuid::from_u128(3)) },
            Step::Close,
            Step::Reopen,
            Step::Cancel(text()),
        ]
    }

    /// A state by its word; the two that share one are told apart as the README does.
    fn shown(state: &State) -> &'static str {
        match state {
            State::SolvedAtOnce { .. } => "SOLVED at once",
            other => other.word(),
        }
    }

    /// The rows of the README's table: step, state from, state to.
    fn table() -> Vec<[&'static str; 3]> {
        let words: Vec<&str> = steps().iter().map(Step::word).collect();
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &[step, from, to] if words.contains(&step) => Some([step, from, to]),
                _ => None,
            }
        });
        rows.collect()
    }

    #[test]
    fn a_case_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        let table = table();
        for (step, from) in steps().into_iter().flat_map(|step| states().map(|from| (step.clone(), from))) {
            let (word, from_word) = (step.word(), shown(&from));
            let of_step = table.iter().filter(|[step, ..]| *step == word);
            let expected = of_step.clone().find(|[_, from, _]| *from == from_word).map(|[_, _, to]| *to);
            match from.clone().apply(step, NAME) {
                Ok(to) => assert_eq!(Some(shown(&to)), expected, "{word} from {from_word}"),
                Err(Error::WrongState { name, state, attempted, allowed }) => {
                    assert_eq!(expected, None, "{word} from {from_word}");
                    assert_eq!((name.as_str(), state.as_str(), attempted.as_str()), (NAME, from.word(), word));
                    let words = of_step.map(|[_, from, _]| from.trim_end_matches(" at once"));
                    assert!(allowed.iter().eq(words), "{word} from {from_word} could be taken in {allowed:?}");
                }
                Err(other) => panic!("{word} from {from_word}: {other}"),
            }
        }
    }

    #[test]
    fn a_step_brings_what_is_known_after_it_and_keeps_what_was_known_before() {
        let after = |from: State, step: Step| from.apply(step, NAME).unwrap();
        let [received, at_desk, fixed, dispatched, answered, at_once, ..] = states();
        let [_, answer, fix, solve, dispatch, close, reopen, cancel] = steps();
        let text = "after".to_owned();
        assert_eq!(after(received.clone(), answer), State::Answered { answer: text.clone() });
        assert_eq!(after(at_desk, fix.clone()), State::SolutionFixed { solution: solution("after") });
        assert_eq!(after(fixed.clone(), fix), State::SolutionFixed { solution: solution("after") });
        assert_eq!(after(fixed.clone(), solve), State::SolvedAtOnce { done: text.clone() });
        let (solution, work_order) = (solution("before"), order(2));
        let asked_by = Some(Uuid::from_u128(3));
        let expected = State::Dispatched { solution: solution.clone(), work_order, asked_by };
        assert_eq!(after(fixed, dispatch), expected);
        let closed = State::Solved { solution: solution.clone(), work_order: order(1) };
        assert_eq!(after(dispatched.clone(), close), closed);
        assert_eq!(after(dispatched, reopen), State::SolutionFixed { solution });
        assert_eq!(after(received, cancel), State::Cancelled { reason: text });
        for passed in [answered, at_once] {
            assert_eq!(after(passed.clone(), Step::Pass), passed);
        }
    }

    #[test]
    fn nothing_more_is_to_be_done_in_the_final_states_alone() {
        let open: Vec<&str> = states().iter().filter(|state| !state.is_final()).map(State::word).collect();
        assert_eq!(open, OPEN);
        let finals: Vec<&str> = states().iter().filter(|state| state.is_final()).map(shown).collect();
        assert_eq!(finals, ["ANSWERED", "SOLVED at once", "SOLVED", "CANCELLED"]);
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        for state in states() {
            let written = serde_json::to_value(&state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
