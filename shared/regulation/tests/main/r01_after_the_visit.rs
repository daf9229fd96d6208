//! R01: reports, audits, fines, ratings, and what recurs.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::{Limit, limit::State};
use callout_regulation::{
    Dossier, Expense, Facts, Rating,
    vocabulary::{Event, Service, Subject, Transition, Trigger, words},
};
use rust_decimal::Decimal;

use crate::fixtures::{
    actor, at, civil, date, dec, due, limit, main_regulation, no_holidays, pairs, record, refused, repair,
};

fn finding(kind: &str) -> Trigger {
    Trigger::Finding(kind.to_owned())
}

fn extra_cost(amount: &str) -> Facts {
    Facts::default().with(words::FINDING_EXTRA_COST, dec(amount))
}

/// The amounts that follow from a limit as it stands.
fn fines(limit: &Limit) -> Vec<Decimal> {
    let mut facts = Facts::default();
    facts.set_lateness(limit);
    let trigger = Trigger::Limit(limit.limit.clone());
    let sanctions = main_regulation().consequences(&trigger, &facts, None, &actor("quality_office")).unwrap();
    sanctions.iter().map(|sanction| sanction.amount).collect()
}

fn passed_on(when: &str) -> Limit {
    let mut dossier = repair("own", "own", "2026-03-10T14:00", None);
    dossier.facts.set(words::CASE_KIND, "enquiry");
    dossier.milestones.push((Event::PassedOn, at(when)));
    limit(&main_regulation(), Subject::Case, "pass_on", &dossier, "2026-03-11T10:00").unwrap()
}

#[test]
fn s7_passing_on_within_4_working_hours_is_in_time_and_a_minute_later_costs_50() {
    let in_time = passed_on("2026-03-11T09:00:00");
    assert_eq!((due(&in_time).as_str(), in_time.state()), ("2026-03-11T09:00:00", State::Met));
    assert_eq!(passed_on("2026-03-11T09:00:01").state(), State::MetLate);
    let late = passed_on("2026-03-11T09:01:00");
    assert_eq!(late.state(), State::MetLate);
    assert_eq!(fines(&late), [dec("50")]);
}

#[test]
fn s7_a_poor_record_costs_50_only_when_it_caused_a_cost() {
    let fine = |amount: &str| {
        let facts = extra_cost(amount);
        main_regulation().consequences(&finding("poor_record"), &facts, None, &actor("quality_office")).unwrap()[0]
            .amount
    };
    assert_eq!((fine("640"), fine("0")), (dec("50"), dec("0")));
}

#[test]
fn a_cost_that_is_not_known_is_not_taken_for_none() {
    let result =
        main_regulation().consequences(&finding("poor_record"), &Facts::default(), None, &actor("quality_office"));
    assert_eq!(refused(result), pairs(&[("R01-28", "fact:finding.extra_cost")]));
}

#[test]
fn s7_a_return_without_consent_costs_what_the_quality_office_sets_from_50_to_500() {
    let fine = |facts: &Facts, proposed: Option<&str>, role: &str| {
        let trigger = finding("return_without_consent");
        main_regulation()
            .consequences(&trigger, facts, proposed.map(dec), &actor(role))
            .map(|sanctions| sanctions.into_iter().map(|it| (it.rule, it.amount)).collect::<Vec<_>>())
    };
    let costly = extra_cost("300");
    for outside in ["30", "49.99", "500.01", "520"] {
        assert_eq!(refused(fine(&costly, Some(outside), "quality_office")), pairs(&[("R01-37", "amount:50..500")]));
    }
    for inside in ["50", "200", "500"] {
        assert_eq!(fine(&costly, Some(inside), "quality_office"), Ok(vec![("R01-37".to_owned(), dec(inside))]));
    }
    assert_eq!(refused(fine(&costly, None, "quality_office")), pairs(&[("R01-37", "amount:50..500")]));
    assert_eq!(refused(fine(&costly, Some("200"), "engineer")), pairs(&[("R01-37", "role:quality_office")]));
    assert_eq!(
        fine(&extra_cost("0"), None, "quality_office"),
        Ok(vec![("R01-37".to_owned(), dec("0"))]),
        "the breach is recorded"
    );
}

