//! R01: until when somebody must be there, and what must be so before he leaves.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::limit::State;
use callout_regulation::{
    Dossier, Facts, RecordEntry, Regulation,
    vocabulary::{Event, Moment, Subject, Transition, words},
};
use jiff::Timestamp;

use crate::fixtures::{
    actor, at, dec, due, limit, main_regulation, no_holidays, ordered, pairs, record, refused, repair, warned,
};

const FIVE_POINTS: [&str; 5] =
    ["plan_told_again", "precautions_told", "transport_and_lodging", "parts_and_tools", "feedback_form_handed_over"];

fn prepared(mut dossier: Dossier, when: &str) -> Dossier {
    dossier.records.extend(FIVE_POINTS.map(|point| record(point, when)));
    dossier
}

/// S1: Friday afternoon, passed on on Monday morning.
fn friday_call() -> Dossier {
    let mut dossier = repair("own", "own", "2026-03-06T16:10", Some("2026-06-30"));
    dossier.milestones.push((Event::PassedOn, at("2026-03-09T09:00")));
    dossier
}

fn arrival_due(regulation: &Regulation, distance_km: &str) -> String {
    let dossier = ordered(regulation, friday_call(), "on_site", distance_km);
    due(&limit(regulation, Subject::WorkOrder, "arrival", &dossier, "2026-03-06T17:00").unwrap())
}

#[test]
fn s1_arrival_is_due_by_road_distance_with_the_bounds_included() {
    let regulation = main_regulation();
    assert_eq!(arrival_due(&regulation, "300"), "2026-03-07T16:10:00");
    assert_eq!(arrival_due(&regulation, "300.1"), "2026-03-08T16:10:00");
    assert_eq!(arrival_due(&regulation, "1000"), "2026-03-08T16:10:00");
    assert_eq!(arrival_due(&regulation, "1000.1"), "2026-03-09T16:10:00");
}

#[test]
fn s1_passing_on_contact_and_solution_count_working_hours() {
    let regulation = main_regulation();
    let dossier = friday_call();
    let of = |id: &str| limit(&regulation, Subject::Case, id, &dossier, "2026-03-09T10:00").unwrap();
    let pass_on = of("pass_on");
    assert_eq!((due(&pass_on).as_str(), pass_on.state()), ("2026-03-09T11:10:00", State::Met));
    assert_eq!(
        (due(&of("first_contact")).as_str(), of("first_contact").state()),
        ("2026-03-09T14:00:00", State::Running)
    );
    assert_eq!(due(&of("solution")), "2026-03-10T09:00:00");
    assert!(limit(&regulation, Subject::Case, "answer", &dossier, "2026-03-09T10:00").is_none(), "it is no enquiry");
    let why = pass_on.explanation.unwrap();
    assert_eq!((why.rule.as_str(), why.entry.as_str()), ("R01-25", "limits.pass_on"));
}

#[test]
fn a_case_that_was_solved_before_it_was_passed_on_owes_the_desks_limits_no_more() {
    let regulation = main_regulation();
    let running = |kind: &str, ended: Event, ended_at: &str| {
        let mut dossier = repair("own", "own", "2026-03-10T14:20", Some("2026-12-31"));
        dossier.facts.set(words::CASE_KIND, kind);
        dossier.milestones.push((ended, at(ended_at)));
        dossier.milestones.push((Event::PassedOn, at("2026-03-10T14:50")));
        let limits = regulation.limits(Subject::Case, &dossier, &no_holidays(), at("2026-03-20T10:00")).known;
        limits.into_iter().filter(|limit| limit.state() != State::Met).map(|limit| limit.limit).collect::<Vec<_>>()
    };
    assert!(running("repair", Event::Solved, "2026-03-10T14:40").is_empty());
    assert!(running("enquiry", Event::Solved, "2026-03-10T14:50").is_empty());
    assert!(running("enquiry", Event::Answered, "2026-03-10T14:40").is_empty());
    assert_eq!(
        running("repair", Event::SolutionFixed, "2026-03-10T14:50:01"),
        ["first_contact"],
        "a solution that the desk fixes is no contact"
    );
}

