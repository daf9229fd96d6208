//! Where a volume stands, and what may follow.

use callout_kit::Error;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a volume stands, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// With whoever bound it.
    Bound,
    /// With whoever keeps it.
    TakenOver(Act),
    /// Destroyed after its term.
    Destroyed {
        /// That it was taken over, if it was.
        taken_over: Option<Act>,
        /// That it was destroyed.
        destroyed: Act,
    },
}

/// Who did something with a volume and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What may happen to a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Whoever keeps it takes it over.
    TakeOver(Act),
    /// It is destroyed.
    Destroy(Act),
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the volume `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Bound, Step::TakeOver(act)) => Ok(Self::TakenOver(act)),
            (Self::Bound, Step::Destroy(destroyed)) => Ok(Self::Destroyed { taken_over: None, destroyed }),
            (Self::TakenOver(taken_over), Step::Destroy(destroyed)) => {
                Ok(Self::Destroyed { taken_over: Some(taken_over), destroyed })
            }
            (from @ (Self::TakenOver(_) | Self::Destroyed { .. }), step @ Step::TakeOver(_))
            | (from @ Self::Destroyed { .. }, step @ Step::Destroy(_)) => {
                Err(from.refuses(step.word(), step.allowed_in(), name))
            }
        }
    }

    /// Its word in the contract and in the database.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Bound => "BOUND",
            Self::TakenOver(_) => "TAKEN_OVER",
            Self::Destroyed { .. } => "DESTROYED",
        }
    }

    /// That it was taken over; none before.
    #[must_use]
    pub const fn taken_over(&self) -> Option<&Act> {
        match self {
            Self::Bound => None,
            Self::TakenOver(act) => Some(act),
            Self::Destroyed { taken_over, .. } => taken_over.as_ref(),
        }
    }

    /// That it was destroyed; none before.
    #[must_use]
    pub const fn destroyed(&self) -> Option<&Act> {
        match self {
            Self::Bound | Self::TakenOver(_) => None,
            Self::Destroyed { destroyed, .. } => Some(destroyed),
        }
    }

    fn refuses(&self, attempted: &str, allowed: &[&str], name: &str) -> Error {
        Error::WrongState {
            name: name.to_owned(),
            state: self.word().to_owned(),
            attempted: attempted.to_owned(),
            allowed: allowed.iter().map(|state| (*state).to_owned()).collect(),
        }
    }
}

impl Step {
    const fn word(&self) -> &'static str {
        match self {
            Self::TakeOver(_) => "take over",
            Self::Destroy(_) => "destroy",
        }
    }

    const fn allowed_in(&self) -> &'static [&'static str] {
        match self {
            Self::TakeOver(_) => &["BOUND"],
            Self::Destroy(_) => &["BOUND", "TAKEN_OVER"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readme;

    fn act() -> Act {
        Act { by: "an".to_owned(), at: "2024-07-05T01:00:00Z".parse().unwrap() }
    }

    fn states() -> [State; 3] {
        [State::Bound, State::TakenOver(act()), State::Destroyed { taken_over: Some(act()), destroyed: act() }]
    }

    #[test]
    fn a_volume_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        for (step, from) in [Step::TakeOver(act()), Step::Destroy(act())]
            .into_iter()
            .flat_map(|step| states().map(|from| (step.clone(), from)))
        {
            let (word, from_word) = (step.word(), from.word());
            let (expected, allowing) = readme::row("volume", word, from_word);
            match from.apply(step, "it") {
                Ok(to) => assert_eq!(Some(to.word()), expected, "{word} from {from_word}"),
                Err(Error::WrongState { state, attempted, allowed, .. }) => {
                    assert_eq!(expected, None, "{word} from {from_word}");
                    assert_eq!((state.as_str(), attempted.as_str()), (from_word, word));
                    assert_eq!(allowed, allowing, "{word} from {from_word}");
                }
                Err(other) => panic!("{word} from {from_word}: {other}"),
            }
        }
    }

    #[test]
    fn who_had_it_stays_on_record_after_it_is_destroyed() {
        let name = "organizations/o/volumes/v";
        let gone = State::TakenOver(act()).apply(Step::Destroy(act()), name).unwrap();
        assert_eq!((gone.taken_over(), gone.destroyed()), (Some(&act()), Some(&act())));
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        for state in states() {
            let written = serde_json::to_value(&state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
