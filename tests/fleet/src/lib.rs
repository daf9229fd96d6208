//! The suite as it is run: processes of the real binary, replicas of each service, and a PostgreSQL with default durability.

pub mod circumstances;
pub mod founding;
pub mod keys;
mod link;
mod places;
mod replica;
mod settings;

pub use link::{Link, Weather};
pub use places::free_ports;

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use callout::{
    settings::{Addresses, Settings},
    suite::migrate_all,
};
use callout_devdb::{Data, Server};
use callout_journal::Service;
use callout_kit::{Caller, clock, identity::Signer};
use callout_testkit::scenario::Target;
use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;
use sqlx::{ConnectOptions as _, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::Command,
    signal::unix::{SignalKind, signal},
};
use tonic::transport::{Channel, Endpoint};

use crate::replica::Replica;

/// How long a token of the callers is good: longer than a run.
const TOKEN_LIFETIME: Duration = Duration::from_hours(24);

/// The password of the services' roles.
const PASSWORD: &str = "only-for-tests";

/// How the processes are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Each at a port of its own.
    Ports,
    /// The same, but they reach one another and the database over [links](Fleet::links).
    Links,
    /// The replicas of a service share a port and differ in address, as behind a name they do: `127.0.0.2`, `127.0.0.3` and so
    /// on, which are loopback on Linux.
    Names,
}

/// What is started.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'p> {
    /// The suite's binary.
    pub binary: &'p Path,
    /// Processes of each service.
    pub replicas: usize,
    /// Settings of every process beside those of the fleet, by the names of their environment variables.
    pub settings: &'p [(&'p str, &'p str)],
    /// Where the processes' logs go; they are added to.
    pub logs: &'p Path,
    /// How they are reached.
    pub network: Network,
    /// Settings of PostgreSQL beside its default ones, each `name=value`.
    pub postgresql: &'p [&'p str],
}

/// The processes, and what they stand on.
pub struct Fleet {
    binary: PathBuf,
    settings: Vec<(String, String)>,
    replicas: Vec<Replica>,
    login: Signer,
    files: TempDir,
    logs: PathBuf,
    database: PgConnectOptions,
    // Last: it ends when nobody is connected any more.
    _server: Server,
}

impl Fleet {
    /// Starts everything that `plan` says.
    ///
    /// # Errors
    /// When no PostgreSQL is found, or a process does not start.
    pub async fn start(plan: Plan<'_>) -> Result<Self> {
        let places = places::of(plan.network, plan.replicas)?;
        let files = tempfile::tempdir()?;
        fs::create_dir_all(plan.logs)?;
        let server = Server::start_with(&Data::Kept(files.path().join("postgresql")), plan.postgresql).await?;
        server.ensure_database("callout").await?;
        let mut settings = Settings::default();
        settings.database.url = SecretString::from(server.url("callout"));
        settings.database.password = SecretString::from(PASSWORD);
        migrate_all(&settings).await?;

        let database = server.options("callout");
        let numbered =
            Service::ALL.into_iter().flat_map(|service| (0..plan.replicas).map(move |number| (service, number)));
        let mut replicas = Vec::new();
        for ((service, number), address) in numbered.zip(places) {
            let links = if plan.network == Network::Links {
                let host = database.get_host().parse().context("the database is at no address")?;
                let to_database = SocketAddr::new(host, database.get_port());
                Some([Link::to(address).await?, Link::to(to_database).await?])
            } else {
                None
            };
            replicas.push(Replica::new(service, number, address, links));
        }
        let (identity, login) = keys::write(files.path())?;
        settings::write(files.path(), &server.url("callout"), PASSWORD, &identity, &addresses(&replicas))?;
        let fleet = Self {
            binary: plan.binary.to_owned(),
            settings: plan.settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            replicas,
            login,
            files,
            logs: plan.logs.to_owned(),
            database,
            _server: server,
        };
        for replica in 0..fleet.replicas() {
            fleet.start_again(replica).await?;
        }
        Ok(fleet)
    }

    /// How many processes there are.
    #[must_use]
    pub const fn replicas(&self) -> usize {
        self.replicas.len()
    }

