//! A line of a loan slip, and what happens to its quantity.

use callout_casework::{
    ids::{Id as _, ItemId},
    money,
};
use callout_contract::inventory::v1 as pb;
use callout_kit::Error;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A line: issued = unused + replaced + consumed + lost + outstanding, whatever happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number on the slip, from 1.
    pub number: i32,
    /// What is lent.
    pub item: ItemId,
    /// How many are to be issued.
    pub quantity: Decimal,
    /// How many were.
    pub issued: Decimal,
    /// Handed in unused.
    pub unused: Decimal,
    /// Built in, with the damaged part handed in.
    pub replaced: Decimal,
    /// Used up where nothing comes back.
    pub consumed: Decimal,
    /// Lost.
    pub lost: Decimal,
    /// With the borrower.
    pub outstanding: Decimal,
    /// Found good by an inspection of what was handed in.
    pub good: Decimal,
    /// Found damaged.
    pub damaged: Decimal,
    /// Whether it is at zero.
    pub zeroed: bool,
}

/// What came of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedIn {
    /// The line's number.
    pub line: i32,
    /// Unused parts.
    pub unused: Decimal,
    /// Damaged parts that were replaced.
    pub replaced: Decimal,
    /// Parts reported lost.
    pub lost: Decimal,
}

/// What an inspection found of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// The line's number.
    pub line: i32,
    /// In order.
    pub good: Decimal,
    /// Damaged.
    pub damaged: Decimal,
}

impl Line {
    /// A line of which nothing is issued.
    #[must_use]
    pub fn new(number: i32, item: ItemId, quantity: Decimal) -> Self {
        let none = Decimal::ZERO;
        Self {
            number,
            item,
            quantity,
            issued: none,
            unused: none,
            replaced: none,
            consumed: none,
            lost: none,
            outstanding: none,
            good: none,
            damaged: none,
            zeroed: false,
        }
    }

    /// All of it goes to the borrower.
    pub fn issue(&mut self) {
        self.issued = self.quantity;
        self.outstanding = self.quantity;
    }

    /// Takes in what came.
    ///
    /// # Errors
    /// [`Error::LineExceeded`] about the line `name` when more came than is outstanding.
    pub fn hand_in(&mut self, came: HandedIn, name: &str) -> Result<(), Error> {
        let wanted = came.unused + came.replaced + came.lost;
        if wanted > self.outstanding {
            return Err(exceeded(name, wanted, self.outstanding));
        }
        self.unused += came.unused;
        self.replaced += came.replaced;
        self.lost += came.lost;
        self.outstanding -= wanted;
        Ok(())
    }

    /// Takes in what an inspection found.
    ///
    /// # Errors
    /// [`Error::LineExceeded`] about the line `name` when more was found than waits for an inspection.
    pub fn certify(&mut self, found: Inspected, name: &str) -> Result<(), Error> {
        let wanted = found.good + found.damaged;
        if wanted > self.uncertified() {
            return Err(exceeded(name, wanted, self.uncertified()));
        }
        self.good += found.good;
        self.damaged += found.damaged;
        Ok(())
    }

    /// Counts what is outstanding as used up.
    pub fn consume(&mut self) {
        self.consumed += std::mem::take(&mut self.outstanding);
    }

    /// Brings it to zero, if it balances.
    pub fn zero(&mut self) {
        self.zeroed = self.issued > Decimal::ZERO && self.outstanding.is_zero() && self.uncertified().is_zero();
    }

    /// Handed in and not inspected.
    #[must_use]
    pub fn uncertified(&self) -> Decimal {
        self.unused + self.replaced - self.good - self.damaged
    }

    /// The line as the contract has it. What is used up counts with what was replaced: nothing of either is with the
    /// borrower any more.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::LoanLine {
        pb::LoanLine {
            line: self.number,
            item: self.item.name(organization),
            quantity: money::plain(self.quantity),
            issued: money::plain(self.issued),
            unused: money::plain(self.unused),
            replaced: money::plain(self.replaced + self.consumed),
            lost: money::plain(self.lost),
            outstanding: money::plain(self.outstanding),
            certified: money::plain(self.good + self.damaged),
            zeroed: self.zeroed,
        }
    }
}

fn exceeded(name: &str, wanted: Decimal, outstanding: Decimal) -> Error {
    Error::LineExceeded { line: name.to_owned(), wanted, outstanding }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn lent(quantity: i64) -> Line {
        let mut line = Line::new(1, ItemId::from_uuid(Uuid::from_u128(1)), quantity.into());
        line.issue();
        line
    }

    fn came(unused: i64, replaced: i64, lost: i64) -> HandedIn {
        HandedIn { line: 1, unused: unused.into(), replaced: replaced.into(), lost: lost.into() }
    }

    fn found(good: i64, damaged: i64) -> Inspected {
        Inspected { line: 1, good: good.into(), damaged: damaged.into() }
    }

    #[test]
    fn a_line_comes_to_zero_when_all_that_was_issued_is_back_and_certified() {
        let mut line = lent(2);
        line.hand_in(came(1, 1, 0), "line").unwrap();
        line.zero();
        assert!(!line.zeroed, "nothing is certified");
        line.certify(found(1, 0), "line").unwrap();
        line.zero();
        assert!(!line.zeroed, "one is not certified");
        line.certify(found(0, 1), "line").unwrap();
        line.zero();
        assert!(line.zeroed);
    }

    #[test]
    fn what_is_lost_needs_no_certificate_and_what_is_outstanding_keeps_the_line_open() {
        let mut line = lent(2);
        line.hand_in(came(0, 0, 1), "line").unwrap();
        line.zero();
        assert!(!line.zeroed);
        line.hand_in(came(0, 0, 1), "line").unwrap();
        line.zero();
        assert!(line.zeroed);
    }

    #[test]
    fn more_than_is_outstanding_is_refused_and_changes_nothing() {
        let mut line = lent(1);
        let before = line.clone();
        let refusal = line.hand_in(came(1, 1, 0), "line").unwrap_err();
        let (one, two) = (Decimal::ONE, Decimal::TWO);
        assert!(
            matches!(refusal, Error::LineExceeded { wanted, outstanding, .. } if wanted == two && outstanding == one)
        );
        assert!(line.certify(found(1, 0), "line").is_err(), "nothing came");
        assert_eq!(line, before);
    }

    #[test]
    fn what_is_used_up_is_shown_with_what_was_replaced() {
        let mut line = lent(10);
        line.consume();
        line.zero();
        assert!(line.zeroed);
        let shown = line.to_proto("acme");
        assert_eq!((shown.replaced.as_str(), shown.outstanding.as_str()), ("10", "0"));
    }

    proptest! {
        #[test]
        fn every_piece_is_accounted_for_whatever_happens(
            quantity in 1..20_i64,
            steps in proptest::collection::vec((0..3_u8, 0..6_i64, 0..6_i64, 0..6_i64), 0..12),
        ) {
            let mut line = lent(quantity);
            for (step, a, b, c) in steps {
                // Refused or not: a refusal changes nothing.
                let _ = match step {
                    0 => line.hand_in(came(a, b, c), "line"),
                    1 => line.certify(found(a, b), "line"),
                    _ => { line.zero(); Ok(()) }
                };
                let sum = line.unused + line.replaced + line.consumed + line.lost + line.outstanding;
                prop_assert_eq!(line.issued, sum);
                prop_assert!(line.outstanding >= Decimal::ZERO && line.uncertified() >= Decimal::ZERO);
                prop_assert!(!line.zeroed || (line.outstanding.is_zero() && line.uncertified().is_zero()));
            }
        }
    }
}
