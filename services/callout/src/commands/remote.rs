//! A running suite, and who calls it: what every command asks for that calls one.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use callout::local::ORGANIZATION;
use clap::Args;
use secrecy::SecretString;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

/// How long a suite may take to be reached, far away and behind a proxy.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Where the suite answers, and as whom it is called.
#[derive(Debug, Args)]
pub struct Remote {
    /// A running suite, `http(s)://host:port`; needs `--token`.
    #[arg(long, requires = "token", value_name = "URL")]
    address: Option<String>,
    /// The authority (PEM) that signed the certificate of a suite at an https address.
    #[arg(long, requires = "address", value_name = "FILE")]
    ca: Option<PathBuf>,
    /// A token of an administrator of the organisation; to rehearse, that of an approver will do.
    #[arg(long, env = "CALLOUT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    /// The organisation: the one in which sandboxes are opened, or that is looked at.
    #[arg(long, default_value = ORGANIZATION, value_name = "ID")]
    organization: String,
}

impl Remote {
    /// The address and the token of the suite that was named, if one was.
    pub fn named(&self) -> Option<(String, SecretString)> {
        Some((self.address.clone()?, SecretString::from(self.token.clone()?)))
    }

    /// `organizations/{org}`.
    pub fn organization(&self) -> String {
        format!("organizations/{}", self.organization)
    }

    /// Connects now rather than with the first call: else each call would fail for the same reason.
    pub async fn connect(&self, url: &str) -> Result<Channel> {
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
