//! The three clients: the one in this process, and the two in processes of their own with what they need below `target/`.

use std::{
    collections::BTreeMap,
    fmt, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use callout_journal::Service;
use callout_kit::client::Lookup;
use tokio::{
    process::{Child, Command},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{
    call::{Outcome, Task},
    names::name_of,
    native::Client,
};

/// What is fetched from `PyPI`. The two belong together: newer generated code does not run with an older library.
const PYTHON_PACKAGES: [&str; 2] = ["grpcio==1.85.1", "grpcio-tools==1.85.1"];

/// What is fetched from npm.
const NODE_PACKAGES: [&str; 2] = ["@grpc/grpc-js@1.14.7", "@grpc/proto-loader@0.8.1"];

/// How long a client may take to end that was told to: longer than the deadline of its last calls.
const ENDS_WITHIN: Duration = Duration::from_mins(1);

/// A client library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The suite's own, on tonic.
    Rust,
    /// grpcio, on gRPC's C core.
    Python,
    /// `@grpc/grpc-js`.
    Node,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rust, Self::Python, Self::Node];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::Node => "Node",
        })
    }
}

/// What the clients need to run.
pub struct Clients {
    /// Where the two that are no Rust keep what was fetched and generated.
    folder: PathBuf,
    sources: PathBuf,
    protos: PathBuf,
}

impl Clients {
    /// Fetches into `folder` what is not there yet, and generates the Python code of the protos of the repository at
    /// `root`.
    ///
    /// # Errors
    /// When Python, Node or a package is missing.
    pub async fn prepare(folder: &Path, root: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder)?;
        let root = std::path::absolute(root)?;
        let clients = Self { sources: root.join("tests/rollout/clients"), protos: root.join("proto"), folder };
        ensure!(clients.sources.exists(), "run it in the folder of the repository: {} is not here", root.display());
        fs::create_dir_all(clients.generated())?;
        fs::create_dir_all(clients.folder.join("node"))?;
        if !clients.python().exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(clients.folder.join("venv"))).await?;
        }
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(clients.python()).args(install).args(PYTHON_PACKAGES)).await?;
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
        run(Command::new("npm").args(install).arg(clients.folder.join("node")).args(NODE_PACKAGES)).await?;
        run(Command::new(clients.python())
            .args(["-m", "grpc_tools.protoc", "-I"])
            .arg(&clients.protos)
            .arg(format!("--python_out={}", clients.generated().display()))
            .args(protos(&clients.protos)?))
        .await?;
        Ok(clients)
    }

    fn python(&self) -> PathBuf {
        self.folder.join("venv/bin/python")
    }

    fn generated(&self) -> PathBuf {
        self.folder.join("generated")
    }

    /// Starts a client, which finds the services by the names that `server` knows.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, kind: Kind, server: SocketAddr, lookup: &Lookup, task: Task) -> Result<Started> {
        let mut command = match kind {
            Kind::Rust => {
                let client = Client::new(&urls(&task), lookup, &task.token, Duration::from_millis(task.deadline_ms))?;
                let (stop, over) = oneshot::channel();
                return Ok(Started::Here { stop, working: tokio::spawn(client.work(task, over)) });
            }
            Kind::Python => {
                let mut command = Command::new(self.python());
                command.arg(self.sources.join("client.py")).arg(self.generated());
                // The other resolvers of gRPC's core take no name server from the target.
                command.env("GRPC_DNS_RESOLVER", "ares");
                command
            }
            Kind::Node => {
                let mut command = Command::new("node");
                command.arg(self.sources.join("client.js")).arg(self.folder.join("node")).arg(&self.protos);
                // Without it the name server of the target is not asked.
                command.env("GRPC_NODE_USE_ALTERNATIVE_RESOLVER", "true");
                command
            }
        };
        let targets = task.targets.into_iter();
        let targets = targets.map(|(service, target)| (service, format!("dns://{server}/{target}"))).collect();
        let task = serde_json::to_string(&Task { targets, ..task })?;
        let process = command.arg(task).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
        Ok(Started::There(process.with_context(|| format!("the {kind} client cannot be run"))?))
    }
}

/// Where each service is for the suite's own channel.
pub fn urls(task: &Task) -> BTreeMap<&'static str, String> {
    let services = Service::ALL.iter().map(|service| service.schema());
    services.filter_map(|service| Some((service, format!("http://{}", task.targets.get(service)?)))).collect()
}

/// The name and port of each service, whose replicas all have the same port.
pub fn targets(addresses: impl Iterator<Item = (Service, SocketAddr)>) -> BTreeMap<String, String> {
    addresses
        .map(|(service, address)| (service.schema().to_owned(), format!("{}:{}", name_of(service), address.port())))
        .collect()
}

/// A client that works.
pub enum Started {
    /// In this process.
    Here {
        /// Ends it.
        stop: oneshot::Sender<()>,
        /// What it does.
        working: JoinHandle<Result<Outcome>>,
    },
    /// In one of its own.
    There(Child),
}

impl Started {
    /// Tells it to end, if it does not by itself, and waits for what it says.
    ///
    /// # Errors
    /// When it does not end, or says something else.
    pub async fn ended(self) -> Result<Outcome> {
        let ended = async {
            match self {
                Self::Here { stop, working } => {
                    // One that ended by itself no longer listens.
                    let _ = stop.send(());
                    working.await?
                }
                Self::There(mut process) => {
                    drop(process.stdin.take());
                    let output = process.wait_with_output().await?;
                    ensure!(output.status.success(), "a client ended with {}", output.status);
                    Ok(serde_json::from_slice(&output.stdout)?)
                }
            }
        };
        tokio::time::timeout(ENDS_WITHIN, ended).await.context("a client does not end")?
    }
}

/// The files of the contract, below the folder that holds it.
fn protos(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

async fn run(command: &mut Command) -> Result<()> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).status().await;
    let status = status.with_context(|| format!("{program} cannot be run"))?;
    ensure!(status.success(), "{:?} ended with {status}", command.as_std());
    Ok(())
}
