//! What proves the suite: scenarios played against it, refusals that are expected, and traces that show what they did.

pub mod answers;
pub mod scenario;
pub mod trace;
