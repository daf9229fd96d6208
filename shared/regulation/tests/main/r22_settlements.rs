//! What a contractor is paid, and when his agreement ends: the figures of the regulation of outsourced elevators.

use std::{collections::BTreeSet, sync::Arc};

use callout_regulation::{
    AgreementIncident, AgreementTerms, EarlierPeriod, Library, PeriodInput, PeriodSettlement, Regulation, ScoredPeriod,
    SettlementLineKind,
    calendar::{CalendarPeriod, Period},
    pack::{IncidentDetail, Settlement, TerminationEffect},
};
use rust_decimal::Decimal;

use crate::fixtures::{actor, at, civil, date, dec, no_holidays, pairs, refused};

const KIND: &str = "elevator_maintenance";

fn regulation() -> Arc<Regulation> {
    Library::built_in().unwrap().named("R22-elevator-outsourcing@1").unwrap().clone()
}

fn terms(regulation: &Regulation) -> &Settlement {
    regulation.settlement(KIND).unwrap()
}

fn month(text: &str) -> CalendarPeriod {
    Period::Month.containing(date(&format!("{text}-01"))).unwrap()
}

/// An incident of a machine: `kind`, `day`, machine, cause.
fn incident((kind, counts_from, product, cause): (&str, &str, &str, &str), number: usize) -> AgreementIncident {
    AgreementIncident {
        name: format!("incidents/{number:03}"),
        kind: kind.to_owned(),
        product: product.to_owned(),
        cause: cause.to_owned(),
        cost: if kind == "inspection_failed" { dec("600") } else { Decimal::ZERO },
        counts_from: at(counts_from),
    }
}

fn incidents(said: &[(&str, &str, &str, &str)]) -> Vec<AgreementIncident> {
    said.iter().enumerate().map(|(number, said)| incident(*said, number)).collect()
}

fn settle(period: &str, score: &str, incidents: &[AgreementIncident], earlier: &[EarlierPeriod]) -> PeriodSettlement {
    let regulation = regulation();
    let (annual_fee, period, score) = (dec("360000"), month(period), dec(score));
    let input = PeriodInput { annual_fee, period, score, incidents, earlier };
    regulation.settle_period(KIND, terms(&regulation), input)
}

fn paid(period: &str, score: &str, said: &[(&str, &str, &str, &str)]) -> String {
    settle(period, score, &incidents(said), &[]).payment.to_string()
}

/// The deductions, each with its amount.
fn deductions(settled: &PeriodSettlement) -> Vec<(String, String)> {
    let lines = settled.lines.iter().filter(|line| line.kind == SettlementLineKind::Deduction);
    lines.map(|line| (line.of.clone(), line.amount.to_string())).collect()
}

#[test]
fn each_tier_begins_with_its_score() {
    for (score, payment) in [
        ("90", "30000.00"),
        ("89.99", "28500.00"),
        ("80", "28500.00"),
        ("79.99", "27000.00"),
        ("70", "27000.00"),
        ("69.99", "24000.00"),
        ("0", "24000.00"),
    ] {
        assert_eq!(paid("2024-07", score, &[]), payment, "{score}");
    }
}

#[test]
fn deductions_are_shares_of_the_full_fee_and_are_added_up() {
    let july = incidents(&[
        ("repair", "2024-07-02T09:00", "E-3", "door contact"),
        ("repair", "2024-07-04T09:00", "E-9", "relay"),
        ("repair", "2024-07-05T09:00", "E-3", "door contact"),
        ("repair", "2024-07-08T09:00", "E-9", "relay"),
        ("late_rescue", "2024-07-10T03:30:01", "E-1", ""),
        ("repair", "2024-07-11T09:00", "E-3", "door contact"),
        ("record_missing", "2024-07-12T09:00", "", ""),
    ]);
    let settled = settle("2024-07", "88.5", &july, &[]);
    let expected = [
        ("repeat_repair", "-600.00"),
        ("repeat_repair", "-300.00"),
        ("late_rescue", "-600.00"),
        ("records_missing", "-150.00"),
    ];
    assert_eq!(deductions(&settled), pairs(&expected));
    assert_eq!((settled.deducted, settled.payment), (dec("1650.00"), dec("26850.00")));
    let computations: Vec<_> = settled.lines.iter().map(|line| line.explanation.computation.as_str()).collect();
    assert_eq!(
        computations,
        [
            "360000 / 12 = 30000.00",
            "88.5 >= 80: 30000.00 x 0.95 = 28500.00",
            "3 x repeat repair: 30000.00 x 0.02 = 600.00",
            "2 x repeat repair: 30000.00 x 0.01 = 300.00",
            "1 x late rescue: 30000.00 x 0.02 = 600.00",
            "1 x records missing: 30000.00 x 0.005 = 150.00",
        ]
    );
    let rules: Vec<_> = settled.lines.iter().map(|line| line.explanation.rule.as_str()).collect();
    assert_eq!(rules, ["R22-02", "R22-19", "R22-22", "R22-22", "R22-23", "R22-25"]);
}

