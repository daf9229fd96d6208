//! Every kind of mistake that the checker knows by an example, with where it is shown and what is said.

use std::collections::BTreeSet;

use callout_regulation::{BUILT_IN, Source, load};

/// Where a mistake is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum In {
    /// In a text that is nothing else.
    Whole,
    /// In a pack that changes a built-in one, which is right, from its third line on.
    Patch,
}

/// What kind of mistake, where, the text, and how the problem begins: line, column, path and sentence.
type Mistake = (&'static str, In, &'static str, &'static str);

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    ("no YAML", In::Whole,
     "pack: R01\nroles: [a, b\n",
     "2:8: not YAML"),
    ("no mapping", In::Whole,
     "- a\n",
     "1:1: a pack is a mapping"),
    ("an alias", In::Whole,
     "pack: a\nroles: *x\n",
     "2:8"),
    ("a key twice", In::Whole,
     "pack: a\nrevision: 1\npack: b\n",
     "3:1 pack: `pack` stands here twice; the first is in line 1"),
    ("an unknown pack", In::Whole,
     "pack: a\nextends: R01-aerial\n",
     "2:10 extends: there is no pack `R01-aerial`; known are "),
    ("a part that is missing", In::Whole,
     "pack: a\nrevision: 1\n",
     "1:1: `title` is missing"),
    ("an unknown key", In::Patch,
     "limits:\n  arrival: {ammount: 24h}\n",
     "4:22 limits.arrival.ammount: unknown word `ammount`; did you mean `amount`?"),
    ("an unknown value", In::Patch,
     "coverage:\n  verdicts: [{id: a, rule: R01-03, outcome: gratis}]\n",
     "4:45 coverage.verdicts[0].outcome: unknown word `gratis`; known here are free, paid"),
    ("an element without its name", In::Patch,
     "coverage:\n  verdicts: [{rule: R01-03, outcome: free}]\n",
     "4:14 coverage.verdicts[0]: `id` is missing"),
    ("a number for a text", In::Patch,
     "limits:\n  audit: {responsible: 7}\n",
     "4:24 limits.audit.responsible: `7` is a number where a text is expected; put it in quotes"),
    ("a word for a list", In::Patch,
     "gates:\n  before_departure: {before: depart}\n",
     "4:30 gates.before_departure.before: invalid type"),
    ("no amount of time", In::Patch,
     "limits:\n  audit: {amount: 5 days}\n",
     "4:19 limits.audit.amount: `5 days` is not an amount of time"),
    ("an unknown fact", In::Patch,
     "limits:\n  answer: {when: \"case.knid == 'enquiry'\"}\n",
     "4:18 limits.answer.when: unknown fact `case.knid`; did you mean `case.kind`?"),
    ("a fact of another section", In::Patch,
     "priorities:\n  service: {rank: [\"order.distance_km\"]}\n",
     "4:20 priorities.service.rank[0]: `order.distance_km` is not known in priorities"),
    ("a value that a fact never has", In::Patch,
     "limits:\n  answer: {when: \"case.kind == 'repairs'\"}\n",
     "4:18 limits.answer.when: `case.kind` is never `repairs`; did you mean `repair`?"),
    ("a condition that gives a number", In::Patch,
     "limits:\n  answer: {when: \"order.distance_km\"}\n",
     "4:18 limits.answer.when: `order.distance_km` gives number; it must give true or false"),
    ("an amount that is no number", In::Patch,
     "consequences:\n  audit_late: {amount: \"limit.late_days > 1\"}\n",
     "4:24 consequences.audit_late.amount: `limit.late_days > 1` gives bool; it must give a number"),
    ("types that cannot be compared", In::Patch,
     "limits:\n  answer: {when: \"order.distance_km <= 'far'\"}\n",
     "4:18 limits.answer.when: "),
    ("no expression", In::Patch,
     "limits:\n  answer: {when: \"case.kind == \"}\n",
     "4:18 limits.answer.when: `case.kind == ` is not an expression: "),
    ("an unknown role", In::Patch,
     "records:\n  trip_report: {by: [enginer]}\n",
     "4:22 records.trip_report.by[0]: unknown role `enginer`; did you mean `engineer`?"),
    ("an unknown record", In::Patch,
     "gates:\n  before_departure: {needs: [plan_told]}\n",
     "4:30 gates.before_departure.needs[0]: unknown record `plan_told`; did you mean `plan_told_again`?"),
    ("an unknown transition", In::Patch,
     "gates:\n  before_departure: {before: [departs]}\n",
     "4:31 gates.before_departure.before[0]: unknown transition `departs`; did you mean `depart`?"),
    ("an unknown event", In::Patch,
     "limits:\n  arrival: {to: arived}\n",
     "4:17 limits.arrival.to: unknown event `arived`; did you mean `arrived`?"),
    ("an unknown record of a moment", In::Patch,
     "limits:\n  trip_report: {to: \"record:trip_reports\"}\n",
     "4:21 limits.trip_report.to: unknown record `trip_reports`; did you mean `trip_report`?"),
    ("an unknown limit", In::Patch,
     "consequences:\n  audit_late: {on: [\"limit:audits\"]}\n",
     "4:21 consequences.audit_late.on[0]: unknown limit `audits`; did you mean `audit`?"),
    ("no trigger", In::Patch,
     "consequences:\n  audit_late: {on: [audit]}\n",
     "4:21 consequences.audit_late.on[0]: unknown trigger `audit`; write `limit:<id>` or `finding:<kind>`"),
    ("an unknown party", In::Patch,
     "records:\n  partner_notified: {party: korean_partners}\n",
     "4:29 records.partner_notified.party: unknown party `korean_partners`; did you mean `korean_partner`?"),
    ("an unknown rule", In::Patch,
     "limits:\n  audit: {rule: R01-99}\n",
     "4:17 limits.audit.rule: unknown rule `R01-99`; did you mean `R01-"),
    ("a rule that no entry keeps", In::Patch,
     "rules:\n  R01-77: {service: intake, kept: enforced, text: {en: x, zh: y}}\n",
     "4:3 rules.R01-77: `R01-77` is said to be enforced, but no entry comes from it; name it in one, or say `kept: recorded`"),
    ("an unknown time zone", In::Patch,
     "zone: Asia/Peking\n",
     "3:7 zone: `Asia/Peking` is no time zone; write an IANA name such as `Asia/Shanghai`"),
    ("a role of the suite's own", In::Patch,
     "roles:\n  administrator: {en: clerk, zh: 职员, profile: desk}\n",
     "4:3 roles.administrator: `administrator` is a role of the suite itself"),
    ("a moment of another subject", In::Patch,
     "limits:\n  answer: {from: arrived}\n",
     "4:18 limits.answer.from: `arrived` happens to a work_order, which a case does not belong to"),
    ("a record of another subject", In::Patch,
     "coverage:\n  verdicts: [{id: a, rule: R01-03, outcome: free, needs: [partner_notified], until_met: held}]\n",
     "4:59 coverage.verdicts[0].needs[0]: `partner_notified` is put on record of a work_order, which a case does not belong to"),
    ("a price without a tariff", In::Patch,
     "coverage:\n  verdicts: [{id: a, rule: R01-03, outcome: paid}]\n",
     "4:14 coverage.verdicts[0]: a verdict `paid` names the `tariff` by which it is quoted"),
    ("a time that is said twice", In::Patch,
     "limits:\n  arrival: {amount: 24h}\n",
     "4:3 limits.arrival: says its time twice; give `amount`, `tiers` or `by_day`"),
    ("a tier that is never reached", In::Patch,
     "limits:\n  arrival: {tiers: [{amount: 1h}, {when: \"order.distance_km > 1\", amount: 2h}]}\n",
     "4:21 limits.arrival.tiers[0]: a tier without `when` comes last: those after it never count"),
    ("a field that is no time", In::Patch,
     "limits:\n  audit: {until_record: {field: reason}}\n",
     "4:33 limits.audit.until_record.field: the form of `audit_extension` has no date or instant `reason`"),
    ("an empty band", In::Patch,
     "consequences:\n  return_without_consent: {band: {min: 600}}\n",
     "4:28 consequences.return_without_consent.band: the band is empty: 600 is more than 500"),
    ("weights that do not add up", In::Patch,
     "scorecards:\n  administrator_work: {result: weighted, indicators: {timeliness: {weight: 60}, service_quality: {weight: 39.99}}}\n",
     "4:42 scorecards.administrator_work.indicators: the weights make 99.99 together; they must make exactly 100"),
    ("a recurrence of two kinds", In::Patch,
     "routines:\n  user_visits: {every: 1y}\n",
     "4:3 routines.user_visits: recurs by `every` with `from`, or by `period` with `due`; give one pair"),
];

#[test]
fn each_kind_of_mistake_is_shown_where_it_stands_with_what_would_be_right() {
    let mut wrong = Vec::new();
    for (kind, place, text, problem) in MISTAKES {
        let text = match place {
            In::Whole => (*text).to_owned(),
            In::Patch => format!("pack: R01-changed\nextends: R01-aerial-platforms\n{text}"),
        };
        let problems = load(Source { file: "pack.yaml", text: &text }, BUILT_IN).expect_err(kind).0;
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let expected = format!("pack.yaml:{problem}");
        if !problems.iter().any(|found| found.starts_with(&expected)) {
            wrong.push(format!("{kind}: {expected}\n{problems:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_examples_are_of_the_same_kind() {
    let kinds: BTreeSet<_> = MISTAKES.iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds.len(), MISTAKES.len());
}
