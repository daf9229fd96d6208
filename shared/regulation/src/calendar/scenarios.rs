//! Every time in the scenarios of the regulation sheets that this folder computes, by scenario.

use jiff::civil::date;

use super::{DayOfMonth, Period, fixtures::*, is_late, lateness};

/// R19-01: Monday to Saturday 08:30 to 17:30 without break.
const R19: &str = r#"{"working_days": ["mon", "tue", "wed", "thu", "fri", "sat"], "working_windows": ["08:30-17:30"]}"#;
/// R20-01: a day is 24 hours.
const R20: &str = r#"{"day_limits": "spans_of_24h"}"#;

/// Checks `(start, amount, due)` one by one.
#[track_caller]
fn assert_due(rules: &str, cases: &[(&str, &str, &str)]) {
    let calendar = shanghai(rules, "{}");
    for (start, length, expected) in cases {
        let due = calendar.due(at(start), amount(length)).unwrap();
        assert_eq!(shown(&calendar, &due), *expected, "{}", due.computation);
    }
}

/// Checks that an act at `due` is in time and one a second later is late by that second.
#[track_caller]
fn assert_inclusive(due: &str) {
    let due_at = at(due);
    assert!(!is_late(due_at, due_at) && is_late(due_at, due_at + jiff::SignedDuration::from_secs(1)), "{due}");
}

#[test]
fn r01_a1_working_hours_are_due_at_the_earliest_instant_at_which_they_are_used_up() {
    assert_due(
        "{}",
        &[("2026-03-09 08:00", "4wh", "2026-03-09 12:00"), ("2026-03-09 08:00", "8wh", "2026-03-09 17:00")],
    );
    assert!(is_late(at("2026-03-09 12:00"), at("2026-03-09 12:01")));
}

#[test]
fn r01_s1_friday_afternoon_and_three_distances() {
    assert_due(
        "{}",
        &[
            ("2026-03-06 16:10", "24h", "2026-03-07 16:10"),
            ("2026-03-06 16:10", "48h", "2026-03-08 16:10"),
            ("2026-03-06 16:10", "72h", "2026-03-09 16:10"),
            ("2026-03-06 16:10", "4wh", "2026-03-09 11:10"),
            ("2026-03-09 09:00", "4wh", "2026-03-09 14:00"),
            ("2026-03-09 09:00", "8wh", "2026-03-10 09:00"),
        ],
    );
}

#[test]
fn r01_s1_the_computation_says_what_was_used_when() {
    let calendar = shanghai("{}", "{}");
    let line = |start: &str, length: &str| calendar.due(at(start), amount(length)).unwrap().computation;
    assert_eq!(
        line("2026-03-06 16:10", "4wh"),
        "2026-03-06 16:10 + 4wh: 50 min Fri 2026-03-06, 3 h 10 min Mon 2026-03-09 = 2026-03-09 11:10"
    );
    assert_eq!(
        line("2026-03-09 09:00", "8wh"),
        "2026-03-09 09:00 + 8wh: 7 h Mon 2026-03-09, 1 h Tue 2026-03-10 = 2026-03-10 09:00"
    );
    assert_eq!(line("2026-03-06 16:10", "24h"), "2026-03-06 16:10 + 24h = 2026-03-07 16:10");
}

#[test]
fn r01_s7_at_nine_in_time_and_at_one_past_nine_late() {
    assert_due("{}", &[("2026-03-10 14:00", "4wh", "2026-03-11 09:00")]);
    assert_inclusive("2026-03-11 09:00");
    assert_eq!(lateness(at("2026-03-11 09:00"), at("2026-03-11 09:01")).as_secs(), 60);
}

#[test]
fn r01_s8_hand_in_within_three_days_and_the_list_of_the_week() {
    let calendar = shanghai("{}", "{}");
    assert_due("{}", &[("2026-03-13 20:00", "3d", "2026-03-16 23:59:59")]);
    assert_eq!(calendar.late_days(at("2026-03-16 23:59:59"), at("2026-03-17 00:00")), 1);
    let week = calendar.period(Period::Week, at("2026-03-11 10:00")).unwrap();
    assert_eq!((week.first_on(), week.last_on()), (date(2026, 3, 9), date(2026, 3, 15)));
    let due = calendar.due_within(week).unwrap();
    assert_eq!(due.computation, "end of 2026-W11 = 2026-03-15 23:59:59");
}

