//! Values to types, with every problem and not only the first.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::{Document, Problem, element, member};
use crate::vocabulary::nearest;

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// What could be read of a document.
pub(crate) struct Reading<T> {
    /// Without what was wrong; none where that was the whole.
    pub(crate) value: Option<T>,
    /// What was wrong.
    pub(crate) problems: Vec<Problem>,
    /// The values that lost something in which others may have their cause: lists, and the entries of sections.
    torn: BTreeSet<String>,
    /// The names of what was taken out.
    lost: BTreeSet<String>,
}

impl<T> Reading<T> {
    /// Whether a problem of what is left may be one only because something was taken out.
    pub(crate) fn may_explain(&self, problem: &Problem) -> bool {
        let inside = |torn: &String| {
            problem.path.strip_prefix(torn.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let named = |word: &str| word.split([':', '.']).any(|part| self.lost.contains(part));
        self.torn.iter().any(inside) || problem.message.split('`').skip(1).step_by(2).any(named)
    }
}

/// Reads a document as a `T`.
///
/// serde stops at the first problem. So what it stumbles over is noted and taken out, and it is asked again, until it
/// finds nothing more; what is missing only because it was taken out is not a problem of the pack.
pub(crate) fn read<T: DeserializeOwned>(document: &Document) -> Reading<T> {
    let mut reader = Reader { value: document.value.clone(), taken: BTreeMap::new(), torn: BTreeSet::new() };
    let (mut problems, mut lost) = (Vec::new(), BTreeSet::new());
    let value = loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&reader.value) {
            Ok(read) => break Some(read),
            Err(error) => error,
        };
        let steps = steps(error.path());
        let message = error.inner().to_string();
        let path = reader.written_path(&steps);
        let is_missing = message.starts_with("missing field");
        if !(is_missing && reader.torn.contains(&path)) {
            problems.push(document.problem(&path, in_words(&message)));
        }
        lost.extend(steps.iter().rev().find_map(Step::key));
        if !reader.take_out(&steps) {
            break None;
        }
    };
    // The entries of a section have nothing to do with each other but their names.
    let torn = reader.torn.into_iter().filter(|path| path.contains(['.', '['])).collect();
    Reading { value, problems, torn, lost }
}

struct Reader {
    value: Value,
    /// The elements that were taken out of each list, as numbered in the text.
    taken: BTreeMap<String, BTreeSet<usize>>,
    /// The values that lost something.
    torn: BTreeSet<String>,
}

impl Step {
    fn key(&self) -> Option<String> {
        match self {
            Self::Key(key) => Some(key.clone()),
            Self::Index(_) => None,
        }
    }
}

impl Reader {
    /// The path as it is in the text, where nothing is taken out.
    fn written_path(&self, steps: &[Step]) -> String {
        steps.iter().fold(String::new(), |path, step| match step {
            Step::Key(key) => member(&path, key),
            Step::Index(index) => {
                let taken = self.taken.get(&path).into_iter().flatten();
                let index = taken.fold(*index, |index, taken| if *taken <= index { index + 1 } else { index });
                element(&path, index)
            }
        })
    }

    /// Takes out the value at the end of the steps; false when that is the whole document.
    fn take_out(&mut self, steps: &[Step]) -> bool {
        let Some((last, parents)) = steps.split_last() else { return false };
        let parent_path = self.written_path(parents);
        let written = self.written_path(steps);
        let Some(parent) = parents.iter().try_fold(&mut self.value, |value, step| match step {
            Step::Key(key) => value.get_mut(key),
            Step::Index(index) => value.get_mut(index),
        }) else {
            return false;
        };
        let was_there = match (parent, last) {
            (Value::Object(entries), Step::Key(key)) => entries.shift_remove(key).is_some(),
            (Value::Array(elements), Step::Index(index)) if *index < elements.len() => {
                elements.remove(*index);
                let index = written.rsplit('[').next().and_then(|end| end.trim_end_matches(']').parse::<usize>().ok());
                self.taken.entry(parent_path.clone()).or_default().extend(index);
                true
            }
            (_, Step::Key(_) | Step::Index(_)) => false,
        };
        self.torn.insert(parent_path);
        was_there
    }
}

fn steps(path: &Path) -> Vec<Step> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// serde's message in the words of a pack's author.
fn in_words(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match message.split_once(' ') {
        Some(("unknown", rest)) if rest.starts_with("field") || rest.starts_with("variant") => {
            let wrong = quoted.next().unwrap_or_default();
            let known = quoted.collect::<Vec<_>>();
            match nearest(wrong, known.iter().copied()) {
                Some(near) => format!("unknown word `{wrong}`; did you mean `{near}`?"),
                None => format!("unknown word `{wrong}`; known here are {}", known.join(", ")),
            }
        }
        Some(("missing", _)) => format!("`{}` is missing", quoted.next().unwrap_or_default()),
        Some(("invalid", rest)) if rest.starts_with("type: integer") && message.ends_with("expected a string") => {
            format!("`{}` is a number where a text is expected; put it in quotes", quoted.next().unwrap_or_default())
        }
        Some(_) | None => message.to_owned(),
    }
}
