//! Tells people, or programs, how scenarios went.

use std::{io, time::Duration};

use serde_json::json;

use super::{
    difference::Difference,
    model::Scenario,
    outcome::{Failure, Outcome, Summary},
};

/// For whom a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// People: a line a scenario, below it what went wrong, and the sum at the end.
    Text,
    /// Programs: a JSON object a line and scenario.
    Json,
}

/// Writes the report while scenarios are played.
#[derive(Debug)]
pub struct Reporter<W> {
    format: Format,
    out: W,
    widest_id: usize,
}

impl<W: io::Write> Reporter<W> {
    /// A reporter that writes to `out`.
    pub fn new(format: Format, out: W) -> Self {
        Self { format, out, widest_id: 0 }
    }

    pub(super) fn begin(&mut self, scenarios: &[Scenario]) {
        self.widest_id = scenarios.iter().map(|scenario| scenario.id.chars().count()).max().unwrap_or(0);
    }

    /// Tells how one scenario went in each of its sandboxes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn outcome(&mut self, outcomes: &[Outcome]) -> io::Result<()> {
        let Some(first) = outcomes.first() else { return Ok(()) };
        let whole = Whole {
            first,
            passed: outcomes.iter().all(Outcome::passed),
            calls: outcomes.iter().map(|outcome| outcome.calls).sum(),
            took: outcomes.iter().map(|outcome| outcome.took).sum(),
        };
        match self.format {
            Format::Text => self.text(&whole, outcomes)?,
            Format::Json => {
                let sandboxes = outcomes.iter().map(|outcome| {
                    json!({
                        "scenario": outcome.scenario,
                        "title": outcome.title,
                        "rules": outcome.rules,
                        "traceId": outcome.trace_id,
                        "failures": outcome.failures,
                    })
                });
                let line = json!({
                    "scenario": first.scenario,
                    "title": first.title,
                    "file": first.file,
                    "passed": whole.passed,
                    "calls": whole.calls,
                    "tookMs": u64::try_from(whole.took.as_millis()).unwrap_or(u64::MAX),
                    "sandboxes": sandboxes.collect::<Vec<_>>(),
                });
                writeln!(self.out, "{line}")?;
            }
        }
        // Whoever watches wants each line when it is known.
        self.out.flush()
    }

    pub(super) fn summary(&mut self, summary: &Summary) -> io::Result<()> {
        match self.format {
            Format::Text => {
                writeln!(self.out, "{} passed, {} failed", summary.passed(), summary.failed())?;
                self.out.flush()
            }
            Format::Json => Ok(()),
        }
    }

    fn text(&mut self, whole: &Whole<'_>, outcomes: &[Outcome]) -> io::Result<()> {
        let Whole { first: Outcome { scenario, title, .. }, passed, calls, took } = whole;
        let word = if *passed { "ok" } else { "FAILED" };
        let width = self.widest_id;
        writeln!(self.out, "{scenario:width$}  {word:6}  {calls:3} calls  {:>7}  {title}", seconds(*took))?;
        for outcome in outcomes.iter().filter(|outcome| !outcome.passed()) {
            if outcomes.len() > 1 {
                writeln!(self.out, "  {}: {}", outcome.scenario, outcome.title)?;
            }
            for failure in &outcome.failures {
                self.failure(outcome, failure)?;
            }
            writeln!(self.out, "  trace {}", outcome.trace_id)?;
        }
        Ok(())
    }

    fn failure(&mut self, outcome: &Outcome, failure: &Failure) -> io::Result<()> {
        let Failure { line, note, call, by, at, what, differences } = failure;
        let place = outcome.file.display();
        let note = if note.is_empty() { String::new() } else { format!(": {note}") };
        match line {
            0 => writeln!(self.out, "  {place}{note}")?,
            line => writeln!(self.out, "  {place}:{line}{note}")?,
        }
        let caller = if by.is_empty() { String::new() } else { format!(" as {by}") };
        if call.is_empty() {
            writeln!(self.out, "    at {at}")?;
        } else {
            writeln!(self.out, "    {call}{caller}, at {at}")?;
        }
        writeln!(self.out, "    {what}")?;
        let widest = differences.iter().map(|difference| difference.path.chars().count()).max().unwrap_or(0);
        for Difference { path, expected, came } in differences {
            writeln!(self.out, "      {path:widest$}  expected {expected}")?;
            writeln!(self.out, "      {:widest$}  came     {came}", "")?;
        }
        Ok(())
    }
}

