//! Restarts, grows and stalls the real suite while clients in three languages call it without sending anything twice, and
//! says which calls failed, how and when.

mod call;
mod clients;
mod deadlines;
mod names;
mod native;
mod rebalance;
mod report;
mod restart;
mod stage;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use callout_fleet::circumstances::{Circumstances, cargo_run};
use clap::{Parser, ValueEnum};

use crate::clients::Clients;

/// What the services are told beside what a fleet is: the suite's own default, where a fleet is in a hurry.
const SETTINGS: [(&str, &str); 1] = [("CALLOUT__SERVER__DRAIN_DELAY_MS", "10000")];

/// Calls the real suite from Rust, Python and Node, without retries, while its replicas are restarted, stopped and added.
///
/// The clients find the services by name, from a name server on loopback that knows which replicas there are. The packages
/// grpcio and @grpc/grpc-js are fetched once, below `target/`. Fails when something is not as it must be.
#[derive(Debug, Parser)]
#[command(
    name = "callout-rollout",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  cargo build --workspace && cargo run --package callout-rollout
  cargo run --release --package callout-rollout -- --only restart --calls 100000
  cargo run --release --package callout-rollout -- --results tests/rollout/RESULTS.md"
)]
struct Arguments {
    /// How many calls are made while replicas are restarted, by all clients together.
    #[arg(long, default_value_t = 20_000)]
    calls: u64,
    /// Calls a second, of all clients together.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(3..=10_000))]
    rate: u32,
    /// Which parts, separated by commas; all of them without it.
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    only: Vec<Name>,
    /// Settings of the services, by the names of their environment variables.
    #[arg(long = "setting", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// A page to write the report to with what it was made on, such as tests/rollout/RESULTS.md; JSON goes beside it.
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// What the clients need and the logs of the processes, which are added to.
    #[arg(long, default_value = "target/rollout", value_name = "DIR")]
    folder: PathBuf,
}

/// A part of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Every replica of every service is restarted in turn under load: no call fails.
    Restart,
    /// Deadlines expire: all clients see that code.
    Deadlines,
    /// One replica becomes three: all of them get their share within a minute.
    Rebalance,
}

impl Arguments {
    fn wants(&self, part: Name) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// Settings of the services, the given ones last.
    fn settings(&self) -> Vec<(&str, &str)> {
        SETTINGS.into_iter().chain(self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))).collect()
    }

    fn logs(&self) -> PathBuf {
        self.folder.join("logs")
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it takes the form NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    callout_fleet::unless_ended(Box::pin(run(Arguments::parse()))).await
}

#[expect(clippy::print_stdout, reason = "the report is the output of the command")]
async fn run(arguments: Arguments) -> Result<ExitCode> {
    eprintln!("what the clients need is fetched below {}", arguments.folder.display());
    let root = std::env::current_dir()?;
    let clients = Clients::prepare(&arguments.folder, &root).await?;
    let circumstances = Circumstances::of(&cargo_run("callout-rollout"));
    let settings: Vec<String> = arguments.settings().iter().map(|(name, value)| format!("`{name}={value}`")).collect();
    let mut parts = Vec::new();
    if arguments.wants(Name::Restart) {
        parts.push(restart::run(&clients, &arguments).await?);
    }
    if arguments.wants(Name::Deadlines) {
        parts.push(deadlines::run(&clients, &arguments).await?);
    }
    if arguments.wants(Name::Rebalance) {
        parts.push(rebalance::run(&clients, &arguments).await?);
    }
    print!("{}", report::text(&parts));
    if let Some(file) = &arguments.results {
        report::write(file, &parts, circumstances, &settings)?;
    }
    Ok(if parts.iter().all(report::Part::holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
