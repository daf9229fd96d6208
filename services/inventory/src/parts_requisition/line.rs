//! Lines of a requisition: what is wanted, what was issued, what must come back.

use callout_casework::{
    ids::{Id as _, ItemId},
    money,
};
use callout_contract::inventory::v1 as pb;
use callout_kit::Error;
use rust_decimal::Decimal;

/// A line of a requisition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number on the requisition, from 1.
    pub number: i32,
    /// The item.
    pub item: ItemId,
    /// How many are wanted.
    pub quantity: Decimal,
    /// How many were issued.
    pub issued: Decimal,
    /// How many replaced parts must come back in all.
    pub owed: Decimal,
    /// How many of them did.
    pub returned: Decimal,
}

/// A quantity of a line that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfLine {
    /// The line's number.
    pub line: i32,
    /// How many, above zero.
    pub quantity: Decimal,
}

impl Line {
    /// A line of which nothing was issued.
    #[must_use]
    pub const fn new(number: i32, item: ItemId, quantity: Decimal) -> Self {
        Self { number, item, quantity, issued: Decimal::ZERO, owed: Decimal::ZERO, returned: Decimal::ZERO }
    }

    /// What is stated and was not issued yet.
    #[must_use]
    pub fn left(&self) -> Decimal {
        self.quantity - self.issued
    }

    /// The replaced parts that must still come back.
    #[must_use]
    pub fn outstanding(&self) -> Decimal {
        self.owed - self.returned
    }

    /// Parts are issued; for each the replaced one must come back, if that is `owed`.
    pub fn issue(&mut self, quantity: Decimal, owed: bool) {
        self.issued += quantity;
        if owed {
            self.owed += quantity;
        }
    }

    /// Replaced parts come back.
    ///
    /// # Errors
    /// [`Error::LineExceeded`] about the line `name` for more than is outstanding.
    pub fn take_back(&mut self, quantity: Decimal, name: &str) -> Result<(), Error> {
        let outstanding = self.outstanding();
        if quantity > outstanding {
            return Err(Error::LineExceeded { line: name.to_owned(), wanted: quantity, outstanding });
        }
        self.returned += quantity;
        Ok(())
    }

    /// As the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::RequisitionLine {
        pb::RequisitionLine {
            line: self.number,
            item: self.item.name(organization),
            quantity: money::plain(self.quantity),
            issued: money::plain(self.issued),
            returned: money::plain(self.returned),
            outstanding: money::plain(self.outstanding()),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_piece_that_was_issued_is_owed_until_the_replaced_one_came_back() {
        let mut line = Line::new(1, ItemId::from_uuid(Uuid::from_u128(1)), Decimal::from(4));
        line.issue(Decimal::from(3), true);
        assert_eq!((line.left(), line.outstanding()), (Decimal::ONE, Decimal::from(3)));
        line.take_back(Decimal::TWO, "it").unwrap();
        let refusal = line.take_back(Decimal::TWO, "it").unwrap_err();
        assert!(matches!(refusal, Error::LineExceeded { outstanding, .. } if outstanding == Decimal::ONE));
        line.take_back(Decimal::ONE, "it").unwrap();
        assert_eq!(line.outstanding(), Decimal::ZERO);
    }

    #[test]
    fn what_replaces_nothing_owes_nothing() {
        let mut line = Line::new(1, ItemId::from_uuid(Uuid::from_u128(1)), Decimal::ONE);
        line.issue(Decimal::ONE, false);
        assert_eq!((line.left(), line.outstanding()), (Decimal::ZERO, Decimal::ZERO));
    }
}
