//! The suite as it is run: two processes of each service, and a PostgreSQL with default durability.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use callout::{
    settings::{Addresses, Settings},
    suite::migrate_all,
};
use callout_devdb::{Data, Server};
use callout_journal::Service;
use callout_kit::{
    Caller, clock,
    identity::Signer,
    settings::{Identity, Issuer},
};
use callout_testkit::scenario::Target;
use rcgen::{KeyPair, PKCS_ED25519};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;
use serde_json::json;
use sqlx::{ConnectOptions as _, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    sync::Mutex,
};
use tonic::transport::{Channel, Endpoint};

/// Replicas of each service.
const REPLICAS: usize = 2;

/// How long a replica may take to stop that was told to.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// How long a token of the callers is good: longer than a run.
const TOKEN_LIFETIME: Duration = Duration::from_hours(24);

/// The password of the services' roles.
const PASSWORD: &str = "only-for-faults";

/// The processes, and what they stand on.
pub struct Fleet {
    binary: PathBuf,
    replicas: Vec<Replica>,
    login: Signer,
    files: TempDir,
    logs: PathBuf,
    database: PgConnectOptions,
    // Last: it ends when nobody is connected any more.
    _server: Server,
}

/// A process of one service, at an address that it keeps over restarts.
struct Replica {
    service: Service,
    address: SocketAddr,
    running: Mutex<Option<Child>>,
}

impl Fleet {
    /// Starts everything.
    ///
    /// # Errors
    /// When no PostgreSQL is found, or a process does not start.
    pub async fn start(binary: &Path, logs: &Path) -> Result<Self> {
        let files = tempfile::tempdir()?;
        fs::create_dir_all(logs)?;
        let server = Server::start(&Data::Kept(files.path().join("postgresql"))).await?;
        server.ensure_database("callout").await?;
        let mut settings = Settings::default();
        settings.database.url = SecretString::from(server.url("callout"));
        settings.database.password = SecretString::from(PASSWORD);
        migrate_all(&settings).await?;

        let ports = free_ports(Service::ALL.len() * REPLICAS)?;
        let (identity, login) = identity(files.path())?;
        write_settings(files.path(), &server.url("callout"), &identity, &addresses(&ports))?;
        let services = Service::ALL.into_iter().flat_map(|service| [service; REPLICAS]);
        let replicas =
            services.zip(ports).map(|(service, address)| Replica { service, address, running: Mutex::default() });
        let (replicas, database) = (replicas.collect(), server.options("callout"));
        let fleet = Self {
            binary: binary.to_owned(),
            replicas,
            login,
            files,
            logs: logs.to_owned(),
            database,
            _server: server,
        };
        for replica in 0..fleet.replicas() {
            fleet.start_again(replica).await?;
        }
        Ok(fleet)
    }

    /// How many processes there are.
    pub const fn replicas(&self) -> usize {
        self.replicas.len()
    }

