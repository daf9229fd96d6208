//! How soon new replicas get their share of the calls.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Result;
use callout_journal::Service;
use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::{
    Arguments,
    call::{Call, Pace},
    clients::{Clients, Kind},
    report::Part,
    stage::{Stage, World, get_organization},
};

/// Replicas in the end; there is one at first.
const REPLICAS: usize = 3;

/// Time for a call.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long there is one replica.
const ALONE: Duration = Duration::from_secs(15);

/// Over what time the calls of the replicas are compared.
const WINDOW: Duration = Duration::from_secs(10);

/// Windows after the replicas have come.
const WINDOWS: u32 = 9;

/// How soon the calls must be shared.
const SHARED_WITHIN: Duration = Duration::from_mins(1);

/// The busiest replica may have so many hundredths of the calls of the least busy one.
const MOST_HUNDREDTHS: u64 = 130;

/// Goes from one replica to three under load and counts, at the replicas, whose calls come to which.
///
/// # Errors
/// When the instrument itself fails.
pub async fn run(clients: &Clients, arguments: &Arguments) -> Result<Part> {
    let settings = arguments.settings();
    let stage = Stage::start(clients, REPLICAS, &settings, &arguments.logs()).await?;
    let others = Service::ALL.into_iter().flat_map(|service| stage.replicas_of(service).skip(1));
    try_join_all(others.map(|replica| stage.go(replica))).await?;
    let world = stage.settle().await?;
    let every = u64::try_from(Kind::ALL.len()).unwrap_or(1) * 1_000_000 / u64::from(arguments.rate);
    let task = |kind| stage.task(vec![own_call(kind, &world)], DEADLINE, Pace::EveryUs(every));
    let working = stage.start_clients(task)?;
    tokio::time::sleep(ALONE).await;
    let replicas: Vec<usize> = stage.replicas_of(Service::Intake).collect();
    let mut logs: Vec<Log> = replicas.iter().map(|replica| Log::at_its_end(&stage.fleet().log(*replica))).collect();
    try_join_all(replicas.iter().skip(1).map(|replica| stage.come(*replica))).await?;
    eprintln!("three replicas of intake where one was");
    let since = Instant::now();
    // What came while they started is not of the first window.
    logs.iter_mut().try_for_each(|log| log.calls().map(drop))?;
    let mut windows: Vec<BTreeMap<Kind, Vec<u64>>> = Vec::new();
    for window in 1..=WINDOWS {
        tokio::time::sleep_until((since + window * WINDOW).into()).await;
        let counted: Vec<BTreeMap<String, u64>> = logs.iter_mut().map(Log::calls).collect::<Result<_>>()?;
        let of = |kind| {
            let path = own_call(kind, &world).path();
            let method = path.trim_start_matches('/');
            (kind, counted.iter().map(|calls| calls.get(method).copied().unwrap_or_default()).collect::<Vec<u64>>())
        };
        let window: BTreeMap<Kind, Vec<u64>> = Kind::ALL.into_iter().map(of).collect();
        eprintln!("{:>4} s  {window:?}", since.elapsed().as_secs());
        windows.push(window);
    }
    let mut part = Part::new("rebalance", json!({}));
    part.ran_on(stage.fleet()).await?;
    part.line(format!("{:<8} {:>14} {:>24} {:>8}", "client", "seconds", "calls by replica", "ratio"));
    for kind in Kind::ALL {
        let counts: Vec<&Vec<u64>> = windows.iter().filter_map(|window| window.get(&kind)).collect();
        shared(&mut part, kind, &counts);
    }
    for (kind, client) in working {
        let outcome = client.ended().await?;
        part.line(format!("{kind}: {} calls, {} failed, {}", outcome.calls(), outcome.failed(), outcome.client));
        part.add(&format!("{kind} calls"), json!(outcome));
        part.must(outcome.failed() == 0, &format!("{kind}: no call fails"));
    }
    stage.stop().await?;
    Ok(part)
}

/// Each client calls a method that the others do not, so that the replicas' logs say whose a call was.
fn own_call(kind: Kind, world: &World) -> Call {
    match kind {
        Kind::Rust => world.get_case(),
        Kind::Python => world.get_product(),
        Kind::Node => get_organization(),
    }
}

fn shared(part: &mut Part, kind: Kind, windows: &[&Vec<u64>]) {
    let ratios: Vec<Option<u64>> = windows.iter().map(|counts| hundredths(counts)).collect();
    for ((counts, ratio), end) in windows.iter().zip(&ratios).zip(1_u64..) {
        let (from, to) = ((end - 1) * WINDOW.as_secs(), end * WINDOW.as_secs());
        let ratio = ratio.map_or_else(|| "none".to_owned(), decimal);
        part.line(format!(
            "{:<8} {:>14} {:>24} {ratio:>8}",
            kind.to_string(),
            format!("{from} to {to}"),
            format!("{counts:?}")
        ));
    }
    let uneven = ratios.iter().rposition(|ratio| ratio.is_none_or(|ratio| ratio > MOST_HUNDREDTHS));
    let even_from = uneven.map_or(0, |last| u64::try_from(last).unwrap_or(u64::MAX) + 1) * WINDOW.as_secs();
    part.add(&kind.to_string(), json!({"windows": windows, "ratios_percent": ratios, "even_from_s": even_from}));
    part.must(
        even_from < SHARED_WITHIN.as_secs(),
        &format!(
            "{kind}: the busiest has at most {} of the least busy within 60 s (from {even_from} s on)",
            decimal(MOST_HUNDREDTHS)
        ),
    );
}

/// The busiest in hundredths of the least busy, rounded up; none when one has nothing.
fn hundredths(counts: &[u64]) -> Option<u64> {
    let (most, least) = (counts.iter().max()?, counts.iter().min()?);
    (*least > 0).then(|| (most * 100).div_ceil(*least))
}

fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// What a process has logged.
struct Log {
    path: PathBuf,
    read: u64,
}

impl Log {
    fn at_its_end(path: &Path) -> Self {
        Self { path: path.to_owned(), read: path.metadata().map_or(0, |file| file.len()) }
    }

    /// The calls that were answered since the last look, by method.
    fn calls(&mut self) -> Result<BTreeMap<String, u64>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        // A line that is being written is of the next look.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.read += u64::try_from(whole)?;
        let mut calls = BTreeMap::new();
        for line in text[..whole].split(|byte| *byte == b'\n') {
            let line: Value = serde_json::from_slice(line).unwrap_or_default();
            if let (Some(method), Some(_)) = (line.get("method").and_then(Value::as_str), line.get("code")) {
                *calls.entry(method.to_owned()).or_default() += 1;
            }
        }
        Ok(calls)
    }
}
