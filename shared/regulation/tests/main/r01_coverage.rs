//! R01: who is entitled to what, and what it costs.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::verdict::Outcome;
use callout_regulation::{
    Dossier, Facts, MissingSetting, NotQuoted, PartPrice, Queue, QuoteInput, QuotePart, SolutionOption, TariffTable,
    vocabulary::{Mode, Transition, words},
};

use crate::fixtures::{actor, at, date, dec, main_regulation, ordered, pairs, record, refused, repair};

fn tables() -> Vec<TariffTable> {
    ["on_site_visit", "class3_visit"]
        .map(|table| TariffTable {
            table: table.to_owned(),
            values: BTreeMap::from([("person_day".to_owned(), dec("400")), ("km".to_owned(), dec("1.20"))]),
            valid_from: date("2026-01-01"),
            valid_until: Some(date("2026-12-31")),
        })
        .to_vec()
}

fn price(item: &str, kind: &str, amount: &str) -> PartPrice {
    PartPrice {
        item: item.to_owned(),
        kind: kind.to_owned(),
        amount: dec(amount),
        valid_from: date("2026-01-01"),
        valid_until: None,
    }
}

fn prices() -> Vec<PartPrice> {
    vec![
        price("X", "finance", "380"),
        price("X", "preferential", "361"),
        price("Y", "finance", "1000"),
        price("Y", "partner", "900"),
    ]
}

fn part(item: &str, given_price: Option<&str>) -> QuotePart {
    QuotePart { item: item.to_owned(), quantity: dec("1"), supplied_by: None, given_price: given_price.map(dec) }
}

/// One engineer, two days, 250 km.
fn visit(tariff: &str, parts: Vec<QuotePart>) -> QuoteInput {
    let facts =
        Facts::default().with(words::QUOTE_PERSONS, 1).with(words::QUOTE_DAYS, 2).with(words::QUOTE_DISTANCE_KM, 250);
    QuoteInput {
        tariff: tariff.to_owned(),
        mode: Mode::OnSite,
        facts,
        parts,
        items: BTreeMap::new(),
        given_total: None,
        at: at("2026-07-01T09:00"),
        actor: actor("finance"),
    }
}

fn machining(items: &[(&str, &str)], total: &str) -> QuoteInput {
    QuoteInput {
        tariff: "competitor_machining".to_owned(),
        items: items.iter().map(|(item, amount)| ((*item).to_owned(), dec(amount))).collect(),
        given_total: Some(dec(total)),
        facts: Facts::default(),
        ..visit("", Vec::new())
    }
}

const EIGHT_ITEMS: [(&str, &str); 8] = [
    ("survey", "1000"),
    ("design", "2000"),
    ("travel", "500"),
    ("material", "6000"),
    ("machining", "4000"),
    ("tooling", "1500"),
    ("management", "800"),
    ("taxes", "1200"),
];

#[test]
fn s1_a_class_1_machine_in_warranty_is_served_free_without_a_quote() {
    let dossier = repair("own", "parent_company", "2026-03-06T16:10", Some("2026-06-30"));
    let verdict = main_regulation().verdict(&dossier);
    assert_eq!((verdict.outcome(), verdict.product_class.as_str()), (Outcome::Free, "1"));
    assert_eq!((verdict.payer.as_str(), verdict.tariff.as_str()), ("company", ""));
    let why = verdict.explanation.unwrap();
    assert_eq!((why.rule.as_str(), why.entry.as_str()), ("R01-03", "coverage.verdicts.class1_warranty"));
    assert_eq!(why.revision, "R01-aerial-platforms@1");
    assert_eq!(
        why.computation,
        "received 2026-03-06 16:10:00, within the warranty that ends with 2026-06-30; class 1 by R01-01; \
         class1_warranty applies"
    );
    assert_eq!(why.inputs["product.maker"], "own");
    assert_eq!(why.inputs["case.in_warranty"], "true");
}

#[test]
fn s2_the_last_day_of_warranty_counts_to_its_last_second() {
    let regulation = main_regulation();
    let p = regulation.verdict(&repair("own", "own", "2026-06-30T23:59:59", Some("2026-06-30")));
    assert_eq!((p.outcome(), p.in_warranty), (Outcome::Free, true));
    let q = regulation.verdict(&repair("own", "own", "2026-07-01T00:00:00", Some("2026-06-30")));
    assert_eq!((q.outcome(), q.in_warranty, q.tariff.as_str()), (Outcome::Paid, false, "on_site_visit"));
    assert_eq!(q.payer, "customer");
}

