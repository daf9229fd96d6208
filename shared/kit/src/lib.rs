//! What every service of the suite stands on: one way to start, to serve, to call, to fail and to be watched.

pub mod attributes;
mod body;
pub mod call;
pub mod caller;
mod certificates;
pub mod client;
pub mod clock;
pub mod deadline;
pub mod error;
mod file;
pub mod identity;
mod method;
pub mod metrics;
pub mod parse;
pub mod permissions;
pub mod server;
pub mod settings;
pub mod telemetry;
pub mod text;

pub use call::Call;
pub use caller::Caller;
pub use error::{Error, FieldViolation, Refusal, Violations};
pub use method::PolicyOf;
pub use text::{Language, Text};
