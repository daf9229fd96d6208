//! Plays whole cases against the real suite, two replicas of each service, while everything is killed, stopped and cut off,
//! and looks afterwards for anything that goes against what must always hold.

mod desk;
mod history;
mod nemesis;
mod plant;
mod tally;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use callout::invariants;
use callout_fleet::{Fleet, Network, Plan};
use callout_testkit::scenario::{self, Format, Patience, Reporter, Scenario};
use clap::Parser;
use futures::{StreamExt as _, future::join_all, stream};
use rand::{SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::{
    desk::{Desk, Worked},
    nemesis::Nemesis,
    plant::{FAILPOINTS, Mistake},
    tally::{Round, Tally},
};

/// How many rounds are played in one fleet: what has come together by then is looked through after each of them.
const ROUNDS_OF_A_FLEET: usize = 25;

/// Processes of each service.
const REPLICAS: usize = 2;

/// How long it may take after the last fault until the services have dealt with all that they told one another.
const BACKLOGS_ARE_EMPTY_WITHIN: Duration = Duration::from_mins(1);

/// How long to leave a database in peace that does not answer.
const UNTIL_THE_NEXT_LOOK: Duration = Duration::from_millis(20);

/// A call that nobody answers is sent again for longer than any outage of a round. A process that dies leaves gaps in numbers.
const PATIENCE: Patience = Patience { call: Duration::from_secs(10), in_all: Duration::from_mins(2), gaps: true };

/// Callers of the live organisation.
const CALLERS: u64 = 2;

/// Kills, stops and cuts off replicas, connections and the database at moments that follow from a seed, while scenarios are
/// played and a live organisation is at work, and checks after each round what must always hold, and what callers were told.
/// Fails when a scenario does, or a violation is found.
#[derive(Debug, Parser)]
#[command(
    name = "callout-faults",
    version,
    max_term_width = 100,
    after_help = "\
The binary `callout` beside this one is run. For processes that die at a commit, and for mistakes that are planted, it is built
with the feature `faults`:
  cargo build --workspace --features callout/faults
  target/debug/callout-faults --seed 1 --rounds 10
  target/debug/callout-faults --plant fence   # fails, or the run is good for nothing"
)]
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
    /// How many fleets, each with a database of its own, are at work at once; the rounds are shared among them.
    #[arg(long, default_value_t = 1)]
    fleets: usize,
    /// A mistake that is made by all processes, to see it found; the run ends with the round that finds it.
    #[arg(long, value_name = "MISTAKE")]
    plant: Option<Mistake>,
    /// A page to keep the summary on, such as tests/faults/RESULTS.md; what came of each round goes beside it. Where there is one
    /// already, the rounds are added to it.
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// Where the scenarios are.
    #[arg(long, default_value = "tests/scenarios", value_name = "DIR")]
    folder: PathBuf,
    /// Where the processes' logs go; those of rounds in which nothing was found are removed again.
    #[arg(long, default_value = "target/faults", value_name = "DIR")]
    logs: PathBuf,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    callout_fleet::unless_ended(Box::pin(run(Arguments::parse()))).await
}

