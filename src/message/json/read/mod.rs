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
mod fields;
mod message;
mod misfit;
mod names;
mod scalar;
mod steps;
mod syntax;
mod time;
mod wkt;
mod yaml;

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use prost_reflect::MessageDescriptor;

pub(in crate::message) use error::shortened;
pub use error::{Open, Problem, ReadError};
pub(in crate::message) use fields::Fields;
pub(in crate::message) use misfit::Misfit;
pub(in crate::message) use names::{by_short_name, unknown_field, unknown_value};
pub(in crate::message) use scalar::{Given, number_of};
pub(in crate::message) use steps::{Grammar, Step};
pub(in crate::message) use syntax::is_number;
pub(in crate::message) use time::{duration as duration_of, timestamp as timestamp_of};

use self::message::Reading;
use super::any::is_full_name;
use super::writer::Writer;
use crate::message::bytes::{Layouts, Sink};
use syntax::{Json, Node};

/// Reads documents as the bytes of messages. Keep one for a whole stream: it remembers the types it has seen.
#[derive(Default)]
pub struct Reader {
    layouts: Layouts,
    strict: bool,
}

impl Reader {
    /// One that takes nothing beyond what the JSON mapping has: a `null` that stands alone is no message.
    pub fn strict() -> Self {
        Self { strict: true, ..Self::default() }
    }

    /// Reads one document of JSON. `null` is the empty message, unless the reader is strict.
    pub fn read(
        &self,
        descriptor: &MessageDescriptor,
        document: &[u8],
        allow_unknown_fields: bool,
    ) -> Result<Vec<u8>, Box<ReadError>> {
        let tree = self.parsed(descriptor, document, syntax::parse)?;
        self.read_tree(descriptor, document, &tree, allow_unknown_fields)
    }

    /// Reads one document of YAML, which is the message that the JSON with the same in it is.
    pub fn read_yaml(
        &self,
        descriptor: &MessageDescriptor,
        document: &[u8],
        allow_unknown_fields: bool,
    ) -> Result<Vec<u8>, Box<ReadError>> {
        let tree = self.parsed(descriptor, document, yaml::parse)?;
        self.read_tree(descriptor, document, &tree, allow_unknown_fields)
    }

    fn parsed<'d>(
        &self,
        descriptor: &MessageDescriptor,
        document: &'d [u8],
        parse: fn(&'d [u8]) -> Result<Node<'d>, Misfit>,
    ) -> Result<Node<'d>, Box<ReadError>> {
        parse(document).map_err(|misfit| {
            misfit.through(&self.layouts, self.layouts.of(descriptor), Grammar::Json).told(document)
        })
    }

    fn read_tree(
        &self,
        descriptor: &MessageDescriptor,
        document: &[u8],
        tree: &Node<'_>,
        allow_unknown_fields: bool,
    ) -> Result<Vec<u8>, Box<ReadError>> {
        // A google.protobuf.Value has a use for null of its own.
        if !self.strict
            && matches!(tree.json, Json::Null)
            && descriptor.full_name() != "google.protobuf.Value"
        {
            return Ok(Vec::new());
        }
        let read = |sorted| {
            let reader = Reading { document, layouts: &self.layouts, allow_unknown_fields, sorted };
            let mut sink = Sink::default();
            reader.message(&self.layouts.of(descriptor), tree, &mut sink).map(|()| sink.out)
        };
        // Of several things that are wrong, the first in the document is told.
        read(true).or_else(|_| read(false)).map_err(|misfit| misfit.told(document))
    }
}

/// The JSON that has the same in it as a document of YAML.
pub fn from_yaml(document: &[u8]) -> Result<Vec<u8>, Box<ReadError>> {
    let tree = yaml::parse(document).map_err(|misfit| misfit.told(document))?;
    let mut out = Vec::with_capacity(document.len());
    tree.write(&mut Writer::new(&mut out, false, false));
    Ok(out)
}

/// The YAML that has the same in it as a document of JSON; what is none is left as it is.
pub fn to_yaml(document: Vec<u8>) -> Vec<u8> {
    let Ok(tree) = syntax::parse_printed(&document) else { return document };
    let mut out = Vec::with_capacity(document.len());
    yaml::write(&tree, &mut out);
    out
}

/// JSON over several lines; what is none is left as it is.
pub fn pretty(document: &str) -> String {
    let Ok(tree) = syntax::parse_printed(document.as_bytes()) else { return document.to_owned() };
    let mut out = Vec::with_capacity(document.len());
    tree.write(&mut Writer::new(&mut out, true, false));
    String::from_utf8(out).unwrap_or_default()
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
    Ok(match tree.json {
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
    parse: fn(&'d [u8]) -> Result<Node<'d>, misfit::Misfit>,
) -> Vec<String> {
    let mut names = Distinct::default();
    if document.windows(mark.len()).any(|window| window == mark) {
        // What is wrong with the document is for `read` to say.
        if let Ok(tree) = parse(document) {
            collect_types(&tree, &mut names);
        }
    }
    names.list
}

/// Names, each once, in the order found.
#[derive(Default)]
pub(in crate::message) struct Distinct {
    pub(in crate::message) list: Vec<String>,
    known: HashSet<String>,
}

impl Distinct {
    pub(in crate::message) fn push(&mut self, name: &str) {
        if !self.known.contains(name) {
            self.known.insert(name.to_owned());
            self.list.push(name.to_owned());
        }
    }
}

fn collect_types(node: &Node<'_>, names: &mut Distinct) {
    match &node.json {
        Json::Array(elements) => elements.iter().for_each(|element| collect_types(element, names)),
        Json::Object(members) => {
            for member in members {
                match &member.value.json {
                    Json::String(url) if member.name == "@type" => {
                        let name = url.rsplit('/').next().unwrap_or_default();
                        if is_full_name(name) {
                            names.push(name);
                        }
                    }
                    _ => collect_types(&member.value, names),
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
