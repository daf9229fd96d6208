//! Traces: reads the spans that the suite wrote to its span file, checks that those of a case are one whole, and draws
//! them, in a terminal or as a page that needs nothing but a browser.

mod draw;
mod file;
mod page;
mod terminal;
mod tree;

pub use file::{append, read};
pub use page::page;
pub use terminal::{View, waterfall};
pub use tree::{Fault, Trace};

#[cfg(test)]
mod made_up;
