//! Files that are read again when they change.

use std::{fs, os::unix::fs::MetadataExt, path::Path, time::SystemTime};

use anyhow::Context;

/// What tells a file from the one that was read before, without reading it.
///
/// The inode tells a file that was put in the place of another from it, even when both are of one size and were written
/// within the same tick of the file system's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    modified: SystemTime,
    length: u64,
    inode: u64,
}

impl Version {
    /// # Errors
    /// When there is no such file.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        let metadata = fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Self { modified: metadata.modified()?, length: metadata.len(), inode: metadata.ino() })
    }
}
