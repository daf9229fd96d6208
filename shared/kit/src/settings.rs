//! Settings: read once at the start, from defaults, then a file, then the environment.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use config::{Config, Environment, File, FileFormat};
use serde::{Deserialize, de::DeserializeOwned};

/// The beginning of every environment variable that is a setting: `CALLOUT__SERVER__LISTEN` is `server.listen`.
pub const PREFIX: &str = "CALLOUT";

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A key is unknown or a value has the wrong form; the message names key and source.
    #[error("the settings cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// A value is out of range.
    #[error("setting `{key}` {fault}")]
    Wrong {
        /// Path of the setting.
        key: &'static str,
        /// What is wrong with it and what would be right.
        fault: &'static str,
    },
}

/// Settings that know when their values make no sense.
pub trait Validate {
    /// # Errors
    /// [`Error::Wrong`] for the first value that is out of range.
    fn validate(&self) -> Result<(), Error>;
}

/// Reads settings from `file` (TOML), if any, and the environment, which has the last word, and validates them.
///
/// `T` gives the defaults (`#[serde(default)]`) and refuses unknown keys (`#[serde(deny_unknown_fields)]`).
///
/// # Errors
/// [`Error::Unreadable`] for a file that cannot be read, an unknown key or a value of the wrong form; [`Error::Wrong`]
/// for one that is out of range.
pub fn load<T: DeserializeOwned + Validate>(file: Option<&std::path::Path>) -> Result<T, Error> {
    from_sources(file, std::env::vars())
}

fn from_sources<T>(
    file: Option<&std::path::Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<T, Error>
where
    T: DeserializeOwned + Validate,
{
    let mut sources = Config::builder();
    if let Some(file) = file {
        sources = sources.add_source(File::from(file).format(FileFormat::Toml));
    }
    // Values stay strings here and become what the struct asks for: a password of digits keeps its zeros.
    let variables = Environment::with_prefix(PREFIX)
        .prefix_separator("__")
        .separator("__")
        .source(Some(environment.into_iter().collect()));
    let settings: T = sources.add_source(variables).build()?.try_deserialize()?;
    settings.validate()?;
    Ok(settings)
}

/// How a server listens and what it bears.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address of the port that serves the methods; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Address of a second, plaintext port with health and nothing else, for probes that speak no TLS.
    pub probe: Option<SocketAddr>,
    /// Certificates; none serves plaintext.
    pub tls: Option<Tls>,
    /// Calls that may be under way in the process at once; more are refused. Too many, and all of them run into their
    /// deadlines; too few, and work is refused that could have been done. What waits, waits: of a process that does 1,000
    /// calls a second, the last of 128 are answered after an eighth of a second.
    pub concurrent_calls: usize,
    /// Streams that may be open in the process at once, apart from the calls.
    pub concurrent_streams: usize,
    /// Life of a stream whose caller set no deadline; its reader goes on from its cursor, perhaps at another replica.
    /// Too long, and new replicas stay idle; too short, and readers are busy with opening streams.
    pub stream_lifetime_ms: u64,
    /// Age at which a connection is told to go, give or take a fifth. Clients look a name up again when a connection ends,
    /// and no more often than every 30 seconds: longer, and they find new replicas late; shorter, and they shake hands often
    /// and find them no sooner.
    pub connection_age_ms: u64,
    /// Time for a call whose caller set no deadline. Too long, and a stuck call holds its place; too short, and slow
    /// reports fail.
    pub default_deadline_ms: u64,
    /// Time between `NOT_SERVING` and closing the port. Shorter than the balancers' probe period plus DNS lifetime,
    /// and calls still arrive at a closed port.
    pub drain_delay_ms: u64,
    /// Time for the calls under way to end. Longer, with the delay before it, than the orchestrator waits before it kills (30 s
    /// unless told otherwise), and they are cut off.
    pub drain_limit_ms: u64,
    /// Whether anybody may ask for the descriptors; administrators always may.
    pub reflection: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            probe: None,
            tls: None,
            concurrent_calls: 128,
            concurrent_streams: 1_024,
            stream_lifetime_ms: 300_000,
            connection_age_ms: 30_000,
            default_deadline_ms: 10_000,
            drain_delay_ms: 10_000,
            drain_limit_ms: 15_000,
            reflection: false,
        }
    }
}

