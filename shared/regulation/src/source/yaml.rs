//! YAML to JSON values, remembering where everything is written.
//!
//! Numbers with a fraction stay text, so that no decimal ever passes through a float. What YAML has beyond data (aliases,
//! several documents) is refused: a pack says the same to whoever reads it.

use std::{collections::HashMap, sync::Arc};

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput};
use serde_json::{Map, Value};

use super::{Document, Position, Problem, Problems, Source, element, member};

/// Deeper nesting is a mistake, and would exhaust the stack.
const MAX_DEPTH: usize = 32;

struct Builder<'a> {
    parser: Parser<'a, StrInput<'a>>,
    file: Arc<str>,
    positions: HashMap<String, Position>,
    problems: Vec<Problem>,
}

/// The text cannot be read any further; the problem says where.
type Parsed<T> = Result<T, Problem>;

/// Parses a text that holds one document, a mapping.
pub(super) fn parse(source: Source<'_>) -> Result<Document, Problems> {
    let file = Arc::from(source.file);
    let mut builder = Builder {
        parser: Parser::new_from_str(source.text),
        file: Arc::clone(&file),
        positions: HashMap::new(),
        problems: Vec::new(),
    };
    let value = builder.document()?;
    if !builder.problems.is_empty() {
        return Err(builder.problems.into());
    }
    Ok(Document { value, file, positions: builder.positions })
}

/// The id of the pack in a text, without judging the rest.
pub(super) fn pack_id(text: &str) -> Option<String> {
    let document = parse(Source { file: "", text }).ok()?;
    document.value.get("pack")?.as_str().map(str::to_owned)
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Parsed<Value> {
        let (event, span) = self.next()?;
        let value = match event {
            Event::MappingStart(..) => self.mapping("", &span, 0)?,
            _ => return Err(self.at(&span.start, "", "a pack is a mapping: `pack: R01-…` comes first".to_owned())),
        };
        match self.next() {
            Ok((Event::StreamEnd, _)) | Err(_) => Ok(value),
            Ok((_, span)) => {
                Err(self.at(&span.start, "", "a pack is one document; this begins a second one".to_owned()))
            }
        }
    }

    /// The next event that carries data.
    fn next(&mut self) -> Parsed<(Event<'a>, Span)> {
        loop {
            match self.parser.next_event() {
                Some(Ok((
                    event @ (Event::Scalar(..)
                    | Event::SequenceStart(..)
                    | Event::SequenceEnd
                    | Event::MappingStart(..)
                    | Event::MappingEnd
                    | Event::Alias(..)
                    | Event::UnresolvedAlias(..)
                    | Event::StreamEnd),
                    span,
                ))) => return Ok((event, span)),
                // Beginnings and ends of documents, and comments where the parser reports them: no data.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(self.at(error.marker(), "", format!("not YAML: {}", error.info()))),
                None => {
                    let end = Marker::new(0, 1, 0);
                    return Err(self.at(&end, "", "the text ends too early".to_owned()));
                }
            }
        }
    }

    fn value(&mut self, event: Event<'a>, span: &Span, path: &str, depth: usize) -> Parsed<Value> {
        match event {
            Event::Scalar(text, style, ..) => {
                self.place(path, &span.start);
                Ok(scalar(&text, style))
            }
            Event::SequenceStart(..) => self.sequence(path, span, depth),
            Event::MappingStart(..) => self.mapping(path, span, depth),
            _ => Err(self.at(&span.start, path, "a pack has no aliases: write the value out".to_owned())),
        }
    }

    fn sequence(&mut self, path: &str, span: &Span, depth: usize) -> Parsed<Value> {
        self.place(path, &span.start);
        self.check_depth(path, span, depth)?;
        let mut values = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Array(values)),
                (event, span) => {
                    let path = element(path, values.len());
                    values.push(self.value(event, &span, &path, depth + 1)?);
                }
            }
        }
    }

    fn mapping(&mut self, path: &str, span: &Span, depth: usize) -> Parsed<Value> {
        if !self.positions.contains_key(path) {
            self.place(path, &span.start);
        }
        self.check_depth(path, span, depth)?;
        let mut entries = Map::new();
        loop {
            let (key, key_span) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Object(entries)),
                (Event::Scalar(text, ..), span) => (text.into_owned(), span),
                (_, span) => return Err(self.at(&span.start, path, "a key is a plain word".to_owned())),
            };
            let path = member(path, &key);
            if let Some(first) = entries.contains_key(&key).then(|| self.positions.get(&path)).flatten() {
                let message = format!("`{key}` stands here twice; the first is in line {}", first.line);
                let problem = self.at(&key_span.start, &path, message);
                self.problems.push(problem);
            }
            let (event, span) = self.next()?;
            let value = self.value(event, &span, &path, depth + 1)?;
            // A problem of an entry is shown at its key; a scalar is shown itself.
            if value.is_object() || value.is_array() {
                self.place(&path, &key_span.start);
            }
            entries.insert(key, value);
        }
    }

    fn check_depth(&self, path: &str, span: &Span, depth: usize) -> Parsed<()> {
        if depth < MAX_DEPTH {
            return Ok(());
        }
        Err(self.at(&span.start, path, format!("nested more than {MAX_DEPTH} deep")))
    }

    fn place(&mut self, path: &str, marker: &Marker) {
        let position = self.position(marker);
        self.positions.insert(path.to_owned(), position);
    }

    fn at(&self, marker: &Marker, path: &str, message: String) -> Problem {
        Problem::new(&self.position(marker), path, message)
    }

    fn position(&self, marker: &Marker) -> Position {
        Position { file: Arc::clone(&self.file), line: marker.line(), column: marker.col() + 1 }
    }
}

/// Plain `true`, `false`, `null` and whole numbers are what they look like; everything else is text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_owned());
    }
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "" | "~" | "null" => Value::Null,
        other => match other.parse::<i64>() {
            Ok(number) if number.to_string() == other => number.into(),
            Ok(_) | Err(_) => Value::String(other.to_owned()),
        },
    }
}
