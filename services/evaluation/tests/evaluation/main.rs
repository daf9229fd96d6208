//! Evaluation over a real database: what it does with what it is told, and what its tables guarantee.
//!
//! Calls are made on the generated traits with a caller made by hand; events come as the feeds of the others would bring
//! them. What needs another service to answer is proved with the whole suite.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod agreements;
mod claims;
mod contractor;
mod customers;
mod duties;
mod enterprise;
mod findings;
mod incidents;
mod ledger;
mod performance;
mod rates;
mod scorecards;
mod settlements;
mod support;
mod tables;
mod volumes;
