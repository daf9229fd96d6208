//! What the requests of several nouns have in common.

/// Characters that the subject of a person may have.
pub const LONGEST_PERSON: usize = 200;
