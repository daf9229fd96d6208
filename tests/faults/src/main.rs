//! Plays whole cases against the real suite, two replicas of each service, while everything is killed, stopped and cut off,
//! and looks afterwards for anything that goes against what must always hold.

mod nemesis;
mod tally;

use std::{
    io,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use callout::invariants;
use callout_fleet::{Fleet, Plan};
use callout_testkit::scenario::{self, Format, Patience, Reporter, Scenario, Target};
use clap::Parser;
use rand::{SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use sqlx::PgConnection;

use crate::{nemesis::Nemesis, tally::Tally};

/// Processes of each service.
const REPLICAS: usize = 2;

/// How long it may take after the last fault until the services have dealt with all that they told one another.
const BACKLOGS_ARE_EMPTY_WITHIN: Duration = Duration::from_mins(1);

/// How long a call is sent again that nobody answers: longer than any outage of a round.
const PATIENCE: Patience = Patience { call: Duration::from_secs(10), in_all: Duration::from_mins(2) };

/// Kills, stops and cuts off replicas and the database at moments that follow from a seed, while scenarios are played, and
/// checks what must always hold after each round. Fails when a scenario does, or a violation is found.
#[derive(Debug, Parser)]
#[command(name = "callout-faults", version, max_term_width = 100)]
struct Arguments {
    /// The first round's seed; the next ones follow it. The same seed plays the same scenarios and plans the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many rounds.
    #[arg(long, default_value_t = 10)]
    rounds: u64,
    /// How many scenarios are played at once in a round, each drawn anew.
    #[arg(long, default_value_t = 4)]
    scenarios: usize,
    /// Where the scenarios are.
    #[arg(long, default_value = "tests/scenarios", value_name = "DIR")]
    folder: PathBuf,
    /// Where the processes' logs go; they are added to.
    #[arg(long, default_value = "target/faults", value_name = "DIR")]
    logs: PathBuf,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let scenarios = scenario::read(std::slice::from_ref(&arguments.folder))?;
    ensure!(!scenarios.is_empty(), "there is no scenario in {}", arguments.folder.display());
    let binary = callout_fleet::binary()?;
    let plan = Plan { binary: &binary, replicas: REPLICAS, settings: &[], logs: &arguments.logs };
    let fleet = Fleet::start(plan).await?;
    let mut tally = Tally::default();
    for seed in arguments.seed..arguments.seed + arguments.rounds {
        let mut rng = StdRng::seed_from_u64(seed);
        let drawn: Vec<Scenario> = scenarios.choose_multiple(&mut rng, arguments.scenarios).cloned().collect();
        round(&fleet, seed, &drawn, rng, &mut tally).await?;
    }
    fleet.stop().await?;
    tally.print(arguments.seed, arguments.rounds);
    Ok(if tally.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One round: scenarios and faults side by side, then rest, then the questions.
async fn round(fleet: &Fleet, seed: u64, drawn: &[Scenario], rng: StdRng, tally: &mut Tally) -> Result<()> {
    let target = fleet.target()?.patient(PATIENCE);
    let mut report = Vec::new();
    let mut reporter = Reporter::new(Format::Text, &mut report);
    let mut nemesis = Nemesis::new(fleet, rng);
    let played = tokio::select! {
        played = play(&target, drawn, &mut reporter) => played?,
        broken = nemesis.work() => return Err(broken),
    };
    nemesis.heal().await?;
    let healed = Instant::now();
    let mut connection = fleet.superuser().await?;
    let violations = at_rest(&mut connection, healed).await?;
    tally.round(seed, played, &nemesis.done, healed.elapsed(), &violations, &String::from_utf8_lossy(&report));
    Ok(())
}

async fn play(target: &Target, drawn: &[Scenario], reporter: &mut Reporter<impl io::Write>) -> Result<(usize, usize)> {
    let summary = scenario::play(target, drawn, drawn.len(), reporter).await?;
    Ok((summary.passed(), summary.failed()))
}

/// What goes against the invariants once the backlogs are empty, or still at the end of the time in which they must be.
async fn at_rest(connection: &mut PgConnection, since: Instant) -> Result<Vec<invariants::Violation>> {
    loop {
        let found = invariants::check(connection, true).await?;
        if found.is_empty() || since.elapsed() > BACKLOGS_ARE_EMPTY_WITHIN {
            return Ok(found);
        }
    }
}