#[test]
fn whoever_answers_or_solves_a_case_has_contacted_the_user_and_is_in_time_or_late_by_that() {
    let regulation = main_regulation();
    let state_of = |id: &str, kind: &str, ended: Event, ended_at: &str| {
        let mut dossier = repair("own", "own", "2026-03-10T08:00", Some("2026-12-31"));
        dossier.facts.set(words::CASE_KIND, kind);
        dossier.milestones.push((Event::PassedOn, at("2026-03-10T08:00")));
        dossier.milestones.push((ended, at(ended_at)));
        let limit = limit(&regulation, Subject::Case, id, &dossier, "2026-03-20T10:00").unwrap();
        (limit.state(), limit.to_event)
    };
    let met_by = |event: &str| (State::Met, event.to_owned());
    let late_by = |event: &str| (State::MetLate, event.to_owned());
    assert_eq!(state_of("first_contact", "enquiry", Event::Answered, "2026-03-10T12:00"), met_by("answered"));
    assert_eq!(state_of("first_contact", "enquiry", Event::Answered, "2026-03-10T13:00:01"), late_by("answered"));
    assert_eq!(state_of("answer", "enquiry", Event::Solved, "2026-03-10T17:00"), met_by("solved"));
    assert_eq!(state_of("first_contact", "repair", Event::Solved, "2026-03-10T12:00"), met_by("solved"));
    assert_eq!(state_of("solution", "repair", Event::Solved, "2026-03-10T17:00"), met_by("solved"));
    assert_eq!(state_of("solution", "repair", Event::Solved, "2026-03-11T08:00:01"), late_by("solved"));
    let overdue = (State::Overdue, "contacted".to_owned());
    assert_eq!(state_of("first_contact", "repair", Event::SolutionFixed, "2026-03-10T12:00"), overdue);
}

#[test]
fn a_case_that_was_answered_is_still_to_be_passed_on() {
    let mut dossier = repair("own", "own", "2026-03-10T14:00", None);
    dossier.facts.set(words::CASE_KIND, "enquiry");
    dossier.milestones.push((Event::Answered, at("2026-03-10T14:05")));
    let pass_on = limit(&main_regulation(), Subject::Case, "pass_on", &dossier, "2026-03-11T09:00:01").unwrap();
    assert_eq!(pass_on.state(), State::Overdue);
}

#[test]
fn s1_the_arrival_limit_explains_its_distance() {
    let regulation = main_regulation();
    let dossier = ordered(&regulation, friday_call(), "on_site", "300");
    let arrival = limit(&regulation, Subject::WorkOrder, "arrival", &dossier, "2026-03-06T17:00").unwrap();
    assert_eq!((arrival.amount.as_str(), arrival.responsible.as_str()), ("24h", "engineer"));
    let why = arrival.explanation.unwrap();
    assert_eq!(why.inputs["order.distance_km"], "300");
    assert!(
        why.computation.starts_with("order.distance_km <= 300: 24h; 2026-03-06 16:10 + 24h"),
        "{}",
        why.computation
    );
}

#[test]
fn due_is_in_time_and_one_second_later_is_late() {
    let regulation = main_regulation();
    for (arrived, state, late) in [
        ("2026-03-07T16:09:59", State::Met, 0),
        ("2026-03-07T16:10:00", State::Met, 0),
        ("2026-03-07T16:10:01", State::MetLate, 1),
    ] {
        let mut dossier = ordered(&regulation, friday_call(), "on_site", "300");
        dossier.milestones.push((Event::Arrived, at(arrived)));
        let arrival = limit(&regulation, Subject::WorkOrder, "arrival", &dossier, "2026-03-20T00:00").unwrap();
        assert_eq!((arrival.state(), arrival.late.unwrap().seconds), (state, late), "{arrived}");
    }
    for (now, state) in [("2026-03-07T16:10:00", State::Running), ("2026-03-07T16:10:01", State::Overdue)] {
        let dossier = ordered(&regulation, friday_call(), "on_site", "300");
        let arrival = limit(&regulation, Subject::WorkOrder, "arrival", &dossier, now).unwrap();
        assert_eq!(arrival.state(), state, "{now}");
    }
}

