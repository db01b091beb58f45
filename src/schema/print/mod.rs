//! Proto source text of a descriptor: a whole file, or one symbol inside what encloses it.
//!
//! The text is valid input for protoc and gives the same descriptors back. Type references are written in
//! full with a leading dot, so they are right wherever the text is pasted. Comments and custom options are
//! there when the descriptors carry them. Printing goes over the plain descriptor messages, because
//! everything in them is in declaration order; [`super::options`] supplies the options with their extensions.

mod comments;
mod enums;
pub mod escape;
mod features;
mod field;
mod file;
mod lost;
mod message;
mod options;
mod service;
mod stripped;
mod symbol;
#[cfg(test)]
mod tests;
mod text;
mod unresolved;
mod writer;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use prost_reflect::{FileDescriptor, Kind, Value};

use crate::schema::options::{self as of_elements, FileOptions, Reader};
use crate::schema::symbol::Symbol;
use crate::schema::traits::{self, Edition};
use comments::Comments;
pub use lost::Lost;
use lost::Noted;
use writer::Writer;

/// Messages nested deeper than this are cut short; compilers stop at half of it.
const MAX_DEPTH: usize = 64;

/// The files of what is printed, each read once. Whoever prints more than one thing keeps it.
#[derive(Default)]
pub struct Files {
    reader: Reader,
    grounds: HashMap<String, Vec<Rc<Ground>>>,
}

impl Files {
    /// Appends the source of `symbol` to `out`, under a line that says what it is and where it comes from. A
    /// method is followed by its request and response messages.
    pub fn symbol(&mut self, symbol: &Symbol, out: &mut String) {
        symbol::print(self, symbol, out);
    }

    /// Appends the extensions of a message, or of a method's messages, each as a symbol of its own.
    pub fn extensions(&mut self, symbol: &Symbol, out: &mut String) {
        symbol::extensions(self, symbol, out);
    }

    /// Appends the whole of `file` to `out`, as a `.proto` file, and gives what that lacks of its options, since the
    /// language can't say it.
    pub fn file(&mut self, file: &FileDescriptor, out: &mut String) -> Vec<Lost> {
        let mut printer = self.printer(file, out);
        printer.noted = Some(Noted::default());
        printer.file();
        printer.lost()
    }

    fn printer<'a>(&mut self, file: &FileDescriptor, out: &'a mut String) -> Printer<'a> {
        Printer { out: Writer::new(out), ground: self.ground(file), noted: None }
    }

    fn ground(&mut self, file: &FileDescriptor) -> Rc<Ground> {
        let known = self.grounds.get(file.name()).and_then(|all| all.iter().find(|own| own.file == *file));
        if let Some(known) = known {
            return Rc::clone(known);
        }
        let new = Rc::new(Ground {
            comments: Comments::new(file.file_descriptor_proto()),
            options: self.reader.file(file),
            edition: traits::edition(file),
            proto3: traits::is_proto3(file),
            file: file.clone(),
            messages: OnceCell::new(),
        });
        self.grounds.entry(file.name().to_owned()).or_default().push(Rc::clone(&new));
        new
    }
}

/// The bytes of one element of an encoded file, by its descriptor path.
pub fn element_bytes<'a>(file: &'a [u8], path: &[i32]) -> Option<&'a [u8]> {
    of_elements::element(file, path)
}

/// The value of an option as source has it; none for what can't be written, such as several values.
pub(super) fn option_value(value: &Value, kind: &Kind) -> Option<String> {
    text::option_value(value, kind)
}

/// What is to be known of a file before any of it is printed.
struct Ground {
    file: FileDescriptor,
    comments: Comments,
    options: Rc<FileOptions>,
    /// The messages at the top of the file by their names, once they are asked for.
    messages: OnceCell<Rc<HashMap<String, usize>>>,
    edition: Option<Edition>,
    proto3: bool,
}

impl Ground {
    /// Whether fields may declare their messages as groups.
    fn has_groups(&self) -> bool {
        self.edition.is_none()
    }
}

/// Prints elements of one file.
struct Printer<'a> {
    out: Writer<'a>,
    ground: Rc<Ground>,
    /// What options could not be written, where that is wanted.
    noted: Option<Noted>,
}

impl Printer<'_> {
    fn is_proto3(&self) -> bool {
        self.ground.proto3
    }

    /// One statement with the comments of the element at `path` around it. `text` may have several lines.
    fn statement(&mut self, path: &[i32], text: &str) {
        self.leading_comments(path);
        self.out.text(text);
        self.trailing_comments(path);
    }

    /// `head { … }` with the comments of the element at `path`; an empty block is `head {}`.
    fn block(&mut self, path: &[i32], head: &str, body: impl FnOnce(&mut Self)) {
        self.leading_comments(path);
        self.out.text(&format!("{head} {{"));
        let opened = self.out.mark();
        self.trailing_comments(path);
        self.out.indent();
        body(self);
        self.out.dedent();
        self.out.close(opened);
    }
}

/// Field numbers of `descriptor.proto`, the steps of descriptor paths.
mod tag {
    pub(super) mod file {
        pub(in super::super) const PACKAGE: i32 = 2;
        pub(in super::super) const DEPENDENCY: i32 = 3;
        pub(in super::super) const MESSAGE: i32 = 4;
        pub(in super::super) const ENUM: i32 = 5;
        pub(in super::super) const SERVICE: i32 = 6;
        pub(in super::super) const EXTENSION: i32 = 7;
        /// Of the statement that names the edition, too.
        pub(in super::super) const SYNTAX: i32 = 12;
        pub(in super::super) const OPTION_DEPENDENCY: i32 = 15;
    }
    pub(super) mod message {
        pub(in super::super) const FIELD: i32 = 2;
        pub(in super::super) const NESTED: i32 = 3;
        pub(in super::super) const ENUM: i32 = 4;
        pub(in super::super) const EXTENSION_RANGE: i32 = 5;
        pub(in super::super) const EXTENSION: i32 = 6;
        pub(in super::super) const ONEOF: i32 = 8;
    }
    pub(super) const ENUM_VALUE: i32 = 2;
    pub(super) const METHOD: i32 = 2;
}

/// The `index`-th element of field `tag` under `path`. Descriptors hold far fewer elements than an `i32`.
fn child(path: &[i32], tag: i32, index: usize) -> Vec<i32> {
    [path, &[tag, i32::try_from(index).unwrap_or(i32::MAX)]].concat()
}