/// A scenario over all of its sandboxes.
struct Whole<'o> {
    first: &'o Outcome,
    passed: bool,
    calls: u32,
    took: Duration,
}

/// `1.2 s`
fn seconds(took: Duration) -> String {
    let tenths = (took.as_millis() + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn outcome(failures: Vec<Failure>) -> Outcome {
        Outcome {
            scenario: "R01-S5".to_owned(),
            title: "Competitor's machine and the queue".to_owned(),
            rules: vec!["R01-17".to_owned()],
            file: PathBuf::from("tests/scenarios/R01/s05.yaml"),
            calls: 41,
            took: Duration::from_millis(1_230),
            trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            spans: Vec::new(),
            failures,
        }
    }

    fn failure() -> Failure {
        Failure {
            line: 41,
            note: "The clerk takes the call".to_owned(),
            call: "callout.intake.v1.Cases/CreateCase".to_owned(),
            by: "clerk".to_owned(),
            at: "2026-03-06 16:10:00".to_owned(),
            what: "the answer is not as expected".to_owned(),
            differences: vec![Difference {
                path: "limits[0].dueAt".to_owned(),
                expected: "2026-03-07 16:10:00".to_owned(),
                came: "2026-03-07 16:11:00".to_owned(),
            }],
        }
    }

    fn report(format: Format, outcomes: Vec<Outcome>) -> String {
        let mut out = Vec::new();
        let mut reporter = Reporter::new(format, &mut out);
        reporter.outcome(&outcomes).unwrap();
        reporter.summary(&Summary { outcomes }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_passed_scenario_is_one_line() {
        insta::assert_snapshot!(report(Format::Text, vec![outcome(vec![])]), @"
        R01-S5  ok       41 calls    1.2 s  Competitor's machine and the queue
        1 passed, 0 failed
        ");
    }

    #[test]
    fn a_scenario_of_several_sandboxes_is_one_line_and_passes_when_all_of_them_do() {
        let before = Outcome { scenario: "R01-S5b".to_owned(), title: "A day before".to_owned(), ..outcome(vec![]) };
        insta::assert_snapshot!(report(Format::Text, vec![outcome(vec![]), before.clone()]), @"
        R01-S5  ok       82 calls    2.5 s  Competitor's machine and the queue
        1 passed, 0 failed
        ");
        let failed = Outcome { failures: vec![Failure { differences: Vec::new(), ..failure() }], ..before };
        insta::assert_snapshot!(report(Format::Text, vec![outcome(vec![]), failed]), @"
        R01-S5  FAILED   82 calls    2.5 s  Competitor's machine and the queue
          R01-S5b: A day before
          tests/scenarios/R01/s05.yaml:41: The clerk takes the call
            callout.intake.v1.Cases/CreateCase as clerk, at 2026-03-06 16:10:00
            the answer is not as expected
          trace 0af7651916cd43dd8448eb211c80319c
        0 passed, 1 failed
        ");
    }

    #[test]
    fn a_failure_says_where_who_what_was_expected_what_came_and_the_trace() {
        insta::assert_snapshot!(report(Format::Text, vec![outcome(vec![failure()])]), @"
        R01-S5  FAILED   41 calls    1.2 s  Competitor's machine and the queue
          tests/scenarios/R01/s05.yaml:41: The clerk takes the call
            callout.intake.v1.Cases/CreateCase as clerk, at 2026-03-06 16:10:00
            the answer is not as expected
              limits[0].dueAt  expected 2026-03-07 16:10:00
                               came     2026-03-07 16:11:00
          trace 0af7651916cd43dd8448eb211c80319c
        0 passed, 1 failed
        ");
    }

    #[test]
    fn a_program_reads_an_object_a_line() {
        let report = report(Format::Json, vec![outcome(vec![failure()])]);
        let line: serde_json::Value = serde_json::from_str(report.trim_end()).unwrap();
        assert_eq!((&line["passed"], &line["sandboxes"][0]["failures"][0]["as"]), (&json!(false), &json!("clerk")));
    }
}
