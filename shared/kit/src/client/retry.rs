//! Whether a call is worth another try, and when.

use std::time::Duration;

use http::Response;
use tonic::{Code, Status, body::Body};
use tonic_types::StatusExt;

use super::peer::InFlight;
use crate::deadline::Deadline;

/// Tries of one call, the first included.
const MOST_TRIES: u32 = 3;

/// Pause before the second try; doubled before each further one, and drawn anew around that by half.
const FIRST_PAUSE_MS: u64 = 20;

/// The pause before the next try; none when the answer stands.
pub(super) fn pause(
    answer: &Result<(Response<Body>, InFlight), Status>,
    tries: u32,
    deadline: Option<Deadline>,
) -> Option<Duration> {
    let status = match answer {
        Ok((response, _)) => Status::from_header_map(response.headers())?,
        Err(status) => status.clone(),
    };
    let asked = status.get_details_retry_info().and_then(|info| info.retry_delay);
    let asked = match (status.code(), asked) {
        (Code::Unavailable, asked) => asked.unwrap_or_default(),
        (Code::ResourceExhausted, Some(asked)) => asked,
        _ => return None,
    };
    if tries >= MOST_TRIES {
        return None;
    }
    let step = FIRST_PAUSE_MS << tries.saturating_sub(1);
    let drawn = rand::random_range(step / 2..=step + step / 2);
    let pause = asked.saturating_add(Duration::from_millis(drawn));
    // Who would only wake up to run out of time may as well hear the answer now.
    deadline.is_none_or(|deadline| pause < deadline.remaining()).then_some(pause)
}
