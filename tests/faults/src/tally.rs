//! What came of the rounds, and the page on which it is kept.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use callout_fleet::circumstances::Circumstances;
use serde::{Deserialize, Serialize};

/// The command without its arguments.
const PROGRAM: &str =
    if cfg!(debug_assertions) { "target/debug/callout-faults" } else { "target/release/callout-faults" };

/// What came of one round.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Round {
    /// What it follows from.
    pub seed: u64,
    /// Scenarios that passed.
    pub passed: usize,
    /// Scenarios that failed.
    pub failed: usize,
    /// Calls of the live organisation that were answered.
    pub calls: usize,
    /// What was done to the fleet, and how often.
    pub faults: BTreeMap<String, usize>,
    /// Processes that died at a point which was set for them.
    pub aborted: usize,
    /// From the last fault until the backlogs were empty.
    pub recovery_ms: u64,
    /// What the checker found, and where what callers were told is not what the services say.
    pub violations: Vec<String>,
    /// How the scenarios went, for people; empty when all passed.
    pub report: String,
}

/// A line of the raw output.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Run(Circumstances),
    Round(Round),
}

impl Round {
    /// Whether nothing was found.
    pub const fn went_well(&self) -> bool {
        self.failed == 0 && self.violations.is_empty()
    }

    fn tell(&self) -> String {
        let mut told = format!(
            "seed {:<6} {} passed, {} failed, {} live calls, {} faults, at rest after {:.1} s, {} violations",
            self.seed,
            self.passed,
            self.failed,
            self.calls,
            self.faults.values().sum::<usize>(),
            Duration::from_millis(self.recovery_ms).as_secs_f64(),
            self.violations.len()
        );
        for line in self.report.lines().chain(self.violations.iter().map(String::as_str)) {
            // Writing to a string cannot fail.
            let _ = write!(told, "\n  {line}");
        }
        told
    }
}

/// The rounds of this run, after those that are on the page already: a long run is made in pieces.
pub struct Tally {
    page: Option<PathBuf>,
    runs: Vec<Circumstances>,
    rounds: Vec<Round>,
}

impl Tally {
    /// Goes on with what a page has, if it is there.
    ///
    /// # Errors
    /// When what is beside the page was not written by this command.
    pub fn resume(page: Option<PathBuf>) -> Result<Self> {
        let mut tally = Self { page, runs: Vec::new(), rounds: Vec::new() };
        let Some(raw) = tally.page.as_deref().map(raw) else { return Ok(tally) };
        let text = fs::read_to_string(&raw).unwrap_or_default();
        for line in text.lines() {
            match serde_json::from_str(line).with_context(|| format!("{} is of something else", raw.display()))? {
                Line::Run(circumstances) => tally.runs.push(circumstances),
                Line::Round(round) => tally.rounds.push(round),
            }
        }
        Ok(tally)
    }

    /// A run begins, on this database.
    ///
    /// # Errors
    /// When the page cannot be written.
    pub fn begin(&mut self, database: String) -> Result<()> {
        let circumstances = Circumstances { database, ..Circumstances::of(PROGRAM) };
        self.runs.push(circumstances.clone());
        self.keep(&Line::Run(circumstances))
    }

    /// Adds a round, tells of it, and keeps what is known so far: a long run may be ended before its last round.
    ///
    /// # Errors
    /// When the page cannot be written.
    #[expect(clippy::print_stdout, reason = "what came of a round is the output of the command")]
    pub fn add(&mut self, round: Round) -> Result<()> {
        println!("{}", round.tell());
        self.rounds.push(round.clone());
        self.keep(&Line::Round(round))
    }

    /// Whether nothing went wrong.
    pub fn is_clean(&self) -> bool {
        self.rounds.iter().all(Round::went_well)
    }