/// Facts under which each limit of the regulation applies to somebody.
fn circumstances() -> Vec<Facts> {
    let visit = Facts::default()
        .with(words::ORDER_MODE, "on_site")
        .with(words::PRODUCT_CLASS, "1")
        .with(words::ORDER_DISTANCE_KM, 100)
        .with(words::CASE_IN_WARRANTY, true)
        .with(words::SLIP_PURPOSE, "carry");
    let case = |kind: &str, outcome: &str, quote: &str| {
        visit.clone().with(words::CASE_KIND, kind).with(words::VERDICT_OUTCOME, outcome).with(words::QUOTE_STATE, quote)
    };
    vec![case("repair", "free", "none"), case("enquiry", "paid", "confirmed"), case("repair", "paid", "declined")]
}

fn with_moment(mut dossier: Dossier, moment: &Moment, at: Timestamp) -> Dossier {
    match moment {
        Moment::Event(event) => dossier.milestones.push((*event, at)),
        Moment::Record(kind) => dossier.records.push(RecordEntry {
            kind: kind.clone(),
            party: String::new(),
            role: String::new(),
            occurred_at: at,
            fields: BTreeMap::new(),
        }),
    }
    dossier
}

#[test]
fn every_limit_is_met_at_its_last_second_and_late_one_second_after() {
    let regulation = main_regulation();
    let start = at("2026-03-06T16:10");
    for (id, limit) in &regulation.pack().limits {
        let started = circumstances().into_iter().find_map(|facts| {
            let dossier = with_moment(Dossier { facts, ..Dossier::default() }, &limit.from, start);
            let limits = regulation.limits(limit.of, &dossier, &no_holidays(), start).known;
            Some((dossier, limits.into_iter().find(|it| it.limit == *id)?))
        });
        let (dossier, running) = started.unwrap_or_else(|| panic!("{id} applies to nobody"));
        assert_eq!(running.state(), State::Running, "{id}");
        let due_at = running.due_at.unwrap().seconds;
        for (second, state) in [(due_at, State::Met), (due_at + 1, State::MetLate)] {
            let ended = with_moment(dossier.clone(), &limit.to, Timestamp::from_second(second).unwrap());
            let limits = regulation.limits(limit.of, &ended, &no_holidays(), at("2027-01-01T00:00")).known;
            let ended = limits.iter().find(|it| it.limit == *id).unwrap();
            assert_eq!(ended.state(), state, "{id}");
        }
    }
}

#[test]
fn a_second_receipt_does_not_move_the_limit() {
    let regulation = main_regulation();
    let mut dossier = ordered(&regulation, friday_call(), "on_site", "300");
    dossier.milestones.push((Event::Received, at("2026-03-07T08:00")));
    let arrival = limit(&regulation, Subject::WorkOrder, "arrival", &dossier, "2026-03-07T09:00").unwrap();
    assert_eq!(due(&arrival), "2026-03-07T16:10:00");
}

#[test]
fn a_limit_whose_distance_is_not_known_is_undecided_and_not_absent() {
    let regulation = main_regulation();
    let mut dossier = friday_call();
    dossier.facts.set_verdict(&regulation.verdict(&dossier));
    dossier.facts.set(words::ORDER_MODE, "on_site");
    let limits = regulation.limits(Subject::WorkOrder, &dossier, &no_holidays(), at("2026-03-06T17:00"));
    assert!(limits.known.is_empty());
    let undecided = limits.undecided.iter().map(|it| (it.limit.as_str(), it.rule.as_str(), it.cause.to_string()));
    assert_eq!(undecided.collect::<Vec<_>>(), [("arrival", "R01-05", "`order.distance_km` is not known".to_owned())]);
}

