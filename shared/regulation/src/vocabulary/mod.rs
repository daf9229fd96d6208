//! The suite's words: what a pack may speak of, each with its type, its meaning and the sections where it is known.
//!
//! The words are the suite's, in the field's standard terms, never one regulation's: a second regulation that needs the
//! same thing reuses the word.

mod events;
mod facts;
mod reference;

pub use events::{Event, Mode, Moment, Service, Subject, Transition, Trigger};
pub use facts::{Definition, Kind, Preset, Section, Values, Word, find, words};
pub use reference::vocabulary_reference;

/// The word of `known` that is nearest to `wrong`, when one is near enough to have been meant.
pub(crate) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(wrong, word), word))
        .filter(|(distance, word)| *distance <= 1 + word.chars().count() / 4)
        .min()
        .map(|(_, word)| word)
}
