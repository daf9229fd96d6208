//! R19: working hours from call to arrival, what was left over, fees and goods, contracts, cards and reports.

use std::{collections::BTreeMap, sync::Arc};

use callout_contract::regulation::v1::{Limit, limit::State};
use callout_regulation::{
    BUILT_IN, Dossier, Facts, Library, Regulation, SettingValue, Source, Waiting, WorkEntry, load,
    vocabulary::{Event, Subject, Transition, words},
};

use crate::fixtures::{actor, at, date, dec, due, limit, no_holidays, pairs, record, refused};

fn r19() -> Arc<Regulation> {
    Library::built_in().unwrap().named("R19-appliance-service@1").unwrap().clone()
}

/// An order for a call of this region.
fn called(region: &str, received_at: &str) -> Dossier {
    let mut dossier = Dossier::default();
    dossier.facts.set(words::CASE_REGION, region);
    dossier.facts.set(words::ORDER_MODE, "on_site");
    dossier.milestones.push((Event::Received, at(received_at)));
    dossier.settings.push(SettingValue {
        setting: "low_fee".to_owned(),
        value: dec("200"),
        valid_from: date("2024-01-01"),
        valid_until: None,
    });
    dossier
}

fn arrival(region: &str, received_at: &str) -> Limit {
    limit(&r19(), Subject::WorkOrder, "arrival", &called(region, received_at), received_at).unwrap()
}

#[test]
fn s1_to_s3_six_and_seven_hours_run_while_the_centre_is_open() {
    for (region, received_at, due_at) in [
        ("city", "2024-05-17T15:30", "2024-05-18T12:30:00"),
        ("suburb", "2024-05-17T15:30", "2024-05-18T13:30:00"),
        ("city", "2024-05-18T16:00", "2024-05-20T13:00:00"),
        ("suburb", "2024-05-18T19:00", "2024-05-20T15:30:00"),
        ("city", "2024-05-20T11:30:00", "2024-05-20T17:30:00"),
        ("city", "2024-05-20T11:30:01", "2024-05-21T08:30:01"),
    ] {
        assert_eq!(due(&arrival(region, received_at)), due_at, "{region} {received_at}");
    }
}

fn waiting(name: &str, received_at: &str) -> Waiting {
    Waiting { name: name.to_owned(), received_at: at(received_at), facts: Facts::default() }
}

#[test]
fn s7_what_was_left_over_goes_first_and_among_those_of_a_day_nobody_does() {
    let regulation = r19();
    let (j1, j2) = (waiting("j1", "2024-05-20T14:00"), waiting("j2", "2024-05-20T16:50"));
    let j3 = waiting("j3", "2024-05-21T08:31");
    let in_order = |case: &Waiting, others: &[Waiting], now: &str| {
        regulation.dispatch_in_order(case, others, &no_holidays(), at(now))
    };
    assert_eq!(
        refused(in_order(&j3, &[j1.clone(), j2.clone()], "2024-05-21T08:35")),
        pairs(&[("R19-10", "dispatch:j1"), ("R19-10", "dispatch:j2")])
    );
    assert!(in_order(&j2, &[j1.clone(), j3.clone()], "2024-05-21T08:35").is_ok());
    assert!(in_order(&j2, &[j1], "2024-05-20T17:00").is_ok(), "on the day itself nothing is left over");
    // A call after hours on Saturday or on Sunday is one of Monday's, and keeps nobody waiting then.
    let (night, sunday) = (waiting("night", "2024-05-18T19:00"), waiting("sunday", "2024-05-19T10:00"));
    let saturday = waiting("saturday", "2024-05-18T16:00");
    assert!(in_order(&waiting("monday", "2024-05-20T08:40"), &[night.clone(), sunday], "2024-05-20T09:00").is_ok());
    assert_eq!(refused(in_order(&night, &[saturday], "2024-05-20T09:00")), pairs(&[("R19-10", "dispatch:saturday")]));
}

