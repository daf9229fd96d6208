//! Paths into an answer, `a.b[0].c`, and the references `${variable.a.b[0].c}` that use them.

use std::{collections::HashMap, fmt};

use serde_json::Value;

use super::shape::Shape;

/// What the steps so far have saved, by name.
pub(super) type Variables = HashMap<String, Value>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Field(String),
    Index(usize),
}

/// A way into a JSON value; empty means the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Path(pub(super) Vec<Segment>);

impl Path {
    /// Reads `a.b[0].c`, `[0].c` or nothing.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let malformed = || format!("`{text}` is not a path such as `a.b[0].c`");
        let mut segments = Vec::new();
        for (position, part) in text.split('.').enumerate() {
            let (field, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
            if !field.is_empty() {
                segments.push(Segment::Field(field.to_owned()));
            } else if position > 0 || (indices.is_empty() && !text.is_empty()) {
                return Err(malformed());
            }
            let mut rest = indices;
            while let Some(inner) = rest.strip_prefix('[') {
                let (index, after) = inner.split_once(']').ok_or_else(malformed)?;
                segments.push(Segment::Index(index.parse().map_err(|_| malformed())?));
                rest = after;
            }
            if !rest.is_empty() {
                return Err(malformed());
            }
        }
        Ok(Self(segments))
    }

    /// The same path with fields by the names that the JSON of an answer has, and the shape of what it leads to.
    pub(super) fn follow(&self, from: &Shape) -> Result<(Self, Shape), String> {
        let mut shape = from.clone();
        let mut segments = Vec::with_capacity(self.0.len());
        for segment in &self.0 {
            let (name, next) = shape.descend(segment)?;
            segments.push(name);
            shape = next;
        }
        Ok((Self(segments), shape))
    }

    /// What it leads to; none where the value has nothing.
    pub(super) fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, segment| match segment {
            Segment::Field(field) => value.get(field),
            Segment::Index(index) => value.get(index),
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(field) if position > 0 => write!(f, ".{field}")?,
                Segment::Field(field) => f.write_str(field)?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// `${name}` or `${name.path}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) path: Path,
}

impl Reference {
    /// Reads what stands between the braces.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut path = Path::parse(text)?;
        if path.0.is_empty() {
            return Err("`${}` names no variable".to_owned());
        }
        match path.0.remove(0) {
            Segment::Field(name) => Ok(Self { name, path }),
            Segment::Index(_) => Err(format!("`${{{text}}}` names no variable")),
        }
    }

    pub(super) fn value<'v>(&self, variables: &'v Variables) -> Result<&'v Value, String> {
        let value = variables.get(&self.name).ok_or_else(|| format!("`${{{self}}}` was not saved"))?;
        self.path.find(value).ok_or_else(|| format!("`${{{self}}}`: what was saved has no `{}`", self.path))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if matches!(self.path.0.first(), Some(Segment::Field(_))) { "." } else { "" };
        write!(f, "{}{dot}{}", self.name, self.path)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_fields_and_elements() {
        let value = json!({"limits": [{"dueAt": "soon"}]});
        let path = Path::parse("limits[0].dueAt").unwrap();
        assert_eq!((path.find(&value), path.to_string().as_str()), (Some(&json!("soon")), "limits[0].dueAt"));
    }

    #[test]
    fn a_path_may_begin_with_an_element() {
        assert_eq!(Path::parse("[1]").unwrap().find(&json!([1, 2])), Some(&json!(2)));
    }

    #[test]
    fn malformed_paths_are_refused() {
        for text in ["a..b", "a[", "a[x]", "a[0]b", ".a", "a."] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_reference_to_nothing_says_what_is_missing() {
        let variables = Variables::from([("case".to_owned(), json!({"name": "c"}))]);
        assert_eq!(Reference::parse("case.name").unwrap().value(&variables), Ok(&json!("c")));
        assert_eq!(
            Reference::parse("case.owner").unwrap().value(&variables).unwrap_err(),
            "`${case.owner}`: what was saved has no `owner`"
        );
    }
}