#[test]
fn s2_misuse_in_warranty_is_paid_with_preferential_parts() {
    let regulation = main_regulation();
    let mut r = repair("own", "own", "2026-06-20T10:00", Some("2026-06-30"));
    r.facts.set(words::CASE_CAUSE, "misuse");
    let verdict = regulation.verdict(&r);
    assert_eq!(
        (verdict.outcome(), verdict.in_warranty, verdict.tariff.as_str()),
        (Outcome::Paid, true, "misuse_visit")
    );
    let quote = regulation.quote(&visit("misuse_visit", vec![part("X", None)]), &tables(), &prices()).unwrap();
    assert_eq!(quote.total, dec("1461.00"));
}

#[test]
fn s2_a_paid_visit_is_persons_by_days_plus_km_plus_parts() {
    let quote = main_regulation().quote(&visit("on_site_visit", vec![part("X", None)]), &tables(), &prices()).unwrap();
    let lines = quote.lines.iter().map(|line| (line.name.as_str(), line.amount)).collect::<Vec<_>>();
    assert_eq!(lines, [("labour", dec("800")), ("travel", dec("300")), ("X", dec("380"))]);
    assert_eq!(quote.total, dec("1480"));
    let why = quote.explanations.iter().map(|it| (it.rule.as_str(), it.entry.as_str())).collect::<Vec<_>>();
    assert_eq!(
        why,
        [
            ("R01-11", "tariffs.on_site_visit.lines.labour"),
            ("R01-11", "tariffs.on_site_visit.lines.travel"),
            ("R01-11", "tariffs.on_site_visit.parts")
        ]
    );
}

#[test]
fn a_quote_without_a_valid_table_or_price_says_each_that_is_missing() {
    let mut input = visit("on_site_visit", vec![part("Z", None)]);
    input.at = at("2027-01-01T00:00");
    let missing = |setting: &str| MissingSetting {
        setting: setting.to_owned(),
        rule: "R01-11".to_owned(),
        day: date("2027-01-01"),
    };
    assert_eq!(
        main_regulation().quote(&input, &tables(), &prices()),
        Err(NotQuoted::Missing(vec![missing("table:on_site_visit"), missing("price:finance:Z")]))
    );
    input.at = at("2026-12-31T23:59:59");
    input.parts.clear();
    assert!(
        main_regulation().quote(&input, &tables(), &prices()).is_ok(),
        "the last day of validity counts to its end"
    );
}

#[test]
fn s3_a_class_2_machine_in_warranty_is_free_with_notice_and_charge_to_the_partner() {
    let verdict = main_regulation().verdict(&repair("korean_partner", "own", "2026-04-10T09:00", Some("2026-12-31")));
    assert_eq!((verdict.outcome(), verdict.product_class.as_str()), (Outcome::Free, "2"));
    assert_eq!(
        (verdict.notify_before, verdict.charge_after),
        (vec!["korean_partner".to_owned()], vec!["korean_partner".to_owned()])
    );
}

#[test]
fn misuse_of_a_class_2_machine_is_told_to_the_partner_but_not_charged_to_him() {
    let mut dossier = repair("korean_partner", "own", "2026-04-10T09:00", Some("2026-12-31"));
    dossier.facts.set(words::CASE_MANUAL_KEPT, false);
    let verdict = main_regulation().verdict(&dossier);
    assert_eq!((verdict.outcome(), verdict.payer.as_str()), (Outcome::Paid, "customer"));
    assert_eq!(
        (verdict.notify_before, verdict.charge_after),
        (vec!["korean_partner".to_owned()], Vec::<String>::new())
    );
}

#[test]
fn s4_class_3_out_of_warranty_is_refused_until_request_and_approval_are_on_record() {
    let regulation = main_regulation();
    let mut dossier = repair("korean_partner", "korean_partner", "2026-05-11T09:00", Some("2025-12-31"));
    let call = regulation.verdict(&dossier);
    assert_eq!(call.outcome(), Outcome::Refused);
    let needs = call.requirements.iter().map(|it| (it.rule.as_str(), it.needs.as_str(), it.met)).collect::<Vec<_>>();
    assert_eq!(
        needs,
        [
            ("R01-13", "request: written_request of korean_partner by quality_office or service_administrator", false),
            ("R01-13", "approval: service_approval by quality_lead", false),
        ]
    );
    dossier.records.push(record("written_request", "2026-05-11T10:00"));
    assert_eq!(regulation.verdict(&dossier).outcome(), Outcome::Refused);
    dossier.records.push(record("service_approval", "2026-05-11T15:00"));
    let approved = regulation.verdict(&dossier);
    assert_eq!((approved.outcome(), approved.tariff.as_str()), (Outcome::Paid, "class3_visit"));
    assert!(approved.requirements.iter().all(|it| it.met));
}

