//! The metrics as those read them who watch the suite.

use std::fmt::Write;

use super::{Definition, all};
use crate::attributes;

/// Every metric and every attribute that one has, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "# Metrics\n\n\
         Generated from the suite. They are sent with the spans to `telemetry.otlp_endpoint`.\n\n\
         Gauges are looked at in the database every 15 seconds, by each replica for all organisations: of several replicas\n\
         take the largest value, never the sum. One that could not be looked at is absent. Counters and histograms are of\n\
         the replica alone: add them up.\n\n\
         No attribute names an organisation, a person or a case. Whoever administers an organisation opens sandboxes, so\n\
         that organisations have no bounded number; what one of them has open is what its lists say, and what happened to\n\
         a case is in its trace.\n\n\
         | metric | kind | unit | attributes | what it says |\n| --- | --- | --- | --- | --- |\n",
    );
    for (kind, Definition { name, unit, meaning, attributes }) in all() {
        let attributes = attributes.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "| `{name}` | {kind} | `{unit}` | {attributes} | {} |", meaning.trim());
    }
    text.push_str("\n| attribute | what it says |\n| --- | --- |\n");
    let on_metrics = |name: &str| all().any(|(_, metric)| metric.attributes.contains(&name));
    for (name, says) in attributes::ALL.iter().filter(|(name, _)| on_metrics(name)) {
        let _ = writeln!(text, "| `{name}` | {} |", says.trim());
    }
    text
}