#[test]
fn the_highest_step_reached_counts_alone() {
    let rescue = |day: &'static str| ("late_rescue", day, "E-1", "");
    let days = ["2024-07-06T03:30", "2024-07-09T03:30", "2024-07-31T23:59:59"];
    for (count, payment) in [(1, "29400.00"), (2, "28500.00"), (3, "28500.00")] {
        let said: Vec<_> = days.into_iter().take(count).map(rescue).collect();
        assert_eq!(paid("2024-07", "95", &said), payment, "{count}");
    }
    // By the clock on the wall: the first second of August is not July's.
    assert_eq!(paid("2024-07", "95", &[rescue("2024-08-01T00:00")]), "30000.00");
}

#[test]
fn a_series_is_broken_by_another_cause_at_the_machine_and_goes_on_over_the_end_of_a_month() {
    let door = |day| ("repair", day, "E-3", "door");
    let broken = [door("2024-07-01T09:00"), ("repair", "2024-07-02T09:00", "E-3", "relay"), door("2024-07-03T09:00")];
    assert_eq!(paid("2024-07", "95", &broken), "30000.00");
    let other_machine =
        [door("2024-07-01T09:00"), ("repair", "2024-07-02T09:00", "E-4", "relay"), door("2024-07-03T09:00")];
    assert_eq!(paid("2024-07", "95", &other_machine), "29700.00");
    // One repair in June, one in July, one in August: nothing, 1 %, 2 %. September has no repair of the series.
    let over = [door("2024-06-28T09:00"), door("2024-07-03T09:00"), door("2024-08-01T09:00")];
    for (month, payment) in
        [("2024-06", "30000.00"), ("2024-07", "29700.00"), ("2024-08", "29400.00"), ("2024-09", "30000.00")]
    {
        assert_eq!(paid(month, "95", &over), payment, "{month}");
    }
    // Two series of the same cause at one machine are two.
    let twice = [
        door("2024-07-01T09:00"),
        door("2024-07-02T09:00"),
        ("repair", "2024-07-03T09:00", "E-3", "relay"),
        door("2024-07-04T09:00"),
        door("2024-07-05T09:00"),
    ];
    assert_eq!(paid("2024-07", "95", &twice), "29400.00");
}

#[test]
fn two_failed_inspections_are_deducted_once_and_each_fee_is_passed_on() {
    let failed = incidents(&[
        ("inspection_failed", "2024-07-08T09:00", "E-1", ""),
        ("inspection_failed", "2024-07-09T09:00", "E-2", ""),
    ]);
    let settled = settle("2024-07", "93", &failed, &[]);
    assert_eq!((settled.deducted, settled.payment), (dec("600.00"), dec("29400.00")));
    let passed_on: Vec<_> = settled.passed_on.iter().map(|line| line.amount).collect();
    assert_eq!(passed_on, [dec("600.00"), dec("600.00")]);
    assert_eq!(settled.passed_on[0].explanation.computation, "600 x 1.00 = 600.00");
}

#[test]
fn a_share_of_the_quarterly_fee_is_one_of_three_months_for_each_problem() {
    let problem = ("quality_not_rectified", "2024-07-11T00:00", "", "");
    assert_eq!(paid("2024-07", "84", &[problem]), "27600.00");
    assert_eq!(paid("2024-07", "84", &[problem, problem]), "26700.00");
}