#[expect(clippy::print_stdout, reason = "the summary is the output of the command")]
async fn run(arguments: Arguments) -> Result<ExitCode> {
    let scenarios = scenario::read(std::slice::from_ref(&arguments.folder))?;
    ensure!(!scenarios.is_empty(), "there is no scenario in {}", arguments.folder.display());
    let tally = RefCell::new(Tally::resume(arguments.results.clone())?);
    let seeds: Vec<u64> = (arguments.seed..arguments.seed + arguments.rounds).collect();
    let stretches = seeds.chunks(ROUNDS_OF_A_FLEET).map(|seeds| stretch(&arguments, &scenarios, seeds, &tally));
    let mut stretches = stream::iter(stretches).buffer_unordered(arguments.fleets);
    while let Some(went_on) = stretches.next().await {
        if !went_on? {
            break;
        }
    }
    drop(stretches);
    let tally = tally.into_inner();
    println!("\n{}", tally.summary());
    Ok(if tally.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Some rounds in a fleet of their own, each added to the tally; whether more are to follow.
async fn stretch(arguments: &Arguments, scenarios: &[Scenario], seeds: &[u64], tally: &RefCell<Tally>) -> Result<bool> {
    let binary = callout_fleet::binary()?;
    let logs = arguments.logs.join(format!("from-{}", seeds.first().copied().unwrap_or_default()));
    let point = arguments.plant.and_then(Mistake::point).map(|point| (FAILPOINTS, point));
    let fleet = Fleet::start(Plan {
        binary: &binary,
        replicas: REPLICAS,
        settings: point.as_slice(),
        logs: &logs,
        network: Network::Links,
        postgresql: &[],
    })
    .await?;
    if let Some(mistake) = arguments.plant {
        mistake.plant(&fleet).await?;
    }
    if seeds.first() == Some(&arguments.seed) {
        let database = fleet.database_version().await?;
        tally.borrow_mut().begin(database)?;
    }
    let mut run = Run { desk: Desk::open(&fleet).await?, fleet: &fleet, planted: arguments.plant };
    let mut went_well = true;
    for seed in seeds {
        let mut rng = StdRng::seed_from_u64(*seed);
        let drawn: Vec<Scenario> = scenarios.choose_multiple(&mut rng, arguments.scenarios).cloned().collect();
        let round = run.round(*seed, &drawn, rng).await?;
        went_well &= round.went_well();
        tally.borrow_mut().add(round)?;
        if arguments.plant.is_some() && !went_well {
            break;
        }
    }
    fleet.stop().await?;
    if went_well {
        // Nobody will look for anything in them, and those of hundreds of rounds fill a disk.
        fs::remove_dir_all(logs)?;
    }
    Ok(arguments.plant.is_none() || went_well)
}

/// What is the same in all rounds.
struct Run<'f> {
    fleet: &'f Fleet,
    desk: Desk,
    planted: Option<Mistake>,
}

impl Run<'_> {
    /// One round: scenarios, a live organisation and faults side by side, then rest, then the questions.
    async fn round(&mut self, seed: u64, drawn: &[Scenario], rng: StdRng) -> Result<Round> {
        let target = self.fleet.target()?.patient(PATIENCE);
        let mut report = Vec::new();
        let mut reporter = Reporter::new(Format::Text, &mut report);
        let mut nemesis = Nemesis::new(self.fleet, rng, self.planted);
        let aborted_before = self.fleet.aborted();
        let over = AtomicBool::new(false);
        let at_work = join_all((0..CALLERS).map(|caller| self.desk.work(seed * CALLERS + caller, &over)));
        let work = async {
            let played = scenario::play(&target, drawn, drawn.len(), &mut reporter);
            // The callers stop when the scenarios are through, and finish what they are at.
            let played = async { (played.await, over.store(true, Ordering::Relaxed)).0 };
            tokio::join!(played, at_work)
        };
        let (played, worked) = tokio::select! {
            (played, worked) = work => (played?, worked),
            broken = nemesis.work() => return Err(broken),
        };
        nemesis.heal().await?;
        let healed = Instant::now();
        let violations = at_rest(self.fleet, healed).await?;
        let recovery = healed.elapsed();
        let mut faults = BTreeMap::new();
        for fault in nemesis.done {
            *faults.entry(fault.word().to_owned()).or_default() += 1;
        }
        let calls = worked.iter().map(Worked::calls).sum();
        let found = violations
            .into_iter()
            .map(|it| format!("{}: {} {}: {}", it.invariant, it.organization, it.subject, it.what));
        let wrong = self.desk.compare(worked).await.into_iter().map(|what| format!("history: {what}"));
        let report = if played.failed() == 0 { String::new() } else { String::from_utf8_lossy(&report).into_owned() };
        Ok(Round {
            seed,
            passed: played.passed(),
            failed: played.failed(),
            calls,
            faults,
            aborted: self.fleet.aborted() - aborted_before,
            recovery_ms: u64::try_from(recovery.as_millis()).unwrap_or(u64::MAX),
            violations: found.chain(wrong).collect(),
            report,
        })
    }
}

/// What goes against the invariants once the backlogs are empty, or still at the end of the time in which they must be. What
/// must always hold is not waited for; that the database recovers is.
async fn at_rest(fleet: &Fleet, since: Instant) -> Result<Vec<invariants::Violation>> {
    loop {
        let is_late = since.elapsed() > BACKLOGS_ARE_EMPTY_WITHIN;
        match look(fleet).await {
            Ok(Look { found, always }) if found.is_empty() || always || is_late => return Ok(found),
            Ok(_) => {}
            Err(error) if is_late => return Err(error),
            // The last fault may have been a crash of the database.
            Err(_) => tokio::time::sleep(UNTIL_THE_NEXT_LOOK).await,
        }
    }
}

/// What was found, and whether something of it must not be for a moment.
struct Look {
    found: Vec<invariants::Violation>,
    always: bool,
}

async fn look(fleet: &Fleet) -> Result<Look> {
    let mut connection = fleet.superuser().await?;
    let found = invariants::check(&mut connection, true).await?;
    let always = !found.is_empty() && !invariants::check(&mut connection, false).await?.is_empty();
    Ok(Look { found, always })
}
