//! The trace of one scenario: a root span, and under it one span for each call that the runner makes.
//!
//! The calls carry it on, so that everything they cause in the suite is in the same trace; appended to the suite's span
//! file, these spans are what the others hang from.

use std::{collections::BTreeMap, time::Instant};

use callout_kit::{
    attributes, clock,
    telemetry::{FinishedSpan, SpanKind, SpanStatus},
};

/// Spans of one scenario, as they end.
pub(super) struct Recorder {
    trace_id: String,
    root: Running,
    finished: Vec<FinishedSpan>,
}

/// A span that has begun.
pub(super) struct Running {
    span_id: String,
    name: String,
    started_unix_nano: u64,
    started: Instant,
}

impl Running {
    fn begin(name: String) -> Self {
        let started_unix_nano = u64::try_from(clock::system_now().as_nanosecond()).unwrap_or(0);
        // Zero stands for no span at all.
        let span_id = format!("{:016x}", rand::random::<u64>().max(1));
        Self { span_id, name, started_unix_nano, started: Instant::now() }
    }
}

impl Recorder {
    pub(super) fn begin(name: String) -> Self {
        let trace_id = format!("{:032x}", rand::random::<u128>().max(1));
        Self { trace_id, root: Running::begin(name), finished: Vec::new() }
    }

    pub(super) fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// Begins the span of a call of `method`.
    pub(super) fn call(method: &str) -> Running {
        Running::begin(method.to_owned())
    }

    /// What the call has to carry so that the suite continues the trace.
    pub(super) fn traceparent(&self, call: &Running) -> String {
        format!("00-{}-{}-01", self.trace_id, call.span_id)
    }

    /// Ends the span of a call, answered with the code `code`.
    pub(super) fn end(&mut self, call: Running, code: &str) {
        let attributes = [
            (attributes::RPC_SYSTEM_NAME, "grpc"),
            (attributes::RPC_METHOD, call.name.as_str()),
            (attributes::RPC_RESPONSE_STATUS_CODE, code),
        ];
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let status = if code == "OK" { SpanStatus::Ok } else { SpanStatus::Error { message: code.to_owned() } };
        let parent = Some(self.root.span_id.clone());
        let span = finished(&self.trace_id, parent, SpanKind::Client, call, status);
        self.finished.push(FinishedSpan { attributes, ..span });
    }

    /// Ends the scenario: its spans, the root first.
    pub(super) fn finish(self, failed: bool) -> Vec<FinishedSpan> {
        let status = if failed { SpanStatus::Error { message: "FAILED".to_owned() } } else { SpanStatus::Ok };
        let mut spans = vec![finished(&self.trace_id, None, SpanKind::Internal, self.root, status)];
        spans.extend(self.finished);
        spans
    }
}

fn finished(
    trace_id: &str,
    parent_span_id: Option<String>,
    kind: SpanKind,
    running: Running,
    status: SpanStatus,
) -> FinishedSpan {
    let took = u64::try_from(running.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
    FinishedSpan {
        trace_id: trace_id.to_owned(),
        span_id: running.span_id,
        parent_span_id,
        name: running.name,
        kind,
        service: None,
        start_time_unix_nano: running.started_unix_nano,
        end_time_unix_nano: running.started_unix_nano.saturating_add(took),
        attributes: BTreeMap::new(),
        links: Vec::new(),
        status,
    }
}
