//! Packs as text: YAML with positions, so that whatever is wrong is shown where it is written.

mod merge;
mod problem;
mod read;
mod yaml;

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

pub use self::problem::{Problem, Problems};
pub(crate) use self::read::read;

/// A pack's text and the name under which problems show it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file's name.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// Where a value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) file: Arc<str>,
    /// From 1.
    pub(crate) line: usize,
    /// From 1.
    pub(crate) column: usize,
}

/// A pack's values, and where each is written, by paths such as `limits.arrival.tiers[0].amount`.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) value: Value,
    file: Arc<str>,
    positions: HashMap<String, Position>,
}

impl Document {
    /// Parses a text and merges it into the pack that it extends, which is looked for on the `shelf`.
    pub(crate) fn parse(source: Source<'_>, shelf: &[Source<'_>]) -> Result<Self, Problems> {
        Self::parse_below(source, shelf, &mut Vec::new())
    }

    fn parse_below(source: Source<'_>, shelf: &[Source<'_>], below: &mut Vec<String>) -> Result<Self, Problems> {
        let document = yaml::parse(source)?;
        let Some(base_id) = document.value.get("extends").and_then(Value::as_str).map(str::to_owned) else {
            return Ok(document);
        };
        if below.contains(&base_id) {
            return Err(Problems::from(document.problem("extends", format!("`{base_id}` extends itself"))));
        }
        let base = shelf.iter().find(|candidate| yaml::pack_id(candidate.text).as_deref() == Some(&base_id));
        let Some(base) = base else {
            let known = shelf.iter().filter_map(|candidate| yaml::pack_id(candidate.text)).collect::<Vec<_>>();
            let message = format!("there is no pack `{base_id}`; known are {}", known.join(", "));
            return Err(Problems::from(document.problem("extends", message)));
        };
        below.push(base_id);
        Ok(Self::parse_below(*base, shelf, below)?.patched_by(document))
    }

    /// A problem at a path, shown where the path, or else the nearest thing around it, is written.
    pub(crate) fn problem(&self, path: &str, message: String) -> Problem {
        let mut around = path;
        let position = loop {
            if let Some(position) = self.positions.get(around) {
                break Some(position);
            }
            match around.rfind(['.', '[']) {
                Some(end) => around = &around[..end],
                None => break None,
            }
        };
        let start = Position { file: self.file.clone(), line: 1, column: 1 };
        Problem::new(position.unwrap_or(&start), path, message)
    }
}

/// `limits` and `arrival` make `limits.arrival`; the document itself has the empty path.
pub(crate) fn member(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// `tiers` and 0 make `tiers[0]`.
pub(crate) fn element(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}
