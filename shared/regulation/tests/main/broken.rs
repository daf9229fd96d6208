//! Packs with mistakes: each is found, shown where it is, with what would be right.

use callout_regulation::{BUILT_IN, Source, load};

fn problems(text: &str) -> Vec<String> {
    match load(Source { file: "pack.yaml", text }, BUILT_IN) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    }
}

/// A pack that changes the built-in one in one place.
fn patch(change: &str) -> Vec<String> {
    problems(&format!("pack: R01-changed\nextends: R01-aerial-platforms\n{change}"))
}

#[test]
fn a_text_that_is_not_yaml_is_shown_where_it_breaks() {
    assert_eq!(problems("pack: R01\nroles: [a, b\n"), ["pack.yaml:2:8: not YAML: unclosed bracket '['"]);
    assert_eq!(problems("- a\n"), ["pack.yaml:1:1: a pack is a mapping: `pack: R01-…` comes first"]);
    assert_eq!(
        problems("pack: a\nroles: *x\n").first().map(|it| it.starts_with("pack.yaml:2:8")),
        Some(true),
        "an alias is refused where it stands"
    );
}

#[test]
fn a_key_that_stands_twice_is_found() {
    assert_eq!(
        problems("pack: a\nrevision: 1\npack: b\n"),
        ["pack.yaml:3:1 pack: `pack` stands here twice; the first is in line 1"]
    );
}

#[test]
fn a_pack_that_extends_an_unknown_one_is_refused() {
    let problem =
        "pack.yaml:2:10 extends: there is no pack `R01-aerial`; known are R01-aerial-platforms, R01-agent-sales";
    let found = problems("pack: a\nextends: R01-aerial\n");
    assert!(found.len() == 1 && found[0].starts_with(problem), "{found:#?}");
    assert_eq!(
        load(
            Source { file: "a.yaml", text: "pack: a\nextends: a\n" },
            &[Source { file: "a.yaml", text: "pack: a\nextends: a\n" }]
        )
        .unwrap_err()
        .to_string(),
        "a.yaml:2:10 extends: `a` extends itself"
    );
}

#[test]
fn every_problem_of_the_shape_is_found_at_once() {
    let found = patch(
        "limits:\n  arrival: {ammount: 24h}\n  answer: {of: cases}\n  audit: {amount: 5 days, responsible: 7}\n\
         gates:\n  before_departure: {before: depart}\nroles:\n  engineer: {profile: fitter}\n",
    );
    assert_eq!(
        found,
        [
            "pack.yaml:4:22 limits.arrival.ammount: unknown word `ammount`; did you mean `amount`?",
            "pack.yaml:5:16 limits.answer.of: unknown word `cases`; did you mean `case`?",
            "pack.yaml:6:19 limits.audit.amount: `5 days` is not an amount of time: the unit is one of min, h, wmin, wh \
             (working time), d, wd (working days), mo or y",
            "pack.yaml:6:40 limits.audit.responsible: `7` is a number where a text is expected; put it in quotes",
            "pack.yaml:8:30 gates.before_departure.before: invalid type: string \"depart\", expected a sequence",
            "pack.yaml:10:23 roles.engineer.profile: unknown word `fitter`; known here are desk, engineer, warehouse, \
             finance, receiver, approver, viewer",
        ]
    );
}

#[test]
fn problems_in_a_list_keep_their_places() {
    let found = patch(
        "coverage:\n  verdicts:\n    - {id: a, rule: R01-03, outcome: gratis}\n    - {rule: R01-03, outcome: free}\n    \
         - {id: c, rule: R01-03, outcome: free, colour: red}\n",
    );
    assert_eq!(
        found,
        [
            "pack.yaml:5:38 coverage.verdicts[0].outcome: unknown word `gratis`; known here are free, paid, contract, \
             held, refused",
            "pack.yaml:6:7 coverage.verdicts[1]: `id` is missing",
            "pack.yaml:7:52 coverage.verdicts[2].colour: unknown word `colour`; known here are id, rule, also, when, \
             outcome, payer, tariff, notify_before, charge_after, needs, until_met",
        ]
    );
}

#[test]
fn what_a_pack_lacks_is_said() {
    let found = problems("pack: a\nrevision: 1\n");
    assert_eq!(found, ["pack.yaml:1:1: `title` is missing"]);
}

#[test]
fn an_unknown_fact_is_found_with_the_one_that_was_meant() {
    assert_eq!(
        patch("limits:\n  answer: {when: \"case.knid == 'enquiry'\"}\n"),
        ["pack.yaml:4:18 limits.answer.when: unknown fact `case.knid`; did you mean `case.kind`?"]
    );
}

#[test]
fn a_fact_that_is_not_known_in_a_section_is_found() {
    assert_eq!(
        patch("priorities:\n  service: {rank: [\"order.distance_km\"]}\n"),
        [
            "pack.yaml:4:20 priorities.service.rank[0]: `order.distance_km` is not known in priorities; it is known in gates, \
          limits"
        ]
    );
}