    /// The suite as callers see it: each package at the replicas of its service, in turn.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn target(&self) -> Result<Target> {
        let token = SecretString::from(self.token("root", &["administrator"])?);
        let target = Target::new(self.channel(Service::Intake)?, "organizations/acme", token);
        Service::ALL.into_iter().try_fold(target, |target, service| {
            Ok(target.with_package(format!("callout.{}.v1", service.schema()), self.channel(service)?))
        })
    }

    /// A channel over all replicas of a service, which says nothing of who calls.
    ///
    /// # Errors
    /// None: the addresses are the fleet's own.
    pub fn channel(&self, service: Service) -> Result<Channel> {
        let endpoints = self.addresses(service).map(|address| {
            let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
            Ok(endpoint.connect_timeout(Duration::from_secs(1)))
        });
        Ok(Channel::balance_list(endpoints.collect::<Result<Vec<_>>>()?.into_iter()))
    }

    /// What lies between the services, and between them and the database.
    #[must_use]
    pub fn links(&self) -> Vec<&Link> {
        self.replicas.iter().filter_map(|replica| replica.links.as_ref()).flatten().collect()
    }

    /// How many processes were found that had died at a point that was set for them.
    pub fn aborted(&self) -> usize {
        self.replicas.iter().map(Replica::aborted).sum()
    }

    /// Which service a process is of, and where it listens.
    #[must_use]
    pub fn replica(&self, replica: usize) -> (Service, SocketAddr) {
        let Replica { service, address, .. } = &self.replicas[replica];
        (*service, *address)
    }

    /// Where a process logs.
    #[must_use]
    pub fn log(&self, replica: usize) -> PathBuf {
        let Replica { service, number, .. } = &self.replicas[replica];
        self.logs.join(format!("{}-{number}.log", service.schema()))
    }

    /// Where the replicas of a service listen.
    pub fn addresses(&self, service: Service) -> impl Iterator<Item = SocketAddr> {
        self.replicas.iter().filter(move |replica| replica.service == service).map(|replica| replica.address)
    }

    /// A token of somebody of the organisation `acme`, good for longer than a run.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn token(&self, subject: &str, roles: &[&str]) -> Result<String> {
        self.token_in("acme", subject, roles)
    }

    /// The same for any organisation.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn token_in(&self, organization: &str, subject: &str, roles: &[&str]) -> Result<String> {
        let caller = Caller {
            subject: subject.to_owned(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            service: None,
            ..Caller::service("", organization)
        };
        Ok(self.login.sign(&caller, clock::system_now(), TOKEN_LIFETIME)?)
    }

    /// The numbers of the processes of a service that run.
    pub async fn process_ids(&self, service: Service) -> Vec<u32> {
        let mut ids = Vec::new();
        for replica in self.replicas.iter().filter(|replica| replica.service == service) {
            ids.extend(replica.process_id().await);
        }
        ids
    }

    /// The number of the database's first process, whose children the others are.
    ///
    /// # Errors
    /// When it does not run.
    pub fn database_process_id(&self) -> Result<u32> {
        let file = self.files.path().join("postgresql/data/postmaster.pid");
        let text = fs::read_to_string(file)?;
        text.lines().next().unwrap_or_default().trim().parse().context("postmaster.pid begins with no number")
    }

    /// Changes a setting, by the name of its environment variable, for the processes that are started from now on; none unsets
    /// it.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// How the database is reached by its superuser.
    #[must_use]
    pub const fn database(&self) -> &PgConnectOptions {
        &self.database
    }

    /// A connection that sees the rows of all organisations.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn superuser(&self) -> Result<PgConnection> {
        self.database.connect().await.context("the database cannot be reached")
    }

    /// What the database is, such as `PostgreSQL 15.18`.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn database_version(&self) -> Result<String> {
        let version = sqlx::query_scalar("select split_part(version(), ' (', 1)");
        Ok(version.fetch_one(&mut self.superuser().await?).await?)
    }

    /// Whether each service has a process that takes connections.
    pub async fn is_there(&self) -> bool {
        for service in Service::ALL {
            let mut there = false;
            for address in self.addresses(service) {
                there |= TcpStream::connect(address).await.is_ok();
            }
            if !there {
                return false;
            }
        }
        true
    }

    /// Sends a signal to a process that runs. One that kills it returns when it is gone.
    ///
    /// # Errors
    /// When the process does not stop that was told to.
    pub async fn signal(&self, replica: usize, signal: Signal) -> Result<()> {
        self.replicas[replica].signal(signal).await
    }

    /// Starts a process that does not run.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start_again(&self, replica: usize) -> Result<()> {
        self.start_again_with(replica, &[]).await
    }

    /// The same, with more in its environment.
    ///
    /// # Errors
    /// As [`Self::start_again`].
    pub async fn start_again_with(&self, replica: usize, more: &[(&str, String)]) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.log(replica))?;
        let replica = &self.replicas[replica];
        let database = replica.links.as_ref().map(|[_, database]| {
            let address = database.address();
            let options = self.database.clone().host(&address.ip().to_string()).port(address.port());
            ("CALLOUT__DATABASE__URL", options.to_url_lossy().to_string())
        });
        let mut command = Command::new(&self.binary);
        command
            .args(["serve", replica.service.schema(), "--settings"])
            .arg(self.files.path().join("settings.toml"))
            .env("CALLOUT__SERVER__LISTEN", replica.address.to_string())
            .envs(self.settings.iter().cloned())
            .envs(database)
            .envs(more.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        replica.start(command).await
    }

    /// Kills one of the database's processes, upon which it ends all others and recovers from its log. One that does not answer
    /// is recovering from the last crash, and let alone.
    ///
    /// # Errors
    /// When the process cannot be killed.
    pub async fn crash_database(&self) -> Result<()> {
        let Ok(mut connection) = self.superuser().await else { return Ok(()) };
        let pid: Result<i32, _> = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut connection).await;
        if let Some(pid) = pid.ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::KILL)?;
        }
        Ok(())
    }

    /// Ends every connection to the database but its own.
    ///
    /// # Errors
    /// None: where the database does not answer there is nothing to cut.
    pub async fn cut_database(&self) -> Result<()> {
        let Ok(mut connection) = self.superuser().await else { return Ok(()) };
        let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()";
        // Somebody else may have cut this one.
        let _ = sqlx::query(cut).execute(&mut connection).await;
        Ok(())
    }

    /// Stops all processes in order.
    ///
    /// # Errors
    /// When one does not stop.
    pub async fn stop(self) -> Result<()> {
        for replica in 0..self.replicas() {
            self.signal(replica, Signal::TERM).await?;
        }
        Ok(())
    }
}