#[test]
fn an_accident_takes_the_whole_fee_and_a_payment_is_never_below_0() {
    let accident = ("accident", "2024-07-11T09:00", "", "");
    assert_eq!(paid("2024-07", "96", &[accident]), "0.00");
    let settled = settle("2024-07", "60", &incidents(&[accident, ("late_rescue", "2024-07-12T09:00", "E-1", "")]), &[]);
    assert_eq!((settled.deducted, settled.payment), (dec("30600.00"), Decimal::ZERO));
}

#[test]
fn a_fee_that_does_not_divide_is_rounded_half_up() {
    let regulation = regulation();
    let input = PeriodInput {
        annual_fee: dec("100000"),
        period: month("2024-07"),
        score: dec("85"),
        incidents: &[],
        earlier: &[],
    };
    let settled = regulation.settle_period(KIND, terms(&regulation), input);
    // 100 000 / 12 = 8333.333… and 8333.33 x 0.95 = 7916.6635
    assert_eq!(settled.lines.iter().map(|line| line.amount).collect::<Vec<_>>(), [dec("8333.33"), dec("7916.66")]);
}

fn settled(period: &str, score: &str, amount: &str, passed_on: &[&str]) -> EarlierPeriod {
    let passed_on: BTreeSet<String> = passed_on.iter().map(|name| (*name).to_owned()).collect();
    EarlierPeriod { period: month(period), score: dec(score), settled: dec(amount), passed_on }
}

#[test]
fn what_becomes_known_after_a_settlement_is_corrected_with_the_next_one() {
    // July was settled with one late rescue; a second one on the 30th makes it 5 %, not 2 + 5.
    let late = incidents(&[
        ("late_rescue", "2024-07-06T03:30", "E-1", ""),
        ("late_rescue", "2024-07-30T03:30", "E-2", ""),
        ("inspection_failed", "2024-07-31T09:00", "E-1", ""),
    ]);
    let august = settle("2024-08", "92", &late, &[settled("2024-07", "95", "29400", &[])]);
    let correction = august.lines.last().unwrap();
    assert_eq!((correction.kind, correction.of.as_str()), (SettlementLineKind::Correction, "2024-07"));
    assert_eq!(correction.amount, dec("-1500"));
    assert_eq!(correction.explanation.computation, "2024-07: 27900.00 - 29400 settled = -1500.00");
    assert_eq!((august.due, august.payment), (dec("30000.00"), dec("28500.00")));
    // The fee of the re-inspection is passed on with it, and never twice.
    assert_eq!(august.passed_on.len(), 1);
    let again = settle("2024-09", "92", &late, &[settled("2024-08", "92", "30000", &["incidents/002"])]);
    assert_eq!(again.passed_on, []);
    // Once it was corrected, nothing is left to correct.
    let september = settle("2024-09", "92", &late, &[settled("2024-07", "95", "27900", &[])]);
    assert_eq!(september.payment, dec("30000.00"));
}

#[test]
fn a_correction_takes_a_payment_to_0_and_leaves_the_rest_to_the_next_one() {
    let late = incidents(&[("accident", "2024-07-30T09:00", "", ""), ("accident", "2024-08-30T09:00", "", "")]);
    let august = settle("2024-08", "92", &late, &[settled("2024-07", "95", "30000", &[])]);
    assert_eq!(
        (august.payment, august.lines.iter().any(|it| it.kind == SettlementLineKind::Correction)),
        (dec("0"), false)
    );
    let half = settle("2024-09", "60", &late, &[settled("2024-07", "95", "30000", &[])]);
    let correction = half.lines.last().unwrap();
    assert_eq!((half.payment, correction.amount), (dec("0.00"), dec("-24000.00")));
    assert!(correction.explanation.computation.ends_with("a payment is never below 0"), "{correction:?}");
}

