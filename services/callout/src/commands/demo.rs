//! `callout demo`.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, Result};
use callout::local::{Local, ORGANIZATION};
use callout_devdb::Data;
use callout_kit::telemetry;
use callout_regulation::Library;
use callout_testkit::{
    scenario::{self, Format, Outcome, Reporter, Scenario, Target},
    trace::{self, View, page, waterfall},
};
use clap::Args;
use tonic::transport::Endpoint;

use crate::{
    story::{Calls, Narrator},
    terminal::{Colour, Style, own_name, progress, say},
};

const FILE: &str = "services/callout/demo/from-call-to-score.yaml";
const STORY: &str = include_str!("../../demo/from-call-to-score.yaml");

/// Plays one real case from the first call to the engineer's score, and tells its story.
///
/// Starts a private PostgreSQL and the four services in this process, and calls them by gRPC as the people in the story
/// do, on a sandbox's clock: three weeks pass in seconds. Nothing is left running. Where `DATABASE_URL` is set, the
/// PostgreSQL that it names is used instead of a private one.
#[derive(Debug, Args)]
#[command(after_help = "The case is a scenario file like any other: `callout play` proves it, and plays those of \
                        regulation packs.")]
pub struct Demo {
    /// Folder for the spans and the page of the trace; what an earlier run left there is replaced.
    #[arg(long, value_name = "FOLDER", default_value = "callout-demo")]
    output: PathBuf,
}

impl Demo {
    /// Tells the story; fails when it does not go as the scenario says.
    pub async fn run(self) -> Result<ExitCode> {
        let library = Library::built_in()?;
        let scenarios = scenario::parse(Path::new(FILE), STORY)?;
        let scenario = scenarios.first().context("the demo has no scenario")?;
        let span_file = self.prepare().with_context(|| format!("{} cannot be written", self.output.display()))?;
        let style = Style::of_output();
        let started = Instant::now();

        let settings = super::of_this_machine("error", Some(span_file.clone()));
        let telemetry = telemetry::init(&settings.telemetry)?;
        progress("starting PostgreSQL and the four services …");
        let local = Local::start(&Data::Temporary, &settings).await?;
        let outcome = tell(&local, scenario, library, style).await?;
        local.shutdown().await?;
        // The spans are in the file when the telemetry has ended.
        drop(telemetry);

        trace::append(&span_file, &outcome.spans)?;
        self.draw(&outcome, &span_file, style)?;
        let calls = outcome.calls;
        say(&format!(
            "\n{calls} calls in all, with those that moved the clock; {:.1} s.",
            started.elapsed().as_secs_f32()
        ))?;
        if outcome.passed() {
            return Ok(ExitCode::SUCCESS);
        }
        Reporter::new(Format::Text, io::stdout()).outcome(std::slice::from_ref(&outcome))?;
        Ok(ExitCode::FAILURE)
    }

    /// Makes the folder, which hides itself from version control, and says where in it the spans go.
    fn prepare(&self) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.output)?;
        fs::write(self.output.join(".gitignore"), "*\n")?;
        let spans = self.output.join("spans.jsonl");
        // Spans are appended, and those of an earlier run would be in the way.
        fs::write(&spans, "")?;
        Ok(spans)
    }

    fn draw(&self, outcome: &Outcome, span_file: &Path, style: Style) -> Result<()> {
        let spans = trace::read(span_file)?;
        let calls = Calls::of(&spans, &outcome.trace_id);
        let view = View { width: style.width.min(100), colour: style.colour, sql: false };
        say(&format!("\n{}", style.paint(Colour::Bold, "The calls that reached the most services, as they ran:")))?;
        for call in calls.across_services(&outcome.trace_id) {
            say(&format!("\n{}", waterfall(&call, view).trim_end()))?;
        }
        let html = self.output.join("trace.html");
        if let Some(story) = calls.trace(&outcome.trace_id) {
            fs::write(&html, page(&story, &outcome.title))?;
        }
        let (file, id) = (span_file.display(), &outcome.trace_id);
        say(&format!("\nThe whole story is one trace, drawn on a page: {}", html.display()))?;
        say(&format!(
            "All its {} spans, the clock's too, are drawn by\n  {} trace {id} --spans {file}",
            spans.len(),
            own_name()
        ))?;
        Ok(())
    }
}

async fn tell(local: &Local, scenario: &Scenario, library: &Library, style: Style) -> Result<Outcome> {
    say(&style.paint(Colour::Bold, &format!("{}, from the first call to the engineer's score", scenario.title)))?;
    say(&format!(
        "Intake, dispatch, inventory and evaluation answer at {}.\nEvery step below is a call by gRPC, with the token of \
         the person named, on a sandbox's clock.",
        local.url()
    ))?;
    let channel = Endpoint::from_shared(local.url())?.connect_lazy();
    let token = local.token("administrator", &["administrator"])?;
    let target = Target::new(channel, format!("organizations/{ORGANIZATION}"), token);
    let mut narrator = Narrator::new(io::stdout(), style, library);
    let outcome = scenario::watch(&target, scenario, |exchange| narrator.tell(exchange)).await;
    narrator.end()?;
    Ok(outcome)
}
