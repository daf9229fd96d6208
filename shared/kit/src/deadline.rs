//! The time that is left for a call, in this process and on the wire.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use tokio::time::Instant;

use crate::call::Call;

/// The header that carries the time left, as a number and a unit.
pub const HEADER: &str = "grpc-timeout";

/// Kept back from a call made on behalf of another, for the way back.
pub const WAY_BACK: Duration = Duration::from_millis(5);

/// The instant after which nobody waits for an answer any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline that is `span` away.
    #[must_use]
    pub fn after(span: Duration) -> Self {
        // A caller may ask for 99,999,999 hours; a day is as good as that and cannot overflow.
        Self(Instant::now() + span.min(Duration::from_hours(24)))
    }

    /// The time left, zero when it is over.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Completes when the deadline has come.
    pub async fn passed(self) {
        tokio::time::sleep_until(self.0).await;
    }
}

/// The time left for the call that the current task serves; none when it has no deadline.
#[must_use]
pub fn remaining() -> Option<Duration> {
    Call::peek(|call| call.deadline).flatten().map(Deadline::remaining)
}

/// The time that a caller allows, from the headers of the call; none when absent or not in the form of the protocol.
#[must_use]
pub fn from_headers(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(HEADER)?.to_str().ok()?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3_600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

/// The header value for a call that may take `span`, rounded up to what eight digits can say.
#[must_use]
pub fn header_value(span: Duration) -> HeaderValue {
    const MOST: u128 = 99_999_999;
    let micros = span.as_nanos().div_ceil(1_000);
    let (amount, unit) = if micros <= MOST {
        (micros, 'u')
    } else if micros.div_ceil(1_000) <= MOST {
        (micros.div_ceil(1_000), 'm')
    } else {
        (micros.div_ceil(1_000_000).min(MOST), 'S')
    };
    HeaderValue::try_from(format!("{amount}{unit}")).unwrap_or_else(|_| HeaderValue::from_static("10S"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(HEADER), HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_header_in_another_form_is_no_deadline() {
        for wrong in ["", "5", "S", "5s", "-5S", "+5S", "123456789S", "5.0S"] {
            assert_eq!(from_headers(&headers(wrong)), None, "{wrong}");
        }
        assert_eq!(from_headers(&headers("99999999H")), Some(Duration::from_hours(99_999_999)));
    }

    proptest! {
        #[test]
        fn a_span_sent_is_never_read_as_a_shorter_one(nanos in 0_u64..400_000_000_000_000) {
            let span = Duration::from_nanos(nanos);
            let header = HeaderMap::from_iter([(http::HeaderName::from_static(HEADER), header_value(span))]);
            let read = from_headers(&header).unwrap();
            prop_assert!(read >= span);
            prop_assert!(read <= span + Duration::from_secs(1));
        }
    }
}
