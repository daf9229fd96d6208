//! Incidents: what happened under an agreement that counts when its periods are settled, or ends it.

use callout_casework::{
    ids::{AgreementId, Id as _, IncidentId, ProductId},
    money,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::parse;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub mod commands;
pub mod create;
pub mod rpc;
mod state;
pub mod store;

pub use state::{State, Step};

/// Something that happened under an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: IncidentId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The agreement.
    pub agreement: AgreementId,
    /// The kind of the pack.
    pub kind: String,
    /// The rule of that kind.
    pub rule: String,
    /// The machine.
    pub product: Option<ProductId>,
    /// The cause.
    pub cause: String,
    /// What it cost.
    pub cost: Decimal,
    /// The case or work order that it comes from; empty for none.
    pub subject: String,
    /// What happened.
    pub note: String,
    /// The day by whose end it is to be rectified.
    pub rectify_by: Option<Date>,
    /// Where it stands.
    pub state: State,
    /// The miss of a limit that it follows from by itself; none for what somebody entered.
    pub miss: Option<Miss>,
    /// Who entered it; empty for what follows from a limit.
    pub entered_by: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// The miss of a limit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Miss {
    /// The limit, as packs name it where something follows from it.
    pub trigger: String,
    /// The resource whose limit it was.
    pub subject: String,
    /// How many misses of it were taken back before.
    pub number: i32,
}

fn nobody() -> IncidentId {
    IncidentId::from_uuid(Uuid::nil())
}

impl Incident {
    /// From when it counts by what is known at `now`; none while, or where, it does not.
    #[must_use]
    pub fn counts_from(&self, now: Timestamp) -> Option<Timestamp> {
        self.state.counts_from(self.occurred_at, now)
    }

    /// The key of the timer that runs when it was not rectified in time.
    #[must_use]
    pub fn timer_key(&self, organization: &str) -> String {
        format!("{}/rectify", self.id.name(organization))
    }

    /// The incident as the contract has it, at the organisation's time.
    #[must_use]
    pub fn to_proto(&self, tx: &TenantTx) -> pb::Incident {
        let (organization, now) = (tx.organization_id(), tx.now());
        let rectified_at = match &self.state {
            State::Rectified { at, .. } => Some(*at),
            State::Entered | State::ToRectify { .. } | State::Withdrawn { .. } => None,
        };
        let withdrawn_for = match &self.state {
            State::Withdrawn { reason, .. } => reason.clone(),
            State::Entered | State::ToRectify { .. } | State::Rectified { .. } => String::new(),
        };
        pb::Incident {
            name: self.id.name(organization),
            agreement: self.agreement.name(organization),
            kind: self.kind.clone(),
            product: self.product.map(|product| product.name(organization)).unwrap_or_default(),
            cause: self.cause.clone(),
            cost: money::written(self.cost),
            subject: self.subject.clone(),
            note: self.note.clone(),
            rectify_by: self.rectify_by.map(|day| day.to_string()).unwrap_or_default(),
            rectified_at: rectified_at.map(parse::to_timestamp),
            state: self.state.to_proto(self.occurred_at, now).into(),
            counts_from: self.counts_from(now).map(parse::to_timestamp),
            trigger: self.miss.as_ref().map(|miss| miss.trigger.clone()).unwrap_or_default(),
            rule: self.rule.clone(),
            entered_by: self.entered_by.clone(),
            withdrawn_for,
            occurred_at: Some(parse::to_timestamp(self.occurred_at)),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
