//! `callout trace`.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result, bail};
use callout_testkit::trace::{self, Trace as Tree, View, page, waterfall};
use clap::Args;

use crate::terminal::{Style, say};

/// Where spans are looked for when nobody says where.
pub const SPAN_FILE: &str = "callout-spans.jsonl";

/// Draws the trace of a case across the services: who was called by whom, when, and how long it took.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  callout up --spans callout-spans.jsonl        # or play, or telemetry.span_file of `serve`
  callout trace organizations/acme/cases/0195a1c2-7d3e-7a31-b0c4-2f6d1e8a9b00
  callout trace 0195a1c2-7d3e-7a31-b0c4-2f6d1e8a9b00 --sql
  callout trace 0af7651916cd43dd8448eb211c80319c --html trace.html

Fails when the trace is not one whole: a span whose parent is missing, or work on the case in several traces.")]
pub struct Trace {
    /// The case: its resource name or the last part of it; or the id of a trace, as `callout play` prints it.
    case: String,
    /// The spans, one JSON object a line.
    #[arg(long, value_name = "FILE", default_value = SPAN_FILE)]
    spans: PathBuf,
    /// Also writes it as a page that needs nothing but a browser.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// A line for each statement in the database; without it they are counted where they ran.
    #[arg(long)]
    sql: bool,
    /// How many columns to draw on; as many as the terminal has.
    #[arg(long, value_name = "N")]
    width: Option<usize>,
}

impl Trace {
    /// Draws, and fails when there is nothing to draw or the trace is not whole.
    pub fn run(self) -> Result<ExitCode> {
        let file = self.spans.display();
        let spans = trace::read(&self.spans);
        let spans = spans.with_context(|| format!("{file} cannot be read; `--spans` of `up` and `play` writes one"))?;
        let found = Tree::of_case(&spans, &self.case).or_else(|| Tree::of_id(&spans, &self.case));
        let Some(tree) = found else {
            bail!("none of the {} spans in {file} tells of {}", spans.len(), self.case);
        };
        if let Some(html) = &self.html {
            fs::write(html, page(&tree, &self.case))
                .with_context(|| format!("{} cannot be written", html.display()))?;
        }
        let style = Style::of_output();
        let view = View { width: self.width.unwrap_or(style.width), colour: style.colour, sql: self.sql };
        say(waterfall(&tree, view).trim_end())?;
        match tree.faults().len() {
            0 => Ok(ExitCode::SUCCESS),
            1 => bail!("the trace is not one whole: it has a fault"),
            faults => bail!("the trace is not one whole: it has {faults} faults"),
        }
    }
}
