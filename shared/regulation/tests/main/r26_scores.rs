//! The scores, grades and pay of the weighted evaluation, with the figures of its scenarios.

use std::{collections::BTreeMap, sync::Arc};

use callout_regulation::{
    Actor, CardCount, Collecting, Facts, IncomeInput, Library, PaidBy, PayInput, PeriodResult, Rating, Regulation,
    Score, TariffTable, pack::GoalPart, vocabulary::words,
};
use rust_decimal::Decimal;

use crate::fixtures::{actor, at, civil, date, dec, refused};

const FIGURES: [(&str, &str); 9] = [
    ("plan_done", "plan_planned"),
    ("accepted_in_time", "requests"),
    ("first_time", "services"),
    ("improvements_reached", "improvements_set"),
    ("visited", "to_visit"),
    ("survey_points", "surveys"),
    ("forms_correct", "forms_checked"),
    ("actual_cost", ""),
    ("collected", "receivable"),
];
const AGREED: &[GoalPart] = &[GoalPart::Goals, GoalPart::Plan, GoalPart::Budget];

fn regulation() -> Arc<Regulation> {
    Library::built_in().unwrap().named("R26-weighted-grades@1").unwrap().clone()
}

fn person(standing: &str) -> Facts {
    Facts::default()
        .with(words::PERSON_STANDING, standing)
        .with(words::PERSON_STANDARD_PAY, dec("24000"))
        .with(words::PERSON_ANNUAL_SALARY, dec("96000"))
}

/// Everything that a quarter is scored by: each of the indicators that are computed, and those that are given.
fn quarter(result: [&str; 11], given: [&str; 9]) -> (Facts, BTreeMap<String, Decimal>) {
    let mut facts = person("regular").with(words::GOAL_BUDGET, dec("18000"));
    let mut computed =
        result.into_iter().enumerate().filter(|(place, _)| ![6, 7].contains(place)).map(|(_, it)| dec(it));
    for (counted, of) in FIGURES {
        let score = computed.next().unwrap();
        match counted {
            "survey_points" => {
                facts.set_figure(counted, score * dec("30"));
                facts.set_figure(of, dec("30"));
            }
            "actual_cost" => facts.set_figure(counted, dec("1800000") / score),
            _ => {
                facts.set_figure(counted, score * dec("100"));
                facts.set_figure(of, dec("10000"));
            }
        }
    }
    let names = ["initiative", "discipline", "cooperation", "integrity", "innovation", "coordination", "emergency"];
    let names = names.into_iter().chain(["self_control", "affinity"]);
    let marks = names.zip(given).chain([("item_completeness", result[6]), ("design_novelty", result[7])]);
    (facts, marks.map(|(name, mark)| (name.to_owned(), dec(mark))).collect())
}

fn rate(
    facts: &Facts,
    marks: &BTreeMap<String, Decimal>,
    tables: &[TariffTable],
) -> Result<Score, Vec<callout_regulation::Refusal>> {
    let rating = Rating { marks, facts, agreed: AGREED, tables, first_on: date("2026-01-01") };
    regulation().rate("quarterly", &actor("customer_service"), &rating)
}

/// A quarter in which every indicator has the same score.
fn flat(score: &str) -> (Facts, BTreeMap<String, Decimal>) {
    quarter([score; 11], [score; 9])
}

fn luo() -> (Facts, BTreeMap<String, Decimal>) {
    quarter(
        ["95", "92", "88", "90", "100", "91", "90", "85", "97", "90", "94"],
        ["90", "85", "80", "85", "70", "80", "85", "85", "80"],
    )
}

