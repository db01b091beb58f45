//! Reading proto3 JSON into a message, with errors that say where and what was expected.
//!
//! A document becomes a tree ([`syntax`]), and the tree a message ([`message`]). Nothing given is lost in silence: a
//! member that is given twice, or beside another of its oneof, is an error.
//!
//! It reads for itself because what a person has to be told, neither serde_json nor prost-reflect's reader on top of it
//! knows: at which place in the document a member that parses well does not fit, and which field it is in. A value tree
//! of theirs has also lost what was given twice, the order, and the last digits of a number; on what both accept, a test
//! compares the messages.

mod error;
mod message;
mod misfit;
mod names;
mod scalar;
mod syntax;
mod time;
mod wkt;
mod yaml;

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;

use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};

pub use error::{Open, Problem, ReadError};
pub(in crate::message) use names::unknown_field;
pub(in crate::message) use syntax::is_number;
pub(in crate::message) use time::{duration as duration_of, timestamp as timestamp_of};

use self::message::Reader;
use super::any::is_full_name;
use super::print::DEPTH;
use super::writer::Writer;
use crate::message::{Position, TooDeep};
use syntax::{Json, Node, Tree};

/// Reads one document as a message. `null` is the empty message.
pub fn read(
    descriptor: &MessageDescriptor,
    document: &[u8],
    allow_unknown_fields: bool,
) -> Result<DynamicMessage, Box<ReadError>> {
    let tree = syntax::parse(document).map_err(|misfit| misfit.told(document))?;
    read_tree(descriptor, document, &tree, allow_unknown_fields)
}

/// Reads one document of YAML as a message, which it is as the JSON that has the same in it.
pub fn read_yaml(
    descriptor: &MessageDescriptor,
    document: &[u8],
    allow_unknown_fields: bool,
) -> Result<DynamicMessage, Box<ReadError>> {
    let tree = yaml::parse(document).map_err(|misfit| misfit.told(document))?;
    read_tree(descriptor, document, &tree, allow_unknown_fields)
}

/// The JSON that has the same in it as a document of YAML.
pub fn from_yaml(document: &[u8]) -> Result<Vec<u8>, Box<ReadError>> {
    let tree = yaml::parse(document).map_err(|misfit| misfit.told(document))?;
    let mut out = Vec::with_capacity(document.len());
    tree.root.write(&mut Writer::new(&mut out, false, false));
    Ok(out)
}

/// JSON over several lines; what is none is left as it is.
pub fn pretty(document: &str) -> String {
    let Ok(tree) = syntax::parse(document.as_bytes()) else { return document.to_owned() };
    let mut out = Vec::with_capacity(document.len());
    tree.root.write(&mut Writer::new(&mut out, true, false));
    String::from_utf8(out).unwrap_or_default()
}

fn read_tree(
    descriptor: &MessageDescriptor,
    document: &[u8],
    tree: &Tree<'_>,
    allow_unknown_fields: bool,
) -> Result<DynamicMessage, Box<ReadError>> {
    // A google.protobuf.Value has a use for null of its own.
    if matches!(tree.root.json, Json::Null) && descriptor.full_name() != "google.protobuf.Value" {
        return Ok(DynamicMessage::new(descriptor.clone()));
    }
    let reader = Reader { document, allow_unknown_fields };
    let message = reader.message(descriptor, &tree.root).map_err(|misfit| misfit.told(document))?;
    // One level of JSON is up to three on the wire, in a Struct. Whether receivers would take it, which mostly go to
    // 100 levels, our own decoder knows best.
    if tree.depth * 3 > DEPTH
        && DynamicMessage::decode(descriptor.clone(), &*message.encode_to_vec()).is_err()
    {
        let position = Position::of(document, tree.deepest);
        return Err(Box::new(ReadError { position, path: None, problem: TooDeep(DEPTH).into() }));
    }
    Ok(message)
}

/// What a document is on the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::message) enum Outline {
    Null,
    Array,
    Other,
}

/// Reads no more of a document than whether it is JSON, and which kind of it.
pub(in crate::message) fn outline(document: &[u8]) -> Result<Outline, Box<ReadError>> {
    let tree = syntax::parse(document).map_err(|misfit| misfit.told(document))?;
    Ok(match tree.root.json {
        Json::Null => Outline::Null,
        Json::Array(_) => Outline::Array,
        _ => Outline::Other,
    })
}

/// The problem of a name that the message type does not have, where fields go by the names that they have in JSON.
pub(in crate::message) fn unknown_json_field(name: &str, message: &MessageDescriptor) -> Problem {
    names::unknown_field(name, message, names::in_json)
}

/// The full names of the types that `@type` members of the document name, each once, in the order found.
///
/// They have to be in the message type's pool before the document is read.
pub fn any_types(document: &[u8]) -> Vec<String> {
    // Most documents have none, and need not be parsed to see it. An escaped `@` is written by nobody.
    types_in(document, b"\"@type\"", syntax::parse)
}

/// The same of a document of YAML, where a name may stand in other quotes or, by a rule of its grammar, must in some.
pub fn any_types_in_yaml(document: &[u8]) -> Vec<String> {
    types_in(document, b"@type", yaml::parse)
}

fn types_in<'d>(
    document: &'d [u8],
    mark: &[u8],
    parse: fn(&'d [u8]) -> Result<Tree<'d>, misfit::Misfit>,
) -> Vec<String> {
    let mut names = Vec::new();
    if document.windows(mark.len()).any(|window| window == mark) {
        // What is wrong with the document is for `read` to say.
        if let Ok(tree) = parse(document) {
            collect_types(&tree.root, &mut names);
        }
    }
    names
}

fn collect_types(node: &Node<'_>, names: &mut Vec<String>) {
    match &node.json {
        Json::Array(elements) => elements.iter().for_each(|element| collect_types(element, names)),
        Json::Object(members) => {
            for member in members {
                match &member.value.json {
                    Json::String(url) if member.name == "@type" => {
                        let name = url.rsplit('/').next().unwrap_or_default();
                        if is_full_name(name) && !names.iter().any(|known| known == name) {
                            names.push(name.to_owned());
                        }
                    }
                    _ => collect_types(&member.value, names),
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
