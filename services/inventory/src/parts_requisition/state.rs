//! Where a parts requisition stands, and what may follow what.

use callout_contract::inventory::v1::parts_requisition as pb;
use callout_kit::Error;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a requisition stands, with what is known there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Filled in, nothing issued.
    Draft,
    /// Something was issued.
    Issued {
        /// When for the first time.
        issued_at: Timestamp,
    },
    /// All was issued, and all that was replaced came back.
    Settled {
        /// When something was issued for the first time.
        issued_at: Timestamp,
        /// When the last thing happened that was owed.
        settled_at: Timestamp,
    },
}

/// What may happen to a requisition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A paper is attached.
    Attach,
    /// Somebody signs.
    Sign,
    /// Parts are issued.
    Issue(Timestamp),
    /// Replaced parts come back.
    Return,
    /// Nothing is left to be issued or to come back.
    Settle(Timestamp),
}

impl State {
    /// The state after a step.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the requisition `name`, with the states that would have allowed it.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (draft @ Self::Draft, Step::Attach | Step::Sign) => Ok(draft),
            (Self::Draft, Step::Issue(issued_at)) => Ok(Self::Issued { issued_at }),
            (issued @ Self::Issued { .. }, Step::Issue(_) | Step::Return) => Ok(issued),
            (Self::Issued { issued_at }, Step::Settle(settled_at)) => Ok(Self::Settled { issued_at, settled_at }),
            (from @ (Self::Issued { .. } | Self::Settled { .. }), step @ (Step::Attach | Step::Sign))
            | (from @ Self::Settled { .. }, step @ (Step::Issue(_) | Step::Return | Step::Settle(_)))
            | (from @ Self::Draft, step @ (Step::Return | Step::Settle(_))) => Err(step.refused_from(from, name)),
        }
    }

    /// Its word in the contract and in its column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Issued { .. } => "ISSUED",
            Self::Settled { .. } => "SETTLED",
        }
    }

    /// When something was issued for the first time, if it was.
    #[must_use]
    pub const fn issued_at(self) -> Option<Timestamp> {
        match self {
            Self::Draft => None,
            Self::Issued { issued_at } | Self::Settled { issued_at, .. } => Some(issued_at),
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Draft | Self::Issued { .. } => false,
            Self::Settled { .. } => true,
        }
    }
}

impl Step {
    const fn allowed_from(self) -> &'static [&'static str] {
        match self {
            Self::Attach | Self::Sign => &["DRAFT"],
            Self::Issue(_) => &["DRAFT", "ISSUED"],
            Self::Return | Self::Settle(_) => &["ISSUED"],
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::Sign => "sign",
            Self::Issue(_) => "issue",
            Self::Return => "return",
            Self::Settle(_) => "settle",
        }
    }

    fn refused_from(self, from: State, name: &str) -> Error {
        Error::WrongState {
            name: name.to_owned(),
            state: from.word().to_owned(),
            attempted: self.word().to_owned(),
            allowed: self.allowed_from().iter().map(|&state| state.to_owned()).collect(),
        }
    }
}

impl From<State> for pb::State {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Issued { .. } => Self::Issued,
            State::Settled { .. } => Self::Settled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;
    const LATER: Timestamp = Timestamp::MAX;

    const ISSUED: State = State::Issued { issued_at: AT };
    const STATES: [State; 3] = [State::Draft, ISSUED, State::Settled { issued_at: AT, settled_at: LATER }];
    const STEPS: [Step; 5] = [Step::Attach, Step::Sign, Step::Issue(AT), Step::Return, Step::Settle(LATER)];

    #[test]
    fn it_keeps_when_something_was_issued_for_the_first_time() {
        assert_eq!(ISSUED.apply(Step::Issue(LATER), "it").unwrap().issued_at(), Some(AT));
        assert_eq!(STATES.map(State::issued_at), [None, Some(AT), Some(AT)]);
        assert_eq!(STATES.map(State::is_final), [false, false, true]);
    }

    /// The rows of the README's table: step, state from, state to.
    fn table() -> Vec<[&'static str; 3]> {
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &["parts requisition", step, from, to] => Some([step, from, to]),
                _ => None,
            }
        });
        rows.collect()
    }

    #[test]
    fn it_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        let table = table();
        for (step, from) in STEPS.into_iter().flat_map(|step| STATES.map(|from| (step, from))) {
            let (word, from_word) = (step.word(), from.word());
            let of_step = table.iter().filter(|[step, ..]| *step == word);
            let expected = of_step.clone().find(|[_, from, _]| *from == from_word).map(|[_, _, to]| *to);
            match from.apply(step, "it") {
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
    fn every_state_reads_back_from_its_document() {
        for state in STATES {
            let written = serde_json::to_value(state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
