//! The record of one call, on either side: its span, its metric and its log line.

use std::{sync::OnceLock, time::Instant};

use http::HeaderMap;
use opentelemetry::{KeyValue, metrics::Histogram};
use tonic::Code;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::propagation;
use crate::{attributes, metrics};

/// Stands for methods that are not ours in metrics: their names are whatever a caller likes to send.
const OTHER: &str = "_OTHER";

/// The side on which a call is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Server,
    Client,
}

/// A call that is being recorded. Unless [`Record::end`] says how it ended, it was cancelled.
pub(crate) struct Record {
    side: Side,
    service: &'static str,
    method: String,
    peer: Option<String>,
    span: Span,
    started: Instant,
    ended: bool,
    quiet: bool,
}

impl Record {
    /// A call that is served here, continuing the caller's trace. `known` is whether the method is served at all.
    pub(crate) fn server(service: &'static str, path: &str, known: bool, headers: &HeaderMap) -> Self {
        let method = if known { path.trim_start_matches('/') } else { OTHER };
        let span = tracing::info_span!("rpc.server", otel.name = method, otel.kind = "server");
        propagation::continue_from(&span, headers);
        // Probes and looks at a backlog come every few seconds and say nothing when they succeed.
        let quiet = path.starts_with("/grpc.health.") || path.ends_with(".Feed/GetBacklog");
        Self::new(Side::Server, service, method, None, span, quiet)
    }

    /// A call that is made from here to `peer`, carrying the trace on.
    pub(crate) fn client(service: &'static str, path: &str, peer: &str, headers: &mut HeaderMap) -> Self {
        let method = path.trim_start_matches('/');
        let span = tracing::info_span!("rpc.client", otel.name = method, otel.kind = "client");
        span.set_attribute(attributes::SERVER_ADDRESS, peer.to_owned());
        propagation::inject(&span, headers);
        Self::new(Side::Client, service, method, Some(peer.to_owned()), span, true)
    }

    fn new(side: Side, service: &'static str, method: &str, peer: Option<String>, span: Span, quiet: bool) -> Self {
        span.set_attribute(attributes::SERVICE, service);
        span.set_attribute(attributes::RPC_SYSTEM_NAME, "grpc");
        span.set_attribute(attributes::RPC_METHOD, method.to_owned());
        Self { side, service, method: method.to_owned(), peer, span, started: Instant::now(), ended: false, quiet }
    }

    /// The call's span.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// The call was sent `times` times so far and is sent once more.
    pub(crate) fn sent_again(&mut self, times: u32) {
        self.span.set_attribute(attributes::RPC_RESEND_COUNT, i64::from(times));
    }

    /// The call has ended with `code`; only the first word counts. Closes the span, so that whoever gets the answer
    /// finds the record of it.
    pub(crate) fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let elapsed = self.started.elapsed();
        let word = code_word(code);
        let span = std::mem::replace(&mut self.span, Span::none());
        span.set_attribute(attributes::RPC_RESPONSE_STATUS_CODE, word);
        let failed = match self.side {
            Side::Server => is_server_fault(code),
            Side::Client => code != Code::Ok,
        };
        if failed {
            span.set_attribute(attributes::ERROR_TYPE, word);
            span.set_status(opentelemetry::trace::Status::error(word));
        }
        self.measure(word, failed, elapsed.as_secs_f64());
        if self.quiet {
            return;
        }
        let (service, method) = (self.service, self.method.as_str());
        let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        span.in_scope(|| tracing::info!(service, method, code = word, duration_ms, "answered {method} with {word}"));
    }

    /// The same without a log line.
    pub(crate) fn end_quietly(&mut self, code: Code) {
        self.quiet = true;
        self.end(code);
    }

    fn measure(&self, word: &'static str, failed: bool, seconds: f64) {
        let mut labels = vec![
            KeyValue::new(attributes::RPC_SYSTEM_NAME, "grpc"),
            KeyValue::new(attributes::RPC_METHOD, self.method.clone()),
            KeyValue::new(attributes::RPC_RESPONSE_STATUS_CODE, word),
            KeyValue::new(attributes::SERVICE, self.service),
        ];
        labels.extend(self.peer.clone().map(|peer| KeyValue::new(attributes::SERVER_ADDRESS, peer)));
        labels.extend(failed.then(|| KeyValue::new(attributes::ERROR_TYPE, word)));
        histogram(self.side).record(seconds, &labels);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}

fn histogram(side: Side) -> &'static Histogram<f64> {
    static SERVER: OnceLock<Histogram<f64>> = OnceLock::new();
    static CLIENT: OnceLock<Histogram<f64>> = OnceLock::new();
    let (histogram, metric) = match side {
        Side::Server => (&SERVER, metrics::Histogram::ServerCallDuration),
        Side::Client => (&CLIENT, metrics::Histogram::ClientCallDuration),
    };
    histogram.get_or_init(|| metric.of(&metrics::meter()))
}

/// Whether the fault is the server's by the conventions; a refusal is an answer like any other.
fn is_server_fault(code: Code) -> bool {
    match code {
        Code::Unknown
        | Code::DeadlineExceeded
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => true,
        Code::Ok
        | Code::Cancelled
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unauthenticated => false,
    }
}

/// The code as the protocol spells it, such as `NOT_FOUND`.
#[must_use]
pub const fn code_word(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
