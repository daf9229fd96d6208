//! Where an agreement stands, and what may follow what.

use callout_casework::ids::CustomerAgreementId;
use callout_contract::intake::v1::agreement as pb;
use callout_kit::Error;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Where an agreement stands. Whether its days are over is not kept: it follows from the day on which it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// No other one follows it.
    InForce,
    /// Another one follows it.
    Renewed {
        /// Which.
        by: CustomerAgreementId,
    },
}

/// What may happen to an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another one follows it.
    Renew(CustomerAgreementId),
}

impl State {
    /// The state after a step.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the agreement `name`: it is renewed once.
    pub fn apply(self, step: Step, name: &str) -> Result<Self, Error> {
        match (self, step) {
            (Self::InForce, Step::Renew(by)) => Ok(Self::Renewed { by }),
            (Self::Renewed { .. }, Step::Renew(_)) => Err(Error::WrongState {
                name: name.to_owned(),
                state: self.word().to_owned(),
                attempted: "renew".to_owned(),
                allowed: vec!["IN_FORCE".to_owned(), "OVER".to_owned()],
            }),
        }
    }

    /// Its word in its column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InForce => "IN_FORCE",
            Self::Renewed { .. } => "RENEWED",
        }
    }

    /// The agreement that follows it; none for one that was not renewed.
    #[must_use]
    pub const fn renewed_by(self) -> Option<CustomerAgreementId> {
        match self {
            Self::InForce => None,
            Self::Renewed { by } => Some(by),
        }
    }

    /// How it stands on a day. Its last day counts.
    #[must_use]
    pub fn to_proto(self, ends_on: Date, today: Date) -> pb::State {
        match self {
            Self::Renewed { .. } => pb::State::Renewed,
            Self::InForce if ends_on < today => pb::State::Over,
            Self::InForce => pb::State::InForce,
        }
    }
}

#[cfg(test)]
mod tests {
    use callout_casework::ids::Id as _;
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_agreement_is_renewed_once_and_its_last_day_counts() {
        let next = CustomerAgreementId::from_uuid(Uuid::nil());
        let ends_on = date(2024, 3, 31);
        assert_eq!(State::InForce.to_proto(ends_on, ends_on), pb::State::InForce);
        assert_eq!(State::InForce.to_proto(ends_on, date(2024, 4, 1)), pb::State::Over);
        let renewed = State::InForce.apply(Step::Renew(next), "it").unwrap();
        assert_eq!((renewed.renewed_by(), renewed.to_proto(ends_on, ends_on)), (Some(next), pb::State::Renewed));
        let Err(Error::WrongState { state, allowed, .. }) = renewed.apply(Step::Renew(next), "it") else {
            panic!("renewed twice")
        };
        assert_eq!((state.as_str(), allowed.len()), ("RENEWED", 2));
    }
}
