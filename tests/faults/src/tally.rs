//! What came of the rounds.

use std::{collections::BTreeMap, time::Duration};

use callout::invariants::Violation;

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
    /// From the last fault until the backlogs were empty.
    pub recovery: Duration,
    /// What the checker found.
    pub violations: Vec<Violation>,
    /// Where what callers were told is not what the services say.
    pub wrong: Vec<String>,
    /// How the scenarios went, for people.
    pub report: String,
}

/// The sums over all rounds.
#[derive(Default)]
pub struct Tally {
    rounds: usize,
    passed: usize,
    failed: usize,
    calls: usize,
    violations: usize,
    faults: BTreeMap<&'static str, usize>,
    recoveries: Vec<Duration>,
}

impl Tally {
    /// Adds a round and tells of it.
    #[expect(clippy::print_stdout, reason = "what came of a round is the output of the command")]
    pub fn add(&mut self, seed: u64, round: &Round) {
        let Round { passed, failed, calls, faults, recovery, violations, wrong, report } = round;
        let found = violations.len() + wrong.len();
        self.rounds += 1;
        self.passed += passed;
        self.failed += failed;
        self.calls += calls;
        self.violations += found;
        self.recoveries.push(*recovery);
        for fault in faults {
            *self.faults.entry(fault.word()).or_default() += 1;
        }
        println!(
            "seed {seed:<6} {passed} passed, {failed} failed, {calls} live calls, {} faults, at rest after {:.1} s, {found} \
             violations",
            faults.len(),
            recovery.as_secs_f64()
        );
        if *failed > 0 {
            println!("{report}");
        }
        for Violation { invariant, organization, subject, what } in violations {
            println!("  {invariant}: {organization} {subject}: {what}");
        }
        for what in wrong {
            println!("  history: {what}");
        }
    }

    /// Whether nothing went wrong.
    pub const fn is_clean(&self) -> bool {
        self.failed == 0 && self.violations == 0
    }

    /// Tells of all rounds from the one with `seed` on; `aborted` processes died at a commit.
    #[expect(clippy::print_stdout, reason = "the summary is the output of the command")]
    pub fn print(&mut self, seed: u64, aborted: usize) {
        self.recoveries.sort_unstable();
        let at = |percent: usize| {
            let at = (self.recoveries.len() * percent).div_ceil(100).saturating_sub(1);
            self.recoveries.get(at).copied().unwrap_or_default().as_secs_f64()
        };
        println!();
        for (fault, count) in &self.faults {
            println!("{count:>7} {fault}");
        }
        println!("{aborted:>7} of them died there");
        println!("{:>7} calls of the live organisation", self.calls);
        println!("at rest after a round: p50 {:.1} s, p99 {:.1} s, longest {:.1} s", at(50), at(99), at(100));
        println!("{} rounds from seed {seed}, {} violations", self.rounds, self.violations);
        println!("{} passed, {} failed", self.passed, self.failed);
    }
}
