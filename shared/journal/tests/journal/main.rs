//! The journal against a real PostgreSQL, through its public interface.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod backlog;
mod commands;
mod feed;
mod follower;
mod metrics;
mod migration;
mod numbers;
mod settling;
mod support;
mod tenancy;
mod timers;
