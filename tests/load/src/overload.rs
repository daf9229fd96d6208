//! More is asked of the suite than it can do.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Result;
use serde::Serialize;
use tokio::task::JoinSet;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    bench::Bench,
    driver::{Operation, Slice, closed},
    operations::Open,
    world::Organization,
};

/// How many times the peak is offered.
const TIMES: f64 = 3.0;

/// How many calls a process takes on at once.
const CONCURRENT_CALLS: &str = "CALLOUT__SERVER__CONCURRENT_CALLS";

/// The part of the peak that must still be done.
const GOODPUT: f64 = 0.8;

/// Over how many connections more is asked for.
const CONNECTIONS: usize = 16;

/// How many times longer a call may take that is accepted, at the 99th percentile.
const SLOWER: f64 = 3.0;

/// By when everything must be as before.
const NORMAL_WITHIN: Duration = Duration::from_secs(5);

/// For how long it is looked at afterwards, and in what steps.
const AFTERWARDS: Duration = Duration::from_secs(15);
const STEP: Duration = Duration::from_millis(500);

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Overload {
    /// How many calls a process took on at once.
    pub concurrent_calls: usize,
    /// Cases opened in a second by as many callers without a pause.
    pub peak_before_per_second: f64,
    /// The same once it was over.
    pub peak_after_per_second: f64,
    /// Cases offered in a second, whatever came of them.
    pub offered_per_second: f64,
    /// Cases opened in a second meanwhile.
    pub goodput_per_second: f64,
    /// Calls that ended otherwise, by their code.
    pub refused: BTreeMap<String, u64>,
    /// Those of them that said when to come again.
    pub with_retry_info: u64,
    /// What the first of each code said.
    pub said: BTreeMap<String, String>,
    /// The 99th percentile of one caller alone, in milliseconds.
    pub unloaded_p99_ms: f64,
    /// That of the calls which were accepted, from when they were due to be sent.
    pub accepted_p99_ms: f64,
    /// After how many seconds calls took no longer than before; none when that was not seen.
    pub normal_after_s: Option<f64>,
    /// What was asked for, and whether it holds.
    pub verdicts: Vec<(String, bool)>,
}

/// Measures it: the peak, before and after, is that of the same processes with the same settings.
///
/// # Errors
/// When the suite does not answer at all.
pub async fn measure(bench: &mut Bench) -> Result<()> {
    eprintln!("overload …");
    let organization = bench.organization("overload").await?;
    let open: Arc<dyn Operation> = Arc::new(Open(vec![Arc::clone(&organization)]));
    let concurrent_calls = bench.arguments.overload_calls;
    bench.fleet.set(CONCURRENT_CALLS, Some(&concurrent_calls.to_string()));
    bench.start_again().await?;
    let long = bench.slice() * 2;
    // Processes that have just started do less.
    closed(&open, concurrent_calls, long).await;
    bench.meter.rest().await?;
    let unloaded = closed(&open, 1, long).await;
    let before = closed(&open, concurrent_calls, long).await;
    bench.meter.rest().await?;
    let span = Duration::from_secs(bench.arguments.overload_seconds);
    let offered = offer(&organization, before.per_second() * TIMES, span).await;
    let normal_after = back_to_normal(&open, &unloaded).await;
    bench.meter.rest().await?;
    let after = closed(&open, concurrent_calls, long).await;

    let mut overload = Overload {
        concurrent_calls,
        peak_before_per_second: before.per_second(),
        peak_after_per_second: after.per_second(),
        offered_per_second: offered.count as f64 / span.as_secs_f64(),
        goodput_per_second: offered.accepted.done as f64 / span.as_secs_f64(),
        refused: offered.refused,
        with_retry_info: offered.with_retry_info,
        said: offered.said,
        unloaded_p99_ms: unloaded.percentile(99.0),
        accepted_p99_ms: offered.accepted.percentile(99.0),
        normal_after_s: normal_after.map(|after| after.as_secs_f64()),
        verdicts: Vec::new(),
    };
    overload.judge(normal_after);
    bench.meter.rest().await?;
    bench.report.overload = Some(overload);
    bench.fleet.set(CONCURRENT_CALLS, None);
    bench.start_again().await
}

