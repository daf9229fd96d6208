//! Until when volumes are kept.

use callout_regulation::{
    BUILT_IN, SettingValue, Source,
    calendar::{CalendarPeriod, Period},
    load,
};

use crate::fixtures::{actor, at, date, dec, no_holidays, pairs, refused};

fn quarter() -> CalendarPeriod {
    Period::Quarter.containing(date("2024-05-01")).unwrap()
}

/// The regulation of outsourced elevators, where it states a term.
fn with_term(term: &str) -> callout_regulation::Regulation {
    let text = format!(
        "pack: R22-changed\nextends: R22-elevator-outsourcing\nretention:\n  kept:\n    maintenance_records: {{term: {term}}}\n"
    );
    load(Source { file: "pack.yaml", text: &text }, BUILT_IN).unwrap()
}

#[test]
fn a_volume_is_kept_for_its_term_from_the_end_of_its_period_and_then_destroyed_by_who_keeps_it() {
    let regulation = with_term("5y");
    let bound_at = at("2024-07-05T09:00");
    let keeping = regulation.keeping("maintenance_records", quarter(), bound_at, &[], &no_holidays()).unwrap();
    assert_eq!((keeping.until, keeping.explanation.rule.as_str()), (Some(date("2029-06-30")), "R22-15"));
    let destroy =
        |role, when| regulation.admit_destruction("maintenance_records", &actor(role), keeping.until, at(when));
    assert_eq!(refused(destroy("safety_quality", "2029-06-30T23:59:59")), pairs(&[("R22-15", "date:2029-06-30")]));
    assert_eq!(destroy("safety_quality", "2029-07-01T00:00:00"), Ok(()));
    assert_eq!(
        refused(destroy("territorial_department", "2029-07-01T00:00:00")),
        pairs(&[("R22-15", "role:safety_quality")])
    );
}

#[test]
fn without_a_term_it_is_kept_for_ever() {
    let regulation = callout_regulation::Library::built_in().unwrap().named("R22-elevator-outsourcing@1").unwrap();
    let bound_at = at("2024-07-05T09:00");
    let keeping = regulation.keeping("maintenance_records", quarter(), bound_at, &[], &no_holidays()).unwrap();
    assert_eq!(keeping.until, None);
    let destroy =
        regulation.admit_destruction("maintenance_records", &actor("safety_quality"), None, at("2124-01-01T00:00"));
    assert_eq!(refused(destroy), pairs(&[("R22-15", "")]));
    assert_eq!(refused(regulation.admit_binding("photographs", &actor("safety_quality"))), pairs(&[("", "")]));
}

#[test]
fn a_term_that_is_left_to_the_organisation_is_asked_of_it() {
    let regulation = callout_regulation::Library::built_in().unwrap().named("R22-elevator-outsourcing@1").unwrap();
    let keeping = |set: &[SettingValue]| {
        regulation.keeping("duty_phone_log", quarter(), at("2024-07-05T09:00"), set, &no_holidays())
    };
    let months = |value: &str, valid_from: &str| SettingValue {
        setting: "duty_phone_log_months".to_owned(),
        value: dec(value),
        valid_from: date(valid_from),
        valid_until: None,
    };
    assert_eq!(refused(keeping(&[])), pairs(&[("R22-06", "setting:duty_phone_log_months")]));
    let not_yet = months("12", "2024-07-06");
    assert_eq!(refused(keeping(&[not_yet])), pairs(&[("R22-06", "setting:duty_phone_log_months")]));
    assert_eq!(keeping(&[months("12", "2024-07-05")]).unwrap().until, Some(date("2025-06-30")));
    assert_eq!(refused(keeping(&[months("1.5", "2024-01-01")])), pairs(&[("R22-06", "")]));
}

#[test]
fn a_volume_whose_routine_recurs_in_another_period_is_found() {
    let text = "pack: R22-changed\nextends: R22-elevator-outsourcing\nretention:\n  kept:\n    maintenance_records: \
                {bound: {period: month}}\n";
    let problems = load(Source { file: "pack.yaml", text }, BUILT_IN).unwrap_err();
    assert!(problems.0[0].message.contains("`record_binding` does not recur in the period of a volume"), "{problems}");
}
