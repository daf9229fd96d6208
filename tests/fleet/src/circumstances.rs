//! When, where and with what something was measured: no figure is worth anything without it.

use std::{env, fs, process::Command};

use callout_kit::clock;
use serde::{Deserialize, Serialize};

/// What stands above every table of figures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Circumstances {
    /// When it began, in UTC.
    pub date: String,
    /// How it can be done again.
    pub command: String,
    /// On what.
    pub machine: String,
    /// Of what.
    pub versions: String,
    /// On which database; empty while it is not known.
    pub database: String,
}

impl Circumstances {
    /// Those of now and here, of the command `program` with the arguments that this process was given.
    #[must_use]
    pub fn of(program: &str) -> Self {
        let command = env::args().skip(1).fold(program.to_owned(), |command, argument| format!("{command} {argument}"));
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        Self {
            date: format!("{:.0}", clock::system_now()),
            command,
            machine: machine(),
            versions: format!("callout {}, commit {}, {profile} build", env!("CARGO_PKG_VERSION"), commit()),
            database: String::new(),
        }
    }

    /// As the lines of a list in Markdown.
    #[must_use]
    pub fn list(&self) -> String {
        let Self { date, command, machine, versions, database } = self;
        let database = if database.is_empty() { String::new() } else { format!(", {database}") };
        format!("- {date}\n- `{command}`\n- {machine}\n- {versions}{database}\n")
    }
}

/// `cargo run` of a package as it was built, up to its own arguments.
#[must_use]
pub fn cargo_run(package: &str) -> String {
    let profile = if cfg!(debug_assertions) { "" } else { " --release" };
    format!("cargo run{profile} --package {package} --")
}

/// The commit that is checked out, and whether anything but the pages, which runs write themselves, was changed since.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let said = Command::new("git").args(arguments).output().ok().filter(|said| said.status.success())?;
        Some(String::from_utf8_lossy(&said.stdout).trim().to_owned())
    };
    let all_but_pages = ["--", ":(top)", ":(top,exclude,glob)**/RESULTS.*"];
    let changes = git(&[&["status", "--porcelain", "--untracked-files=no"], all_but_pages.as_slice()].concat());
    match (git(&["rev-parse", "--short=12", "HEAD"]), changes.as_deref()) {
        (Some(commit), Some("")) => commit,
        (Some(commit), _) => format!("{commit}-dirty"),
        (None, _) => "unknown".to_owned(),
    }
}

/// The cores, their kind, the memory and the kernel, as Linux says, and how busy it was.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = value(&read("/proc/cpuinfo"), "model name");
    let memory: u64 =
        value(&read("/proc/meminfo"), "MemTotal").split(' ').next().and_then(|kib| kib.parse().ok()).unwrap_or(0);
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    format!(
        "{cores} × {model}, {} GiB, Linux {}; load average at the start {}",
        memory / 1024 / 1024,
        kernel.trim(),
        load.split(' ').next().unwrap_or_default()
    )
}
