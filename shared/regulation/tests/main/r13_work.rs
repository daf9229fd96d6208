//! R13: the hour after a fault call, the fifteen days, the sheets, the crew and the order of steps.

use std::collections::BTreeSet;

use callout_contract::regulation::v1::limit::State;
use callout_regulation::{
    Breach, Cadence, Done, Dossier, RecordEntry,
    vocabulary::{Event, Step, Subject, Transition, words},
};
use jiff::civil::Date;

use crate::fixtures::{actor, at, civil, date, due, limit, no_holidays, pairs, r13, record, refused};

fn kept(days: &[&str], from: &str, until: Option<&str>, now: &str) -> Cadence {
    let on: BTreeSet<Date> = days.iter().map(|day| date(day)).collect();
    let done = Done { from: date(from), on: &on, until: until.map(date) };
    r13().cadence("maintenance", done, &no_holidays(), at(now)).unwrap().unwrap()
}

fn breaches(kept: &Cadence) -> Vec<(String, String)> {
    let breach = |breach: &Breach| match breach {
        Breach::TooLong { since, done_on: Some(on), late_days } => format!("{since} to {on}: {late_days}"),
        Breach::TooLong { since, done_on: None, late_days } => format!("{since} to never: {late_days}"),
        Breach::TooFew { period, done, wanted } => format!("{period}: {done} of {wanted}"),
    };
    kept.gaps.iter().map(|gap| (civil(gap.due_at), breach(&gap.breach))).collect()
}

const VISITS: [&str; 5] = ["2013-03-01", "2013-03-16", "2013-03-31", "2013-04-16", "2013-05-01"];

#[test]
fn s3_a_day_too_long_and_a_month_with_one_visit_are_two_breaches() {
    let kept = kept(&VISITS, "2013-02-14", None, "2013-05-01T10:00");
    assert_eq!(
        breaches(&kept),
        [
            ("2013-04-15T23:59:59".to_owned(), "2013-03-31 to 2013-04-16: 1".to_owned()),
            ("2013-04-30T23:59:59".to_owned(), "2013-04: 1 of 2".to_owned()),
        ]
    );
    assert!(kept.gaps.iter().all(|gap| gap.explanation.rule == "R13-10"));
    assert_eq!(kept.gaps[1].explanation.computation, "1 of at least 2 in 2013-04");
    assert_eq!(kept.next_due_at.map(civil).as_deref(), Some("2013-05-16T23:59:59"));
    assert_eq!(kept.look_again_at.map(civil).as_deref(), Some("2013-05-17T00:00:00"));
}

#[test]
fn a_month_is_judged_when_it_is_over_and_only_when_all_of_it_was_owed() {
    // February, in which the care began, has one visit; March is not over.
    let begun = kept(&["2013-02-28"], "2013-02-14", None, "2013-03-15T23:59:59");
    assert_eq!(breaches(&begun), []);
    assert_eq!(begun.look_again_at.map(civil).as_deref(), Some("2013-03-16T00:00:00"));
    let last_second = kept(&VISITS, "2013-02-14", None, "2013-04-30T23:59:59");
    assert_eq!(breaches(&last_second).len(), 1);
    // Care that ended in April owes April nothing, and no next time.
    let ended = kept(&VISITS[..3], "2013-02-14", Some("2013-04-12"), "2013-06-01T00:00");
    assert_eq!((breaches(&ended), ended.next_due_at, ended.look_again_at), (Vec::new(), None, None));
}

#[test]
fn the_first_time_is_counted_from_the_agreement_and_a_missing_one_shows_the_second_after() {
    let in_time = kept(&[], "2013-03-01", None, "2013-03-16T23:59:59");
    assert_eq!(
        (breaches(&in_time), in_time.next_due_at.map(civil).as_deref()),
        (Vec::new(), Some("2013-03-16T23:59:59"))
    );
    let late = kept(&[], "2013-03-01", None, "2013-03-17T00:00:00");
    assert_eq!(breaches(&late), [("2013-03-16T23:59:59".to_owned(), "2013-03-01 to never: 1".to_owned())]);
    assert!(r13().maintenance_routine("maintenance").is_ok());
    assert!(r13().maintenance_routine("spot_check").is_err());
}

#[test]
fn s4_a_sheet_is_due_by_the_next_thirtieth_or_the_last_day_of_a_shorter_month() {
    for (signed, due_at) in [
        ("2013-01-30T10:00", "2013-01-30T23:59:59"),
        ("2013-01-31T10:00", "2013-02-28T23:59:59"),
        ("2013-02-27T10:00", "2013-02-28T23:59:59"),
        ("2013-03-09T02:40", "2013-03-30T23:59:59"),
    ] {
        let mut dossier = Dossier::default();
        dossier.milestones.push((Event::Completed, at(signed)));
        let sheet = limit(&r13(), Subject::WorkOrder, "sheets_return", &dossier, due_at).unwrap();
        assert_eq!((due(&sheet).as_str(), sheet.state()), (due_at, State::Running), "{signed}");
    }
}