#[test]
fn findings_are_made_by_the_quality_office_or_the_administrator() {
    let regulation = main_regulation();
    assert_eq!(regulation.admit_finding("poor_record", &actor("service_administrator")).unwrap().rule, "R01-28");
    assert_eq!(
        refused(regulation.admit_finding("poor_record", &actor("engineer"))),
        pairs(&[("R01-28", "role:quality_office role:service_administrator")])
    );
    assert!(regulation.admit_finding("poor_records", &actor("service_administrator")).is_err());
}

#[test]
fn s9_the_trip_report_is_due_three_working_days_after_the_return() {
    let mut dossier = Dossier::default();
    dossier.milestones.push((Event::Returned, at("2026-03-13T20:00")));
    dossier.records.push(record("trip_report", "2026-03-18T16:00"));
    let report = limit(&main_regulation(), Subject::WorkOrder, "trip_report", &dossier, "2026-03-20T10:00").unwrap();
    assert_eq!((due(&report).as_str(), report.state()), ("2026-03-18T23:59:59", State::Met));
}

#[test]
fn s9_a_set_without_the_returned_materials_is_refused() {
    let regulation = main_regulation();
    let mut dossier = Dossier::default();
    dossier.facts.set(words::VERDICT_OUTCOME, "free");
    for kind in ["trip_report", "feedback_form", "expense_claim"] {
        dossier.records.push(record(kind, "2026-03-17T10:00"));
    }
    let hand_in =
        |dossier: &Dossier, when: &str| regulation.gate(Transition::HandIn, dossier, &actor("engineer"), at(when));
    assert_eq!(refused(hand_in(&dossier, "2026-03-17T11:00")), pairs(&[("R01-39", "record:returned_materials")]));
    dossier.records.push(record("returned_materials", "2026-03-18T15:00"));
    assert!(hand_in(&dossier, "2026-03-18T16:00").is_ok());
}

#[test]
fn receipts_and_money_are_handed_in_of_a_service_that_was_paid() {
    let regulation = main_regulation();
    let mut dossier = Dossier::default();
    for kind in ["trip_report", "feedback_form", "expense_claim", "returned_materials"] {
        dossier.records.push(record(kind, "2026-03-17T10:00"));
    }
    let mut hand_in = |outcome: &str, quote: &str| {
        dossier.facts.set(words::VERDICT_OUTCOME, outcome);
        dossier.facts.set(words::QUOTE_STATE, quote);
        regulation.gate(Transition::HandIn, &dossier, &actor("engineer"), at("2026-03-17T11:00"))
    };
    assert!(hand_in("free", "none").is_ok());
    assert!(hand_in("paid", "declined").is_ok(), "the customer pays nothing after all");
    assert_eq!(refused(hand_in("paid", "confirmed")), pairs(&[("R01-39", "record:receipts_and_money")]));
}

#[test]
fn s9_late_materials_are_a_breach_without_a_fine() {
    let mut slip = Dossier::default();
    slip.facts.set(words::SLIP_PURPOSE, "carry");
    slip.milestones.push((Event::Returned, at("2026-03-13T20:00")));
    slip.milestones.push((Event::HandedIn, at("2026-03-18T16:00")));
    let hand_in = limit(&main_regulation(), Subject::LoanSlip, "hand_in", &slip, "2026-03-20T10:00").unwrap();
    assert_eq!((hand_in.state(), hand_in.late_days), (State::MetLate, 2));
    assert_eq!(fines(&hand_in), [dec("0")]);
}

fn claim() -> Dossier {
    let mut claim = Dossier::default();
    claim.milestones.push((Event::HandedIn, at("2026-03-18T16:00")));
    claim
}