#[test]
fn twenty_indicators_make_three_blocks_a_total_a_figure_of_five_and_a_grade() {
    let (facts, marks) = luo();
    let score = rate(&facts, &marks, &[]).unwrap();
    let blocks = score.blocks.iter().map(|it| (it.block.as_str(), it.value.unwrap().normalize())).collect::<Vec<_>>();
    assert_eq!(blocks, [("result", dec("92")), ("attitude", dec("85")), ("ability", dec("80"))]);
    assert_eq!(score.result, Some(dec("88.20")));
    assert_eq!(score.explanation.computation, "92 x 60% + 85 x 20% + 80 x 20% = 88.20");
    assert_eq!(score.scales[0].value, dec("4.4"));
    assert_eq!(score.scales[0].explanation.computation, "score.total / 20 = 4.41 = 4.4");
    let grade = score.grade.unwrap();
    assert_eq!((grade.grade.as_str(), grade.failed), ("b", false));
    assert_eq!((grade.explanation.rule.as_str(), grade.explanation.computation.as_str()), ("R26-21", "4.4 >= 4.0: b"));
    assert_eq!(score.indicators.len(), 20);
    assert_eq!(score.indicators[0].explanation.rule, "R26-07");
    assert_eq!(score.indicators[0].explanation.computation, "100 * figure.plan_done / figure.plan_planned = 95");
}

#[test]
fn the_grades_have_their_edges_where_the_rounded_figure_has_them() {
    for (total, figure, grade) in [
        ("99.00", "5.0", "a"),
        ("98.99", "4.9", "b"),
        ("79.00", "4.0", "b"),
        ("78.99", "3.9", "c"),
        ("59.00", "3.0", "c"),
        ("58.99", "2.9", "d"),
    ] {
        let (facts, marks) = flat(total);
        let score = rate(&facts, &marks, &[]).unwrap();
        let reached = score.grade.unwrap();
        assert_eq!(score.result, Some(dec(total)));
        assert_eq!((score.scales[0].value, reached.grade.as_str()), (dec(figure), grade), "{total}");
        assert_eq!(reached.failed, grade == "d", "{total}");
    }
}

#[test]
fn costs_within_the_budget_are_full_marks_and_beyond_it_their_share() {
    let (mut facts, marks) = luo();
    for (cost, score) in [("18000", "100"), ("17999.99", "100"), ("20000", "90"), ("0", "100")] {
        facts.set_figure("actual_cost", dec(cost));
        let scored = rate(&facts, &marks, &[]).unwrap();
        let cost_control = scored.indicators.iter().find(|it| it.indicator == "cost_control").unwrap();
        assert_eq!(cost_control.score.unwrap().normalize(), dec(score), "{cost}");
    }
    facts.set_figure("collected", dec("47500"));
    facts.set_figure("receivable", dec("50000"));
    let scored = rate(&facts, &marks, &[]).unwrap();
    assert_eq!(
        scored.indicators.iter().find(|it| it.indicator == "receivables_collection").unwrap().score,
        Some(dec("95"))
    );
    facts.set_figure("collected", dec("50001"));
    let over = rate(&facts, &marks, &[]).unwrap();
    let over = over.indicators.iter().find(|it| it.indicator == "receivables_collection").unwrap().clone();
    assert_eq!(over.score, Some(dec("100")));
    assert!(over.explanation.computation.ends_with("= 100.002, bounded to 100"), "{}", over.explanation.computation);
}

#[test]
fn everything_that_is_wrong_with_a_rating_is_said_at_once() {
    let (mut facts, mut marks) = luo();
    marks.insert("initiative".to_owned(), dec("105"));
    marks.remove("affinity");
    marks.insert("cost_control".to_owned(), dec("90"));
    marks.insert("charm".to_owned(), dec("90"));
    facts.set_figure("surveys", dec("0"));
    let rating = Rating {
        marks: &marks,
        facts: &facts,
        agreed: &[GoalPart::Goals, GoalPart::Plan],
        tables: &[],
        first_on: date("2026-01-01"),
    };
    let all = refused(regulation().rate("quarterly", &actor("after_sales_person"), &rating));
    let all = all.iter().map(|(rule, lifted_by)| (rule.as_str(), lifted_by.as_str())).collect::<Vec<_>>();
    assert_eq!(
        all,
        [
            ("R26-05", "role:customer_service"),
            ("R26-02", "goal:budget"),
            ("R26-12", ""), // no survey was answered
            ("R26-16", ""), // computed, not given
            ("R26-18", "mark:initiative"),
            ("R26-19", "mark:affinity"),
            ("R26-05", ""), // no indicator `charm`
        ]
    );
}

