//! Where the settlement of a period stands, and what may follow what.

use std::collections::BTreeMap;

use callout_kit::Error;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::payment::Payment;
use crate::explanation::Explanation;

/// Where a settlement stands, with what is known there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// To be scored.
    Open,
    /// Scored, and being signed.
    Scored {
        /// The score.
        score: Score,
        /// The signatures under it, in their order.
        signatures: Vec<Signature>,
    },
    /// Signed to the end and paid.
    Settled {
        /// The score.
        score: Score,
        /// The signatures under it, in their order.
        signatures: Vec<Signature>,
        /// What was paid.
        payment: Payment,
    },
    /// The agreement had ended before the period began.
    Void,
}

/// The score of a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Points by component.
    pub points: BTreeMap<String, Decimal>,
    /// Their sum.
    pub result: Decimal,
    /// Who scored.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// On how many civil dates after the due date.
    pub late_days: i32,
    /// How it was computed.
    pub explanation: Explanation,
}

/// A signature under a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// The signature of the pack.
    pub signoff: String,
    /// Who signed.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The rule.
    pub explanation: Explanation,
}

/// What may happen to a settlement.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The period is scored.
    Score(Score),
    /// The score is signed, and others have to sign yet.
    Sign(Signature),
    /// The last one signs: this is paid.
    Settle(Signature, Payment),
    /// The score is to be given again.
    Return,
    /// The agreement ended before the period began.
    Void,
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// Who signs after whom is for the regulation to say and was asked before.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the settlement `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        use State as S;
        match (self, step) {
            (S::Open, Step::Score(score)) => Ok(S::Scored { score, signatures: Vec::new() }),
            (S::Scored { score, mut signatures }, Step::Sign(signature)) => {
                signatures.push(signature);
                Ok(S::Scored { score, signatures })
            }
            (S::Scored { score, mut signatures }, Step::Settle(signature, payment)) => {
                signatures.push(signature);
                Ok(S::Settled { score, signatures, payment })
            }
            (S::Scored { .. }, Step::Return) => Ok(S::Open),
            (S::Open | S::Scored { .. }, Step::Void) => Ok(S::Void),
            (from @ (S::Scored { .. } | S::Settled { .. } | S::Void), step @ Step::Score(_))
            | (
                from @ (S::Open | S::Settled { .. } | S::Void),
                step @ (Step::Sign(_) | Step::Settle(..) | Step::Return),
            )
            | (from @ (S::Settled { .. } | S::Void), step @ Step::Void) => {
                Err(from.refuses(step.word(), step.allowed_in(), name))
            }
        }
    }

    /// Refuses what can only be done while a score is being signed.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the settlement `name` in another state.
    pub fn require_scored(&self, attempted: &str, name: &str) -> Result<(&Score, &[Signature]), Error> {
        match self {
            Self::Scored { score, signatures } => Ok((score, signatures)),
            Self::Open | Self::Settled { .. } | Self::Void => Err(self.refuses(attempted, &["SCORED"], name)),
        }
    }

    /// Its word in the contract and in the database.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Scored { .. } => "SCORED",
            Self::Settled { .. } => "SETTLED",
            Self::Void => "VOID",
        }
    }

    /// The score; none before it.
    #[must_use]
    pub const fn score(&self) -> Option<&Score> {
        match self {
            Self::Scored { score, .. } | Self::Settled { score, .. } => Some(score),
            Self::Open | Self::Void => None,
        }
    }

    /// The signatures under the score.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        match self {
            Self::Scored { signatures, .. } | Self::Settled { signatures, .. } => signatures,
            Self::Open | Self::Void => &[],
        }
    }

    /// What was paid; none before it is settled.
    #[must_use]
    pub const fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Settled { payment, .. } => Some(payment),
            Self::Open | Self::Scored { .. } | Self::Void => None,
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
            Self::Score(_) => "score",
            Self::Sign(_) => "sign",
            Self::Settle(..) => "settle",
            Self::Return => "return",
            Self::Void => "void",
        }
    }

    const fn allowed_in(&self) -> &'static [&'static str] {
        match self {
            Self::Score(_) => &["OPEN"],
            Self::Sign(_) | Self::Settle(..) | Self::Return => &["SCORED"],
            Self::Void => &["OPEN", "SCORED"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readme;

    fn explanation() -> Explanation {
        Explanation {
            rule: "R22-18".to_owned(),
            entry: String::new(),
            revision: String::new(),
            inputs: BTreeMap::new(),
            computation: String::new(),
        }
    }

    fn score() -> Score {
        let at = "2024-07-25T15:59:59Z".parse().unwrap();
        let (points, result) = (BTreeMap::new(), Decimal::from(93));
        Score { points, result, by: "tang".to_owned(), at, late_days: 0, explanation: explanation() }
    }

    fn signature() -> Signature {
        let at = "2024-07-26T01:00:00Z".parse().unwrap();
        Signature { signoff: "review".to_owned(), by: "an".to_owned(), at, explanation: explanation() }
    }

    fn steps() -> [Step; 5] {
        let settle = Step::Settle(signature(), Payment::default());
        [Step::Score(score()), Step::Sign(signature()), settle, Step::Return, Step::Void]
    }

    fn states() -> [State; 4] {
        [
            State::Open,
            State::Scored { score: score(), signatures: Vec::new() },
            State::Settled { score: score(), signatures: vec![signature()], payment: Payment::default() },
            State::Void,
        ]
    }

    #[test]
    fn a_settlement_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        for (step, from) in steps().into_iter().flat_map(|step| states().map(|from| (step.clone(), from))) {
            let (word, from_word) = (step.word(), from.word());
            let (expected, allowing) = readme::row("settlement", word, from_word);
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
    fn a_returned_score_takes_its_signatures_with_it() {
        let name = "organizations/o/settlements/s";
        let scored = State::Open.apply(Step::Score(score()), name).unwrap();
        let signed = scored.apply(Step::Sign(signature()), name).unwrap();
        assert_eq!(signed.signatures(), [signature()]);
        let again = signed.apply(Step::Return, name).unwrap().apply(Step::Score(score()), name).unwrap();
        assert_eq!(again.signatures(), []);
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        for state in states() {
            let written = serde_json::to_value(&state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
