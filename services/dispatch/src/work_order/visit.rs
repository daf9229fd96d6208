//! Visits: when an engineer is taken up by a work order.

use callout_casework::ids::{AgencyId, EngineerId, Id as _, WorkOrderId};
use callout_contract::dispatch::v1 as pb;
use callout_kit::parse;
use jiff::Timestamp;
use uuid::Uuid;

/// Collection of visits below their work order.
pub const COLLECTION: &str = "visits";

/// A visit of an engineer to the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its id.
    pub id: Uuid,
    /// Who goes.
    pub engineer: EngineerId,
    /// The subject of his tokens when it was planned.
    pub engineer_subject: String,
    /// The outside company that he worked for when it was planned.
    pub agency: Option<AgencyId>,
    /// When he is taken up by it, from departure to return.
    pub start_at: Timestamp,
    /// When he is free again; after `start_at`.
    pub end_at: Timestamp,
    /// Whether it was taken off again.
    pub cancelled: bool,
}

impl Visit {
    /// `{workOrder}/visits/{uuid}`.
    #[must_use]
    pub fn name(&self, order: WorkOrderId, organization: &str) -> String {
        format!("{}/{COLLECTION}/{}", order.name(organization), self.id)
    }

    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self, order: WorkOrderId, organization: &str) -> pb::Visit {
        pb::Visit {
            name: self.name(order, organization),
            engineer: self.engineer.name(organization),
            start_at: Some(parse::to_timestamp(self.start_at)),
            end_at: Some(parse::to_timestamp(self.end_at)),
            cancelled: self.cancelled,
        }
    }
}