#[test]
fn s9_the_audit_waits_for_the_verification() {
    let regulation = main_regulation();
    let mut claim = claim();
    let audit = |claim: &Dossier| {
        regulation.gate(Transition::Audit, claim, &actor("service_administrator"), at("2026-03-20T10:00"))
    };
    assert_eq!(refused(audit(&claim)), pairs(&[("R01-40", "event:verified")]));
    claim.milestones.push((Event::Verified, at("2026-03-20T09:00")));
    assert!(audit(&claim).is_ok());
}

#[test]
fn s9_an_audit_two_days_late_costs_the_administrator_20() {
    let mut claim = claim();
    claim.milestones.push((Event::Audited, at("2026-03-27T10:00")));
    let audit = limit(&main_regulation(), Subject::Claim, "audit", &claim, "2026-03-27T11:00").unwrap();
    assert_eq!((due(&audit).as_str(), audit.state(), audit.late_days), ("2026-03-25T23:59:59", State::MetLate, 2));
    assert_eq!(audit.responsible, "service_administrator");
    assert_eq!(fines(&audit), [dec("20")]);
}

#[test]
fn s9_an_approved_application_sets_its_own_due_time() {
    let mut claim = claim();
    claim.milestones.push((Event::Audited, at("2026-03-27T10:00")));
    let mut extension = record("audit_extension", "2026-03-24T10:00");
    extension.fields.insert("until".to_owned(), "2026-03-27".to_owned());
    claim.records.push(extension);
    let audit = limit(&main_regulation(), Subject::Claim, "audit", &claim, "2026-03-27T11:00").unwrap();
    assert_eq!((due(&audit).as_str(), audit.state(), audit.late_days), ("2026-03-27T23:59:59", State::Met, 0));
    assert_eq!(fines(&audit), [dec("0")]);
    let why = audit.explanation.unwrap();
    assert_eq!((why.rule.as_str(), why.entry.as_str()), ("R01-42", "limits.audit"));
    assert!(
        why.computation.ends_with("audit_extension sets 2026-03-27 23:59:59 instead of R01-41"),
        "{}",
        why.computation
    );
}

#[test]
fn an_application_must_say_until_when() {
    let regulation = main_regulation();
    let admit = |until: &str| {
        let fields = BTreeMap::from([("until".to_owned(), until.to_owned()), ("reason".to_owned(), "ill".to_owned())]);
        regulation.admit_record(Subject::Claim, "audit_extension", "", &actor("general_manager"), &fields)
    };
    assert!(admit("2026-03-27").is_ok());
    let refusals = admit("next Friday").unwrap_err();
    assert_eq!(refusals[0].message.en, "field `until` (audit until) must be a date such as 2026-03-27");
    assert_eq!(refused(admit(" ")), pairs(&[("R01-42", "field:until")]));
}

fn expenses() -> [Expense; 2] {
    [
        Expense { kind: "travel".to_owned(), amount: dec("1600"), spent_at: at("2026-03-12T10:00") },
        Expense { kind: "entertainment".to_owned(), amount: dec("260"), spent_at: at("2026-03-12T19:00") },
    ]
}

#[test]
fn s9_a_dinner_without_prior_consent_is_not_reimbursed() {
    let regulation = main_regulation();
    let mut claim = claim();
    let audit = regulation.audit_claim(&expenses(), &claim);
    assert_eq!(audit.passed, dec("1600"));
    assert_eq!((audit.refused[0].0, audit.refused[0].1.rule.as_str()), (1, "R01-47"));
    assert_eq!(audit.refused[0].1.lifted_by, ["record:entertainment_consent"]);
    claim.records.push(record("entertainment_consent", "2026-03-12T19:00:01"));
    assert_eq!(regulation.audit_claim(&expenses(), &claim).passed, dec("1600"), "a consent afterwards does not count");
    claim.records.push(record("entertainment_consent", "2026-03-12T17:00"));
    assert_eq!(regulation.audit_claim(&expenses(), &claim).passed, dec("1860"));
}

