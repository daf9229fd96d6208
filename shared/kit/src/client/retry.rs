//! Whether a call is worth another try, and when.

use std::{error::Error as _, time::Duration};

use http::Response;
use tonic::{Code, Status, body::Body, transport};
use tonic_types::StatusExt;

use super::peer::InFlight;
use crate::deadline::Deadline;

/// Tries of one call, the first included.
const MOST_TRIES: u32 = 3;

/// How often a call is given to another connection that the one before did not send: as many as may have been told to go
/// at once.
pub(super) const MOST_UNSENT: u32 = 3;

/// Pause before the second try; doubled before each further one, and drawn anew around that by half.
const FIRST_PAUSE_MS: u64 = 20;

/// Whether the connection was told to go before it had sent anything of the call.
pub(super) fn was_not_sent(fault: &transport::Error) -> bool {
    std::iter::successors(fault.source(), |&cause| cause.source())
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_canceled)
}

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
