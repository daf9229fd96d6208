//! Scorecards: marks given to a person by those whom the regulation names.

use std::collections::BTreeMap;

use callout_casework::{
    ids::{Id as _, ScorecardId, WorkOrderId},
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

/// A rating. Never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scorecard {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: ScorecardId,
    /// The scorecard of the pack.
    pub card: String,
    /// Who is rated.
    pub person: String,
    /// A day in the period rated.
    pub day: Date,
    /// Marks by indicator.
    pub marks: BTreeMap<String, Decimal>,
    /// The order that gave rise to it.
    pub work_order: Option<WorkOrderId>,
    /// The result, rounded as the pack says.
    pub result: Decimal,
    /// Who rated.
    pub rated_by: String,
    /// The roles that it is reported to.
    pub reported_to: Vec<String>,
    /// How the result was computed.
    pub explanation: Explanation,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn nobody() -> ScorecardId {
    ScorecardId::from_uuid(Uuid::nil())
}

impl Scorecard {
    /// The rating as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Scorecard {
        pb::Scorecard {
            name: self.id.name(organization),
            scorecard: self.card.clone(),
            person: self.person.clone(),
            day: self.day.to_string(),
            marks: self.marks.iter().map(|(id, mark)| (id.clone(), money::plain(*mark))).collect(),
            work_order: self.work_order.map(|order| order.name(organization)).unwrap_or_default(),
            result: money::plain(self.result),
            rated_by: self.rated_by.clone(),
            reported_to: self.reported_to.clone(),
            explanation: Some(self.explanation.clone().into()),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
