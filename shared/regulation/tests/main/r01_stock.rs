//! R01: parts that are lent and come back to zero.

use callout_contract::regulation::v1::limit::State;
use callout_regulation::{
    Dossier, LoanItem, PurchaseStep,
    pack::Evidence,
    vocabulary::{Event, Subject, words},
};

use crate::fixtures::{actor, at, civil, due, limit, main_regulation, no_holidays, pairs, refused};

fn item(item: &str, category: Option<&str>) -> LoanItem {
    LoanItem { item: item.to_owned(), category: category.map(str::to_owned) }
}

#[test]
fn s8_only_low_value_standard_parts_are_lent_on_own_signature() {
    let regulation = main_regulation();
    let items = [item("bolt", Some("low_value_standard")), item("valve", None)];
    assert_eq!(
        refused(regulation.loan_purpose("self_signed", &items, &actor("engineer"))),
        pairs(&[("R01-55", "condition:item.category == 'low_value_standard'")])
    );
    let terms = regulation.loan_purpose("self_signed", &items[..1], &actor("engineer")).unwrap();
    assert_eq!(terms.copy.as_deref(), Some("slip_copy_to_administrator"));
}

#[test]
fn slips_for_mail_and_carriage_are_filled_by_the_administrator() {
    let regulation = main_regulation();
    let hose = [item("hose", None)];
    assert_eq!(
        refused(regulation.loan_purpose("carry", &hose, &actor("engineer"))),
        pairs(&[("R01-54", "role:service_administrator")])
    );
    assert_eq!(
        regulation.loan_purpose("carry", &hose, &actor("service_administrator")).unwrap().collected_by,
        ["engineer"]
    );
    assert!(regulation.loan_purpose("mail", &hose, &actor("service_administrator")).unwrap().tracked);
    assert_eq!(
        regulation.loan_purpose("gift", &hose, &actor("service_administrator")).unwrap_err()[0].message.en,
        "unknown purpose `gift`; known are mail, carry, self_signed"
    );
}

#[test]
fn s8_a_slip_is_brought_to_zero_on_the_certificate_alone() {
    let regulation = main_regulation();
    assert_eq!(
        refused(regulation.zeroing("carry", &actor("warehouse"), &[])),
        pairs(&[("R01-58", "evidence:inspection")])
    );
    assert_eq!(
        regulation.zeroing("carry", &actor("warehouse"), &[Evidence::Inspection]).unwrap().entry,
        "loans.zeroing.certified"
    );
    assert_eq!(
        refused(regulation.zeroing("carry", &actor("information_office"), &[])),
        pairs(&[("R01-58", "role:warehouse"), ("R01-58", "evidence:inspection")])
    );
}

#[test]
fn s8_self_signed_slips_are_brought_to_zero_by_the_information_office_on_the_weekly_list() {
    let regulation = main_regulation();
    let list = Evidence::Routine("weekly_slip_list".to_owned());
    assert!(regulation.zeroing("self_signed", &actor("information_office"), &[list]).is_ok());
    assert_eq!(
        refused(regulation.zeroing("self_signed", &actor("information_office"), &[Evidence::Inspection])),
        pairs(&[("R01-56", "evidence:routine:weekly_slip_list")])
    );
}

#[test]
fn s8_the_list_of_the_week_is_due_on_sunday_night() {
    let due =
        main_regulation().routine_due("weekly_slip_list", at("2026-03-11T10:00"), &no_holidays()).unwrap().unwrap();
    assert_eq!((civil(due.due_at).as_str(), due.period.as_deref()), ("2026-03-15T23:59:59", Some("2026-W11")));
    assert_eq!(due.explanation.rule, "R01-56");
}

#[test]
fn s8_inspection_sends_good_and_damaged_parts_to_their_sub_stock() {
    let regulation = main_regulation();
    let to = |result: &str| regulation.inspection(result, &actor("quality_office")).map(|outcome| outcome.sub_stock);
    assert_eq!((to("good").unwrap(), to("damaged").unwrap()), ("good_stock".to_owned(), "damaged_stock".to_owned()));
    assert_eq!(to("lost").unwrap_err()[0].message.en, "unknown result `lost`; known are good, damaged");
    assert_eq!(
        refused(regulation.inspection("good", &actor("warehouse"))),
        pairs(&[("R01-58", "role:quality_office")])
    );
}

#[test]
fn s8_issued_materials_are_due_three_days_after_the_return() {
    let regulation = main_regulation();
    let slip = |purpose: &str, handed_in_at: Option<&str>| {
        let mut dossier = Dossier::default();
        dossier.facts.set(words::SLIP_PURPOSE, purpose);
        dossier.milestones.push((Event::Returned, at("2026-03-13T20:00")));
        dossier.milestones.extend(handed_in_at.map(|handed_in_at| (Event::HandedIn, at(handed_in_at))));
        limit(&regulation, Subject::LoanSlip, "hand_in", &dossier, "2026-03-18T10:00")
    };
    let handed_in = slip("carry", Some("2026-03-16T17:30")).unwrap();
    assert_eq!((due(&handed_in).as_str(), handed_in.state()), ("2026-03-16T23:59:59", State::Met));
    let open = slip("carry", None).unwrap();
    assert_eq!((open.state(), open.late_days), (State::Overdue, 2));
    let next_day = slip("carry", Some("2026-03-17T00:00:00")).unwrap();
    assert_eq!((next_day.state(), next_day.late_days), (State::MetLate, 1));
    assert!(slip("self_signed", None).is_none());
}

#[test]
fn parts_are_bought_by_production_on_the_administrators_proposal() {
    let regulation = main_regulation();
    assert!(regulation.purchase(PurchaseStep::Propose, &actor("service_administrator")).is_ok());
    assert!(regulation.purchase(PurchaseStep::Keep, &actor("warehouse")).is_ok());
    assert_eq!(
        refused(regulation.purchase(PurchaseStep::Buy, &actor("service_administrator"))),
        pairs(&[("R01-52", "role:production")])
    );
}
