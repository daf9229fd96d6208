//! What all tests use: the four services, who calls them, and short ways to do so.

mod between;
mod cases;
mod journal;
mod orders;
mod people;
mod suite;

use callout_casework::ids::{CaseId, CustomerId, Id as _, ProductId};
use callout_contract::intake::v1 as pb;
use callout_kit::{clock, parse};
use jiff::Timestamp;

pub use between::Noted;
pub use callout_testkit::answers::{allowed_states, assert_refused, wrong_fields};
pub use cases::*;
pub use people::*;
pub use suite::Suite;

/// The id of the sandbox, which follows from the request that opens it.
pub const LAB: &str = "acme-c00ee47cc0ce";
pub const ORG: &str = "organizations/acme-c00ee47cc0ce";
pub const OWNER: &str = "organizations/acme";
pub const REGULATION: &str = "R01-aerial-platforms@1";

/// A regulation, in force from a civil time in Shanghai on.
pub fn adoption(pack: &str, effective_at: &str) -> pb::Adoption {
    pb::Adoption { pack: pack.to_owned(), revision: 1, effective_at: at(effective_at) }
}

pub fn mask(paths: &[&str]) -> prost_types::FieldMask {
    prost_types::FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() }
}

pub fn request_id() -> String {
    clock::new_id(clock::system_now()).to_string()
}

/// Names that nothing has.
pub fn no_case() -> String {
    CaseId::new(clock::system_now()).name(LAB)
}

pub fn no_product() -> String {
    ProductId::new(clock::system_now()).name(LAB)
}

pub fn no_customer() -> String {
    CustomerId::new(clock::system_now()).name(LAB)
}

/// An instant by the clock on the wall in Shanghai.
pub fn time(civil: &str) -> Timestamp {
    format!("{civil}+08:00").parse().unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "a field of a request, which may be absent")]
pub fn at(civil: &str) -> Option<prost_types::Timestamp> {
    Some(parse::to_timestamp(time(civil)))
}