#[test]
fn r01_s9_report_hand_in_and_audit() {
    assert_due(
        "{}",
        &[
            ("2026-03-13 20:00", "3wd", "2026-03-18 23:59:59"),
            ("2026-03-13 20:00", "3d", "2026-03-16 23:59:59"),
            ("2026-03-18 16:00", "5wd", "2026-03-25 23:59:59"),
        ],
    );
    let calendar = shanghai("{}", "{}");
    assert_eq!(calendar.late_days(at("2026-03-16 23:59:59"), at("2026-03-18 16:00")), 2);
    assert_eq!(calendar.late_days(at("2026-03-25 23:59:59"), at("2026-03-27 10:00")), 2);
    assert_eq!(calendar.late_days(at("2026-03-18 23:59:59"), at("2026-03-18 16:00")), 0);
    assert_eq!(
        calendar.due(at("2026-03-18 16:00"), amount("5wd")).unwrap().computation,
        "2026-03-18 16:00 + 5wd: Thu 2026-03-19, Fri 2026-03-20, Mon 2026-03-23, Tue 2026-03-24, Wed 2026-03-25 = \
         2026-03-25 23:59:59"
    );
}

#[test]
fn r01_s10_months_are_clamped_and_hours_run_through_the_spring_festival() {
    let holidays =
        r#"{"holidays": ["2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-23"]}"#;
    let calendar = shanghai("{}", holidays);
    let due = |start: &str, length: &str| shown(&calendar, &calendar.due(at(start), amount(length)).unwrap());
    assert_eq!(due("2026-01-31", "3mo"), "2026-04-30 23:59:59");
    assert_eq!(due("2026-04-20", "3mo"), "2026-07-20 23:59:59");
    assert_eq!(due("2026-01-31", "1mo"), "2026-02-28 23:59:59");
    assert!(!is_late(at("2026-02-28 23:59:59"), at("2026-02-28 16:00")));
    assert!(is_late(at("2026-02-28 23:59:59"), at("2026-03-01 00:00")));
    assert_eq!(due("2026-02-16 10:00", "48h"), "2026-02-18 10:00");
    assert_eq!(lateness(at("2026-02-18 10:00"), at("2026-02-19 18:00")).as_hours(), 32);
    for (kind, day) in [(Period::Month, "2026-03-09 12:00"), (Period::Quarter, "2026-01-05 12:00")] {
        let period = calendar.period(kind, at(day)).unwrap();
        assert_eq!(shown(&calendar, &calendar.due_after(period, DayOfMonth::LAST).unwrap()), "2026-04-30 23:59:59");
    }
    assert_eq!(
        calendar.due(at("2026-01-31"), amount("1mo")).unwrap().computation,
        "2026-01-31 00:00 + 1mo: 2026-02 is too short, its last day = 2026-02-28 23:59:59"
    );
}

#[test]
fn r13_s1_an_hour_at_night() {
    assert_due(
        "{}",
        &[("2013-03-08 23:40", "1h", "2013-03-09 00:40"), ("2013-03-08 23:41", "60min", "2013-03-09 00:41")],
    );
    assert_inclusive("2013-03-09 00:40");
    assert_eq!(lateness(at("2013-03-09 00:41"), at("2013-03-09 00:41:01")).as_secs(), 1);
}

#[test]
fn r13_s3_fifteen_days_from_visit_to_visit() {
    assert_due(
        "{}",
        &[
            ("2013-03-01 10:00", "15d", "2013-03-16 23:59:59"),
            ("2013-03-16 10:00", "15d", "2013-03-31 23:59:59"),
            ("2013-03-31 10:00", "15d", "2013-04-15 23:59:59"),
            ("2013-04-16 10:00", "15d", "2013-05-01 23:59:59"),
        ],
    );
    let calendar = shanghai("{}", "{}");
    assert_eq!(calendar.late_days(at("2013-04-15 23:59:59"), at("2013-04-16 10:00")), 1);
    let april = Period::Month.containing(date(2013, 4, 16)).unwrap();
    let visits = [date(2013, 3, 1), date(2013, 3, 16), date(2013, 3, 31), date(2013, 4, 16), date(2013, 5, 1)];
    assert_eq!(visits.into_iter().filter(|visit| april.contains(*visit)).count(), 1);
    assert_eq!(visits.into_iter().filter(|visit| april.previous().unwrap().contains(*visit)).count(), 3);
}

