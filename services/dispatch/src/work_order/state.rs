//! Where a work order stands, and what may follow what.
//!
//! A visit goes from departure to the papers handed in; work from afar, by the customer himself or in the workshop is
//! completed and closed.

use callout_kit::Error;
use callout_regulation::vocabulary::{Event, Mode};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Where a work order stands, since when, and what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Opened, nobody has departed.
    Open {
        /// Since when.
        at: Timestamp,
    },
    /// The engineer is on the way.
    Departed {
        /// Since when.
        at: Timestamp,
    },
    /// Somebody is at the site.
    OnSite {
        /// Since when.
        at: Timestamp,
    },
    /// The work has begun.
    Working {
        /// Since when.
        at: Timestamp,
    },
    /// The work is done.
    Completed {
        /// Since when.
        at: Timestamp,
        /// What was done.
        work_done: String,
    },
    /// The engineer is back at the company.
    Returned {
        /// Since when.
        at: Timestamp,
        /// What was done.
        work_done: String,
    },
    /// The papers of the trip are handed in.
    HandedIn {
        /// Since when.
        at: Timestamp,
        /// What was done.
        work_done: String,
        /// What the engineer claims.
        expenses: Vec<Expense>,
    },
    /// Nothing is outstanding.
    Closed {
        /// Since when.
        at: Timestamp,
        /// What was done.
        work_done: String,
        /// What the engineer claimed; nothing for work without a visit.
        expenses: Vec<Expense>,
    },
    /// Ended without work.
    Cancelled {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

/// A line of an expense claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expense {
    /// What it was for.
    pub kind: String,
    /// How much, above zero.
    pub amount: Decimal,
    /// When it was spent.
    pub spent_at: Timestamp,
}

/// What may happen to a work order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The engineer departs.
    Depart,
    /// Somebody arrives at the site.
    Arrive,
    /// The work begins on site.
    Start,
    /// The work is done; with what was done.
    Complete(String),
    /// The engineer is back.
    Return,
    /// The papers are handed in; with what is claimed.
    HandIn(Vec<Expense>),
    /// Nothing is outstanding any more.
    Close,
    /// It ends without work; with the reason.
    Cancel(String),
}

/// The way that an order takes through its states, by how the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Somebody goes to the customer and comes back.
    Visit,
    /// Nobody travels.
    Desk,
}

impl Way {
    const fn of(mode: Mode) -> Self {
        match mode {
            Mode::OnSite => Self::Visit,
            Mode::Remote | Mode::SelfRepair | Mode::Workshop => Self::Desk,
        }
    }
}

impl State {
    /// The state after a step that happened at `at`, for work done in `mode`; else the step's refusal, with the states
    /// that would have allowed it.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the work order `name`.
    pub fn apply(self, step: Step, at: Timestamp, mode: Mode, name: &str) -> Result<Self, Error> {
        use State as S;
        use Step::{Arrive, Cancel, Close, Complete, Depart, HandIn, Return, Start};
        use Way::{Desk, Visit};
        let way = Way::of(mode);
        match (self, step, way) {
            (S::Open { .. }, Depart, Visit) => Ok(S::Departed { at }),
            (S::Departed { .. }, Arrive, Visit) => Ok(S::OnSite { at }),
            (S::OnSite { .. }, Start, Visit) => Ok(S::Working { at }),
            (S::OnSite { .. } | S::Working { .. }, Complete(work_done), Visit)
            | (S::Open { .. }, Complete(work_done), Desk) => Ok(S::Completed { at, work_done }),
            (S::Completed { work_done, .. }, Return, Visit) => Ok(S::Returned { at, work_done }),
            (S::Returned { work_done, .. }, HandIn(expenses), Visit) => Ok(S::HandedIn { at, work_done, expenses }),
            (S::HandedIn { work_done, expenses, .. }, Close, Visit) => Ok(S::Closed { at, work_done, expenses }),
            (S::Completed { work_done, .. }, Close, Desk) => Ok(S::Closed { at, work_done, expenses: Vec::new() }),
            (S::Open { .. }, Cancel(reason), Visit | Desk) => Ok(S::Cancelled { at, reason }),
            (from @ S::Open { .. }, step @ (Arrive | Start | Complete(_) | Return | HandIn(_) | Close), Visit)
            | (
                from @ S::Departed { .. },
                step @ (Depart | Start | Complete(_) | Return | HandIn(_) | Close | Cancel(_)),
                Visit,
            )
            | (from @ S::OnSite { .. }, step @ (Depart | Arrive | Return | HandIn(_) | Close | Cancel(_)), Visit)
            | (
                from @ S::Working { .. },
                step @ (Depart | Arrive | Start | Return | HandIn(_) | Close | Cancel(_)),
                Visit,
            )
            | (
                from @ S::Completed { .. },
                step @ (Depart | Arrive | Start | Complete(_) | HandIn(_) | Close | Cancel(_)),
                Visit,
            )
            | (
                from @ S::Returned { .. },
                step @ (Depart | Arrive | Start | Complete(_) | Return | Close | Cancel(_)),
                Visit,
            )
            | (
                from @ S::HandedIn { .. },
                step @ (Depart | Arrive | Start | Complete(_) | Return | HandIn(_) | Cancel(_)),
                Visit,
            )
            | (from @ S::Open { .. }, step @ (Depart | Arrive | Start | Return | HandIn(_) | Close), Desk)
            | (
                from @ S::Completed { .. },
                step @ (Depart | Arrive | Start | Complete(_) | Return | HandIn(_) | Cancel(_)),
                Desk,
            )
            | (
                from @ (S::Departed { .. }
                | S::OnSite { .. }
                | S::Working { .. }
                | S::Returned { .. }
                | S::HandedIn { .. }),
                step @ (Depart | Arrive | Start | Complete(_) | Return | HandIn(_) | Close | Cancel(_)),
                Desk,
            )
            | (
                from @ (S::Closed { .. } | S::Cancelled { .. }),
                step @ (Depart | Arrive | Start | Complete(_) | Return | HandIn(_) | Close | Cancel(_)),
                Visit | Desk,
            ) => Err(step.refused_from(&from, way, name)),
        }
    }

