//! R13: parts against signed requisitions, kits and keys in personal custody.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::limit::State;
use callout_regulation::{
    Dossier, InCustody, IssuedLine, Lacking, Presented,
    vocabulary::{Event, Subject, words},
};
use rust_decimal::Decimal;

use crate::fixtures::{actor, at, dec, due, limit, no_holidays, pairs, r13, refused};

const REQUISITION: &[(&str, &str)] = &[
    ("use", "door repair"),
    ("elevator_no", "E-11"),
    ("customer_name", "Harbour Tower"),
    ("model", "DR-40"),
    ("quantity", "4"),
    ("reason", "worn through, cannot be repaired"),
];

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

fn line(stated: &str, wanted: &str) -> IssuedLine {
    IssuedLine { item: "door roller".to_owned(), stated: dec(stated), wanted: dec(wanted) }
}

#[test]
fn s5_a_requisition_without_its_form_is_refused_field_by_field_also_for_consumables() {
    let regulation = r13();
    assert!(regulation.fill_requisition("parts", &actor("technician"), &fields(REQUISITION)).is_ok());
    let bare = refused(regulation.fill_requisition("parts", &actor("technician"), &fields(&[])));
    assert_eq!(bare.len(), 6);
    assert!(bare.iter().all(|(rule, _)| rule == "R13-21"));
    assert_eq!(
        refused(regulation.fill_requisition("parts", &actor("stores_clerk"), &fields(&REQUISITION[1..]))),
        pairs(&[("R13-21", "role:technician role:repair_team"), ("R13-21", "field:use")])
    );
    assert_eq!(
        regulation.fill_requisition("tools", &actor("technician"), &fields(REQUISITION)).unwrap_err()[0].message.en,
        "unknown requisition `tools`; known are parts"
    );
}

#[test]
fn s5_nothing_is_issued_without_a_sheet_and_two_signatures_and_never_more_than_is_stated() {
    let regulation = r13();
    let clerk = actor("stores_clerk");
    let (sheet, signed) = (["maintenance_sheet".to_owned()], [(0, "zhao".to_owned()), (1, "guo".to_owned())]);
    let presented = |attached, signed| Presented { kind: "parts", attached, signed };
    let issue = |presented, lines: &[IssuedLine]| refused(regulation.issue_requisition(presented, &clerk, lines));
    assert_eq!(
        issue(presented(&[], &signed[..1]), &[line("4", "4")]),
        pairs(&[
            ("R13-21", "attachment:maintenance_sheet attachment:emergency_repair_record"),
            ("R13-21", "signature:after_sales_manager"),
        ])
    );
    assert_eq!(
        issue(presented(&sheet, &signed[..1]), &[line("4", "4")]),
        pairs(&[("R13-21", "signature:after_sales_manager")])
    );
    let more = regulation.issue_requisition(presented(&sheet, &signed), &clerk, &[line("4", "5")]).unwrap_err();
    assert_eq!(
        (more[0].rule.as_str(), more[0].message.en.as_str()),
        ("R13-22", "4 of `door roller` may be issued, not 5")
    );
    let issued = regulation.issue_requisition(presented(&sheet, &signed), &clerk, &[line("4", "4")]).unwrap();
    assert_eq!((issued.rule.as_str(), issued.computation.as_str()), ("R13-22", "4 of 4 stated"));
    let technician = regulation.issue_requisition(presented(&sheet, &signed), &actor("technician"), &[]);
    assert_eq!(refused(technician), pairs(&[("R13-22", "role:stores_clerk")]));
}

#[test]
fn each_signature_is_another_persons_in_a_role_that_is_open() {
    let regulation = r13();
    let sign = |signed: &[(usize, String)], person: &str, role: &str| {
        let presented = Presented { kind: "parts", attached: &[], signed };
        regulation.sign_requisition(presented, person, &actor(role))
    };
    assert_eq!(sign(&[], "zhao", "technician").unwrap(), 0);
    assert_eq!(sign(&[], "guo", "after_sales_manager").unwrap(), 1);
    let zhao = [(0, "zhao".to_owned())];
    assert_eq!(
        refused(sign(&zhao, "liu", "technician")),
        pairs(&[("R13-21", "role:after_sales_manager")]),
        "a second technician signs nothing"
    );
    assert_eq!(
        refused(sign(&zhao, "zhao", "after_sales_manager")),
        pairs(&[("R13-21", "signature:after_sales_manager")])
    );
    let both = [(0, "zhao".to_owned()), (1, "guo".to_owned())];
    assert_eq!(sign(&both, "liu", "technician").unwrap_err()[0].message.en, "every signature is there");
}

#[test]
fn only_the_papers_that_the_rule_names_support_a_requisition() {
    let regulation = r13();
    assert!(regulation.attach_to_requisition("parts", "emergency_repair_record").is_ok());
    let other = regulation.attach_to_requisition("parts", "site_cleared").unwrap_err();
    assert_eq!((other[0].rule.as_str(), other.len()), ("R13-21", 1));
}