#[test]
fn r13_s4_sheets_by_the_thirtieth() {
    let calendar = shanghai("{}", "{}");
    let thirtieth = DayOfMonth::try_from(30).unwrap();
    let due = |start: &str| calendar.due_by_day_of_month(at(start), thirtieth).unwrap();
    assert_eq!(shown(&calendar, &due("2013-01-30 17:00")), "2013-01-30 23:59:59");
    assert_eq!(due("2013-01-31 17:00").computation, "2013-01-31 17:00, next day 30 of a month = 2013-02-28 23:59:59");
    assert_eq!(shown(&calendar, &due("2013-02-27 17:00")), "2013-02-28 23:59:59");
    assert!(is_late(due("2013-02-27 17:00").due_at, at("2013-03-01 00:00:00")));
}

#[test]
fn r13_s10_two_days_and_the_same_day() {
    assert_due(
        "{}",
        &[("2013-03-04 15:00", "2d", "2013-03-06 23:59:59"), ("2013-03-05 10:10", "0d", "2013-03-05 23:59:59")],
    );
}

#[test]
fn r19_s1_six_and_seven_hours() {
    assert_due(
        R19,
        &[("2024-05-17 15:30", "6wh", "2024-05-18 12:30"), ("2024-05-17 15:30", "7wh", "2024-05-18 13:30")],
    );
    assert!(!is_late(at("2024-05-18 12:30"), at("2024-05-18 12:30")));
    assert_eq!(lateness(at("2024-05-18 13:30"), at("2024-05-18 13:30:01")).as_secs(), 1);
}

#[test]
fn r19_s2_over_a_sunday_and_a_call_at_night() {
    assert_due(
        R19,
        &[("2024-05-18 16:00", "6wh", "2024-05-20 13:00"), ("2024-05-18 19:00", "7wh", "2024-05-20 15:30")],
    );
}

#[test]
fn r19_s3_exactly_one_day() {
    assert_due(
        R19,
        &[("2024-05-20 11:30:00", "6wh", "2024-05-20 17:30"), ("2024-05-20 11:30:01", "6wh", "2024-05-21 08:30:01")],
    );
}

#[test]
fn r19_s7_the_clocks_of_yesterday_run_on() {
    assert_due(
        R19,
        &[
            ("2024-05-20 14:00", "6wh", "2024-05-21 11:00"),
            ("2024-05-20 16:50", "6wh", "2024-05-21 13:50"),
            ("2024-05-21 08:31", "6wh", "2024-05-21 14:31"),
        ],
    );
}

#[test]
fn r19_s8_a_notice_one_month_before_expiry() {
    let calendar = shanghai(R19, "{}");
    let latest = |expiry: &str| calendar.before(at(expiry), amount("1mo")).unwrap();
    assert_eq!(
        latest("2024-03-31").computation,
        "2024-03-31 00:00 - 1mo: 2024-02 is too short, its last day = 2024-02-29 23:59:59"
    );
    assert_eq!(shown(&calendar, &latest("2024-06-15")), "2024-05-15 23:59:59");
}

#[test]
fn r20_s1_every_station_uses_its_whole_limit() {
    assert_due(
        R20,
        &[
            ("2024-03-04 09:30", "12h", "2024-03-04 21:30"),
            ("2024-03-04 21:30", "1d", "2024-03-05 21:30"),
            ("2024-03-05 21:30", "1d", "2024-03-06 21:30"),
            ("2024-03-06 21:30", "1d", "2024-03-07 21:30"),
            ("2024-03-07 21:30", "5d", "2024-03-12 21:30"),
            ("2024-03-12 21:30", "12h", "2024-03-13 09:30"),
            ("2024-03-04 09:30", "13d", "2024-03-17 09:30"),
        ],
    );
}

