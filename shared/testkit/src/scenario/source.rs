//! YAML as a tree in which every key and value knows its place.
//!
//! A scalar keeps its text: whether `1.20` is a number or a text is decided by the field that it is written for, so no
//! decimal passes through a float.

use std::{borrow::Cow, collections::HashMap};

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::problem::{Found, Position};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Null,
    /// A scalar; `plain` when it was written without quotes.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) at: Position,
    pub(super) key: String,
    pub(super) value: Node,
}

impl Node {
    /// The text of a scalar, quoted or not.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            Content::Null | Content::List(_) | Content::Map(_) => None,
        }
    }

    /// What it is, for a sentence about what was written.
    pub(super) fn noun(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Scalar { .. } => "a single value",
            Content::List(_) => "a list",
            Content::Map(_) => "an object",
        }
    }
}

/// The documents of a file. What cannot be read is added to `found`, and what was read before it is returned.
pub(super) fn documents(text: &str, found: &mut Found<'_>) -> Vec<Node> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.take(event, span, found),
            Err(error) => {
                let marker = error.marker();
                found.add(position(marker.line(), marker.col()), format!("not YAML: {}", error.info()));
                break;
            }
        }
    }
    builder.documents
}

fn position(line: usize, column_from_0: usize) -> Position {
    Position { line, column: column_from_0 + 1 }
}

#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
}

/// A collection that has not ended yet.
struct Open {
    at: Position,
    anchor: usize,
    parts: Parts,
}

enum Parts {
    List(Vec<Node>),
    /// The entries, and the key whose value comes next.
    Map(Vec<Entry>, Option<(Position, String)>),
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span, found: &mut Found<'_>) {
        let at = position(span.start.line(), span.start.col());
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let content = scalar(text, style);
                self.place(Node { at, content }, anchor, found);
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open.push(Open { at, anchor, parts: Parts::List(Vec::new()) });
            }
            Event::MappingStart(_, anchor, _) => {
                self.open.push(Open { at, anchor, parts: Parts::Map(Vec::new(), None) });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { at, anchor, parts }) = self.open.pop() {
                    let content = match parts {
                        Parts::List(items) => Content::List(items),
                        Parts::Map(entries, _) => Content::Map(entries),
                    };
                    self.place(Node { at, content }, anchor, found);
                }
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.place(node.clone(), 0, found),
                None => found.add(at, "an alias inside of what it stands for"),
            },
            Event::DocumentStart(..) => self.anchors.clear(),
            // Comments and the frame of the stream say nothing about values; the enum is open to more of that kind.
            _ => {}
        }
    }

    fn place(&mut self, node: Node, anchor: usize, found: &mut Found<'_>) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.parts) {
            None => self.documents.push(node),
            Some(Parts::List(items)) => items.push(node),
            Some(Parts::Map(entries, next)) => {
                if let Some((at, key)) = next.take() {
                    if entries.iter().any(|entry| entry.key == key) {
                        found.add(at, format!("`{key}` stands here twice"));
                    }
                    entries.push(Entry { at, key, value: node });
                } else {
                    if node.text().is_none() {
                        found.add(node.at, "a key is a single word");
                    }
                    *next = Some((node.at, node.text().unwrap_or_default().to_owned()));
                }
            }
        }
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Content {
    let plain = matches!(style, ScalarStyle::Plain);
    if plain && matches!(text.as_ref(), "" | "~" | "null") {
        return Content::Null;
    }
    Content::Scalar { text: text.into_owned(), plain }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> (Vec<Node>, Vec<String>) {
        let mut found = Found::new(Path::new("s.yaml"));
        let documents = documents(text, &mut found);
        (documents, found.into_problems().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_value_keeps_its_text_and_its_place() {
        let (documents, problems) = read("km: 1.20\nlist:\n  - \"400\"\n");
        assert_eq!(problems, Vec::<String>::new());
        let Content::Map(entries) = &documents[0].content else { panic!("{documents:?}") };
        assert_eq!(entries[0].value.text(), Some("1.20"));
        let Content::List(items) = &entries[1].value.content else { panic!("{documents:?}") };
        assert_eq!((items[0].text(), items[0].at), (Some("400"), Position { line: 3, column: 5 }));
    }

    #[test]
    fn an_alias_stands_for_its_anchor() {
        let (documents, _) = read("a: &people {lin: [desk]}\nb: *people\n");
        let Content::Map(entries) = &documents[0].content else { panic!("{documents:?}") };
        assert!(matches!(&entries[1].value.content, Content::Map(people) if people[0].key == "lin"));
    }

    #[test]
    fn a_key_written_twice_is_a_problem() {
        assert_eq!(read("a: 1\nb: 2\na: 3\n").1, ["s.yaml:3:1: `a` stands here twice"]);
    }

    #[test]
    fn what_is_not_yaml_is_told_with_its_line() {
        let (_, problems) = read("a: [1, 2\nb: 3\n");
        assert!(problems[0].starts_with("s.yaml:2:") && problems[0].contains("not YAML"), "{problems:?}");
    }

    #[test]
    fn each_document_is_a_value_of_its_own() {
        assert_eq!(read("a: 1\n---\na: 2\n").0.len(), 2);
    }
}
