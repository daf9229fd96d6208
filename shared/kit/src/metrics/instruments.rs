//! The instruments of one service.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry::{KeyValue, metrics as otel};

use super::{Counter, Definition, Gauge, Histogram, Meter};
use crate::attributes;

/// A name out of [`attributes`] with its value.
pub type Attribute = (&'static str, Cow<'static, str>);

/// Something that happened, or that took some time.
#[derive(Clone, Debug)]
pub enum Measurement {
    /// It happened once.
    Happened(Counter, Vec<Attribute>),
    /// It took so long.
    Took(Histogram, Duration, Vec<Attribute>),
}

/// What a gauge stood at when it was looked at.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Which one.
    pub gauge: Gauge,
    /// What it said.
    pub value: u64,
    /// Of what.
    pub attributes: Vec<Attribute>,
}

/// By what a service measures. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Instruments>);

struct Instruments {
    service: &'static str,
    counters: Vec<(Counter, otel::Counter<u64>)>,
    histograms: Vec<(Histogram, otel::Histogram<f64>)>,
    observed: Arc<Mutex<Vec<Observation>>>,
}

impl Metrics {
    /// Those of `service`, measured by `meter`.
    #[must_use]
    pub fn new(service: &'static str, meter: &Meter) -> Self {
        let counter = |counter: &Counter| {
            let Definition { name, unit, meaning, .. } = counter.definition();
            (*counter, meter.u64_counter(name).with_unit(unit).with_description(meaning.trim()).build())
        };
        let observed = Arc::default();
        for gauge in Gauge::ALL {
            watch(service, meter, *gauge, &observed);
        }
        Self(Arc::new(Instruments {
            service,
            counters: Counter::ALL.iter().map(counter).collect(),
            histograms: Histogram::ALL.iter().map(|histogram| (*histogram, histogram.of(meter))).collect(),
            observed,
        }))
    }

    /// Takes a measurement.
    pub fn measure(&self, measurement: Measurement) {
        let Instruments { service, counters, histograms, .. } = &*self.0;
        match measurement {
            Measurement::Happened(counter, attributes) => {
                if let Some((_, instrument)) = counters.iter().find(|(of, _)| *of == counter) {
                    instrument.add(1, &labels(service, &attributes));
                }
            }
            Measurement::Took(histogram, time, attributes) => {
                if let Some((_, instrument)) = histograms.iter().find(|(of, _)| *of == histogram) {
                    instrument.record(time.as_secs_f64(), &labels(service, &attributes));
                }
            }
        }
    }

    /// Says what all gauges of the service stand at, until the next time. One that is not among them has no value then:
    /// what could not be looked at is absent, and not what it was before.
    pub fn observe(&self, observations: Vec<Observation>) {
        *self.0.observed.lock().unwrap_or_else(PoisonError::into_inner) = observations;
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metrics").field(&self.0.service).finish()
    }
}

/// Has a gauge read whenever metrics are collected. The meter keeps the callback for ever, and with it no more than a weak
/// reference: the gauges of a service end with the service.
fn watch(service: &'static str, meter: &Meter, gauge: Gauge, observed: &Arc<Mutex<Vec<Observation>>>) {
    let Definition { name, unit, meaning, .. } = gauge.definition();
    let observed = Arc::downgrade(observed);
    let read = move |observer: &dyn otel::AsyncInstrument<u64>| {
        let Some(observed) = observed.upgrade() else { return };
        let observed = observed.lock().unwrap_or_else(PoisonError::into_inner);
        for observation in observed.iter().filter(|observation| observation.gauge == gauge) {
            observer.observe(observation.value, &labels(service, &observation.attributes));
        }
    };
    meter.u64_observable_gauge(name).with_unit(unit).with_description(meaning.trim()).with_callback(read).build();
}

fn labels(service: &'static str, attributes: &[Attribute]) -> Vec<KeyValue> {
    let own = attributes.iter().map(|(name, value)| KeyValue::new(*name, value.clone()));
    own.chain([KeyValue::new(attributes::SERVICE, service)]).collect()
}
