//! Spans, metrics and logs, and where they go.

use std::{
    sync::{LazyLock, OnceLock},
    time::Duration,
};

use anyhow::Context;
use opentelemetry::{KeyValue, global, trace::TracerProvider};
use opentelemetry_otlp::{WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::{
    Resource,
    metrics::SdkMeterProvider,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider, TracerProviderBuilder},
};
use secrecy::ExposeSecret;
use tonic::metadata::{MetadataKey, MetadataMap, MetadataValue};
use tracing_subscriber::{EnvFilter, Layer, filter::FilterExt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{clock, settings};

mod about;
mod logs;
mod measured;
pub mod propagation;
pub(crate) mod rpc;
mod spans;
mod sql;

pub use about::about_case;
pub use measured::{Measured, MeasuredValue, MetricCollector};
pub use rpc::code_word;
pub use spans::{Collector, FinishedSpan, SpanKind, SpanLink, SpanStatus};
pub use sql::sql_span;

/// Time in which everything that was recorded must have been sent at the end. Longer, and a dead collector holds up
/// every restart.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// Spans of these are kept from the exporters at any level below a warning: an exporter that sends spans by gRPC would
/// be asked to export the spans of its own sending, without end.
const TRANSPORTS: &str = "h2=warn,hyper=warn,hyper_util=warn,tonic=warn,tower=warn,opentelemetry=warn";

/// Sends what is still unsent when dropped.
#[must_use = "dropping it ends the telemetry"]
pub struct Guard {
    tracers: SdkTracerProvider,
    meters: Option<SdkMeterProvider>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Nobody is left to be told: the log goes the same way.
        let _ = self.tracers.shutdown_with_timeout(FLUSH_LIMIT);
        if let Some(meters) = &self.meters {
            let _ = meters.shutdown_with_timeout(FLUSH_LIMIT);
        }
    }
}

/// Starts telemetry for the process, once, inside a multi-threaded tokio runtime.
///
/// # Errors
/// When it was started before, the filter cannot be read, the span file cannot be opened or the endpoint is no address.
pub fn init(settings: &settings::Telemetry) -> anyhow::Result<Guard> {
    let mut tracers = provider().with_sampler(Sampler::ParentBased(Box::new(share(settings.sample_percent))));
    if let Some(path) = &settings.span_file {
        tracers = tracers.with_simple_exporter(spans::FileExporter::open(path)?);
    }
    let mut meters = None;
    if let Some(endpoint) = &settings.otlp_endpoint {
        let headers = headers(settings)?;
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .with_metadata(headers.clone())
            .build()?;
        tracers = tracers.with_batch_exporter(exporter);
        let exporter = opentelemetry_otlp::MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .with_metadata(headers)
            .build()?;
        meters = Some(SdkMeterProvider::builder().with_resource(resource()).with_periodic_exporter(exporter).build());
    }
    if let Some(meters) = &meters {
        global::set_meter_provider(meters.clone());
    }
    let tracers = tracers.build();
    install(&tracers, settings)?;
    Ok(Guard { tracers, meters })
}

/// Starts telemetry for a process of tests: every span is kept in memory. May be called any number of times.
pub fn collect() -> &'static Collector {
    static COLLECTOR: OnceLock<Collector> = OnceLock::new();
    COLLECTOR.get_or_init(|| {
        let collector = Collector::default();
        let tracers = provider().with_simple_exporter(collector.exporter()).build();
        let settings = settings::Telemetry { log: settings::LogFormat::Text, ..settings::Telemetry::default() };
        if let Err(fault) = install(&tracers, &settings) {
            tracing::warn!(error = format!("{fault:#}"), "spans are not collected: {fault:#}");
        }
        collector
    })
}

#[expect(clippy::float_arithmetic, reason = "the sampler takes a share of one; no decision and no money hangs on it")]
fn share(percent: u8) -> Sampler {
    Sampler::TraceIdRatioBased(f64::from(percent) / 100.0)
}

fn provider() -> TracerProviderBuilder {
    SdkTracerProvider::builder().with_resource(resource()).with_span_processor(spans::ServiceOfSpan)
}

fn resource() -> Resource {
    /// Tells replicas apart: without it, what they count would pass for one and the same.
    static INSTANCE: LazyLock<String> = LazyLock::new(|| clock::new_id(clock::system_now()).to_string());
    Resource::builder()
        .with_attribute(KeyValue::new("service.instance.id", INSTANCE.as_str()))
        .with_attribute(KeyValue::new("service.namespace", "callout"))
        .with_service_name("callout")
        .build()
}

fn install(tracers: &SdkTracerProvider, settings: &settings::Telemetry) -> anyhow::Result<()> {
    let filter = |key: &'static str, filter: &str| {
        EnvFilter::try_new(format!("{filter},{TRANSPORTS}"))
            .with_context(|| format!("`telemetry.{key}` cannot be read"))
    };
    let is_span = tracing_subscriber::filter::filter_fn(|metadata| !metadata.is_event());
    let lines = tracing_subscriber::fmt::layer()
        .event_format(logs::Lines(settings.log))
        .with_writer(std::io::stderr)
        .with_filter(filter("filter", &settings.filter)?);
    let exported = tracing_opentelemetry::layer()
        .with_tracer(tracers.tracer("callout"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_filter(is_span.and(filter("span_filter", &settings.span_filter)?));
    tracing_subscriber::registry().with(lines).with(exported).try_init().context("telemetry was started before")?;
    global::set_text_map_propagator(TraceContextPropagator::new());
    Ok(())
}

fn headers(settings: &settings::Telemetry) -> anyhow::Result<MetadataMap> {
    let mut headers = MetadataMap::new();
    for (name, value) in &settings.otlp_headers {
        let key = MetadataKey::from_bytes(name.to_lowercase().as_bytes())
            .with_context(|| format!("`telemetry.otlp_headers.{name}` is no header name"))?;
        let mut value = MetadataValue::try_from(value.expose_secret())
            .with_context(|| format!("the value of `telemetry.otlp_headers.{name}` cannot stand in a header"))?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}
