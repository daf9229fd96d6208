//! What entitles somebody to a kind of work.

use super::unknown;
use crate::{Regulation, pack::Certificate, refusal::Refusal};

impl Regulation {
    /// The kind of certificate of this id.
    ///
    /// # Errors
    /// The refusal, by no rule, of a kind that the pack does not have.
    pub fn certificate(&self, kind: &str) -> Result<&Certificate, Vec<Refusal>> {
        let entry = format!("certificates.{kind}");
        let known = self.pack.certificates.keys();
        self.pack.certificates.get(kind).ok_or_else(|| vec![unknown("", &entry, ("certificate", "证书"), kind, known)])
    }
}
