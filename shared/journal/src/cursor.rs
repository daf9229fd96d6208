//! A place in a feed.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use callout_kit::{Error, Text, Violations};
use sha2::{Digest as _, Sha256};

use crate::Service;

/// The place after an event: the transaction that wrote it, and its place therein.
///
/// Written as an opaque string with a checksum over place and service, so that the cursor of one service, or one with a
/// letter lost on the way, is refused and does not silently skip events of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    xid: u64,
    position: i32,
}

impl Cursor {
    /// Before the oldest event.
    pub const START: Self = Self { xid: 0, position: 0 };

    /// The place after the event that transaction `xid` wrote as its `position`-th, as the columns have them.
    ///
    /// # Errors
    /// [`Error::Internal`] when `xid` is no transaction id.
    pub(crate) fn from_row(xid: &str, position: i32) -> Result<Self, Error> {
        let xid = xid.parse().map_err(|_| Error::Internal(anyhow::anyhow!("`{xid}` is no xid8")))?;
        Ok(Self { xid, position })
    }

    /// The transaction, as text: sqlx knows no xid8.
    pub(crate) fn xid(self) -> String {
        self.xid.to_string()
    }

    pub(crate) fn position(self) -> i32 {
        self.position
    }

    /// Reads the cursor of a request; an empty one is the start.
    ///
    /// # Errors
    /// [`Error::Invalid`] on the field `cursor` unless it is one that `service` gave.
    pub fn decode(service: Service, cursor: &str) -> Result<Self, Error> {
        if cursor.is_empty() {
            return Ok(Self::START);
        }
        let read = || {
            let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
            let (xid, rest) = bytes.split_first_chunk()?;
            let (position, _) = rest.split_first_chunk()?;
            let read = Self { xid: u64::from_be_bytes(*xid), position: i32::from_be_bytes(*position) };
            (read.bytes(service) == bytes).then_some(read)
        };
        read().ok_or_else(|| {
            let mut violations = Violations::default();
            violations.add("cursor", Text::new("is no cursor of this service's feed", "不是本服务事件流的游标"));
            violations.into_error()
        })
    }

    /// The string that stands for this place in the feed of `service`.
    #[must_use]
    pub fn encode(self, service: Service) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes(service))
    }

    fn bytes(self, service: Service) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.xid.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.position.to_be_bytes());
        let checksum = Sha256::new().chain_update(service.schema()).chain_update(&bytes[..12]).finalize();
        bytes[12..].copy_from_slice(&checksum[..4]);
        bytes
    }
}

impl fmt::Display for Cursor {
    /// For logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.xid, self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Cursor = Cursor { xid: 7_000_000_001, position: 3 };

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let text = PLACE.encode(Service::Intake);
        assert_eq!(Cursor::decode(Service::Intake, &text).unwrap(), PLACE);
        assert_eq!(Cursor::decode(Service::Intake, "").unwrap(), Cursor::START);
    }

    #[test]
    fn a_cursor_of_another_service_is_refused() {
        let text = PLACE.encode(Service::Intake);
        assert!(matches!(Cursor::decode(Service::Dispatch, &text), Err(Error::Invalid(_))));
    }

    #[test]
    fn a_cursor_with_any_letter_changed_is_refused() {
        let text = PLACE.encode(Service::Intake);
        for (at, letter) in text.char_indices() {
            let other = if letter == 'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(matches!(Cursor::decode(Service::Intake, &changed), Err(Error::Invalid(_))), "{changed}");
        }
        assert!(matches!(Cursor::decode(Service::Intake, "not a cursor"), Err(Error::Invalid(_))));
    }

    #[test]
    fn later_places_are_greater() {
        assert!(PLACE < Cursor { xid: 7_000_000_001, position: 4 });
        assert!(Cursor { xid: 7_000_000_001, position: 4 } < Cursor { xid: 7_000_000_002, position: 0 });
        assert!(Cursor::START < PLACE);
    }
}
