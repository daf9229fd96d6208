//! What holds for every calendar, shown with random ones, and a slow calendar that walks by minutes to compare with.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, date},
    tz::TimeZone,
};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    Amount, Boundary, Calendar, CountingRules, Day, DayLimits, DayOff, Holidays, Interval, MonthLimits, PublicHolidays,
    StartDay, Unit, Window, WorkingWindows, is_late, lateness,
};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const ZONES: [&str; 4] = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
const DAYS: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];

fn zones() -> impl Strategy<Value = TimeZone> {
    select(&ZONES[..]).prop_map(|name| TimeZone::get(name).unwrap())
}

/// Days from autumn 2025 to the end of 2026, so that clocks are changed three times.
fn dates() -> impl Strategy<Value = Date> {
    (0_i32..460).prop_map(|days| date(2025, 10, 1).saturating_add(jiff::Span::new().days(days)))
}

/// Minutes of the same time, mostly next to a change of clocks.
fn minutes() -> impl Strategy<Value = Timestamp> {
    let around = |text: &str| {
        let change: Timestamp = text.parse().unwrap();
        (-3000_i64..3000).prop_map(move |minute| change + MINUTE * i32::try_from(minute).unwrap())
    };
    prop_oneof![
        around("2026-03-29T01:00Z"),
        around("2026-10-25T01:00Z"),
        around("2026-03-08T07:00Z"),
        around("2026-11-01T06:00Z"),
        around("2026-04-04T15:00Z"),
        (dates(), 0_i32..1440).prop_map(|(date, minute)| {
            date.to_datetime(jiff::civil::Time::midnight()).to_zoned(TimeZone::UTC).unwrap().timestamp()
                + MINUTE * minute
        }),
    ]
}

/// Up to three windows, with edges on any minute of the day.
fn windows() -> impl Strategy<Value = WorkingWindows> {
    let edges = vec(0_u16..=1440, 2..=6);
    let office = Just(vec![480, 720, 780, 1020]);
    let round_the_clock = Just(vec![0, 1440]);
    prop_oneof![2 => edges, 1 => office, 1 => round_the_clock].prop_map(|mut edges| {
        edges.sort_unstable();
        edges.dedup();
        let text = |min: u16| format!("{:02}:{:02}", min / 60, min % 60);
        let windows =
            edges.chunks_exact(2).map(|pair| format!("{}-{}", text(pair[0]), text(pair[1])).parse::<Window>().unwrap());
        WorkingWindows::try_from(windows.collect::<Vec<_>>()).unwrap()
    })
}

fn rules() -> impl Strategy<Value = CountingRules> {
    (
        vec(select(&DAYS[..]), 1..=7),
        windows().prop_filter("some window", |windows| !windows.as_slice().is_empty()),
        select(vec![PublicHolidays::Off, PublicHolidays::Worked]),
        select(vec![DayLimits::Dates, DayLimits::SpansOf24h]),
        select(vec![StartDay::Excluded, StartDay::Included]),
        select(vec![DayOff::Stays, DayOff::NextWorkingDay]),
        select(vec![MonthLimits::SameDayNumberOrLastDay, MonthLimits::LastDay]),
        select(vec![Boundary::Inclusive, Boundary::Exclusive]),
    )
        .prop_map(
            |(days, working_windows, public_holidays, day_limits, start_day, day_off, month_limits, boundary)| {
                CountingRules {
                    working_days: days.into_iter().collect(),
                    working_windows,
                    public_holidays,
                    day_limits,
                    start_day,
                    day_off,
                    month_limits,
                    boundary,
                    ..CountingRules::default()
                }
            },
        )
}

prop_compose! {
    fn calendars()(
        zone in zones(), rules in rules(), off in vec(dates(), 0..40), made_up in vec(dates(), 0..40),
    ) -> Calendar {
        let made_up = made_up.into_iter().filter(|date| !off.contains(date)).collect::<Vec<_>>();
        Calendar::new(zone, rules, Holidays::new(off, made_up).unwrap())
    }
}

/// Calendars in which an act at the very limit is in time, so that limits can be put end to end.
fn inclusive_calendars() -> impl Strategy<Value = Calendar> {
    calendars().prop_map(|calendar| {
        let rules = CountingRules { boundary: Boundary::Inclusive, ..calendar.rules };
        Calendar::new(calendar.zone, rules, calendar.holidays)
    })
}

fn amounts() -> impl Strategy<Value = Amount> {
    (select(&Unit::ALL[..]), 0_u32..40).prop_map(|(unit, count)| Amount::new(count, unit).unwrap())
}

fn working_minutes(count: u32) -> Amount {
    Amount::new(count, Unit::WorkingMinute).unwrap()
}

