//! Text ⇄ messages: JSON, protobuf text, splitting documents, templates.
//!
//! On the way out, input is cut into documents ([`split`]), each document is read as a message ([`read`]), and the
//! messages are counted against what the method takes ([`count`]). On the way back, bytes are decoded, keeping what
//! does not decode ([`decode`]), and printed ([`json`], [`text`]). All of it is pure but [`input`], which reads files and
//! standard input as they come.

pub mod count;
pub mod decode;
mod error;
mod excerpt;
pub mod input;
pub mod json;
mod position;
mod record;
pub mod split;
pub mod template;
pub mod text;

pub use error::{Error, Origin, Place};
pub use excerpt::Excerpt;
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
    // A field is named by its path; what can't be read at all is shown.
    let excerpt =
        |wanted: bool, at| if wanted { Excerpt::of(&document.text, at) } else { Excerpt::default() };
    match format {
        Format::Json => {
            json::read(descriptor, &document.text, allow_unknown_fields).map_err(|error| Error::Json {
                place: place(),
                excerpt: excerpt(error.problem.is_of_syntax(), error.position),
                error: Box::new(error.after(document.start)),
            })
        }
        Format::Text => text::read(descriptor, &document.text).map_err(|error| Error::Text {
            place: place(),
            excerpt: excerpt(matches!(error.problem, text::Problem::Parse(_)), error.position),
            error: Box::new(error.after(document.start)),
        }),
    }
}
