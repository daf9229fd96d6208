//! What is wrong with a scenario file, told with its place and with what would be right.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// One fault of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Where in it; none when the file as a whole is meant.
    pub at: Option<Position>,
    /// What is wrong and what would be right.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(Position { line, column }) = self.at {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.what)
    }
}

/// Everything that is wrong with the files that were read: at least one problem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

/// Gathers the problems of one file, so that its author sees all of them at once.
pub(super) struct Found<'a> {
    file: &'a Path,
    problems: Vec<Problem>,
}

impl<'a> Found<'a> {
    pub(super) fn new(file: &'a Path) -> Self {
        Self { file, problems: Vec::new() }
    }

    pub(super) fn file(&self) -> &'a Path {
        self.file
    }

    pub(super) fn add(&mut self, at: Position, what: impl Into<String>) {
        self.problems.push(Problem { file: self.file.to_owned(), at: Some(at), what: what.into() });
    }

    pub(super) fn len(&self) -> usize {
        self.problems.len()
    }

    /// All of them, in the order in which they stand in the file.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.at);
        self.problems
    }
}

/// How many words are listed when none is near the one that was written.
const LISTED: usize = 12;

/// The end of a sentence about an unknown `word`: the nearest of the known ones, else all of them when they are few.
pub(super) fn suggestion<S: AsRef<str>>(word: &str, known: impl IntoIterator<Item = S>) -> String {
    let known: Vec<S> = known.into_iter().collect();
    let most = 1 + word.chars().count() / 3;
    let nearest = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(&simplified(word), &simplified(candidate.as_ref())), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= most);
    if let Some((_, candidate)) = nearest {
        return format!("; did you mean `{}`?", candidate.as_ref());
    }
    if known.is_empty() || known.len() > LISTED {
        return String::new();
    }
    let list: Vec<String> = known.iter().map(|candidate| format!("`{}`", candidate.as_ref())).collect();
    format!("; known: {}", list.join(", "))
}

/// Case and separators are what people mistake first.
fn simplified(word: &str) -> String {
    word.chars().filter(|c| *c != '_' && *c != '-').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_whatever_its_case() {
        assert_eq!(suggestion("dispalyName", ["display_name", "owner"]), "; did you mean `display_name`?");
    }

    #[test]
    fn few_words_are_listed_when_none_is_near() {
        assert_eq!(suggestion("zebra", ["one", "two"]), "; known: `one`, `two`");
    }

    #[test]
    fn many_words_are_not_listed() {
        let words: Vec<String> = (0..50).map(|n| format!("word{n}")).collect();
        assert_eq!(suggestion("zebra", words), "");
    }
}
