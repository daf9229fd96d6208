//! Where a test plays: a database of its own, and one or more replicas of the suite on it.

use callout::{
    settings::Settings,
    suite::{Suite, Trust, migrate_all},
};
use callout_devdb::{Database, shared_for_tests};
use callout_journal::Service;
use callout_kit::{Caller, clock, identity::DevelopmentIssuer, telemetry::MetricCollector};
use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::client::Client;

/// The migrated database of which every test gets a copy.
const TEMPLATE: &str = "callout_suite";

/// The password of the services' roles, which the server has and not the database: the same for all tests.
pub const PASSWORD: &str = "only-for-tests";

/// A running suite and the database behind it.
pub struct Stage {
    replicas: Vec<Suite>,
    issuer: DevelopmentIssuer,
    // Last: it is removed when nobody works on it any more.
    pub database: Database,
}

impl Stage {
    /// The suite in one process, measured by `collector` alone.
    pub async fn measured(collector: &MetricCollector) -> Self {
        Self::measured_with(collector, |_| {}).await
    }

    /// The same with other settings than those of tests.
    pub async fn measured_with(collector: &MetricCollector, change: impl FnOnce(&mut Settings)) -> Self {
        let (database, issuer) = (database().await, DevelopmentIssuer::new().expect("a key"));
        let trust = Trust::of_development(&issuer).expect("the issuer's own key");
        let mut settings = settings(database.url());
        change(&mut settings);
        let suite = Suite::start_measured(&settings, &Service::ALL, &trust, &collector.meter()).await;
        Self { replicas: vec![suite.expect("the suite")], issuer, database }
    }

    /// Has every replica look at its gauges.
    pub async fn look(&self) {
        for replica in &self.replicas {
            replica.look().await.expect("a look at the gauges");
        }
    }

    /// The suite in one process.
    pub async fn start() -> Self {
        Self::of_replicas(1).await
    }

    /// As many processes' worth of the suite on one database.
    pub async fn of_replicas(count: usize) -> Self {
        let (database, issuer) = (database().await, DevelopmentIssuer::new().expect("a key"));
        let trust = Trust::of_development(&issuer).expect("the issuer's own key");
        let settings = settings(database.url());
        let mut replicas = Vec::new();
        for _ in 0..count {
            replicas.push(Suite::start(&settings, &Service::ALL, &trust).await.expect("a replica of the suite"));
        }
        Self { replicas, issuer, database }
    }

    /// The address of a replica, counted from 0.
    pub fn url(&self, replica: usize) -> String {
        self.replicas[replica].url()
    }

    /// A connection to each replica.
    pub fn clients(&self) -> Vec<Client> {
        self.replicas.iter().map(|replica| Client::new(&replica.url())).collect()
    }

    /// A token of `caller`.
    pub fn token(&self, caller: &Caller) -> String {
        self.issuer.token(caller, clock::system_now()).expect("the development issuer signs for whoever asks")
    }

    /// Stops in order, so that nothing of this test is left for the next one.
    pub async fn stop(self) {
        for replica in self.replicas {
            replica.shutdown().await.expect("an orderly end");
        }
    }
}

/// Somebody of an organisation.
pub fn person(organization: &str, subject: &str, roles: &[&str]) -> Caller {
    Caller {
        organization: organization.to_owned(),
        subject: subject.to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        service: None,
        ..Caller::service("", "")
    }
}

/// A copy of the migrated database.
pub async fn database() -> Database {
    static MIGRATED: OnceCell<()> = OnceCell::const_new();
    let server = shared_for_tests().await;
    MIGRATED
        .get_or_init(async || {
            let migrate = async |url: String| migrate_all(&settings(&url)).await;
            server.template(TEMPLATE, migrate).await.expect("the migrations of the four services");
        })
        .await;
    server.fresh_database(TEMPLATE).await.expect("a copy of the migrated database")
}

/// Those of a replica on the database at `url`, on a port of its own.
pub fn settings(url: &str) -> Settings {
    let mut settings = Settings::default();
    settings.server.listen = ([127, 0, 0, 1], 0).into();
    settings.server.drain_delay_ms = 0;
    settings.database.url = SecretString::from(url.to_owned());
    settings.database.password = SecretString::from(PASSWORD);
    settings
}
