//! What came of the parts: lines for people, JSON for programs, a file to keep.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use callout_fleet::{Fleet, circumstances::Circumstances};
use serde_json::{Map, Value, json};

/// What came of a part.
pub struct Part {
    name: &'static str,
    /// The version of the one that it ran on; empty until it is known.
    database: String,
    lines: Vec<String>,
    missed: Vec<String>,
    figures: Value,
}

impl Part {
    /// A part of which nothing is told yet but these figures, an object.
    pub const fn new(name: &'static str, figures: Value) -> Self {
        Self { name, database: String::new(), lines: Vec::new(), missed: Vec::new(), figures }
    }

    /// Asks the database that it ran on for its version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ran_on(&mut self, fleet: &Fleet) -> Result<()> {
        self.database = fleet.database_version().await?;
        Ok(())
    }

    /// Tells people something.
    pub fn line(&mut self, line: String) {
        self.lines.push(line);
    }

    /// Tells programs something.
    pub fn add(&mut self, key: &str, figure: Value) {
        self.figures[key] = figure;
    }

    /// Tells whether something is as it must be.
    pub fn must(&mut self, holds: bool, what: &str) {
        self.lines.push(format!("{}  {what}", if holds { "holds " } else { "MISSED" }));
        if !holds {
            self.missed.push(what.to_owned());
        }
    }

    /// Whether all is as it must be.
    pub const fn holds(&self) -> bool {
        self.missed.is_empty()
    }
}

/// A span in seconds, to the tenth.
pub fn seconds(span: Duration) -> String {
    format!("{}.{} s", span.as_secs(), span.subsec_millis() / 100)
}

/// The lines of all parts.
pub fn text(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}\n  {}\n", part.name, part.lines.join("\n  "));
    }
    text
}

/// Writes everything to a page for people, and beside it in JSON for programs.
///
/// # Errors
/// When a file cannot be written.
pub fn write(page: &Path, parts: &[Part], circumstances: Circumstances, settings: &[String]) -> Result<()> {
    let database = parts.iter().map(|part| part.database.clone()).find(|database| !database.is_empty());
    let circumstances = Circumstances { database: database.unwrap_or_default(), ..circumstances };
    let figures = page.with_extension("json");
    let beside = figures.file_name().unwrap_or_default().display();
    let told = format!(
        "# Rollout: what was measured\n\nWritten by the command itself; what it means is in [README.md](README.md), all figures are \
         in [{beside}]({beside}).\n\n{}- {}\n\n```text\n{}\n```\n",
        circumstances.list(),
        settings.join(", "),
        text(parts).trim_end()
    );
    fs::write(page, told).with_context(|| format!("{} cannot be written", page.display()))?;
    let parts: Map<String, Value> = parts
        .iter()
        .map(|part| (part.name.to_owned(), json!({"missed": part.missed, "figures": part.figures})))
        .collect();
    let all = json!({"circumstances": circumstances, "settings": settings, "parts": parts});
    fs::write(&figures, format!("{all:#}\n")).with_context(|| format!("{} cannot be written", figures.display()))
}
