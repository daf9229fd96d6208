//! The kit as its users see it: real servers on loopback, called by real clients.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calling;
mod dashboard;
mod identity;
mod metrics;
mod refusing;
mod serving;
mod stopping;
mod support;
mod tls;
mod tracing;
