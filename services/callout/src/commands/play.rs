//! `callout play`.

use std::{io, path::PathBuf, process::ExitCode};

use anyhow::{Result, ensure};
use callout::local::Local;
use callout_devdb::Data;
use callout_kit::telemetry;
use callout_testkit::{
    scenario::{self, Format, Reporter, Target},
    trace,
};
use clap::Args;

use super::remote::Remote;
use crate::terminal::progress;

/// Plays scenarios against a suite, each in a sandbox of its own; against one that it starts itself when none is named.
///
/// Prints a line for each, what went wrong with the id of its trace, and the sum at the end; fails when a scenario does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  callout play tests/scenarios
  callout play tests/scenarios/R01/s08-loan-slip-to-zero.yaml --spans callout-spans.jsonl
  CALLOUT_TOKEN=… callout play tests/scenarios --address http://callout:50051 --organization acme")]
pub struct Play {
    /// Scenario files, or folders of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// One JSON object a scenario instead of a line for people.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    suite: Remote,
    /// How many scenarios are played at once.
    #[arg(long, short, default_value_t = 4, value_name = "N")]
    jobs: usize,
    /// File to which the spans are appended, for `callout trace`.
    #[arg(long, value_name = "FILE")]
    spans: Option<PathBuf>,
}

impl Play {
    /// Plays, and fails when a scenario does.
    pub async fn run(self) -> Result<ExitCode> {
        let scenarios = scenario::read(&self.files)?;
        ensure!(!scenarios.is_empty(), "there is no scenario in what was named");
        let mut settings = super::of_this_machine("error", self.spans.clone());
        if self.spans.is_none() {
            // Nobody would see them.
            "off".clone_into(&mut settings.telemetry.span_filter);
        }
        let _telemetry = telemetry::init(&settings.telemetry)?;
        let (local, url, token) = if let Some((address, token)) = self.suite.named() {
            (None, address, token)
        } else {
            progress("starting PostgreSQL and the four services …");
            let local = Local::start(&Data::Temporary, &settings).await?;
            // The owner of the sandboxes: what the roles of one mean that is not known would be looked up at each call.
            local.take_in(None).await?;
            let (url, token) = (local.url(), local.token("administrator", &["administrator"])?);
            (Some(local), url, token)
        };
        let channel = self.suite.connect(&url).await?;
        let target = Target::new(channel, self.suite.organization(), token);
        let format = if self.json { Format::Json } else { Format::Text };
        let mut reporter = Reporter::new(format, io::stdout());
        let summary = scenario::play(&target, &scenarios, self.jobs, &mut reporter).await?;
        if let Some(file) = &self.spans {
            for outcome in &summary.outcomes {
                trace::append(file, &outcome.spans)?;
            }
        }
        if let Some(local) = local {
            local.shutdown().await?;
        }
        Ok(if summary.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
