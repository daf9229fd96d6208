//! What every service of the suite stands on: one way to start, to serve, to call, to fail and to be watched.

pub mod caller;
pub mod error;
pub mod parse;
pub mod permissions;
pub mod settings;
pub mod text;

pub use caller::Caller;
pub use error::{Error, FieldViolation, Refusal, Violations};
pub use text::{Language, Text};