fn on_site(work: &str, certified: i64) -> Dossier {
    let mut dossier = Dossier::default();
    dossier.facts.set(words::CASE_WORK, work);
    dossier.facts.set(words::ORDER_MODE, "on_site");
    dossier.facts.set(words::ORDER_CREW, 2);
    dossier.facts.set(words::ORDER_CERTIFIED, certified);
    dossier.records.push(record("owner_consent", "2013-03-09T00:40"));
    dossier.records.push(record("signs_in_place", "2013-03-09T00:45"));
    dossier
}

fn with_fields(kind: &str, when: &str, fields: &[(&str, &str)]) -> RecordEntry {
    let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    RecordEntry { fields, ..record(kind, when) }
}

#[test]
fn s9_work_begins_with_two_certified_persons_consent_and_signs() {
    let technician = actor("technician");
    let start = |dossier: &Dossier| r13().gate(Transition::Start, dossier, &technician, at("2013-03-09T01:00"));
    assert!(start(&on_site("maintenance", 2)).is_ok());
    assert_eq!(refused(start(&on_site("maintenance", 1))), pairs(&[("R13-31", "condition:order.certified >= 2")]));
    let mut without = on_site("maintenance", 2);
    without.records.retain(|record| record.kind != "owner_consent");
    assert_eq!(refused(start(&without)), pairs(&[("R13-31", "record:owner_consent")]));
}

#[test]
fn s2_what_cannot_be_solved_waits_for_the_managers_solution() {
    let technician = actor("technician");
    let start = |dossier: &Dossier, when: &str| r13().gate(Transition::Start, dossier, &technician, at(when));
    let mut dossier = on_site("repair", 2);
    assert_eq!(refused(start(&dossier, "2013-03-09T00:50")), pairs(&[("R13-17", "record:diagnosis")]));
    dossier.records.push(with_fields("diagnosis", "2013-03-09T00:55", &[("decision", "cannot_solve")]));
    assert_eq!(refused(start(&dossier, "2013-03-09T00:56")), pairs(&[("R13-17", "record:manager_solution")]));
    dossier.records.push(record("manager_solution", "2013-03-09T01:10"));
    assert!(start(&dossier, "2013-03-09T01:11").is_ok());
    assert!(start(&dossier, "2013-03-09T00:56").is_err(), "it was not there then");
}

#[test]
fn s9_nothing_is_changed_without_permission_and_the_rescue_keeps_its_order() {
    let (regulation, technician) = (r13(), actor("technician"));
    let before = |kind: &str, dossier: &Dossier| {
        regulation.gate(Step::Record(kind.to_owned()), dossier, &technician, at("2013-03-09T02:00"))
    };
    let mut dossier = on_site("maintenance", 2);
    dossier.milestones.push((Event::Arrived, at("2013-03-09T00:30")));
    assert_eq!(refused(before("setting_changed", &dossier)), pairs(&[("R13-34", "record:change_permission")]));
    dossier.records.push(with_fields("portable_lamp", "2013-03-09T01:00", &[("volts", "36")]));
    assert!(before("portable_lamp", &dossier).is_ok());
    dossier.records.push(with_fields("portable_lamp", "2013-03-09T01:30", &[("volts", "36.1")]));
    assert_eq!(before("portable_lamp", &dossier).unwrap_err()[0].rule, "R13-32");
    assert_eq!(before("door_contact_bridged", &dossier).unwrap_err()[0].rule, "R13-33");

    dossier.records.push(with_fields("brake_released", "2013-03-09T01:40", &[("persons", "2")]));
    let out_of_order = regulation.pass_station("brake_released", &dossier, &technician, at("2013-03-09T01:40"));
    assert_eq!(
        refused(out_of_order),
        pairs(&[("R13-36", "record:main_power_off"), ("R13-36", "record:passengers_told")])
    );
}

#[test]
fn s10_a_time_promised_for_tomorrow_is_refused() {
    let regulation = r13();
    let mut dossier = Dossier::default();
    let promise = |time: &str| with_fields("answer_promised", "2013-03-05T10:11", &[("promised_for", time)]);
    let admit = |dossier: &Dossier, time: &str| {
        regulation.admit_promise(Subject::Case, dossier, &promise(time), &no_holidays(), at("2013-03-05T10:11"))
    };
    let today = "2013-03-05T23:59:59+08:00";
    assert_eq!(refused(admit(&dossier, today)), pairs(&[("R13-16", "limit:open_question")]), "nothing was left open");
    dossier.records.push(record("open_question", "2013-03-05T10:10"));
    assert!(admit(&dossier, today).is_ok());
    let tomorrow = admit(&dossier, "2013-03-06T09:00:00+08:00");
    assert_eq!(refused(tomorrow), pairs(&[("R13-16", "field:promised_for")]));
    assert!(
        regulation
            .admit_promise(
                Subject::Case,
                &dossier,
                &record("call_record", "2013-03-05T10:11"),
                &no_holidays(),
                at("2013-03-05T10:11")
            )
            .is_ok()
    );
}
