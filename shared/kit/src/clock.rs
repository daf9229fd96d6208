//! The system's clock. Everything that judges by time takes the time as a parameter; this is where it comes from.

use jiff::Timestamp;
use uuid::{Builder, Uuid};

/// The time of this machine.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn system_now() -> Timestamp {
    Timestamp::now()
}

/// A new id of version 7: ids made later sort later. The time of a sandbox stands still; of the ids made at one `now` the
/// system's clock decides, whose microseconds stand behind it in place of more random bits.
#[must_use]
pub fn new_id(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    let [_, _, micros @ ..] = system_now().as_microsecond().to_be_bytes();
    let [first, second, third, fourth, fifth, sixth] = micros;
    // Version and variant take four bits of the first byte and two of the third: the forty-two lowest bits, which come
    // round after fifty days, go around them.
    let around = [first << 2 | second >> 6, second << 2 | third >> 6, third, fourth, fifth, sixth];
    let mut behind = [0; 10];
    behind[..6].copy_from_slice(&around);
    behind[6..].copy_from_slice(&rand::random::<[u8; 4]>());
    Builder::from_unix_timestamp_millis(millis, &behind).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_one_after_another_at_an_instant_that_stands_still_sort_in_that_order() {
        let now: Timestamp = "2026-03-06T08:10:00Z".parse().unwrap();
        let mut made: Vec<Uuid> = Vec::new();
        let mut last = system_now();
        while made.len() < 100 {
            if system_now().as_microsecond() > last.as_microsecond() {
                made.push(new_id(now));
                last = system_now();
            }
        }
        assert!(made.is_sorted(), "{made:?}");
    }

    #[test]
    fn ids_sort_by_their_time_and_differ_at_the_same_time() {
        let now: Timestamp = "2026-03-06T08:10:00Z".parse().unwrap();
        let later = now + jiff::SignedDuration::from_millis(1);
        assert!(new_id(now) < new_id(later));
        assert_ne!(new_id(now), new_id(now));
        assert_eq!(new_id(now).get_version_num(), 7);
    }
}
