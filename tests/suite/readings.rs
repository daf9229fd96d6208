//! What the metrics say at one moment.

use callout_kit::{
    attributes,
    metrics::{Counter, Definition, Gauge, Histogram},
    telemetry::{Measured, MeasuredValue as Value, MetricCollector},
};

use crate::stage::Stage;

/// What was measured at one moment.
pub struct Metrics(pub Vec<Measured>);

impl Metrics {
    /// After everybody has looked at their gauges.
    pub async fn of(stage: &Stage, collector: &MetricCollector) -> Self {
        stage.look().await;
        Self::as_they_stand(collector)
    }

    pub fn as_they_stand(collector: &MetricCollector) -> Self {
        Self(collector.collect().expect("what was measured"))
    }

    /// What a metric says of exactly this, by the name and in the unit that the list has for it.
    pub fn value<const N: usize>(&self, of: Definition, service: &str, attributes: [(&str, &str); N]) -> Option<Value> {
        let wanted = attributes.into_iter().chain([(attributes::SERVICE, service)]);
        let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let found = self.0.iter().find(|it| it.name == of.name && it.attributes == wanted)?;
        assert_eq!((found.unit.as_str(), found.description.as_str()), (of.unit, of.meaning.trim()), "{}", of.name);
        Some(found.value)
    }

    pub fn count<const N: usize>(&self, counter: Counter, service: &str, attributes: [(&str, &str); N]) -> u64 {
        match self.value(counter.definition(), service, attributes) {
            Some(Value::Count(count)) => count,
            None => 0,
            other => panic!("{counter:?}: {other:?}"),
        }
    }

    pub fn gauge<const N: usize>(&self, gauge: Gauge, service: &str, attributes: [(&str, &str); N]) -> Option<u64> {
        match self.value(gauge.definition(), service, attributes) {
            Some(Value::Gauge(value)) => Some(value),
            None => None,
            other => panic!("{gauge:?}: {other:?}"),
        }
    }

    pub fn open_cases(&self, mode: &str, state: &str, age: &str) -> Option<u64> {
        let attributes = [("callout.mode", mode), ("callout.case.state", state), ("callout.case.age", age)];
        self.gauge(Gauge::CasesOpen, "intake", attributes)
    }

    /// The loan slips of sandboxes that are outstanding, and those of them that are overdue.
    pub fn loans(&self) -> [Option<u64>; 2] {
        let sandbox = [("callout.mode", "sandbox")];
        [Gauge::LoansOutstanding, Gauge::LoansOverdue].map(|gauge| self.gauge(gauge, "inventory", sandbox))
    }

    /// How many events a service is behind another one, and for how many seconds.
    pub fn behind(&self, service: &str, upstream: &str) -> [Option<u64>; 2] {
        let upstream = [("callout.upstream", upstream)];
        [Gauge::JournalBacklog, Gauge::JournalLag].map(|gauge| self.gauge(gauge, service, upstream))
    }

    pub fn times(&self, histogram: Histogram, kind: &str) -> Option<Value> {
        let attributes = [("callout.mode", "sandbox"), ("callout.case.kind", kind)];
        self.value(histogram.definition(), "intake", attributes)
    }
}
