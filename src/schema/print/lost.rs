//! What of a file's options can't be written as source, so that a compiler makes other descriptors of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

use super::{Printer, tag};

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

/// What was noted of the options of elements while they were written, by their paths. It is noted where options are
/// read, which borrows the printer for reading alone.
#[derive(Default)]
pub(super) struct Noted(RefCell<BTreeMap<Vec<i32>, Vec<String>>>);

impl Noted {
    pub(super) fn add(&self, path: &[i32], notes: &[String]) {
        self.0.borrow_mut().entry(path.to_vec()).or_insert_with(|| notes.to_vec());
    }

    fn has(&self, path: &[i32]) -> bool {
        self.0.borrow().contains_key(path)
    }
}

impl Printer<'_> {
    /// All that the source of the file lacks, in the order of its descriptor.
    pub(super) fn lost(mut self) -> Vec<Lost> {
        // Of what was not written, such as the entries of maps, nothing is noted yet.
        for path in self.ground.options.paths() {
            if self.noted.as_ref().is_some_and(|noted| !noted.has(path)) {
                drop(self.options(path));
            }
        }
        let file = self.ground.file.file_descriptor_proto();
        let by_path = self.noted.take().unwrap_or_default().0.into_inner();
        let each = by_path.iter().flat_map(|(path, notes)| notes.iter().map(move |note| (path, note)));
        each.map(|(path, note)| Lost { element: element(file, path), what: note.trim_start().to_owned() })
            .collect()
    }
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
