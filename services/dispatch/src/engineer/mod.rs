//! Engineers: who goes to customers.

use callout_casework::ids::{AgencyId, EngineerId, Id as _};
use callout_contract::dispatch::v1 as pb;
use callout_journal::etag;
use callout_kit::{Error, Text, parse};
use jiff::Timestamp;

mod certificate;
mod commands;
mod queries;
mod rpc;
pub(crate) mod store;

pub use certificate::Certificate;

/// Characters that a name for people may have at most.
const LONGEST_NAME: usize = 200;

/// Somebody who goes to customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engineer {
    /// His id.
    pub id: EngineerId,
    /// The outside company that he works for; none for the organisation's own.
    pub agency: Option<AgencyId>,
    /// What people call him.
    pub display_name: String,
    /// The subject of his tokens.
    pub subject: String,
    /// The roles of the pack in which he goes.
    pub roles: Vec<String>,
    /// The certificates that he holds or held, in the order in which they were entered; a table of their own.
    pub certificates: Vec<Certificate>,
    /// When he was entered.
    pub created_at: Timestamp,
    /// Grows with every write.
    pub version: i64,
}

impl Engineer {
    /// As the contract has him.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Engineer {
        pb::Engineer {
            name: self.id.name(organization),
            display_name: self.display_name.clone(),
            subject: self.subject.clone(),
            agency: self.agency.map(|agency| agency.name(organization)).unwrap_or_default(),
            roles: self.roles.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
            certificates: self.certificates.iter().map(|held| held.to_proto(organization)).collect(),
        }
    }
}

/// A name for people, as a caller gave it in `field`.
///
/// # Errors
/// [`Error::Invalid`] for one that is too long.
pub(crate) fn display_name(field: &str, name: String) -> Result<String, Error> {
    if name.chars().count() <= LONGEST_NAME {
        return Ok(name);
    }
    Err(Error::invalid(field, too_long()))
}

fn too_long() -> Text {
    Text::new("must have 200 characters at most", "最多 200 个字符")
}
