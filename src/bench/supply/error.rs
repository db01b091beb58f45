//! Why there is nothing to send.

use std::io;

use super::words::WordError;
use crate::chars::beginning;
use crate::message::{self, Excerpt, Place, Position};

/// Why there is nothing to send.
#[derive(Debug, thiserror::Error)]
pub enum SupplyError {
    /// The data is no message.
    #[error(transparent)]
    Message(#[from] message::Error),
    /// A placeholder in the data.
    #[error("{place}: {position}: {problem}{excerpt}")]
    Word {
        /// Where.
        place: Box<Place>,
        /// Where in it.
        position: Position,
        /// What is wrong.
        problem: Box<WordError>,
        /// The line.
        excerpt: Excerpt,
    },
    /// A placeholder in a header.
    #[error("the header {name:?}: {problem}")]
    Header {
        /// Its name.
        name: String,
        /// What is wrong.
        problem: Box<WordError>,
    },
    /// A row makes a header that HTTP does not have.
    #[error("row {row} of the CSV file makes a value of the header {name:?} that is no visible ASCII")]
    HeaderValue {
        /// The header's name.
        name: String,
        /// The row, from 1.
        row: usize,
    },
    /// What placeholders stand for makes no message.
    #[error("{}with its placeholders filled in, the data is no message", row.map(|row| format!("row {row} of the CSV file: ")).unwrap_or_default())]
    Values {
        /// The row, from 1, where there are any.
        row: Option<usize>,
        /// The data with the values in it.
        text: String,
        /// What is wrong with it.
        source: Box<message::Error>,
    },
    /// It can't be written as it is to be.
    #[error("cannot write the message: {0}")]
    Write(#[source] io::Error),
}

/// A call that could not be made amid others.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the data{} is no message: {why}{}", of(*call), reads(text))]
pub struct Unmade {
    /// Its number, from 0, where its placeholders made it what it is.
    pub call: Option<u64>,
    /// The data with the values in it, where it is text.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl SupplyError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Word { problem, .. } | Self::Header { problem, .. } => Some(match &**problem {
                WordError::NoTable(_) => "name it: --csv FILE, whose first line names the columns".to_owned(),
                WordError::NoColumn { .. } => "the first line of the file names the columns".to_owned(),
                WordError::Open | WordError::Unknown { .. } => {
                    "to send {{ as it stands, without any placeholders: --disable-templates".to_owned()
                }
                WordError::Usage { .. } | WordError::Bounds(_) => return None,
            }),
            Self::Values { text, .. } => Some(format!("it reads: {}", shown(text))),
            Self::Message(_) | Self::HeaderValue { .. } | Self::Write(_) => None,
        }
    }
}

fn of(call: Option<u64>) -> String {
    call.map(|call| format!(" of call {call}, with its placeholders filled in,")).unwrap_or_default()
}

/// That it reads so, where it reads at all.
fn reads(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" (it reads: {})", shown(text)) }
}

/// As much of a document as fits a few lines.
fn shown(text: &str) -> String {
    beginning(text, 200)
}
