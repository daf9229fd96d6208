//! What people earned in a year.

use callout_casework::{
    ids::{AnnualIncomeId, Id as _},
    money,
};
use callout_contract::evaluation::v1 as pb;
use callout_kit::parse;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::explanation::Explanation;

pub mod commands;
pub mod rpc;
pub mod store;

/// The income of a year. Never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnualIncome {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: AnnualIncomeId,
    /// Whose it is.
    pub person: String,
    /// The day by which the year was named.
    pub day: Date,
    /// The profit that he answers for.
    pub profit: Option<Decimal>,
    /// The profit that was aimed at.
    pub profit_target: Option<Decimal>,
    /// What it is made of.
    pub lines: Vec<Line>,
    /// The sum of the lines.
    pub total: Decimal,
    /// ISO 4217 code.
    pub currency: String,
    /// The rule, and the sum.
    pub explanation: Explanation,
    /// When it was made up.
    pub created_at: Timestamp,
}

/// A line of an income.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The part of the pack, or the share.
    pub part: String,
    /// The period of a share; empty for a part of the year.
    pub period: String,
    /// How much.
    pub amount: Decimal,
    /// How it was computed.
    pub explanation: Explanation,
}

fn nobody() -> AnnualIncomeId {
    AnnualIncomeId::from_uuid(Uuid::nil())
}

impl AnnualIncome {
    /// The income as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::AnnualIncome {
        let line = |line: &Line| pb::IncomeLine {
            part: line.part.clone(),
            period: line.period.clone(),
            amount: money::written(line.amount),
            explanation: Some(line.explanation.clone().into()),
        };
        pb::AnnualIncome {
            name: self.id.name(organization),
            person: self.person.clone(),
            day: self.day.to_string(),
            profit: self.profit.map(money::written).unwrap_or_default(),
            profit_target: self.profit_target.map(money::written).unwrap_or_default(),
            year: self.day.year().into(),
            lines: self.lines.iter().map(line).collect(),
            total: money::written(self.total),
            currency: self.currency.clone(),
            explanation: Some(self.explanation.clone().into()),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
