//! What may stand where a word is being typed: names that a server has, and the fields of a request as items.
//!
//! All of it is answered from a [`Catalog`], a plain value made of a schema, which the [`Cache`] keeps on disk for a
//! target. Where in the command line the word stands is known to who asks.

mod cache;
mod catalog;
mod items;
mod names;
#[cfg(test)]
mod testing;

pub use cache::{Cache, Cached, Key};
pub use catalog::{Catalog, Field, Form, Method, Service};
pub use items::items;
pub use names::{methods, services, symbols};

/// One way to go on with a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word.
    pub text: String,
    /// What it is, in a few words.
    pub help: String,
    /// Whether the word goes on behind it, so that no space follows.
    pub open: bool,
}

impl Candidate {
    /// A word that is complete.
    pub fn new(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { text: text.into(), help: help.into(), open: false }
    }

    /// The beginning of a word.
    pub fn open(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { text: text.into(), help: help.into(), open: true }
    }
}

/// Those that begin with `word`; where none does, in any case: a shell that minds it passes them over.
pub fn beginning(all: Vec<Candidate>, word: &str) -> Vec<Candidate> {
    let (exact, other): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|candidate| candidate.text.starts_with(word));
    if exact.is_empty() {
        other.into_iter().filter(|other| begins(&other.text, word)).collect()
    } else {
        exact
    }
}

/// Whether a name begins with `word` in any case.
fn begins(name: &str, word: &str) -> bool {
    name.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
}

/// What the rest of a word names instead, which shells complete better than anyone else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// A file, behind these characters of the word.
    File(String),
    /// A folder, behind these characters of the word.
    Folder(String),
}

/// All that can be said about a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The words it may become.
    pub candidates: Vec<Candidate>,
    /// What the rest of it may be.
    pub rest: Option<Rest>,
}

impl From<Vec<Candidate>> for Answer {
    fn from(candidates: Vec<Candidate>) -> Self {
        Self { candidates, rest: None }
    }
}

impl From<Rest> for Answer {
    fn from(rest: Rest) -> Self {
        Self { candidates: Vec::new(), rest: Some(rest) }
    }
}
