//! What was asked of a machine with two cores, whether it is reached, and where the time goes if it is not.

use std::fmt::Write as _;

use serde::Serialize;

use crate::report::{Point, Report};

/// Something that was asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Goal {
    /// What was asked for.
    pub what: String,
    /// The figure.
    pub figure: String,
    /// Whether it is reached.
    pub reached: bool,
    /// What stands in the way, by the figures of the same run.
    pub because: String,
}

/// The goals of which a run has figures.
pub fn of(report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    for point in &report.points {
        let least = match (point.operation.as_str(), point.clients) {
            ("open a case", 16 | 64) => 1.0,
            (operation, _) if operation.starts_with("issue a slip") => 0.9,
            _ => continue,
        };
        let Some(ratio) = point.ratio else { continue };
        goals.push(Goal {
            what: format!("{}, {} clients: at least {least:.1} × its twin", point.operation, point.clients),
            figure: format!("{ratio:.2} ×"),
            reached: ratio >= least,
            because: bound(point),
        });
    }
    if let Some(last) = report.growth.iter().rfind(|growth| growth.operation == "page of 50") {
        goals.push(Goal {
            what: format!("page of 50 in {} cases: at most 1.2 × that in the smallest table", last.rows),
            figure: format!("{:.2} ×", last.to_smallest_by_twin),
            reached: last.to_smallest_by_twin <= 1.2,
            because: String::new(),
        });
    }
    if let Some(tracing) = &report.tracing {
        goals.push(Goal {
            what: "tracing one call of ten: at most 5 % CPU".to_owned(),
            figure: format!("{:+.1} %", tracing.sampled_percent),
            reached: tracing.sampled_percent <= 5.0,
            because: String::new(),
        });
    }
    goals
}

/// How often an operation can be done at most, by the CPU that it takes, with nothing left for whoever calls.
fn bound(point: &Point) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let each = point.services_cpu_us + point.database_cpu_us;
    let twin = point.twin.as_ref().map_or(0.0, |twin| twin.database_cpu_us);
    format!(
        "{:.1} ms CPU each ({:.1} services, {:.1} database), at most {:.0} a second on {cores:.0} cores; the twin takes {:.1} ms of \
         the database's",
        each / 1e3,
        point.services_cpu_us / 1e3,
        point.database_cpu_us / 1e3,
        cores * 1e6 / each.max(1.0),
        twin / 1e3
    )
}

/// As a table in Markdown; empty without goals.
pub fn table(goals: &[Goal]) -> String {
    let mut table = String::new();
    if goals.is_empty() {
        return table;
    }
    table.push_str("\n## Goals\n\n| goal | figure | | what bounds it |\n|---|--:|---|---|\n");
    for Goal { what, figure, reached, because } in goals {
        let reached = if *reached { "reached" } else { "**not reached**" };
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {what} | {figure} | {reached} | {because} |");
    }
    table
}
