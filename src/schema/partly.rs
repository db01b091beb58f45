//! Files that do not fit together: as many of them as do, so that one that doesn't hides none of the others.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use prost_reflect::DescriptorPool;

use super::file_set::{FileSet, LinkError};
use super::repair::{self, Outcome};

/// How often files are linked to find out which ones fit, and for how long that may go on: beyond that only what is
/// known to fit is taken.
const MAX_TRIES: usize = 200;
const MAX_TIME: Duration = Duration::from_secs(5);
/// What is said of a file that is there and can't be had.
const UNUSABLE: &str = "can't be used";

/// What fits, and what does not.
pub(super) struct Fitting {
    /// The files that fit, and what was repaired in them.
    pub(super) outcome: Outcome,
    pub(super) pool: DescriptorPool,
    /// The files that don't, and why.
    pub(super) lost: Vec<(String, LinkError)>,
}

/// Links what fits.
pub(super) fn what_fits(files: &FileSet, options: bool, nobody: &'static str) -> Fitting {
    let outcome = repair::repaired(files).without_lost_extensions(files);
    let (fitting, pool, lost) = without_incomplete(&outcome, options, nobody)
        .unwrap_or_else(|| Search::new(&outcome.files, options, nobody).run());
    Fitting { outcome: outcome.of_only(fitting), pool, lost }
}

type Found = (FileSet, DescriptorPool, Vec<(String, LinkError)>);

/// All files but those that lack something, and those that import them.
fn without_incomplete(outcome: &Outcome, options: bool, nobody: &'static str) -> Option<Found> {
    let mut why: HashMap<String, LinkError> = HashMap::new();
    for missing in &outcome.missing {
        why.entry(missing.file().to_owned()).or_insert_with(|| outcome.lack(missing, nobody));
    }
    if why.is_empty() {
        return None;
    }
    let mut fitting = outcome.files.clone();
    let mut bad: HashSet<String> = why.keys().cloned().collect();
    while !bad.is_empty() {
        fitting.remove(&bad);
        let importers = fitting.importers_of(&bad);
        for (file, import) in &importers {
            why.insert(file.clone(), unusable(file, import));
        }
        bad = importers.into_iter().map(|(file, _)| file).collect();
    }
    let pool = fitting.link(options, nobody).ok()?;
    let in_order = outcome.files.named().filter_map(|(name, _)| Some((name.to_owned(), why.remove(name)?)));
    Some((fitting, pool, in_order.collect()))
}

fn unusable(file: &str, import: &str) -> LinkError {
    LinkError::MissingImport { import: import.to_owned(), wanted_by: file.to_owned(), nobody: UNUSABLE }
}

/// A search for the files that fit, by halves.
struct Search<'a> {
    files: &'a FileSet,
    options: bool,
    nobody: &'static str,
    fitting: FileSet,
    pool: DescriptorPool,
    lost: Vec<(String, LinkError)>,
    tries: usize,
    end: Instant,
}

impl<'a> Search<'a> {
    fn new(files: &'a FileSet, options: bool, nobody: &'static str) -> Self {
        Self {
            files,
            options,
            nobody,
            fitting: FileSet::default(),
            pool: DescriptorPool::new(),
            lost: Vec::new(),
            tries: 0,
            end: Instant::now() + MAX_TIME,
        }
    }

    /// Each file, with all that it imports, unless it does not fit with those before it.
    fn run(mut self) -> Found {
        let names: Vec<&str> = self.files.named().map(|(name, _)| name).collect();
        // The halves still to be tried, the first one last, and why those that are larger did not fit.
        let mut open: Vec<(&[&str], Option<LinkError>)> = vec![(names.as_slice(), None)];
        while let Some((names, whole)) = open.pop() {
            let more = self.fitting.with_all_of(self.files, names);
            if more.len() == self.fitting.len() {
                continue;
            }
            match self.try_link(&more, whole) {
                Ok(pool) => (self.fitting, self.pool) = (more, pool),
                Err(why) => match names {
                    [] => {}
                    [name] => self.lost.push(((*name).to_owned(), why)),
                    names => {
                        let (first, second) = names.split_at(names.len() / 2);
                        open.push((second, Some(why.clone())));
                        open.push((first, Some(why)));
                    }
                },
            }
        }
        // A file may have come along with one that imports it, after it was tried alone.
        let (fitting, files) = (&self.fitting, self.files);
        self.lost.retain(|(name, _)| !fitting.contains(name));
        let bad: HashSet<String> = self.lost.iter().map(|(name, _)| name.clone()).collect();
        let imports: HashMap<String, String> = files.importers_of(&bad).into_iter().collect();
        for (name, why) in &mut self.lost {
            if let Some(import) = imports.get(name) {
                *why = unusable(name, import);
            }
        }
        (self.fitting, self.pool, self.lost)
    }

    /// Links, unless that was tried often enough.
    fn try_link(&mut self, files: &FileSet, whole: Option<LinkError>) -> Result<DescriptorPool, LinkError> {
        self.tries += 1;
        match whole {
            Some(why) if self.tries > MAX_TRIES || Instant::now() > self.end => Err(why),
            _ => files.link(self.options, self.nobody),
        }
    }
}
