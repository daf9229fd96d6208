//! Goal sheets: what was agreed with a person for a period.

use callout_casework::{
    ids::{GoalSheetId, Id as _},
    money,
};
use callout_contract::evaluation::v1 as pb;
use callout_kit::parse;
use callout_regulation::pack::GoalPart;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub mod commands;
pub mod rpc;
pub mod store;

/// What was agreed. Never changed: of several for a period the last one holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalSheet {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: GoalSheetId,
    /// The scorecard of the pack.
    pub card: String,
    /// With whom.
    pub person: String,
    /// The first day of the period.
    pub first_on: Date,
    /// The last one.
    pub last_on: Date,
    /// The day by which the period was named.
    pub day: Date,
    /// What is to be reached.
    pub goals: Vec<String>,
    /// How.
    pub plan: String,
    /// What the service should effect.
    pub effect: String,
    /// What it may cost.
    pub budget: Option<Decimal>,
    /// Who agreed it with him.
    pub agreed_by: String,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn nobody() -> GoalSheetId {
    GoalSheetId::from_uuid(Uuid::nil())
}

impl GoalSheet {
    /// What it says.
    #[must_use]
    pub fn parts(&self) -> Vec<GoalPart> {
        let said = |part: &GoalPart| match part {
            GoalPart::Goals => !self.goals.is_empty(),
            GoalPart::Plan => !self.plan.is_empty(),
            GoalPart::Effect => !self.effect.is_empty(),
            GoalPart::Budget => self.budget.is_some(),
        };
        [GoalPart::Goals, GoalPart::Plan, GoalPart::Effect, GoalPart::Budget].into_iter().filter(said).collect()
    }

    /// The sheet as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::GoalSheet {
        pb::GoalSheet {
            name: self.id.name(organization),
            scorecard: self.card.clone(),
            person: self.person.clone(),
            day: self.day.to_string(),
            goals: self.goals.clone(),
            plan: self.plan.clone(),
            effect: self.effect.clone(),
            budget: self.budget.map(money::written).unwrap_or_default(),
            agreed_by: self.agreed_by.clone(),
            period_start_on: self.first_on.to_string(),
            period_end_on: self.last_on.to_string(),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
