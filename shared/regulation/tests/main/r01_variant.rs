//! R01, agent sales: what the variant changes and what it leaves.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::{limit::State, verdict::Outcome};
use callout_regulation::{
    Dossier, Facts, PurchaseStep, Queue,
    vocabulary::{Event, Subject, Transition, words},
};

use crate::fixtures::{
    actor, agent_regulation, at, dec, due, limit, main_regulation, ordered, pairs, record, refused, repair,
};

/// S10: class B, 1000 km, received in the holidays of the Spring Festival.
fn spring_festival() -> Dossier {
    let dossier = repair("own", "agent", "2026-02-16T10:00", Some("2026-12-31"));
    ordered(&agent_regulation(), dossier, "on_site", "1000")
}

#[test]
fn s10_class_b_in_warranty_is_free_with_notice_and_charge_to_the_agent() {
    let verdict = agent_regulation().verdict(&spring_festival());
    assert_eq!((verdict.outcome(), verdict.product_class.as_str()), (Outcome::Free, "B"));
    assert_eq!((verdict.notify_before, verdict.charge_after), (vec!["agent".to_owned()], vec!["agent".to_owned()]));
    assert_eq!(verdict.explanation.unwrap().revision, "R01-agent-sales@1");
}

#[test]
fn s10_a_circumstance_on_record_lifts_the_arrival_limit() {
    let regulation = agent_regulation();
    let mut dossier = spring_festival();
    dossier.milestones.push((Event::Arrived, at("2026-02-19T18:00")));
    let late = limit(&regulation, Subject::WorkOrder, "arrival", &dossier, "2026-02-20T00:00").unwrap();
    assert_eq!((late.state(), late.late.unwrap().seconds), (State::MetLate, 32 * 3600));
    dossier.records.push(record("special_circumstance", "2026-02-16T11:00"));
    let lifted = limit(&regulation, Subject::WorkOrder, "arrival", &dossier, "2026-02-20T00:00").unwrap();
    assert_eq!((due(&lifted).as_str(), lifted.state()), ("2026-02-18T10:00:00", State::Lifted));
    assert_eq!(lifted.late.unwrap().seconds, 0);
    let why = lifted.explanation.unwrap();
    assert_eq!((why.rule.as_str(), why.entry.as_str()), ("R01-V3", "limits.arrival"));
    assert!(why.computation.ends_with("R01-05 is lifted by special_circumstance"), "{}", why.computation);
}

#[test]
fn a_circumstance_does_not_take_away_that_a_limit_was_met() {
    let mut dossier = spring_festival();
    dossier.milestones.push((Event::Arrived, at("2026-02-18T10:00")));
    dossier.records.push(record("special_circumstance", "2026-02-16T11:00"));
    let met = limit(&agent_regulation(), Subject::WorkOrder, "arrival", &dossier, "2026-02-20T00:00").unwrap();
    assert_eq!(met.state(), State::Met);
}

#[test]
fn s10_the_main_regulation_knows_no_such_circumstance() {
    let regulation = main_regulation();
    let dossier = repair("own", "own", "2026-02-16T10:00", Some("2026-12-31"));
    let mut dossier = ordered(&regulation, dossier, "on_site", "1000");
    dossier.milestones.push((Event::Arrived, at("2026-02-19T18:00")));
    dossier.records.push(record("special_circumstance", "2026-02-16T11:00"));
    let late = limit(&regulation, Subject::WorkOrder, "arrival", &dossier, "2026-02-20T00:00").unwrap();
    assert_eq!((late.state(), late.late.unwrap().seconds), (State::MetLate, 32 * 3600));
}

#[test]
fn a_special_circumstance_is_one_of_those_that_the_variant_names() {
    let regulation = agent_regulation();
    let admit = |reason: &str| {
        let fields = BTreeMap::from([("reason".to_owned(), reason.to_owned())]);
        regulation.admit_record(Subject::WorkOrder, "special_circumstance", "", &actor("quality_office"), &fields)
    };
    assert!(admit("tickets_unavailable").is_ok());
    assert_eq!(refused(admit("bad weather")), pairs(&[("R01-V3", "field:reason")]));
}

#[test]
fn s10_the_agent_is_notified_before_and_charged_after_the_service() {
    let regulation = agent_regulation();
    let mut dossier = spring_festival();
    for point in
        ["plan_told_again", "precautions_told", "transport_and_lodging", "parts_and_tools", "feedback_form_handed_over"]
    {
        dossier.records.push(record(point, "2026-02-16T11:00"));
    }
    let depart =
        |dossier: &Dossier| regulation.gate(Transition::Depart, dossier, &actor("engineer"), at("2026-02-17T10:00"));
    assert_eq!(refused(depart(&dossier)), pairs(&[("R01-V4", "record:agent_notified")]));
    dossier.records.push(record("agent_notified", "2026-02-16T12:00"));
    assert!(depart(&dossier).is_ok());
    dossier.facts.set(words::ORDER_COMPLETED, true);
    let charged =
        regulation.charge("agent", &dossier, dec("1900"), dec("0"), &actor("finance"), at("2026-02-21T10:00"));
    assert_eq!(charged.unwrap().amount, dec("1900"));
}

#[test]
fn s10_a_competitors_machine_is_refused_and_nothing_lifts_it() {
    let verdict = agent_regulation().verdict(&repair("competitor", "competitor", "2026-02-16T10:00", None));
    assert_eq!((verdict.outcome(), verdict.requirements.len()), (Outcome::Refused, 0));
    assert_eq!(verdict.explanation.unwrap().rule, "R01-V2");
}

#[test]
fn a_competitors_machine_is_not_served_by_the_rule_that_does_not_cover_it() {
    let regulation = agent_regulation();
    let dossier = repair("competitor", "competitor", "2026-02-16T10:00", None);
    for (step, dossier) in [
        (Transition::Solve, dossier.clone()),
        (Transition::Dispatch, dossier.clone()),
        (Transition::Quote, ordered(&regulation, dossier, "on_site", "100")),
    ] {
        let refusals = refused(regulation.gate(step, &dossier, &actor("quality_office"), at("2026-02-16T11:00")));
        assert_eq!(refusals, pairs(&[("R01-V2", "")]), "{step}");
    }
}

#[test]
fn the_service_centre_applies_for_the_purchase_of_parts() {
    let regulation = agent_regulation();
    assert!(regulation.purchase(PurchaseStep::Propose, &actor("production")).is_ok());
    assert_eq!(
        refused(regulation.purchase(PurchaseStep::Propose, &actor("service_administrator"))),
        pairs(&[("R01-52", "role:production")])
    );
}

#[test]
fn the_variant_ranks_its_own_classes() {
    let rank = |class: &str| {
        agent_regulation().rank(Queue::Service, &Facts::default().with(words::PRODUCT_CLASS, class)).unwrap()
    };
    assert!(rank("A") < rank("B"));
}

#[test]
fn what_the_variant_does_not_name_stands_as_before() {
    let (variant, main) = (agent_regulation(), main_regulation());
    assert_eq!(variant.pack().limits["audit"].rule, main.pack().limits["audit"].rule);
    assert_eq!(variant.pack().roles["quality_office"].en, "after-sales department");
    assert_eq!(variant.pack().roles["quality_office"].profile, main.pack().roles["quality_office"].profile);
    assert!(!variant.pack().rules.contains_key("R01-13"));
}
