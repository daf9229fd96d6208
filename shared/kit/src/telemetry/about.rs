//! What the present work is about.

use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::attributes;

/// Says on the present span which case the work is about, by its resource name; nothing of work that is about none.
pub fn about_case(name: &str) {
    if !name.is_empty() {
        Span::current().set_attribute(attributes::CASE, name.to_owned());
    }
}
