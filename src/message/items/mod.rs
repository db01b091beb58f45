//! A message as words of a command line: `name=Alice address.city=Paris tags=a tags=b age:=30 photo@me.png`.
//!
//! A word becomes an [`Item`]: a path, and what is to stand there. The items of a message are put together by its
//! type, which says what each text means, and come out as JSON ([`write()`]): from there on they are a
//! document like any other. Where each item went is kept ([`Written`]), so that what does not fit is told as the word
//! that says it and never as a column of a text that nobody wrote.
//!
//! xh and HTTPie have the form of the words. What they leave to guessing, the type of a value, is in the schema here;
//! net/rpc has none, and there a value is what it looks like, as in a `google.protobuf.Value`.

mod build;
mod error;
mod path;
mod value;
mod word;
mod written;

#[cfg(test)]
mod tests;

use std::path::{Path as FilePath, PathBuf};
use std::time::SystemTime;

use prost_reflect::MessageDescriptor;
use prost_reflect::bytes::Bytes;

use super::Error;

pub use error::{Problem, WordError};
pub use word::is_item;
pub use written::Written;

pub(super) use path::{Step, text as path_text};

/// One word that says what stands at a place in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// As it was typed.
    word: String,
    path: Vec<Step>,
    value: Given,
}

/// What is to stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    /// Behind `=`: text, in the words of the place's type.
    Text(String),
    /// Behind `:=`: JSON.
    Json(String),
    /// Behind `@`: a file, to be read.
    File(PathBuf),
    /// What was in the file.
    Content(PathBuf, Bytes),
}

impl Item {
    /// Reads a word.
    pub fn parse(word: &str) -> Result<Self, WordError> {
        word::parse(word)
    }

    /// The word.
    pub fn word(&self) -> &str {
        &self.word
    }

    /// What stands behind its `=`, if it has one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Given::Text(text) => Some(text),
            Given::Json(_) | Given::File(_) | Given::Content(..) => None,
        }
    }

    /// The file that holds its value, as long as nobody has read it.
    pub fn file(&self) -> Option<&FilePath> {
        match &self.value {
            Given::File(path) => Some(path),
            _ => None,
        }
    }

    /// Takes what is in its file.
    pub fn fill(&mut self, content: impl Into<Bytes>) {
        if let Given::File(path) = &mut self.value {
            self.value = Given::Content(std::mem::take(path), content.into());
        }
    }
}

/// How items are put together.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Whether fields that the message does not have are passed over.
    pub allow_unknown_fields: bool,
    /// What `now` is.
    pub now: SystemTime,
}

/// Puts a message together from items, as JSON. Without a type, values are what they look like.
pub fn write(message: Option<&MessageDescriptor>, items: &[Item], manner: Manner) -> Result<Written, Error> {
    let mut builder = build::Builder::new(message, manner);
    for (index, item) in items.iter().enumerate() {
        builder.add(index, item).map_err(|misplaced| misplaced.of(&item.word, None))?;
    }
    Ok(Written::new(&builder.tree(), items))
}
