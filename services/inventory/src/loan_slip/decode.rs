//! What requests say of the lines of a slip.

use callout_casework::ids::{Id as _, ItemId};
use callout_contract::inventory::v1 as pb;
use callout_kit::{Caller, Error, Text, Violations};
use rust_decimal::Decimal;

use super::{HandedIn, Inspected, Line};
use crate::quantity;

/// Lines of a slip at most: a slip is a sheet of paper, and each line is some statements of one transaction.
const MOST_LINES: usize = 200;

/// The lines of a new slip, numbered from 1.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong in any of them, [`Error::NotFound`] for an item of somebody else's.
pub fn lines(caller: &Caller, asked: &[pb::LoanLine]) -> Result<Vec<Line>, Error> {
    let mut violations = Violations::default();
    if asked.is_empty() || asked.len() > MOST_LINES {
        let fault = Text::new(format!("must be 1 to {MOST_LINES} lines"), format!("必须有 1 至 {MOST_LINES} 行"));
        violations.add("loan_slip.lines", fault);
    }
    let mut lines = Vec::new();
    for (number, (index, line)) in (1..).zip(asked.iter().enumerate()) {
        let field = format!("loan_slip.lines[{index}]");
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

/// What came, line by line, of a slip with these lines.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong in any of them.
pub fn handed_in(asked: &[pb::HandedInLine], of: &[Line]) -> Result<Vec<HandedIn>, Error> {
    let decode = |field: &str, line: &pb::HandedInLine, violations: &mut Violations| {
        let unused = take(violations, field, "unused", &line.unused);
        let replaced = take(violations, field, "replaced", &line.replaced);
        let lost = take(violations, field, "lost", &line.lost);
        something(violations, field, unused + replaced + lost);
        HandedIn { line: line.line, unused, replaced, lost }
    };
    each(asked, of, |line| line.line, decode)
}

/// What an inspection found, line by line, of a slip with these lines.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong in any of them.
pub fn inspected(asked: &[pb::InspectedLine], of: &[Line]) -> Result<Vec<Inspected>, Error> {
    let decode = |field: &str, line: &pb::InspectedLine, violations: &mut Violations| {
        let good = take(violations, field, "good", &line.good);
        let damaged = take(violations, field, "damaged", &line.damaged);
        something(violations, field, good + damaged);
        Inspected { line: line.line, good, damaged }
    };
    each(asked, of, |line| line.line, decode)
}

fn each<A, D>(
    asked: &[A],
    of: &[Line],
    number: impl Fn(&A) -> i32,
    decode: impl Fn(&str, &A, &mut Violations) -> D,
) -> Result<Vec<D>, Error> {
    let mut violations = Violations::default();
    if asked.is_empty() {
        violations.add("lines", Text::new("must name at least one line", "至少填写一行"));
    }
    let mut decoded = Vec::new();
    for (index, line) in asked.iter().enumerate() {
        let field = format!("lines[{index}]");
        if !of.iter().any(|known| known.number == number(line)) {
            violations.add(format!("{field}.line"), Text::new("is no line of this slip", "借条上没有这一行"));
        }
        if asked.iter().take(index).any(|earlier| number(earlier) == number(line)) {
            violations.add(format!("{field}.line"), Text::new("is named twice", "重复填写"));
        }
        decoded.push(decode(&field, line, &mut violations));
    }
    violations.finish()?;
    Ok(decoded)
}

fn take(violations: &mut Violations, line: &str, field: &str, value: &str) -> Decimal {
    violations.take(format!("{line}.{field}"), quantity::or_zero(value)).unwrap_or_default()
}

fn something(violations: &mut Violations, line: &str, sum: Decimal) {
    if sum.is_zero() {
        violations.add(line, Text::new("must have a quantity above 0", "至少有一个数量大于 0"));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn fields(refusal: Error) -> Vec<String> {
        match refusal {
            Error::Invalid(violations) => violations.into_iter().map(|violation| violation.field).collect(),
            other => panic!("not invalid: {other}"),
        }
    }

    #[test]
    fn a_line_that_is_unknown_or_named_twice_or_empty_is_refused_with_all_others() {
        let of = [Line::new(1, ItemId::from_uuid(Uuid::from_u128(1)), Decimal::TWO)];
        let came = |line, unused: &str, lost: &str| pb::HandedInLine {
            line,
            unused: unused.to_owned(),
            lost: lost.to_owned(),
            ..pb::HandedInLine::default()
        };
        let asked = [came(1, "1", ""), came(1, "-1", "1"), came(2, "1", ""), came(1, "", "")];
        assert_eq!(
            fields(handed_in(&asked, &of).unwrap_err()),
            ["lines[1].line", "lines[1].unused", "lines[2].line", "lines[3].line", "lines[3]"]
        );
        assert_eq!(fields(inspected(&[], &of).unwrap_err()), ["lines"]);
        assert_eq!(handed_in(&asked[..1], &of).unwrap().len(), 1);
    }
}
