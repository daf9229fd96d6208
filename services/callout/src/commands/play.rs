//! `callout play`.

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use callout::{
    local::{Local, ORGANIZATION},
    settings::Settings,
};
use callout_devdb::Data;
use callout_kit::telemetry;
use callout_testkit::{
    scenario::{self, Format, Reporter, Target},
    trace,
};
use clap::Args;
use secrecy::SecretString;
use tonic::transport::Endpoint;

/// Plays scenarios against a suite, each in a sandbox of its own; against one that it starts itself when none is named.
#[derive(Debug, Args)]
pub struct Play {
    /// Scenario files, or folders of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// One JSON object a scenario instead of a line for people.
    #[arg(long)]
    json: bool,
    /// A running suite, `http://host:port`; needs `--token`.
    #[arg(long, requires = "token", value_name = "URL")]
    address: Option<String>,
    /// A token of an administrator of the organisation in which the sandboxes are opened.
    #[arg(long, env = "CALLOUT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    /// That organisation.
    #[arg(long, default_value = ORGANIZATION, value_name = "ID")]
    organization: String,
    /// How many scenarios are played at once.
    #[arg(long, default_value_t = 4, value_name = "N")]
    parallel: usize,
    /// File to which the spans are appended, for `callout trace`.
    #[arg(long, value_name = "FILE")]
    spans: Option<PathBuf>,
}

impl Play {
    /// Plays, and fails when a scenario does.
    pub async fn run(self) -> Result<ExitCode> {
        let scenarios = scenario::read(&self.files).map_err(|problems| anyhow::anyhow!("{problems}"))?;
        let mut settings = Settings::default();
        settings.telemetry.filter = "error".to_owned();
        settings.telemetry.span_file = self.spans.clone();
        settings.server.drain_delay_ms = 0;
        let _telemetry = telemetry::init(&settings.telemetry)?;
        let (local, url, token) = match (&self.address, &self.token) {
            (Some(address), Some(token)) => (None, address.clone(), SecretString::from(token.clone())),
            _ => {
                if io::stderr().is_terminal() && !self.json {
                    super::note("starting a suite of its own …");
                }
                let local = Local::start(&Data::Temporary, &settings).await?;
                let (url, token) = (local.url(), local.token("administrator", &["administrator"])?);
                (Some(local), url, token)
            }
        };
        let channel =
            Endpoint::from_shared(url.clone()).with_context(|| format!("{url} is no address"))?.connect_lazy();
        let target = Target::new(channel, format!("organizations/{}", self.organization), token);
        let format = if self.json { Format::Json } else { Format::Text };
        let mut reporter = Reporter::new(format, io::stdout());
        let summary = scenario::play(&target, &scenarios, self.parallel, &mut reporter).await?;
        if let Some(file) = &self.spans {
            for outcome in &summary.outcomes {
                trace::append(file, &outcome.spans)?;
            }
        }
        if let Some(local) = local {
            local.shutdown().await?;
        }
        Ok(if summary.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
