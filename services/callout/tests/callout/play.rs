//! `callout play`.

use crate::complaint;

const STORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/demo");

#[test]
fn a_suite_that_is_not_there_is_told_in_one_line() {
    // A port that nobody can listen at.
    let complaint = complaint(["play", STORY, "--address", "http://127.0.0.1:1", "--token", "a.b.c"]);
    assert!(complaint.starts_with("callout: no suite answers at http://127.0.0.1:1"), "{complaint}");
}

#[test]
fn a_file_that_is_not_there_is_told_in_one_line() {
    assert!(complaint(["play", "missing.yaml"]).contains("missing.yaml: cannot be read"));
}
