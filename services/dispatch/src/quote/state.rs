//! Where a quote stands, and what may follow what.

use callout_contract::dispatch::v1 as pb;
use callout_kit::Error;

/// Where a quote stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Told to the customer, not answered.
    Open,
    /// The customer confirmed.
    Confirmed,
    /// The customer declined.
    Declined,
    /// Another price took its place, or none is asked any more.
    Replaced,
}

/// What may happen to a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The customer confirms.
    Confirm,
    /// The customer declines.
    Decline,
    /// Another price takes its place, or none is asked any more.
    Replace,
}

impl State {
    /// The state after a step: all of them follow an open quote, and nothing else.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the quote `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Open, Step::Confirm) => Ok(Self::Confirmed),
            (Self::Open, Step::Decline) => Ok(Self::Declined),
            (Self::Open, Step::Replace) => Ok(Self::Replaced),
            (Self::Confirmed | Self::Declined | Self::Replaced, Step::Confirm | Step::Decline | Step::Replace) => {
                Err(Error::WrongState {
                    name: name.to_owned(),
                    state: self.word().to_owned(),
                    attempted: step.word().to_owned(),
                    allowed: vec![Self::Open.word().to_owned()],
                })
            }
        }
    }

    /// Its word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Confirmed => "CONFIRMED",
            Self::Declined => "DECLINED",
            Self::Replaced => "REPLACED",
        }
    }

    /// The state of a word in the database.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Open, Self::Confirmed, Self::Declined, Self::Replaced].into_iter().find(|state| state.word() == word)
    }
}

impl Step {
    const fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Decline => "decline",
            Self::Replace => "replace",
        }
    }
}

impl From<State> for pb::quote::State {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Confirmed => Self::Confirmed,
            State::Declined => Self::Declined,
            State::Replaced => Self::Replaced,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_quote_is_answered_or_replaced_once_and_nothing_follows() {
        let steps =
            [(Step::Confirm, State::Confirmed), (Step::Decline, State::Declined), (Step::Replace, State::Replaced)];
        for (step, to) in steps {
            assert_eq!(State::Open.apply(step, "q").unwrap(), to);
            for from in [State::Confirmed, State::Declined, State::Replaced] {
                let Err(Error::WrongState { state, allowed, .. }) = from.apply(step, "q") else {
                    panic!("{step:?} from {from:?}")
                };
                assert_eq!((state.as_str(), allowed), (from.word(), vec!["OPEN".to_owned()]));
            }
        }
    }

    #[test]
    fn every_state_is_found_by_its_word() {
        for state in [State::Open, State::Confirmed, State::Declined, State::Replaced] {
            assert_eq!(State::from_word(state.word()), Some(state));
        }
        assert_eq!(State::from_word("SOLD"), None);
    }
}
