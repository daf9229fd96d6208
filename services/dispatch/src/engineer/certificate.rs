//! What entitles an engineer to a kind of work.

use callout_casework::ids::{EngineerId, Id as _};
use callout_contract::dispatch::v1 as pb;
use callout_kit::{Error, Text, Violations, parse};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use super::{LONGEST_NAME, too_long};

/// Collection of certificates below their engineer.
const COLLECTION: &str = "certificates";

/// A certificate that an engineer holds or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its id.
    pub id: Uuid,
    /// Who holds it.
    pub engineer: EngineerId,
    /// What it is, of the pack's certificates.
    pub kind: String,
    /// Its number; empty when it was not stated.
    pub number: String,
    /// The first day on which it is valid.
    pub valid_from: Date,
    /// The last one; none when it does not expire.
    pub valid_to: Option<Date>,
    /// When it was entered.
    pub created_at: Timestamp,
}

impl Certificate {
    /// Reads what a caller states of a certificate of `engineer`.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with it.
    pub fn decode(engineer: EngineerId, id: Uuid, asked: pb::Certificate, now: Timestamp) -> Result<Self, Error> {
        let mut violations = Violations::default();
        if asked.number.chars().count() > LONGEST_NAME {
            violations.add("certificate.number", too_long());
        }
        let valid_from = violations.take("certificate.valid_from", parse::date(&asked.valid_from));
        let stated = Some(&asked.valid_to).filter(|stated| !stated.is_empty());
        let valid_to = stated.and_then(|stated| violations.take("certificate.valid_to", parse::date(stated)));
        if let (Some(from), Some(to)) = (valid_from, valid_to)
            && to < from
        {
            let fault = Text::new("must not be before valid_from", "不能早于 valid_from");
            violations.add("certificate.valid_to", fault);
        }
        match (valid_from, violations.is_empty()) {
            (Some(valid_from), true) => {
                Ok(Self { id, engineer, kind: asked.kind, number: asked.number, valid_from, valid_to, created_at: now })
            }
            (Some(_) | None, _) => Err(violations.into_error()),
        }
    }

    /// Whether it is valid on a day, the first and the last one included.
    #[must_use]
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::Certificate {
        pb::Certificate {
            name: format!("{}/{COLLECTION}/{}", self.engineer.name(organization), self.id),
            kind: self.kind.clone(),
            number: self.number.clone(),
            valid_from: self.valid_from.to_string(),
            valid_to: self.valid_to.map(|last| last.to_string()).unwrap_or_default(),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_valid_from_its_first_day_through_its_last() {
        let mut certificate = Certificate {
            id: Uuid::nil(),
            engineer: EngineerId::from_uuid(Uuid::nil()),
            kind: "licence".to_owned(),
            number: String::new(),
            valid_from: "2026-03-01".parse().unwrap(),
            valid_to: Some("2026-03-31".parse().unwrap()),
            created_at: Timestamp::UNIX_EPOCH,
        };
        let valid = |certificate: &Certificate, day: &str| certificate.is_valid_on(day.parse().unwrap());
        assert!(!valid(&certificate, "2026-02-28"));
        assert!(valid(&certificate, "2026-03-01"));
        assert!(valid(&certificate, "2026-03-31"));
        assert!(!valid(&certificate, "2026-04-01"));
        certificate.valid_to = None;
        assert!(valid(&certificate, "2046-04-01"));
    }
}
