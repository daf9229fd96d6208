//! The decisions: pure functions of a regulation and of what is known.
