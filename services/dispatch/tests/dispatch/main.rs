//! Dispatch over a real database: each call as its server gets it, without the network.

mod agencies;
mod invariants;
mod money;
mod support;
mod work;
