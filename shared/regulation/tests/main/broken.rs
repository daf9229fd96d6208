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
fn faults_of_form_do_not_hide_those_of_meaning() {
    let found = patch(
        "limits:\n  arrival: {ammount: 24h}\n  audit: {of: cases}\n  answer: {when: \"case.knid == 'enquiry'\"}\n\
         records:\n  trip_report: {by: [enginer]}\n",
    );
    assert_eq!(
        found,
        [
            "pack.yaml:4:22 limits.arrival.ammount: unknown word `ammount`; did you mean `amount`?",
            "pack.yaml:5:15 limits.audit.of: unknown word `cases`; did you mean `case`?",
            "pack.yaml:6:18 limits.answer.when: unknown fact `case.knid`; did you mean `case.kind`?",
            "pack.yaml:8:22 records.trip_report.by[0]: unknown role `enginer`; did you mean `engineer`?",
        ],
        "and nothing that comes only of the limit that could not be read"
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
fn a_rule_that_only_people_keep_needs_no_entry() {
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
