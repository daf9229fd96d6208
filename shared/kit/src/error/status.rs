//! The one conversion from a failure to a gRPC status; no other code builds one.

use callout_contract::types::v1::ErrorReason;
use opentelemetry::trace::TraceContextExt;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{Error, FieldViolation, Refusal};
use crate::text::{Language, Text};

/// The domain of every `ErrorInfo` of the suite.
pub const DOMAIN: &str = "callout";

/// Violations told in one answer.
const MOST_VIOLATIONS: usize = 50;

/// Bytes of violations told in one answer. They travel in a trailer, in base64, and clients refuse long ones:
/// grpc-java takes 8 KiB of metadata at most unless told otherwise.
const MOST_VIOLATION_BYTES: usize = 3_000;

/// Characters of the status message, which percent-encoding may make nine times as long.
const LONGEST_MESSAGE: usize = 240;

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let language = Language::of_call();
        let code = error.code();
        let Some(reason) = error.reason() else {
            return match error {
                // Its metadata are the other connection's headers and do not belong to this one.
                Error::Upstream(status) => {
                    let details = bytes::Bytes::copy_from_slice(status.details());
                    Self::with_details(code, status.message(), details)
                }
                other => Self::new(code, other.to_string()),
            };
        };

        let mut metadata = error.metadata();
        if matches!(error, Error::Internal(_))
            && let Some(trace) = current_trace_id()
        {
            metadata.insert("traceId".to_owned(), trace);
        }
        let mut details = ErrorDetails::with_error_info(reason_name(reason), DOMAIN, metadata);
        match &error {
            Error::Invalid(violations) => add_fields(&mut details, violations, language),
            Error::Refused(refusals) => add_refusals(&mut details, refusals, language),
            Error::Busy { retry_after } | Error::Overloaded { retry_after } => {
                details.set_retry_info(Some(*retry_after));
            }
            Error::Internal(cause) => tracing::error!(error = format!("{cause:#}"), "a call failed: {cause:#}"),
            Error::RequestReused
            | Error::NotFound { .. }
            | Error::AlreadyExists { .. }
            | Error::WrongState { .. }
            | Error::SettingMissing { .. }
            | Error::EngineerBooked { .. }
            | Error::OrderActive { .. }
            | Error::StockShort { .. }
            | Error::LineExceeded { .. }
            | Error::Unconfigured { .. }
            | Error::ClockFixed { .. }
            | Error::Stale { .. }
            | Error::Unauthenticated { .. }
            | Error::PermissionMissing { .. }
            | Error::DeadlineExceeded
            | Error::Upstream(_) => {}
        }
        let message = shortened(error.text().in_language(language));
        details.set_localized_message(language.tag(), message.clone());
        Self::with_error_details(code, message, details)
    }
}

/// The reason as it stands in an `ErrorInfo`, such as `RULE_REFUSED`.
fn reason_name(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}

fn add_fields(details: &mut ErrorDetails, violations: &[FieldViolation], language: Language) {
    let told =
        violations.iter().map(|FieldViolation { field, description }| (field, description.in_language(language)));
    let mut left = MOST_VIOLATION_BYTES;
    for (field, description) in told.take(MOST_VIOLATIONS) {
        let Some(rest) = left.checked_sub(field.len() + description.len()) else { return };
        left = rest;
        details.add_bad_request_violation(field, description);
    }
}

