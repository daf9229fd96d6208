//! R20: numbers of a register, goods that come back, losses and what is taken from bonuses for them.

use callout_contract::regulation::v1::Limit;
use callout_regulation::{
    Actor, BUILT_IN, Facts, LossInput, Owed, Portion, PresentedPaper, ReturnInput, SettingValue, Source, load,
    pack::NumberPattern,
    vocabulary::{Trigger, words},
};
use rust_decimal::Decimal;

use crate::fixtures::{actor, date, dec, no_holidays, pairs, r20, refused};

fn pattern(text: &str) -> Result<NumberPattern, String> {
    text.to_owned().try_into()
}

#[test]
fn a_number_is_written_by_its_pattern_and_a_serial_may_outgrow_it() {
    for (text, serial, number) in [
        ("YYMMSS", 7, "240307"),
        ("YYMMSS", 100, "2403100"),
        ("Q-YYYY/MM-SSSS", 7, "Q-2024/03-0007"),
        ("訴YYMMS", 12, "訴240312"),
    ] {
        assert_eq!(pattern(text).unwrap().write(date("2024-03-09"), serial), number, "{text}");
    }
    for wrong in ["YYMM", "MMSS", "YYSS", "YMMSS", "YYMMMSS", "YYMMSSYY", ""] {
        assert!(pattern(wrong).is_err(), "{wrong}");
    }
}

fn portion(person: &str, percent: Option<&str>, points: Option<&str>) -> Portion {
    Portion { person: person.to_owned(), percent: percent.map(dec), points: points.map(dec) }
}

fn input<'a>(shares: &'a [Portion], resold_on: Option<&str>, today: &str) -> LossInput<'a> {
    LossInput {
        judged_on: date("2024-01-31"),
        full_value: Some(dec("50000")),
        resold_on: resold_on.map(date),
        proceeds: Some(dec("32000")),
        actual: Some(dec("41000")),
        department: "",
        unit: "",
        total_points: None,
        shares,
        today: date(today),
    }
}

#[test]
fn a_month_to_resell_ends_with_the_last_day_of_a_shorter_one() {
    let (regulation, office) = (r20(), actor("gm_office"));
    let shares = [portion("chu", None, None)];
    let amount = |resold_on, today| {
        let assessed = regulation.assess_loss("sanctioned", &office, &input(&shares, resold_on, today), &no_holidays());
        assessed.map(|it| (it.amount.to_string(), it.resale_until.map(|day| day.to_string())))
    };
    let until = Some("2024-02-29".to_owned());
    assert_eq!(amount(Some("2024-02-29"), "2024-03-05"), Ok(("18000".to_owned(), until.clone())));
    assert_eq!(amount(Some("2024-03-01"), "2024-03-05"), Ok(("41000".to_owned(), until.clone())));
    assert_eq!(amount(None, "2024-03-01"), Ok(("41000".to_owned(), until)));
    assert_eq!(refused(amount(None, "2024-02-29")), pairs(&[("R20-32", "after:2024-02-29")]));
}

#[test]
fn shares_make_the_whole_and_are_rounded_half_up_each() {
    let (regulation, office) = (r20(), actor("gm_office"));
    let third = || Some("33.3");
    let shares = [portion("a", third(), None), portion("b", third(), None), portion("c", Some("33.4"), None)];
    let base = LossInput { actual: Some(dec("100.05")), ..input(&shares, Some("2024-03-01"), "2024-03-05") };
    let assessed = regulation.assess_loss("sanctioned", &office, &base, &no_holidays()).unwrap();
    let amounts: Vec<String> = assessed.shares.iter().map(|(amount, _)| amount.to_string()).collect();
    assert_eq!(amounts, ["33.32", "33.32", "33.42"], "33.31665, 33.31665, 33.4167");
    let two = &shares[..2];
    let wanting = LossInput { shares: two, ..base };
    let refusal = refused(regulation.assess_loss("sanctioned", &office, &wanting, &no_holidays()));
    assert_eq!(refusal, pairs(&[("R20-33", "shares:100")]));
}

