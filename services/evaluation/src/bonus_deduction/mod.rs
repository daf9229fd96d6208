//! What was taken from bonuses for losses.

use callout_casework::{
    ids::{BonusDeductionId, Id as _},
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

/// What was taken from the bonus of a person in a month. Never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BonusDeduction {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: BonusDeductionId,
    /// The deduction of the pack.
    pub deduction: String,
    /// Whose bonus it is.
    pub person: String,
    /// The day by which the month was named.
    pub day: Date,
    /// The whole bonus of the month.
    pub bonus: Decimal,
    /// How much of it may be taken at most.
    pub cap: Decimal,
    /// What is taken for which loss, by its name.
    pub lines: Vec<(String, Decimal)>,
    /// The sum of them.
    pub total: Decimal,
    /// What is left for the following months.
    pub carried_over: Decimal,
    /// ISO 4217 code.
    pub currency: String,
    /// How it was computed.
    pub explanation: Explanation,
    /// When it was deducted.
    pub created_at: Timestamp,
}

fn nobody() -> BonusDeductionId {
    BonusDeductionId::from_uuid(Uuid::nil())
}

impl BonusDeduction {
    /// The deduction as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::BonusDeduction {
        let line = |(loss, amount): &(String, Decimal)| pb::BonusDeductionLine {
            loss: loss.clone(),
            amount: money::written(*amount),
        };
        pb::BonusDeduction {
            name: self.id.name(organization),
            deduction: self.deduction.clone(),
            person: self.person.clone(),
            month: self.day.to_string(),
            bonus: money::written(self.bonus),
            cap: money::written(self.cap),
            lines: self.lines.iter().map(line).collect(),
            total: money::written(self.total),
            carried_over: money::written(self.carried_over),
            currency: self.currency.clone(),
            explanation: Some(self.explanation.clone().into()),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