    /// The suite as callers see it: each package at the replicas of its service, in turn.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn target(&self) -> Result<Target> {
        let target = Target::new(self.channel(Service::Intake)?, "organizations/acme", self.token()?);
        Service::ALL.into_iter().try_fold(target, |target, service| {
            Ok(target.with_package(format!("callout.{}.v1", service.schema()), self.channel(service)?))
        })
    }

    fn channel(&self, service: Service) -> Result<Channel> {
        let replicas = self.replicas.iter().filter(|replica| replica.service == service);
        let endpoints = replicas.map(|replica| {
            let endpoint = Endpoint::from_shared(format!("http://{}", replica.address))?;
            Ok(endpoint.connect_timeout(Duration::from_secs(1)))
        });
        Ok(Channel::balance_list(endpoints.collect::<Result<Vec<_>>>()?.into_iter()))
    }

    /// A token of an administrator of the organisation in which sandboxes are opened.
    ///
    /// # Errors
    /// When the key cannot sign.
    fn token(&self) -> Result<SecretString> {
        let root = Caller {
            subject: "root".to_owned(),
            roles: vec!["administrator".to_owned()],
            service: None,
            ..Caller::service("", "acme")
        };
        Ok(SecretString::from(self.login.sign(&root, clock::system_now(), TOKEN_LIFETIME)?))
    }

    /// A connection that sees the rows of all organisations.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn superuser(&self) -> Result<PgConnection> {
        self.database.connect().await.context("the database cannot be reached")
    }

    /// Sends a signal to a process that runs. One that kills it returns when it is gone.
    ///
    /// # Errors
    /// When the process does not stop that was told to.
    pub async fn signal(&self, replica: usize, signal: Signal) -> Result<()> {
        let mut running = self.replicas[replica].running.lock().await;
        let Some(child) = running.as_mut() else { return Ok(()) };
        let Some(pid) = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)) else { return Ok(()) };
        // It may have ended by itself meanwhile.
        let _ = kill_process(pid, signal);
        if signal == Signal::KILL || signal == Signal::TERM {
            let ended = tokio::time::timeout(STOP_LIMIT, child.wait()).await;
            let status = ended.with_context(|| format!("replica {replica} did not stop in {STOP_LIMIT:?}"))??;
            // One that has hardly begun does not listen for signals yet, and has nothing to put in order.
            let in_order = status.success() || status.signal() == Some(signal.as_raw());
            ensure!(in_order, "replica {replica} stopped with {status}");
            *running = None;
        }
        Ok(())
    }

    /// Starts a process that does not run.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start_again(&self, replica: usize) -> Result<()> {
        let Replica { service, address, running } = &self.replicas[replica];
        let mut running = running.lock().await;
        if let Some(child) = running.as_mut()
            && child.try_wait()?.is_none()
        {
            return Ok(());
        }
        let log = File::options().create(true).append(true).open(self.logs.join(format!(
            "{}-{}.log",
            service.schema(),
            replica % REPLICAS
        )))?;
        let child = Command::new(&self.binary)
            .args(["serve", service.schema(), "--settings"])
            .arg(self.files.path().join("settings.toml"))
            .env("CALLOUT__SERVER__LISTEN", address.to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be run", self.binary.display()))?;
        *running = Some(child);
        Ok(())
    }

    /// Kills one of the database's processes, upon which it ends all others and recovers from its log.
    ///
    /// # Errors
    /// When the process cannot be killed.
    pub async fn crash_database(&self) -> Result<()> {
        let Ok(mut connection) = self.superuser().await else { return Ok(()) };
        let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut connection).await?;
        if let Some(pid) = Pid::from_raw(pid) {
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

fn free_ports(count: usize) -> Result<Vec<SocketAddr>> {
    let listeners: Vec<TcpListener> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
    Ok(listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?)
}

/// Each service at both of its replicas.
fn addresses(ports: &[SocketAddr]) -> Addresses {
    let of = |service: Service| {
        let place = Service::ALL.iter().position(|other| *other == service).unwrap_or_default() * REPLICAS;
        let replicas = ports.iter().skip(place).take(REPLICAS);
        replicas.map(|port| format!("http://{port}")).collect::<Vec<_>>().join(",")
    };
    Addresses {
        intake: of(Service::Intake),
        dispatch: of(Service::Dispatch),
        inventory: of(Service::Inventory),
        evaluation: of(Service::Evaluation),
    }
}

/// Keys in files for the callers, the services and the sandboxes, and the callers' login.
fn identity(folder: &Path) -> Result<(Identity, Signer)> {
    let key = |name: &str| folder.join(format!("{name}.pem"));
    let key_id = || Some("1".to_owned());
    let [callers, services, sandboxes] =
        ["callers", "services", "sandboxes"].map(|name| issuer(folder, name, &key(name)));
    let callers = callers?;
    let login = Identity {
        services: Some(callers.clone()),
        service_key: Some(key("callers")),
        service_key_id: key_id(),
        ..Identity::default()
    };
    let identity = Identity {
        issuer: Some(callers),
        services: Some(services?),
        service_key: Some(key("services")),
        service_key_id: key_id(),
        sandboxes: Some(sandboxes?),
        sandbox_key: Some(key("sandboxes")),
        sandbox_key_id: key_id(),
    };
    let login = Signer::of_service(&login)?.context("the callers' key was just written")?;
    Ok((identity, login))
}

fn issuer(folder: &Path, name: &str, path: &Path) -> Result<Issuer> {
    let key = KeyPair::generate_for(&PKCS_ED25519)?;
    fs::write(path, key.serialize_pem())?;
    let public = URL_SAFE_NO_PAD.encode(key.public_key_raw());
    let keys = folder.join(format!("{name}.json"));
    let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": public}]});
    fs::write(&keys, set.to_string())?;
    Ok(Issuer { name: format!("https://{name}.example"), keys })
}

fn write_settings(folder: &Path, url: &str, identity: &Identity, peers: &Addresses) -> Result<()> {
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let issuer = |key: &str, issuer: &Option<Issuer>| {
        let (name, keys) =
            issuer.as_ref().map(|issuer| (issuer.name.as_str(), issuer.keys.display().to_string())).unwrap_or_default();
        format!("[identity.{key}]\nname = {name:?}\nkeys = {keys:?}\n")
    };
    let text = format!(
        "[database]\nurl = {url:?}\npassword = {PASSWORD:?}\n\
         [server]\ndrain_delay_ms = 200\n\
         [peers]\nintake = {:?}\ndispatch = {:?}\ninventory = {:?}\nevaluation = {:?}\n\
         [identity]\nservice_key = {:?}\nservice_key_id = \"1\"\nsandbox_key = {:?}\nsandbox_key_id = \"1\"\n{}{}{}",
        peers.intake,
        peers.dispatch,
        peers.inventory,
        peers.evaluation,
        path(&identity.service_key),
        path(&identity.sandbox_key),
        issuer("issuer", &identity.issuer),
        issuer("services", &identity.services),
        issuer("sandboxes", &identity.sandboxes),
    );
    fs::write(folder.join("settings.toml"), text)?;
    Ok(())
}
