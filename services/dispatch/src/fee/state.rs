//! Where a fee stands, and what may follow what: it is invoiced once and collected once, in either order, and the money
//! is handed in after it was collected.

use callout_contract::dispatch::v1::fee as pb;
use callout_kit::Error;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a fee stands, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Neither invoiced nor collected.
    Due,
    /// Invoiced, and not collected.
    Invoiced {
        /// By which invoice.
        invoice: Invoice,
    },
    /// Collected on the spot, without an invoice.
    Collected {
        /// By whom.
        collected: Handed,
    },
    /// Invoiced and collected.
    CollectedOnInvoice {
        /// By which invoice.
        invoice: Invoice,
        /// By whom.
        collected: Handed,
    },
    /// Collected and handed in, without an invoice.
    PaidIn {
        /// By whom it was collected.
        collected: Handed,
        /// To whom it was handed in.
        paid_in: Handed,
    },
    /// Invoiced, collected and handed in.
    Settled {
        /// By which invoice.
        invoice: Invoice,
        /// By whom it was collected.
        collected: Handed,
        /// To whom it was handed in.
        paid_in: Handed,
    },
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Its number.
    pub number: String,
    /// When it was issued.
    pub at: Timestamp,
}

/// Money that came into somebody's hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// Whose.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What may happen to a fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The customer pays somebody.
    Collect(Handed),
    /// The money is handed in to somebody.
    PayIn(Handed),
    /// It is invoiced.
    Invoice(Invoice),
}

impl State {
    /// The state after a step.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the fee `name`.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::Due, Step::Collect(collected)) => Ok(Self::Collected { collected }),
            (Self::Due, Step::Invoice(invoice)) => Ok(Self::Invoiced { invoice }),
            (Self::Invoiced { invoice }, Step::Collect(collected))
            | (Self::Collected { collected }, Step::Invoice(invoice)) => {
                Ok(Self::CollectedOnInvoice { invoice, collected })
            }
            (Self::Collected { collected }, Step::PayIn(paid_in)) => Ok(Self::PaidIn { collected, paid_in }),
            (Self::CollectedOnInvoice { invoice, collected }, Step::PayIn(paid_in))
            | (Self::PaidIn { collected, paid_in }, Step::Invoice(invoice)) => {
                Ok(Self::Settled { invoice, collected, paid_in })
            }
            (from @ (Self::Due | Self::Invoiced { .. } | Self::PaidIn { .. }), step @ Step::PayIn(_))
            | (from @ (Self::Invoiced { .. } | Self::CollectedOnInvoice { .. }), step @ Step::Invoice(_))
            | (
                from @ (Self::Collected { .. } | Self::CollectedOnInvoice { .. } | Self::PaidIn { .. }),
                step @ Step::Collect(_),
            )
            | (from @ Self::Settled { .. }, step @ (Step::Collect(_) | Step::PayIn(_) | Step::Invoice(_))) => {
                Err(Error::WrongState {
                    name: name.to_owned(),
                    state: from.word().to_owned(),
                    attempted: step.word().to_owned(),
                    allowed: step.allowed_from().iter().map(|state| (*state).to_owned()).collect(),
                })
            }
        }
    }

    /// Its word in the contract and in its column.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Due => "DUE",
            Self::Invoiced { .. } => "INVOICED",
            Self::Collected { .. } => "COLLECTED",
            Self::CollectedOnInvoice { .. } => "COLLECTED_ON_INVOICE",
            Self::PaidIn { .. } => "PAID_IN",
            Self::Settled { .. } => "SETTLED",
        }
    }

    /// Its invoice; none before.
    #[must_use]
    pub const fn invoice(&self) -> Option<&Invoice> {
        match self {
            Self::Due | Self::Collected { .. } | Self::PaidIn { .. } => None,
            Self::Invoiced { invoice } | Self::CollectedOnInvoice { invoice, .. } | Self::Settled { invoice, .. } => {
                Some(invoice)
            }
        }
    }

    /// Who collected it; none before.
    #[must_use]
    pub const fn collected(&self) -> Option<&Handed> {
        match self {
            Self::Due | Self::Invoiced { .. } => None,
            Self::Collected { collected }
            | Self::CollectedOnInvoice { collected, .. }
            | Self::PaidIn { collected, .. }
            | Self::Settled { collected, .. } => Some(collected),
        }
    }

    /// Who took the money in; none before.
    #[must_use]
    pub const fn paid_in(&self) -> Option<&Handed> {
        match self {
            Self::Due | Self::Invoiced { .. } | Self::Collected { .. } | Self::CollectedOnInvoice { .. } => None,
            Self::PaidIn { paid_in, .. } | Self::Settled { paid_in, .. } => Some(paid_in),
        }
    }
}

impl Step {
    const fn word(&self) -> &'static str {
        match self {
            Self::Collect(_) => "collect",
            Self::PayIn(_) => "pay in",
            Self::Invoice(_) => "invoice",
        }
    }

    const fn allowed_from(&self) -> &'static [&'static str] {
        match self {
            Self::Collect(_) => &["DUE", "INVOICED"],
            Self::PayIn(_) => &["COLLECTED", "COLLECTED_ON_INVOICE"],
            Self::Invoice(_) => &["DUE", "COLLECTED", "PAID_IN"],
        }
    }
}

impl From<&State> for pb::State {
    fn from(state: &State) -> Self {
        match state {
            State::Due => Self::Due,
            State::Invoiced { .. } => Self::Invoiced,
            State::Collected { .. } => Self::Collected,
            State::CollectedOnInvoice { .. } => Self::CollectedOnInvoice,
            State::PaidIn { .. } => Self::PaidIn,
            State::Settled { .. } => Self::Settled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> [Step; 3] {
        let handed = |by: &str| Handed { by: by.to_owned(), at: Timestamp::UNIX_EPOCH };
        [
            Step::Collect(handed("fan")),
            Step::PayIn(handed("kuai")),
            Step::Invoice(Invoice { number: "I-1".to_owned(), at: Timestamp::UNIX_EPOCH }),
        ]
    }

    #[test]
    fn a_fee_takes_the_steps_of_the_table_in_the_readme_and_no_other() {
        let rows = include_str!("../../README.md").lines().filter_map(|line| line.strip_prefix("| fee |"));
        let (mut led, mut seen, mut open) = (Vec::new(), Vec::new(), vec![State::Due]);
        while let Some(from) = open.pop() {
            if seen.contains(&from) {
                continue;
            }
            seen.push(from.clone());
            for step in steps() {
                let word = step.word();
                match from.clone().apply(step, "fee") {
                    Ok(to) => {
                        led.push(format!(" {word} | {} | {} |", from.word(), to.word()));
                        open.push(to);
                    }
                    Err(Error::WrongState { state, allowed, .. }) => {
                        assert_eq!(state, from.word());
                        assert!(!allowed.contains(&state), "{word} from {state}");
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
        let mut told: Vec<String> = rows.map(str::to_owned).collect();
        told.sort();
        led.sort();
        assert_eq!(told, led);
    }
}
