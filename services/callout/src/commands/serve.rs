//! `callout serve`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use callout::{
    settings,
    suite::{Suite, Trust},
};
use callout_journal::Service;
use callout_kit::{
    server::{Ended, run_until_signal},
    telemetry,
};
use clap::{Args, ValueEnum};

/// Serves services of the suite on one port, stateless: any number of replicas.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  callout serve intake --settings /etc/callout/settings.toml
  callout serve intake dispatch inventory evaluation

Settings come from defaults, then the file, then the environment; a key that nobody knows is an error.
deploy/callout.toml has them all. `callout migrate` comes first.

Callers bring a JWT of the issuer that is set, with the claims iss, sub, aud (callout), iat, nbf, exp,
org (the id of their organisation) and roles; agency, if they are of one.")]
pub struct Serve {
    /// Which services; several share the process and the port.
    #[arg(required = true, value_enum)]
    services: Vec<Name>,
    /// Settings (TOML). The environment has the last word: `CALLOUT__SERVER__LISTEN` is `server.listen`.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    /// Who called, what for, and what they are entitled to.
    Intake,
    /// Who goes, when, and what was done.
    Dispatch,
    /// What is where, and who answers for it.
    Inventory,
    /// How well it was done, and what follows.
    Evaluation,
}

impl From<Name> for Service {
    fn from(name: Name) -> Self {
        match name {
            Name::Intake => Self::Intake,
            Name::Dispatch => Self::Dispatch,
            Name::Inventory => Self::Inventory,
            Name::Evaluation => Self::Evaluation,
        }
    }
}

impl Serve {
    /// Serves until a signal.
    pub async fn run(self) -> Result<ExitCode> {
        let settings = settings::load(self.settings.as_deref())?;
        let _telemetry = telemetry::init(&settings.telemetry)?;
        let mut services: Vec<Service> = self.services.into_iter().map(Service::from).collect();
        services.dedup();
        let suite = Suite::start(&settings, &services, &Trust::of(&settings)?).await?;
        let (running, workers) = suite.into_parts();
        let ended = run_until_signal(vec![running]).await;
        workers.stop().await;
        exit_code(ended)
    }
}

/// Only an orderly end is a success.
pub fn exit_code(ended: Ended) -> Result<ExitCode> {
    match ended {
        Ended::InOrder => Ok(ExitCode::SUCCESS),
        Ended::AtOnce => Ok(ExitCode::FAILURE),
        Ended::Failed(fault) => Err(fault),
    }
}