fn pauses() -> impl Strategy<Value = Vec<Interval>> {
    vec((minutes(), 0_i32..4000), 0..4).prop_map(|pauses| {
        pauses.into_iter().map(|(from, length)| Interval::new(from, from + MINUTE * length).unwrap()).collect()
    })
}

/// A calendar that looks at the clock on the wall at every minute, and knows nothing of offsets.
mod slow {
    use super::*;

    /// Whether the minute that begins at `at` is working time: since the first minute of its date that has reached the
    /// beginning of a window, there is still one to come that has not reached the window's end.
    pub(super) fn is_open(calendar: &Calendar, at: Timestamp) -> bool {
        let wall = |at: Timestamp| calendar.zone.to_datetime(at);
        let day = wall(at).date();
        if !works(calendar, day) {
            return false;
        }
        // No clock is put forward or back by more than an hour here.
        let near = |minutes: i32| wall(at + MINUTE * minutes);
        let reached = |from: DateTime| (-60..=0).map(near).any(|wall| wall.date() == day && wall >= from);
        let unfinished = |to: DateTime| (0..=60).map(near).any(|wall| wall.date() == day && wall < to);
        let windows = calendar.rules.working_windows.as_slice();
        windows.iter().any(|window| reached(window.opens(day).unwrap()) && unfinished(window.closes(day).unwrap()))
    }

    fn works(calendar: &Calendar, day: Date) -> bool {
        let weekday = calendar.rules.working_days.contains(day);
        if calendar.rules.public_holidays == PublicHolidays::Worked || calendar.holidays == Holidays::default() {
            return weekday;
        }
        if weekday { !calendar.holidays.is_holiday(day) } else { calendar.holidays.is_make_up_day(day) }
    }

    /// The end of the `count`-th working minute from `start` on that is not paused.
    pub(super) fn add(calendar: &Calendar, start: Timestamp, count: u32, pauses: &[Interval]) -> Timestamp {
        let (mut at, mut left) = (start, count);
        while left > 0 {
            let stands = pauses.iter().any(|pause| pause.from() <= at && at < pause.to());
            if !stands && is_open(calendar, at) {
                left -= 1;
            }
            at += MINUTE;
        }
        at
    }

    /// The beginning of the `count`-th working minute before `end`.
    pub(super) fn subtract(calendar: &Calendar, end: Timestamp, count: u32) -> Timestamp {
        let (mut at, mut left) = (end, count);
        while left > 0 {
            at -= MINUTE;
            if is_open(calendar, at) {
                left -= 1;
            }
        }
        at
    }
}

