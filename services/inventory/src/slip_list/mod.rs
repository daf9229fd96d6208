//! Slip lists: the slips that a warehouse reports at regular intervals.

use callout_casework::ids::{Id as _, LoanSlipId, SlipListId};
use callout_contract::inventory::v1 as pb;
use callout_kit::parse;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub mod commands;
mod rpc;
pub mod store;

/// A list of the slips of a period. What is listed is not changed any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlipList {
    /// Its id.
    pub id: SlipListId,
    /// The routine of the pack.
    pub routine: String,
    /// The first day of the period.
    pub period_start_on: Date,
    /// The last day of the period.
    pub period_end_on: Date,
    /// By when it was due.
    pub due_at: Timestamp,
    /// Whether it came late.
    pub late: bool,
    /// When it was entered.
    pub created_at: Timestamp,
    /// The slips on it; rows of their own.
    #[serde(skip)]
    pub loan_slips: Vec<LoanSlipId>,
}

impl SlipList {
    /// The list as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::SlipList {
        pb::SlipList {
            name: self.id.name(organization),
            routine: self.routine.clone(),
            period_start_on: self.period_start_on.to_string(),
            period_end_on: self.period_end_on.to_string(),
            due_at: Some(parse::to_timestamp(self.due_at)),
            loan_slips: self.loan_slips.iter().map(|slip| slip.name(organization)).collect(),
            late: self.late,
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
