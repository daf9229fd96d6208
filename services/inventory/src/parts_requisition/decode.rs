//! What requests say of the lines of a requisition.

use callout_casework::ids::{Id as _, ItemId};
use callout_contract::inventory::v1 as pb;
use callout_kit::{Caller, Error, Text, Violations};

use super::{Line, OfLine};
use crate::quantity;

/// Lines of a requisition at most: it is a sheet of paper, and each line is some statements of one transaction.
const MOST_LINES: usize = 200;

/// The lines of a new requisition, numbered from 1.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong in any of them, [`Error::NotFound`] for an item of somebody else's.
pub fn lines(caller: &Caller, asked: &[pb::RequisitionLine]) -> Result<Vec<Line>, Error> {
    let mut violations = Violations::default();
    if asked.is_empty() || asked.len() > MOST_LINES {
        let fault = Text::new(format!("must be 1 to {MOST_LINES} lines"), format!("必须有 1 至 {MOST_LINES} 行"));
        violations.add("parts_requisition.lines", fault);
    }
    let mut lines = Vec::new();
    for (number, (index, line)) in (1..).zip(asked.iter().enumerate()) {
        let field = format!("parts_requisition.lines[{index}]");
        let item = match ItemId::of(caller, &format!("{field}.item"), &line.item) {
            Ok(item) => Some(item),
            Err(Error::Invalid(found)) => {
                for violation in found {
                    violations.add(violation.field, violation.description);
                }
                None
            }
            Err(other) => return Err(other),
        };
        let quantity = violations.take(format!("{field}.quantity"), quantity::positive(&line.quantity));
        if let (Some(item), Some(quantity)) = (item, quantity) {
            lines.push(Line::new(number, item, quantity));
        }
    }
    violations.finish()?;
    Ok(lines)
}

/// Quantities of lines of a requisition that has the lines `of`.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong in any of them.
pub fn quantities(asked: &[pb::RequisitionQuantity], of: &[Line]) -> Result<Vec<OfLine>, Error> {
    let mut violations = Violations::default();
    let mut decoded = Vec::new();
    for (index, line) in asked.iter().enumerate() {
        let field = format!("lines[{index}]");
        if !of.iter().any(|known| known.number == line.line) {
            violations.add(format!("{field}.line"), Text::new("is no line of this requisition", "领用单上没有这一行"));
        }
        if asked.iter().take(index).any(|earlier| earlier.line == line.line) {
            violations.add(format!("{field}.line"), Text::new("is named twice", "重复填写"));
        }
        let quantity = violations.take(format!("{field}.quantity"), quantity::positive(&line.quantity));
        decoded.extend(quantity.map(|quantity| OfLine { line: line.line, quantity }));
    }
    violations.finish()?;
    Ok(decoded)
}
