//! Reading proto3 JSON into a message, with errors that say where and what was expected.
//!
//! prost-reflect does the reading. A document that fails is read once more, slower, to learn the field's path; so
//! the many that succeed pay nothing for it.

use std::fmt;

use prost_reflect::prost::Message as _;
use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor};
use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::any::is_full_name;
use super::names::Owner;
use super::print::DEPTH;
use super::{names, path};
use crate::message::{Position, TooDeep};

/// What the JSON parser underneath allows; a value that is nested deeper is no message either.
const NESTING: usize = 127;

/// A document that is not the message it should be.
#[derive(Debug, thiserror::Error)]
#[error("{}{problem}", path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default())]
pub struct ReadError {
    /// Where in the document.
    pub position: Position,
    /// The field, as `some.list[2].field`; none at the top.
    pub path: Option<String>,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a document.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It is not JSON.
    #[error("not valid JSON: {0}")]
    Syntax(String),
    /// A value does not fit its field.
    #[error("{found}{}", expected.as_ref().map(|kind| format!(" (the field's type is {kind})")).unwrap_or_default())]
    Value {
        /// What was found.
        found: String,
        /// The field's type.
        expected: Option<String>,
    },
    /// A name that the message type does not have.
    #[error("{message} has no field {name:?}{}", similar.as_ref().map(|name| format!("; did you mean {name:?}?")).unwrap_or_default())]
    UnknownField {
        /// The name as it was written.
        name: String,
        /// The message type's full name.
        message: String,
        /// The nearest name that it does have.
        similar: Option<String>,
    },
    /// A name that the enum does not have.
    #[error("{name:?} is no value of {enumeration}{}", similar.as_ref().map(|name| format!("; did you mean {name:?}?")).unwrap_or_default())]
    UnknownValue {
        /// The name as it was written.
        name: String,
        /// The enum's full name.
        enumeration: String,
        /// The nearest name that it does have.
        similar: Option<String>,
    },
    /// Messages in messages beyond what any receiver accepts.
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
}

impl Problem {
    fn unknown(name: String, owner: &Owner) -> Self {
        let similar = owner.similar(&name);
        match owner {
            Owner::Message(message) => {
                Self::UnknownField { name, message: message.full_name().to_owned(), similar }
            }
            Owner::Enum(values) => {
                Self::UnknownValue { name, enumeration: values.full_name().to_owned(), similar }
            }
        }
    }
}

/// Reads one document as a message. `null` is the empty message.
pub fn read(
    descriptor: &MessageDescriptor,
    document: &[u8],
    allow_unknown_fields: bool,
) -> Result<DynamicMessage, ReadError> {
    // A google.protobuf.Value has a use for null of its own.
    if document.trim_ascii() == b"null" && descriptor.full_name() != "google.protobuf.Value" {
        return Ok(DynamicMessage::new(descriptor.clone()));
    }
    let deepest = deepest(document);
    if deepest.depth > NESTING {
        return Err(too_deep(document, &deepest));
    }
    let options = DeserializeOptions::new().deny_unknown_fields(!allow_unknown_fields);
    let mut reader = serde_json::Deserializer::from_slice(document);
    let message = DynamicMessage::deserialize_with_options(descriptor.clone(), &mut reader, &options)
        .and_then(|message| reader.end().map(|()| message))
        .map_err(|error| explain(descriptor, document, &options, &error))?;
    // JSON allows a little more than the 100 levels that receivers do: whether they would take it, our own
    // decoder knows best.
    if deepest.depth > DEPTH && DynamicMessage::decode(descriptor.clone(), &*message.encode_to_vec()).is_err()
    {
        return Err(too_deep(document, &deepest));
    }
    Ok(message)
}

/// The full names of the types that `@type` members of the document name, each once, in the order found.
///
/// They have to be in the message type's pool before the document is read. A document that is not JSON gives the
/// names up to where it stops being JSON.
pub fn any_types(document: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    // Most documents have none, and need not be parsed to see it. An escaped `@` is written by nobody.
    if document.windows(7).any(|window| window == b"\"@type\"") {
        let mut reader = serde_json::Deserializer::from_slice(document);
        // What is wrong with the document is for `read` to say.
        let _ = AnyTypes(&mut names).deserialize(&mut reader);
    }
    names
}

fn too_deep(document: &[u8], deepest: &Deepest) -> ReadError {
    let position = Position::of(document, deepest.at);
    ReadError { position, path: None, problem: TooDeep(DEPTH).into() }
}

fn explain(
    descriptor: &MessageDescriptor,
    document: &[u8],
    options: &DeserializeOptions,
    error: &serde_json::Error,
) -> ReadError {
    let position = Position { line: error.line(), column: error.column() };
    let found = without_position(error);
    if error.classify() != Category::Data {
        return ReadError { position, path: None, problem: Problem::Syntax(found) };
    }
    let mut reader = serde_json::Deserializer::from_slice(document);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
    let _ = DynamicMessage::deserialize_with_options(descriptor.clone(), tracked, options);
    let path = track.path();
    let unknown = names::first_unknown(descriptor, document)
        .filter(|unknown| (unknown.line, unknown.column) == (position.line, position.column));
    let problem = match unknown {
        Some(names::Unknown { name, owner, .. }) => Problem::unknown(name, &owner),
        None => Problem::Value { found, expected: path::expected(descriptor, &path) },
    };
    let path = (path.iter().len() > 0).then(|| path.to_string());
    ReadError { position, path, problem }
}

/// The parser's words alone: it appends the place, which is told in front and counted from the input's start.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).map(str::to_owned).unwrap_or(text)
}

struct Deepest {
    depth: usize,
    at: usize,
}

/// How deep brackets are nested in a document, and where the deepest one opens.
fn deepest(document: &[u8]) -> Deepest {
    let mut deepest = Deepest { depth: 0, at: 0 };
    let mut depth = 0_usize;
    let mut bytes = document.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > deepest.depth {
                    deepest = Deepest { depth, at };
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some((_, byte)) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

/// Collects what `@type` members name, anywhere in a document.
struct AnyTypes<'n>(&'n mut Vec<String>);

impl<'de> DeserializeSeed<'de> for AnyTypes<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyTypes<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "@type" {
                map.next_value_seed(TypeUrl(self.0))?;
            } else {
                map.next_value_seed(AnyTypes(self.0))?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(AnyTypes(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Takes the type's name from the value of an `@type` member.
struct TypeUrl<'n>(&'n mut Vec<String>);

impl<'de> DeserializeSeed<'de> for TypeUrl<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        if let Some(name) = value.as_str().and_then(|url| url.rsplit('/').next())
            && is_full_name(name)
            && !self.0.iter().any(|known| known == name)
        {
            self.0.push(name.to_owned());
        }
        Ok(())
    }
}
