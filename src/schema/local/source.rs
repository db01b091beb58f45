//! `.proto` files opened for the compiler, which would read two gigabytes of what has no end.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use protox::file::{File, FileResolver, IncludeFileResolver};

use super::places::Places;
use crate::bounded::{self, MIB};

/// The largest file that is read: a hundred times what the largest of real ones have.
const LARGEST: u64 = 64 * MIB;

/// A file that is no source of types.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}", path.display())]
struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

/// Opens a file, called so in messages.
pub(super) fn open(name: &str, path: &Path) -> Result<File, protox::Error> {
    let shown = path.strip_prefix(".").unwrap_or(path);
    let unreadable = |source| protox::Error::new(Unreadable { path: shown.to_owned(), source });
    match fs::metadata(path) {
        Ok(known) if known.is_file() && known.len() > LARGEST => {
            Err(unreadable(io::Error::other(format!("it is larger than {} MiB", LARGEST / MIB))))
        }
        // How much there is in a pipe or a device is seen by reading it.
        Ok(known) if !known.is_file() && !known.is_dir() => {
            let bytes = bounded::read(path, LARGEST).map_err(unreadable)?;
            let text =
                String::from_utf8(bytes).map_err(|_| unreadable(io::Error::other("it is not UTF-8")))?;
            File::from_source(name, &text)
        }
        _ => File::open(name, path),
    }
}

/// Whether bytes look like source: text, whose first word is one that files begin with.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    const FIRST: [&str; 11] = [
        "syntax", "edition", "package", "import", "option", "message", "enum", "service", "extend", "//",
        "/*",
    ];
    let text = std::str::from_utf8(bytes).unwrap_or_default().trim_start_matches('\u{feff}').trim_start();
    FIRST.iter().any(|first| text.starts_with(first))
}

/// Finds files below a directory.
#[derive(Debug)]
pub(super) struct Include {
    directory: PathBuf,
    names: IncludeFileResolver,
    places: Places,
}

impl Include {
    pub(super) fn new(directory: PathBuf, places: &Places) -> Self {
        Self { names: IncludeFileResolver::new(directory.clone()), directory, places: places.clone() }
    }
}

impl FileResolver for Include {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        self.names.resolve_path(path)
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        Ok(self.places.take(open(name, &self.directory.join(name))?))
    }
}
