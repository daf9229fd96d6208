//! How decimals are written in answers.

use rust_decimal::{Decimal, RoundingStrategy};

/// Money with two decimal places, `1480.00`. What a rule rounds it has rounded before; here nothing is left to round.
#[must_use]
pub fn written(amount: Decimal) -> String {
    let mut amount = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    amount.rescale(2);
    amount.to_string()
}

/// A quantity or a distance without superfluous zeros, `3`, `300.1`.
#[must_use]
pub fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_two_places_and_a_quantity_only_those_it_needs() {
        assert_eq!(written(Decimal::from(1480)), "1480.00");
        assert_eq!(plain(Decimal::new(30_010, 2)), "300.1");
        assert_eq!(plain(Decimal::new(300, 2)), "3");
    }
}
