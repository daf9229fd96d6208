//! What came of the rounds.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use callout::invariants::Violation;
use callout_fleet::circumstances::Circumstances;

use crate::nemesis::Fault;

/// What came of one round.
#[derive(Default)]
pub struct Round {
    /// Scenarios that passed.
    pub passed: usize,
    /// Scenarios that failed.
    pub failed: usize,
    /// Calls of the live organisation that were answered.
    pub calls: usize,
    /// What was done to the fleet.
    pub faults: Vec<Fault>,
    /// Processes that died at a point which was set for them.
    pub aborted: usize,
    /// From the last fault until the backlogs were empty.
    pub recovery: Duration,
    /// What the checker found.
    pub violations: Vec<Violation>,
    /// Where what callers were told is not what the services say.
    pub wrong: Vec<String>,
    /// How the scenarios went, for people.
    pub report: String,
}

impl Round {
    /// Whether nothing was found.
    pub const fn went_well(&self) -> bool {
        self.failed == 0 && self.found() == 0
    }

    const fn found(&self) -> usize {
        self.violations.len() + self.wrong.len()
    }

    fn tell(&self, seed: u64) -> String {
        let mut told = format!(
            "seed {seed:<6} {} passed, {} failed, {} live calls, {} faults, at rest after {:.1} s, {} violations\n",
            self.passed,
            self.failed,
            self.calls,
            self.faults.len(),
            self.recovery.as_secs_f64(),
            self.found()
        );
        if self.failed > 0 {
            told.push_str(&self.report);
            told.push('\n');
        }
        for Violation { invariant, organization, subject, what } in &self.violations {
            // Writing to a string cannot fail.
            let _ = writeln!(told, "  {invariant}: {organization} {subject}: {what}");
        }
        for what in &self.wrong {
            let _ = writeln!(told, "  history: {what}");
        }
        told
    }
}

/// The command without its arguments.
const PROGRAM: &str =
    if cfg!(debug_assertions) { "target/debug/callout-faults" } else { "target/release/callout-faults" };

/// The sums over all rounds.
pub struct Tally {
    seed: u64,
    circumstances: Circumstances,
    page: Option<PathBuf>,
    told: Vec<(u64, String)>,
    passed: usize,
    failed: usize,
    calls: usize,
    violations: usize,
    faults: BTreeMap<&'static str, usize>,
    aborted: usize,
    recoveries: Vec<Duration>,
}

impl Tally {
    /// Of rounds from the one with `seed` on, to be kept on a page.
    pub fn new(seed: u64, page: Option<PathBuf>) -> Self {
        Self {
            seed,
            circumstances: Circumstances::of(PROGRAM),
            page,
            told: Vec::new(),
            passed: 0,
            failed: 0,
            calls: 0,
            violations: 0,
            faults: BTreeMap::new(),
            aborted: 0,
            recoveries: Vec::new(),
        }
    }

    /// Says which database it is run on.
    pub fn is_run_on(&mut self, database: String) {
        self.circumstances.database = database;
    }

    /// Adds a round, tells of it, and keeps what is known so far: a long run may be ended before its last round.
    ///
    /// # Errors
    /// When the page cannot be written.
    #[expect(clippy::print_stdout, reason = "what came of a round is the output of the command")]
    pub fn add(&mut self, seed: u64, round: &Round) -> Result<()> {
        self.passed += round.passed;
        self.failed += round.failed;
        self.calls += round.calls;
        self.violations += round.found();
        self.aborted += round.aborted;
        let place = self.recoveries.partition_point(|earlier| *earlier <= round.recovery);
        self.recoveries.insert(place, round.recovery);
        for fault in &round.faults {
            *self.faults.entry(fault.word()).or_default() += 1;
        }
        let told = round.tell(seed);
        print!("{told}");
        self.told.push((seed, told));
        self.page.as_deref().map_or(Ok(()), |page| self.write(page))
    }

    /// Whether nothing went wrong.
    pub const fn is_clean(&self) -> bool {
        self.failed == 0 && self.violations == 0
    }

    /// What came of all rounds so far.
    pub fn summary(&self) -> String {
        let mut lines: Vec<String> = self.faults.iter().map(|(fault, count)| format!("{count:>7} {fault}")).collect();
        let at = |percent: usize| {
            let at = (self.recoveries.len() * percent).div_ceil(100).saturating_sub(1);
            self.recoveries.get(at).copied().unwrap_or_default().as_secs_f64()
        };
        lines.extend([
            format!("{:>7} of them died there", self.aborted),
            format!("{:>7} calls of the live organisation", self.calls),
            format!("at rest after a round: p50 {:.1} s, p99 {:.1} s, longest {:.1} s", at(50), at(99), at(100)),
            format!("{} rounds from seed {}, {} violations", self.told.len(), self.seed, self.violations),
            format!("{} scenarios passed, {} failed", self.passed, self.failed),
        ]);
        lines.join("\n")
    }

    /// Writes the summary for people, and beside it what was told of each round.
    fn write(&self, page: &Path) -> Result<()> {
        let beside = page.with_extension("txt");
        let name = beside.file_name().unwrap_or_default().display();
        let text = format!(
            "# Fault runs: what came of them\n\nWritten by the command itself; [what the faults are](README.md), \
             [every round]({name}).\n\n{}\n```text\n{}\n```\n",
            self.circumstances.list(),
            self.summary()
        );
        fs::write(page, text).with_context(|| format!("{} cannot be written", page.display()))?;
        // Several fleets are at work side by side.
        let mut rounds: Vec<_> = self.told.iter().collect();
        rounds.sort();
        let told: String = rounds.into_iter().map(|(_, told)| told.as_str()).collect();
        fs::write(&beside, told).with_context(|| format!("{} cannot be written", beside.display()))
    }
}
