//! Why a name, or a whole schema, could not be had.

use std::path::PathBuf;

use thiserror::Error;

use super::check::CheckError;
use super::file_set::LinkError;
use super::local::LocalError;
use super::reflection::ReflectionError;

/// Why some of what a server offers, or files have, is left out.
#[derive(Debug, Clone, Error)]
pub enum Refused {
    /// A file is none that can be used.
    #[error(transparent)]
    Check(CheckError),
    /// A file does not fit with the others.
    #[error(transparent)]
    Link(LinkError),
    /// A file of a descriptor set is none that can be used.
    #[error("{source}")]
    InSet {
        /// The set.
        path: PathBuf,
        /// Why not.
        source: CheckError,
    },
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Check(error) => Self::Check(error),
            Refused::Link(error) => Self::Link(error),
            Refused::InSet { path, source } => Self::Local(LocalError::Unusable { path, source }),
        }
    }
}

/// Why a name, or a whole schema, could not be had.
#[derive(Debug, Error)]
pub enum Error {
    /// The user's files give no schema.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// The server could not be asked.
    #[error(transparent)]
    Reflection(#[from] ReflectionError),
    /// The server sent a descriptor that can't be used.
    #[error("cannot use the server's descriptors")]
    Check(#[source] CheckError),
    /// Descriptors do not make a whole.
    #[error("cannot use the schema")]
    Link(#[source] LinkError),
    /// Reflection is off and there are no files.
    #[error("nothing says what the server offers: reflection is off, and no files are given")]
    NoSource,
    /// More than one name ends like that.
    #[error("{name:?} is the end of more than one name")]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// All that it may mean.
        candidates: Vec<String>,
    },
    /// The service is there and the method is not.
    #[error("{service} has no method {method:?}")]
    NoSuchMethod {
        /// The service's full name.
        service: String,
        /// The method asked for.
        method: String,
        /// The nearest methods, best first, as they can be called.
        did_you_mean: Vec<String>,
        /// All its methods, as they can be called.
        methods: Vec<String>,
    },
    /// The name is a service's, where a method's is wanted.
    #[error("{service} is a service; name one of its methods")]
    IsService {
        /// The service's full name.
        service: String,
        /// All its methods, as they can be called.
        methods: Vec<String>,
    },
    /// The name is that of something else than a service.
    #[error("{name} is {kind}, not a service")]
    NotAService {
        /// The full name.
        name: String,
        /// "a message", "a method" and so on.
        kind: String,
    },
    /// Nothing is called that.
    #[error("there is no {what} {name:?}")]
    NotFound {
        /// "service", "method" or "symbol".
        what: &'static str,
        /// What was asked for.
        name: String,
        /// The nearest names, best first.
        did_you_mean: Vec<String>,
    },
}

impl Error {
    /// Whether it is only that the server has no reflection as asked for, so that files may stand in for it.
    pub(super) fn is_unavailable(&self) -> bool {
        use ReflectionError::{OtherVersion, Unavailable};
        matches!(self, Self::Reflection(Unavailable(_) | OtherVersion { .. }))
    }
}