#[test]
fn s4_a_case_that_is_refused_cannot_be_quoted_or_dispatched() {
    let regulation = main_regulation();
    let dossier = repair("korean_partner", "korean_partner", "2026-05-11T09:00", Some("2025-12-31"));
    let dossier = ordered(&regulation, dossier, "on_site", "100");
    for step in [Transition::Solve, Transition::Quote, Transition::Dispatch] {
        let refusals = refused(regulation.gate(step, &dossier, &actor("quality_office"), at("2026-05-11T11:00")));
        let lacks = [("R01-13", "record:written_request"), ("R01-13", "record:service_approval")];
        assert_eq!(refusals, pairs(&lacks), "{step}");
    }
}

#[test]
fn what_two_records_of_one_rule_lack_is_said_twice() {
    let dossier = repair("korean_partner", "korean_partner", "2026-05-11T09:00", Some("2025-12-31"));
    let refusals =
        main_regulation().gate(Transition::Dispatch, &dossier, &actor("quality_office"), at("2026-05-11T11:00"));
    let messages = refusals.unwrap_err().into_iter().map(|it| (it.message.en, it.message.zh)).collect::<Vec<_>>();
    let said = [
        ("not on record: written request of the Korean partner", "缺少记录:韩方书面请求"),
        ("not on record: approval of service for class 3", "缺少记录:质量主管领导批准"),
    ];
    assert_eq!(messages, said.map(|(en, zh)| (en.to_owned(), zh.to_owned())));
}

#[test]
fn an_approval_counts_before_a_step_from_the_instant_at_which_it_was_given() {
    let regulation = main_regulation();
    let mut dossier = repair("korean_partner", "korean_partner", "2026-05-11T09:00", Some("2025-12-31"));
    dossier.records.push(record("written_request", "2026-05-11T10:00"));
    dossier.records.push(record("service_approval", "2026-05-11T15:00"));
    let dispatch = |when: &str| regulation.gate(Transition::Dispatch, &dossier, &actor("quality_office"), at(when));
    assert_eq!(refused(dispatch("2026-05-11T14:59:59")), pairs(&[("R01-13", "record:service_approval")]));
    let requirements = dispatch("2026-05-11T15:00").unwrap();
    assert_eq!(requirements[0].needs, "verdict: free, paid or contract");
}

#[test]
fn a_case_is_not_dispatched_by_the_rule_of_what_its_verdict_lacks() {
    let regulation = main_regulation();
    let dispatch = |maker: &str, seller: &str| {
        let dossier = repair(maker, seller, "2026-03-13T09:00", Some("2026-12-31"));
        refused(regulation.gate(Transition::Dispatch, &dossier, &actor("quality_office"), at("2026-03-13T11:00")))
    };
    assert_eq!(dispatch("competitor", "competitor"), pairs(&[("R01-17", "record:unusual_request_approval")]));
    assert_eq!(dispatch("korean_partner", "korean_partner"), pairs(&[("R01-08", "record:agency_contract_terms")]));
    assert_eq!(dispatch("own", "competitor"), pairs(&[("R01-01", "")]), "it is in no class");
    let unknown =
        regulation.gate(Transition::Dispatch, &Dossier::default(), &actor("quality_office"), at("2026-03-13T11:00"));
    assert_eq!(refused(unknown), pairs(&[("R01-01", "fact:product.maker")]));
}

#[test]
fn an_order_without_a_verdict_is_not_quoted() {
    let quoted = main_regulation().gate(
        Transition::Quote,
        &Dossier::default(),
        &actor("quality_office"),
        at("2026-03-13T11:00"),
    );
    assert_eq!(refused(quoted), pairs(&[("R01-01", "fact:verdict.outcome")]));
}

#[test]
fn class_3_is_by_contract_where_it_is_neither_repair_nor_advice_nor_parts() {
    let regulation = main_regulation();
    let mut dossier = repair("korean_partner", "korean_partner", "2026-03-10T09:00", Some("2025-12-31"));
    for (kind, rule) in [
        ("repair", "R01-13"),
        ("enquiry", "R01-13"),
        ("parts_purchase", "R01-13"),
        ("mail_in", "R01-13"),
        ("complaint", "R01-16"),
        ("installation", "R01-16"),
        ("maintenance", "R01-16"),
    ] {
        dossier.facts.set(words::CASE_KIND, kind);
        assert_eq!(regulation.verdict(&dossier).explanation.unwrap().rule, rule, "{kind}");
    }
    let held = regulation.verdict(&dossier);
    assert_eq!((held.outcome(), held.requirements[0].rule.as_str()), (Outcome::Held, "R01-08"));
    dossier.records.push(record("agency_contract_terms", "2026-03-10T10:00"));
    assert_eq!(regulation.verdict(&dossier).outcome(), Outcome::Contract);
}