impl Validate for Server {
    fn validate(&self) -> Result<(), Error> {
        if self.concurrent_calls == 0 || self.concurrent_streams == 0 {
            return Err(Error::Wrong { key: "server.concurrent_calls", fault: "is 0: nothing would be served" });
        }
        if !(100..=86_400_000).contains(&self.stream_lifetime_ms) {
            return Err(Error::Wrong { key: "server.stream_lifetime_ms", fault: "must be 100 to 86400000" });
        }
        if !(100..=86_400_000).contains(&self.connection_age_ms) {
            return Err(Error::Wrong { key: "server.connection_age_ms", fault: "must be 100 to 86400000" });
        }
        if !(100..=600_000).contains(&self.default_deadline_ms) {
            return Err(Error::Wrong { key: "server.default_deadline_ms", fault: "must be 100 to 600000" });
        }
        if self.drain_limit_ms > 600_000 || self.drain_delay_ms > 600_000 {
            return Err(Error::Wrong { key: "server.drain_*_ms", fault: "must be at most 600000" });
        }
        Ok(())
    }
}

/// Files in PEM form that make one side of a TLS connection. Each new connection goes by what they hold then.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate chain, leaf first.
    pub certificate: PathBuf,
    /// Its private key, PKCS#8.
    pub key: PathBuf,
    /// Authorities whose certificates the other side must show; a server without them asks for none.
    #[serde(default)]
    pub authorities: Option<PathBuf>,
}

/// Whose tokens are accepted, and how the service identifies itself to the others.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// Issuer of the callers' tokens, the `iss` claim.
    pub issuer: Option<Issuer>,
    /// Issuer of the services' own tokens; the only one whose `service` claim is believed.
    pub services: Option<Issuer>,
    /// Key that signs this service's tokens: Ed25519, PKCS#8 PEM. Its public half is in the services' key set.
    pub service_key: Option<PathBuf>,
    /// Id of that key in the key set.
    pub service_key_id: Option<String>,
    /// Issuer of the tokens of sandboxes: never believed for a live organisation or for a service.
    pub sandboxes: Option<Issuer>,
    /// Key by which intake signs the tokens of sandboxes: Ed25519, PKCS#8 PEM. Its public half is in the sandboxes' key
    /// set. Without it intake issues none.
    pub sandbox_key: Option<PathBuf>,
    /// Id of that key in the key set.
    pub sandbox_key_id: Option<String>,
}

impl Validate for Identity {
    fn validate(&self) -> Result<(), Error> {
        let named = |issuer: &Option<Issuer>| issuer.as_ref().map(|issuer| issuer.name.clone());
        let (callers, services, sandboxes) = (named(&self.issuer), named(&self.services), named(&self.sandboxes));
        if callers.is_some() && callers == services {
            return Err(Error::Wrong {
                key: "identity.services.name",
                fault: "is also the callers' issuer: any caller could pass for a service",
            });
        }
        if sandboxes.is_some() && [callers, services].contains(&sandboxes) {
            return Err(Error::Wrong {
                key: "identity.sandboxes.name",
                fault: "is also another issuer: a token of a sandbox could pass for one that is good elsewhere",
            });
        }
        if self.service_key.is_some() && (self.service_key_id.is_none() || self.services.is_none()) {
            return Err(Error::Wrong {
                key: "identity.service_key",
                fault: "needs `identity.service_key_id` and `identity.services`",
            });
        }
        if self.sandbox_key.is_some() && (self.sandbox_key_id.is_none() || self.sandboxes.is_none()) {
            return Err(Error::Wrong {
                key: "identity.sandbox_key",
                fault: "needs `identity.sandbox_key_id` and `identity.sandboxes`",
            });
        }
        Ok(())
    }
}

/// One issuer of tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Its name, the `iss` claim.
    pub name: String,
    /// Its public keys, a JWKS file; read again when it changes.
    pub keys: PathBuf,
}

/// Where the other services are, and how patient we are with them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Client {
    /// Time for one call when the caller's own deadline leaves more.
    pub default_deadline_ms: u64,
    /// Time to open a connection. Too long, and a dead address holds a call; too short, and a busy peer looks dead.
    pub connect_timeout_ms: u64,
    /// Time between two look-ups of the addresses behind a name.
    pub resolve_interval_ms: u64,
    /// Time an address stays out after three failures in a row, before it is tried again.
    pub ejection_ms: u64,
    /// Client certificate and the authorities by which servers are checked; `https` without it trusts nobody.
    pub tls: Option<Tls>,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            default_deadline_ms: 5_000,
            connect_timeout_ms: 1_000,
            resolve_interval_ms: 5_000,
            ejection_ms: 5_000,
            tls: None,
        }
    }
}

