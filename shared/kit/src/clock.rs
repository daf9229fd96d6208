//! The system's clock. Everything that judges by time takes the time as a parameter; this is where it comes from.

use jiff::Timestamp;
use uuid::{NoContext, Uuid};

/// The time of this machine.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn system_now() -> Timestamp {
    Timestamp::now()
}

/// A new id of version 7: ids made later sort later.
#[must_use]
pub fn new_id(now: Timestamp) -> Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_their_time_and_differ_at_the_same_time() {
        let now: Timestamp = "2026-03-06T08:10:00Z".parse().unwrap();
        let later = now + jiff::SignedDuration::from_millis(1);
        assert!(new_id(now) < new_id(later));
        assert_ne!(new_id(now), new_id(now));
        assert_eq!(new_id(now).get_version_num(), 7);
    }
}
