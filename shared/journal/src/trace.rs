//! The trace that work belongs to, carried by the rows it leaves for later.

use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The id of the current trace; none when nobody records one.
pub(crate) fn id() -> Option<String> {
    Some(current()?.trace_id().to_string())
}

/// W3C trace context of the current span; empty when nobody records one.
pub(crate) fn traceparent() -> String {
    current().map_or_else(String::new, |span| {
        format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8())
    })
}

/// Makes `span` a part of the trace of the call that caused the work. A trace context that cannot be read leaves it a
/// trace of its own.
pub(crate) fn continue_in(span: &Span, traceparent: &str) {
    if let Some(parent) = parse(traceparent) {
        // It fails without a layer that records traces, and then there is nothing to continue.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

fn current() -> Option<SpanContext> {
    let context = Span::current().context();
    let span = context.span().span_context().clone();
    span.is_valid().then_some(span)
}

fn parse(traceparent: &str) -> Option<SpanContext> {
    let mut parts = traceparent.split('-').skip(1);
    let trace = TraceId::from_hex(parts.next()?).ok()?;
    let span = SpanId::from_hex(parts.next()?).ok()?;
    let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
    let context = SpanContext::new(trace, span, TraceFlags::new(flags), true, TraceState::default());
    context.is_valid().then_some(context)
}
