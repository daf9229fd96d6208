//! The packs that a pack may extend.

use std::{
    fs,
    path::{Path, PathBuf},
};

use callout_regulation::{BUILT_IN, Source};

/// Texts of packs: those asked for, those beside them, and those that are built in, in this order: an author's own file
/// comes before the one of a release.
pub struct Shelf {
    asked_for: Vec<(PathBuf, Result<Text, String>)>,
    beside: Vec<Text>,
}

struct Text {
    file: String,
    text: String,
}

impl Text {
    fn read(file: &Path) -> Result<Self, String> {
        let name = file.display().to_string();
        match fs::read_to_string(file) {
            Ok(text) => Ok(Self { file: name, text }),
            Err(error) => Err(format!("{name}: cannot be read: {error}")),
        }
    }

    fn source(&self) -> Source<'_> {
        Source { file: &self.file, text: &self.text }
    }
}

impl Shelf {
    /// Reads `files` and the packs in their folders.
    pub fn around(files: &[PathBuf]) -> Self {
        let mut folders: Vec<&Path> = files.iter().filter_map(|file| file.parent()).collect();
        folders.sort_unstable();
        folders.dedup();
        // What is beside them is a help and nobody's claim: a file that cannot be read is passed over.
        let neighbours = folders.into_iter().flat_map(|folder| {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
        });
        let mut beside: Vec<PathBuf> =
            neighbours.filter(|file| file.extension().is_some_and(|end| end == "yaml" || end == "yml")).collect();
        beside.sort();
        Self {
            asked_for: files.iter().map(|file| (file.clone(), Text::read(file))).collect(),
            beside: beside.iter().filter_map(|file| Text::read(file).ok()).collect(),
        }
    }

    /// One of those asked for, or why it cannot be read.
    pub fn source(&self, file: &Path) -> Result<Source<'_>, String> {
        match self.asked_for.iter().find(|(asked_for, _)| asked_for == file) {
            Some((_, text)) => text.as_ref().map(Text::source).map_err(Clone::clone),
            None => Err(format!("{}: was not read", file.display())),
        }
    }

    /// All of them.
    pub fn sources(&self) -> Vec<Source<'_>> {
        let asked_for = self.asked_for.iter().filter_map(|(_, text)| text.as_ref().ok());
        asked_for.chain(&self.beside).map(Text::source).chain(BUILT_IN.iter().copied()).collect()
    }
}
