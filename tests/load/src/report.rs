//! The figures, for people and for programs.

use std::{fmt::Write as _, path::Path, time::Duration};

use anyhow::Result;
use callout_fleet::{
    Fleet,
    circumstances::{Circumstances, cargo_run},
};
use serde::Serialize;

use crate::{
    arguments::Arguments,
    driver::Slice,
    goals::{self, Goal},
    growth::Growth,
    meter::Used,
    overload::Overload,
    profile::Profile,
    traced::Tracing,
};

/// What one operation took and cost at one number of callers.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// What was done.
    pub operation: String,
    /// Callers at once.
    pub clients: usize,
    /// How often it was done, over all slices.
    pub done: u64,
    /// How often it failed.
    pub failed: u64,
    /// What the first failure said.
    pub failure: Option<String>,
    /// How often in a second.
    pub per_second: f64,
    /// The median latency, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile, in milliseconds.
    pub p99_ms: f64,
    /// CPU time of all services for each, in microseconds; what they do about it afterwards is in it.
    pub services_cpu_us: f64,
    /// CPU time of the database for each, in microseconds.
    pub database_cpu_us: f64,
    /// Statements of all services for each, which are round trips to the database; BEGIN and COMMIT count.
    pub statements: f64,
    /// The same by service.
    pub statements_of: Vec<(&'static str, f64)>,
    /// CPU time by service, in microseconds.
    pub cpu_us_of: Vec<(&'static str, f64)>,
    /// How long the services went on working after the last answer at most, in seconds.
    pub rest_s: f64,
    /// The bare statements beside it.
    pub twin: Option<TwinPoint>,
    /// How often it was done as a multiple of the twin.
    pub ratio: Option<f64>,
}

/// What the twin took.
#[derive(Clone, Debug, Serialize)]
pub struct TwinPoint {
    /// Its statements.
    pub name: String,
    /// How often in a second.
    pub per_second: f64,
    /// The median latency, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile, in milliseconds.
    pub p99_ms: f64,
    /// CPU time of the database for each, in microseconds.
    pub database_cpu_us: f64,
}

impl Point {
    /// Of what was done and used.
    pub fn new(operation: &str, clients: usize, slice: &Slice, used: &Used, rest: Duration) -> Self {
        let each = |span: Duration| span.as_secs_f64() * 1e6 / slice.done.max(1) as f64;
        let count = |count: u64| count as f64 / slice.done.max(1) as f64;
        Self {
            operation: operation.to_owned(),
            clients,
            done: slice.done,
            failed: slice.failed,
            failure: slice.failure.clone(),
            per_second: slice.per_second(),
            p50_ms: slice.percentile(50.0),
            p99_ms: slice.percentile(99.0),
            services_cpu_us: each(used.of_services()),
            database_cpu_us: each(used.database),
            statements: count(used.all_statements()),
            statements_of: used.statements.iter().map(|(service, sent)| (*service, count(*sent))).collect(),
            cpu_us_of: used.services.iter().map(|(service, used)| (*service, each(*used))).collect(),
            rest_s: rest.as_secs_f64(),
            twin: None,
            ratio: None,
        }
    }

    /// The same, beside its twin.
    pub fn beside(mut self, name: &str, slice: &Slice, used: &Used) -> Self {
        self.ratio = Some(self.per_second / slice.per_second().max(1e-9));
        self.twin = Some(TwinPoint {
            name: name.to_owned(),
            per_second: slice.per_second(),
            p50_ms: slice.percentile(50.0),
            p99_ms: slice.percentile(99.0),
            database_cpu_us: used.database.as_secs_f64() * 1e6 / slice.done.max(1) as f64,
        });
        self
    }

    /// The figure in one line, for those who wait.
    pub fn line(&self) -> String {
        let mut line = format!(
            "{}/s, p50 {:.2} ms, p99 {:.2} ms, {:.1} statements",
            rate(self.per_second),
            self.p50_ms,
            self.p99_ms,
            self.statements
        );
        if let (Some(twin), Some(ratio)) = (&self.twin, self.ratio) {
            let _ = write!(line, "; {}: {:.0}/s; ratio {ratio:.2}", twin.name, twin.per_second);
        }
        if let Some(failure) = &self.failure {
            let _ = write!(line, "; {} failed: {failure}", self.failed);
        }
        line
    }

    fn row(&self) -> String {
        let (twin, per_second, p50) = self.twin.as_ref().map_or_else(
            || ("", String::new(), String::new()),
            |twin| (twin.name.as_str(), format!("{:.0}", twin.per_second), format!("{:.2}", twin.p50_ms)),
        );
        format!(
            "| {} | {} | {} | {:.2} | {:.2} | {:.0} | {:.0} | {:.1} | {} | {} | {} | {} | {} |",
            self.operation,
            self.clients,
            rate(self.per_second),
            self.p50_ms,
            self.p99_ms,
            self.services_cpu_us,
            self.database_cpu_us,
            self.statements,
            twin,
            per_second,
            p50,
            self.ratio.map(|ratio| format!("**{ratio:.3}**")).unwrap_or_default(),
            self.failed,
        )
    }
}

/// A statement that an operation causes.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// What was done.
    pub operation: String,
    /// Callers at once.
    pub clients: usize,
    /// The role of the service that sent it.
    pub service: String,
    /// Its text, with its values left out.
    pub statement: String,
    /// How often for each that was done.
    pub each: f64,
    /// For how long the database worked on it for each that was done, in milliseconds; waiting for locks is in it.
    pub each_ms: f64,
}

