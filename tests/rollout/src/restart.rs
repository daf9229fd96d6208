//! A rolling restart under load.

use std::time::{Duration, Instant};

use anyhow::Result;
use callout_journal::Service;
use serde_json::json;

use crate::{
    Arguments,
    call::{OK, Outcome, Pace},
    clients::{Clients, Kind},
    report::{Part, seconds},
    stage::Stage,
};

/// Replicas of each service.
const REPLICAS: usize = 2;

/// Time for a call.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long a process may take from SIGTERM to its exit: what an orchestrator waits, unless told otherwise.
const EXITS_WITHIN: Duration = Duration::from_secs(30);

/// Restarts every replica of every service in turn, again and again, until enough calls were made.
///
/// # Errors
/// When the instrument itself fails; calls that fail are part of what is measured.
pub async fn run(clients: &Clients, arguments: &Arguments) -> Result<Part> {
    let settings = arguments.settings();
    let stage = Stage::start(clients, REPLICAS, &settings, &arguments.logs()).await?;
    let world = stage.settle().await?;
    // Whole microseconds: rather a little faster than asked for.
    let every = u64::try_from(Kind::ALL.len()).unwrap_or(1) * 1_000_000 / u64::from(arguments.rate);
    let started = Instant::now();
    let working = stage.start_clients(|_| stage.task(world.mixed(), DEADLINE, Pace::EveryUs(every)))?;
    let enough =
        Duration::from_micros(arguments.calls * 1_000_000 / u64::from(arguments.rate)) + Duration::from_secs(5);
    let (mut restarts, mut slowest) = (0, Duration::ZERO);
    while restarts == 0 || started.elapsed() < enough {
        // The second replica of a service after the first ones of all: those who call have seen by then that the first is back.
        for number in 0..REPLICAS {
            for service in Service::ALL {
                let Some(replica) = stage.replicas_of(service).nth(number) else { continue };
                let took = stage.go(replica).await?;
                let down = Instant::now();
                stage.come(replica).await?;
                restarts += 1;
                slowest = slowest.max(took);
                eprintln!(
                    "{:>4} s  {}: ended after {}, served again after {}",
                    started.elapsed().as_secs(),
                    stage.who(replica),
                    seconds(took),
                    seconds(down.elapsed())
                );
            }
        }
    }
    let mut outcomes = Vec::new();
    for (kind, client) in working {
        outcomes.push((kind, client.ended().await?));
    }
    let took = started.elapsed();
    let mut part = told(arguments, restarts, slowest, took, &outcomes);
    part.ran_on(stage.fleet()).await?;
    stage.stop().await?;
    Ok(part)
}

fn told(
    arguments: &Arguments,
    restarts: usize,
    slowest: Duration,
    took: Duration,
    outcomes: &[(Kind, Outcome)],
) -> Part {
    let calls: u64 = outcomes.iter().map(|(_, outcome)| outcome.calls()).sum();
    let failed: u64 = outcomes.iter().map(|(_, outcome)| outcome.failed()).sum();
    let mut part = Part::new(
        "restart",
        json!({
            "calls": calls, "failed": failed, "restarts": restarts, "slowest_exit_ms": slowest.as_millis(),
            "clients": outcomes.iter().map(|(_, outcome)| outcome).collect::<Vec<_>>(),
        }),
    );
    part.line(format!(
        "{restarts} restarts of {REPLICAS} replicas of each service in {} s, {} calls a second asked for",
        took.as_secs(),
        arguments.rate
    ));
    part.line(format!("{:<8} {:>8} {:>8} {:>12}  {}", "client", "calls", "failed", "slowest, ms", "library"));
    for (kind, outcome) in outcomes {
        let (calls, failed) = (outcome.calls(), outcome.failed());
        part.line(format!("{kind:<8} {calls:>8} {failed:>8} {:>12}  {}", outcome.slowest_ms, outcome.client));
        for (code, count) in outcome.by_code().iter().filter(|(code, _)| *code != OK) {
            part.line(format!("         {count} {code}"));
        }
        for failure in &outcome.failures {
            eprintln!("{kind} {} {} {}: {}", failure.at_ms, failure.path, failure.code, failure.message);
        }
    }
    part.line(format!("{calls} calls, {failed} failed; slowest SIGTERM to exit {}", seconds(slowest)));
    part.must(failed == 0, "no call fails");
    part.must(calls >= arguments.calls, "as many calls as asked for");
    part.must(slowest < EXITS_WITHIN, "every process exits within 30 s of SIGTERM");
    part
}
