//! Intake over a real database, called over gRPC as its callers call it; stand-ins answer for the other services.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod cases;
mod customers;
mod dispatching;
mod invariants;
mod limits;
mod organizations;
mod others;
mod products;
mod rates;
mod sandboxes;
mod support;
mod tenancy;
mod told;
mod verdicts;