#[test]
fn s9_reimbursement_waits_for_audit_and_copies() {
    let refusals =
        refused(main_regulation().gate(Transition::Reimburse, &claim(), &actor("finance"), at("2026-03-27T10:00")));
    assert_eq!(
        refusals,
        pairs(&[("R01-43", "record:archive_copy"), ("R01-43", "record:finance_copy"), ("R01-43", "event:audited")])
    );
}

#[test]
fn s10_follow_up_calls_are_due_three_months_after_the_last() {
    let regulation = main_regulation();
    let due = |since: &str| {
        let due = regulation.routine_due("follow_up_call", at(since), &no_holidays()).unwrap().unwrap();
        civil(due.due_at)
    };
    assert_eq!(due("2026-01-31T10:00"), "2026-04-30T23:59:59");
    assert_eq!(due("2026-04-20T10:00"), "2026-07-20T23:59:59");
}

#[test]
fn s10_reports_are_due_at_the_end_of_the_month_after_their_period() {
    let regulation = main_regulation();
    for (routine, within) in [("service_summary", "2026-03-15T00:00"), ("cause_analysis", "2026-01-01T00:00")] {
        let due = regulation.routine_due(routine, at(within), &no_holidays()).unwrap().unwrap();
        assert_eq!(civil(due.due_at), "2026-04-30T23:59:59", "{routine}");
    }
    assert!(regulation.routine_due("daily_report", at("2026-03-15T00:00"), &no_holidays()).is_none());
}

#[test]
fn every_service_knows_its_routines() {
    let regulation = main_regulation();
    let of = |service| regulation.routines(service).map(|(id, _)| id.to_owned()).collect::<Vec<_>>();
    assert_eq!(of(Service::Inventory), ["weekly_slip_list"]);
    assert_eq!(
        of(Service::Evaluation),
        ["follow_up_call", "user_visits", "service_summary", "cause_analysis", "failure_cost", "administrator_rating"]
    );
}

#[test]
fn s10_a_registration_form_within_a_month_makes_a_customer_for_life() {
    let regulation = main_regulation();
    for (registered, state, standings) in [
        ("2026-02-28T23:59:59", State::Met, vec!["customer_for_life"]),
        ("2026-03-01T00:00:00", State::MetLate, vec![]),
    ] {
        let mut product = Dossier::default();
        product.milestones.push((Event::Delivered, at("2026-01-31T10:00")));
        product.milestones.push((Event::Registered, at(registered)));
        let limits = regulation.limits(Subject::Product, &product, &no_holidays(), at("2026-03-05T00:00")).known;
        assert_eq!((due(&limits[0]).as_str(), limits[0].state()), ("2026-02-28T23:59:59", state));
        assert_eq!(regulation.standings(&limits).map(|(id, _)| id).collect::<Vec<_>>(), standings);
    }
}

#[test]
fn a_rating_is_the_mean_of_its_marks_rounded_once() {
    let regulation = main_regulation();
    let marks = |timeliness: &str, quality: &str| {
        BTreeMap::from([("timeliness".to_owned(), dec(timeliness)), ("service_quality".to_owned(), dec(quality))])
    };
    let rate = |role: &str, marks: &BTreeMap<String, Decimal>| {
        let facts = Facts::default();
        let rating = Rating { marks, facts: &facts, agreed: &[], tables: &[], first_on: date("2026-01-01") };
        regulation.rate("administrator_work", &actor(role), &rating)
    };
    let score = rate("quality_engineer", &marks("90.01", "80")).unwrap();
    assert_eq!(score.result, Some(dec("85.01")), "170.01 / 2 = 85.005, half up");
    assert_eq!(score.explanation.computation, "(90.01 + 80) / 2 = 85.01");
    let wrong = BTreeMap::from([("timeliness".to_owned(), dec("100.01")), ("speed".to_owned(), dec("1"))]);
    assert_eq!(
        refused(rate("service_administrator", &wrong)),
        pairs(&[
            ("R01-63", "role:technical_director role:quality_engineer"),
            ("R01-63", "mark:timeliness"),
            ("R01-63", "mark:service_quality"),
            ("R01-63", ""),
        ])
    );
}
