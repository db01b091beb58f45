//! Text ⇄ messages: JSON, protobuf text, words of a command line, splitting documents, templates.
//!
//! On the way out, words of the command line ([`items`]) or answers to questions ([`form`]) become a document, or input is
//! cut into documents ([`split`]), each document is read as the bytes of a message ([`Reader`]), and the
//! messages are counted against what the method takes ([`count`]). On the way back, bytes are printed as they are
//! ([`json`], [`text`]), with what can't be read in its place. What a message is as bytes, [`bytes`] knows; where many differ in a few values, a
//! [`mold`] writes them. All of it is pure but [`input`], which reads files and
//! standard input as they come.

pub mod bytes;
pub mod count;
#[cfg(test)]
mod differential;
pub mod digits;
mod error;
mod excerpt;
pub mod form;
pub mod frames;
pub mod input;
pub mod items;
pub mod json;
pub mod mold;
mod position;
pub mod split;
pub mod survey;
pub mod template;
pub mod text;
pub mod tree;

pub use error::{Error, Origin, Place};
pub use excerpt::Excerpt;
pub use position::{Position, TooDeep};

use prost_reflect::MessageDescriptor;
use prost_reflect::bytes::Bytes;
use prost_reflect::prost::encoding::decode_varint;

use crate::schema::unseen::is_unseen;
use split::Document;

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Proto3 JSON.
    Json,
    /// The protobuf text format.
    Text,
    /// YAML, with what it has in common with JSON.
    Yaml,
    /// The bytes of a message.
    Binary {
        /// Whether each message stands behind its length, as those of a stream have to.
        delimited: bool,
    },
}

/// Reads the documents of an input as the bytes of messages. Keep one for a whole input: it remembers the types it has
/// seen.
#[derive(Default)]
pub struct Reader {
    json: json::Reader,
    text: text::Reader,
    bytes: bytes::Rewriter,
}

impl Reader {
    /// Reads one document of the input from `origin` as a message of type `descriptor`.
    ///
    /// `allow_unknown_fields` is for JSON; the text format has no such thing.
    pub fn read(
        &self,
        format: Format,
        descriptor: &MessageDescriptor,
        origin: &Origin,
        document: &Document,
        allow_unknown_fields: bool,
    ) -> Result<Bytes, Error> {
        let place = || Place { origin: origin.clone(), document: document.number };
        // A field is named by its path; what can't be read at all is shown.
        let excerpt =
            |wanted: bool, at| if wanted { Excerpt::of(&document.text, at) } else { Excerpt::default() };
        let told = |error: Box<json::ReadError>| Error::Json {
            place: place(),
            excerpt: excerpt(error.problem.is_of_syntax(), error.position),
            error: Box::new(error.after(document.start)),
        };
        match format {
            Format::Json => {
                let read = self.json.read(descriptor, &document.text, allow_unknown_fields);
                read.map(Bytes::from).map_err(|error| match origin {
                    Origin::Items(written) => written.error(*error),
                    _ => told(error),
                })
            }
            Format::Yaml => {
                let read = self.json.read_yaml(descriptor, &document.text, allow_unknown_fields);
                read.map(Bytes::from).map_err(told)
            }
            // Bytes are sent as they are, with whatever this side does not know.
            Format::Binary { .. } if is_unseen(descriptor) => Ok(document.text.clone()),
            Format::Binary { delimited } => match self.bytes.rewrite(descriptor, &document.text) {
                Ok(_) => Ok(document.text.clone()),
                Err(error) => Err(Error::Bytes {
                    place: place(),
                    message: descriptor.full_name().to_owned(),
                    behind_length: !delimited && self.is_behind_length(descriptor, document.text.clone()),
                    error,
                }),
            },
            Format::Text => {
                self.text.read(descriptor, &document.text).map(Bytes::from).map_err(|error| Error::Text {
                    place: place(),
                    excerpt: excerpt(error.problem.is_of_syntax(), error.position),
                    error: Box::new(error.after(document.start)),
                })
            }
        }
    }

    /// Whether bytes are messages, each behind its length.
    fn is_behind_length(&self, descriptor: &MessageDescriptor, mut bytes: Bytes) -> bool {
        while !bytes.is_empty() {
            let length = decode_varint(&mut bytes).ok().and_then(|length| usize::try_from(length).ok());
            let Some(length) = length.filter(|length| *length <= bytes.len()) else { return false };
            if self.bytes.rewrite(descriptor, &bytes.split_to(length)).is_err() {
                return false;
            }
        }
        true
    }
}

/// The full names of the types that an `Any` in a document names. They have to be in the message type's pool before
/// the document is read.
fn any_types(format: Format, document: &[u8]) -> Vec<String> {
    match format {
        Format::Json => json::any_types(document),
        Format::Yaml => json::any_types_in_yaml(document),
        Format::Text => text::any_types(document),
        Format::Binary { .. } => Vec::new(),
    }
}
