//! What came of one call over several protocols, and where that differs.
//!
//! Protocols put things in different places, so what is compared is what a caller gets to see: how the call ended, the
//! messages as JSON, and the metadata that is the server's own, headers and trailers together. The JSON form is stable:
//! members may be added, none is renamed or removed; docs/protocols.md describes it.

mod differences;
mod document;
mod lines;
mod own;
mod read;
mod text;

use std::collections::BTreeMap;
use std::time::Duration;

pub use self::differences::{Aspect, Difference, Side, Value, differences};
pub use self::document::{Document, json};
pub use self::read::{Look, read};
pub use self::text::{agreed, differ, text, times};

use crate::failure::Told;
use crate::session::Status;

/// What came of the call over one protocol.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The protocol's name on the command line.
    pub protocol: &'static str,
    /// What people call it, as it stands in what is said about answers that are none of it.
    pub title: String,
    /// How long it took, connecting included.
    pub took: Duration,
    /// The answer, or why there was no call.
    pub answer: Result<Answer, Told>,
}

/// An answer, as far as protocols have it in common.
#[derive(Debug, Clone)]
pub struct Answer {
    /// How the call ended.
    pub status: Status,
    /// The same as JSON.
    pub status_json: String,
    /// Its details, each as JSON.
    pub details: Vec<String>,
    /// The messages, each as JSON.
    pub messages: Vec<String>,
    /// What the server sent as its own, by name: of headers and then of trailers, bytes in base64.
    pub metadata: BTreeMap<String, Vec<String>>,
}
