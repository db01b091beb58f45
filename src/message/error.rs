//! What goes wrong between text and messages, with the place in the user's input.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::Excerpt;
use super::bytes::Malformed;
use super::count::{Missing, NotEach, TooMany};
use super::items::{self, Written};
use super::json::ReadError;
use super::split::SplitError;

/// Where input comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The words of a flag, such as `-d`, and which of several it is, from 1.
    Flag(&'static str, Option<usize>),
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// Items, put together.
    Items(Arc<Written>),
    /// One item, by its word.
    Item(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag, None) => f.write_str(flag),
            Self::Flag(flag, Some(number)) => write!(f, "{flag} #{number}"),
            Self::File(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("stdin"),
            Self::Items(written) => written.fmt(f),
            Self::Item(word) => f.write_str(word),
        }
    }
}

/// Which document of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where the input comes from.
    pub origin: Origin,
    /// The document's number in it, from 1.
    pub document: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin.fmt(f)?;
        // The first is mostly the only one.
        if self.document > 1 { write!(f, ", document {}", self.document) } else { Ok(()) }
    }
}

/// Input that is not the messages it should be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A JSON document does not fit the message.
    #[error("{place}: {error}{excerpt}")]
    Json {
        /// Where.
        place: Place,
        /// What is wrong.
        error: Box<ReadError>,
        /// The line that can't be read, where it is that.
        excerpt: Excerpt,
    },
    /// An item does not fit the message.
    #[error("{word}: {}{problem}", path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default())]
    Item {
        /// The item.
        word: String,
        /// The field, where the item is about more than one.
        path: Option<String>,
        /// What is wrong.
        problem: Box<items::Problem>,
    },
    /// A text-format document does not fit the message.
    #[error("{place}: {error}{excerpt}")]
    Text {
        /// Where.
        place: Place,
        /// What is wrong.
        error: Box<ReadError>,
        /// The line that can't be read, where it is that.
        excerpt: Excerpt,
    },
    /// Bytes are no message of that type.
    #[error("{place}: these bytes are no {message}: {error}")]
    Bytes {
        /// Where.
        place: Place,
        /// The message type.
        message: String,
        /// Whether they are such messages, each behind its length.
        behind_length: bool,
        /// What is wrong.
        error: Malformed,
    },
    /// A document is no argument of a net/rpc method.
    #[error("{place}: {source}")]
    Argument {
        /// Where.
        place: Place,
        /// The Go type that would hold it.
        suggested: Option<String>,
        /// What is wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The input cannot be cut into documents.
    #[error("{place}: {error}")]
    Split {
        /// Where.
        place: Place,
        /// What is wrong.
        error: SplitError,
    },
    /// The input can't be read.
    #[error("cannot read {origin}: {source}")]
    Read {
        /// Where the input comes from.
        origin: Origin,
        /// Why not.
        source: std::io::Error,
    },
    /// More messages than the method takes.
    #[error(transparent)]
    Count(#[from] TooMany),
    /// Each message was to be a call, and the method takes a stream.
    #[error(transparent)]
    NotEach(#[from] NotEach),
    /// No message, where the method takes one and somebody was to give it.
    #[error("{missing}, but {origin} holds none ({{}} would be the empty one)")]
    None {
        /// Where it was to come from.
        origin: Origin,
        /// What takes it.
        missing: Missing,
    },
}

impl Error {
    /// An error of reading.
    pub(super) fn read(origin: &Origin, source: std::io::Error) -> Self {
        Self::Read { origin: origin.clone(), source }
    }

    /// Whether a document makes no message, and others may stand behind it.
    pub fn is_of_a_document(&self) -> bool {
        matches!(self, Self::Json { .. } | Self::Text { .. } | Self::Bytes { .. } | Self::Argument { .. })
    }

    /// Whether a document is no JSON or YAML, whatever message was wanted.
    pub(super) fn is_of_syntax(&self) -> bool {
        matches!(self, Self::Json { error, .. } if error.problem.is_of_syntax())
    }

    /// A splitter's error, with the origin of what it was given.
    pub fn split(origin: &Origin, error: SplitError) -> Self {
        Self::Split { place: Place { origin: origin.clone(), document: error.document }, error }
    }
}
