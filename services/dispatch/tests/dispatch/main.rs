//! Dispatch over a real database: each call as its server gets it, without the network.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod agencies;
mod assigned;
mod certificates;
mod fees;
mod findings;
mod invariants;
mod limits;
mod maintenance;
mod material;
mod money;
mod support;
mod work;
