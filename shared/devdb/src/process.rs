//! A PostgreSQL server as a child that cannot outlive us.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io::Write as _,
    net::TcpListener,
    os::unix::{
        fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};

use crate::Data;

const KEEPER: &str = include_str!("keeper.sh");

/// How long a server may take from `initdb` to its first connection on a slow machine.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Times a start is tried when somebody took our port between the moment we found it free and the moment it was bound.
const PORT_TRIES: usize = 3;

/// Of a server whose data is thrown away anyway: no waiting for the disk, and deadlocks found at once.
const TEST_OPTIONS: [&str; 5] =
    ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "deadlock_timeout=50ms", "max_connections=200"];

/// A running server. Dropped, it is stopped, and its folder removed unless it is kept.
#[derive(Debug)]
pub struct Process {
    keeper: Child,
    root: PathBuf,
    keep: bool,
    options: PgConnectOptions,
}

impl Process {
    /// Starts the server whose programs lie in `bin` and waits until it answers.
    ///
    /// # Errors
    /// When it does not come up; the error carries the end of its log.
    pub async fn start(bin: &Path, data: &Data) -> Result<Self> {
        let (root, keep) = match data {
            Data::Temporary => (temporary_folder(), false),
            Data::Kept(folder) => (std::path::absolute(folder)?, true),
        };
        let user = Unprivileged::prepare(&root)?;
        let password = if keep { Some(superuser_password(&root, user.as_ref())?) } else { None };
        for _ in 1..PORT_TRIES {
            match Self::try_start(bin, &root, keep, user.as_ref(), password.as_deref()).await {
                Err(error) if format!("{error:#}").contains("could not bind") => {
                    tracing::debug!("the port was taken: {error:#}");
                }
                result => return result,
            }
        }
        Self::try_start(bin, &root, keep, user.as_ref(), password.as_deref()).await
    }

    /// How its superuser connects to the database `postgres`.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    async fn try_start(
        bin: &Path,
        root: &Path,
        keep: bool,
        user: Option<&Unprivileged>,
        password: Option<&str>,
    ) -> Result<Self> {
        let port = free_port()?;
        let log = File::create(log_path(root))?;
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(bin).arg(root);
        // A server whose data nobody will read may be cut off (QUIT); another one writes its checkpoint first (INT).
        command.args(if keep { ["INT", "keep"] } else { ["QUIT", "remove"] });
        match password {
            // Anybody on the machine can reach the port, so a server that stays asks for a password.
            Some(_) => command.arg("--auth=scram-sha-256").arg(format!("--pwfile={}", password_path(root).display())),
            None => command.arg("--auth=trust"),
        };
        command.args([
            "--",
            "-p",
            &port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
        ]);
        if !keep {
            command.args(TEST_OPTIONS.iter().flat_map(|option| ["-c", option]));
        }
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
        // Its own process group: Ctrl-C is for us, and the server follows when we are done.
        command.process_group(0).current_dir("/").env("LC_ALL", "C");
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        let keeper = command.spawn().context("cannot run sh")?;

        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .username("postgres")
            .database("postgres");
        let options = match password {
            Some(password) => options.password(password),
            None => options,
        };
        let mut process = Self { keeper, root: root.to_owned(), keep, options };
        process.ready().await?;
        Ok(process)
    }

    async fn ready(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            let Err(refused) = self.options.connect().await else { return Ok(()) };
            // Read before the folder may be gone: the keeper removes it when the server has ended.
            let log = fs::read_to_string(log_path(&self.root)).unwrap_or_default();
            if let Some(status) = self.keeper.try_wait()? {
                bail!("PostgreSQL ended with {status}:\n{}", tail(&log));
            }
            if started.elapsed() > START_LIMIT {
                bail!("PostgreSQL does not answer ({refused}):\n{}", tail(&log));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            tracing::warn!("cannot wait for PostgreSQL to end: {error}");
        }
        if !self.keep {
            // The keeper has emptied it, but may not remove an entry of a folder of somebody else.
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// The user a server runs as when we are root, which `initdb` refuses.
#[derive(Debug)]
struct Unprivileged {
    uid: u32,
    gid: u32,
}

impl Unprivileged {
    /// Makes the folder `root` and, when we are root, gives it to a user without privileges.
    fn prepare(root: &Path) -> Result<Option<Self>> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(root)
            .with_context(|| format!("cannot make the folder {}", root.display()))?;
        fs::set_permissions(root, Permissions::from_mode(0o700))?;
        let data = root.join("data");
        let owner = fs::metadata(if data.exists() { &data } else { root })?;
        let we_are_root = File::create(log_path(root))?.metadata()?.uid() == 0;
        if !we_are_root {
            return Ok(None);
        }
        let user = if owner.uid() == 0 { Self::known()? } else { Self { uid: owner.uid(), gid: owner.gid() } };
        std::os::unix::fs::chown(root, Some(user.uid), Some(user.gid))?;
        Ok(Some(user))
    }

    fn known() -> Result<Self> {
        let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let find = |wanted: &str| {
            users.lines().find_map(|line| match line.split(':').collect::<Vec<_>>()[..] {
                [name, _, uid, gid, ..] if name == wanted => {
                    Some(Self { uid: uid.parse().ok()?, gid: gid.parse().ok()? })
                }
                _ => None,
            })
        };
        find("postgres").or_else(|| find("nobody")).context("no user `postgres` or `nobody` to run PostgreSQL as")
    }
}

fn temporary_folder() -> PathBuf {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let nth = STARTED.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("callout-devdb-{}-{nth}", std::process::id()))
}

fn log_path(root: &Path) -> PathBuf {
    root.join("log")
}

fn password_path(root: &Path) -> PathBuf {
    root.join("password")
}

/// The password of the superuser of a kept server: made with the server, read again at each later start.
fn superuser_password(root: &Path, user: Option<&Unprivileged>) -> Result<String> {
    let path = password_path(root);
    if !path.exists() {
        ensure!(!root.join("data").exists(), "{} lacks its file `password`", root.display());
        let mut file = File::create(&path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        write!(file, "{:032x}", rand::random::<u128>())?;
        if let Some(user) = user {
            std::os::unix::fs::chown(&path, Some(user.uid), Some(user.gid))?;
        }
    }
    Ok(fs::read_to_string(&path)?)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
