//! What is generated from packs and from their types, for those who read and write them.

mod diff;
mod rule_table;

pub use diff::diff;
pub use rule_table::rule_table;

use crate::pack::Pack;

/// The JSON Schema of packs, for editors: generated from the types that read them.
///
/// A pack that extends another one leaves out what it does not change, and a merge patch may say `null`; so the schema is
/// of whole packs.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Pack)
}
