//! `callout up`.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use callout::local::{Local, ORGANIZATION};
use callout_devdb::Data;
use callout_kit::telemetry;
use callout_regulation::Library;
use clap::Args;
use secrecy::ExposeSecret as _;

use super::serve::exit_code;
use crate::terminal::{progress, say};

/// Starts the whole suite on this machine with a private PostgreSQL, prints where it is and tokens to call it with.
///
/// Stays up until Ctrl-C. Server reflection is on, so that generic clients need no proto files. Where `DATABASE_URL` is set,
/// the PostgreSQL that it names is used instead of a private one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  callout up --data ./callout-data --spans callout-spans.jsonl
  grpcurl -plaintext -H \"authorization: Bearer $TOKEN\" -d '{\"name\": \"organizations/demo\"}' \\
    127.0.0.1:50051 callout.intake.v1.Organizations/GetOrganization")]
pub struct Up {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:50051", value_name = "IP:PORT")]
    listen: SocketAddr,
    /// Folder in which the database is kept; without it, it is gone when the suite stops.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The regulation by which the organisation works, `PACK@REVISION`; the first built-in one unless named.
    #[arg(long, value_name = "PACK@REVISION")]
    regulation: Option<String>,
    /// File to which each span is appended, for `callout trace`.
    #[arg(long, value_name = "FILE")]
    spans: Option<PathBuf>,
}

impl Up {
    /// Stays up until a signal.
    pub async fn run(self) -> Result<ExitCode> {
        let mut settings = super::of_this_machine("warn", self.spans);
        settings.server.listen = self.listen;
        settings.server.reflection = true;
        let _telemetry = telemetry::init(&settings.telemetry)?;
        let library = Library::built_in().map_err(|problems| anyhow::anyhow!("{problems}"))?;
        let regulation = match &self.regulation {
            Some(named) => library.named(named),
            None => library.iter().next(),
        };
        let known = || library.iter().map(|regulation| regulation.revision()).collect::<Vec<_>>().join(", ");
        let regulation =
            regulation.with_context(|| format!("there is no such regulation; built in are {}", known()))?;

        let data = self.data.map_or(Data::Temporary, Data::Kept);
        progress("starting PostgreSQL and the four services …");
        let local = Local::start(&data, &settings).await?;
        if let Err(fault) = local.take_in(Some(regulation)).await {
            local.shutdown().await?;
            return Err(fault);
        }
        say(&format!("organisation {ORGANIZATION} works by {}", regulation.revision()))?;
        say(&format!("the suite listens on {}", local.url()))?;
        say(&format!("tokens of organisation {ORGANIZATION}, good for twelve hours:"))?;
        for role in ["administrator", "desk", "engineer", "warehouse", "finance", "approver", "viewer"] {
            say(&format!("  {role:<14} {}", local.token(role, &[role])?.expose_secret()))?;
        }
        progress("Ctrl-C stops it.");
        exit_code(local.run_until_signal().await)
    }
}
