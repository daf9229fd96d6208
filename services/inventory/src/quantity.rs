//! Quantities of items, as requests have them.

use callout_kit::{Text, parse};
use rust_decimal::Decimal;

/// Decimal places of a quantity at most: millionths of a litre or a metre are below what anybody measures.
const PLACES: u32 = 6;

/// The largest quantity, in the unit of the item: sums of many such still fit an exact decimal.
const LARGEST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// A quantity above zero.
///
/// # Errors
/// What is wrong with it.
pub fn positive(value: &str) -> Result<Decimal, Text> {
    let quantity = parse::decimal(value)?.normalize();
    if quantity <= Decimal::ZERO {
        return Err(Text::new("must be above 0", "必须大于 0"));
    }
    within_limits(quantity)
}

/// A quantity that may be zero; empty is zero.
///
/// # Errors
/// What is wrong with it.
pub fn or_zero(value: &str) -> Result<Decimal, Text> {
    if value.is_empty() {
        return Ok(Decimal::ZERO);
    }
    let quantity = parse::decimal(value)?.normalize();
    if quantity < Decimal::ZERO {
        return Err(Text::new("must be 0 or more", "不得小于 0"));
    }
    within_limits(quantity)
}

fn within_limits(quantity: Decimal) -> Result<Decimal, Text> {
    if quantity > LARGEST || quantity.scale() > PLACES {
        return Err(Text::new(
            format!("must be at most {LARGEST} and have {PLACES} decimal places at most"),
            format!("不得超过 {LARGEST}，最多 {PLACES} 位小数"),
        ));
    }
    Ok(quantity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_a_decimal_above_zero_of_a_size_that_can_be_counted() {
        assert_eq!(positive("2.50").unwrap(), Decimal::new(25, 1));
        assert_eq!(positive("1000000000").unwrap(), LARGEST);
        for wrong in ["", "0", "-1", "1e3", "1000000000.1", "0.0000001", "two"] {
            assert!(positive(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_left_out_is_zero_and_nothing_is_below_zero() {
        assert_eq!(or_zero("").unwrap(), Decimal::ZERO);
        assert_eq!(or_zero("0.0").unwrap(), Decimal::ZERO);
        assert!(or_zero("-0.5").is_err());
    }
}