#[test]
fn another_cause_than_quality_or_misuse_is_paid_in_warranty_too() {
    let mut dossier = repair("own", "own", "2026-06-20T10:00", Some("2026-06-30"));
    dossier.facts.set(words::CASE_CAUSE, "other");
    let verdict = main_regulation().verdict(&dossier);
    assert_eq!((verdict.outcome(), verdict.explanation.unwrap().rule.as_str()), (Outcome::Paid, "R01-09"));
}

#[test]
fn s4_the_administrators_approval_does_not_count() {
    let result = main_regulation().admit_record(
        callout_regulation::vocabulary::Subject::Case,
        "service_approval",
        "",
        &actor("service_administrator"),
        &BTreeMap::new(),
    );
    assert_eq!(refused(result), pairs(&[("R01-13", "role:quality_lead")]));
}

#[test]
fn s4_class_3_parts_cost_at_least_110_per_cent_of_finances_price() {
    let regulation = main_regulation();
    let quote =
        |given: &str| regulation.quote(&visit("class3_visit", vec![part("Y", Some(given))]), &tables(), &prices());
    let Err(NotQuoted::Refused(refusals)) = quote("1099.99") else { panic!("1,099.99 is below the floor") };
    assert_eq!(refusals[0].rule, "R01-15");
    assert_eq!(refusals[0].message.en, "1099.99 is below the least price 1100 (price.finance * 1.10)");
    assert_eq!(quote("1100.00").unwrap().lines[2].amount, dec("1100"));
}

#[test]
fn s4_only_finance_gives_the_price_of_class_3_parts() {
    let mut input = visit("class3_visit", vec![part("Y", Some("1100"))]);
    input.actor = actor("engineer");
    let Err(NotQuoted::Refused(refusals)) = main_regulation().quote(&input, &tables(), &prices()) else {
        panic!("an engineer gives no price")
    };
    assert_eq!(refusals[0].lifted_by, ["role:finance"]);
}

#[test]
fn s4_a_part_of_the_korean_side_costs_a_handling_fee_of_10_per_cent() {
    let mut supplied = part("Y", None);
    supplied.supplied_by = Some("korean_partner".to_owned());
    let quote = main_regulation().quote(&visit("class3_visit", vec![supplied]), &tables(), &prices()).unwrap();
    assert_eq!(quote.lines[2].amount, dec("90.00"));
}

#[test]
fn s4_class_3_in_warranty_is_held_without_contract_terms() {
    let regulation = main_regulation();
    let mut dossier = repair("korean_partner", "korean_partner", "2026-05-11T09:00", Some("2026-12-31"));
    assert_eq!(regulation.verdict(&dossier).outcome(), Outcome::Held);
    dossier.records.push(record("agency_contract_terms", "2026-05-11T10:00"));
    assert_eq!(regulation.verdict(&dossier).outcome(), Outcome::Contract);
}

#[test]
fn s5_class_4_is_machining_only_and_never_in_warranty() {
    let regulation = main_regulation();
    let mut dossier = repair("competitor", "competitor", "2026-03-13T09:00", Some("2026-12-31"));
    let pump = regulation.verdict(&dossier);
    assert_eq!(pump.outcome(), Outcome::Refused);
    assert_eq!(pump.requirements[0].needs, "approval: unusual_request_approval by general_manager");
    dossier.records.push(record("unusual_request_approval", "2026-03-13T10:00"));
    assert_eq!(regulation.verdict(&dossier).outcome(), Outcome::Paid);
    dossier.records.clear();
    dossier.facts.set(words::CASE_WORK, "work_arm_machining");
    let machining = regulation.verdict(&dossier);
    assert_eq!((machining.outcome(), machining.tariff.as_str()), (Outcome::Paid, "competitor_machining"));
}

