//! R31: the class that moves a limit and not its start, who must go, a report of each day, rates, and forms of routines.

use std::collections::BTreeMap;

use callout_regulation::{
    Counted, Dossier, RecordEntry,
    vocabulary::{Event, Step, Subject, Transition, words},
};

use crate::fixtures::{actor, at, date, dec, due, limit, no_holidays, pairs, r31, record, refused};

fn filled(kind: &str, occurred_at: &str, fields: &[(&str, &str)]) -> RecordEntry {
    let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    RecordEntry { fields, ..record(kind, occurred_at) }
}

fn of_kind(kind: &str, received_at: &str) -> Dossier {
    let mut dossier = Dossier::default();
    dossier.facts.set(words::CASE_KIND, kind);
    dossier.milestones.push((Event::Received, at(received_at)));
    dossier
}

fn letter(received_at: &str) -> Dossier {
    let mut dossier = of_kind("enquiry", received_at);
    dossier.facts.set(words::CASE_CHANNEL, "email");
    dossier
}

#[test]
fn s4_another_class_moves_the_end_of_the_limit_and_never_its_start() {
    let mut complaint = of_kind("complaint", "2026-05-01T23:30");
    let opinion = |complaint: &Dossier, id| limit(&r31(), Subject::Case, id, complaint, "2026-05-02T00:40");
    assert_eq!(due(&opinion(&complaint, "opinion_quality").unwrap()), "2026-05-02T01:30:00");
    assert_eq!(opinion(&complaint, "opinion_other"), None);
    complaint.records.push(filled("complaint_class", "2026-05-01T23:31", &[("class", "quality")]));
    assert_eq!(due(&opinion(&complaint, "opinion_quality").unwrap()), "2026-05-02T01:30:00");
    complaint.records.push(filled("complaint_class", "2026-05-02T00:40", &[("class", "other")]));
    assert_eq!(opinion(&complaint, "opinion_quality"), None);
    let other = opinion(&complaint, "opinion_other").unwrap();
    assert_eq!((due(&other).as_str(), other.explanation.unwrap().rule.as_str()), ("2026-05-02T11:30:00", "R31-12"));
}

#[test]
fn s6_who_complains_is_dealt_with_by_the_manager_or_a_delegate() {
    let assigned = |roles: &[&str], discontent: bool, kind: &str| {
        let mut order = of_kind(kind, "2026-06-15T10:00");
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        order.facts.set(words::ORDER_ROLES, roles);
        if discontent {
            order.records.push(record("discontent", "2026-06-15T10:05"));
        }
        r31().gate(Transition::Schedule, &order, &actor("service_department"), at("2026-06-15T11:00"))
    };
    let lifts = refused(assigned(&["technician"], false, "complaint"));
    assert_eq!(lifts.iter().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>(), ["R31-21"]);
    assert!(assigned(&[], true, "repair").is_err(), "discontent voiced with a repair");
    assert!(assigned(&["special_delegate"], false, "complaint").is_ok());
    assert!(assigned(&["service_manager", "technician"], true, "repair").is_ok());
    assert!(assigned(&["technician"], false, "repair").is_ok());
}

#[test]
fn s8_every_day_on_site_has_its_report_and_each_that_is_missing_is_named() {
    let mut order = of_kind("repair", "2026-06-16T09:00");
    order.facts.set(words::ORDER_MODE, "on_site");
    order.milestones.push((Event::Arrived, at("2026-06-17T10:00")));
    order.milestones.push((Event::Completed, at("2026-06-18T15:00")));
    for kind in ["survey", "service_report", "settlement"] {
        order.records.push(record(kind, "2026-06-18T16:00"));
    }
    let hand_in = |order: &Dossier, now| r31().gate(Transition::HandIn, order, &actor("technician"), at(now));
    let missing = ("R31-31", "record:daily_report");
    assert_eq!(refused(hand_in(&order, "2026-06-19T09:00")), pairs(&[missing, missing]));
    order.records.push(filled("daily_report", "2026-06-17T18:00", &[("date", "2026-06-17")]));
    order.records.push(filled("daily_report", "2026-06-18T08:00", &[("date", "2026-06-17")]));
    let refusals = hand_in(&order, "2026-06-19T09:00").unwrap_err();
    assert_eq!(refusals.len(), 1, "two reports of one day are no report of the next: {refusals:?}");
    assert!(refusals[0].message.en.ends_with("daily report of 2026-06-18"), "{}", refusals[0].message.en);
    order.records.push(filled("daily_report", "2026-06-19T10:00", &[("date", "2026-06-18")]));
    assert!(hand_in(&order, "2026-06-19T09:00").is_err(), "it was not made by then");
    assert!(hand_in(&order, "2026-06-19T10:00").is_ok());
}

