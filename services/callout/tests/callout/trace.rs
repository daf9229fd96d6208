//! `callout trace`.

use std::fs;

use crate::{callout, complaint, said, text};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn span(id: u8, parent: Option<u8>, name: &str, service: &str) -> String {
    let span = serde_json::json!({
        "traceId": TRACE,
        "spanId": format!("{id:016x}"),
        "parentSpanId": parent.map(|parent| format!("{parent:016x}")),
        "name": name,
        "kind": "server",
        "service": service,
        "startTimeUnixNano": 1_772_784_600_000_000_000_u64 + u64::from(id),
        "endTimeUnixNano": 1_772_784_600_100_000_000_u64,
        "attributes": {"case.id": "organizations/acme/cases/c1"},
        "links": [],
        "status": "ok",
    });
    format!("{span}\n")
}

#[test]
fn a_case_is_drawn_in_the_terminal_and_as_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let (spans, html) = (folder.path().join("spans.jsonl"), folder.path().join("trace.html"));
    let called = span(2, Some(1), "callout.dispatch.v1.WorkOrders/CreateWorkOrder", "dispatch");
    fs::write(&spans, span(1, None, "callout.intake.v1.Cases/DispatchCase", "intake") + &called).unwrap();
    let (spans, html) = (spans.display().to_string(), html.display().to_string());
    for case in ["organizations/acme/cases/c1", "c1", TRACE] {
        let drawn = said(["trace", case, "--spans", &spans, "--html", &html]);
        assert!(drawn.contains("intake") && drawn.contains("WorkOrders/CreateWorkOrder"), "{drawn}");
    }
    assert!(fs::read_to_string(&html).unwrap().contains("Cases/DispatchCase"));
}

#[test]
fn a_case_that_is_not_in_the_file_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spans.jsonl");
    fs::write(&file, span(1, None, "callout.intake.v1.Cases/DispatchCase", "intake")).unwrap();
    let complaint = complaint(["trace", "c2", "--spans", &file.display().to_string()]);
    assert!(complaint.starts_with("callout: none of the 1 spans in ") && complaint.contains("c2"), "{complaint}");
}

#[test]
fn a_file_that_is_not_there_is_told_in_one_line() {
    assert!(complaint(["trace", "c1", "--spans", "missing.jsonl"]).contains("missing.jsonl cannot be read; `--spans`"));
}

#[test]
fn a_trace_that_is_not_whole_is_drawn_and_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spans.jsonl");
    let root = span(1, None, "callout.intake.v1.Cases/DispatchCase", "intake");
    fs::write(&file, root + &span(3, Some(2), "callout.dispatch.v1.WorkOrders/CreateWorkOrder", "dispatch")).unwrap();
    let output = callout(["trace", "c1", "--spans", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("orphan: "), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("not one whole: it has a fault"), "{}", text(&output.stderr));
}
