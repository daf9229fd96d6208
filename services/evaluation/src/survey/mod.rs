//! Surveys: what customers think of each call.

use std::collections::BTreeMap;

use callout_casework::ids::{CaseId, Id as _, SurveyCardId};
use callout_contract::evaluation::v1::{self as pb, survey_card};
use callout_journal::etag;
use callout_kit::{Error, parse};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub mod commands;
mod day;
mod rpc;
mod store;
mod tally;

/// A card on which a customer rates a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyCard {
    /// Its id; a column of its own.
    #[serde(skip, default = "unread")]
    pub id: SurveyCardId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The survey of the pack.
    pub survey: String,
    /// The call.
    pub case: CaseId,
    /// The day of the call.
    pub day: Date,
    /// Where it stands.
    pub state: State,
    /// When it was sent.
    pub created_at: Timestamp,
}

fn unread() -> SurveyCardId {
    SurveyCardId::from_uuid(Uuid::nil())
}

/// Where a card stands, with what is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// With the customer.
    Sent,
    /// It came back.
    Answered(Answer),
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Whom it rates.
    pub person: String,
    /// The degree ticked, by criterion.
    pub degrees: BTreeMap<String, u32>,
    /// What the customer suggests.
    pub suggestions: String,
    /// What he is aggrieved at.
    pub grievances: String,
}

impl State {
    /// The state after it came back.
    ///
    /// # Errors
    /// [`Error::WrongState`] about the card `name`: it comes back once.
    pub fn answer(self, answer: Answer, name: &str) -> Result<Self, Error> {
        match self {
            Self::Sent => Ok(Self::Answered(answer)),
            Self::Answered(_) => Err(Error::WrongState {
                name: name.to_owned(),
                state: "ANSWERED".to_owned(),
                attempted: "answer".to_owned(),
                allowed: vec!["SENT".to_owned()],
            }),
        }
    }

    /// What came back; none before.
    #[must_use]
    pub const fn answered(&self) -> Option<&Answer> {
        match self {
            Self::Sent => None,
            Self::Answered(answer) => Some(answer),
        }
    }
}

impl SurveyCard {
    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::SurveyCard {
        let (state, answer) = match self.state.clone() {
            State::Sent => (survey_card::State::Sent, None),
            State::Answered(answer) => (survey_card::State::Answered, Some(answer)),
        };
        let Answer { person, degrees, suggestions, grievances } = answer.unwrap_or_else(|| Answer {
            person: String::new(),
            degrees: BTreeMap::new(),
            suggestions: String::new(),
            grievances: String::new(),
        });
        let degree = |(criterion, degree): (String, u32)| (criterion, i32::try_from(degree).unwrap_or(i32::MAX));
        pb::SurveyCard {
            name: self.id.name(organization),
            survey: self.survey.clone(),
            case: self.case.name(organization),
            day: self.day.to_string(),
            state: state.into(),
            person,
            degrees: degrees.into_iter().map(degree).collect(),
            suggestions,
            grievances,
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_comes_back_once() {
        let answer = Answer {
            person: "fan".to_owned(),
            degrees: BTreeMap::from([("attitude".to_owned(), 1)]),
            suggestions: String::new(),
            grievances: String::new(),
        };
        let answered = State::Sent.answer(answer.clone(), "it").unwrap();
        assert_eq!(answered.answered(), Some(&answer));
        let Err(Error::WrongState { state, allowed, .. }) = answered.answer(answer, "it") else { panic!("twice") };
        assert_eq!((state.as_str(), allowed), ("ANSWERED", vec!["SENT".to_owned()]));
    }
}