/// Whether the calendar has an hour of working time a week, so that walking by minutes comes to an end soon.
fn is_walkable(calendar: &Calendar) -> bool {
    let week = Interval::new("2027-06-07T00:00Z".parse().unwrap(), "2027-06-14T00:00Z".parse().unwrap()).unwrap();
    calendar.working_time(week).unwrap() >= MINUTE * 60
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Months are left without pauses: 29 and 31 January both end on 28 February, but a pause on 30 January moves the
    /// first only.
    #[test]
    fn a_later_start_never_falls_due_earlier(
        calendar in calendars(), amount in amounts(), pauses in pauses(), (a, b) in (minutes(), minutes()),
    ) {
        let pauses = if matches!(amount.unit(), Unit::Month | Unit::Year) { Vec::new() } else { pauses };
        let due = |start| calendar.due_with_pauses(start, amount, &pauses).unwrap().due_at;
        prop_assert!(due(a.min(b)) <= due(a.max(b)));
        let latest = |deadline| calendar.before(deadline, amount).unwrap().due_at;
        prop_assert!(latest(a.min(b)) <= latest(a.max(b)));
    }

    #[test]
    fn a_longer_limit_and_a_longer_pause_never_fall_due_earlier(
        calendar in calendars(), start in minutes(), amount in amounts(), pauses in pauses(),
    ) {
        let longer = Amount::new(amount.count() + 1, amount.unit()).unwrap();
        let due = |amount, pauses: &[Interval]| calendar.due_with_pauses(start, amount, pauses).unwrap().due_at;
        prop_assert!(start <= due(amount, &[]));
        prop_assert!(due(amount, &[]) <= due(longer, &[]));
        prop_assert!(due(amount, &[]) <= due(amount, &pauses));
    }

    #[test]
    fn working_time_and_elapsed_time_add_up(
        calendar in inclusive_calendars(), start in minutes(), a in 0_u32..3000, b in 0_u32..3000,
        unit in select(vec![Unit::WorkingMinute, Unit::Minute, Unit::Hour]),
    ) {
        let due = |start, count| calendar.due(start, Amount::new(count, unit).unwrap()).unwrap().due_at;
        prop_assert_eq!(due(due(start, a), b), due(start, a + b));
    }

    /// They do not when the start day counts, for it would count twice; nor when an end is moved off a day off; nor for
    /// months, since 31 January and one month and one month is 28 March.
    #[test]
    fn days_and_working_days_add_up_when_the_start_day_is_excluded_and_no_end_is_moved(
        calendar in inclusive_calendars(), start in minutes(), a in 1_u32..40, b in 1_u32..40,
        unit in select(vec![Unit::Day, Unit::WorkingDay]),
    ) {
        let rules = CountingRules { start_day: StartDay::Excluded, day_off: DayOff::Stays, ..calendar.rules };
        let calendar = Calendar::new(calendar.zone, rules, calendar.holidays);
        let due = |start, count| calendar.due(start, Amount::new(count, unit).unwrap()).unwrap().due_at;
        prop_assert_eq!(due(due(start, a), b), due(start, a + b));
    }

    #[test]
    fn hours_are_elapsed_hours_also_when_clocks_are_changed(
        calendar in inclusive_calendars(), start in minutes(), hours in 0_u32..100,
    ) {
        let due = calendar.due(start, Amount::new(hours, Unit::Hour).unwrap()).unwrap().due_at;
        prop_assert_eq!(due.duration_since(start), SignedDuration::from_hours(i64::from(hours)));
    }

    #[test]
    fn a_limit_that_ends_with_a_day_ends_at_the_second_before_midnight(
        calendar in calendars(), start in minutes(), count in 0_u32..40,
        unit in select(vec![Unit::WorkingDay, Unit::Month, Unit::Year]),
    ) {
        let due = calendar.due(start, Amount::new(count, unit).unwrap()).unwrap().due_at;
        let next_day = calendar.date_of(due).tomorrow().unwrap();
        prop_assert_eq!(due, calendar.starts_at(next_day).unwrap() - SignedDuration::from_secs(1));
        prop_assert!(!is_late(due, due + SignedDuration::from_millis(999)));
        prop_assert!(is_late(due, due + SignedDuration::from_secs(1)));
    }

    #[test]
    fn an_act_is_late_exactly_when_it_has_a_lateness(due in minutes(), at in minutes()) {
        prop_assert_eq!(is_late(due, at), lateness(due, at) > SignedDuration::ZERO);
    }

    #[test]
    fn the_working_time_until_a_limit_is_its_amount(
        calendar in inclusive_calendars(), start in minutes(), count in 0_u32..3000,
    ) {
        let due = calendar.due(start, working_minutes(count)).unwrap().due_at;
        let worked = SignedDuration::from_mins(i64::from(count));
        prop_assert_eq!(calendar.working_time(Interval::new(start, due).unwrap()).unwrap(), worked);
        prop_assert_eq!(calendar.add_working_time(start, worked).unwrap(), due);
    }

    #[test]
    fn counting_backwards_from_a_limit_leaves_its_amount(
        calendar in inclusive_calendars(), end in minutes(), count in 0_u32..3000,
    ) {
        let latest = calendar.before(end, working_minutes(count)).unwrap().due_at;
        let worked = SignedDuration::from_mins(i64::from(count));
        prop_assert_eq!(calendar.working_time(Interval::new(latest, end).unwrap()).unwrap(), worked);
    }

    #[test]
    fn a_paused_clock_runs_on_where_it_stopped(
        calendar in inclusive_calendars(), start in minutes(),
        a in 0_u32..2000, b in 1_u32..2000, length in 0_i32..5000,
        unit in select(vec![Unit::WorkingMinute, Unit::Minute]),
    ) {
        let minutes = |count| Amount::new(count, unit).unwrap();
        let from = calendar.due(start, minutes(a)).unwrap().due_at;
        let pause = Interval::new(from, from + MINUTE * length).unwrap();
        let paused = calendar.due_with_pauses(start, minutes(a + b), &[pause]).unwrap().due_at;
        prop_assert_eq!(paused, calendar.due(pause.to(), minutes(b)).unwrap().due_at);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn working_time_is_what_a_walk_by_minutes_finds(
        calendar in inclusive_calendars().prop_filter("an hour a week", is_walkable),
        start in minutes(), count in 0_u32..600, pauses in pauses(),
    ) {
        let due = calendar.due_with_pauses(start, working_minutes(count), &pauses).unwrap();
        prop_assert_eq!(due.due_at, slow::add(&calendar, start, count, &pauses), "{}", due.computation);
        let latest = calendar.before(start, working_minutes(count)).unwrap();
        prop_assert_eq!(latest.due_at, slow::subtract(&calendar, start, count), "{}", latest.computation);
        let opening = calendar.next_opening(start).unwrap();
        let mut minutes = std::iter::successors(Some(start), |at| Some(*at + MINUTE));
        let first = minutes.find(|at| slow::is_open(&calendar, *at));
        prop_assert_eq!(Some(opening), first);
    }
}