#[test]
fn a_value_that_a_fact_cannot_have_is_found() {
    for (expression, problem) in [
        ("case.kind == 'repairs'", "`case.kind` is never `repairs`; did you mean `repair`?"),
        ("'repairs' != case.kind", "`case.kind` is never `repairs`; did you mean `repair`?"),
        ("case.kind in ['repair', 'repairs']", "`case.kind` is never `repairs`; did you mean `repair`?"),
        ("product.class == '9'", "`product.class` is never `9`; it may be 1, 2, 3, 4"),
        (
            "'korean_partners' in verdict.notify_before",
            "`verdict.notify_before` is never `korean_partners`; did you mean `korean_partner`?",
        ),
    ] {
        assert_eq!(
            patch(&format!("limits:\n  answer: {{when: \"{expression}\"}}\n")),
            [format!("pack.yaml:4:18 limits.answer.when: {problem}")]
        );
    }
}

#[test]
fn an_expression_of_the_wrong_type_is_found() {
    assert_eq!(
        patch("limits:\n  answer: {when: \"order.distance_km\"}\n"),
        ["pack.yaml:4:18 limits.answer.when: `order.distance_km` gives number; it must give true or false"]
    );
    assert_eq!(
        patch("consequences:\n  audit_late: {amount: \"limit.late_days > 1\"}\n"),
        ["pack.yaml:4:24 consequences.audit_late.amount: `limit.late_days > 1` gives bool; it must give a number"]
    );
    let mixed = patch("limits:\n  answer: {when: \"order.distance_km <= 'far'\"}\n");
    assert!(mixed[0].contains("cannot be applied to types"), "{mixed:?}");
}

#[test]
fn an_expression_that_does_not_parse_is_found() {
    let found = patch("limits:\n  answer: {when: \"case.kind == \"}\n");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("pack.yaml:4:18 limits.answer.when: `case.kind == ` is not an expression: "),
        "{found:?}"
    );
}

#[test]
fn unknown_words_of_the_pack_are_found() {
    for (change, problem) in [
        (
            "records:\n  trip_report: {by: [enginer]}\n",
            "pack.yaml:4:22 records.trip_report.by[0]: unknown role `enginer`; did you mean `engineer`?",
        ),
        (
            "gates:\n  before_departure: {needs: [plan_told]}\n",
            "pack.yaml:4:30 gates.before_departure.needs[0]: unknown record `plan_told`; did you mean \
             `plan_told_again`?",
        ),
        (
            "gates:\n  before_departure: {before: [departs]}\n",
            "pack.yaml:4:31 gates.before_departure.before[0]: unknown transition `departs`; did you mean `depart`?",
        ),
        (
            "limits:\n  arrival: {to: arived}\n",
            "pack.yaml:4:17 limits.arrival.to: unknown event `arived`; did you mean `arrived`?",
        ),
        (
            "limits:\n  trip_report: {to: \"record:trip_reports\"}\n",
            "pack.yaml:4:21 limits.trip_report.to: unknown record `trip_reports`; did you mean `trip_report`?",
        ),
        (
            "consequences:\n  audit_late: {on: [\"limit:audits\"]}\n",
            "pack.yaml:4:21 consequences.audit_late.on[0]: unknown limit `audits`; did you mean `audit`?",
        ),
        (
            "consequences:\n  audit_late: {on: [audit]}\n",
            "pack.yaml:4:21 consequences.audit_late.on[0]: unknown trigger `audit`; write `limit:<id>` or `finding:<kind>`",
        ),
        (
            "records:\n  partner_notified: {party: korean_partners}\n",
            "pack.yaml:4:29 records.partner_notified.party: unknown party `korean_partners`; did you mean `korean_partner`?",
        ),
        (
            "limits:\n  audit: {rule: R01-99}\n",
            "pack.yaml:4:17 limits.audit.rule: unknown rule `R01-99`; did you mean `R01-",
        ),
        (
            "zone: Asia/Peking\n",
            "pack.yaml:3:7 zone: `Asia/Peking` is no time zone; write an IANA name such as `Asia/Shanghai`",
        ),
    ] {
        let found = patch(change);
        assert!(found.iter().any(|it| it.starts_with(problem)), "{problem}\n{found:#?}");
    }
}