/// Everything that a run found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// When, where and of what.
    pub circumstances: Circumstances,
    /// What else is to be known of the figures.
    pub notes: Vec<String>,
    /// The figures.
    pub points: Vec<Point>,
    /// The statements behind some of them.
    pub sent: Vec<Sent>,
    /// On what the services spent their CPU time.
    pub profiles: Vec<Profile>,
    /// What becomes of them while the tables grow.
    pub growth: Vec<Growth>,
    /// What tracing costs.
    pub tracing: Option<Tracing>,
    /// What too many calls do.
    pub overload: Option<Overload>,
    /// What was asked for, and whether it is reached.
    pub goals: Vec<Goal>,
}

impl Report {
    /// An empty one, of this machine and now.
    ///
    /// # Errors
    /// When the database does not say what it is.
    pub async fn new(arguments: &Arguments, fleet: &Fleet) -> Result<Self> {
        let mut circumstances = Circumstances::of(&cargo_run("callout-load"));
        circumstances.database = fleet.database_version().await?;
        Ok(Self {
            circumstances,
            notes: vec![format!(
                "{} slices of {} s for each figure, in turns with its twin; {} connections a service.",
                arguments.rounds,
                arguments.seconds,
                arguments.pool.unwrap_or(callout_pool())
            )],
            points: Vec::new(),
            sent: Vec::new(),
            profiles: Vec::new(),
            growth: Vec::new(),
            tracing: None,
            overload: None,
            goals: Vec::new(),
        })
    }

    /// Adds what is to be known of the figures.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// All of it as a page of Markdown, beside the file with the same in JSON.
    pub fn page(&self, figures: &Path) -> String {
        let figures = figures.file_name().unwrap_or_default().display();
        let mut page = format!(
            "# What was measured\n\nWritten by the command itself; [what each figure is](README.md), [the same with more \
             digits]({figures}).\n\n{}",
            self.circumstances.list()
        );
        for note in &self.notes {
            let _ = writeln!(page, "- {note}");
        }
        page.push_str(
            "\n| operation | clients | a second | p50 ms | p99 ms | services' CPU µs | database's CPU µs | statements | twin \
             | a second | p50 ms | ratio | failed |\n|---|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|\n",
        );
        for point in &self.points {
            let _ = writeln!(page, "{}", point.row());
        }
        page.push_str(&goals::table(&self.goals));
        self.write_growth(&mut page);
        self.write_rest(&mut page);
        self.write_profiles(&mut page);
        self.write_sent(&mut page);
        page
    }

