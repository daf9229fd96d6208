//! What came of the parts: lines for people, JSON for programs, a file to keep.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use callout_fleet::circumstances::Circumstances;
use serde_json::{Map, Value, json};

/// What came of a part.
pub struct Part {
    name: &'static str,
    lines: Vec<String>,
    missed: Vec<String>,
    figures: Value,
}

impl Part {
    /// A part of which nothing is told yet but these figures, an object.
    pub const fn new(name: &'static str, figures: Value) -> Self {
        Self { name, lines: Vec::new(), missed: Vec::new(), figures }
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
pub fn write(page: &Path, parts: &[Part], circumstances: &Circumstances, settings: &[String]) -> Result<()> {
    let told = format!(
        "# Rollout: what was measured\n\nWritten by the command itself; what it means is in [README.md](README.md), all figures are \
         in [RESULTS.json](RESULTS.json).\n\n{}- {}\n\n```text\n{}\n```\n",
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
    let file = page.with_extension("json");
    fs::write(&file, format!("{all:#}\n")).with_context(|| format!("{} cannot be written", file.display()))
}