/// An order with a fee that was noted at ten.
fn owing(amount: &str, taken_away: bool) -> Dossier {
    let mut dossier = called("city", "2024-05-20T09:00");
    dossier.facts.set(words::FEE_AMOUNT, dec(amount));
    dossier.facts.set(words::FEE_STATE, "due");
    dossier.facts.set(words::ORDER_TAKEN_AWAY, taken_away);
    dossier.milestones.push((Event::FeeCharged, at("2024-05-20T10:00")));
    dossier
}

#[test]
fn s5_and_s6_the_limit_says_whether_money_or_invoice_comes_first() {
    let regulation = r19();
    let collect = |dossier: &Dossier| {
        regulation.gate(Transition::CollectFee, dossier, &actor("technician"), at("2024-05-24T11:00")).map(drop)
    };
    assert!(collect(&owing("200", false)).is_ok());
    assert_eq!(refused(collect(&owing("200.01", false))), pairs(&[("R19-13", "event:invoiced")]));
    assert_eq!(refused(collect(&owing("50", true))), pairs(&[("R19-17", "event:invoiced")]));
    let of = |id: &str, dossier: &Dossier| limit(&regulation, Subject::WorkOrder, id, dossier, "2024-05-24T11:00");
    assert_eq!(of("invoice_same_day", &owing("200", false)).map(|limit| due(&limit)), None);
    let same_day = of("invoice_same_day", &owing("200.01", false)).unwrap();
    assert_eq!(due(&same_day), "2024-05-20T23:59:59");
    let mut given_back = owing("350", true);
    given_back.milestones.push((Event::GivenBack, at("2024-05-24T10:00")));
    assert_eq!(of("invoice_same_day", &given_back).map(|limit| due(&limit)), None);
    assert_eq!(due(&of("invoice_on_return", &given_back).unwrap()), "2024-05-24T23:59:59");
}

#[test]
fn s8_the_notice_and_the_person_are_due_a_month_before_the_end() {
    let regulation = r19();
    let ending = |ends_at: &str| {
        let mut dossier = Dossier::default();
        dossier.milestones.push((Event::Agreed, at("2023-06-15T09:00")));
        dossier.milestones.push((Event::AgreementEnds, at(ends_at)));
        dossier
    };
    for (ends_at, due_at) in
        [("2024-03-31T23:59:59", "2024-02-29T23:59:59"), ("2024-06-15T23:59:59", "2024-05-15T23:59:59")]
    {
        for id in ["expiry_notice", "renewal_visit"] {
            let limit = limit(&regulation, Subject::Agreement, id, &ending(ends_at), "2024-01-01T00:00").unwrap();
            assert_eq!((due(&limit).as_str(), limit.amount.as_str()), (due_at, "1mo before agreement_ends"));
        }
    }
    let mut noticed = ending("2024-06-15T23:59:59");
    noticed.records.push(record("expiry_notice", "2024-05-15T17:00"));
    let state = |id: &str| limit(&regulation, Subject::Agreement, id, &noticed, "2024-05-16T09:00").unwrap().state();
    assert_eq!((state("expiry_notice"), state("renewal_visit")), (State::Met, State::Overdue));
}

#[test]
fn s9_the_register_of_saturday_is_due_on_monday_and_a_card_has_four_degrees() {
    let regulation = r19();
    let due = regulation.register_due("opinion_card", date("2024-05-18"), &no_holidays()).unwrap().unwrap();
    assert_eq!((due.due_at, due.explanation.rule.as_str()), (at("2024-05-20T23:59:59"), "R19-22"));
    assert!(regulation.send_register("opinion_card", &actor("clerk")).is_ok());
    assert_eq!(
        refused(regulation.send_register("opinion_card", &actor("service_department"))),
        pairs(&[("R19-22", "role:clerk role:supervisor")])
    );
    assert_eq!(
        refused(regulation.send_card("opinion_card", &actor("clerk"))),
        pairs(&[("R19-22", "role:service_department")])
    );
    let ticked = |faces: &[(&str, u32)]| {
        let faces = faces.iter().map(|(criterion, degree)| ((*criterion).to_owned(), *degree)).collect();
        regulation.read_card("opinion_card", &faces)
    };
    assert!(ticked(&[("attitude", 1), ("promise", 4)]).is_ok());
    assert_eq!(
        refused(ticked(&[("attitude", 5), ("technique", 0)])),
        pairs(&[("R19-23", "criterion:attitude"), ("R19-23", "criterion:technique")])
    );
    let unknown = ticked(&[("charm", 1)]).unwrap_err();
    assert_eq!((unknown.len(), unknown[0].rule.as_str()), (1, "R19-22"));
    assert!(regulation.survey("postcard").unwrap_err()[0].message.en.starts_with("unknown survey `postcard`"));
}

