//! `callout check`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result, ensure};
use callout::{
    invariants::{self, When},
    settings,
};
use clap::Args;
use secrecy::ExposeSecret as _;
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};

use crate::terminal::{progress, say};

/// Looks in the database for anything that goes against what must always hold: no case is lost, nobody is in two places,
/// stock is conserved, what was told had its effect once.
///
/// Changes nothing. Fails when something is found.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  CALLOUT__DATABASE__URL=postgres://superuser@db/callout callout check
  callout check --at-rest     # while nobody calls and the backlogs are empty
  callout check --list        # what is looked for")]
pub struct Check {
    /// Settings (TOML); `database.url` names a role that row level security does not bind.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Looks for what must hold only when nothing is under way, too.
    #[arg(long)]
    at_rest: bool,
    /// Says what is looked for, and looks for nothing.
    #[arg(long)]
    list: bool,
}

impl Check {
    /// Looks, and fails when something is found.
    pub async fn run(self) -> Result<ExitCode> {
        if self.list {
            for invariant in invariants::all() {
                let when = if invariant.when == When::AtRest { " (at rest)" } else { "" };
                say(&format!("{:<28} {}{when}", invariant.name, invariant.says))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let settings = settings::load(self.settings.as_deref())?;
        let url = settings.database.url.expose_secret();
        ensure!(!url.is_empty(), "set database.url (CALLOUT__DATABASE__URL)");
        let options: PgConnectOptions = url.parse().ok().context("database.url is no PostgreSQL address")?;
        let mut connection = options.connect().await.context("the database cannot be reached")?;
        let asked = invariants::all().filter(|invariant| self.at_rest || invariant.when == When::Always).count();
        progress(&format!("looking for what goes against {asked} invariants …"));
        let found = invariants::check(&mut connection, self.at_rest).await?;
        for violation in &found {
            let organization = if violation.organization.is_empty() {
                String::new()
            } else {
                format!("organizations/{}/", violation.organization.trim_start_matches("organizations/"))
            };
            let subject = violation.subject.trim_start_matches(&organization);
            say(&format!("{}: {organization}{subject}: {}", violation.invariant, violation.what))?;
        }
        say(&format!("{asked} invariants looked for, {} violations", found.len()))?;
        Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
