//! `callout play`.

use std::{fs, io, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, Result, ensure};
use callout::local::{Local, ORGANIZATION};
use callout_devdb::Data;
use callout_kit::telemetry;
use callout_testkit::{
    scenario::{self, Format, Reporter, Target},
    trace,
};
use clap::Args;
use secrecy::SecretString;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use crate::terminal::progress;

/// How long a suite may take to be reached, far away and behind a proxy.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Plays scenarios against a suite, each in a sandbox of its own; against one that it starts itself when none is named.
///
/// Prints a line for each, what went wrong with the id of its trace, and the sum at the end; fails when a scenario does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  callout play tests/scenarios
  callout play tests/scenarios/R01/s08-loan-slip-to-zero.yaml --spans callout-spans.jsonl
  CALLOUT_TOKEN=… callout play tests/scenarios --address http://callout:50051 --organization acme")]
pub struct Play {
    /// Scenario files, or folders of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// One JSON object a scenario instead of a line for people.
    #[arg(long)]
    json: bool,
    /// A running suite, `http(s)://host:port`; needs `--token`.
    #[arg(long, requires = "token", value_name = "URL")]
    address: Option<String>,
    /// The authority (PEM) that signed the certificate of a suite at an https address.
    #[arg(long, requires = "address", value_name = "FILE")]
    ca: Option<PathBuf>,
    /// A token of an administrator of the organisation in which the sandboxes are opened.
    #[arg(long, env = "CALLOUT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    /// That organisation.
    #[arg(long, default_value = ORGANIZATION, value_name = "ID")]
    organization: String,
    /// How many scenarios are played at once.
    #[arg(long, short, default_value_t = 4, value_name = "N")]
    jobs: usize,
    /// File to which the spans are appended, for `callout trace`.
    #[arg(long, value_name = "FILE")]
    spans: Option<PathBuf>,
}

impl Play {
    /// Plays, and fails when a scenario does.
    pub async fn run(self) -> Result<ExitCode> {
        let scenarios = scenario::read(&self.files)?;
        ensure!(!scenarios.is_empty(), "there is no scenario in what was named");
        let settings = super::of_this_machine("error", self.spans.clone());
        let _telemetry = telemetry::init(&settings.telemetry)?;
        let (local, url, token) = if let (Some(address), Some(token)) = (&self.address, &self.token) {
            (None, address.clone(), SecretString::from(token.clone()))
        } else {
            progress("starting PostgreSQL and the four services …");
            let local = Local::start(&Data::Temporary, &settings).await?;
            let (url, token) = (local.url(), local.token("administrator", &["administrator"])?);
            (Some(local), url, token)
        };
        let channel = self.connect(&url).await?;
        let target = Target::new(channel, format!("organizations/{}", self.organization), token);
        let format = if self.json { Format::Json } else { Format::Text };
        let mut reporter = Reporter::new(format, io::stdout());
        let summary = scenario::play(&target, &scenarios, self.jobs, &mut reporter).await?;
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

    /// Connects now rather than with the first call: else each scenario would fail for the same reason.
    async fn connect(&self, url: &str) -> Result<Channel> {
        let mut endpoint = Endpoint::from_shared(url.to_owned()).with_context(|| format!("{url} is no address"))?;
        ensure!(endpoint.uri().scheme().is_some(), "{url} is no address: it lacks `http://` or `https://`");
        if endpoint.uri().scheme_str() == Some("https") {
            let ca = self.ca.as_ref().context("an https address needs `--ca`")?;
            let pem = fs::read(ca).with_context(|| format!("{} cannot be read", ca.display()))?;
            endpoint = endpoint.tls_config(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)))?;
        }
        let connected = endpoint.connect_timeout(CONNECT_LIMIT).connect().await;
        connected.with_context(|| format!("no suite answers at {url}"))
    }
}
