//! What proves the suite: scenarios played against it.

pub mod scenario;
