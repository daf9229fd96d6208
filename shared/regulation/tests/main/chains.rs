//! Chains of stations, gates before records, settings and what records say.

use callout_contract::regulation::v1::{
    Limit,
    limit::State,
    station::{
        self,
        State::{Ahead, Current, Passed, Skipped},
    },
};
use callout_regulation::{
    Actor, BUILT_IN, Dossier, RecordEntry, Regulation, SettingValue, Source, load,
    vocabulary::{Step, Subject, Transition},
};

use crate::fixtures::{actor, at, date, dec, due, no_holidays, pairs, record, refused, repair};

/// A complaint that travels four stations; the third only where the second asks for it.
const COMPLAINTS: &str = r#"
pack: complaints
extends: R01-aerial-platforms
records:
  taken_in: {rule: R01-22, on: case, is: form, by: [quality_office], form: taken_in, en: taken in, zh: 受理}
  opinion: {rule: R01-22, on: case, is: form, by: [product_development], form: opinion, en: opinion, zh: 意见}
  trial: {rule: R01-22, on: case, is: check, by: [quality_engineer], en: trial, zh: 试验}
  decision: {rule: R01-22, on: case, is: approval, by: [quality_lead, general_manager], en: decision, zh: 决定}
  letter: {rule: R01-22, on: case, is: notice, by: [marketing, quality_office], en: letter, zh: 函告}
  form_copy: {rule: R01-22, on: case, is: paper, by: [marketing], en: copy of the form, zh: 副本}
forms:
  taken_in: {rule: R01-22, fields: {quantity: {en: quantity, zh: 数量, kind: number}}}
  opinion: {rule: R01-22, fields: {trial: {en: trial needed, zh: 需试验, kind: yes_no}, loss: {en: loss, zh: 损失, kind: number}}}
settings:
  authority: {rule: R01-22, en: up to which loss the quality lead decides, zh: 质量主管核决上限}
chains:
  complaint:
    rule: R01-23
    of: case
    from: received
    stations:
      - {record: taken_in, amount: 12h}
      - {record: opinion, rule: R01-24, amount: 24h}
      - {record: trial, when: "record.opinion.trial", amount: 24h}
      - record: decision
        tiers: [{when: "record.opinion.loss > 1000", amount: 12d}, {amount: 5d}]
        authority: [{when: "record.opinion.loss <= setting.authority", by: [quality_lead]}, {by: [general_manager]}]
gates:
  first_receiver_decides: null
  development_takes_data: null
  coverage_decided: null
  letter_after_decision: {rule: R01-25, before: ["record:letter"], needs_chains: [complaint]}
  no_copy: {rule: R01-26, before: ["record:form_copy"], never: {en: the form is not sent to the customer, zh: 不得寄送客户}}
  few: {rule: R01-27, before: ["record:taken_in"], condition: "record.taken_in.quantity <= 4", lifted_by: {en: at most four, zh: 至多四件}}
  any: {rule: R01-28, before: [solve], needs_any: [trial, letter]}
limits:
  letter: {rule: R01-29, of: case, from: "record:decision", to: "record:letter", to_by: [quality_office], amount: 24h, responsible: quality_office}
  statistics: {rule: R01-30, of: case, from: "record:decision", to: "record:letter", by_day: {day: 10, of: following}, responsible: quality_office}
  archive: {rule: R01-30, of: case, from: "record:decision", to: "record:letter", by_day: {day: 31}, responsible: quality_office}
"#;

fn regulation() -> Regulation {
    load(Source { file: "complaints.yaml", text: COMPLAINTS }, BUILT_IN).unwrap()
}

fn received() -> Dossier {
    let mut dossier = repair("own", "own", "2024-03-04T09:30", Some("2024-12-31"));
    dossier.settings.push(SettingValue {
        setting: "authority".to_owned(),
        value: dec("5000"),
        valid_from: date("2024-01-01"),
        valid_until: None,
    });
    dossier
}

fn filled(kind: &str, occurred_at: &str, fields: &[(&str, &str)]) -> RecordEntry {
    let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    RecordEntry { fields, ..record(kind, occurred_at) }
}

fn limits(dossier: &Dossier, now: &str) -> Vec<(String, String, State)> {
    let limits = regulation().limits(Subject::Case, dossier, &no_holidays(), at(now)).known;
    let stations = limits.iter().filter(|limit| limit.limit.starts_with("complaint."));
    stations.map(|limit| (limit.limit.clone(), due(limit), limit.state())).collect()
}

fn pass(dossier: &Dossier, entry: RecordEntry, actor: &Actor) -> Result<(), Vec<callout_regulation::Refusal>> {
    let mut entered = dossier.clone();
    let (kind, at) = (entry.kind.clone(), entry.occurred_at);
    entered.records.push(entry);
    regulation().pass_station(&kind, &entered, actor, at)
}

#[test]
fn each_station_is_due_from_when_the_timed_one_before_it_was_passed() {
    let mut dossier = received();
    assert_eq!(
        limits(&dossier, "2024-03-04T10:00"),
        [("complaint.taken_in".to_owned(), "2024-03-04T21:30:00".to_owned(), State::Running)]
    );
    dossier.records.push(filled("taken_in", "2024-03-04T21:30", &[("quantity", "3")]));
    dossier.records.push(filled("opinion", "2024-03-05T22:00", &[("trial", "no"), ("loss", "1000")]));
    assert_eq!(
        limits(&dossier, "2024-03-06T00:00"),
        [
            ("complaint.taken_in".to_owned(), "2024-03-04T21:30:00".to_owned(), State::Met),
            ("complaint.opinion".to_owned(), "2024-03-05T21:30:00".to_owned(), State::MetLate),
            ("complaint.decision".to_owned(), "2024-03-10T23:59:59".to_owned(), State::Running),
        ],
        "a station that need not be passed uses no time"
    );
}

