//! Performance pay: shares of what a person gets in a year, by the grades that he reached.

use callout_casework::{
    ids::{Id as _, PerformancePayId, ScorecardId},
    money,
};
use callout_contract::{evaluation::v1 as pb, regulation::v1::Limit};
use callout_journal::etag;
use callout_kit::parse;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{explanation::Explanation, scorecard::Days};

pub mod commands;
pub mod rpc;
mod state;
pub mod store;

pub use state::{Paid, State, Step};

/// A share of a period. The amount never changes; whether it was paid is a column of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PerformancePay {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: PerformancePayId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// Where it stands; columns of their own.
    #[serde(skip)]
    pub state: State,
    /// The share of the pack.
    pub share: String,
    /// Whose it is.
    pub person: String,
    /// The day by which the period was named.
    pub day: Date,
    /// The period.
    pub period: Days,
    /// The result that it goes by.
    pub scorecard: ScorecardId,
    /// The standard of a year.
    pub standard: Decimal,
    /// Per cent of it.
    pub percent: Decimal,
    /// The grade; empty when the result was taken away.
    pub grade: String,
    /// Per cent of that.
    pub ratio: Decimal,
    /// How much.
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
    /// How it was computed.
    pub explanation: Explanation,
    /// When it was computed.
    pub created_at: Timestamp,
}

fn nobody() -> PerformancePayId {
    PerformancePayId::from_uuid(Uuid::nil())
}

impl PerformancePay {
    /// The share as the contract has it, with the limit by which it is to be paid.
    #[must_use]
    pub fn to_proto(&self, organization: &str, limit: Option<Limit>) -> pb::PerformancePay {
        let paid = self.state.paid();
        pb::PerformancePay {
            name: self.id.name(organization),
            share: self.share.clone(),
            person: self.person.clone(),
            day: self.day.to_string(),
            scorecard: self.scorecard.name(organization),
            period_start_on: self.period.first.to_string(),
            period_end_on: self.period.last.to_string(),
            standard: money::written(self.standard),
            percent: money::plain(self.percent),
            grade: self.grade.clone(),
            ratio: money::plain(self.ratio),
            amount: money::written(self.amount),
            currency: self.currency.clone(),
            explanation: Some(self.explanation.clone().into()),
            state: pb::performance_pay::State::from(&self.state).into(),
            limit,
            paid_at: paid.map(|paid| parse::to_timestamp(paid.at)),
            paid_by: paid.map(|paid| paid.by.clone()).unwrap_or_default(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

impl From<&State> for pb::performance_pay::State {
    fn from(state: &State) -> Self {
        match state {
            State::Due => Self::Due,
            State::Paid(_) => Self::Paid,
        }
    }
}