impl Overload {
    fn judge(&mut self, normal_after: Option<Duration>) {
        let refused: u64 = self.refused.values().sum();
        let by_the_book = self.refused.get(&format!("{:?}", Code::ResourceExhausted)).copied().unwrap_or(0);
        let slower = self.accepted_p99_ms / self.unloaded_p99_ms;
        // The machine is not always as fast.
        let peak = f64::midpoint(self.peak_before_per_second, self.peak_after_per_second);
        let part = self.goodput_per_second / peak;
        self.verdicts = vec![
            (format!("goodput is {:.0} % of the peak; at least 80 %", part * 100.0), part >= GOODPUT),
            (
                format!(
                    "{by_the_book} of {refused} refusals are RESOURCE_EXHAUSTED, {} with RetryInfo; all",
                    self.with_retry_info
                ),
                by_the_book == refused && self.with_retry_info == refused,
            ),
            (format!("p99 of the accepted is {slower:.1} × the unloaded one; at most 3 ×"), slower <= SLOWER),
            (
                normal_after.map_or_else(
                    || format!("not back to normal within {} s; within 5 s", AFTERWARDS.as_secs()),
                    |after| format!("back to normal after {:.1} s; within 5 s", after.as_secs_f64()),
                ),
                normal_after.is_some_and(|after| after <= NORMAL_WITHIN),
            ),
        ];
    }
}

/// What came of calls that were sent at their time, whatever had come of those before.
#[derive(Default)]
struct Offered {
    count: u64,
    accepted: Slice,
    refused: BTreeMap<String, u64>,
    with_retry_info: u64,
    said: BTreeMap<String, String>,
}

impl Offered {
    fn refuse(&mut self, status: &Status) {
        let code = format!("{:?}", status.code());
        *self.refused.entry(code.clone()).or_default() += 1;
        self.with_retry_info += u64::from(status.get_details_retry_info().is_some());
        self.said.entry(code).or_insert_with(|| status.message().to_owned());
    }
}

async fn offer(organization: &Arc<Organization>, per_second: f64, span: Duration) -> Offered {
    let offered = Arc::new(Mutex::new(Offered::default()));
    let (begun, mut sent, mut calls) = (Instant::now(), 0_u64, JoinSet::new());
    let mut tick = tokio::time::interval(Duration::from_millis(1));
    while begun.elapsed() < span {
        tick.tick().await;
        while (sent as f64) < begun.elapsed().as_secs_f64() * per_second {
            let due = begun + Duration::from_secs_f64(sent as f64 / per_second);
            let client = usize::try_from(sent).unwrap_or(0) % CONNECTIONS;
            sent += 1;
            let (organization, offered) = (Arc::clone(organization), Arc::clone(&offered));
            calls.spawn(async move {
                let request = organization.request(organization.call());
                let answer = organization.cases(client).create_case(request).await;
                let mut offered = offered.lock().unwrap_or_else(PoisonError::into_inner);
                match answer {
                    Ok(_) => offered.accepted.took(due.elapsed()),
                    Err(status) => offered.refuse(&status),
                }
            });
            while calls.try_join_next().is_some() {}
        }
    }
    // What is answered later was offered in time, and what never is ends with its deadline; but nobody waits for it here: the
    // time until everything is as before runs from now.
    let begun_waiting = offered.lock().map(|mut offered| std::mem::take(&mut *offered)).unwrap_or_default();
    calls.detach_all();
    Offered { count: sent, ..begun_waiting }
}

/// After how long a caller alone is served as before.
async fn back_to_normal(open: &Arc<dyn Operation>, unloaded: &Slice) -> Option<Duration> {
    let begun = Instant::now();
    while begun.elapsed() < AFTERWARDS {
        let from = begun.elapsed();
        let slice = closed(open, 1, STEP).await;
        if slice.failed == 0 && slice.done > 0 && slice.percentile(50.0) <= unloaded.percentile(50.0) * 2.0 {
            return Some(from);
        }
    }
    None
}
