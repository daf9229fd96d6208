//! Charges: what a party other than the customer is charged for a work order, once the work is done.

use callout_casework::ids::{Id as _, WorkOrderId};
use callout_contract::dispatch::v1 as pb;
use callout_journal::etag;
use rust_decimal::Decimal;
use uuid::Uuid;

mod commands;
mod queries;
pub mod rehearse;
mod rpc;
pub mod store;

/// Collection of charges below their work order.
pub const COLLECTION: &str = "charges";

/// A claim on a party. It never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    /// Its id.
    pub id: Uuid,
    /// The work that it is for.
    pub order: WorkOrderId,
    /// The party, of the pack.
    pub party: String,
    /// What the party owes, in the currency of the pack.
    pub total: Decimal,
    /// All that the party is told. Name and etag are not in it.
    pub claimed: pb::Charge,
}

impl Charge {
    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Charge {
        pb::Charge {
            name: format!("{}/{COLLECTION}/{}", self.order.name(organization), self.id),
            etag: etag::of(1),
            ..self.claimed.clone()
        }
    }
}
