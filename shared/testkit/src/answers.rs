//! What a refusal says, for tests that expect one: they fail where it says something else.

use std::fmt::Debug;

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Checks a refusal by its reason, and by its rules when some are given.
///
/// # Panics
/// When the answer is no refusal, or another one.
#[track_caller]
pub fn assert_refused<A: Debug>(answer: Result<A, Status>, code: Code, reason: &str, rules: &[&str]) {
    let status = answer.expect_err("a refusal");
    let details = status.get_error_details();
    assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some(reason), "{status:?}");
    assert_eq!(status.code(), code, "{status:?}");
    let violations = details.precondition_failure().map(|failure| failure.violations.as_slice()).unwrap_or_default();
    let mut found: Vec<&str> = violations.iter().map(|violation| violation.r#type.as_str()).collect();
    found.dedup();
    if !rules.is_empty() {
        assert_eq!(found, rules, "{status:?}");
    }
}

/// The fields that a refused request has wrong, in their order.
///
/// # Panics
/// When the answer is no refusal, or not for its fields.
#[track_caller]
pub fn wrong_fields<A: Debug>(answer: Result<A, Status>) -> Vec<String> {
    let status = answer.expect_err("a refusal");
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let details = status.get_error_details();
    let wrong = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    wrong.iter().map(|violation| violation.field.clone()).collect()
}

/// The states in which a refused step could have been taken.
///
/// # Panics
/// When the answer is no refusal, or not for the state.
#[track_caller]
pub fn allowed_states<A: Debug>(answer: Result<A, Status>) -> String {
    let status = answer.expect_err("a refusal");
    let details = status.get_error_details();
    let info = details.error_info().expect("a reason");
    assert_eq!(info.reason, "STATE_WRONG", "{status:?}");
    info.metadata.get("allowed").cloned().unwrap_or_default()
}
