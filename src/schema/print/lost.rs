//! What of a file's options can't be written as source, so that a compiler makes other descriptors of it.

use std::fmt;

use prost_reflect::FileDescriptor;
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

use super::{Printer, raw, tag};

/// Options that the source of a file lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// What they are options of: a full name, or a file's name.
    pub element: String,
    /// Which, and why: `option 50000 is of no known extension`.
    pub what: String,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.element, self.what)
    }
}

/// All that the source of `file` lacks, in the order of its descriptor.
pub(super) fn lost(file: &FileDescriptor) -> Vec<Lost> {
    let mut unused = String::new();
    let printer = Printer::new(file, &mut unused);
    let mut paths: Vec<&[i32]> = printer.options.paths().collect();
    paths.sort_unstable();
    let mut lost = Vec::new();
    for path in paths {
        let Some(kind) = raw::options_kind(path) else { continue };
        let options = printer.options(path, kind);
        lost.extend(options.notes().map(|note| Lost {
            element: element(file.file_descriptor_proto(), path),
            what: note.trim_start().to_owned(),
        }));
    }
    lost
}

/// An element that others are in.
#[derive(Clone, Copy)]
enum Outer<'a> {
    File(&'a FileDescriptorProto),
    Message(&'a DescriptorProto),
    Enum(&'a EnumDescriptorProto),
    Service(&'a ServiceDescriptorProto),
    Nothing,
}

/// How the element at `path` is called.
fn element(file: &FileDescriptorProto, path: &[i32]) -> String {
    if path.is_empty() {
        return file.name().to_owned();
    }
    let (mut outer, mut name) = (Outer::File(file), file.package().to_owned());
    for step in path.chunks(2) {
        let &[tag, index] = step else { break };
        let is_method = matches!(outer, Outer::Service(_));
        let Some((inner, own)) = usize::try_from(index).ok().and_then(|index| inside(outer, tag, index))
        else {
            break;
        };
        if !name.is_empty() {
            name.push(if is_method { '/' } else { '.' });
        }
        name.push_str(own);
        outer = inner;
    }
    name
}

/// The element at this place in another, and its name.
fn inside(outer: Outer<'_>, tag: i32, index: usize) -> Option<(Outer<'_>, &str)> {
    Some(match (outer, tag) {
        (Outer::File(file), tag::file::MESSAGE) => {
            let inner = file.message_type.get(index)?;
            (Outer::Message(inner), inner.name())
        }
        (Outer::File(file), tag::file::ENUM) => {
            let inner = file.enum_type.get(index)?;
            (Outer::Enum(inner), inner.name())
        }
        (Outer::File(file), tag::file::SERVICE) => {
            let inner = file.service.get(index)?;
            (Outer::Service(inner), inner.name())
        }
        (Outer::File(file), tag::file::EXTENSION) => (Outer::Nothing, file.extension.get(index)?.name()),
        (Outer::Message(outer), tag::message::NESTED) => {
            let inner = outer.nested_type.get(index)?;
            (Outer::Message(inner), inner.name())
        }
        (Outer::Message(outer), tag::message::ENUM) => {
            let inner = outer.enum_type.get(index)?;
            (Outer::Enum(inner), inner.name())
        }
        (Outer::Message(outer), tag::message::FIELD) => (Outer::Nothing, outer.field.get(index)?.name()),
        (Outer::Message(outer), tag::message::EXTENSION) => {
            (Outer::Nothing, outer.extension.get(index)?.name())
        }
        (Outer::Message(outer), tag::message::ONEOF) => (Outer::Nothing, outer.oneof_decl.get(index)?.name()),
        (Outer::Message(_), tag::message::EXTENSION_RANGE) => (Outer::Nothing, "extensions"),
        (Outer::Enum(outer), tag::ENUM_VALUE) => (Outer::Nothing, outer.value.get(index)?.name()),
        (Outer::Service(outer), tag::METHOD) => (Outer::Nothing, outer.method.get(index)?.name()),
        _ => return None,
    })
}