    /// What came of all rounds so far.
    pub fn summary(&self) -> String {
        let sum = |of: fn(&Round) -> usize| self.rounds.iter().map(of).sum::<usize>();
        let mut faults = BTreeMap::<&str, usize>::new();
        for (fault, count) in self.rounds.iter().flat_map(|round| &round.faults) {
            *faults.entry(fault).or_default() += count;
        }
        let mut recoveries: Vec<u64> = self.rounds.iter().map(|round| round.recovery_ms).collect();
        recoveries.sort_unstable();
        let at = |percent: usize| {
            let at = (recoveries.len() * percent).div_ceil(100).saturating_sub(1);
            Duration::from_millis(recoveries.get(at).copied().unwrap_or_default()).as_secs_f64()
        };
        let (rounds, violations) = (self.rounds.len(), sum(|round| round.violations.len()));
        let mut lines: Vec<String> = faults.iter().map(|(fault, count)| format!("{count:>7} {fault}")).collect();
        lines.extend([
            format!("{:>7} of them died there", sum(|round| round.aborted)),
            format!("{:>7} calls of the live organisation", sum(|round| round.calls)),
            format!("at rest after a round: p50 {:.1} s, p99 {:.1} s, longest {:.1} s", at(50), at(99), at(100)),
            format!("{rounds} rounds, seeds {}, {violations} violations", self.seeds()),
            format!("{} scenarios passed, {} failed", sum(|round| round.passed), sum(|round| round.failed)),
        ]);
        lines.join("\n")
    }

    /// The seeds in ranges, such as `1–175, 201–254`.
    fn seeds(&self) -> String {
        let mut seeds: Vec<u64> = self.rounds.iter().map(|round| round.seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        let ranges = seeds.chunk_by(|one, next| *next == one + 1).filter_map(|range| match range {
            [first, .., last] => Some(format!("{first}–{last}")),
            [only] => Some(only.to_string()),
            [] => None,
        });
        ranges.collect::<Vec<_>>().join(", ")
    }

    /// Writes a line of the raw output, and the page anew.
    fn keep(&self, line: &Line) -> Result<()> {
        let Some(page) = &self.page else { return Ok(()) };
        let raw = raw(page);
        let mut lines = File::options().create(true).append(true).open(&raw);
        let written = lines.as_mut().map(|lines| writeln!(lines, "{}", serde_json::json!(line)));
        written.ok().with_context(|| format!("{} cannot be written", raw.display()))??;
        let mut text = format!(
            "# Fault runs: what came of them\n\nWritten by the command itself; [what the faults are](README.md), [every \
             round]({}).\n",
            raw.file_name().unwrap_or_default().display()
        );
        for run in &self.runs {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{}", run.list());
        }
        let _ = writeln!(text, "\n```text\n{}\n```", self.summary());
        fs::write(page, text).with_context(|| format!("{} cannot be written", page.display()))
    }
}

/// Where the raw output of a page is.
fn raw(page: &Path) -> PathBuf {
    page.with_extension("jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(seed: u64) -> Round {
        Round { seed, passed: 2, calls: 10, faults: [("kills".to_owned(), 3)].into(), ..Round::default() }
    }

    #[test]
    fn a_run_in_pieces_makes_one_page() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("RESULTS.md");
        for seeds in [1..4, 6..7] {
            let mut tally = Tally::resume(Some(page.clone())).unwrap();
            tally.begin("PostgreSQL 15".to_owned()).unwrap();
            seeds.for_each(|seed| tally.add(round(seed)).unwrap());
        }
        let text = fs::read_to_string(page).unwrap();
        assert!(text.contains("4 rounds, seeds 1–3, 6, 0 violations"), "{text}");
        assert!(text.contains("     12 kills\n"), "{text}");
        assert_eq!(text.matches("PostgreSQL 15").count(), 2, "{text}");
    }

    #[test]
    fn a_violation_is_not_forgotten_by_the_next_piece() {
        let folder = tempfile::tempdir().unwrap();
        let page = Some(folder.path().join("RESULTS.md"));
        let found = Round { violations: vec!["two active orders".to_owned()], ..round(1) };
        Tally::resume(page.clone()).unwrap().add(found).unwrap();
        assert!(!Tally::resume(page).unwrap().is_clean());
    }
}
