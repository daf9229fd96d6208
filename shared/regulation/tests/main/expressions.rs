//! Expressions: what is known decides, what is not known is never false, decimals are exact.

use callout_regulation::{
    Facts, Undecided,
    expression::{Condition, Formula},
    vocabulary::words,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::fixtures::dec;

fn condition(source: &str) -> Condition {
    Condition::try_from(source.to_owned()).unwrap()
}

fn formula(source: &str) -> Formula {
    Formula::try_from(source.to_owned()).unwrap()
}

fn missing(fact: &str) -> Undecided {
    Undecided::Missing { fact: fact.to_owned() }
}

#[test]
fn what_is_not_known_is_undecided_and_never_false() {
    let is_near = condition("order.distance_km <= 300");
    assert_eq!(is_near.holds(&Facts::default()), Err(missing("order.distance_km")));
    let is_far = condition("not (order.distance_km <= 300)");
    assert_eq!(is_far.holds(&Facts::default()), Err(missing("order.distance_km")));
}

#[test]
fn a_side_that_decides_makes_what_the_other_lacks_irrelevant() {
    let facts = Facts::default().with(words::PRODUCT_CLASS, "4");
    let both = condition("product.class == '1' and case.in_warranty");
    assert!(!both.holds(&facts).unwrap().value);
    assert!(!condition("case.in_warranty and product.class == '1'").holds(&facts).unwrap().value);
    assert!(condition("(case.in_warranty) or product.class == '4'").holds(&facts).unwrap().value);
    let facts = Facts::default().with(words::PRODUCT_CLASS, "1");
    assert_eq!(both.holds(&facts), Err(missing("case.in_warranty")));
    let nested =
        condition("product.class == '1' and case.in_warranty and (case.cause == 'misuse' or not case.manual_kept)");
    assert!(!nested.holds(&facts).unwrap().value, "the presets of cause and manual decide it");
    let misused = facts.clone().with(words::CASE_CAUSE, "misuse");
    assert_eq!(nested.holds(&misused), Err(missing("case.in_warranty")));
    let facts = facts.with(words::CASE_IN_WARRANTY, true);
    assert!(nested.holds(&facts.with(words::CASE_CAUSE, "misuse")).unwrap().value);
}

#[test]
fn the_explanation_has_the_facts_that_were_read() {
    let facts = Facts::default().with(words::ORDER_DISTANCE_KM, dec("300.1")).with(words::ORDER_MODE, "on_site");
    let decided = condition("order.mode == 'on_site' and order.distance_km <= 300").holds(&facts).unwrap();
    assert!(!decided.value);
    let inputs = decided.inputs.into_iter().collect::<Vec<_>>();
    assert_eq!(
        inputs,
        [("order.distance_km".to_owned(), "300.1".to_owned()), ("order.mode".to_owned(), "on_site".to_owned())]
    );
}

#[test]
fn a_text_beyond_ascii_does_not_move_the_parts_of_a_condition() {
    let facts = Facts::default().with(words::CASE_FAULT, "液压泵漏油").with(words::ORDER_MODE, "on_site");
    assert!(condition("case.fault == '液压泵漏油' and order.mode == 'on_site'").holds(&facts).unwrap().value);
    assert!(!condition("case.fault == '液压泵' and order.mode == 'on_site'").holds(&facts).unwrap().value);
}

#[test]
fn a_condition_means_the_same_in_parts_as_in_one_piece() {
    let facts = Facts::default()
        .with(words::PRODUCT_CLASS, "1")
        .with(words::ORDER_MODE, "on_site")
        .with(words::ORDER_DISTANCE_KM, 10)
        .with(words::CASE_IN_WARRANTY, true)
        .with(words::VERDICT_NOTIFY_BEFORE, vec!["korean_partner".to_owned()]);
    for (source, holds) in [
        ("(order.distance_km + 1) * 2 > 21 and order.mode == 'on_site'", true),
        ("(order.distance_km + 1) * 2 > 22 and order.mode == 'on_site'", false),
        ("order.mode == 'remote' or (order.distance_km - 1) * (order.distance_km + 1) == 99", true),
        ("not (case.in_warranty and order.mode == 'remote') and product.class in ['1', '2']", true),
        ("((case.in_warranty)) and (not case.urgent)", true),
        ("not case.in_warranty or not case.urgent", true),
        ("'korean_partner' in verdict.notify_before and order.distance_km in [1..10]", true),
        ("(case.in_warranty ? order.distance_km : 99) <= 10 and case.in_warranty", true),
        ("order.mode == 'remote' or case.urgent or product.class == '1' and case.in_warranty", true),
        ("order.mode == ' and ' or product.class == '(1'", false),
    ] {
        assert_eq!(condition(source).holds(&facts).map(|decided| decided.value), Ok(holds), "{source}");
    }
}

#[test]
fn a_division_by_zero_is_undecided() {
    let facts = Facts::default().with(words::QUOTE_PERSONS, 1).with(words::QUOTE_DAYS, 0);
    let result = formula("quote.persons / quote.days").compute(&facts);
    assert!(matches!(result, Err(Undecided::Failed { .. })), "{result:?}");
}

#[test]
fn sums_of_items_are_exact() {
    let items = ["0.1", "0.2", "0.7"].map(dec).to_vec();
    let sum = formula("sum(items) * 1.20").compute(&Facts::default().with(words::ITEMS, items)).unwrap();
    assert_eq!(sum.value, dec("1.20"));
}

proptest! {
    #[test]
    fn products_are_exact_to_the_last_digit(units in 0_i64..1_000_000_000, scale in 0_u32..4, rate in 0_i64..1_000_000) {
        let (km, rate) = (Decimal::new(units, scale), Decimal::new(rate, 2));
        let mut facts = Facts::default().with(words::QUOTE_DISTANCE_KM, km);
        facts.set_table_value("km", rate);
        prop_assert_eq!(formula("quote.distance_km * table.km").compute(&facts).unwrap().value, km * rate);
    }
}
