//! Where the programs of PostgreSQL are.

use std::{env, fs, path::PathBuf};

use anyhow::{Context as _, Result};

/// The folder that holds `initdb` and `postgres`: on the `PATH`, or where Debian, Red Hat, Homebrew and the installers of
/// postgresql.org put them, the newest major version first.
///
/// # Errors
/// When none is installed.
pub fn find() -> Result<PathBuf> {
    let on_path = env::var_os("PATH").into_iter().flat_map(|path| env::split_paths(&path).collect::<Vec<_>>());
    on_path
        .chain(versions())
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .context(
            "no PostgreSQL found: set DATABASE_URL to a superuser of one (15 or later), or install one (Debian: apt \
             install postgresql; macOS: brew install postgresql)",
        )
}

fn versions() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> =
        ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt", "/Library/PostgreSQL"]
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
