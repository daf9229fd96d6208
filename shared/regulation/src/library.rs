//! The packs that are built into the binary, by id and revision.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;

use crate::{Problems, Regulation, Source, load};

/// The packs of the folder `packs`, in the order of their files; the build script lists them.
pub const BUILT_IN: &[Source<'static>] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// Regulations by pack and revision. A revision is never changed; a change is a new revision with a later first day.
#[derive(Clone, Debug, Default)]
pub struct Library {
    regulations: Vec<Arc<Regulation>>,
}

impl Library {
    /// Loads packs; each may extend another one of them.
    ///
    /// # Errors
    /// [`Problems`] of all of them, also when a revision is there twice or takes effect before an earlier one.
    pub fn load(sources: &[Source<'_>]) -> Result<Self, Problems> {
        let mut library = Self::default();
        let mut problems = Vec::new();
        for source in sources {
            match load(*source, sources) {
                Ok(regulation) => problems.extend(library.add(regulation, source.file).err()),
                Err(found) => problems.extend(found.0),
            }
        }
        if problems.is_empty() { Ok(library) } else { Err(problems.into()) }
    }

    /// The packs that are built in, loaded once.
    ///
    /// # Errors
    /// As [`Library::load`]; a test loads them, so that a release has none.
    pub fn built_in() -> Result<&'static Self, &'static Problems> {
        static BUILT: LazyLock<Result<Library, Problems>> = LazyLock::new(|| Library::load(BUILT_IN));
        BUILT.as_ref()
    }

    /// A revision of a pack.
    #[must_use]
    pub fn revision(&self, pack: &str, revision: u32) -> Option<&Arc<Regulation>> {
        self.of(pack).find(|regulation| regulation.pack().revision == revision)
    }

    /// The revision named as explanations name it, such as `R01-aerial-platforms@1`.
    #[must_use]
    pub fn named(&self, revision: &str) -> Option<&Arc<Regulation>> {
        self.regulations.iter().find(|regulation| regulation.revision() == revision)
    }

    /// The revision of a pack that is in force at an instant: the last whose first day has begun in its zone.
    #[must_use]
    pub fn in_force(&self, pack: &str, at: Timestamp) -> Option<&Arc<Regulation>> {
        self.of(pack)
            .filter(|regulation| regulation.pack().effective_from <= regulation.zone().to_datetime(at).date())
            .max_by_key(|regulation| regulation.pack().revision)
    }

    /// Every revision of every pack.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Regulation>> {
        self.regulations.iter()
    }

    fn of(&self, pack: &str) -> impl Iterator<Item = &Arc<Regulation>> {
        self.regulations.iter().filter(move |regulation| regulation.pack().pack == pack)
    }

    fn add(&mut self, regulation: Regulation, file: &str) -> Result<(), crate::Problem> {
        let (revision, from) = (regulation.pack().revision, regulation.pack().effective_from);
        let clash = self.of(&regulation.pack().pack).find_map(|other| {
            let (other_revision, other_from) = (other.pack().revision, other.pack().effective_from);
            if other_revision == revision {
                Some(format!("the library has {} already; a change is a new revision", regulation.revision()))
            } else if (other_revision < revision) != (other_from < from) {
                Some(format!(
                    "revision {revision} from {from} and revision {other_revision} from {other_from} are out of order"
                ))
            } else {
                None
            }
        });
        if let Some(message) = clash {
            return Err(crate::Problem {
                file: file.to_owned(),
                line: 1,
                column: 1,
                path: "revision".to_owned(),
                message,
            });
        }
        self.regulations.push(Arc::new(regulation));
        Ok(())
    }
}