#[test]
fn s8_what_is_out_blocks_the_settlement() {
    let settle = |outstanding: &str| {
        let mut order = of_kind("repair", "2026-06-16T09:00");
        order.facts.set(words::ORDER_MATERIAL_OUTSTANDING, dec(outstanding));
        order.facts.set(words::VERDICT_OUTCOME, "free");
        order.records.push(record("signed_sheet", "2026-06-18T15:00"));
        let fields = [("material_list", "4 fuses"), ("amount", "0")];
        order.records.push(filled("settlement", "2026-06-19T09:00", &fields));
        let step = Step::Record("settlement".to_owned());
        r31().gate(step, &order, &actor("technician"), at("2026-06-19T09:00"))
    };
    assert_eq!(refused(settle("1"))[0].0, "R31-33");
    assert!(settle("0").is_ok());
}

#[test]
fn s7_a_letter_holds_for_the_reply_rate_when_the_right_person_answered_in_time() {
    let counted = |letter: &Dossier, now| r31().counted(Subject::Case, letter, &no_holidays(), at(now));
    let of = |rate: &str, holds| Counted { rate: rate.to_owned(), day: date("2026-06-28"), holds };
    let mut it = letter("2026-06-28T16:00");
    assert_eq!(counted(&it, "2026-06-28T17:00"), [of("reply", false)]);
    let reply = filled("reply", "2026-06-28T16:10", &[("text", "yes")]);
    it.records.push(RecordEntry { role: "salesman".to_owned(), ..reply.clone() });
    assert_eq!(counted(&it, "2026-06-28T17:00"), [of("reply", false), of("correct_reply", false)]);
    it.records.push(filled("reply_check", "2026-06-28T16:20", &[("correct", "yes")]));
    assert_eq!(counted(&it, "2026-06-28T17:00"), [of("reply", false), of("correct_reply", true)]);
    let engineers = RecordEntry { role: "senior_engineer".to_owned(), occurred_at: at("2026-06-29T16:00"), ..reply };
    it.records.push(engineers);
    assert_eq!(counted(&it, "2026-06-29T16:00"), [of("reply", true), of("correct_reply", true)]);
    it.records.last_mut().unwrap().occurred_at = at("2026-06-29T16:00:01");
    assert_eq!(counted(&it, "2026-06-30T16:00"), [of("reply", false), of("correct_reply", true)]);
    assert_eq!(counted(&of_kind("enquiry", "2026-06-28T16:00"), "2026-06-28T17:00"), [], "by telephone");
}

#[test]
fn s7_a_rate_is_met_by_its_exact_share_and_shown_rounded() {
    let shown = |counted, holding| {
        let percentage = r31().percentage("reply", counted, holding).unwrap();
        (percentage.percent.map(|percent| percent.to_string()).unwrap_or_default(), percentage.met)
    };
    assert_eq!(shown(40, 38), ("95.00".to_owned(), false));
    assert_eq!(shown(40, 40), ("100.00".to_owned(), true));
    assert_eq!(shown(30_000, 29_999), ("100.00".to_owned(), false), "99.9967 is no 100");
    assert_eq!(shown(0, 0), (String::new(), true));
    assert_eq!(r31().percentage("visits", 1, 1), None);
    let below = r31().below_target("monthly_study", "studied", 12, 11).unwrap();
    assert_eq!((below.rule.as_str(), below.lifted_by), ("R31-26", vec!["rate:studied".to_owned()]));
    assert_eq!(
        below.message.en,
        "quality items with study, settlement and cause: 11 of 12, 91.67 %; 100 % is asked for"
    );
    assert_eq!(r31().below_target("monthly_study", "studied", 12, 12), None);
}

#[test]
fn s10_a_campaign_by_one_channel_is_none_and_its_form_is_checked_first() {
    let admitted = |channels: [&str; 4]| {
        let names = ["by_visit", "by_telephone", "by_letter", "by_meeting"];
        let mut fields: BTreeMap<String, String> =
            names.into_iter().zip(channels).map(|(name, used)| (name.to_owned(), used.to_owned())).collect();
        fields.insert("opinions".to_owned(), "Good".to_owned());
        r31().admit_outcome("customer_visits_of_the_year", &fields)
    };
    assert_eq!(refused(admitted(["no", "yes", "no", "no"]))[0].0, "R31-25");
    assert_eq!(admitted(["yes", "yes", "no", "no"]), Ok(()));
    assert_eq!(refused(admitted(["yes", "twice", "no", "no"])), pairs(&[("R31-25", "field:by_telephone")]));
    let stray = BTreeMap::from([("by_visit".to_owned(), "yes".to_owned())]);
    assert_eq!(refused(r31().admit_outcome("visit_records", &stray)), pairs(&[("R31-24", "")]));
    assert_eq!(r31().admit_outcome("visit_records", &BTreeMap::new()), Ok(()));
}
