//! The ledger of bonus and penalty: what follows from findings and from limits that were missed.

use callout_casework::{
    ids::{FindingId, Id as _, LedgerEntryId},
    money,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Error, attributes, metrics::Counter, parse};
use callout_regulation::{Regulation, Sanction, pack::Against, vocabulary::Trigger};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::explanation::Explanation;

pub mod commands;
pub mod rpc;
pub mod store;

/// A bonus or a penalty, of 0 where a breach is only recorded, or what takes one back. Never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: LedgerEntryId,
    /// The finding that it follows from; none when it follows from a limit.
    pub finding: Option<FindingId>,
    /// The consequence of the pack.
    pub consequence: String,
    /// The person, or the role where no person is known.
    pub person: String,
    /// The amount that is deducted; of a reversal what is given back, below zero.
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
    /// The resource that it concerns.
    pub subject: String,
    /// What it follows from.
    pub trigger: Trigger,
    /// How many misses of the limit were taken back before the one that it follows from; 0 for a finding.
    #[serde(default)]
    pub retractions: i32,
    /// The entry that it reverses.
    #[serde(default)]
    pub reverses: Option<LedgerEntryId>,
    /// Why, and how the amount was computed.
    pub explanation: Explanation,
    /// When what it follows from happened.
    pub occurred_at: Timestamp,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn nobody() -> LedgerEntryId {
    LedgerEntryId::from_uuid(Uuid::nil())
}

/// A breach, as far as each of its entries is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Breach<'a> {
    /// The finding that was made; none for a missed limit.
    pub finding: Option<FindingId>,
    /// What it is.
    pub trigger: &'a Trigger,
    /// How many misses of the limit were taken back before this one; 0 for a finding.
    pub retractions: i32,
    /// Who answers for it.
    pub responsible: &'a str,
    /// The resource that it concerns.
    pub subject: &'a str,
    /// When it happened.
    pub occurred_at: Timestamp,
}

impl LedgerEntry {
    /// The entry for what the regulation says follows from a breach.
    #[must_use]
    pub fn new(breach: Breach<'_>, sanction: Sanction, regulation: &Regulation, now: Timestamp) -> Self {
        let person = match sanction.against {
            Against::Responsible => breach.responsible,
        };
        Self {
            id: LedgerEntryId::new(now),
            finding: breach.finding,
            consequence: sanction.consequence,
            person: person.to_owned(),
            amount: sanction.amount,
            currency: regulation.pack().currency.clone(),
            subject: breach.subject.to_owned(),
            trigger: breach.trigger.clone(),
            retractions: breach.retractions,
            reverses: None,
            explanation: sanction.explanation.into(),
            occurred_at: breach.occurred_at,
            created_at: now,
        }
    }

    /// The entry that takes this one back, by the rule that it was made by: `why` it is not owed, known since `at`.
    #[must_use]
    pub fn reversal(&self, why: &str, at: Timestamp, now: Timestamp) -> Self {
        let amount = Decimal::ZERO - self.amount;
        Self {
            id: LedgerEntryId::new(now),
            amount,
            reverses: Some(self.id),
            explanation: Explanation {
                computation: format!("{why}; 0 - {} = {amount}", self.amount),
                ..self.explanation.clone()
            },
            occurred_at: at,
            created_at: now,
            ..self.clone()
        }
    }

    /// The entry as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::LedgerEntry {
        pb::LedgerEntry {
            name: self.id.name(organization),
            consequence: self.consequence.clone(),
            person: self.person.clone(),
            amount: money::written(self.amount),
            currency: self.currency.clone(),
            subject: self.subject.clone(),
            trigger: self.trigger.to_string(),
            explanation: Some(self.explanation.clone().into()),
            occurred_at: Some(parse::to_timestamp(self.occurred_at)),
            create_time: Some(parse::to_timestamp(self.created_at)),
            reverses: self.reverses.map(|entry| entry.name(organization)).unwrap_or_default(),
        }
    }
}

/// Makes an entry and tells of it; none when it was made already.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn enter(tx: &mut TenantTx, entry: &LedgerEntry) -> Result<Option<pb::LedgerEntry>, Error> {
    if !store::insert(tx, entry).await? {
        return Ok(None);
    }
    let trigger = match entry.trigger {
        Trigger::Limit(_) => "limit",
        Trigger::Finding(_) => "finding",
    };
    let consequence = entry.consequence.clone().into();
    tx.count(Counter::LedgerEntries, [(attributes::TRIGGER, trigger.into()), (attributes::CONSEQUENCE, consequence)]);
    let made = entry.to_proto(tx.organization_id());
    let event = pb::LedgerEntryMade { ledger_entry: Some(made.clone()) };
    events::append(tx, &made.name, &event, entry.occurred_at);
    Ok(Some(made))
}
