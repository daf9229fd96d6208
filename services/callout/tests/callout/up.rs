//! `callout up`.

use crate::complaint;

#[test]
fn an_unknown_regulation_is_refused_in_one_line_with_those_that_are_known() {
    let complaint = complaint(["up", "--regulation", "R99@1", "--listen", "127.0.0.1:0"]);
    assert!(complaint.contains("there is no such regulation") && complaint.contains("R01-aerial-platforms@1"));
}
