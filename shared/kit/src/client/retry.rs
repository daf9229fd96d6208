//! Whether a call is worth another try, and when.

use std::{error::Error as _, time::Duration};

use http::Response;
use tonic::{Code, Status, body::Body, transport};
use tonic_types::StatusExt;

use super::peer::InFlight;
use crate::deadline::Deadline;

/// Tries of one call, the first included.
const MOST_TRIES: u32 = 3;

/// How often a call is given to another connection that nobody has seen: as many as may have been told to go at once.
pub(super) const MOST_UNSEEN: u32 = 3;

/// Pause before the second try; doubled before each further one, and drawn anew around that by half.
const FIRST_PAUSE_MS: u64 = 20;

/// Whether it is certain that no server has looked at the call: it never left; or it crossed the word by which its
/// connection was told to go (RFC 9113, section 6.8), or was refused as a stream (section 8.7).
pub(super) fn nobody_saw(fault: &transport::Error) -> bool {
    let causes = || std::iter::successors(fault.source(), |&cause| cause.source());
    let never_left = causes().filter_map(|cause| cause.downcast_ref()).any(hyper::Error::is_canceled);
    // Of the streams under way, GOAWAY ends those alone that it says were not looked at.
    let turned_away = |error: &h2::Error| {
        error.is_remote() && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
    };
    never_left || causes().filter_map(|cause| cause.downcast_ref()).any(turned_away)
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
