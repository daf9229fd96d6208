//! `callout demo`.

use std::fs;

use crate::said;

#[test]
fn the_demo_tells_one_case_from_the_call_to_the_score_across_the_four_services() {
    let folder = tempfile::tempdir().unwrap();
    let story = said(["demo", "--output", &folder.path().display().to_string()]);
    for told in [
        "→ intake Cases/CreateCase",
        "→ dispatch WorkOrders/DepartWorkOrder",
        "→ inventory LoanSlips/IssueLoanSlip",
        "→ evaluation Claims/AuditClaim",
        // What was decided, by which entry of which revision.
        "by coverage.verdicts.class2_warranty of R01-aerial-platforms@1",
        // Who was due when, by which rule.
        "arrival by Sun 12 Apr, 09:00: 48 hours from received, by the engineer",
        "R01-05: In-warranty visit",
        // Who is warned before it is late.
        "audit by the end of Wed 22 Apr, by the service administrator",
        // What was refused, and what would lift it.
        "lifted by record:partner_notified",
        // The loan comes to zero, the late audit costs, the engineer is rated.
        "Relief valve: 1 issued, 1 back replaced, 1 certified, brought to zero",
        "20.00 CNY deducted from zhao: audit late",
        "wang: 92 in engineer service",
    ] {
        assert!(story.contains(told), "{told} in\n{story}");
    }
    assert!(!story.contains('\x1b'), "no colour in what is no terminal");
    // A command to copy is as long as the names in it.
    let command = format!("  {} trace ", env!("CARGO_BIN_EXE_callout"));
    assert!(story.contains(&command), "{command} in\n{story}");
    let prose = story.lines().filter(|line| !line.starts_with(&command));
    let widest = prose.max_by_key(|line| line.chars().count()).unwrap_or_default();
    assert!(widest.chars().count() <= 100, "{widest}");

    let page = fs::read_to_string(folder.path().join("trace.html")).unwrap();
    for service in ["intake", "dispatch", "inventory", "evaluation"] {
        assert!(page.contains(&format!(r#"class="row {service}""#)), "{service} is not on the page");
    }
    assert!(!page.contains(r#"class="fault""#), "the trace is one whole");
}
