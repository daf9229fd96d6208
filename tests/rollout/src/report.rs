//! What came of the parts: lines for people, JSON for programs, a file to keep.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use callout_kit::clock;
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

/// Where and with what it was run.
pub struct Circumstances {
    /// The command, as it was given.
    pub command: String,
    /// Settings of the processes that differ from those of the fleet.
    pub settings: Vec<String>,
}

impl Circumstances {
    fn rows(&self) -> Vec<(&'static str, String)> {
        vec![
            ("command", format!("`{}`", self.command)),
            ("date", clock::system_now().strftime("%Y-%m-%d %H:%M UTC").to_string()),
            ("machine", machine()),
            ("build", if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned()),
            ("Callout", env!("CARGO_PKG_VERSION").to_owned()),
            ("settings", self.settings.join(", ")),
        ]
    }
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

/// Writes everything for programs.
///
/// # Errors
/// When the file cannot be written.
pub fn write_json(file: &Path, parts: &[Part], circumstances: &Circumstances) -> Result<()> {
    let circumstances: Map<String, Value> =
        circumstances.rows().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let parts: Map<String, Value> = parts
        .iter()
        .map(|part| (part.name.to_owned(), json!({"missed": part.missed, "figures": part.figures})))
        .collect();
    let all = json!({"circumstances": circumstances, "parts": parts});
    fs::write(file, format!("{all:#}\n")).with_context(|| format!("{} cannot be written", file.display()))
}

/// Writes everything for people.
///
/// # Errors
/// When the file cannot be written.
pub fn write_results(file: &Path, parts: &[Part], circumstances: &Circumstances) -> Result<()> {
    let mut page =
        "# Rollout: what was measured\n\nWritten by the command below; what it means is in [README.md](README.md).\n\n\
                    | | |\n| --- | --- |\n"
            .to_owned();
    for (name, value) in circumstances.rows() {
        let _ = writeln!(page, "| {name} | {value} |");
    }
    let _ = writeln!(page, "\n```text\n{}\n```", text(parts).trim_end());
    fs::write(file, page).with_context(|| format!("{} cannot be written", file.display()))
}

/// The processor, its cores and the memory, as Linux says.
fn machine() -> String {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split(':').nth(1)?.trim().to_owned())
    };
    let processor = value(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory = value(&read("/proc/meminfo"), "MemTotal").unwrap_or_else(|| "unknown".to_owned());
    let kernel = read("/proc/sys/kernel/osrelease");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{processor}, {cores} cores, {memory} of memory, Linux {}", kernel.trim())
}