    fn write_growth(&self, page: &mut String) {
        if self.growth.is_empty() {
            return;
        }
        page.push_str("\n## Growth, 16 clients\n\n| operation | rows | p50 ms | to the smallest | the same, by a twin that does not grow |\n|---|--:|--:|--:|--:|\n");
        for growth in &self.growth {
            let _ = writeln!(
                page,
                "| {} | {} | {:.2} | {:.2} | **{:.2}** |",
                growth.operation, growth.rows, growth.p50_ms, growth.to_smallest, growth.to_smallest_by_twin
            );
        }
    }

    fn write_profiles(&self, page: &mut String) {
        for Profile { operation, clients, looks, percent } in &self.profiles {
            let _ = writeln!(
                page,
                "\n## CPU of the services: {operation}, {clients} clients\n\n{looks} looks by perf.\n\n| for | % |\n|---|--:|"
            );
            for (work, percent) in percent {
                let _ = writeln!(page, "| {work} | {percent:.1} |");
            }
        }
    }

    fn write_sent(&self, page: &mut String) {
        let mut operations: Vec<_> = self.sent.iter().map(|sent| (sent.operation.as_str(), sent.clients)).collect();
        operations.dedup();
        for (operation, clients) in operations {
            let _ = writeln!(
                page,
                "\n## Statements: {operation}, {clients} clients\n\n| sent by | for each | ms for each | statement |\n|---|--:|--:|---|"
            );
            let of = self.sent.iter().filter(|sent| (sent.operation.as_str(), sent.clients) == (operation, clients));
            for Sent { service, statement, each, each_ms, .. } in of {
                let short: String = statement.replace('|', "\\|").chars().take(110).collect();
                let _ = writeln!(page, "| {service} | {each:.2} | {each_ms:.3} | `{short}` |");
            }
        }
    }

    fn write_rest(&self, page: &mut String) {
        if let Some(tracing) = &self.tracing {
            let _ = writeln!(
                page,
                "\n## Tracing\n\nCPU of the services for opening a case at 16 clients, in µs a case, round by round: off {}; one trace of ten {}; all \
                 {}.\nSampling one of ten costs **{:+.1} %**, tracing all of them {:+.1} %. {} spans came to the collector.",
                list(&tracing.off_us),
                list(&tracing.sampled_us),
                list(&tracing.all_us),
                tracing.sampled_percent,
                tracing.all_percent,
                tracing.spans
            );
        }
        if let Some(overload) = &self.overload {
            let _ = writeln!(
                page,
                "\n## Overload\n\nOf a process that takes on {} calls at once: the peak is {:.0} cases a second before and {:.0} after; {:.0} a second were offered, {:.0} opened. p99 of one caller alone {:.1} ms, of \
                 the accepted {:.1} ms. Otherwise: {:?}.\n",
                overload.concurrent_calls,
                overload.peak_before_per_second,
                overload.peak_after_per_second,
                overload.offered_per_second,
                overload.goodput_per_second,
                overload.unloaded_p99_ms,
                overload.accepted_p99_ms,
                overload.refused
            );
            for (what, holds) in &overload.verdicts {
                let _ = writeln!(page, "- {}: {what}", if *holds { "pass" } else { "**FAIL**" });
            }
        }
    }

    /// Prints all of it.
    #[expect(clippy::print_stdout, reason = "the figures are the output of the command")]
    pub fn print(&self, figures: &Path) {
        println!("{}", self.page(figures));
    }
}

/// A rate, with a digit behind the point where it is small.
fn rate(per_second: f64) -> String {
    if per_second < 20.0 { format!("{per_second:.2}") } else { format!("{per_second:.0}") }
}

fn list(figures: &[f64]) -> String {
    figures.iter().map(|figure| format!("{figure:.0}")).collect::<Vec<_>>().join(", ")
}

/// Connections of a service unless it is told another number.
fn callout_pool() -> u32 {
    callout::settings::Database::default().max_connections
}
