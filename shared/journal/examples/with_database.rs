//! Runs a command beside a private PostgreSQL that has the schemas of all services, and ends it with the command.
//!
//! `cargo run -p callout-journal --example with_database -- COMMAND …` is for whoever changes a statement: the macros of
//! sqlx check it against the database in `DATABASE_URL`. The migrations are read from the folders, not from the crates,
//! which cannot be built before their statements are right.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result};
use callout_devdb::{Data, Server};
use callout_journal::{Service, migrate};
use sqlx::migrate::Migrator;
use tokio::process::Command;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().context("say which command to run: with_database -- COMMAND ARGUMENT…")?;
    let server = Server::start(&Data::Temporary).await?;
    server.ensure_database("callout").await?;
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    for service in Service::ALL {
        let folder = services.join(service.schema()).join("migrations");
        let migrations = Migrator::new(folder).await?;
        migrate(&server.options("callout"), service, &migrations, "unused").await?;
    }
    let status = Command::new(program).args(arguments).env("DATABASE_URL", server.url("callout")).status().await?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
