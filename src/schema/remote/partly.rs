//! Files that do not fit together: as many of them as do, so that one that doesn't hides none of the others.

use std::collections::HashSet;

use prost_reflect::DescriptorPool;

use super::super::error::Refused;
use super::super::file_set::{FileSet, LinkError};
use super::super::repair::{self, Outcome};
use super::{NOBODY, Remote};

/// How many files are tried one by one; beyond that only what is known to be wrong is left out.
const MAX_TRIES: usize = 200;

impl Remote {
    /// Links what fits, and keeps the reason why the rest does not.
    pub(super) fn link_what_fits(&mut self, why: LinkError) {
        let outcome = repair::repaired(&self.files).without_lost_extensions(&self.files);
        let (fitting, pool) =
            self.without_incomplete(&outcome).unwrap_or_else(|| self.one_by_one(&outcome.files));
        self.pool = pool;
        self.repaired = Some(outcome.of_only(fitting));
        self.refused.get_or_insert(Refused::Link(why));
    }

    /// All files but those that lack something, and those that import them.
    fn without_incomplete(&self, outcome: &Outcome) -> Option<(FileSet, DescriptorPool)> {
        let mut bad: HashSet<String> =
            outcome.missing.iter().map(|missing| missing.file().to_owned()).collect();
        if bad.is_empty() {
            return None;
        }
        let mut fitting = outcome.files.clone();
        while !bad.is_empty() {
            fitting.remove(&bad);
            bad = fitting.importers_of(&bad);
        }
        let pool = fitting.link(self.options, NOBODY).ok()?;
        Some((fitting, pool))
    }

    /// Each file, with all that it imports, unless it does not fit with those before it.
    fn one_by_one(&self, files: &FileSet) -> (FileSet, DescriptorPool) {
        let mut fitting = FileSet::default();
        let mut pool = DescriptorPool::new();
        let names: Vec<&str> = files.named().map(|(name, _)| name).collect();
        for name in names.into_iter().take(MAX_TRIES) {
            let more = fitting.with_all_of(files, name);
            if more.len() > fitting.len()
                && let Ok(linked) = more.link(self.options, NOBODY)
            {
                (fitting, pool) = (more, linked);
            }
        }
        (fitting, pool)
    }
}
