//! Text ⇄ messages: JSON, protobuf text, words of a command line, splitting documents, templates.
//!
//! On the way out, input is cut into documents ([`split`]), each document is read as a message ([`read`]), and the
//! messages are counted against what the method takes ([`count`]). On the way back, bytes are decoded, keeping what
//! does not decode ([`decode`]), and printed ([`json`], [`text`]). All of it is pure but [`input`], which reads files and
//! standard input as they come.

pub mod count;
pub mod decode;
mod error;
pub mod input;
pub mod items;
pub mod json;
mod position;
mod record;
pub mod split;
pub mod template;
pub mod text;

pub use error::{Error, Origin, Place};
pub use position::{Position, TooDeep};

use prost_reflect::{DynamicMessage, MessageDescriptor};

use split::Document;

/// How messages are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Proto3 JSON.
    Json,
    /// The protobuf text format.
    Text,
}

/// Reads one document of the input from `origin` as a message of type `descriptor`.
///
/// `allow_unknown_fields` is for JSON; the text format has no such thing.
pub fn read(
    format: Format,
    descriptor: &MessageDescriptor,
    origin: &Origin,
    document: &Document,
    allow_unknown_fields: bool,
) -> Result<DynamicMessage, Error> {
    let place = || Place { origin: origin.clone(), document: document.number };
    match format {
        Format::Json => {
            json::read(descriptor, &document.text, allow_unknown_fields).map_err(|error| match origin {
                Origin::Items(written) => written.error(*error),
                _ => Error::Json { place: place(), error: Box::new(error.after(document.start)) },
            })
        }
        Format::Text => text::read(descriptor, &document.text)
            .map_err(|error| Error::Text { place: place(), error: Box::new(error.after(document.start)) }),
    }
}
