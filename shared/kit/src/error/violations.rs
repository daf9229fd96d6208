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