fn add_refusals(details: &mut ErrorDetails, refusals: &[Refusal], language: Language) {
    let mut left = MOST_VIOLATION_BYTES;
    for refusal in refusals.iter().take(MOST_VIOLATIONS) {
        let text: Text = refusal.text();
        let description = text.in_language(language);
        let bytes = refusal.rule.len() + refusal.subject.len() + description.len();
        let Some(rest) = left.checked_sub(bytes) else { return };
        left = rest;
        details.add_precondition_failure_violation(&refusal.rule, &refusal.subject, description);
    }
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

fn current_trace_id() -> Option<String> {
    let context = tracing::Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}

impl Error {
    /// Whether the fault lies with the suite and not with the call.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        matches!(self.code(), Code::Internal | Code::Unknown | Code::DataLoss)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Call, Caller};

    fn refusal(rule: &str) -> Refusal {
        Refusal {
            rule: rule.to_owned(),
            subject: "organizations/acme/cases/7".to_owned(),
            message: Text::new("No service before payment.", "付款前不提供服务。"),
            lifted_by: vec!["approval: unpaid_service by general_manager".to_owned()],
        }
    }

    #[test]
    fn a_refusal_names_each_rule_its_subject_and_what_would_lift_it() {
        let status = Status::from(Error::Refused(vec![refusal("R01-34"), refusal("R01-35")]));
        assert_eq!(status.code(), Code::FailedPrecondition);
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("RULE_REFUSED", DOMAIN));
        assert_eq!(info.metadata["rules"], "R01-34,R01-35");
        let violations = &details.precondition_failure().unwrap().violations;
        assert_eq!(violations.len(), 2);
        assert_eq!(violations[0].r#type, "R01-34");
        assert_eq!(violations[0].subject, "organizations/acme/cases/7");
        let description = "No service before payment. Lifted by: approval: unpaid_service by general_manager.";
        assert_eq!(violations[0].description, description);
    }

    #[tokio::test]
    async fn message_violations_and_localised_message_are_in_the_callers_language() {
        let call = Call { language: Language::Chinese, ..Call::own_work("intake", Caller::service("intake", "acme")) };
        let status = call.scope(async { Status::from(Error::Refused(vec![refusal("R01-34")])) }).await;
        let details = status.get_error_details();
        assert!(status.message().starts_with("R01-34：付款前不提供服务。"), "{}", status.message());
        assert_eq!(details.localized_message().unwrap().locale, "zh-CN");
        assert!(details.precondition_failure().unwrap().violations[0].description.contains("解除条件"));
    }

    #[test]
    fn every_field_is_told_up_to_what_a_trailer_bears() {
        let violation = |number: usize| FieldViolation {
            field: format!("items[{number}].quantity"),
            description: "must not be negative".into(),
        };
        let told = |count: usize| {
            let status = Status::from(Error::Invalid((0..count).map(violation).collect()));
            assert_eq!(status.get_details_error_info().unwrap().metadata["violations"], count.to_string());
            status.get_details_bad_request().unwrap().field_violations.len()
        };
        assert_eq!(told(3), 3);
        assert_eq!(told(1_000), MOST_VIOLATIONS);

        let long = FieldViolation { field: "note".to_owned(), description: "太长".repeat(400).into() };
        let status = Status::from(Error::Invalid(vec![long; 10]));
        assert!(status.details().len() < 6_000, "{}", status.details().len());
    }

    #[test]
    fn who_should_try_again_is_told_when() {
        let retry_after = Duration::from_millis(200);
        for error in [Error::Busy { retry_after }, Error::Overloaded { retry_after }] {
            let status = Status::from(error);
            assert_eq!(status.get_details_retry_info().unwrap().retry_delay, Some(retry_after));
        }
    }

    #[test]
    fn a_refusal_of_another_service_passes_as_it_is_and_its_fault_becomes_ours() {
        let refused = Status::from(Error::Refused(vec![refusal("R01-34")]));
        let passed = Status::from(Error::from(refused.clone()));
        assert_eq!(
            (passed.code(), passed.message(), passed.details()),
            (refused.code(), refused.message(), refused.details())
        );
        for code in [Code::Internal, Code::Unknown, Code::Unauthenticated] {
            let hidden = Status::from(Error::from(Status::new(code, "the drawer is stuck")));
            assert_eq!(hidden.code(), Code::Internal);
            assert!(!hidden.message().contains("drawer"));
        }
    }

    #[test]
    fn an_answer_that_was_lost_with_its_connection_is_worth_another_try_and_no_fault() {
        let lost = std::io::Error::other("error reading a body from connection");
        let status = Status::from(Error::from(Status::from_error(Box::new(lost))));
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.get_details_retry_info().is_some());
    }

    #[test]
    fn every_reason_of_the_contract_but_the_unspecified_is_one_of_an_error() {
        let retry_after = Duration::ZERO;
        let name = || "organizations/acme/cases/7".to_owned();
        let at = jiff::Timestamp::UNIX_EPOCH;
        let amount = rust_decimal::Decimal::ONE;
        let errors = [
            Error::invalid("name", "is required"),
            Error::RequestReused,
            Error::NotFound { name: name() },
            Error::AlreadyExists { name: name() },
            Error::Refused(vec![refusal("R01-34")]),
            Error::WrongState { name: name(), state: "CLOSED".into(), attempted: "dispatch".into(), allowed: vec![] },
            Error::SettingMissing { setting: "tariffs.labour".into(), rule: "R01-15".into() },
            Error::EngineerBooked { engineer: name(), start_at: at, end_at: at },
            Error::OrderActive { case: name() },
            Error::StockShort { item: name(), place: name(), wanted: amount, on_hand: amount },
            Error::LineExceeded { line: name(), wanted: amount, outstanding: amount },
            Error::Unconfigured { setting: "identity.sandbox_key" },
            Error::ClockFixed { organization: name() },
            Error::Stale { name: name() },
            Error::Unauthenticated { why: "it has expired" },
            Error::PermissionMissing { permission: "intake.cases.create".into() },
            Error::Busy { retry_after },
            Error::Overloaded { retry_after },
            Error::DeadlineExceeded,
            Error::Internal(anyhow::anyhow!("no")),
        ];
        let mut reasons = Vec::new();
        for error in errors {
            let variables = error.metadata();
            let text = error.text();
            // Counts and lists are written another way in the sentence; all else stands in it as it is.
            for (name, value) in
                variables.iter().filter(|(name, _)| !["violations", "allowed"].contains(&name.as_str()))
            {
                assert!(text.en.contains(value) && text.zh.contains(value), "{name}={value} in {text:?}");
            }
            let reason = error.reason().unwrap();
            let info = Status::from(error).get_details_error_info().unwrap();
            assert_eq!(ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason)), Some(reason));
            reasons.push(reason as i32);
        }
        reasons.sort_unstable();
        let all: Vec<i32> = (1..1_000).take_while(|number| ErrorReason::try_from(*number).is_ok()).collect();
        assert_eq!(reasons, all);
    }
}
