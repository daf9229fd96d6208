//! When something happened that is reported now.

use callout_kit::{Error, Text, parse};
use jiff::Timestamp;

/// The instant at which something reported happened: `stated`, or `now` when the caller did not say.
///
/// `after` is what it must not come before: the record that it changes, or the step that it follows.
///
/// # Errors
/// [`Error::Invalid`] for an instant in the future or before `after`: field work is reported late, never early.
pub fn occurred_at(
    field: &str,
    stated: Option<prost_types::Timestamp>,
    now: Timestamp,
    after: Option<Timestamp>,
) -> Result<Timestamp, Error> {
    let at = match stated {
        Some(stated) => parse::timestamp(stated).map_err(|fault| Error::invalid(field, fault))?,
        None => now,
    };
    if at > now {
        let fault = Text::new(format!("must not be in the future: it is {now} now"), format!("不能晚于当前时间 {now}"));
        return Err(Error::invalid(field, fault));
    }
    match after {
        Some(after) if at < after => {
            let fault = Text::new(format!("must not be before {after}, which it follows"), format!("不能早于 {after}"));
            Err(Error::invalid(field, fault))
        }
        Some(_) | None => Ok(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_now_unless_stated_and_neither_future_nor_before_what_it_follows() {
        let (before, now) = (at("2026-03-06T08:00:00Z"), at("2026-03-06T09:00:00Z"));
        let stated = |text: &str| Some(parse::to_timestamp(at(text)));
        assert_eq!(occurred_at("occurred_at", None, now, Some(before)).unwrap(), now);
        assert_eq!(occurred_at("occurred_at", stated("2026-03-06T08:00:00Z"), now, Some(before)).unwrap(), before);
        assert!(occurred_at("occurred_at", stated("2026-03-06T07:59:59Z"), now, Some(before)).is_err());
        assert!(occurred_at("occurred_at", stated("2026-03-06T09:00:01Z"), now, None).is_err());
    }
}