impl Validate for Client {
    fn validate(&self) -> Result<(), Error> {
        let spans = [self.default_deadline_ms, self.connect_timeout_ms, self.resolve_interval_ms, self.ejection_ms];
        if spans.iter().any(|span| !(10..=600_000).contains(span)) {
            return Err(Error::Wrong { key: "client.*_ms", fault: "must be 10 to 600000" });
        }
        Ok(())
    }
}

/// What is told about the work of the process, and where.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Form of the log lines on standard error.
    pub log: LogFormat,
    /// Which messages are logged, such as `info,callout_dispatch=debug`.
    pub filter: String,
    /// Which spans are exported, in the same form; a quiet log takes nothing from the traces.
    pub span_filter: String,
    /// OTLP/gRPC endpoint for spans and metrics, such as `http://collector:4317`.
    pub otlp_endpoint: Option<String>,
    /// Headers sent to that endpoint; their values are secrets.
    pub otlp_headers: BTreeMap<String, secrecy::SecretString>,
    /// File to which each finished span is appended, one JSON object a line.
    pub span_file: Option<PathBuf>,
    /// Traces that are kept, in percent of those that begin here; a caller's decision is followed.
    pub sample_percent: u8,
}

/// Form of the log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people at a terminal.
    Text,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            log: LogFormat::Json,
            filter: "info".to_owned(),
            span_filter: "info".to_owned(),
            otlp_endpoint: None,
            otlp_headers: BTreeMap::new(),
            span_file: None,
            sample_percent: 100,
        }
    }
}

impl Validate for Telemetry {
    fn validate(&self) -> Result<(), Error> {
        if self.sample_percent > 100 {
            return Err(Error::Wrong { key: "telemetry.sample_percent", fault: "must be 0 to 100" });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use secrecy::{ExposeSecret, SecretString};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Settings {
        server: Server,
        password: SecretString,
    }

    impl Default for Settings {
        fn default() -> Self {
            Self { server: Server::default(), password: SecretString::from("none") }
        }
    }

    impl Validate for Settings {
        fn validate(&self) -> Result<(), Error> {
            self.server.validate()
        }
    }

    fn read(file: Option<&Path>, environment: &[(&str, &str)]) -> Result<Settings, Error> {
        from_sources(file, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_environment_overrides_the_file_and_the_file_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("callout.toml");
        fs::write(&file, "[server]\nconcurrent_calls = 7\ndrain_limit_ms = 1000\n").unwrap();
        let settings = read(Some(&file), &[("CALLOUT__SERVER__CONCURRENT_CALLS", "9"), ("PATH", "/bin")]).unwrap();
        assert_eq!(settings.server.concurrent_calls, 9);
        assert_eq!(settings.server.drain_limit_ms, 1000);
        assert_eq!(settings.server.default_deadline_ms, 10_000);
    }

    #[test]
    fn an_unknown_key_is_refused_by_name_wherever_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("callout.toml");
        fs::write(&file, "[server]\nport = 7\n").unwrap();
        let fault = read(Some(&file), &[]).unwrap_err().to_string();
        assert!(fault.contains("port"), "{fault}");
        let fault = read(None, &[("CALLOUT__SERVER__PORT", "1")]).unwrap_err().to_string();
        assert!(fault.contains("port"), "{fault}");
    }

    #[test]
    fn a_secret_of_digits_keeps_its_zeros_and_is_not_printed() {
        let settings = read(None, &[("CALLOUT__PASSWORD", "007")]).unwrap();
        assert_eq!(settings.password.expose_secret(), "007");
        assert!(!format!("{settings:?}").contains("007"));
    }

    #[test]
    fn a_value_out_of_range_is_refused() {
        let fault = read(None, &[("CALLOUT__SERVER__CONCURRENT_CALLS", "0")]).unwrap_err();
        assert!(matches!(fault, Error::Wrong { key: "server.concurrent_calls", .. }));
    }
}