/// The grounds that hold after so many months.
fn grounds(scores: &[&str], said: &[(&str, &str, &str, &str)]) -> Vec<(String, TerminationEffect)> {
    let regulation = regulation();
    let mut period = month("2024-01");
    let mut scored = Vec::new();
    for score in scores {
        scored.push(ScoredPeriod { period, score: dec(score) });
        period = period.next().unwrap();
    }
    let grounds = regulation.terminations(KIND, terms(&regulation), &scored, &incidents(said));
    grounds.into_iter().map(|ground| (ground.ground, ground.effect)).collect()
}

#[test]
fn low_scores_end_the_agreement_one_after_the_other_or_in_all() {
    let year = ["69.9", "70", "59", "72", "59.9", "80", "60", "90", "55"];
    for months in 0..year.len() {
        assert_eq!(grounds(&year[..months], &[]), [], "after {months}");
    }
    assert_eq!(grounds(&year, &[]), [("three_in_total".to_owned(), TerminationEffect::Mandatory)]);
    assert_eq!(grounds(&["69.9", "69.99"], &[]), [("two_consecutive".to_owned(), TerminationEffect::Mandatory)]);
    let regulation = regulation();
    // A month that was not scored lies between them.
    let apart = ["2024-01", "2024-03"].map(|it| ScoredPeriod { period: month(it), score: dec("50") });
    assert_eq!(regulation.terminations(KIND, terms(&regulation), &apart, &[]), []);
    let ground = regulation.terminations(
        KIND,
        terms(&regulation),
        &[apart[0], ScoredPeriod { period: month("2024-02"), ..apart[1] }],
        &[],
    );
    assert_eq!(ground[0].explanation.rule, "R22-20");
    assert_eq!(ground[0].explanation.computation, "2024-01: 50, 2024-02: 50 below 70: 2 one after the other");
}

#[test]
fn incidents_end_the_agreement_at_once_or_give_the_right_to_end_it() {
    let rescue = |day: &'static str| ("late_rescue", day, "E-1", "");
    let two = [rescue("2024-07-01T03:00"), rescue("2024-07-02T03:00")];
    assert_eq!(grounds(&[], &two), []);
    assert_eq!(grounds(&[], &[two[0], two[1], rescue("2024-08-01T03:00")]), [], "three, but not in one month");
    let three = [two[0], two[1], rescue("2024-07-31T03:00")];
    assert_eq!(grounds(&[], &three), [("late_rescues".to_owned(), TerminationEffect::Optional)]);
    let forged = [("forged_record", "2024-07-02T09:00", "", "")];
    assert_eq!(grounds(&[], &forged), [("forged_record".to_owned(), TerminationEffect::AtOnce)]);
}

#[test]
fn an_agreement_is_ended_by_those_who_make_it_and_on_a_ground_that_holds() {
    let regulation = regulation();
    let admit = |ground, role| refused(regulation.admit_termination(KIND, ground, &actor(role), &[]));
    assert_eq!(
        admit("late_rescues", "territorial_department"),
        pairs(&[("R22-02", "role:service_office"), ("R22-23", "ground:late_rescues")])
    );
    assert_eq!(admit("dislike", "service_office"), pairs(&[("R22-02", "")]));
}

#[test]
fn an_agreement_has_twelve_months_each_to_be_scored_by_the_25th() {
    let regulation = regulation();
    let terms = terms(&regulation);
    let periods = terms.periods_from(date("2024-03-01")).unwrap();
    assert_eq!(
        (periods.len(), periods[0].to_string(), periods[11].to_string()),
        (12, "2024-03".into(), "2025-02".into())
    );
    assert_eq!(terms.periods_from(date("2024-03-02")).unwrap(), []);
    let (due, explanation) = regulation.score_due(KIND, terms, periods[11], &no_holidays()).unwrap();
    assert_eq!((civil(due.due_at).as_str(), explanation.rule.as_str()), ("2025-02-25T23:59:59", "R22-18"));
}

