//! Packs as their authors and the services meet them.
use callout_regulation::Library;

#[test]
fn the_built_in_packs_are_sound() {
    if let Err(problems) = Library::built_in() { panic!("{problems}"); }
}
