//! Puts services together: schemas, channels, ports, and the work that they do by themselves.

use std::{str::FromStr as _, sync::Arc};

use anyhow::{Context as _, Result};
use callout_casework::{Host, Peers, Worker};
use callout_dispatch::Dispatch;
use callout_evaluation::Evaluation;
use callout_intake::Intake;
use callout_inventory::Inventory;
use callout_journal::{Journal, Service, migrate};
use callout_kit::{
    Error,
    client::Channel,
    identity::{DevelopmentIssuer, Signer, Verifier},
    metrics::Meter,
    server::{self, Access, Plan, Port, Running, Services},
};
use callout_regulation::Library;
use futures::future::{BoxFuture, try_join_all};
use secrecy::ExposeSecret as _;
use sqlx::{migrate::Migrator, postgres::PgConnectOptions};
use tokio::task::JoinSet;

use crate::settings::{Addresses, Settings};

/// Whose tokens are believed, and who signs ours.
#[derive(Clone)]
pub struct Trust {
    /// Checks the tokens of calls.
    pub verifier: Arc<Verifier>,
    /// Signs the services' own.
    pub services: Signer,
    /// Signs those of sandboxes; without it intake issues none.
    pub sandboxes: Option<Signer>,
}

impl Trust {
    /// By the issuers and keys of the settings.
    ///
    /// # Errors
    /// When a key cannot be read, or the services have none.
    pub fn of(settings: &Settings) -> Result<Self> {
        let verifier = Arc::new(Verifier::new(&settings.identity)?);
        let services = Signer::of_service(&settings.identity)?
            .context("set identity.service_key: without it the services cannot call one another")?;
        Ok(Self { verifier, services, sandboxes: Signer::of_sandboxes(&settings.identity)? })
    }

    /// By an issuer whose key lives as long as the process, for development and tests.
    ///
    /// # Errors
    /// When the issuer's key cannot be used.
    pub fn of_development(issuer: &DevelopmentIssuer) -> Result<Self> {
        let verifier = Verifier::new(&callout_kit::settings::Identity::default())?.and_development(issuer)?;
        Ok(Self { verifier: Arc::new(verifier), services: issuer.signer(), sandboxes: Some(issuer.signer()) })
    }
}

/// The migrations of a service, beside those of the journal.
#[must_use]
pub fn migrations(service: Service) -> &'static Migrator {
    match service {
        Service::Intake => &callout_intake::MIGRATIONS,
        Service::Dispatch => &callout_dispatch::MIGRATIONS,
        Service::Inventory => &callout_inventory::MIGRATIONS,
        Service::Evaluation => &callout_evaluation::MIGRATIONS,
    }
}

/// Brings the schemas of all services to where this release expects them.
///
/// # Errors
/// When the database cannot be reached as their owner, or a migration fails.
pub async fn migrate_all(settings: &Settings) -> Result<()> {
    let options = database(settings)?;
    for service in Service::ALL {
        let password = settings.database.password.expose_secret();
        migrate(&options, service, migrations(service), password)
            .await
            .with_context(|| format!("the schema of {} cannot be migrated", service.schema()))?;
    }
    Ok(())
}

/// Looks once at the gauges of a service.
type Look = Box<dyn Fn() -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// What services do by themselves, while it is put together.
#[derive(Default)]
struct Work {
    tasks: JoinSet<()>,
    looks: Vec<Look>,
    watched: bool,
}

/// Lets a service do what it does by itself. A macro, because only of a service that it knows can the compiler prove that
/// this is `Send`.
macro_rules! employ {
    ($work:expr, $service:expr) => {{
        let worker = Worker::new($service.clone());
        let (looking, watching) = (worker.clone(), worker.clone());
        $work.tasks.spawn(async move { worker.run().await });
        if $work.watched {
            $work.tasks.spawn(async move { watching.watch().await });
        }
        $work.looks.push(Box::new(move || {
            let looking = looking.clone();
            Box::pin(async move { looking.look().await })
        }));
    }};
}

/// Services of the suite that run in this process, on one port.
pub struct Suite {
    running: Running,
    journals: Vec<Journal>,
    work: Work,
}

impl Suite {
    /// Starts `services` on one port. Those that are not among them are called at `settings.peers`, and with certificates
    /// all of them are.
    ///
    /// # Errors
    /// When the database cannot be reached as a service's role, or the port cannot be bound.
    pub async fn start(settings: &Settings, services: &[Service], trust: &Trust) -> Result<Self> {
        Self::start_with(settings, services, trust, |journal| journal).await
    }

    /// The same, measured by `meter` and not by the one of the process.
    ///
    /// # Errors
    /// As [`Suite::start`].
    pub async fn start_measured(
        settings: &Settings,
        services: &[Service],
        trust: &Trust,
        meter: &Meter,
    ) -> Result<Self> {
        Self::start_with(settings, services, trust, |journal| journal.measured_by(meter)).await
    }