    /// Its word in the contract and in the database.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open { .. } => "OPEN",
            Self::Departed { .. } => "DEPARTED",
            Self::OnSite { .. } => "ON_SITE",
            Self::Working { .. } => "WORKING",
            Self::Completed { .. } => "COMPLETED",
            Self::Returned { .. } => "RETURNED",
            Self::HandedIn { .. } => "HANDED_IN",
            Self::Closed { .. } => "CLOSED",
            Self::Cancelled { .. } => "CANCELLED",
        }
    }

    /// When it began; what happens next does not happen before.
    #[must_use]
    pub const fn since(&self) -> Timestamp {
        match self {
            Self::Open { at }
            | Self::Departed { at }
            | Self::OnSite { at }
            | Self::Working { at }
            | Self::Completed { at, .. }
            | Self::Returned { at, .. }
            | Self::HandedIn { at, .. }
            | Self::Closed { at, .. }
            | Self::Cancelled { at, .. } => *at,
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Closed { .. } | Self::Cancelled { .. } => true,
            Self::Open { .. }
            | Self::Departed { .. }
            | Self::OnSite { .. }
            | Self::Working { .. }
            | Self::Completed { .. }
            | Self::Returned { .. }
            | Self::HandedIn { .. } => false,
        }
    }

    /// Whether somebody is at the site, and since when this state is.
    #[must_use]
    pub const fn at_site(&self) -> (bool, Timestamp) {
        let at_site = match self {
            Self::OnSite { .. } | Self::Working { .. } => true,
            Self::Open { .. }
            | Self::Departed { .. }
            | Self::Completed { .. }
            | Self::Returned { .. }
            | Self::HandedIn { .. }
            | Self::Closed { .. }
            | Self::Cancelled { .. } => false,
        };
        (at_site, self.since())
    }

    /// Whether the work is not done yet: its price may still be told, and its visits planned.
    #[must_use]
    pub const fn is_ahead(&self) -> bool {
        match self {
            Self::Open { .. } | Self::Departed { .. } | Self::OnSite { .. } | Self::Working { .. } => true,
            Self::Completed { .. }
            | Self::Returned { .. }
            | Self::HandedIn { .. }
            | Self::Closed { .. }
            | Self::Cancelled { .. } => false,
        }
    }
}

/// The states that are not final, by their words.
pub const NOT_FINAL: &[&str] = &["OPEN", "DEPARTED", "ON_SITE", "WORKING", "COMPLETED", "RETURNED", "HANDED_IN"];

/// The states in which the work is not done yet, by their words.
pub const AHEAD: &[&str] = &["OPEN", "DEPARTED", "ON_SITE", "WORKING"];

impl Step {
    /// What happened, in the words of the vocabulary; none for a step that ends the order.
    #[must_use]
    pub const fn event(&self) -> Option<Event> {
        match self {
            Self::Depart => Some(Event::Departed),
            Self::Arrive => Some(Event::Arrived),
            Self::Start => Some(Event::Started),
            Self::Complete(_) => Some(Event::Completed),
            Self::Return => Some(Event::Returned),
            Self::HandIn(_) => Some(Event::HandedIn),
            Self::Close | Self::Cancel(_) => None,
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Depart => "depart",
            Self::Arrive => "arrive",
            Self::Start => "start",
            Self::Complete(_) => "complete",
            Self::Return => "return",
            Self::HandIn(_) => "hand in",
            Self::Close => "close",
            Self::Cancel(_) => "cancel",
        }
    }

