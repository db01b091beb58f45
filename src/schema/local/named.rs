//! The files that the user named, which are themselves whatever else has their name.
//!
//! The compiler knows files by names below import paths, and a name that an earlier import path also has would be
//! that path's file. A file that was named by its place on disk is opened there, for itself and for those that
//! import it.

use std::path::{Path, PathBuf};

use protox::file::{File, FileResolver};

use super::places::Places;
use super::{absolute, source};

/// Finds files by the paths that they were given by.
#[derive(Debug)]
pub(super) struct NamedResolver {
    files: Vec<Named>,
    places: Places,
}

#[derive(Debug)]
struct Named {
    path: PathBuf,
    /// The name below the first directory that it lies below.
    name: String,
}

impl NamedResolver {
    /// Of `protos`, those that are at their own path. Names are relative to the first of `directories` that a file is
    /// below.
    pub(super) fn new(protos: &[PathBuf], directories: &[PathBuf], places: &Places) -> Self {
        let directories: Vec<PathBuf> = directories.iter().filter_map(|path| absolute(path).ok()).collect();
        let files = protos.iter().filter_map(|path| {
            let place = path.is_file().then(|| absolute(path).ok())??;
            let below = directories.iter().find_map(|directory| place.strip_prefix(directory).ok())?;
            let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
            Some(Named { path: path.clone(), name: parts?.join("/") })
        });
        Self { files: files.collect(), places: places.clone() }
    }
}

impl FileResolver for NamedResolver {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        self.files.iter().find(|file| file.path == path).map(|file| file.name.clone())
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let file = self.files.iter().find(|file| file.name == name);
        let file = file.ok_or_else(|| protox::Error::file_not_found(name))?;
        Ok(self.places.take(source::open(name, &file.path)?))
    }
}