#[test]
fn a_probationer_is_rated_by_plan_and_effect_alone_and_gets_no_performance_pay() {
    let facts = person("probation");
    let marks = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), dec("80"))).collect::<BTreeMap<_, _>>();
    let rate = |card: &str, names: &[&str]| {
        let marks = marks(names);
        let rating = Rating { marks: &marks, facts: &facts, agreed: &[], tables: &[], first_on: date("2026-04-01") };
        regulation().rate(card, &actor("customer_service"), &rating)
    };
    assert_eq!(rate("probation", &["implementation_plan", "service_effect"]).unwrap().result, Some(dec("80")));
    let with_budget = refused(rate("probation", &["implementation_plan", "service_effect", "budget"]));
    assert_eq!(with_budget, [("R26-03".to_owned(), String::new())]);
    assert_eq!(
        refused(rate("quarterly", &[]))[0],
        ("R26-01".to_owned(), "condition:person.standing == 'regular'".to_owned())
    );
    let input = PayInput { person: &facts, by: PaidBy::NotScored, tables: &[], year_begins_on: date("2026-01-01") };
    let pay = regulation().performance_pay("quarter", &actor("human_resources"), &input);
    assert_eq!(refused(pay), [("R26-04".to_owned(), "condition:person.standing == 'regular'".to_owned())]);
}

#[test]
fn the_weights_of_the_enterprise_hold_from_the_period_that_begins_while_they_are_valid() {
    let (facts, marks) = luo();
    let table = |from: &str, weights: [&str; 4]| TariffTable {
        table: "attitude_weights".to_owned(),
        values: ["initiative", "discipline", "cooperation", "integrity"]
            .map(str::to_owned)
            .into_iter()
            .zip(weights.map(dec))
            .collect(),
        valid_from: date(from),
        valid_until: None,
    };
    let attitude = |tables: &[TariffTable]| rate(&facts, &marks, tables).unwrap().blocks[1].clone();
    let weighted = attitude(&[table("2026-01-01", ["40", "20", "20", "20"])]);
    assert_eq!(weighted.value.unwrap().normalize(), dec("86"));
    assert_eq!(weighted.explanation.computation, "90 x 40% + 85 x 20% + 80 x 20% + 85 x 20% = 86");
    assert_eq!(attitude(&[table("2026-01-02", ["40", "20", "20", "20"])]).value.unwrap().normalize(), dec("85"));
    for wrong in [["40", "20", "20", "19"], ["40", "20", "20", "21"], ["120", "-20", "0", "0"]] {
        let refusals = refused(rate(&facts, &marks, &[table("2025-07-01", wrong)]));
        assert_eq!(refusals, [("R26-06".to_owned(), "table:attitude_weights".to_owned())], "{wrong:?}");
    }
}

fn ratios(year: &str) -> TariffTable {
    let values = [("a", "120"), ("b", "100"), ("c", "80")];
    TariffTable {
        table: "bonus_ratios".to_owned(),
        values: values.into_iter().map(|(grade, ratio)| (grade.to_owned(), dec(ratio))).collect(),
        valid_from: date(&format!("{year}-01-01")),
        valid_until: Some(date(&format!("{year}-12-31"))),
    }
}

fn pay(
    share: &str,
    by: PaidBy<'_>,
    tables: &[TariffTable],
) -> Result<callout_regulation::PayAmount, Vec<callout_regulation::Refusal>> {
    let person = person("regular");
    let input = PayInput { person: &person, by, tables, year_begins_on: date("2026-01-01") };
    regulation().performance_pay(share, &actor("human_resources"), &input)
}

