//! What came of the rounds.

use std::{collections::BTreeMap, time::Duration};

use callout::invariants::Violation;

use crate::nemesis::Fault;

/// The sums over all rounds.
#[derive(Default)]
pub struct Tally {
    passed: usize,
    failed: usize,
    violations: usize,
    faults: BTreeMap<&'static str, usize>,
    recoveries: Vec<Duration>,
}

impl Tally {
    /// Adds a round and tells of it.
    #[expect(clippy::print_stdout, reason = "what came of a round is the output of the command")]
    pub fn round(
        &mut self,
        seed: u64,
        (passed, failed): (usize, usize),
        faults: &[Fault],
        recovery: Duration,
        violations: &[Violation],
        report: &str,
    ) {
        self.passed += passed;
        self.failed += failed;
        self.violations += violations.len();
        self.recoveries.push(recovery);
        for fault in faults {
            *self.faults.entry(fault.word()).or_default() += 1;
        }
        let (count, found) = (faults.len(), violations.len());
        println!(
            "seed {seed:<6} {passed} passed, {failed} failed, {count} faults, at rest after {:.1} s, {found} violations",
            recovery.as_secs_f64()
        );
        if failed > 0 {
            println!("{report}");
        }
        for Violation { invariant, organization, subject, what } in violations {
            println!("  {invariant}: {organization} {subject}: {what}");
        }
    }

    /// Whether nothing went wrong.
    pub const fn is_clean(&self) -> bool {
        self.failed == 0 && self.violations == 0
    }

    /// Tells of all rounds.
    #[expect(clippy::print_stdout, reason = "the summary is the output of the command")]
    pub fn print(&mut self, seed: u64, rounds: u64) {
        let faults: Vec<_> = self.faults.iter().map(|(fault, count)| format!("{count} {fault}")).collect();
        self.recoveries.sort_unstable();
        let at = (self.recoveries.len() * 99).div_ceil(100).saturating_sub(1);
        let p99 = self.recoveries.get(at).copied().unwrap_or_default();
        println!("faults: {}", faults.join(", "));
        println!("at rest after a round: p99 {:.1} s", p99.as_secs_f64());
        println!("{rounds} rounds from seed {seed}, {} violations", self.violations);
        println!("{} passed, {} failed", self.passed, self.failed);
    }
}
