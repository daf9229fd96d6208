//! Inventory over a real database: each call as its server gets it, without the network.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod custody;
mod invariants;
mod items;
mod prices;
mod queue;
mod shipments;
mod slips;
mod support;
mod tenancy;
