//! Spans around database statements.

use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::attributes;

/// A span for one statement: `operation` is its verb such as `INSERT`, `collection` its table such as
/// `dispatch.work_order`. Named by both, without the statement and its values.
#[must_use]
pub fn sql_span(operation: &'static str, collection: &'static str) -> Span {
    let summary = format!("{operation} {collection}");
    let span = tracing::info_span!("sql", otel.name = summary, otel.kind = "client");
    span.set_attribute(attributes::DB_SYSTEM_NAME, "postgresql");
    span.set_attribute(attributes::DB_OPERATION_NAME, operation);
    span.set_attribute(attributes::DB_COLLECTION_NAME, collection);
    span.set_attribute(attributes::DB_QUERY_SUMMARY, summary);
    span
}
