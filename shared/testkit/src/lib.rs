//! What proves the suite: scenarios played against it, and traces that show what they did.

pub mod scenario;
pub mod trace;
