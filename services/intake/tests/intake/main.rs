//! Intake over a real database, called over gRPC as its callers call it, with the other three services behind it.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod cases;
mod customers;
mod dispatching;
mod fields;
mod invariants;
mod limits;
mod organizations;
mod products;
mod rates;
mod sandboxes;
mod support;
mod tenancy;
mod told;
mod verdicts;
