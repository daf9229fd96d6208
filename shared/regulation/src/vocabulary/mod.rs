//! The suite's words: what a pack may speak of, each with its type, its meaning and the sections where it is known.
//!
//! The words are the suite's, in the field's standard terms, never one regulation's: a second regulation that needs the
//! same thing reuses the word.

mod events;
mod facts;
mod reference;

pub use events::{Event, Mode, Moment, Service, Step, Subject, Transition, Trigger};
pub use facts::{Definition, Kind, Preset, Section, Values, Word, find, words};
pub use reference::vocabulary_reference;

/// Work that every organisation may be asked for, whatever its regulation says.
pub const WORKS: &[&str] =
    &["advice", "repair", "replacement", "installation", "commissioning", "maintenance", "inspection", "training"];

/// The word of `known` that was probably meant by `wrong`: one letter in three may be wrong, or the end may be missing.
pub(crate) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = wrong.chars().count();
    known
        .into_iter()
        .filter_map(|word| {
            let distance = strsim::damerau_levenshtein(wrong, word);
            let is_cut_off = letters >= 4 && word.starts_with(wrong);
            (is_cut_off || 3 * distance <= letters).then_some((distance, word))
        })
        .min()
        .map(|(_, word)| word)
}