#[test]
fn a_quarter_pays_its_share_of_the_year_by_its_grade() {
    let tables = [ratios("2026")];
    for (grade, amount) in [("a", "6768"), ("b", "5640"), ("c", "4512"), ("d", "0")] {
        assert_eq!(pay("quarter", PaidBy::Grade(grade), &tables).unwrap().amount, dec(amount), "{grade}");
    }
    let failed = pay("quarter", PaidBy::Grade("d"), &[]).unwrap().explanation;
    assert_eq!(
        (failed.rule.as_str(), failed.computation.as_str()),
        ("R26-36", "24000 x 23.5% x 0% (grade d, poor, to improve) = 0.00")
    );
    assert_eq!(pay("year_end", PaidBy::Grade("b"), &tables).unwrap().amount, dec("1440"));
    let cancelled = pay("year_end", PaidBy::Cancelled("R26-38"), &tables).unwrap();
    assert_eq!((cancelled.amount, cancelled.explanation.rule.as_str()), (dec("0"), "R26-38"));
    assert_eq!(
        refused(pay("quarter", PaidBy::NotScored, &tables)),
        [("R26-25".to_owned(), "scorecard:quarterly".to_owned())]
    );
    let other_year = refused(pay("quarter", PaidBy::Grade("b"), &[ratios("2025")]));
    assert_eq!(other_year, [("R26-28".to_owned(), "table:bonus_ratios.b".to_owned())]);
}

fn year(results: &[(&str, bool)], yellow: u32, red: u32) -> Score {
    let results = results.iter().enumerate().map(|(quarter, (result, failed))| PeriodResult {
        period: format!("2026-Q{}", quarter + 1),
        result: dec(result),
        failed: *failed,
    });
    let cards = [("yellow", yellow), ("red", red)];
    let shown = cards.into_iter().filter(|(_, count)| *count > 0);
    let cards = shown.map(|(kind, count)| CardCount { kind: kind.to_owned(), count }).collect::<Vec<_>>();
    let results = results.collect::<Vec<_>>();
    regulation().total_up("year_end", &actor("customer_service"), &person("regular"), &results, &cards).unwrap()
}

#[test]
fn the_year_is_the_mean_of_its_quarters_unless_something_takes_it_away() {
    let score = year(&[("88.20", false), ("99.20", false), ("70.00", false), ("90.00", false)], 0, 0);
    assert_eq!(score.result, Some(dec("86.85")));
    assert_eq!(score.explanation.computation, "(88.2 + 99.2 + 70 + 90) / 4 = 86.85");
    assert_eq!((score.scales[0].value, score.grade.unwrap().grade.as_str()), (dec("4.3"), "b"));
    assert_eq!(year(&[("57.00", true), ("85.00", false)], 1, 0).result, Some(dec("71.00")));
    let rules = |score: Score| {
        assert_eq!((score.result, &score.grade), (None, &None));
        score.cancelled.into_iter().map(|it| it.rule).collect::<Vec<_>>()
    };
    let two_failed = [("57.00", true), ("85.00", false), ("58.99", true), ("91.00", false)];
    assert_eq!(rules(year(&two_failed, 0, 0)), ["R26-37"]);
    assert_eq!(rules(year(&two_failed, 2, 0)), ["R26-37", "R26-38"]);
    assert_eq!(rules(year(&[("85.00", false)], 2, 0)), ["R26-38"]);
    assert_eq!(rules(year(&[("85.00", false)], 0, 1)), ["R26-38"]);
    let none = regulation().total_up("year_end", &actor("customer_service"), &person("regular"), &[], &[]);
    assert_eq!(refused(none)[0], ("R26-29".to_owned(), "scorecard:quarterly".to_owned()));
}