#[test]
fn the_responsible_person_is_warned_before_the_limit() {
    let regulation = main_regulation();
    let dossier = ordered(&regulation, friday_call(), "on_site", "300");
    let arrival = limit(&regulation, Subject::WorkOrder, "arrival", &dossier, "2026-03-06T17:00").unwrap();
    assert_eq!(
        (due(&arrival).as_str(), warned(&arrival).as_deref()),
        ("2026-03-07T16:10:00", Some("2026-03-07T12:10:00"))
    );
    let delivered = Dossier { milestones: vec![(Event::Delivered, at("2026-01-31T09:00"))], ..Dossier::default() };
    let registration = limit(&regulation, Subject::Product, "registration", &delivered, "2026-02-01T09:00").unwrap();
    assert_eq!(warned(&registration), None, "a customer is not warned");
}

#[test]
fn s2_nobody_departs_before_the_user_confirmed_and_then_within_24_h() {
    let regulation = main_regulation();
    let dossier = repair("own", "own", "2026-07-01T00:00:00", Some("2026-06-30"));
    let mut dossier = prepared(ordered(&regulation, dossier, "on_site", "250"), "2026-07-01T09:00");
    dossier.facts.set(words::QUOTE_STATE, "quoted");
    let depart =
        |dossier: &Dossier, when: &str| regulation.gate(Transition::Depart, dossier, &actor("engineer"), at(when));
    assert_eq!(refused(depart(&dossier, "2026-07-02T10:00")), pairs(&[("R01-12", "event:quote_confirmed")]));
    dossier.facts.set(words::QUOTE_STATE, "confirmed");
    dossier.milestones.push((Event::QuoteConfirmed, at("2026-07-02T10:30")));
    assert_eq!(
        refused(depart(&dossier, "2026-07-02T10:00")),
        pairs(&[("R01-12", "event:quote_confirmed")]),
        "a departure that is reported late was still before the confirmation"
    );
    assert!(depart(&dossier, "2026-07-02T10:30").is_ok());
    let departure = limit(&regulation, Subject::WorkOrder, "departure", &dossier, "2026-07-02T11:00").unwrap();
    assert_eq!(due(&departure), "2026-07-03T10:30:00");
    assert!(limit(&regulation, Subject::WorkOrder, "arrival", &dossier, "2026-07-02T11:00").is_none());
}

#[test]
fn s3_the_engineer_leaves_only_after_the_partner_was_notified() {
    let regulation = main_regulation();
    let dossier = repair("korean_partner", "own", "2026-04-10T09:00", Some("2026-12-31"));
    let mut dossier = prepared(ordered(&regulation, dossier, "on_site", "1000"), "2026-04-10T14:00");
    let depart =
        |dossier: &Dossier, when: &str| regulation.gate(Transition::Depart, dossier, &actor("engineer"), at(when));
    assert_eq!(refused(depart(&dossier, "2026-04-10T15:00")), pairs(&[("R01-06", "record:partner_notified")]));
    dossier.records.push(record("partner_notified", "2026-04-10T15:20"));
    assert_eq!(refused(depart(&dossier, "2026-04-10T15:00")), pairs(&[("R01-06", "record:partner_notified")]));
    let requirements = depart(&dossier, "2026-04-10T15:30").unwrap();
    assert_eq!(requirements.len(), 6);
    assert_eq!(
        requirements[0].needs,
        "notice: partner_notified of korean_partner by quality_office or service_administrator"
    );
    let arrival = limit(&regulation, Subject::WorkOrder, "arrival", &dossier, "2026-04-10T15:30").unwrap();
    assert_eq!(due(&arrival), "2026-04-12T09:00:00");
}

