//! How a scenario went.

use std::{path::PathBuf, time::Duration};

use callout_kit::telemetry::FinishedSpan;
use serde::Serialize;

use super::difference::Difference;

/// How a scenario went in one of its sandboxes.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The scenario's id.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The rules that it shows.
    pub rules: Vec<String>,
    /// The file that it stands in.
    pub file: PathBuf,
    /// How many calls were made.
    pub calls: u32,
    /// How long it took.
    pub took: Duration,
    /// The trace of all its calls: 32 hexadecimal digits.
    pub trace_id: String,
    /// The runner's own spans in that trace, the root first. In a span file together with the suite's they leave no
    /// span without its parent.
    pub spans: Vec<FinishedSpan>,
    /// What went wrong; none when it passed.
    pub failures: Vec<Failure>,
}

/// A step that did not go as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The line at which the step begins; 0 when the sandbox could not be opened.
    pub line: usize,
    /// Its note.
    pub note: String,
    /// The method that was called; empty when the clock was moved.
    pub call: String,
    /// Who called.
    #[serde(rename = "as")]
    pub by: String,
    /// The sandbox's time, in the scenario's zone.
    pub at: String,
    /// What went wrong, in one line.
    pub what: String,
    /// Where the answer is not as expected.
    pub differences: Vec<Difference>,
}

impl Outcome {
    /// Whether everything went as the scenario says.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// How all scenarios went, in their order.
#[derive(Clone, Debug)]
pub struct Summary {
    /// One for each sandbox.
    pub outcomes: Vec<Outcome>,
}

impl Summary {
    /// How many scenarios passed, in each of their sandboxes.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.scenarios().filter(|outcomes| outcomes.iter().all(Outcome::passed)).count()
    }

    /// How many failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.scenarios().count() - self.passed()
    }

    /// A file is a scenario, whatever sandboxes it needs.
    fn scenarios(&self) -> impl Iterator<Item = &[Outcome]> {
        self.outcomes.chunk_by(|one, next| one.file == next.file)
    }
}
