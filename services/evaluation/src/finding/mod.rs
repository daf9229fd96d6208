//! Findings: what was found against a person.

use callout_casework::{
    ids::{FindingId, Id as _},
    money,
};
use callout_contract::evaluation::v1 as pb;
use callout_kit::parse;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub mod commands;
pub mod rpc;
pub mod store;

/// Something found against a person. Never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: FindingId,
    /// A kind of finding of the pack.
    pub kind: String,
    /// Who it is against.
    pub person: String,
    /// The case or the work order that it concerns, by its name.
    pub subject: String,
    /// What was found.
    pub note: String,
    /// The additional cost that it caused.
    pub extra_cost: Decimal,
    /// The amount proposed, where the pack leaves a band.
    pub proposed_amount: Option<Decimal>,
    /// The base number of the person.
    #[serde(default = "one")]
    pub base_number: Decimal,
    /// The whole bonus of the person in the month.
    #[serde(default)]
    pub month_bonus: Option<Decimal>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was entered.
    pub created_at: Timestamp,
}

const fn one() -> Decimal {
    Decimal::ONE
}

fn nobody() -> FindingId {
    FindingId::from_uuid(Uuid::nil())
}

impl Finding {
    /// The finding as the contract has it, with what followed.
    #[must_use]
    pub fn to_proto(&self, organization: &str, entries: Vec<pb::LedgerEntry>) -> pb::Finding {
        pb::Finding {
            name: self.id.name(organization),
            kind: self.kind.clone(),
            person: self.person.clone(),
            subject: self.subject.clone(),
            note: self.note.clone(),
            extra_cost: money::written(self.extra_cost),
            proposed_amount: self.proposed_amount.map(money::written).unwrap_or_default(),
            entries,
            base_number: money::plain(self.base_number),
            month_bonus: self.month_bonus.map(money::written).unwrap_or_default(),
            occurred_at: Some(parse::to_timestamp(self.occurred_at)),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
