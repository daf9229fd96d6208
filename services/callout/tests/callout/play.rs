//! `callout play`.

use crate::complaint;

const STORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo");

#[test]
fn a_suite_that_is_not_there_is_told_in_one_line() {
    // A port that nobody can listen at.
    let complaint = complaint(["play", STORY, "--address", "http://127.0.0.1:1", "--token", "a.b.c"]);
    assert!(complaint.starts_with("callout: no suite answers at http://127.0.0.1:1"), "{complaint}");
    assert_eq!(complaint.matches("tcp connect error").count(), 1, "{complaint}");
}

#[test]
fn an_address_without_a_scheme_is_refused_with_what_it_lacks() {
    let complaint = complaint(["play", STORY, "--address", "127.0.0.1:50051", "--token", "a.b.c"]);
    assert!(complaint.contains("127.0.0.1:50051 is no address: it lacks `http://`"), "{complaint}");
}

#[test]
fn a_file_that_is_not_there_is_told_in_one_line() {
    assert!(complaint(["play", "missing.yaml"]).contains("missing.yaml: cannot be read"));
}

#[test]
fn a_folder_without_scenarios_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    assert!(complaint(["play", &folder.path().display().to_string()]).contains("there is no scenario"));
}

#[test]
fn an_https_address_needs_the_authority_that_vouches_for_it() {
    let complaint = complaint(["play", STORY, "--address", "https://127.0.0.1:1", "--token", "a.b.c"]);
    assert!(complaint.contains("needs `--ca`"), "{complaint}");
}
