//! Items that cannot be meant: words that are none, and places and values that do not fit.

use std::path::PathBuf;

use super::path::{self, Step};
use crate::chars::beginning;
use crate::message::{Error, json};

/// A word that is no item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is no item: {}", if word.is_empty() { "\"\"" } else { word }, why.told(word))]
pub struct WordError {
    /// The word.
    pub word: String,
    /// What is wrong with it.
    pub(super) why: Malformed,
}

/// Why a word is no item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Malformed {
    NoOperator,
    NoField,
    NoName,
    NoFile,
    Open(char),
    Unexpected { found: char, after: String },
    Deep(usize),
}

impl Malformed {
    fn told(&self, word: &str) -> String {
        match self {
            Self::NoOperator => format!("write {word}=VALUE, {word}:=JSON or {word}@FILE"),
            Self::NoField if word.is_empty() => "write FIELD=VALUE, FIELD:=JSON or FIELD@FILE".to_owned(),
            Self::NoField => match word.chars().next() {
                Some(first @ ('=' | '@' | '.')) => format!("a field's name stands before '{first}'"),
                _ => "it begins with a field's name".to_owned(),
            },
            Self::NoName => "a name is missing behind a dot".to_owned(),
            Self::NoFile => "the name of a file is missing behind '@'".to_owned(),
            Self::Open('"') => "the quote is not closed".to_owned(),
            Self::Open(_) => "the bracket is not closed".to_owned(),
            Self::Unexpected { found, after } => format!("unexpected {found:?} behind {after}"),
            Self::Deep(limit) => format!("its path has more than {limit} steps"),
        }
    }
}

/// Why an item does not fit its message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// As it would not fit in JSON either.
    #[error(transparent)]
    Json(json::Problem),
    /// What stands behind `:=`, or in a file, is not JSON.
    #[error("{}{error}", file.as_ref().map(|file| format!("{}: ", file.display())).unwrap_or_default())]
    Syntax {
        /// The file.
        file: Option<PathBuf>,
        /// What is wrong, and where in the value.
        error: String,
        /// The word that may have been meant, and what it is for.
        instead: Option<(&'static str, String)>,
    },
    /// A file's content is no text.
    #[error("{} is not UTF-8, and this is {kind}", file.display())]
    NotText {
        /// The file.
        file: PathBuf,
        /// What the place takes.
        kind: String,
    },
    /// There is nothing inside such a value.
    #[error("{} is {kind}, {why}", if path.is_empty() { "the request" } else { path })]
    Step {
        /// What stands before the step that can't be made; nothing before the first.
        path: String,
        /// Its type.
        kind: String,
        /// Why the step can't be made.
        why: String,
    },
    /// An element behind the one that comes next.
    #[error("{path} has {} so far: the next is [{next}]", if *next == 1 { "1 element".to_owned() } else { format!("{next} elements") })]
    Gap {
        /// The list.
        path: String,
        /// How many elements it has.
        next: usize,
    },
    /// A place that another item has filled.
    #[error("{path} is given twice, first by {first}{}", if *list { format!("; for a list: {path}[]=…") } else { String::new() })]
    Twice {
        /// The place.
        path: String,
        /// The other item.
        first: String,
        /// Whether a list may have been meant, where no type says so.
        list: bool,
    },
    /// A place that is given as a whole and in parts.
    #[error("{path} is given as a whole and in parts: by {first} and this")]
    Whole {
        /// The place.
        path: String,
        /// The other item.
        first: String,
    },
}

/// A problem of an item that is known further out. Boxed, because items mostly fit.
#[derive(Debug)]
pub(super) struct Misplaced(Box<Problem>);

impl Misplaced {
    pub(super) fn new(problem: Problem) -> Self {
        Self(Box::new(problem))
    }

    /// A step that can't be made from a value of this type.
    pub(super) fn step(before: &[Step], kind: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(Problem::Step { path: path::text(before), kind: kind.into(), why: why.into() })
    }

    /// As an error about the item of this word, and the field if there is more than one in it.
    pub(super) fn of(self, word: &str, path: Option<String>) -> Error {
        Error::Item { word: shown(word), path, problem: self.0 }
    }
}

impl From<json::Problem> for Misplaced {
    fn from(problem: json::Problem) -> Self {
        Self::new(Problem::Json(problem))
    }
}

/// How much of a word is repeated in a message about it.
const SHOWN: usize = 60;

/// As much of a word as tells which one is meant.
pub(super) fn shown(word: &str) -> String {
    beginning(word, SHOWN)
}