#[test]
fn what_does_not_belong_together_is_found() {
    for (change, problem) in [
        (
            "limits:\n  answer: {from: arrived}\n",
            "pack.yaml:4:18 limits.answer.from: `arrived` happens to a work_order, which a case does not belong to",
        ),
        (
            "coverage:\n  verdicts: [{id: a, rule: R01-03, outcome: paid}]\n",
            "pack.yaml:4:14 coverage.verdicts[0]: a verdict `paid` names the `tariff` by which it is quoted",
        ),
        (
            "coverage:\n  verdicts: [{id: a, rule: R01-03, outcome: free, needs: [partner_notified], until_met: held}]\n",
            "pack.yaml:4:59 coverage.verdicts[0].needs[0]: `partner_notified` is put on record of a work_order, which a case \
             does not belong to",
        ),
        (
            "limits:\n  arrival: {amount: 24h}\n",
            "pack.yaml:4:3 limits.arrival: says its time twice; give `amount`, `tiers` or `by_day`",
        ),
        (
            "limits:\n  arrival: {tiers: [{amount: 1h}, {when: \"order.distance_km > 1\", amount: 2h}]}\n",
            "pack.yaml:4:21 limits.arrival.tiers[0]: a tier without `when` comes last: those after it never count",
        ),
        (
            "limits:\n  audit: {until_record: {field: reason}}\n",
            "pack.yaml:4:33 limits.audit.until_record.field: the form of `audit_extension` has no date or instant `reason`",
        ),
        (
            "consequences:\n  return_without_consent: {band: {min: 600}}\n",
            "pack.yaml:4:28 consequences.return_without_consent.band: the band is empty: 600 is more than 500",
        ),
        (
            "scorecards:\n  administrator_work: {result: weighted, indicators: {timeliness: {weight: 60}, service_quality: \
             {weight: 39.99}}}\n",
            "pack.yaml:4:42 scorecards.administrator_work.indicators: the weights make 99.99 together; they must make exactly \
             100",
        ),
        (
            "routines:\n  user_visits: {every: 1y}\n",
            "pack.yaml:4:3 routines.user_visits: recurs by `every` with `from`, or by `period` with `due`; give one pair",
        ),
        (
            "limits:\n  answer: {also_met_by: [arrived]}\n",
            "pack.yaml:4:26 limits.answer.also_met_by[0]: `arrived` happens to a work_order, which a case does not belong to",
        ),
        (
            "limits:\n  answer: {unless: [arrived]}\n",
            "pack.yaml:4:21 limits.answer.unless[0]: `arrived` happens to a work_order, which a case does not belong to",
        ),
        ("loans:\n  zeroing: {listed: null}\n", "R01-aerial-platforms.yaml:"),
    ] {
        let found = patch(change);
        assert!(found.iter().any(|it| it.starts_with(problem)), "{problem}\n{found:#?}");
    }
}

#[test]
fn a_role_has_no_name_of_one_of_the_suites_own() {
    for role in ["administrator", "service"] {
        assert_eq!(
            patch(&format!("roles:\n  {role}: {{en: clerk, zh: 职员, profile: desk}}\n")),
            [format!(
                "pack.yaml:4:3 roles.{role}: `{role}` is a role of the suite itself, which no rule narrows; take another \
                 name"
            )]
        );
    }
}

#[test]
fn a_rule_that_no_entry_keeps_is_found() {
    assert_eq!(
        patch("rules:\n  R01-77: {service: intake, kept: enforced, text: {en: x, zh: y}}\n"),
        [
            "pack.yaml:4:3 rules.R01-77: `R01-77` is said to be enforced, but no entry comes from it; name it in one, or say \
          `kept: recorded`"
        ]
    );
    assert!(patch("rules:\n  R01-77: {service: intake, kept: recorded, text: {en: x, zh: y}}\n").is_empty());
}

#[test]
fn exact_decimals_are_read_with_and_without_quotes() {
    for weight in ["33.4", "\"33.4\""] {
        let found = patch(&format!(
            "scorecards:\n  administrator_work: {{result: weighted, indicators: {{timeliness: {{weight: 66.6}}, \
             service_quality: {{weight: {weight}}}}}}}\n"
        ));
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn rates_and_what_is_asked_for_when_a_routine_is_done_are_checked() {
    let found = problems(
        "pack: R31-changed\nextends: R31-power-equipment\nrates:\n  reply: {in_time: arrival}\n  studied: {holds: null}\n\
         routines:\n  monthly_study: {rates: [study]}\n  visit_records: {person_in_charge: true, form: sheet}\n  \
         customer_visits_of_the_year: {condition: \"form.by_vist\"}\n\
         gates:\n  papers_handed_in: {each_day: {field: work, from: granted}}\n",
    );
    let said = found.iter().map(|problem| problem.split_once(": ").map_or("", |(_, said)| said));
    let said: Vec<&str> = said.map(|said| said.split_once("; declared").map_or(said, |(said, _)| said)).collect();
    assert_eq!(
        said,
        [
            "unknown limit `arrival`",
            "asks for nothing; give `in_time` or `holds`",
            "unknown rate `study`",
            "goes with `per: customer`",
            "unknown form `sheet`",
            "unknown fact `form.by_vist`; did you mean `form.by_visit`?",
            "the form of `daily_report` has no date `work`",
        ]
    );
}
