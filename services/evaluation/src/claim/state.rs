//! Where a claim stands, and what may follow what.

use callout_kit::Error;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Where a claim stands, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// The papers were handed in.
    HandedIn,
    /// The quality of the service and the customer's rating were verified.
    Verified {
        /// The customer's rating.
        customer_rating: String,
    },
    /// It is decided what is reimbursed.
    Audited {
        /// The customer's rating; empty where the regulation lets an audit go without.
        customer_rating: String,
        /// What passes.
        audit: Audit,
    },
    /// The copies of the papers are filed.
    Filed {
        /// The customer's rating.
        customer_rating: String,
        /// What passed.
        audit: Audit,
    },
}

/// What of a claim passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// The sum of the lines that pass.
    pub passed: Decimal,
    /// The sum of those that do not; both together are what was claimed.
    pub refused: Decimal,
    /// For each line in its order, the rule that refuses it.
    pub refused_by: Vec<Option<String>>,
}

/// What may happen to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The quality of the service and the customer's rating are verified.
    Verify {
        /// The customer's rating.
        customer_rating: String,
    },
    /// The expenses are audited.
    Audit(Audit),
    /// The copies are filed.
    File,
}

impl State {
    /// The state after a step; the step's refusal, with the states that would have allowed it, otherwise.
    ///
    /// Whether an audit may come before the verification is for the regulation to say, so both orders are known here.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the claim `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        use State as S;
        match (self, step) {
            (S::HandedIn, Step::Verify { customer_rating }) => Ok(S::Verified { customer_rating }),
            (S::HandedIn, Step::Audit(audit)) => Ok(S::Audited { customer_rating: String::new(), audit }),
            (S::Verified { customer_rating }, Step::Audit(audit)) => Ok(S::Audited { customer_rating, audit }),
            (S::Audited { customer_rating, audit }, Step::File) => Ok(S::Filed { customer_rating, audit }),
            (from @ (S::Verified { .. } | S::Audited { .. } | S::Filed { .. }), step @ Step::Verify { .. })
            | (from @ (S::Audited { .. } | S::Filed { .. }), step @ Step::Audit(_))
            | (from @ (S::HandedIn | S::Verified { .. } | S::Filed { .. }), step @ Step::File) => {
                Err(from.refuses(step.word(), step.allowed_in(), name))
            }
        }
    }

    /// Refuses something that can only be done while a claim is open.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the claim `name` in a final state.
    pub fn require_open(&self, attempted: &str, name: &str) -> Result<(), Error> {
        if self.is_final() {
            return Err(self.refuses(attempted, &["HANDED_IN", "VERIFIED", "AUDITED"], name));
        }
        Ok(())
    }

    /// Its word in the contract and in the database.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::HandedIn => "HANDED_IN",
            Self::Verified { .. } => "VERIFIED",
            Self::Audited { .. } => "AUDITED",
            Self::Filed { .. } => "FILED",
        }
    }

    /// Whether nothing more has to be done.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::HandedIn | Self::Verified { .. } | Self::Audited { .. } => false,
            Self::Filed { .. } => true,
        }
    }

    /// The customer's rating as verified; empty before.
    #[must_use]
    pub fn customer_rating(&self) -> &str {
        match self {
            Self::HandedIn => "",
            Self::Verified { customer_rating }
            | Self::Audited { customer_rating, .. }
            | Self::Filed { customer_rating, .. } => customer_rating,
        }
    }

    /// What passed; none before the audit.
    #[must_use]
    pub const fn audit(&self) -> Option<&Audit> {
        match self {
            Self::HandedIn | Self::Verified { .. } => None,
            Self::Audited { audit, .. } | Self::Filed { audit, .. } => Some(audit),
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
            Self::Verify { .. } => "verify",
            Self::Audit(_) => "audit",
            Self::File => "file",
        }
    }

    const fn allowed_in(&self) -> &'static [&'static str] {
        match self {
            Self::Verify { .. } => &["HANDED_IN"],
            Self::Audit(_) => &["HANDED_IN", "VERIFIED"],
            Self::File => &["AUDITED"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audit() -> Audit {
        Audit { passed: Decimal::from(1600), refused: Decimal::from(260), refused_by: vec![None] }
    }

    fn states() -> [State; 4] {
        let customer_rating = "satisfied".to_owned();
        [
            State::HandedIn,
            State::Verified { customer_rating: customer_rating.clone() },
            State::Audited { customer_rating: customer_rating.clone(), audit: audit() },
            State::Filed { customer_rating, audit: audit() },
        ]
    }

    fn steps() -> [Step; 3] {
        [Step::Verify { customer_rating: "good".to_owned() }, Step::Audit(audit()), Step::File]
    }

    /// The rows of the README's table for claims: step, state from, state to.
    fn table() -> Vec<[&'static str; 3]> {
        let rows = include_str!("../../README.md").lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match cells.as_slice() {
                &["claim", step, from, to] => Some([step, from, to]),
                _ => None,
            }
        });
        rows.collect()
    }

    #[test]
    fn a_claim_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        let table = table();
        for (step, from) in steps().into_iter().flat_map(|step| states().map(|from| (step.clone(), from))) {
            let (word, from_word) = (step.word(), from.word());
            let of_step = table.iter().filter(|[step, ..]| *step == word);
            let expected = of_step.clone().find(|[_, from, _]| *from == from_word).map(|[_, _, to]| *to);
            match from.apply(step, "organizations/o/claims/c") {
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
    fn the_rating_and_the_audit_stay_with_the_claim_to_its_end() {
        let name = "organizations/o/claims/c";
        let verified = State::HandedIn.apply(Step::Verify { customer_rating: "good".to_owned() }, name).unwrap();
        let filed = verified.apply(Step::Audit(audit()), name).unwrap().apply(Step::File, name).unwrap();
        assert_eq!((filed.customer_rating(), filed.audit()), ("good", Some(&audit())));
        assert!(filed.is_final());
        assert!(filed.require_open("put something on record with", name).is_err());
    }

    #[test]
    fn every_state_reads_back_from_its_document() {
        for state in states() {
            let written = serde_json::to_value(&state).unwrap();
            assert_eq!(serde_json::from_value::<State>(written).unwrap(), state);
        }
    }
}