#[test]
fn s3_the_partner_is_charged_only_after_completion() {
    let regulation = main_regulation();
    let dossier = repair("korean_partner", "own", "2026-04-10T09:00", Some("2026-12-31"));
    let mut dossier = ordered(&regulation, dossier, "on_site", "1000");
    let charge = |dossier: &Dossier, when: &str| {
        regulation.charge("korean_partner", dossier, dec("2350"), dec("0"), &actor("quality_office"), at(when))
    };
    assert_eq!(refused(charge(&dossier, "2026-04-11T09:00")), pairs(&[("R01-07", "condition:order.completed")]));
    dossier.facts.set(words::ORDER_COMPLETED, true);
    let charged = charge(&dossier, "2026-04-13T09:00").unwrap();
    assert_eq!(charged.amount, dec("2350"));
    assert_eq!(
        (charged.explanation.rule.as_str(), charged.explanation.entry.as_str()),
        ("R01-07", "charges.korean_partner")
    );
}

#[test]
fn nobody_is_charged_for_a_case_that_does_not_say_so() {
    let regulation = main_regulation();
    let mut dossier = ordered(&regulation, friday_call(), "on_site", "100");
    dossier.facts.set(words::ORDER_COMPLETED, true);
    let charged =
        regulation.charge("korean_partner", &dossier, dec("100"), dec("0"), &actor("finance"), at("2026-03-10T09:00"));
    assert_eq!(refused(charged), pairs(&[("R01-07", "")]));
}

#[test]
fn s6_a_user_who_will_not_pay_is_served_only_with_the_general_managers_approval() {
    let regulation = main_regulation();
    let dossier = repair("own", "own", "2026-07-06T09:00", Some("2025-06-30"));
    let mut dossier = prepared(ordered(&regulation, dossier, "on_site", "250"), "2026-07-06T10:00");
    dossier.facts.set(words::QUOTE_STATE, "declined");
    let depart =
        |dossier: &Dossier, when: &str| regulation.gate(Transition::Depart, dossier, &actor("engineer"), at(when));
    assert_eq!(refused(depart(&dossier, "2026-07-06T13:00")), pairs(&[("R01-33", "record:unpaid_service_approval")]));
    let approval = |role: &str| {
        regulation.admit_record(Subject::WorkOrder, "unpaid_service_approval", "", &actor(role), &BTreeMap::new())
    };
    assert_eq!(refused(approval("quality_lead")), pairs(&[("R01-33", "role:general_manager")]));
    assert_eq!(approval("general_manager").unwrap().role, "general_manager");
    assert_eq!(regulation.waiver(&dossier, at("2026-07-06T15:00")), Ok(None));
    dossier.records.push(record("unpaid_service_approval", "2026-07-06T14:00"));
    assert_eq!(regulation.waiver(&dossier, at("2026-07-06T13:59")), Ok(None));
    let waived = regulation.waiver(&dossier, at("2026-07-06T14:00")).unwrap().unwrap();
    assert_eq!((waived.rule.as_str(), waived.entry.as_str()), ("R01-33", "waivers.unpaid_service"));
    assert!(depart(&dossier, "2026-07-06T14:00").is_ok());
    let departure = limit(&regulation, Subject::WorkOrder, "departure_unpaid", &dossier, "2026-07-06T15:00").unwrap();
    assert_eq!(due(&departure), "2026-07-07T14:00:00");
}

#[test]
fn every_point_that_is_missing_before_departure_is_said_at_once() {
    let regulation = main_regulation();
    let dossier = ordered(&regulation, friday_call(), "on_site", "300");
    let refusals = refused(regulation.gate(Transition::Depart, &dossier, &actor("engineer"), at("2026-03-06T18:00")));
    let expected = FIVE_POINTS.map(|point| ("R01-34".to_owned(), format!("record:{point}")));
    assert_eq!(refusals, expected);
}

