//! What it costs to trace one call of ten.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use serde::Serialize;

use crate::{
    bench::Bench,
    driver::{Operation, closed},
    operations::Open,
    sink::Sink,
};

/// Callers meanwhile.
const CLIENTS: usize = 16;

/// How many slices there are for one of other figures: what is looked for is a few percent.
const ROUNDS: u32 = 3;

/// CPU time of opening a case with tracing and without.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tracing {
    /// CPU time of all services a case without tracing, in microseconds, in each round.
    pub off_us: Vec<f64>,
    /// The same with one trace of ten sent to a collector.
    pub sampled_us: Vec<f64>,
    /// The same with every trace sent to it.
    pub all_us: Vec<f64>,
    /// By how much of a hundred the median of the second is more than that of the first.
    pub sampled_percent: f64,
    /// By how much that of the third is.
    pub all_percent: f64,
    /// Spans that the collector has got.
    pub spans: u64,
}

/// Measures it: the services are started again with other settings in each slice.
///
/// # Errors
/// When a service does not start again.
pub async fn measure(bench: &mut Bench) -> Result<()> {
    let (mut tracing, sink) = (Tracing::default(), Sink::start().await?);
    for round in 0..bench.arguments.rounds * ROUNDS {
        // Who comes first in one round comes last in the next: the tables grow meanwhile.
        let mut ways = [("off", None), ("10 %", Some("10")), ("100 %", Some("100"))];
        let places = round as usize % ways.len();
        ways.rotate_left(places);
        for (name, percent) in ways {
            eprintln!("tracing {name} …");
            let used = open_with(bench, &sink, percent, round).await?;
            match percent {
                None => tracing.off_us.push(used),
                Some("10") => tracing.sampled_us.push(used),
                Some(_) => tracing.all_us.push(used),
            }
        }
    }
    trace(bench, &sink, None).await?;
    let more = |figures: &[f64]| (median(figures) / median(&tracing.off_us) - 1.0) * 100.0;
    (tracing.sampled_percent, tracing.all_percent) = (more(&tracing.sampled_us), more(&tracing.all_us));
    tracing.spans = sink.spans();
    bench.report.tracing = Some(tracing);
    Ok(())
}

/// CPU time of the services for each case that is opened, in microseconds.
async fn open_with(bench: &mut Bench, sink: &Sink, percent: Option<&str>, round: u32) -> Result<f64> {
    trace(bench, sink, percent).await?;
    let id = format!("traced-{}-{round}", percent.unwrap_or("0"));
    let open: Arc<dyn Operation> = Arc::new(Open(vec![bench.organization(&id).await?]));
    closed(&open, CLIENTS, Duration::from_secs(1)).await;
    let (slice, used, _) = bench.slice_of(&open, CLIENTS).await?;
    Ok(used.of_services().as_secs_f64() * 1e6 / (slice.done.max(1) as f64))
}

async fn trace(bench: &mut Bench, sink: &Sink, percent: Option<&str>) -> Result<()> {
    bench.fleet.set("CALLOUT__TELEMETRY__OTLP_ENDPOINT", percent.map(|_| sink.url.as_str()));
    bench.fleet.set("CALLOUT__TELEMETRY__SAMPLE_PERCENT", percent);
    bench.start_again().await
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
