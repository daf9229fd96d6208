//! `callout migrate`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Result, ensure};
use callout::{settings, suite};
use clap::Args;
use secrecy::ExposeSecret as _;

use crate::terminal::say;

/// Brings the database to where this release expects it: schemas, roles and migrations of the four services.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  CALLOUT__DATABASE__URL=postgres://owner@db/callout CALLOUT__DATABASE__PASSWORD=… callout migrate")]
pub struct Migrate {
    /// Settings (TOML); `database.url` names the owner of the schemas, `database.password` is set for the services' roles.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

impl Migrate {
    /// Migrates. Running it again, or twice at once, does no harm.
    pub async fn run(self) -> Result<ExitCode> {
        let settings = settings::load(self.settings.as_deref())?;
        // An empty one would take from the roles the password that they have.
        ensure!(
            !settings.database.password.expose_secret().is_empty(),
            "set database.password (CALLOUT__DATABASE__PASSWORD): the services log in with it"
        );
        suite::migrate_all(&settings).await?;
        say("the schemas of intake, dispatch, inventory and evaluation are up to date")?;
        Ok(ExitCode::SUCCESS)
    }
}
