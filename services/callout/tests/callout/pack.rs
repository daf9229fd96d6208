//! `callout pack`.

use std::{fs, path::Path};

use crate::{callout, complaint, said, text};

/// A pack that changes one limit of a built-in one.
const DRAFT: &str = "\
pack: draft
extends: R01-aerial-platforms
revision: 1
effective_from: 2027-01-01
limits:
  trip_report: {amount: 5wd}
";

fn written(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[test]
fn a_broken_pack_is_refused_with_every_problem_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let broken = written(folder.path(), "broken.yaml", &DRAFT.replace("5wd", "5 weeks").replace("revision", "revsion"));
    let output = callout(["pack", "check", &broken]);
    let said = text(&output.stdout).replace(&folder.path().display().to_string(), "");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.lines().any(|line| line.starts_with("/broken.yaml:3:") && line.contains("did you mean `revision`?")));
    assert!(said.lines().any(|line| line.starts_with("/broken.yaml:6:") && line.contains("limits.trip_report.amount")));
    assert!(said.ends_with("problems in 1 of 1 packs\n"), "{said}");
}

#[test]
fn a_pack_may_extend_one_that_is_built_in_or_one_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let draft = written(folder.path(), "draft.yaml", DRAFT);
    let further = DRAFT.replace("pack: draft", "pack: further").replace("R01-aerial-platforms", "draft");
    let further = written(folder.path(), "further.yaml", &further);
    let said = said(["pack", "check", &draft, &further]);
    assert!(said.contains("draft.yaml: ok: draft@1") && said.contains("further.yaml: ok: further@1"), "{said}");
}

#[test]
fn a_pack_that_cannot_be_read_does_not_keep_the_others_from_being_checked() {
    let folder = tempfile::tempdir().unwrap();
    let draft = written(folder.path(), "draft.yaml", DRAFT);
    let output = callout(["pack", "check", "missing.yaml", &draft]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("missing.yaml: cannot be read") && said.contains("draft.yaml: ok"), "{said}");
    assert!(said.ends_with("1 problem in 1 of 2 packs\n"), "{said}");
}

#[test]
fn a_difference_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let draft = written(folder.path(), "draft.yaml", DRAFT);
    let changes = said(["pack", "diff", "R01-aerial-platforms@1", &draft]);
    assert!(changes.contains("limits.trip_report.amount: 3wd becomes 5wd\n"), "{changes}");
    assert_eq!(said(["pack", "diff", &draft, &draft]), "nothing changes\n");
}

#[test]
fn an_unknown_pack_is_refused_with_those_that_are_known() {
    let complaint = complaint(["pack", "rules", "R99@1"]);
    assert!(complaint.contains("`R99@1`") && complaint.contains("R01-aerial-platforms@1"), "{complaint}");
}

#[test]
fn the_rules_of_each_pack_that_is_listed_can_be_read() {
    let list = said(["pack", "list"]);
    for revision in list.lines().filter_map(|line| line.split_whitespace().next()) {
        let rules = said(["pack", "rules", revision]);
        assert!(rules.contains("| rule | service | kept |"), "{rules}");
    }
    assert!(list.starts_with("R01-aerial-platforms@1"), "{list}");
}

#[test]
fn the_schema_is_json() {
    let schema: serde_json::Value = serde_json::from_str(&said(["pack", "schema"])).unwrap();
    assert_eq!(schema["type"], "object");
}

#[test]
fn a_rehearsal_without_a_suite_or_of_no_month_is_told_in_one_line() {
    let without = complaint(["pack", "rehearse", "R01-agent-sales@1", "--month", "2026-03"]);
    assert!(without.contains("name a running suite: `--address` and `--token`"), "{without}");
    let output = callout(["pack", "rehearse", "R01-agent-sales@1", "--month", "March"]);
    assert!(text(&output.stderr).contains("`March` is no month; write it as 2026-03"), "{}", text(&output.stderr));
}
