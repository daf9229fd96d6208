//! What the requests of several nouns have in common.

/// Characters that the subject of a person may have.
pub const LONGEST_PERSON: usize = 200;

/// The text of a filter; none when it was left empty, which means all.
#[must_use]
pub fn stated(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
