//! Metrics as plain data, kept in memory for tests.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry::{KeyValue, metrics::MeterProvider as _};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{
        PeriodicReader, SdkMeterProvider, Temporality,
        data::{AggregatedMetrics, Metric, MetricData, ResourceMetrics, ScopeMetrics},
        exporter::PushMetricExporter,
    },
};

use crate::metrics::{Meter, SCOPE};

/// Time between two collections that nobody asked for: longer than any test.
const NEVER: Duration = Duration::from_hours(24);

/// One value of a metric, told apart from its others by its attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The metric.
    pub name: String,
    /// What it is measured in.
    pub unit: String,
    /// What it says.
    pub description: String,
    /// Its attributes by name.
    pub attributes: BTreeMap<String, String>,
    /// What it stood at when it was collected.
    pub value: MeasuredValue,
}

/// What a metric stands at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MeasuredValue {
    /// A counter, since the start.
    Count(u64),
    /// A gauge, when it was read.
    Gauge(u64),
    /// A histogram, since the start.
    Times {
        /// How many there were.
        count: u64,
        /// How long they took in all, in seconds.
        sum_s: f64,
    },
}

/// Measures for a test: whoever is given its meter, and nobody else of the process.
pub struct MetricCollector {
    provider: SdkMeterProvider,
    collected: Arc<Mutex<Vec<Measured>>>,
}

impl fmt::Debug for MetricCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricCollector").finish_non_exhaustive()
    }
}

impl Default for MetricCollector {
    fn default() -> Self {
        let collected = Arc::default();
        let reader = PeriodicReader::builder(MemoryExporter(Arc::clone(&collected))).with_interval(NEVER).build();
        Self { provider: SdkMeterProvider::builder().with_reader(reader).build(), collected }
    }
}

impl MetricCollector {
    /// What those are given who shall be measured.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.provider.meter(SCOPE)
    }

    /// Everything measured so far, as it stands now.
    ///
    /// # Errors
    /// When the metrics cannot be collected.
    pub fn collect(&self) -> anyhow::Result<Vec<Measured>> {
        // When there is nothing to export, the exporter is not called.
        self.collected.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.provider.force_flush()?;
        Ok(self.collected.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// Keeps what is collected.
struct MemoryExporter(Arc<Mutex<Vec<Measured>>>);

impl PushMetricExporter for MemoryExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let collected = metrics.scope_metrics().flat_map(ScopeMetrics::metrics).flat_map(measured).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = collected;
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

/// The values of a metric. The suite has counters and gauges of whole numbers and histograms of seconds; others are none
/// of its own.
fn measured(metric: &Metric) -> Vec<Measured> {
    let point = |attributes: Vec<KeyValue>, value: MeasuredValue| Measured {
        name: metric.name().to_owned(),
        unit: metric.unit().to_owned(),
        description: metric.description().to_owned(),
        attributes: attributes.into_iter().map(|it| (it.key.to_string(), it.value.to_string())).collect(),
        value,
    };
    match metric.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => sum
            .data_points()
            .map(|it| point(it.attributes().cloned().collect(), MeasuredValue::Count(it.value())))
            .collect(),
        AggregatedMetrics::U64(MetricData::Gauge(gauge)) => gauge
            .data_points()
            .map(|it| point(it.attributes().cloned().collect(), MeasuredValue::Gauge(it.value())))
            .collect(),
        AggregatedMetrics::F64(MetricData::Histogram(histogram)) => histogram
            .data_points()
            .map(|it| {
                let value = MeasuredValue::Times { count: it.count(), sum_s: it.sum() };
                point(it.attributes().cloned().collect(), value)
            })
            .collect(),
        AggregatedMetrics::U64(_) | AggregatedMetrics::I64(_) | AggregatedMetrics::F64(_) => Vec::new(),
    }
}
