//! The twins: bare statements, sent by pgbench to the same server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use callout_fleet::Fleet;
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;
use tokio::process::Command;

use crate::driver::{Slice, histogram};

/// The superuser that pgbench logs in as. The server is private and ends with the run.
const ROLE: (&str, &str) = ("load_pgbench", "only-for-load");

/// Makes the tables of the twins.
const SCHEMA: &str = include_str!("../sql/schema.sql");

/// A script for pgbench, with the values of its variables.
#[derive(Clone, Debug)]
pub struct Twin {
    /// What it is called in the report.
    pub name: &'static str,
    text: &'static str,
    variables: Vec<(&'static str, String)>,
}

impl Twin {
    /// A statement that asks for nothing.
    pub fn nothing() -> Self {
        Self { name: "select 1", text: include_str!("../sql/nothing.sql"), variables: Vec::new() }
    }

    /// One statement that is on disk when it is answered.
    pub fn durable() -> Self {
        Self { name: "one durable insert", text: include_str!("../sql/durable.sql"), variables: Vec::new() }
    }

    /// A transaction of two inserts, of a case's and of its event's size.
    pub fn two_inserts(document: &str, payload: &str) -> Self {
        let variables = vec![("document", document.to_owned()), ("payload", payload.to_owned())];
        Self { name: "begin, 2 inserts, commit", text: include_str!("../sql/two_inserts.sql"), variables }
    }

    /// A transaction that moves a piece of one of so many items between two balances, with its ledger lines.
    pub fn reservation(items: usize) -> Self {
        let variables = vec![("items", items.to_string())];
        Self { name: "begin, 2 updates, insert, commit", text: include_str!("../sql/reservation.sql"), variables }
    }

    /// One of the latest `window` of so many cases by its key.
    pub fn one(rows: u64, window: u64) -> Self {
        let variables = vec![("rows", rows.to_string()), ("window", window.to_string())];
        Self { name: "select by key", text: include_str!("../sql/one.sql"), variables }
    }

    /// A page anywhere in the latest `window` of so many cases.
    pub fn page(rows: u64, window: u64) -> Self {
        let variables = vec![("rows", rows.to_string()), ("window", window.to_string())];
        Self { name: "select a page", text: include_str!("../sql/page.sql"), variables }
    }

    /// A page of a table that stays as small as it is.
    pub fn fixed_page() -> Self {
        Self { name: "select a page of 10,000", text: include_str!("../sql/fixed_page.sql"), variables: Vec::new() }
    }
}

/// pgbench, and how it reaches the server.
pub struct Pgbench {
    program: PathBuf,
    options: PgConnectOptions,
    files: TempDir,
}

impl Pgbench {
    /// Makes the tables of the twins and a login for pgbench.
    ///
    /// # Errors
    /// When the PostgreSQL that was found came without pgbench.
    pub async fn start(fleet: &Fleet, programs: &Path) -> Result<Self> {
        let program = programs.join("pgbench");
        ensure!(
            program.exists(),
            "{} has no pgbench: install the PostgreSQL of your system, which brings it",
            programs.display()
        );
        let mut connection = fleet.superuser().await?;
        let (role, password) = ROLE;
        let login = format!("create role {role} login superuser password '{password}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(login)).execute(&mut connection).await?;
        for statement in SCHEMA.split(";\n") {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
        Ok(Self { program, options: fleet.database().clone(), files: tempfile::tempdir()? })
    }

    /// Has so many connections send it without a pause for a while.
    ///
    /// # Errors
    /// When pgbench fails; with what it said.
    pub async fn run(&self, twin: &Twin, clients: usize, span: Duration) -> Result<Slice> {
        let folder = tempfile::tempdir_in(self.files.path())?;
        let script = folder.path().join("script.sql");
        fs::write(&script, twin.text)?;
        let mut command = Command::new(&self.program);
        command.args(["--no-vacuum", "--protocol=prepared", "--log", "--log-prefix=log", "--file"]).arg(&script);
        command.args(["--client", &clients.to_string(), "--jobs", &clients.min(2).to_string()]);
        command.args(["--time", &span.as_secs().max(1).to_string()]);
        for (name, value) in &twin.variables {
            command.args(["-D", &format!("{name}={value}")]);
        }
        let (role, password) = ROLE;
        command
            .current_dir(folder.path())
            .env("PGHOST", self.options.get_host())
            .env("PGPORT", self.options.get_port().to_string())
            .env("PGUSER", role)
            .env("PGPASSWORD", password)
            .env("PGDATABASE", self.options.get_database().unwrap_or("callout"))
            .env("PGSSLMODE", "disable")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = command.output().await.context("pgbench cannot be run")?;
        let (told, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "pgbench ended with {}: {said}", output.status);
        // On a machine that is very busy it may not get to its first transaction.
        let rate = rate(&told).unwrap_or_default();
        let mut slice = Slice { latencies: histogram(), ..Slice::default() };
        for entry in fs::read_dir(folder.path())? {
            let path = entry?.path();
            if path != script {
                read_log(&fs::read_to_string(path)?, &mut slice);
            }
        }
        slice.span = if rate > 0.0 { Duration::from_secs_f64(slice.done as f64 / rate) } else { span };
        Ok(slice)
    }
}

/// Transactions a second, as pgbench says it at the end.
fn rate(told: &str) -> Option<f64> {
    let line = told.lines().find(|line| line.starts_with("tps = "))?;
    line.trim_start_matches("tps = ").split_whitespace().next()?.parse().ok()
}

/// Adds each transaction of a log: client, number, microseconds, and more.
fn read_log(log: &str, slice: &mut Slice) {
    for line in log.lines() {
        let latency = line.split(' ').nth(2).and_then(|field| field.parse().ok());
        if let Some(micros) = latency {
            slice.took(Duration::from_micros(micros));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_the_one_without_the_time_to_connect() {
        let told = "latency average = 0.409 ms\ninitial connection time = 9.9 ms\ntps = 2444.5 (without initial connection time)\n";
        assert_eq!(rate(told), Some(2444.5));
        assert_eq!(rate("number of clients: 1\n"), None);
    }

    #[test]
    fn each_line_of_a_log_is_a_transaction_with_its_microseconds() {
        let mut slice = Slice::default();
        read_log("0 1 1500 0 1764115200 123456\n0 2 2500 0 1764115200 125956\n", &mut slice);
        assert_eq!((slice.done, slice.latencies.min(), slice.latencies.max()), (2, 1500, 2501));
    }
}