#[test]
fn a_unit_that_owes_the_whole_has_all_points_and_another_may_leave_some_to_others() {
    let (regulation, office) = (r20(), actor("gm_office"));
    let shares = [portion("a", None, Some("10")), portion("b", None, Some("20"))];
    let assess = |department, unit, total: Option<&str>| {
        let base = input(&shares, None, "2024-03-05");
        let input = LossInput { department, unit, total_points: total.map(dec), ..base };
        let assessed = regulation.assess_loss("charged", &office, &input, &no_holidays());
        assessed.map(|it| it.shares.iter().map(|(amount, _)| amount.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(assess("manufacturing", "group", None).unwrap(), ["13666.67", "27333.33"]);
    assert_eq!(assess("manufacturing", "section", Some("60")).unwrap(), ["6833.33", "13666.67"]);
    assert_eq!(refused(assess("manufacturing", "group", Some("60"))), pairs(&[("R20-39", "base_points:60")]));
    assert_eq!(refused(assess("sales", "person", Some("20"))), pairs(&[("R20-37", "base_points")]));
    assert_eq!(refused(assess("sales", "section", None)), pairs(&[("R20-36", "")]));
    assert_eq!(refused(assess("kitchen", "section", None)), pairs(&[("R20-36", "")]));
}

fn owed(loss: &str, amount: &str, approved: bool) -> Owed {
    Owed { loss: loss.to_owned(), kind: "charged".to_owned(), approved, amount: dec(amount) }
}

#[test]
fn the_earlier_loss_is_taken_first_and_half_a_fen_of_the_cap_is_left() {
    let (regulation, accounting) = (r20(), actor("accounting"));
    let take = |bonus: &str, owed: &[Owed]| {
        let taken = regulation.deduct_from_bonus("efficiency_bonus", &accounting, dec(bonus), owed);
        taken.map(|it| (it.cap.to_string(), it.lines, it.carried_over.to_string()))
    };
    let both = [owed("march", "700", true), owed("april", "500", true)];
    let lines = vec![("march".to_owned(), dec("700")), ("april".to_owned(), dec("300.00"))];
    assert_eq!(take("2000.01", &both), Ok(("1000.00".to_owned(), lines, "200.00".to_owned())));
    assert!(take("0", &both).unwrap().1.is_empty());
    let unapproved = [owed("march", "700", false)];
    assert_eq!(refused(take("2000", &unapproved)), pairs(&[("R20-24", "approval:general_manager")]));
    let by_sales = regulation.deduct_from_bonus("efficiency_bonus", &actor("sales"), dec("1"), &[]);
    assert_eq!(refused(by_sales), pairs(&[("R20-38", "role:accounting")]));
}

fn overrun(value: &str) -> SettingValue {
    SettingValue {
        setting: "overrun_percent".to_owned(),
        value: dec(value),
        valid_from: date("2024-01-01"),
        valid_until: None,
    }
}

#[test]
fn what_is_more_than_may_be_booked_is_referred_back_and_what_may_be_needs_its_proof() {
    let (regulation, accounting) = (r20(), actor("accounting"));
    let settings = [overrun("3")];
    let stamped = ["buyers_stamp".to_owned()];
    let proof = PresentedPaper { paper: "original_invoice", shows: &stamped };
    let base = ReturnInput {
        approved: dec("1000"),
        booked_before: Decimal::ZERO,
        actual: dec("1030"),
        overrun: None,
        settings: &settings,
        on: date("2024-03-11"),
        evidence: proof,
    };
    let book = |input: ReturnInput<'_>| {
        let booked = regulation.book_return("finished_goods", &accounting, &input);
        booked.map(|it| (it.is_booked, it.limit.normalize().to_string()))
    };
    assert_eq!(book(base), Ok((true, "1030".to_owned())));
    assert_eq!(book(ReturnInput { actual: dec("1030.5"), ..base }), Ok((false, "1030".to_owned())));
    assert_eq!(book(ReturnInput { booked_before: dec("1"), ..base }), Ok((false, "1030".to_owned())));
    assert_eq!(book(ReturnInput { overrun: Some(Decimal::ZERO), ..base }), Ok((false, "1000".to_owned())));
    let unset = ReturnInput { settings: &[], ..base };
    assert_eq!(refused(book(unset)), pairs(&[("R20-27", "setting:overrun_percent")]));
    let bare = ReturnInput { evidence: PresentedPaper { paper: "return_certificate", shows: &[] }, ..base };
    let lacks = pairs(&[("R20-29", "evidence:buyers_stamp"), ("R20-29", "evidence:signed_back")]);
    assert_eq!(refused(book(bare)), lacks);
    let stray = ["buyers_stamp".to_owned(), "a_smile".to_owned()];
    let odd = ReturnInput { evidence: PresentedPaper { paper: "original_invoice", shows: &stray }, ..base };
    assert_eq!(refused(book(odd)), pairs(&[("R20-29", "")]));
}

#[test]
fn the_store_asks_before_it_signs_another_quantity_than_that_of_the_note() {
    let (regulation, store) = (r20(), actor("finished_goods_store"));
    let receive = |who: &Actor, actual, asked| {
        regulation.receive_return("finished_goods", who, (dec("1000"), dec(actual)), asked)
    };
    assert_eq!(receive(&store, "1000", false), Ok(()));
    assert_eq!(receive(&store, "940", true), Ok(()));
    assert_eq!(refused(receive(&store, "940", false)), pairs(&[("R20-26", "asked")]));
    assert_eq!(refused(receive(&actor("sales"), "1000", false)), pairs(&[("R20-26", "role:finished_goods_store")]));
}

#[test]
fn a_sanction_costs_what_its_bounds_let_it() {
    let (regulation, office) = (r20(), actor("gm_office"));
    let sanction = |kind: &str, proposed: Option<&str>, facts: &Facts| {
        let trigger = Trigger::Finding(kind.to_owned());
        let sanctions = regulation.consequences(&trigger, facts, proposed.map(dec), &office);
        sanctions.map(|it| it.iter().map(|it| it.amount.to_string()).collect::<Vec<_>>())
    };
    let facts = Facts::default().with(words::FINDING_BASE_NUMBER, dec("1.5"));
    assert_eq!(sanction("warning", Some("400"), &facts).unwrap(), ["400"]);
    assert_eq!(refused(sanction("warning", Some("399.99"), &facts)), pairs(&[("R20-35", "amount:400..")]));
    assert_eq!(refused(sanction("warning", None, &facts)), pairs(&[("R20-35", "amount:400..")]));
    assert_eq!(sanction("minor_demerit", Some("1200"), &facts).unwrap(), ["1200"]);
    assert_eq!(refused(sanction("minor_demerit", Some("1199"), &facts)), pairs(&[("R20-35", "amount:1200..")]));
    let unknown = refused(sanction("major_demerit", Some("3600"), &facts));
    assert_eq!(unknown, pairs(&[("R20-35", "fact:finding.month_bonus")]));
    let facts = facts.with(words::FINDING_MONTH_BONUS, dec("3600"));
    let more = refused(sanction("major_demerit", Some("3600.01"), &facts));
    assert_eq!(more, pairs(&[("R20-35", "amount:3600..3600")]));
}

#[test]
fn a_reminder_is_about_a_limit_or_about_every_station_of_a_chain() {
    let regulation = r20();
    let reminded = |limit: &str| {
        let limit = Limit { limit: limit.to_owned(), ..Limit::default() };
        regulation.reminder(&limit).map(|explanation| explanation.rule)
    };
    assert_eq!(reminded("closing").as_deref(), Some("R20-31"));
    assert_eq!(reminded("complaint.sales_opinion").as_deref(), Some("R20-31"));
    assert_eq!(reminded("receivable"), None);
    assert_eq!(reminded("complaints.sales_opinion"), None);
}

/// A pack that changes the complaints in one place.
fn patch(change: &str) -> Vec<String> {
    let text = format!("pack: R20-changed\nextends: R20-quality-complaints\n{change}");
    match load(Source { file: "pack.yaml", text: &text }, BUILT_IN) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn what_is_wrong_with_registers_returns_and_losses_is_found() {
    assert_eq!(patch(""), [""; 0]);
    for (change, problem) in [
        ("registers: {tracking_register: {pattern: YYSS}}\n", "`YYSS` must say year, month and serial once each"),
        ("reminders: {overdue: {limits: [investigation_report]}}\n", "`investigation_report` is none of a case"),
        ("reminders: {overdue: {chains: [complaints]}}\n", "unknown chain `complaints`; did you mean `complaint`?"),
        (
            "returns: {finished_goods: {booking: {approved: {field: settlement}}}}\n",
            "the form of `decision` has no number `settlement`",
        ),
        ("returns: {finished_goods: {booking: {overrun: leeway}}}\n", "unknown setting `leeway`"),
        ("losses: {sanctioned: {resale: {within: 24h}}}\n", "the time for resale is days, months or years"),
        ("losses: {charged: {division: {by: percent}}}\n", "goes with a division by base points"),
        (
            "losses: {charged: {liable: {departments: {sales: [gruop]}}}}\n",
            "unknown unit `gruop`; did you mean `group`?",
        ),
        ("bonus_deductions: {efficiency_bonus: {at_most_percent: 101}}\n", "must be from 0 to 100"),
        ("consequences: {warning: {amount: \"400\"}}\n", "says its amount twice; give `amount`, `band` or `proposal`"),
        ("findings: {warning: {needs: [sanction_approval]}}\n", "unknown record `sanction_approval`"),
    ] {
        let found = patch(change);
        assert!(found.iter().any(|it| it.contains(problem)), "{problem}\n{found:#?}");
    }
}
