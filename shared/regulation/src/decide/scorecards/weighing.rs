//! Means, plain and weighted.

use rust_decimal::Decimal;

use super::shown;

/// Scores that are weighed together, each with its weight in per cent; none of them has one for a plain mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Weighed(pub(super) Vec<(Option<Decimal>, Decimal)>);

impl Weighed {
    /// The mean by the weights that are there, not rounded: where something was left out the others count in proportion.
    /// None where nothing is left, or what is left has no weight.
    pub(super) fn value(&self) -> Option<Decimal> {
        let sum = self.0.iter().map(|(weight, score)| weight.unwrap_or(Decimal::ONE) * score).sum::<Decimal>();
        sum.checked_div(self.weights())
    }

    /// `92 x 60% + 85 x 20% + 80 x 20%`, `(92 x 60% + 85 x 20%) / 80%` or `(90 + 85) / 2`.
    pub(super) fn computation(&self) -> String {
        let weights = self.weights();
        let term = |(weight, score): &(Option<Decimal>, Decimal)| match weight {
            Some(weight) => format!("{} x {}%", shown(*score), shown(*weight)),
            None => shown(*score),
        };
        let terms = self.0.iter().map(term).collect::<Vec<_>>().join(" + ");
        match self.0.as_slice() {
            [] | [(None, _)] => terms,
            [(None, _), ..] => format!("({terms}) / {weights}"),
            [(Some(_), _), ..] if weights == Decimal::ONE_HUNDRED => terms,
            [(Some(_), _), ..] => format!("({terms}) / {}%", shown(weights)),
        }
    }

    fn weights(&self) -> Decimal {
        self.0.iter().map(|(weight, _)| weight.unwrap_or(Decimal::ONE)).sum()
    }
}
