//! Callers who call without a pause, and how long their calls took.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use async_trait::async_trait;
use hdrhistogram::Histogram;
use tonic::Status;

/// The longest latency that is told apart, in microseconds.
const LONGEST: u64 = 600_000_000;

/// Something that callers do again and again.
#[async_trait]
pub trait Operation: Send + Sync {
    /// Makes ready for a slice of so many callers; not measured.
    async fn prepare(&self, _clients: usize, _span: Duration) -> Result<()> {
        Ok(())
    }

    /// Does it once, as one of the callers; false when nothing is left to be done.
    async fn once(&self, client: usize) -> Result<bool, Status>;
}

/// What came of a while of calling.
#[derive(Clone, Debug)]
pub struct Slice {
    /// How often it was done.
    pub done: u64,
    /// How often it was refused or failed.
    pub failed: u64,
    /// What the first failure said.
    pub failure: Option<String>,
    /// From the first call to the last answer.
    pub span: Duration,
    /// How long those took that were done, in microseconds.
    pub latencies: Histogram<u64>,
}

impl Default for Slice {
    fn default() -> Self {
        Self { done: 0, failed: 0, failure: None, span: Duration::ZERO, latencies: histogram() }
    }
}

impl Slice {
    /// Takes a latency down.
    pub fn took(&mut self, span: Duration) {
        self.done += 1;
        self.latencies.saturating_record(micros(span));
    }

    /// Takes a failure down.
    pub fn fails(&mut self, failure: impl FnOnce() -> String) {
        self.failed += 1;
        self.failure.get_or_insert_with(failure);
    }

    /// Adds what others did in the same time.
    pub fn join(&mut self, other: &Self) {
        self.done += other.done;
        self.failed += other.failed;
        self.failure = self.failure.take().or_else(|| other.failure.clone());
        // Both have the same bounds.
        let _ = self.latencies.add(&other.latencies);
    }

    /// How often it was done in a second.
    pub fn per_second(&self) -> f64 {
        self.done as f64 / self.span.as_secs_f64().max(1e-9)
    }

    /// The latency that so much of a hundred do not exceed, in milliseconds.
    pub fn percentile(&self, percentile: f64) -> f64 {
        self.latencies.value_at_percentile(percentile) as f64 / 1e3
    }
}

/// One that holds every latency of a run, at three digits.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds are in order")
}

/// Whole microseconds.
pub fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

/// Has `clients` callers do it without a pause for `span`; each finishes what it has begun.
pub async fn closed(operation: &Arc<dyn Operation>, clients: usize, span: Duration) -> Slice {
    let begun = Instant::now();
    let callers: Vec<_> = (0..clients)
        .map(|client| {
            let operation = Arc::clone(operation);
            tokio::spawn(async move {
                let mut slice = Slice::default();
                while begun.elapsed() < span {
                    let sent = Instant::now();
                    match operation.once(client).await {
                        Ok(true) => slice.took(sent.elapsed()),
                        Ok(false) => break,
                        Err(status) => slice.fails(|| format!("{:?}: {}", status.code(), status.message())),
                    }
                }
                slice
            })
        })
        .collect();
    let mut all = Slice::default();
    for caller in callers {
        match caller.await {
            Ok(slice) => all.join(&slice),
            Err(died) => all.fails(|| died.to_string()),
        }
    }
    all.span = begun.elapsed();
    all
}
