//! Customers: who calls.

use callout_casework::ids::{CustomerId, Id as _};
use callout_contract::intake::v1 as pb;
use callout_journal::etag;
use callout_kit::parse;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod commands;
mod rpc;
pub(crate) mod store;

/// A unit or a person that uses products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: CustomerId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// Unit or person.
    pub display_name: String,
    /// Kind of unit.
    pub unit_kind: String,
    /// Address.
    pub address: String,
    /// Person to ask for.
    pub contact: String,
    /// Telephone.
    pub phone: String,
    /// The subject of the person in charge of the customer; empty for nobody.
    #[serde(default)]
    pub person_in_charge: String,
    /// Whether a registration form came in time.
    pub for_life: bool,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn nobody() -> CustomerId {
    CustomerId::from_uuid(uuid::Uuid::nil())
}

impl Customer {
    /// The customer as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Customer {
        pb::Customer {
            name: self.id.name(organization),
            display_name: self.display_name.clone(),
            unit_kind: self.unit_kind.clone(),
            address: self.address.clone(),
            contact: self.contact.clone(),
            phone: self.phone.clone(),
            for_life: self.for_life,
            person_in_charge: self.person_in_charge.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
