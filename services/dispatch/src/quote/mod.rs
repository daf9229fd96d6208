//! Quotes: what the customer is told that the work costs, before anybody departs.

use callout_casework::ids::{Id as _, WorkOrderId};
use callout_contract::dispatch::v1 as pb;
use callout_journal::etag;
use rust_decimal::Decimal;
use uuid::Uuid;

mod commands;
mod decode;
mod pricing;
mod queries;
mod rpc;
mod state;
mod store;

pub use commands::void_open;
pub(crate) use decode::items;
pub use state::{State, Step};

/// Collection of quotes below their work order.
pub const COLLECTION: &str = "quotes";

/// A price told to the customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Quote {
    /// Its id.
    pub id: Uuid,
    /// The work that it prices.
    pub order: WorkOrderId,
    /// Where it stands.
    pub state: State,
    /// What the customer would pay, in the currency of the pack.
    pub total: Decimal,
    /// All that he was told, which does not change any more. Name, state and etag are not in it.
    pub told: pb::Quote,
    /// Grows with every write.
    pub version: i64,
}

impl Quote {
    /// `{workOrder}/quotes/{uuid}`.
    #[must_use]
    pub fn name(&self, organization: &str) -> String {
        format!("{}/{COLLECTION}/{}", self.order.name(organization), self.id)
    }

    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Quote {
        pb::Quote {
            name: self.name(organization),
            state: pb::quote::State::from(self.state).into(),
            etag: etag::of(self.version),
            ..self.told.clone()
        }
    }
}
