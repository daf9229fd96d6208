//! Packs as their authors and the services meet them.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod broken;
mod broken_scores;
mod chains;
mod expressions;
mod fixtures;
mod generated;
mod mistakes;
mod r01_after_the_visit;
mod r01_coverage;
mod r01_stock;
mod r01_variant;
mod r01_visits;
mod r13_stock;
mod r13_work;
mod r19_appliances;
mod r20_complaints;
mod r22_archives;
mod r22_settlements;
mod r26_scores;
mod r31_service;
mod readme;
mod revisions;
