//! Refused calls: what a step expects of one, and what a status says.

use std::collections::{BTreeMap, BTreeSet};

use callout_kit::telemetry::code_word;
use serde::Serialize;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::difference::Difference;

/// A refused call, decoded from the details of its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The status code in words, such as `FAILED_PRECONDITION`.
    pub code: String,
    /// The reason of the `ErrorInfo`, such as `RULE_REFUSED`; empty when the status has none.
    pub reason: String,
    /// The rules that refuse: the violation types of the `PreconditionFailure`.
    pub rules: BTreeSet<String>,
    /// What each of them says, and what would lift it, for people.
    pub explanations: Vec<String>,
    /// The fields that are wrong: those of the `BadRequest`.
    pub fields: BTreeSet<String>,
    /// The variables of the message.
    pub metadata: BTreeMap<String, String>,
    /// The message, for people.
    pub message: String,
}

impl From<&Status> for Refusal {
    fn from(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().cloned();
        let violations = details.precondition_failure().map(|failure| failure.violations.clone()).unwrap_or_default();
        let fields = details.bad_request().map(|request| request.field_violations.clone()).unwrap_or_default();
        Self {
            code: code_word(status.code()).to_owned(),
            reason: info.as_ref().map(|info| info.reason.clone()).unwrap_or_default(),
            rules: violations.iter().map(|violation| violation.r#type.clone()).collect(),
            explanations: violations
                .into_iter()
                .map(|violation| format!("{}: {}", violation.r#type, violation.description))
                .collect(),
            fields: fields.into_iter().map(|violation| violation.field).collect(),
            metadata: info.map(|info| info.metadata.into_iter().collect()).unwrap_or_default(),
            message: status.message().to_owned(),
        }
    }
}

impl Refusal {
    /// In one line: `FAILED_PRECONDITION RULE_REFUSED R01-06: …`.
    pub(super) fn line(&self) -> String {
        let words = [self.code.clone(), self.reason.clone(), list(&self.rules), list(&self.fields)];
        let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
        format!("{}: {}", words.join(" "), self.message)
    }
}

/// What a step expects of its refusal; what it does not name may be anything.
#[derive(Clone, Debug, Default)]
pub(super) struct ExpectedRefusal {
    pub(super) code: Option<String>,
    pub(super) reason: Option<String>,
    /// Exactly these rules.
    pub(super) rules: Option<BTreeSet<String>>,
    /// Exactly these fields.
    pub(super) fields: Option<BTreeSet<String>>,
    /// At least these variables of the message.
    pub(super) metadata: BTreeMap<String, String>,
}

impl ExpectedRefusal {
    pub(super) fn differences(&self, came: &Refusal) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut compare = |path: &str, expected: Option<String>, came: String| {
            if let Some(expected) = expected
                && expected != came
            {
                let [expected, came] =
                    [expected, came].map(|text| if text.is_empty() { "nothing".to_owned() } else { text });
                differences.push(Difference { path: path.to_owned(), expected, came });
            }
        };
        compare("code", self.code.clone(), came.code.clone());
        compare("reason", self.reason.clone(), came.reason.clone());
        compare("rules", self.rules.as_ref().map(list), list(&came.rules));
        compare("fields", self.fields.as_ref().map(list), list(&came.fields));
        for (name, expected) in &self.metadata {
            let came = came.metadata.get(name).cloned().unwrap_or_default();
            compare(&format!("metadata.{name}"), Some(expected.clone()), came);
        }
        differences
    }

    /// In one line: `FAILED_PRECONDITION RULE_REFUSED R01-06`.
    pub(super) fn line(&self) -> String {
        let rules = self.rules.as_ref().map(list);
        let fields = self.fields.as_ref().map(list);
        let words = [self.code.clone(), self.reason.clone(), rules, fields].into_iter().flatten();
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

fn list(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The codes by which a call may be refused.
pub(super) const CODES: [Code; 16] = [
    Code::Cancelled,
    Code::Unknown,
    Code::InvalidArgument,
    Code::DeadlineExceeded,
    Code::NotFound,
    Code::AlreadyExists,
    Code::PermissionDenied,
    Code::ResourceExhausted,
    Code::FailedPrecondition,
    Code::Aborted,
    Code::OutOfRange,
    Code::Unimplemented,
    Code::Internal,
    Code::Unavailable,
    Code::DataLoss,
    Code::Unauthenticated,
];

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    fn refused() -> Refusal {
        let metadata = HashMap::from([("rules".to_owned(), "R01-06".to_owned())]);
        let mut details = ErrorDetails::with_error_info("RULE_REFUSED", "callout", metadata);
        details.add_precondition_failure_violation("R01-06", "order", "nobody was told");
        Refusal::from(&Status::with_error_details(Code::FailedPrecondition, "refused by R01-06", details))
    }

    fn exactly<const N: usize>(rules: [&str; N]) -> ExpectedRefusal {
        ExpectedRefusal { rules: Some(rules.map(str::to_owned).into()), ..ExpectedRefusal::default() }
    }

    #[test]
    fn a_status_is_decoded_with_its_rules() {
        let refusal = refused();
        assert_eq!(refusal.line(), "FAILED_PRECONDITION RULE_REFUSED R01-06: refused by R01-06");
        assert_eq!(refusal.metadata["rules"], "R01-06");
        assert_eq!(refusal.explanations, ["R01-06: nobody was told"]);
    }

    #[test]
    fn a_bare_status_has_neither_reason_nor_rules() {
        let refusal = Refusal::from(&Status::unavailable("gone"));
        assert_eq!((refusal.code.as_str(), refusal.reason.as_str()), ("UNAVAILABLE", ""));
        assert_eq!(refusal.line(), "UNAVAILABLE: gone");
    }

    #[test]
    fn what_is_not_named_may_be_anything() {
        let expected = ExpectedRefusal { code: Some("FAILED_PRECONDITION".to_owned()), ..ExpectedRefusal::default() };
        assert_eq!(expected.differences(&refused()), []);
    }

    #[test]
    fn the_rules_must_be_exactly_those_named() {
        for expected in [exactly([]), exactly(["R01-06", "R01-34"]), exactly(["R01-34"])] {
            assert_eq!(expected.differences(&refused())[0].path, "rules");
        }
        assert_eq!(exactly(["R01-06"]).differences(&refused()), []);
    }
}
