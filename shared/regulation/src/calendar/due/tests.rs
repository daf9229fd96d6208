//! What each option of the counting rules does to a limit.

use super::super::{CountingRules, Holidays, fixtures::*};
use super::*;

/// The computation of every `(start, amount)` under `rules`.
fn lines<const N: usize>(rules: &str, limits: [(&str, &str); N]) -> [String; N] {
    let calendar = shanghai(rules, r#"{"holidays": ["2026-05-01"], "make_up_days": ["2026-05-09"]}"#);
    limits.map(|(start, length)| calendar.due(at(start), amount(length)).unwrap().computation)
}

#[test]
fn holidays_are_off_and_make_up_days_are_worked_in_the_ordinary_windows() {
    assert_eq!(
        lines("{}", [("2026-04-30 16:00", "2wh"), ("2026-05-08 16:00", "6wh"), ("2026-04-30 16:00", "1wd")]),
        [
            "2026-04-30 16:00 + 2wh: 1 h Thu 2026-04-30, 1 h Mon 2026-05-04 = 2026-05-04 09:00",
            "2026-05-08 16:00 + 6wh: 1 h Fri 2026-05-08, 5 h Sat 2026-05-09 = 2026-05-09 14:00",
            "2026-04-30 16:00 + 1wd: Mon 2026-05-04 = 2026-05-04 23:59:59",
        ]
    );
}

#[test]
fn a_service_round_the_clock_works_on_holidays() {
    let rules = r#"{"working_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "working_windows": ["00:00-24:00"], "public_holidays": "worked"}"#;
    assert_eq!(
        lines(rules, [("2026-04-30 22:00", "4wh")]),
        ["2026-04-30 22:00 + 4wh: 2 h Thu 2026-04-30, 2 h Fri 2026-05-01 = 2026-05-01 02:00"]
    );
}

#[test]
fn nothing_to_wait_for_is_due_at_once_and_no_days_are_the_same_day() {
    assert_eq!(
        lines("{}", [("2026-03-07 10:00", "0wh"), ("2026-03-07 10:00", "0d"), ("2026-03-07 10:00", "0wd")]),
        [
            "2026-03-07 10:00 + 0wh = 2026-03-07 10:00",
            "2026-03-07 10:00 + 0d = 2026-03-07 23:59:59",
            "2026-03-07 10:00 + 0wd: Mon 2026-03-09 = 2026-03-09 23:59:59",
        ]
    );
}

#[test]
fn a_start_day_that_counts_is_the_first() {
    let limits = [
        ("2026-03-13 10:00", "3d"),
        ("2026-03-13 10:00", "3wd"),
        ("2026-03-14 10:00", "1wd"),
        ("2026-03-15 10:00", "1mo"),
        ("2026-01-31 10:00", "1mo"),
    ];
    assert_eq!(
        lines(r#"{"start_day": "included"}"#, limits),
        [
            "2026-03-13 10:00 + 3d = 2026-03-15 23:59:59",
            "2026-03-13 10:00 + 3wd: Fri 2026-03-13, Mon 2026-03-16, Tue 2026-03-17 = 2026-03-17 23:59:59",
            "2026-03-14 10:00 + 1wd: Mon 2026-03-16 = 2026-03-16 23:59:59",
            "2026-03-15 10:00 + 1mo = 2026-04-14 23:59:59",
            "2026-01-31 10:00 + 1mo: 2026-02 is too short, its last day = 2026-02-28 23:59:59",
        ]
    );
}

#[test]
fn an_end_on_a_day_off_is_moved_where_the_pack_says_so() {
    let rules = r#"{"day_off": "next_working_day"}"#;
    assert_eq!(
        lines(rules, [("2026-03-12 10:00", "2d"), ("2026-03-31 10:00", "1mo"), ("2026-05-08 10:00", "1d")]),
        [
            "2026-03-12 10:00 + 2d: Sat 2026-03-14 is a day off, moved to Mon 2026-03-16 = 2026-03-16 23:59:59",
            "2026-03-31 10:00 + 1mo: 2026-04 is too short, its last day = 2026-04-30 23:59:59",
            "2026-05-08 10:00 + 1d = 2026-05-09 23:59:59",
        ]
    );
    let calendar = shanghai(rules, "{}");
    let latest = calendar.before(at("2026-03-17 10:00"), amount("2d")).unwrap();
    assert_eq!(shown(&calendar, &latest), "2026-03-15 23:59:59");
}

#[test]
fn a_limit_of_months_may_end_with_the_month() {
    let rules = r#"{"month_limits": "last_day"}"#;
    assert_eq!(
        lines(rules, [("2026-03-05 10:00", "1mo"), ("2026-03-05 10:00", "1y"), ("2026-03-05 10:00", "5d")]),
        [
            "2026-03-05 10:00 + 1mo = 2026-04-30 23:59:59",
            "2026-03-05 10:00 + 1y = 2027-03-31 23:59:59",
            "2026-03-05 10:00 + 5d = 2026-03-10 23:59:59",
        ]
    );
}

#[test]
fn an_exclusive_limit_ends_a_second_earlier_unless_it_ends_with_a_day() {
    assert_eq!(
        lines(r#"{"boundary": "exclusive"}"#, [("2026-03-09 08:00", "4wh"), ("2026-03-09 08:00", "1d")]),
        [
            "2026-03-09 08:00 + 4wh: 4 h Mon 2026-03-09; before 2026-03-09 12:00 = 2026-03-09 11:59:59",
            "2026-03-09 08:00 + 1d = 2026-03-10 23:59:59",
        ]
    );
}

#[test]
fn a_day_may_end_with_the_office_but_a_limit_is_never_due_before_it_starts() {
    assert_eq!(
        lines(r#"{"end_of_day": "17:00:00"}"#, [("2026-03-09 08:00", "1d"), ("2026-03-09 18:00", "0d")]),
        ["2026-03-09 08:00 + 1d = 2026-03-10 17:00", "2026-03-09 18:00 + 0d = 2026-03-09 18:00"]
    );
}

#[test]
fn a_clock_that_is_paused_runs_on_where_it_stopped() {
    let calendar = shanghai("{}", "{}");
    let pauses = [pause("2026-03-10 09:00", "2026-03-12 10:00"), pause("2026-03-09 10:00", "2026-03-09 11:00")];
    let line =
        |length: &str| calendar.due_with_pauses(at("2026-03-09 08:00"), amount(length), &pauses).unwrap().computation;
    assert_eq!(
        line("9wh"),
        "2026-03-09 08:00 + 9wh: 7 h Mon 2026-03-09, 1 h Tue 2026-03-10, 1 h Thu 2026-03-12; \
         paused 2026-03-09 10:00 to 2026-03-09 11:00, 2026-03-10 09:00 to 2026-03-12 10:00 = 2026-03-12 11:00"
    );
    assert_eq!(line("2h"), "2026-03-09 08:00 + 2h = 2026-03-09 10:00");
    assert!(line("24h").ends_with("= 2026-03-10 09:00"), "used up just when the second pause begins: {}", line("24h"));
    assert!(line("25h").ends_with("= 2026-03-12 11:00"), "{}", line("25h"));
}

#[test]
fn a_day_counts_unless_the_clock_stands_still_when_it_ends() {
    let calendar = shanghai("{}", "{}");
    let due = |length: &str, from: &str, to: &str| {
        let due = calendar.due_with_pauses(at("2026-03-09 08:00"), amount(length), &[pause(from, to)]).unwrap();
        shown(&calendar, &due)
    };
    assert_eq!(due("3d", "2026-03-10 09:00", "2026-03-10 18:00"), "2026-03-12 23:59:59");
    assert_eq!(due("3d", "2026-03-10 09:00", "2026-03-12 18:00"), "2026-03-14 23:59:59");
    assert_eq!(due("3d", "2026-03-12 09:00", "2026-03-13 00:00"), "2026-03-13 23:59:59");
    assert_eq!(due("3d", "2026-03-13 00:00", "2026-03-20 00:00"), "2026-03-12 23:59:59");
    assert_eq!(due("3d", "2026-03-01 00:00", "2026-03-10 09:00"), "2026-03-12 23:59:59");
    assert_eq!(due("5wd", "2026-03-12 09:00", "2026-03-14 18:00"), "2026-03-18 23:59:59");
    assert_eq!(due("1mo", "2026-03-20 09:00", "2026-03-25 18:00"), "2026-04-14 23:59:59");
}

#[test]
fn counting_backwards_gives_the_latest_moment_that_leaves_enough() {
    let calendar = shanghai("{}", "{}");
    let latest = |deadline: &str, length: &str| calendar.before(at(deadline), amount(length)).unwrap().computation;
    assert_eq!(latest("2026-03-09 09:00", "24h"), "2026-03-09 09:00 - 24h = 2026-03-08 09:00");
    assert_eq!(
        latest("2026-03-09 09:00", "2wh"),
        "2026-03-09 09:00 - 2wh: 1 h Mon 2026-03-09, 1 h Fri 2026-03-06 = 2026-03-06 16:00"
    );
    assert_eq!(latest("2026-03-09 08:00", "4wh"), "2026-03-09 08:00 - 4wh: 4 h Fri 2026-03-06 = 2026-03-06 13:00");
    assert_eq!(
        latest("2026-03-10 09:00", "2wd"),
        "2026-03-10 09:00 - 2wd: Mon 2026-03-09, Fri 2026-03-06 = 2026-03-06 23:59:59"
    );
    assert_eq!(latest("2026-03-10 09:00", "0d"), "2026-03-10 09:00 - 0d = 2026-03-10 09:00");
}

#[test]
fn a_changed_clock_is_told() {
    let berlin = calendar_in("Europe/Berlin");
    let due = berlin.due(instant("2026-03-28T12:00+01:00"), amount("24h")).unwrap();
    assert_eq!(due.due_at, instant("2026-03-29T13:00+02:00"));
    assert_eq!(due.computation, "2026-03-28 12:00 + 24h: clock changed from UTC+01 to UTC+02 = 2026-03-29 13:00");
}

#[test]
fn a_long_list_of_days_is_shortened() {
    assert_eq!(
        lines("{}", [("2026-03-06 16:00", "10wd")]),
        ["2026-03-06 16:00 + 10wd: Mon 2026-03-09, Tue 2026-03-10, 7 more working days, \
              Fri 2026-03-20 = 2026-03-20 23:59:59"]
    );
}

#[test]
fn an_organisation_that_never_works_is_an_error_only_where_working_time_is_counted() {
    let start = at("2026-03-09 08:00");
    let no_days = shanghai(r#"{"working_days": []}"#, "{}");
    let no_windows = shanghai(r#"{"working_windows": []}"#, "{}");
    for calendar in [no_days, no_windows] {
        let near = jiff::civil::date(2026, 3, 9);
        for length in ["1wh", "1wmin"] {
            assert_eq!(calendar.due(start, amount(length)), Err(Error::NoWorkingTime { near }));
        }
        assert!(matches!(calendar.due(start, amount("1wd")), Err(Error::NoWorkingTime { .. })));
        assert!(matches!(calendar.before(start, amount("1wh")), Err(Error::NoWorkingTime { .. })));
        assert!(matches!(calendar.before(start, amount("1wd")), Err(Error::NoWorkingTime { .. })));
        assert!(calendar.next_opening(start).is_err());
        assert!(calendar.due(start, amount("1d")).is_ok());
        let year = Interval::new(start, at("2027-03-09 08:00")).unwrap();
        assert_eq!(calendar.working_time(year), Ok(SignedDuration::ZERO));
    }
}

#[test]
fn a_closure_of_less_than_two_years_is_waited_for() {
    let closed = jiff::civil::date(2026, 3, 9).series(Span::new().days(1)).take(700);
    let holidays = Holidays::new(closed, []).unwrap();
    let calendar = Calendar::new(calendar_in("Asia/Shanghai").zone, CountingRules::default(), holidays);
    let due = calendar.due(at("2026-03-06 16:00"), amount("2wh")).unwrap();
    assert_eq!(shown(&calendar, &due), "2028-02-07 09:00");
}

#[test]
fn a_limit_beyond_the_calendar_is_an_error() {
    let calendar = shanghai("{}", "{}");
    let late = at("9999-12-30 08:00");
    for length in ["100h", "100wh", "10d", "10wd", "1mo", "1y", "999999y", "999999mo", "999999d"] {
        assert_eq!(calendar.due(late, amount(length)), Err(Error::OutOfRange), "{length}");
    }
    assert_eq!(calendar.before(late, amount("999999y")), Err(Error::OutOfRange));
}

#[test]
fn starts_and_acts_are_compared_by_whole_seconds() {
    let calendar = calendar_in("Asia/Shanghai");
    let due = calendar.due(instant("2026-03-06T16:10:00.7+08:00"), amount("24h")).unwrap();
    assert_eq!(due.due_at, instant("2026-03-07T16:10:00+08:00"));
    assert!(!is_late(due.due_at, instant("2026-03-07T16:10:00.999+08:00")));
    assert!(is_late(due.due_at, instant("2026-03-07T16:10:01+08:00")));
    assert_eq!(lateness(due.due_at, instant("2026-03-07T16:10:01.5+08:00")).as_millis(), 1000);
    assert_eq!(lateness(due.due_at, instant("2026-03-07T16:00:00+08:00")), SignedDuration::ZERO);
}
