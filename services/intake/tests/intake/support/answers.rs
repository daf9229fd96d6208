//! What a refusal says.

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Checks a refusal by its reason, and by its rules when it has some.
#[track_caller]
pub fn assert_refused<A: std::fmt::Debug>(answer: Result<A, Status>, code: Code, reason: &str, rules: &[&str]) {
    let status = answer.unwrap_err();
    let details = status.get_error_details();
    assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some(reason), "{status:?}");
    assert_eq!(status.code(), code, "{status:?}");
    let mut found: Vec<&str> = details
        .precondition_failure()
        .map(|failure| failure.violations.iter().map(|violation| violation.r#type.as_str()).collect())
        .unwrap_or_default();
    found.dedup();
    if !rules.is_empty() {
        assert_eq!(found, rules, "{status:?}");
    }
}

/// The fields that a refused request has wrong, in their order.
#[track_caller]
pub fn wrong_fields<A: std::fmt::Debug>(answer: Result<A, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let details = status.get_error_details();
    let wrong = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    wrong.iter().map(|violation| violation.field.clone()).collect()
}

/// The states in which a refused step could have been taken.
#[track_caller]
pub fn allowed_states<A: std::fmt::Debug>(answer: Result<A, Status>) -> String {
    let status = answer.unwrap_err();
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(info.reason, "STATE_WRONG", "{status:?}");
    info.metadata["allowed"].clone()
}