#[test]
fn the_income_of_a_year_has_the_salary_and_the_share_of_what_is_above_the_target() {
    let rate = TariffTable {
        table: "excess_profit".to_owned(),
        values: [("rate".to_owned(), dec("2"))].into_iter().collect(),
        valid_from: date("2026-01-01"),
        valid_until: None,
    };
    let income = |profit: &str, tables: &[TariffTable]| {
        let facts =
            person("regular").with(words::YEAR_PROFIT, dec(profit)).with(words::YEAR_PROFIT_TARGET, dec("200000"));
        let input = IncomeInput { facts: &facts, tables, year_ends_on: date("2026-12-31") };
        regulation().income(&actor("human_resources"), &input)
    };
    let amounts = |profit: &str| {
        income(profit, std::slice::from_ref(&rate)).unwrap().into_iter().map(|it| it.amount).collect::<Vec<_>>()
    };
    assert_eq!(amounts("250000"), [dec("96000"), dec("1000")]);
    assert_eq!(amounts("150000"), [dec("96000"), dec("0")]);
    assert_eq!(refused(income("250000", &[])), [("R26-30".to_owned(), "table:excess_profit".to_owned())]);
}

#[test]
fn figures_are_collected_from_the_27th_to_the_last_day_of_the_month() {
    let figures = BTreeMap::from([("plan_done".to_owned(), dec("38"))]);
    let entered = |day: &str, time: &str| {
        let actor = actor("customer_service");
        let collecting = Collecting { figures: &figures, day: date(day), at: at(time), actor: &actor };
        regulation().collect("quarterly", &collecting).unwrap()
    };
    for (time, in_window) in [
        ("2026-02-26T23:59", false),
        ("2026-02-27T00:00", true),
        ("2026-02-28T23:59", true),
        ("2026-03-01T00:00", false),
    ] {
        let collected = entered("2026-02-10", time);
        assert_eq!(collected.in_window, in_window, "{time}");
        assert_eq!(
            (civil(collected.from_at), civil(collected.until_at)),
            ("2026-02-27T00:00:00".to_owned(), "2026-02-28T23:59:59".to_owned())
        );
    }
    assert!(entered("2026-03-31", "2026-03-31T23:59:59").in_window);
    let strange = BTreeMap::from([("plan_done".to_owned(), dec("-1")), ("charm".to_owned(), dec("1"))]);
    let nobody = Actor::default();
    let collecting =
        Collecting { figures: &strange, day: date("2026-02-10"), at: at("2026-02-27T00:00"), actor: &nobody };
    let all = refused(regulation().collect("quarterly", &collecting));
    let expected = [("R26-31", "role:customer_service"), ("R26-31", ""), ("R26-31", "figure:plan_done")];
    assert_eq!(all, crate::fixtures::pairs(&expected));
    let review = |in_window, role| regulation().admit_review("quarterly", in_window, &actor(role));
    assert!(
        review(true, "customer_service_supervisor").is_ok() && review(false, "customer_service_supervisor").is_ok()
    );
    assert_eq!(refused(review(true, "customer_service"))[0].0, "R26-32");
    assert_eq!(refused(review(false, "customer_service"))[0].0, "R26-31");
}

#[test]
fn a_card_needs_a_colour_a_reason_and_an_issuer() {
    let supervisor = actor("customer_service_supervisor");
    assert!(regulation().admit_card("yellow", "Left a site unsecured", "qian", &supervisor).is_ok());
    let refusals = refused(regulation().admit_card("green", " ", "", &actor("after_sales_person")));
    let lifted_by = refusals.iter().map(|(_, lifted_by)| lifted_by.as_str()).collect::<Vec<_>>();
    assert_eq!(
        lifted_by,
        [
            "role:customer_service role:customer_service_supervisor role:human_resources",
            "",
            "field:reason",
            "field:issuer"
        ]
    );
}
