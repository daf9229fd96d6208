//! Agencies: outside companies that do work for the organisation.

use callout_casework::ids::{AgencyId, Id as _};
use callout_contract::dispatch::v1 as pb;
use callout_journal::etag;
use callout_kit::parse;
use jiff::Timestamp;

mod commands;
mod queries;
mod rpc;
pub(crate) mod store;

/// An outside company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its name.
    pub display_name: String,
    /// The party of the pack that it is; empty for none.
    pub party: String,
    /// When it was entered.
    pub created_at: Timestamp,
    /// Grows with every write.
    pub version: i64,
}

impl Agency {
    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Agency {
        pb::Agency {
            name: self.id.name(organization),
            display_name: self.display_name.clone(),
            party: self.party.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
