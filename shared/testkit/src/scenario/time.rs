//! Times as people write them in a scenario, and as proto JSON wants them.

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

/// Reads a civil time of `zone`, such as `2026-03-06 16:10` or `2026-03-06`, or an instant with its offset.
///
/// A civil time that the zone has twice or never is refused: a scenario must not depend on a guess.
pub(super) fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let malformed = || format!("`{text}` is not a time; write `2026-03-06 16:10`, with seconds where they count");
    let civil: civil::DateTime = text.parse().map_err(|_| malformed())?;
    let ambiguous = zone.to_ambiguous_timestamp(civil);
    ambiguous.unambiguous().map_err(|_| format!("`{text}` comes twice or never in its zone; write it with its offset"))
}

/// The form that proto JSON has for an instant.
pub(super) fn timestamp_json(instant: Timestamp) -> String {
    to_proto(instant).to_string()
}

/// An instant as a protobuf message.
pub(super) fn to_proto(instant: Timestamp) -> prost_types::Timestamp {
    // jiff counts the part below the second back from it before 1970, protobuf always forward.
    let nanos = instant.subsec_nanosecond();
    let (seconds, nanos) =
        if nanos < 0 { (instant.as_second() - 1, nanos + 1_000_000_000) } else { (instant.as_second(), nanos) };
    prost_types::Timestamp { seconds, nanos }
}

/// Reads a span such as `32h`, `90m`, `1h 30m` or `3.5s`, in the form that proto JSON has for it.
pub(super) fn duration_json(text: &str) -> Result<String, String> {
    let span: SignedDuration = text.parse().map_err(|_| {
        format!("`{text}` is not a span of time; write `32h`, `90m`, `1h 30m` or `45s`, nothing above hours")
    })?;
    Ok(prost_types::Duration { seconds: span.as_secs(), nanos: span.subsec_nanos() }.to_string())
}

/// A text of an answer as its reader wants it: instants become civil times of `zone`, everything else stays.
pub(super) fn in_civil_time(text: &str, zone: &TimeZone) -> String {
    match text.parse::<Timestamp>() {
        Ok(instant) => civil_time(instant, zone),
        Err(_) => text.to_owned(),
    }
}

/// `2026-03-06 16:10:00`
pub(super) fn civil_time(instant: Timestamp, zone: &TimeZone) -> String {
    let civil = zone.to_datetime(instant);
    format!("{} {}", civil.date(), civil.time())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    #[test]
    fn a_civil_time_is_of_the_scenarios_zone() {
        for (text, json) in [
            ("2026-03-06 16:10", "2026-03-06T08:10:00Z"),
            ("2026-03-06 16:10:01", "2026-03-06T08:10:01Z"),
            ("2026-03-06", "2026-03-05T16:00:00Z"),
            ("2026-03-06T16:10:00+09:00", "2026-03-06T07:10:00Z"),
            ("2026-03-06T08:10:00.5Z", "2026-03-06T08:10:00.500Z"),
        ] {
            assert_eq!(instant(text, &shanghai()).map(timestamp_json).as_deref(), Ok(json));
        }
    }

    #[test]
    fn a_time_that_a_zone_has_twice_is_refused() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert!(instant("2026-10-25 02:30", &berlin).unwrap_err().contains("twice or never"));
        assert!(instant("2026-10-25 02:30+01:00", &berlin).is_ok());
    }

    #[test]
    fn spans_become_seconds() {
        for (text, json) in
            [("32h", "115200s"), ("90m", "5400s"), ("1h 30m", "5400s"), ("3.5s", "3.500s"), ("0s", "0s")]
        {
            assert_eq!(duration_json(text).as_deref(), Ok(json));
        }
        assert!(duration_json("2d").is_err(), "a day is not a fixed span");
    }

    #[test]
    fn an_instant_is_shown_as_civil_time_and_a_text_as_it_is() {
        assert_eq!(in_civil_time("2026-03-06T08:10:00Z", &shanghai()), "2026-03-06 16:10:00");
        assert_eq!(in_civil_time("R01-17", &shanghai()), "R01-17");
    }

    #[test]
    fn instants_before_1970_keep_their_fraction() {
        let instant: Timestamp = "1969-12-31T23:59:59.75Z".parse().unwrap();
        assert_eq!(timestamp_json(instant), "1969-12-31T23:59:59.750Z");
    }
}