    const fn allowed_from(&self, way: Way) -> &'static [&'static str] {
        match (self, way) {
            (Self::Depart, Way::Visit) | (Self::Cancel(_), Way::Visit | Way::Desk) | (Self::Complete(_), Way::Desk) => {
                &["OPEN"]
            }
            (Self::Arrive, Way::Visit) => &["DEPARTED"],
            (Self::Start, Way::Visit) => &["ON_SITE"],
            (Self::Complete(_), Way::Visit) => &["ON_SITE", "WORKING"],
            (Self::Return, Way::Visit) | (Self::Close, Way::Desk) => &["COMPLETED"],
            (Self::HandIn(_), Way::Visit) => &["RETURNED"],
            (Self::Close, Way::Visit) => &["HANDED_IN"],
            (Self::Depart | Self::Arrive | Self::Start | Self::Return | Self::HandIn(_), Way::Desk) => &[],
        }
    }

    fn refused_from(&self, from: &State, way: Way, name: &str) -> Error {
        wrong_state(from, self.word(), self.allowed_from(way), name)
    }
}

/// The refusal of what was `attempted` with the work order `name`, which only the states `allowed` permit.
#[must_use]
pub fn wrong_state(from: &State, attempted: &str, allowed: &[&str], name: &str) -> Error {
    Error::WrongState {
        name: name.to_owned(),
        state: from.word().to_owned(),
        attempted: attempted.to_owned(),
        allowed: allowed.iter().map(|&state| state.to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "organizations/o/workOrders/w";

    fn states() -> [State; 9] {
        let (at, work_done) = (Timestamp::UNIX_EPOCH, "hose replaced".to_owned());
        [
            State::Open { at },
            State::Departed { at },
            State::OnSite { at },
            State::Working { at },
            State::Completed { at, work_done: work_done.clone() },
            State::Returned { at, work_done: work_done.clone() },
            State::HandedIn { at, work_done: work_done.clone(), expenses: Vec::new() },
            State::Closed { at, work_done, expenses: Vec::new() },
            State::Cancelled { at, reason: "withdrawn".to_owned() },
        ]
    }

    fn steps() -> [Step; 8] {
        let text = || "text".to_owned();
        [
            Step::Depart,
            Step::Arrive,
            Step::Start,
            Step::Complete(text()),
            Step::Return,
            Step::HandIn(Vec::new()),
            Step::Close,
            Step::Cancel(text()),
        ]
    }

    /// The rows of the README's table for one way: step, state from, state to.
    fn table(way: &str) -> Vec<[&'static str; 3]> {
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &[step, of, from, to] if of == way => Some([step, from, to]),
                _ => None,
            }
        });
        rows.collect()
    }

    /// Every pair in the table leads where it says, and every other one is refused, naming the states that allow it.
    fn check(way: &str, modes: &[Mode]) {
        let at: Timestamp = "2026-03-10T08:00:00Z".parse().unwrap();
        let table = table(way);
        assert!(!table.is_empty());
        for (&mode, step, state) in modes.iter().flat_map(|mode| {
            steps().into_iter().flat_map(move |step| states().map(|state| (mode, step.clone(), state)))
        }) {
            let (word, step_word) = (state.word(), step.word());
            let of_step = table.iter().filter(|[step, ..]| *step == step_word);
            let expected = of_step.clone().find(|[_, from, _]| *from == word).map(|[_, _, to]| *to);
            match state.apply(step, at, mode, NAME) {
                Ok(to) => {
                    assert_eq!(Some(to.word()), expected, "{step_word} from {word}, {mode}");
                    assert_eq!(to.since(), at);
                }
                Err(Error::WrongState { name, state, allowed, .. }) => {
                    assert_eq!(expected, None, "{step_word} from {word}, {mode}");
                    assert_eq!((name.as_str(), state.as_str()), (NAME, word));
                    assert!(allowed.iter().eq(of_step.map(|[_, from, _]| from)), "{step_word} from {word}, {mode}");
                }
                Err(other) => panic!("{step_word} from {word}: {other}"),
            }
        }
    }

    #[test]
    fn a_visit_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        check("visit", &[Mode::OnSite]);
    }

    #[test]
    fn work_without_a_visit_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        check("desk", &[Mode::Remote, Mode::SelfRepair, Mode::Workshop]);
    }

    #[test]
    fn the_lists_of_states_say_what_the_states_say() {
        let words = |holds: fn(&State) -> bool| {
            states().iter().filter(|state| holds(state)).map(State::word).collect::<Vec<_>>()
        };
        assert_eq!(words(|state| !state.is_final()), NOT_FINAL);
        assert_eq!(words(State::is_ahead), AHEAD);
    }
}
