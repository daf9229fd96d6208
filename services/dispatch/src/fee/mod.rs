//! Fees: what the customer owes for a work order, how the money comes in, and when it is invoiced.

use callout_casework::{
    ids::{Id as _, WorkOrderId},
    money,
};
use callout_contract::dispatch::v1 as pb;
use callout_journal::etag;
use callout_kit::parse;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

mod commands;
mod rpc;
mod state;
mod store;

pub use state::{Handed, Invoice, State, Step};

/// Collection of fees below their work order.
pub const COLLECTION: &str = "fees";

/// What the customer owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Its id.
    pub id: Uuid,
    /// The work that it is owed for.
    pub order: WorkOrderId,
    /// How much, in `currency`.
    pub amount: Decimal,
    /// Where it stands.
    pub state: State,
    /// ISO 4217 code of the pack.
    pub currency: String,
    /// When it was entered.
    pub created_at: Timestamp,
    /// Grows with every write.
    pub version: i64,
}

/// What a work order knows of its fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeStanding {
    /// How much.
    pub amount: Decimal,
    /// Where it stands, by its word in the vocabulary.
    pub state: String,
}

impl Fee {
    /// `{workOrder}/fees/{uuid}`.
    #[must_use]
    pub fn name(&self, organization: &str) -> String {
        format!("{}/{COLLECTION}/{}", self.order.name(organization), self.id)
    }

    /// What the order keeps of it.
    #[must_use]
    pub fn standing(&self) -> FeeStanding {
        FeeStanding { amount: self.amount, state: self.state.word().to_lowercase() }
    }

    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Fee {
        let (collected, paid_in, invoice) = (self.state.collected(), self.state.paid_in(), self.state.invoice());
        let by = |handed: Option<&Handed>| handed.map(|handed| handed.by.clone()).unwrap_or_default();
        let at = |handed: Option<&Handed>| handed.map(|handed| parse::to_timestamp(handed.at));
        pb::Fee {
            name: self.name(organization),
            amount: money::written(self.amount),
            currency: self.currency.clone(),
            state: pb::fee::State::from(&self.state).into(),
            collected_by: by(collected),
            collected_at: at(collected),
            paid_in_to: by(paid_in),
            paid_in_at: at(paid_in),
            invoice_number: invoice.map(|invoice| invoice.number.clone()).unwrap_or_default(),
            invoiced_at: invoice.map(|invoice| parse::to_timestamp(invoice.at)),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
