//! What the tests of this folder share.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Amount, Calendar, CountingRules, Due, Holidays, Interval};

/// A calendar counted as R01 A1 in `zone`, without holidays.
pub(super) fn calendar_in(zone: &str) -> Calendar {
    Calendar::new(TimeZone::get(zone).unwrap(), CountingRules::default(), Holidays::default())
}

/// A calendar in Shanghai with the rules of a pack and the holidays of an organisation, both as JSON.
pub(super) fn shanghai(rules: &str, holidays: &str) -> Calendar {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    Calendar::new(zone, serde_json::from_str(rules).unwrap(), serde_json::from_str(holidays).unwrap())
}

/// An instant with its offset, such as `2026-03-06T16:10+08:00`.
pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An instant on the wall of Shanghai, such as `2026-03-06 16:10`; a date alone is its midnight.
pub(super) fn at(text: &str) -> Timestamp {
    let local = text.parse::<jiff::civil::DateTime>().or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
    local.unwrap().in_tz("Asia/Shanghai").unwrap().timestamp()
}

pub(super) fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub(super) fn pause(from: &str, to: &str) -> Interval {
    Interval::new(at(from), at(to)).unwrap()
}

/// What follows the last `=` of the computation, after it was checked against the instant.
#[track_caller]
pub(super) fn shown(calendar: &Calendar, due: &Due) -> String {
    let (_, end) = due.computation.rsplit_once(" = ").unwrap();
    assert_eq!(end, calendar.in_words(due.due_at), "the line and the instant must agree");
    end.to_owned()
}