#[test]
fn an_agreement_is_made_by_tender_and_with_enough_people_or_a_reason() {
    let regulation = regulation();
    let terms = |selection: &str, machines, persons, workload_reason: &str| AgreementTerms {
        selection: selection.to_owned(),
        machines,
        persons,
        workload_reason: workload_reason.to_owned(),
    };
    let admit = |terms| regulation.admit_agreement(KIND, &actor("service_office"), &terms).map(drop);
    assert_eq!(admit(terms("tender", 90, 3, "")), Ok(()));
    assert_eq!(admit(terms("tender", 91, 3, "two lifts are out of use")), Ok(()));
    let refusals = admit(terms("tender", 91, 3, " ")).unwrap_err();
    assert!(refusals[0].message.en.contains("91 / 3 = 30.33"), "{refusals:?}");
    assert_eq!(refused(Err::<(), _>(refusals)), pairs(&[("R22-04", "field:workload_reason")]));
    assert_eq!(refused(admit(terms("friendship", 90, 3, ""))), pairs(&[("R22-02", "field:selection")]));
    assert_eq!(refused(admit(terms("tender", 1, 0, ""))), pairs(&[("R22-04", "field:workload_reason")]));
    let by_another = regulation.admit_agreement(KIND, &actor("safety_quality"), &terms("tender", 1, 1, ""));
    assert_eq!(refused(by_another), pairs(&[("R22-02", "role:service_office")]));
}

#[test]
fn a_score_has_points_for_each_component_and_100_at_most() {
    let regulation = regulation();
    let points = |given: &[(&str, &str)]| given.iter().map(|(id, given)| ((*id).to_owned(), dec(given))).collect();
    let all = [
        ("service_quality", "30"),
        ("repair_timeliness", "20"),
        ("rescue_time", "18.5"),
        ("inspection_pass", "10"),
        ("records", "10"),
    ];
    let score = |role, given: &[(&str, &str)]| regulation.score_period(KIND, &actor(role), &points(given));
    let scored = score("territorial_department", &all).unwrap();
    assert_eq!(
        (scored.result, scored.explanation.computation.as_str()),
        (dec("88.5"), "30 + 20 + 18.5 + 10 + 10 = 88.5")
    );
    assert_eq!(refused(score("safety_quality", &all)), pairs(&[("R22-18", "role:territorial_department")]));
    assert_eq!(refused(score("territorial_department", &all[1..])), pairs(&[("R22-18", "points:service_quality")]));
    let mut wrong = all;
    wrong[0].1 = "41.51";
    assert_eq!(refused(score("territorial_department", &wrong)), pairs(&[("R22-18", "points:*")]));
    wrong[0].1 = "-1";
    assert_eq!(refused(score("territorial_department", &wrong)), pairs(&[("R22-18", "points:service_quality")]));
    let stray = [&all[..], &[("charm", "0")]].concat();
    assert_eq!(refused(score("territorial_department", &stray)), pairs(&[("R22-18", "")]));
}

#[test]
fn every_signature_waits_for_those_before_it() {
    let regulation = regulation();
    let sign = |signoff, given: &[&str], role| {
        let given: Vec<String> = given.iter().map(|id| (*id).to_owned()).collect();
        regulation.admit_signoff(KIND, signoff, &given, &actor(role))
    };
    assert!(!sign("review", &[], "safety_quality").unwrap().settles);
    assert_eq!(
        refused(sign("settlement", &["review"], "business_management")),
        pairs(&[("R22-18", "signoff:approval")])
    );
    assert_eq!(
        refused(sign("settlement", &[], "safety_quality")),
        pairs(&[("R22-18", "role:business_management"), ("R22-18", "signoff:review"), ("R22-18", "signoff:approval")])
    );
    assert!(sign("settlement", &["review", "approval"], "business_management").unwrap().settles);
}

#[test]
fn an_incident_says_what_its_kind_needs() {
    let regulation = regulation();
    let said = [IncidentDetail::Product];
    let admit =
        |kind, role, said: &[IncidentDetail]| regulation.admit_incident(KIND, kind, &actor(role), said).map(drop);
    assert_eq!(admit("late_rescue", "safety_supervisor", &said), Ok(()));
    assert_eq!(refused(admit("repair", "safety_supervisor", &said)), pairs(&[("R22-22", "field:cause")]));
    assert_eq!(
        refused(admit("forged_record", "safety_supervisor", &[])),
        pairs(&[("R22-27", "role:safety_quality role:service_office"), ("R22-27", "field:note")])
    );
    assert_eq!(refused(admit("noise", "safety_supervisor", &[])), pairs(&[("", "")]));
}
