//! `callout up`.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Result;
use callout::{
    local::{Local, ORGANIZATION},
    settings::Settings,
};
use callout_devdb::Data;
use callout_kit::{settings::LogFormat, telemetry};
use clap::Args;
use secrecy::ExposeSecret as _;

use super::{say, serve::exit_code};

/// Starts the whole suite on this machine with a private PostgreSQL, prints where it is and tokens to call it with.
#[derive(Debug, Args)]
pub struct Up {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:50051", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Folder in which the database is kept; without it, it is gone when the suite stops.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// File to which each span is appended, for `callout trace`.
    #[arg(long, value_name = "FILE")]
    spans: Option<PathBuf>,
}

impl Up {
    /// Stays up until a signal.
    pub async fn run(self) -> Result<ExitCode> {
        let mut settings = Settings::default();
        settings.server.listen = self.listen;
        settings.server.reflection = true;
        settings.server.drain_delay_ms = 0;
        settings.telemetry.log = LogFormat::Text;
        settings.telemetry.filter = "warn".to_owned();
        settings.telemetry.span_file = self.spans;
        let _telemetry = telemetry::init(&settings.telemetry)?;
        let data = self.data.map_or(Data::Temporary, Data::Kept);
        let local = Local::start(&data, &settings).await?;
        say(&format!("the suite listens on {}", local.url()));
        say(&format!("tokens of organisation {ORGANIZATION}, good for twelve hours:"));
        for role in ["administrator", "desk", "engineer", "warehouse", "finance", "approver", "viewer"] {
            say(&format!("  {role:<14} {}", local.token(role, &[role])?.expose_secret()));
        }
        exit_code(local.run_until_signal().await)
    }
}
