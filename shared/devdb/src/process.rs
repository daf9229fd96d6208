//! A PostgreSQL server as a child that cannot outlive us.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::{
        fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use sqlx::{
    ConnectOptions as _, Connection as _,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::Data;

const KEEPER: &str = include_str!("keeper.sh");

/// How long a server may take from `initdb` to its first connection on a slow machine.
const START_LIMIT: Duration = Duration::from_mins(1);

/// What the name of a socket ends with; nothing listens on a port of that number.
const SOCKET_PORT: u16 = 5432;

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
    /// Starts the server whose programs lie in `bin`, with `settings` beside our own (`name=value`), and waits until it answers.
    ///
    /// # Errors
    /// When it does not come up; the error carries the end of its log.
    pub async fn start(bin: &Path, data: &Data, settings: &[&str]) -> Result<Self> {
        let mut tries = 1;
        loop {
            let started = match data {
                Data::Temporary => {
                    let user = if we_are_root() { Some(Unprivileged::known()?) } else { None };
                    Self::try_start(bin, &temporary_folder(), user.as_ref(), None, settings).await
                }
                Data::Kept(folder) => {
                    let root = std::path::absolute(folder)?;
                    let user = Unprivileged::prepare(&root)?;
                    let password = superuser_password(&root, user.as_ref())?;
                    Self::try_start(bin, &root, user.as_ref(), Some(&password), settings).await
                }
            };
            match started {
                Err(error) if tries < PORT_TRIES && format!("{error:#}").contains("could not bind") => {
                    tracing::debug!("the port was taken: {error:#}");
                    tries += 1;
                }
                result => return result,
            }
        }
    }

    /// How its superuser connects to the database `postgres`.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// With the password of its superuser, a server whose data is kept.
    async fn try_start(
        bin: &Path,
        root: &Path,
        user: Option<&Unprivileged>,
        password: Option<&str>,
        settings: &[&str],
    ) -> Result<Self> {
        // All is said here, else the environment has its say: PGPORT, PGSSLMODE and others.
        let options = PgConnectOptions::new_without_pgpass().username("postgres").database("postgres");
        let options = options.ssl_mode(PgSslMode::Disable);
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(bin).arg(root);
        let options = if let Some(password) = password {
            // Its path may be too long for a socket. Anybody on the machine can reach a port, so it asks for a password; and
            // somebody will read the data, so it writes its checkpoint before it ends (INT).
            let port = free_port()?;
            command.args(["INT", "keep", "--auth=scram-sha-256"]);
            command.arg(format!("--pwfile={}", password_path(root).display()));
            command.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
            command.args(["-c", "unix_socket_directories="]);
            options.host("127.0.0.1").port(port).password(password)
        } else {
            // A socket in a folder that is open to nobody else; and nobody will read the data, so it may be cut off (QUIT).
            command.args(["QUIT", "remove", "--auth-local=trust", "--auth-host=reject"]);
            command.args(["-p", &SOCKET_PORT.to_string(), "-c", "listen_addresses=", "-c"]);
            command.arg(format!("unix_socket_directories={}", root.display()));
            command.args(TEST_OPTIONS.iter().flat_map(|option| ["-c", option]));
            options.port(SOCKET_PORT).socket(root)
        };
        command.args(settings.iter().flat_map(|setting| ["-c", setting]));
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
        // Its own process group: Ctrl-C is for us, and the server follows when we are done.
        command.process_group(0).current_dir("/").env("LC_ALL", "C");
        // What it says goes into the folder's log as soon as there is a folder.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let keeper = command.spawn().context("cannot run sh")?;

        let keep = password.is_some();
        let mut process = Self { keeper, root: root.to_owned(), keep, options };
        process.ready().await?;
        Ok(process)
    }

    async fn ready(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            let refused = match self.answers().await {
                Ok(true) => return Ok(()),
                Ok(false) => "another server has its port".to_owned(),
                Err(refused) => refused.to_string(),
            };
            if let Some(status) = self.keeper.try_wait()? {
                bail!("PostgreSQL ended with {status}:\n{}", self.last_words());
            }
            if started.elapsed() > START_LIMIT {
                bail!("PostgreSQL does not answer ({refused}):\n{}", tail(&self.log()));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether who answers is our server, and not one that took the port before ours could: then ours ends by itself.
    async fn answers(&self) -> sqlx::Result<bool> {
        let mut connection = self.options.connect().await?;
        let folder: String =
            sqlx::query_scalar("select current_setting('data_directory')").fetch_one(&mut connection).await?;
        connection.close().await?;
        let ours = fs::canonicalize(self.root.join("data")).ok();
        Ok(ours.is_some() && ours == fs::canonicalize(folder).ok())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.root.join("log")).unwrap_or_default()
    }

    /// What was said by a server that has ended, or by the keeper that could not make its folder.
    fn last_words(&mut self) -> String {
        let mut words = String::new();
        if let Some(mut said) = self.keeper.stderr.take() {
            // Nothing that it says is also a word.
            let _ = said.read_to_string(&mut words);
        }
        words + &tail(&self.log())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            tracing::warn!("cannot wait for PostgreSQL to end: {error}");
        }
        if !self.keep {
            // The keeper removes it too, but nobody waits for that.
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
    /// Makes the folder `root` and, when we are root, gives it to a user without privileges: the owner of the data in it, if
    /// there is some.
    fn prepare(root: &Path) -> Result<Option<Self>> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(root)
            .with_context(|| format!("cannot make the folder {}", root.display()))?;
        fs::set_permissions(root, Permissions::from_mode(0o700))?;
        if !we_are_root() {
            return Ok(None);
        }
        let data = root.join("data");
        let owner = fs::metadata(if data.exists() { &data } else { root })?;
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

/// Whether we are the user as whom PostgreSQL does not run.
pub fn we_are_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A folder that is not there yet, with a name that is short enough for the path of a socket. Who it is of is told by the
/// number of our process.
fn temporary_folder() -> PathBuf {
    std::env::temp_dir().join(format!("callout-devdb-{}-{:08x}", std::process::id(), rand::random::<u32>()))
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
