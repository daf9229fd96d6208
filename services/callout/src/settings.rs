//! The settings of a process of the suite.

use callout_kit::settings::{self, Client, Error, Identity, Server, Telemetry, Validate};
use secrecy::SecretString;
use serde::Deserialize;

/// Everything that can be set, by file (TOML) and environment (`CALLOUT__DATABASE__URL`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How the process listens and what it bears.
    pub server: Server,
    /// Whose tokens are accepted, and how services know one another.
    pub identity: Identity,
    /// How patient the services are with one another.
    pub client: Client,
    /// What is told about the work of the process.
    pub telemetry: Telemetry,
    /// Where the data is.
    pub database: Database,
    /// Where the other services are.
    pub peers: Addresses,
}

impl Validate for Settings {
    fn validate(&self) -> Result<(), Error> {
        self.server.validate()?;
        self.identity.validate()?;
        self.client.validate()?;
        self.telemetry.validate()?;
        self.database.validate()
    }
}

/// Where the data is.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// Address of the database, `postgres://host:port/name`. Each service logs in under its own role; the user of the
    /// address is the owner of the schemas, whom `callout migrate` alone uses.
    pub url: SecretString,
    /// Password of the services' roles; set by `callout migrate`.
    pub password: SecretString,
    /// Connections of each service: 2 × cores + 1 is a good number. All replicas of all services together must stay
    /// below the server's `max_connections`.
    pub max_connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: SecretString::from(""), password: SecretString::from(""), max_connections: 5 }
    }
}

impl Validate for Database {
    fn validate(&self) -> Result<(), Error> {
        if self.max_connections < 2 {
            return Err(Error::Wrong {
                key: "database.max_connections",
                fault: "must be 2 or more: a service that follows the others needs one beside its calls",
            });
        }
        Ok(())
    }
}

/// Where the four services are, each `http(s)://name:port`; all may be the same.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Addresses {
    /// Intake.
    pub intake: String,
    /// Dispatch.
    pub dispatch: String,
    /// Inventory.
    pub inventory: String,
    /// Evaluation.
    pub evaluation: String,
}

impl Addresses {
    /// All four at one address.
    #[must_use]
    pub fn all_at(address: &str) -> Self {
        let address = address.to_owned();
        Self { intake: address.clone(), dispatch: address.clone(), inventory: address.clone(), evaluation: address }
    }
}

impl Default for Addresses {
    fn default() -> Self {
        Self {
            intake: "http://intake:50051".to_owned(),
            dispatch: "http://dispatch:50051".to_owned(),
            inventory: "http://inventory:50051".to_owned(),
            evaluation: "http://evaluation:50051".to_owned(),
        }
    }
}

/// Reads the settings of the process.
///
/// # Errors
/// As [`settings::load`].
pub fn load(file: Option<&std::path::Path>) -> Result<Settings, Error> {
    settings::load(file)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_example_that_is_deployed_with_the_suite_can_be_read() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/callout.toml");
        let settings = load(Some(&example)).unwrap();
        assert_eq!(settings.server.listen.port(), 50051);
        assert_eq!(settings.peers.dispatch, Addresses::default().dispatch);
    }

    #[test]
    fn the_example_shows_what_holds_without_it() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/callout.toml");
        let (shown, absent) = (load(Some(&example)).unwrap(), Settings::default());
        // Where it listens is a place of the deployment.
        let server = Server { listen: absent.server.listen, probe: absent.server.probe, ..shown.server };
        assert_eq!(format!("{server:?}"), format!("{:?}", absent.server));
        assert_eq!(format!("{:?}", shown.client), format!("{:?}", absent.client));
        assert_eq!(format!("{:?}", shown.database), format!("{:?}", absent.database));
    }
}
