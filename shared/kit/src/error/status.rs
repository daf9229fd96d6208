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
    let told = violations.iter().map(|FieldViolation { field, description }| (field, description.in_language(language)));
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