#[test]
fn r20_s2_a_late_station_moves_the_next_and_not_the_total() {
    assert_due(
        R20,
        &[
            ("2024-03-05 22:00", "1d", "2024-03-06 22:00"),
            ("2024-03-06 22:00", "12d", "2024-03-18 22:00"),
            ("2024-03-18 22:00", "12h", "2024-03-19 10:00"),
            ("2024-03-04 09:30", "17d", "2024-03-21 09:30"),
        ],
    );
    assert_eq!(lateness(at("2024-03-05 21:30"), at("2024-03-05 22:00")).as_mins(), 30);
}

#[test]
fn r20_01_months_end_with_a_day_where_days_are_24_hours() {
    assert_due(R20, &[("2024-01-31 09:30", "1mo", "2024-02-29 23:59:59")]);
}

#[test]
fn r20_s10_by_the_tenth_ends_with_the_day() {
    let calendar = shanghai(R20, "{}");
    let march = Period::Month.containing(date(2024, 3, 20)).unwrap();
    let due = calendar.due_after(march, DayOfMonth::try_from(10).unwrap()).unwrap();
    assert_eq!(due.computation, "2024-03, day 10 of 2024-04 = 2024-04-10 23:59:59");
    assert!(!is_late(due.due_at, at("2024-04-10 23:59:59")));
}

#[test]
fn r22_01_minutes_run_at_night_and_by_the_25th_ends_with_the_day() {
    assert_due(
        "{}",
        &[("2024-05-03 23:50", "30min", "2024-05-04 00:20"), ("2024-05-01 09:00", "15d", "2024-05-16 23:59:59")],
    );
    let calendar = shanghai("{}", "{}");
    let due = calendar.due_by_day_of_month(at("2024-05-03"), DayOfMonth::try_from(25).unwrap()).unwrap();
    assert_eq!(shown(&calendar, &due), "2024-05-25 23:59:59");
}

#[test]
fn r26_s7_windows_in_february_and_at_the_turn_of_the_quarter() {
    let calendar = shanghai("{}", "{}");
    let day = |number| DayOfMonth::try_from(number).unwrap();
    let february = date(2026, 2, 1);
    let opens = calendar.starts_at(day(27).in_month_of(february)).unwrap();
    let closes = calendar.ends_at(DayOfMonth::LAST.in_month_of(february)).unwrap();
    let inside = |entered: &str| opens <= at(entered) && !is_late(closes, at(entered));
    assert_eq!(
        ["2026-02-26 23:59", "2026-02-27 00:00", "2026-02-28 23:59", "2026-03-01 00:00"].map(inside),
        [false, true, true, false]
    );
    let quarter = Period::Quarter.containing(date(2026, 3, 31)).unwrap();
    assert_eq!(quarter.next().unwrap().first_on(), date(2026, 4, 1));
    let due = |number| shown(&calendar, &calendar.due_after(quarter, day(number)).unwrap());
    assert_eq!((due(5), due(15)), ("2026-04-05 23:59:59".to_owned(), "2026-04-15 23:59:59".to_owned()));
}

#[test]
fn r31_s1_and_s2_the_last_second_of_the_warranty() {
    assert_due("{}", &[("2024-03-15", "2y", "2026-03-15 23:59:59"), ("2026-03-15", "3y", "2029-03-15 23:59:59")]);
    assert_inclusive("2026-03-15 23:59:59");
}

#[test]
fn r31_s3_leap_day() {
    assert_due(
        "{}",
        &[("2024-02-29 14:00", "2y", "2026-02-28 23:59:59"), ("2024-02-29 14:00", "5y", "2029-02-28 23:59:59")],
    );
}

#[test]
fn r31_s4_complaints_at_night() {
    assert_due(
        "{}",
        &[
            ("2026-05-01 23:30", "2h", "2026-05-02 01:30"),
            ("2026-05-01 23:30", "12h", "2026-05-02 11:30"),
            ("2026-05-01 20:00", "12h", "2026-05-02 08:00"),
        ],
    );
    assert_inclusive("2026-05-02 01:30");
}

#[test]
fn r31_s5_emergencies_in_three_zones() {
    assert_due(
        "{}",
        &[
            ("2026-06-12 23:15", "1h", "2026-06-13 00:15"),
            ("2026-06-12 23:15", "6h", "2026-06-13 05:15"),
            ("2026-06-12 23:15", "12h", "2026-06-13 11:15"),
            ("2026-06-12 23:15", "2h", "2026-06-13 01:15"),
        ],
    );
}
