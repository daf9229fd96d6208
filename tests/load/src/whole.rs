//! Whole cases from the call to the score, as the scenario of the demo has them.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use callout_testkit::scenario::{self, Scenario, Target};
use tonic::Status;

use crate::{bench::Bench, driver::Operation};

/// The scenario that is played.
const SCENARIO: &str = "services/callout/demo/from-call-to-score.yaml";

/// Measures it.
///
/// # Errors
/// When the scenario cannot be read, or a twin fails.
pub async fn measure(bench: &mut Bench) -> Result<()> {
    let scenario = scenario::read(&[PathBuf::from(SCENARIO)])?.pop().context("the scenario of the demo is gone")?;
    let played_by = Arc::new(Player { target: bench.fleet.target()?, scenario });
    let whole = Arc::new(Whole { played_by, calls: AtomicU64::new(0), played: AtomicU64::new(0) });
    let operation: Arc<dyn Operation> = Arc::<Whole>::clone(&whole);
    let twin = bench.twin_of_open().await?;
    for clients in bench.arguments.clients.clone() {
        bench.measure("whole case, call → score", clients, &operation, &twin).await?;
    }
    let (calls, played) = (whole.calls.load(Ordering::Relaxed), whole.played.load(Ordering::Relaxed).max(1));
    bench
        .report
        .note(format!("A whole case is {} calls, those that move its sandbox's clock among them.", calls / played));
    Ok(())
}

struct Whole {
    played_by: Arc<Player>,
    calls: AtomicU64,
    played: AtomicU64,
}

#[async_trait]
impl Operation for Whole {
    async fn once(&self, _client: usize) -> Result<bool, Status> {
        // The compiler cannot prove that playing is `Send`, so each is played on a thread that stays.
        let (played, runtime) = (Arc::clone(&self.played_by), tokio::runtime::Handle::current());
        let playing = move || runtime.block_on(scenario::watch(&played.target, &played.scenario, |_| {}));
        let outcome = tokio::task::spawn_blocking(playing).await.map_err(|died| Status::internal(died.to_string()))?;
        self.calls.fetch_add(u64::from(outcome.calls), Ordering::Relaxed);
        self.played.fetch_add(1, Ordering::Relaxed);
        match outcome.failures.first() {
            None => Ok(true),
            Some(failure) => Err(Status::unknown(format!("line {}: {}", failure.line, failure.what))),
        }
    }
}

/// What is played, and against what.
struct Player {
    target: Target,
    scenario: Scenario,
}
