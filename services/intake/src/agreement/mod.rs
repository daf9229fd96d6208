//! Agreements: contracts with customers on the care of their products.

use std::{collections::BTreeMap, sync::Arc};

use callout_casework::{
    Standing, Subject, day_of,
    ids::{CustomerAgreementId, CustomerId, Id as _, ProductId},
    regulation_named,
};
use callout_contract::intake::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{Library, Regulation, vocabulary};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub mod commands;
mod rpc;
mod state;
pub mod store;

pub use state::{State, Step};

/// A contract with a customer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Agreement {
    /// Its id; a column of its own.
    #[serde(skip, default = "unread")]
    pub id: CustomerAgreementId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// With whom.
    pub customer: CustomerId,
    /// On what.
    pub product: ProductId,
    /// The first day.
    pub starts_on: Date,
    /// The last day.
    pub ends_on: Date,
    /// What it says of the fee.
    pub terms: String,
    /// Where it stands.
    pub state: State,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// What a decision looks at, but for when it ends.
    pub standing: Standing,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn unread() -> CustomerAgreementId {
    CustomerAgreementId::from_uuid(uuid::Uuid::nil())
}

impl Agreement {
    /// It as a subject of the regulation that it is judged by. That it ends is known beforehand.
    ///
    /// # Errors
    /// [`Error::Internal`] when that regulation is not in the library any more, or its last day has no instant.
    pub fn subject(&self, library: &Library, organization: &str) -> Result<Subject, Error> {
        let regulation = regulation_named(library, &self.regulation)?;
        let mut standing = self.standing.clone();
        let ends_at = last_instant(&regulation, self.ends_on)?;
        standing.happened(vocabulary::Event::AgreementEnds, ends_at);
        Ok(Subject {
            kind: vocabulary::Subject::Agreement,
            name: self.id.name(organization),
            case: String::new(),
            people: BTreeMap::new(),
            regulation,
            standing,
        })
    }

    /// It as the contract has it, with what is decided about it at the organisation's time.
    ///
    /// # Errors
    /// Those of the decisions.
    pub fn to_proto(&self, library: &Library, tx: &TenantTx) -> Result<pb::Agreement, Error> {
        let organization = tx.organization_id();
        let subject = self.subject(library, organization)?;
        let today = day_of(tx.now(), subject.regulation.zone());
        Ok(pb::Agreement {
            name: subject.name.clone(),
            customer: self.customer.name(organization),
            product: self.product.name(organization),
            starts_on: self.starts_on.to_string(),
            ends_on: self.ends_on.to_string(),
            terms: self.terms.clone(),
            state: self.state.to_proto(self.ends_on, today).into(),
            renewed_by: self.state.renewed_by().map(|next| next.name(organization)).unwrap_or_default(),
            limits: subject.limits(tx)?,
            records: self.standing.to_records(),
            regulation: self.regulation.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        })
    }
}

/// The last second of a day, in the zone of a regulation.
fn last_instant(regulation: &Arc<Regulation>, day: Date) -> Result<Timestamp, Error> {
    let end = day.to_datetime(jiff::civil::time(23, 59, 59, 0));
    regulation.zone().to_timestamp(end).map_err(|fault| Error::Internal(fault.into()))
}
