//! W3C trace context: in from callers, out to callees, and into rows that are read later.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context, global,
    propagation::{Extractor, Injector},
    trace::TraceContextExt,
};
use tracing::Span;
use tracing_opentelemetry::{OpenTelemetrySpanExt, SetParentError};

const TRACEPARENT: &str = "traceparent";

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct HeadersMut<'a>(&'a mut HeaderMap);

impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

/// Puts the context of `span` into the headers of a call.
pub(crate) fn inject(span: &Span, headers: &mut HeaderMap) {
    let context = span.context();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut HeadersMut(headers)));
}

/// Makes `span` a child of the caller's span. Must come before `span` is entered.
pub(crate) fn continue_from(span: &Span, headers: &HeaderMap) {
    let context = global::get_text_map_propagator(|propagator| propagator.extract(&Headers(headers)));
    if context.span().span_context().is_valid() {
        set_parent(span, context);
    }
}

/// The current trace context as it is stored with an event; none when nothing is traced.
#[must_use]
pub fn current_traceparent() -> Option<String> {
    let mut headers = HeaderMap::new();
    inject(&Span::current(), &mut headers);
    headers.get(TRACEPARENT)?.to_str().ok().map(str::to_owned)
}

/// Makes `span` a child of the work that stored `traceparent`: for an event that is dealt with soon and alone, so that
/// one waterfall shows both. Must come before `span` is entered.
pub fn continue_from_stored(span: &Span, traceparent: &str) {
    if let Some(context) = stored(traceparent) {
        set_parent(span, context);
    }
}

/// Links `span` to the work that stored `traceparent`, which is long finished.
pub fn link_to_stored(span: &Span, traceparent: &str) {
    if let Some(context) = stored(traceparent) {
        span.add_link(context.span().span_context().clone());
    }
}

fn stored(traceparent: &str) -> Option<Context> {
    let mut headers = HeaderMap::new();
    headers.insert(TRACEPARENT, HeaderValue::try_from(traceparent).ok()?);
    let context = global::get_text_map_propagator(|propagator| propagator.extract(&Headers(&headers)));
    context.span().span_context().is_valid().then_some(context)
}

fn set_parent(span: &Span, context: Context) {
    match span.set_parent(context) {
        // Without a subscriber, or below its level, there is nothing to connect.
        Ok(()) | Err(SetParentError::LayerNotFound | SetParentError::SpanDisabled) => {}
        Err(SetParentError::AlreadyStarted) => {
            tracing::warn!("a span was started before its parent was known: the trace is broken here");
        }
    }
}