/// Does `work` to its end, or drops it when somebody ends the process early (Ctrl-C, `SIGTERM`), which fails: processes that
/// were started are killed where their owners are dropped, and none is left behind.
///
/// # Errors
/// Those of `work`.
pub async fn unless_ended(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => Ok(ExitCode::FAILURE),
        _ = terminated.recv() => Ok(ExitCode::FAILURE),
    }
}

/// The binary `callout` beside the one that asks.
///
/// # Errors
/// When there is none.
pub fn binary() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let binary = own.parent().unwrap_or(Path::new(".")).join("callout");
    ensure!(binary.exists(), "there is no {}: build the workspace first, with the same profile", binary.display());
    Ok(binary)
}

/// Each service at all of its replicas, as the others reach it.
fn addresses(replicas: &[Replica]) -> Addresses {
    let of = |service: Service| {
        let replicas = replicas.iter().filter(|replica| replica.service == service);
        let entered = |replica: &Replica| replica.links.as_ref().map_or(replica.address, |[peers, _]| peers.address());
        replicas.map(|replica| format!("http://{}", entered(replica))).collect::<Vec<_>>().join(",")
    };
    Addresses {
        intake: of(Service::Intake),
        dispatch: of(Service::Dispatch),
        inventory: of(Service::Inventory),
        evaluation: of(Service::Evaluation),
    }
}
