//! Collects every wrong field of a request, so that a caller hears of all of them at once.

use super::{Error, FieldViolation};
use crate::text::Text;

/// The wrong fields found so far.
///
/// ```
/// use callout_kit::{Error, Violations, parse};
///
/// struct Note { subject: String, request_id: uuid::Uuid }
///
/// fn decode(subject: String, request_id: &str) -> Result<Note, Error> {
///     let mut violations = Violations::default();
///     let subject = violations.require_text("subject", subject);
///     let request_id = violations.take("request_id", parse::request_id(request_id));
///     match (subject, request_id) {
///         (Some(subject), Some(request_id)) => Ok(Note { subject, request_id }),
///         _ => Err(violations.into_error()),
///     }
/// }
/// # assert!(decode(String::new(), "x").is_err());
/// ```
#[derive(Debug, Default)]
pub struct Violations {
    found: Vec<FieldViolation>,
}

impl Violations {
    /// Notes that `field` is wrong.
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<Text>) {
        self.found.push(FieldViolation { field: field.into(), description: description.into() });
    }

    /// The value of a field that must be there, or none and a violation.
    pub fn require<T>(&mut self, field: impl Into<String>, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.add(field, Text::new("is required", "必填"));
        }
        value
    }

    /// A string that must not be empty, or none and a violation.
    pub fn require_text(&mut self, field: impl Into<String>, value: String) -> Option<String> {
        self.require(field, Some(value).filter(|value| !value.trim().is_empty()))
    }

    /// The value of a field that was parsed, or none and its fault as a violation.
    pub fn take<T>(&mut self, field: impl Into<String>, parsed: Result<T, Text>) -> Option<T> {
        parsed.map_err(|fault| self.add(field, fault)).ok()
    }

    /// Notes a text that has more than `most` characters.
    pub fn at_most(&mut self, field: impl Into<String>, text: &str, most: usize) {
        if text.chars().count() > most {
            let fault = Text::new(format!("must have {most} characters at most"), format!("最多 {most} 个字符"));
            self.add(field, fault);
        }
    }

    /// The value of a part that was read on its own, or none and its violations, whose fields are those of this request.
    ///
    /// # Errors
    /// An error of another kind, which is no matter of a field.
    pub fn merge<T>(&mut self, parsed: Result<T, Error>) -> Result<Option<T>, Error> {
        match parsed {
            Ok(value) => Ok(Some(value)),
            Err(Error::Invalid(found)) => {
                self.found.extend(found);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// Adds the violations of a nested message, each below `field`. An error of another kind counts as one violation.
    pub fn take_nested<T>(&mut self, field: &str, parsed: Result<T, Error>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(Error::Invalid(inner)) => {
                for FieldViolation { field: path, description } in inner {
                    self.add(format!("{field}.{path}"), description);
                }
                None
            }
            Err(other) => {
                self.add(field, other.text());
                None
            }
        }
    }

    /// Whether nothing was found wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// # Errors
    /// [`Error::Invalid`] with everything that was found wrong.
    pub fn finish(self) -> Result<(), Error> {
        if self.found.is_empty() { Ok(()) } else { Err(Error::Invalid(self.found)) }
    }

    /// The error of a request that could not be decoded, with everything that was found wrong.
    #[must_use]
    pub fn into_error(self) -> Error {
        Error::Invalid(self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(violations: &Violations) -> Vec<&str> {
        violations.found.iter().map(|violation| violation.field.as_str()).collect()
    }

    #[test]
    fn a_text_has_as_many_characters_as_it_may_and_not_one_more_whatever_they_weigh() {
        let mut violations = Violations::default();
        violations.at_most("short", "高空作业", 4);
        violations.at_most("long", "高空作业车", 4);
        assert_eq!(fields(&violations), ["long"]);
    }

    #[test]
    fn a_part_that_was_read_on_its_own_adds_its_fields_as_they_are_and_any_other_error_stays_one() {
        let mut violations = Violations::default();
        assert_eq!(violations.merge(Ok(1)).unwrap(), Some(1));
        let part: Result<i32, Error> =
            Err(Error::invalid("case.product", Text::new("must be a name", "必须是资源名称")));
        assert_eq!(violations.merge(part).unwrap(), None);
        assert_eq!(fields(&violations), ["case.product"]);
        let absent: Result<i32, Error> = Err(Error::NotFound { name: "organizations/acme".to_owned() });
        assert!(matches!(violations.merge(absent), Err(Error::NotFound { .. })));
    }
}