    async fn start_with(
        settings: &Settings,
        services: &[Service],
        trust: &Trust,
        measured: impl Fn(Journal) -> Journal,
    ) -> Result<Self> {
        let port = Port::bind(settings.server.listen).await?;
        let here = format!("http://{}", port.address()?);
        let addresses = addresses(settings, services, &here);
        let library = Arc::new(Library::built_in().map_err(|problems| anyhow::anyhow!("{problems}"))?.clone());
        let mut journals = Vec::new();
        // Who exports nothing is not asked what there is to be exported.
        let mut work = Work { watched: settings.telemetry.otlp_endpoint.is_some(), ..Work::default() };
        let mut served = Services::default();
        for service in services {
            let options = database(settings)?.password(settings.database.password.expose_secret());
            let journal = measured(Journal::connect(options, *service, settings.database.max_connections).await?);
            let host = Host { journal: journal.clone(), library: Arc::clone(&library) };
            let peers = peers(settings, &addresses, *service, trust)?;
            journals.push((journal, host.clone()));
            served = match service {
                Service::Intake => {
                    let intake = Intake::new(host, peers, trust.sandboxes.clone());
                    employ!(work, intake);
                    intake.add_to(served)
                }
                Service::Dispatch => {
                    let dispatch = Dispatch::new(host, peers);
                    employ!(work, dispatch);
                    dispatch.add_to(served)
                }
                Service::Inventory => {
                    let inventory = Inventory::new(host, peers);
                    employ!(work, inventory);
                    inventory.add_to(served)
                }
                Service::Evaluation => {
                    let evaluation = Evaluation::new(host, peers);
                    employ!(work, evaluation);
                    evaluation.add_to(served)
                }
            };
        }
        let (_, host) = journals.first().context("say which services to serve")?;
        let plan = Plan {
            service: services.first().map_or("callout", |service| service.schema()),
            services: served,
            access: Access::new(Arc::clone(&trust.verifier), host.role_maps()),
            // The pools are connected and the roles were looked at: what is left is to be asked.
            ready: Box::pin(std::future::ready(Ok(()))),
        };
        let running = server::start_on(port, &settings.server, plan).await?;
        Ok(Self { running, journals: journals.into_iter().map(|(journal, _)| journal).collect(), work })
    }

    /// Where it is served, `http://127.0.0.1:50051`.
    #[must_use]
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// Looks at the gauges of all services now, and not when it is time to.
    ///
    /// # Errors
    /// When a database does not answer.
    pub async fn look(&self) -> Result<(), Error> {
        try_join_all(self.work.looks.iter().map(|look| look())).await.map(drop)
    }

    /// Hands the server over to whoever waits for signals; the workers end with what is returned beside it.
    #[must_use]
    pub fn into_parts(self) -> (Running, Workers) {
        (self.running, Workers { tasks: self.work.tasks, journals: self.journals })
    }

    /// Stops in order: no more calls, the calls under way, the workers, the connections.
    ///
    /// # Errors
    /// When calls were still under way at the end of the drain.
    pub async fn shutdown(self) -> Result<()> {
        let (running, workers) = self.into_parts();
        let drained = running.shutdown().await;
        workers.stop().await;
        drained
    }
}

/// The work that services do by themselves; it ends when this is dropped.
pub struct Workers {
    tasks: JoinSet<()>,
    journals: Vec<Journal>,
}

impl Workers {
    /// Ends the work and the connections.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        for journal in &self.journals {
            journal.close().await;
        }
    }
}

fn database(settings: &Settings) -> Result<PgConnectOptions> {
    let url = settings.database.url.expose_secret();
    anyhow::ensure!(!url.is_empty(), "set database.url (CALLOUT__DATABASE__URL): postgres://owner@host:port/name");
    // The URL may hold a password: it is not repeated in the message.
    PgConnectOptions::from_str(url).ok().context("database.url is no PostgreSQL address")
}

/// Where each service is called: here when it runs here, else where the settings say. A certificate is for a name: with
/// one, each is called by its name wherever it runs.
fn addresses(settings: &Settings, services: &[Service], here: &str) -> Addresses {
    let plain = settings.server.tls.is_none();
    let at = |service: Service, elsewhere: &str| {
        if plain && services.contains(&service) { here.to_owned() } else { elsewhere.to_owned() }
    };
    Addresses {
        intake: at(Service::Intake, &settings.peers.intake),
        dispatch: at(Service::Dispatch, &settings.peers.dispatch),
        inventory: at(Service::Inventory, &settings.peers.inventory),
        evaluation: at(Service::Evaluation, &settings.peers.evaluation),
    }
}

fn peers(settings: &Settings, addresses: &Addresses, service: Service, trust: &Trust) -> Result<Peers> {
    let channel = |url: &str| Channel::new(service.schema(), url, &settings.client, Some(trust.services.clone()));
    Ok(Peers {
        intake: channel(&addresses.intake)?,
        dispatch: channel(&addresses.dispatch)?,
        inventory: channel(&addresses.inventory)?,
        evaluation: channel(&addresses.evaluation)?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_migrations_of_a_service_have_the_same_number() {
        for service in Service::ALL {
            let versions: Vec<i64> = migrations(service).iter().map(|migration| migration.version).collect();
            let different: BTreeSet<i64> = versions.iter().copied().collect();
            assert_eq!(versions, different.into_iter().collect::<Vec<_>>(), "{}", service.schema());
        }
    }
}