#[test]
fn a_station_that_need_not_be_passed_is_skipped_and_one_that_must_is_asked_for() {
    let mut dossier = received();
    dossier.records.push(filled("taken_in", "2024-03-04T10:00", &[("quantity", "3")]));
    let states = |dossier: &Dossier| {
        let chains = regulation().chains(Subject::Case, dossier, at("2024-03-06T00:00"));
        chains[0].stations.iter().map(station_state).collect::<Vec<_>>()
    };
    assert_eq!(states(&dossier), [Passed, Current, Ahead, Ahead]);
    dossier.records.push(filled("opinion", "2024-03-05T10:00", &[("trial", "no"), ("loss", "1")]));
    assert_eq!(states(&dossier), [Passed, Passed, Skipped, Current]);
    dossier.records.push(filled("opinion", "2024-03-05T11:00", &[("trial", "yes"), ("loss", "1")]));
    assert_eq!(states(&dossier), [Passed, Passed, Current, Ahead], "the latest opinion counts");
}

fn station_state(station: &callout_contract::regulation::v1::Station) -> station::State {
    station.state()
}

#[test]
fn a_station_out_of_order_is_refused_by_the_rule_of_the_chain() {
    let dossier = received();
    let early = pass(&dossier, record("decision", "2024-03-05T09:00"), &actor("general_manager"));
    assert_eq!(
        refused(early),
        pairs(&[
            ("R01-23", "record:taken_in"),
            ("R01-23", "record:opinion"),
            ("R01-23", "fact:record.opinion.trial"),
            ("R01-23", "fact:record.opinion.loss"),
        ])
    );
    assert!(pass(&dossier, record("taken_in", "2024-03-05T09:00"), &actor("quality_office")).is_ok());
}

#[test]
fn who_may_decide_goes_by_the_amount_and_by_what_the_organisation_set() {
    let mut dossier = received();
    dossier.records.push(filled("taken_in", "2024-03-04T10:00", &[("quantity", "3")]));
    let with_loss = |loss: &str| {
        let mut dossier = dossier.clone();
        dossier.records.push(filled("opinion", "2024-03-05T10:00", &[("trial", "no"), ("loss", loss)]));
        dossier
    };
    let decide = |loss: &str, role: &str| pass(&with_loss(loss), record("decision", "2024-03-06T10:00"), &actor(role));
    assert!(decide("5000", "quality_lead").is_ok());
    assert_eq!(refused(decide("5000.01", "quality_lead")), pairs(&[("R01-23", "role:general_manager")]));
    assert!(decide("5000.01", "general_manager").is_ok());

    let mut unset = with_loss("1");
    unset.settings.clear();
    let refusal = pass(&unset, record("decision", "2024-03-06T10:00"), &actor("quality_lead"));
    assert_eq!(refused(refusal), pairs(&[("R01-23", "setting:authority")]), "a setting that is missing is named");
}

#[test]
fn a_record_is_held_back_by_the_gates_before_it() {
    let regulation = regulation();
    let gate = |dossier: &Dossier, step: Step| {
        regulation.gate(step, dossier, &actor("quality_office"), at("2024-03-06T10:00")).map(drop)
    };
    let making = |entry: RecordEntry| {
        let mut dossier = received();
        dossier.records.push(entry);
        dossier
    };
    let letter = gate(&received(), Step::Record("letter".to_owned()));
    assert_eq!(
        refused(letter),
        pairs(&[
            ("R01-25", "record:taken_in"),
            ("R01-25", "record:opinion"),
            ("R01-25", "fact:record.opinion.trial"),
            ("R01-25", "record:decision"),
        ])
    );
    assert_eq!(refused(gate(&received(), Step::Record("form_copy".to_owned()))), pairs(&[("R01-26", "")]));
    let four = making(filled("taken_in", "2024-03-05T10:00", &[("quantity", "4")]));
    assert!(gate(&four, Step::Record("taken_in".to_owned())).is_ok());
    let five = making(filled("taken_in", "2024-03-05T10:00", &[("quantity", "5")]));
    assert_eq!(
        refused(gate(&five, Step::Record("taken_in".to_owned()))),
        pairs(&[("R01-27", "condition:record.taken_in.quantity <= 4")])
    );
    assert_eq!(
        refused(gate(&received(), Step::Transition(Transition::Solve))),
        pairs(&[("R01-28", "record:trial record:letter")])
    );
    assert!(gate(&making(record("letter", "2024-03-05T10:00")), Step::Transition(Transition::Solve)).is_ok());
}

#[test]
fn only_the_act_of_the_right_role_ends_a_limit_and_days_of_a_month_are_clipped() {
    let mut dossier = received();
    dossier.records.push(record("decision", "2024-02-01T10:00"));
    dossier.records.push(RecordEntry { role: "marketing".to_owned(), ..record("letter", "2024-02-01T11:00") });
    let regulation = regulation();
    let limit = |dossier: &Dossier, id: &str| -> Limit {
        let limits = regulation.limits(Subject::Case, dossier, &no_holidays(), at("2024-02-03T00:00")).known;
        limits.into_iter().find(|limit| limit.limit == id).unwrap()
    };
    assert_eq!(limit(&dossier, "letter").state(), State::Overdue, "a salesman's letter does not stop the clock");
    dossier.records.push(RecordEntry { role: "quality_office".to_owned(), ..record("letter", "2024-02-02T10:00") });
    assert_eq!(limit(&dossier, "letter").state(), State::Met);
    assert_eq!(due(&limit(&dossier, "archive")), "2024-02-29T23:59:59");
    assert_eq!(due(&limit(&dossier, "statistics")), "2024-03-10T23:59:59");
}