#[test]
fn s7_a_salesman_may_not_decide_a_repair_but_product_development_may() {
    let regulation = main_regulation();
    let mut dossier = repair("own", "own", "2026-03-10T14:00", Some("2026-12-31"));
    let solve = |dossier: &Dossier, role: &str| {
        regulation.gate(Transition::Solve, dossier, &actor(role), at("2026-03-10T14:30"))
    };
    let lifted_by = "role:quality_office role:service_administrator role:product_development";
    assert_eq!(refused(solve(&dossier, "marketing")), pairs(&[("R01-23", lifted_by)]));
    assert_eq!(
        refused(solve(&dossier, "product_development")),
        pairs(&[("R01-24", "fact:case.product"), ("R01-24", "fact:case.fault"), ("R01-24", "fact:case.contact")])
    );
    assert!(solve(&dossier, "quality_office").is_ok(), "the data are asked of product development alone");
    dossier.facts.set(words::CASE_PRODUCT, "products/1");
    dossier.facts.set(words::CASE_FAULT, "the boom sinks");
    dossier.facts.set(words::CASE_CONTACT, "the operator");
    assert!(solve(&dossier, "product_development").is_ok());
}

#[test]
fn the_return_is_agreed_by_the_quality_office_on_form_and_telephone_report() {
    let regulation = main_regulation();
    let mut dossier = ordered(&regulation, friday_call(), "on_site", "300");
    let agree = |dossier: &Dossier, role: &str| {
        regulation.gate(Transition::AgreeReturn, dossier, &actor(role), at("2026-03-09T12:00"))
    };
    assert_eq!(
        refused(agree(&dossier, "quality_office")),
        pairs(&[("R01-35", "record:feedback_form"), ("R01-35", "record:telephone_report")])
    );
    dossier.records.push(record("feedback_form", "2026-03-09T11:00"));
    dossier.records.push(record("telephone_report", "2026-03-09T11:30"));
    let consent =
        regulation.admit_record(Subject::WorkOrder, "return_consent", "", &actor("engineer"), &BTreeMap::new());
    assert_eq!(refused(consent), pairs(&[("R01-36", "role:quality_office")]), "nobody agrees to his own return");
    assert!(agree(&dossier, "quality_office").is_ok());
    let go_back =
        |dossier: &Dossier| regulation.gate(Transition::Return, dossier, &actor("engineer"), at("2026-03-09T13:00"));
    assert_eq!(refused(go_back(&dossier)), pairs(&[("R01-36", "record:return_consent")]));
    assert_eq!(regulation.step_of("return_consent"), Some(Transition::AgreeReturn));
    dossier.records.push(record("return_consent", "2026-03-09T12:00"));
    assert!(go_back(&dossier).is_ok());
}

#[test]
fn a_form_says_every_field_that_is_missing_at_once() {
    let regulation = main_regulation();
    let fields = BTreeMap::from([("opinion".to_owned(), "good".to_owned()), ("colour".to_owned(), "red".to_owned())]);
    let result = regulation.admit_record(Subject::WorkOrder, "feedback_form", "", &actor("engineer"), &fields);
    assert_eq!(
        refused(result),
        pairs(&[("R01-35", "field:number"), ("R01-35", "field:signature"), ("R01-35", "field:seal"), ("R01-35", "")])
    );
}

#[test]
fn a_record_of_another_kind_subject_or_party_is_refused() {
    let regulation = main_regulation();
    let admit = |on, kind: &str, party: &str| {
        regulation.admit_record(on, kind, party, &actor("quality_office"), &BTreeMap::new())
    };
    let unknown = admit(Subject::WorkOrder, "partner_notifed", "").unwrap_err();
    assert_eq!(unknown[0].message.en, "unknown record `partner_notifed`; did you mean `partner_notified`?");
    assert_eq!(refused(admit(Subject::Case, "partner_notified", "")), pairs(&[("R01-06", "")]));
    assert_eq!(
        refused(admit(Subject::WorkOrder, "partner_notified", "competitor")),
        pairs(&[("R01-06", "party:korean_partner")])
    );
    assert_eq!(admit(Subject::WorkOrder, "partner_notified", "").unwrap().party, "korean_partner");
}
