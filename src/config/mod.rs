//! What configuration files say: which there are, what stands in them, which of it counts, and whom it is believed of.
//!
//! A key is the long name of the flag it stands for, and [`KEYS`] is the table of them all: reading, `config show`, the
//! nearest name of an unknown key and the documentation go by it. What comes out are settings, each with the place where
//! it stands; making flags of them is for who knows the command line.

mod files;
mod keys;
mod layers;
mod read;
mod trust;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use files::{FOLDER_FILE, File, Kind as FileKind, Places, folder_file, open, own_file, parse};
pub use keys::{Group, KEYS, Key, Kind};
pub use layers::{
    By, Chosen, InForce, Layer, Said, Taken, address, chosen, contradictions, in_force, layers,
};
pub use read::{Document, Named, Profile, Setting, Source, Value, read};
pub use trust::Store;

/// A file can't be used.
#[derive(Debug, Error)]
pub enum Error {
    /// It can't be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is something wrong in it.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A profile that no file has.
    #[error("{by}: {missing}")]
    NoProfile {
        /// The flag or the variable that names it.
        by: &'static str,
        /// What is not there.
        missing: NoProfile,
    },
}

/// Something wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 where it is about the file as a whole.
    pub line: usize,
    /// What is wrong there.
    pub what: What,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum What {
    /// It is no TOML, or as wrong as the text says.
    #[error("{0}")]
    Text(String),
    /// No key is called that.
    #[error("there is no key {key}{}", near.as_ref().map(|near| format!(", did you mean {near}?")).unwrap_or_default())]
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest that there is.
        near: Option<String>,
    },
    /// The value is of another type.
    #[error("{key} is {wanted}, and not {found}")]
    Type {
        /// The key.
        key: String,
        /// What it has to be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// The value says nothing that makes sense.
    #[error("{key}: {why}")]
    Value {
        /// The key.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// Two keys that can't both be.
    #[error("{one} and {other} (line {line}) contradict each other")]
    Contradiction {
        /// This key.
        one: String,
        /// The other.
        other: String,
        /// Where the other stands, in the same file or in another.
        line: usize,
    },
    /// A key names a profile that is not there.
    #[error("{key}: {missing}")]
    NoProfile {
        /// The key.
        key: &'static str,
        /// What is not there.
        missing: NoProfile,
    },
    /// A profile inherits from itself, by way of these.
    #[error("a profile can't inherit from itself: {}", .0.join(" inherits from "))]
    Cycle(Vec<String>),
    /// A command where none may stand.
    #[error("{0}: a command may stand in your own configuration only, not in a folder's")]
    Command(String),
}

/// A profile that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no profile {name:?}{}", near.as_ref().map(|near| format!(", did you mean {near:?}?")).unwrap_or_default())]
pub struct NoProfile {
    /// What was looked for.
    pub name: String,
    /// The nearest that there is.
    pub near: Option<String>,
    /// All there are.
    pub all: Vec<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.line {
            0 => write!(f, "{path}: {}", self.what),
            line => write!(f, "{path}:{line}: {}", self.what),
        }
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// What is wrong with a file as a whole.
    pub fn file(path: &Path, why: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: 0, what: What::Text(why.into()) }
    }

    /// A value of a setting that makes no sense.
    pub fn value(path: &Path, setting: &Setting, why: impl Into<String>) -> Self {
        let what = What::Value { key: setting.id(), why: why.into() };
        Self { path: path.to_owned(), line: setting.line, what }
    }
}

/// The nearest of some names, if it is near enough to have been meant.
fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let scored = names.into_iter().map(|other| (strsim::jaro_winkler(name, other), other));
    let (score, best) = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (score > 0.8).then(|| best.to_owned())
}

#[cfg(test)]
mod tests;
