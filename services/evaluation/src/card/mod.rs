//! Cards that people were shown for their conduct.

use callout_casework::ids::{CardId, Id as _};
use callout_contract::evaluation::v1 as pb;
use callout_kit::parse;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub mod commands;
pub mod rpc;
pub mod store;

/// A card. Never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: CardId,
    /// The kind of the pack.
    pub kind: String,
    /// Who was shown it.
    pub person: String,
    /// When.
    pub shown_on: Date,
    /// Why.
    pub reason: String,
    /// By whom.
    pub issuer: String,
    /// Who entered it.
    pub entered_by: String,
    /// The rule that it comes from.
    pub rule: String,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn nobody() -> CardId {
    CardId::from_uuid(Uuid::nil())
}

impl Card {
    /// The card as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Card {
        pb::Card {
            name: self.id.name(organization),
            kind: self.kind.clone(),
            person: self.person.clone(),
            shown_on: self.shown_on.to_string(),
            reason: self.reason.clone(),
            issuer: self.issuer.clone(),
            entered_by: self.entered_by.clone(),
            rule: self.rule.clone(),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