#[test]
fn s6_the_replaced_parts_are_due_with_the_sheet_and_consumables_leave_none() {
    let regulation = r13();
    assert_eq!(regulation.replaced_comes_back("parts", None), Some("R13-23"));
    assert_eq!(regulation.replaced_comes_back("parts", Some("consumable")), None);
    assert_eq!(regulation.replaced_comes_back("tools", None), None);
    let mut dossier = Dossier::default();
    dossier.milestones.push((Event::Supported, at("2013-04-10T10:00")));
    let now = "2013-05-01T00:00";
    assert!(limit(&regulation, Subject::Requisition, "replaced_parts", &dossier, now).is_none());
    dossier.facts.set(words::REQUISITION_OWES, true);
    let running = limit(&regulation, Subject::Requisition, "replaced_parts", &dossier, "2013-04-30T23:59:59").unwrap();
    assert_eq!((running.state(), due(&running).as_str()), (State::Running, "2013-04-30T23:59:59"));
    let overdue = limit(&regulation, Subject::Requisition, "replaced_parts", &dossier, now).unwrap();
    assert_eq!((overdue.state(), overdue.late_days), (State::Overdue, 1));
    dossier.milestones.push((Event::ReplacedReturned, at("2013-05-02T10:00")));
    let late = limit(&regulation, Subject::Requisition, "replaced_parts", &dossier, "2013-06-01T00:00").unwrap();
    assert_eq!((late.state(), late.late_days), (State::MetLate, 2));
}

fn kit() -> InCustody<'static> {
    InCustody { kind: "tool_kit", issued_at: at("2012-12-18T09:00") }
}

#[test]
fn s7_a_kit_is_renewed_after_three_years_and_not_a_day_before() {
    let regulation = r13();
    let (on, why) = regulation.custody_renewable_on(kit(), &no_holidays()).unwrap().unwrap();
    assert_eq!((on.to_string().as_str(), why.rule.as_str()), ("2015-12-18", "R13-25"));
    let renew = |when: &str| regulation.renew_custody(kit(), at(when), &no_holidays());
    assert_eq!(refused(renew("2015-12-17T23:59:59")), pairs(&[("R13-25", "date:2015-12-18")]));
    assert!(renew("2015-12-18T00:00").is_ok());
    let key = InCustody { kind: "elevator_key", ..kit() };
    assert_eq!(regulation.custody_renewable_on(key, &no_holidays()).unwrap(), None);
    assert!(regulation.renew_custody(key, at("2026-01-01T00:00"), &no_holidays()).is_err());
}

#[test]
fn s7_what_is_lost_before_the_term_its_holder_supplies_and_what_is_broken_goes_old_for_new() {
    let regulation = r13();
    let replace = |lacking, when: &str| regulation.replace_in_custody(kit(), lacking, at(when), &no_holidays());
    assert_eq!(refused(replace(Lacking::Lost, "2014-05-02T09:00")), pairs(&[("R13-28", "supplied_by:holder")]));
    assert!(replace(Lacking::Lost, "2015-12-18T09:00").is_ok(), "the term is over");
    let broken = |handed_in| Lacking::Damaged { handed_in };
    assert_eq!(replace(broken(true), "2014-06-03T09:00").unwrap().rule, "R13-28");
    assert_eq!(refused(replace(broken(false), "2014-06-03T09:00")), pairs(&[("R13-28", "handed_in:broken")]));
    assert_eq!(replace(Lacking::Nothing, "2014-06-03T09:00").unwrap_err()[0].message.en, "it is there and in order");
}

#[test]
fn s8_a_key_is_issued_with_its_entry_handed_on_to_nobody_and_its_loss_is_the_holders() {
    let regulation = r13();
    let register = fields(&[("district", "North"), ("model", "T-5"), ("key_type", "triangular")]);
    assert!(regulation.issue_custody("elevator_key", &actor("stores_clerk"), &register).is_ok());
    assert_eq!(
        refused(regulation.issue_custody("elevator_key", &actor("technician"), &fields(&[("district", "North")]))),
        pairs(&[
            ("R13-29", "role:stores_clerk role:after_sales_manager"),
            ("R13-29", "field:model"),
            ("R13-29", "field:key_type"),
        ])
    );
    assert_eq!(
        refused(regulation.hand_on_custody("elevator_key", &actor("technician"))),
        pairs(&[("R13-30", "role:after_sales_manager")])
    );
    assert!(regulation.hand_on_custody("elevator_key", &actor("after_sales_manager")).is_ok());
    assert!(regulation.hand_on_custody("tool_kit", &actor("after_sales_manager")).is_err());
    assert_eq!(regulation.hand_on_custody("tool_kit", &actor("technician")).unwrap_err()[0].rule, "R13-27");
    assert_eq!(regulation.liable_for_loss("elevator_key"), Some("R13-30"));
    assert_eq!(regulation.liable_for_loss("tool_kit"), None);

    let mut dossier = Dossier::default();
    dossier.milestones.push((Event::Lost, at("2014-07-01T10:00")));
    dossier.milestones.push((Event::LossReported, at("2014-07-03T09:00")));
    let report = limit(&regulation, Subject::Custody, "key_loss_report", &dossier, "2014-07-03T09:00").unwrap();
    assert_eq!(due(&report), "2014-07-01T23:59:59");
    assert_eq!((report.state(), report.late_days, report.amount.as_str()), (State::MetLate, 2, "0d"));
    assert_eq!(Decimal::from(report.late_days), dec("2"));
}
