//! The suite in one process, or a part of it: what the binary runs and what end-to-end tests start.

pub mod invariants;
pub mod local;
pub mod settings;
pub mod suite;