fn work(pieces: &[(&str, &str)]) -> Vec<WorkEntry> {
    pieces.iter().map(|(class, hours)| WorkEntry { class: (*class).to_owned(), hours: dec(hours) }).collect()
}

#[test]
fn s10_reports_add_up_and_a_branchs_is_signed_before_it_is_sent() {
    let regulation = r19();
    let day = work(&[("A", "3.0"), ("C", "1.5"), ("A", "1.0")]);
    let (totals, explanation) = regulation.add_up("supervisors_day", &day);
    assert_eq!(totals, BTreeMap::from([("A".to_owned(), dec("4.0")), ("C".to_owned(), dec("1.5"))]));
    assert_eq!((explanation.rule.as_str(), explanation.computation.as_str()), ("R19-20", "A: 3.0 + 1.0 = 4.0; C: 1.5"));

    let (technician, supervisor) = (actor("technician"), actor("supervisor"));
    assert!(regulation.make_report("technicians_day", &technician, &day).is_ok());
    assert_eq!(
        refused(regulation.make_report("technicians_day", &supervisor, &[])),
        pairs(&[("R19-19", "role:technician"), ("R19-19", "")])
    );
    assert_eq!(refused(regulation.make_report("technicians_day", &technician, &work(&[("E", "1")]))).len(), 1);
    assert!(regulation.make_report("supervisors_day", &supervisor, &[]).is_ok());
    assert_eq!(refused(regulation.make_report("supervisors_day", &supervisor, &day)), pairs(&[("R19-20", "")]));
    assert!(regulation.make_report("weekly", &supervisor, &[]).is_err());

    let send = |of_branch, is_signed| regulation.send_report("supervisors_day", &supervisor, of_branch, is_signed);
    assert_eq!(refused(send(true, false)), pairs(&[("R19-20", "role:branch_manager")]));
    assert!(send(true, true).is_ok());
    assert!(send(false, false).is_ok(), "at the centre there is no branch manager");
    assert!(regulation.send_report("technicians_day", &technician, true, false).is_ok());
    assert!(regulation.sign_report("supervisors_day", &actor("branch_manager")).is_ok());
    assert_eq!(
        refused(regulation.sign_report("supervisors_day", &supervisor)),
        pairs(&[("R19-20", "role:branch_manager")])
    );
    assert_eq!(refused(regulation.sign_report("technicians_day", &supervisor)), pairs(&[("R19-19", "")]));
}

#[test]
fn a_survey_or_a_report_that_cannot_be_is_found() {
    for (change, problem) in [
        ("surveys: {opinion_card: {degrees: 1}}\n", "surveys.opinion_card.degrees: there are two degrees at least"),
        (
            "surveys: {opinion_card: {register: {by: [postman]}}}\n",
            "surveys.opinion_card.register.by[0]: unknown role `postman`",
        ),
        (
            "work_reports: {technicians_day: {adds_up: supervisors_day}}\n",
            "work_reports.technicians_day.adds_up: `supervisors_day` has no entries of its own",
        ),
        (
            "limits: {expiry_notice: {amount: 1d}}\n",
            "limits.expiry_notice: says its time twice; give `amount`, `tiers`, `by_day` or `before`",
        ),
        ("limits: {expiry_notice: {before: {event: arrived}}}\n", "limits.expiry_notice.before.event: "),
    ] {
        let text = format!("pack: R19-changed\nextends: R19-appliance-service\n{change}");
        let found = match load(Source { file: "pack.yaml", text: &text }, BUILT_IN) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.0.iter().map(ToString::to_string).collect::<Vec<_>>(),
        };
        assert!(found.iter().any(|it| it.contains(problem)), "{problem}\n{found:#?}");
    }
}