#[test]
fn s5_machining_costs_at_least_120_per_cent_of_its_eight_items() {
    let regulation = main_regulation();
    let Err(NotQuoted::Refused(low)) = regulation.quote(&machining(&EIGHT_ITEMS, "20399"), &[], &[]) else {
        panic!("20,399 is below the floor")
    };
    assert_eq!(low[0].rule, "R01-18");
    assert_eq!(low[0].message.en, "20399 is below the least price 20400 (sum(items) * 1.20)");
    assert_eq!(regulation.quote(&machining(&EIGHT_ITEMS, "20400"), &[], &[]).unwrap().total, dec("20400"));
}

#[test]
fn s5_a_machining_quote_without_an_item_is_refused_but_zero_is_allowed() {
    let regulation = main_regulation();
    let without_tooling = EIGHT_ITEMS.into_iter().filter(|(item, _)| *item != "tooling").collect::<Vec<_>>();
    let Err(NotQuoted::Refused(refusals)) = regulation.quote(&machining(&without_tooling, "21000"), &[], &[]) else {
        panic!("tooling is missing")
    };
    assert_eq!(refusals.iter().map(|it| it.lifted_by.join("")).collect::<Vec<_>>(), ["item:tooling"]);
    let free_tooling = EIGHT_ITEMS.map(|(item, amount)| (item, if item == "tooling" { "0" } else { amount }));
    assert!(regulation.quote(&machining(&free_tooling, "18600"), &[], &[]).is_ok());
}

#[test]
fn s5_the_queue_goes_by_class_and_then_by_receipt() {
    let regulation = main_regulation();
    let mut queue = [("4", "09:00"), ("3", "10:00"), ("1", "11:00"), ("1", "15:00")];
    queue.sort_by_key(|(class, time)| {
        let facts = Facts::default().with(words::PRODUCT_CLASS, *class);
        (regulation.rank(Queue::Service, &facts).unwrap(), *time)
    });
    assert_eq!(queue, [("1", "11:00"), ("1", "15:00"), ("3", "10:00"), ("4", "09:00")]);
}

#[test]
fn s5_an_urgent_purchase_outranks_a_reservation_of_a_better_class() {
    let regulation = main_regulation();
    let rank = |class: &str, urgent: bool| {
        let facts = Facts::default().with(words::PRODUCT_CLASS, class).with(words::RESERVATION_URGENT, urgent);
        regulation.rank(Queue::Parts, &facts).unwrap()
    };
    assert!(rank("2", true) < rank("1", false));
    assert!(rank("1", true) < rank("2", true));
}

#[test]
fn s6_telephone_guidance_costs_nothing() {
    let mut input = visit("on_site_visit", Vec::new());
    input.mode = Mode::Remote;
    let quote = main_regulation().quote(&input, &[], &[]).unwrap();
    assert_eq!(quote.total, dec("0"));
    assert_eq!(quote.explanations[0].rule, "R01-10");
}

#[test]
fn of_the_solutions_that_solve_it_the_one_of_least_total_cost_is_chosen() {
    let option = |mode, solves, company: &str, customer: &str| SolutionOption {
        mode,
        solves,
        company_cost: dec(company),
        customer_cost: dec(customer),
    };
    let options = [
        option(Mode::OnSite, true, "500", "0"),
        option(Mode::Remote, false, "5", "0"),
        option(Mode::SelfRepair, true, "20", "80"),
    ];
    let chosen = main_regulation().choose_solution(&options).unwrap();
    assert_eq!((chosen.index, chosen.explanation.rule.as_str()), (2, "R01-21"));
    assert_eq!(chosen.explanation.computation, "self_repair: the least of on_site 500, self_repair 100");
    assert_eq!(main_regulation().choose_solution(&options[1..2]), None);
}

#[test]
fn a_warranty_that_is_not_on_record_is_not_taken_for_none() {
    let regulation = main_regulation();
    let mut dossier = repair("own", "own", "2026-03-06T16:10", None);
    for _ in 0..2 {
        let verdict = regulation.verdict(&dossier);
        assert_eq!(verdict.outcome(), Outcome::Held);
        assert_eq!(verdict.requirements[0].needs, "fact: case.in_warranty");
        dossier.facts.set_verdict(&verdict);
    }
    dossier.warranty_ends_on = Some(date("2026-06-30"));
    assert_eq!(regulation.verdict(&dossier).outcome(), Outcome::Free);
}

#[test]
fn a_case_whose_class_is_not_known_is_held_for_that_fact() {
    let verdict = main_regulation().verdict(&Dossier::default());
    assert_eq!(verdict.outcome(), Outcome::Held);
    assert_eq!(verdict.requirements[0].needs, "fact: product.maker");
    assert_eq!(verdict.requirements[0].rule, "R01-01");
}
