//! What the binary can be told to do, a file each.

pub mod check;
pub mod demo;
pub mod migrate;
pub mod pack;
pub mod play;
mod remote;
pub mod serve;
pub mod trace;
pub mod up;

use std::path::PathBuf;

use callout::settings::Settings;
use callout_kit::settings::{LogFormat, Server, Telemetry};

/// Settings of a suite on this machine that writes to the same terminal as the command: it says what is as bad as
/// `filter`, and when it stops nobody has to be sent elsewhere first.
fn of_this_machine(filter: &str, span_file: Option<PathBuf>) -> Settings {
    Settings {
        server: Server { drain_delay_ms: 0, ..Server::default() },
        telemetry: Telemetry { log: LogFormat::Text, filter: filter.to_owned(), span_file, ..Telemetry::default() },
        ..Settings::default()
    }
}
