//! Finished spans as plain data: one JSON object a line in a file, or kept in memory for tests.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use opentelemetry::{
    Array, Context, KeyValue, Value,
    trace::{self, Span as _, Status},
};
use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    trace::{Span, SpanData, SpanExporter, SpanProcessor},
};
use serde::{Deserialize, Serialize};

use crate::{attributes, call::Call};

/// One finished span, as it stands in the span file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FinishedSpan {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub span_id: String,
    /// The span within which it ran; none for the first of its trace.
    pub parent_span_id: Option<String>,
    /// What was done, such as `callout.dispatch.v1.WorkOrders/CompleteWorkOrder`.
    pub name: String,
    /// On which side of a call it stands.
    pub kind: SpanKind,
    /// The service of the suite that did it; none for work of the process itself.
    pub service: Option<String>,
    /// When it began, in nanoseconds since 1970.
    pub start_time_unix_nano: u64,
    /// When it ended, in nanoseconds since 1970.
    pub end_time_unix_nano: u64,
    /// Its attributes by name.
    pub attributes: BTreeMap<String, serde_json::Value>,
    /// Spans that caused it without waiting for it.
    pub links: Vec<SpanLink>,
    /// Whether it failed.
    pub status: SpanStatus,
}

/// On which side of a call a span stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// Answers a call.
    Server,
    /// Makes one.
    Client,
    /// Hands work over to be done later.
    Producer,
    /// Does work that was handed over.
    Consumer,
    /// None of these.
    Internal,
}

/// A span that caused another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpanLink {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub span_id: String,
}

/// How a span ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanStatus {
    /// Nothing was said.
    Unset,
    /// It did what it should.
    Ok,
    /// It failed.
    Error {
        /// What is known of the failure.
        message: String,
    },
}

impl From<SpanData> for FinishedSpan {
    fn from(span: SpanData) -> Self {
        let mut attributes: BTreeMap<String, serde_json::Value> =
            span.attributes.into_iter().map(|KeyValue { key, value, .. }| (key.to_string(), json(value))).collect();
        let service = attributes.remove(attributes::SERVICE).and_then(|service| service.as_str().map(str::to_owned));
        let parent = span.parent_span_id;
        Self {
            trace_id: span.span_context.trace_id().to_string(),
            span_id: span.span_context.span_id().to_string(),
            parent_span_id: (parent != trace::SpanId::INVALID).then(|| parent.to_string()),
            name: span.name.into_owned(),
            kind: match span.span_kind {
                trace::SpanKind::Server => SpanKind::Server,
                trace::SpanKind::Client => SpanKind::Client,
                trace::SpanKind::Producer => SpanKind::Producer,
                trace::SpanKind::Consumer => SpanKind::Consumer,
                trace::SpanKind::Internal => SpanKind::Internal,
            },
            service,
            start_time_unix_nano: unix_nanos(span.start_time),
            end_time_unix_nano: unix_nanos(span.end_time),
            attributes,
            links: span
                .links
                .iter()
                .map(|link| SpanLink {
                    trace_id: link.span_context.trace_id().to_string(),
                    span_id: link.span_context.span_id().to_string(),
                })
                .collect(),
            status: match span.status {
                Status::Unset => SpanStatus::Unset,
                Status::Ok => SpanStatus::Ok,
                Status::Error { description } => SpanStatus::Error { message: description.into_owned() },
            },
        }
    }
}

fn unix_nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Bool(value) => value.into(),
        Value::I64(value) => value.into(),
        Value::F64(value) => value.into(),
        Value::String(value) => value.as_str().into(),
        Value::Array(Array::Bool(values)) => values.into(),
        Value::Array(Array::I64(values)) => values.into(),
        Value::Array(Array::F64(values)) => values.into(),
        Value::Array(Array::String(values)) => {
            values.iter().map(opentelemetry::StringValue::as_str).collect::<Vec<_>>().into()
        }
        // Both enums are open; what they do not have today is written in its own words.
        other => other.to_string().into(),
    }
}

/// Appends finished spans to a file.
#[derive(Debug)]
pub(super) struct FileExporter(Mutex<File>);

impl FileExporter {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Ok(Self(Mutex::new(file.with_context(|| format!("the span file {} cannot be opened", path.display()))?)))
    }
}

impl SpanExporter for FileExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut lines = Vec::new();
        for span in batch {
            let line = serde_json::to_vec(&FinishedSpan::from(span));
            lines.extend(line.map_err(|fault| OTelSdkError::InternalFailure(fault.to_string()))?);
            lines.push(b'\n');
        }
        // One write for whole lines: several processes may append to the same file.
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&lines).map_err(|fault| OTelSdkError::InternalFailure(fault.to_string()))
    }
}

/// Keeps finished spans in memory.
#[derive(Clone, Debug, Default)]
pub struct Collector(Arc<Mutex<Vec<FinishedSpan>>>);

impl Collector {
    /// The finished spans of a trace, in the order in which they ended.
    #[must_use]
    pub fn of_trace(&self, trace_id: &str) -> Vec<FinishedSpan> {
        self.select(|span| span.trace_id == trace_id)
    }

    /// The finished spans for which `wanted` holds, in the order in which they ended.
    pub fn select(&self, wanted: impl Fn(&FinishedSpan) -> bool) -> Vec<FinishedSpan> {
        let spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spans.iter().filter(|span| wanted(span)).cloned().collect()
    }

    pub(super) fn exporter(&self) -> MemoryExporter {
        MemoryExporter(self.clone())
    }
}

/// Puts finished spans into a [`Collector`].
#[derive(Debug)]
pub(super) struct MemoryExporter(Collector);

impl SpanExporter for MemoryExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).extend(batch.into_iter().map(FinishedSpan::from));
        Ok(())
    }
}

/// Writes on each span whose work it is, since the services of one process share all exporters.
#[derive(Debug)]
pub(super) struct ServiceOfSpan;

impl SpanProcessor for ServiceOfSpan {
    fn on_start(&self, span: &mut Span, _: &Context) {
        if let Some(service) = Call::peek(|call| call.service) {
            span.set_attribute(KeyValue::new(attributes::SERVICE, service));
        }
    }

    fn on_end(&self, _: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use opentelemetry::trace::{Tracer, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;
    use crate::Caller;

    #[tokio::test]
    async fn each_finished_span_is_one_line_of_the_file_with_the_service_whose_work_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spans.jsonl");
        let provider = SdkTracerProvider::builder()
            .with_span_processor(ServiceOfSpan)
            .with_simple_exporter(FileExporter::open(&path).unwrap())
            .build();
        let tracer = provider.tracer("callout");
        for service in ["intake", "dispatch"] {
            let caller = Caller::service(service, "acme");
            Call::own_work(service, caller).scope(async { drop(tracer.start("work")) }).await;
        }
        let text = fs::read_to_string(&path).unwrap();
        let spans: Vec<FinishedSpan> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let services: Vec<_> = spans.iter().map(|span| span.service.as_deref().unwrap()).collect();
        assert_eq!(services, ["intake", "dispatch"]);
        assert!(spans.iter().all(|span| span.name == "work" && span.start_time_unix_nano <= span.end_time_unix_nano));
    }
}
