//! Proto source text of a descriptor: a whole file, or one symbol inside what encloses it.
//!
//! The text is valid input for protoc and gives the same descriptors back. Type references are written in
//! full with a leading dot, so they are right wherever the text is pasted. Comments and custom options are
//! there when the descriptors carry them. Printing goes over the plain descriptor messages, because
//! everything in them is in declaration order; `raw` supplies the options with their extensions.

mod comments;
mod enums;
pub mod escape;
mod features;
mod field;
mod file;
mod lost;
mod message;
mod options;
mod raw;
mod service;
mod symbol;
#[cfg(test)]
mod tests;
mod text;
mod writer;

use std::cell::OnceCell;
use std::collections::HashSet;

use prost_reflect::{FileDescriptor, Kind, Value};

use crate::schema::symbol::Symbol;
use crate::schema::traits::{self, Edition};
use comments::Comments;
pub use lost::Lost;
use raw::OptionBytes;
use writer::Writer;

/// Messages nested deeper than this are cut short; compilers stop at half of it.
const MAX_DEPTH: usize = 64;

/// Appends the source of `symbol` to `out`, under a line that says what it is and where it comes from. A
/// method is followed by its request and response messages.
pub fn symbol(symbol: &Symbol, out: &mut String) {
    symbol::print(symbol, out);
}

/// Appends the extensions of a message, or of a method's messages, each as a symbol of its own.
pub fn extensions(symbol: &Symbol, out: &mut String) {
    symbol::extensions(symbol, out);
}

/// Appends the whole of `file` to `out`, as a `.proto` file.
pub fn file(file: &FileDescriptor, out: &mut String) {
    Printer::new(file, out).file();
}

/// What the source of a file lacks of its options, since the language can't say it.
pub fn lost(file: &FileDescriptor) -> Vec<Lost> {
    lost::lost(file)
}

/// The bytes of one element of an encoded file, by its descriptor path.
pub fn element_bytes<'a>(file: &'a [u8], path: &[i32]) -> Option<&'a [u8]> {
    raw::element(file, path)
}

/// The value of an option as source has it; none for what can't be written, such as several values.
pub(super) fn option_value(value: &Value, kind: &Kind) -> Option<String> {
    text::option_value(value, kind)
}

/// Prints elements of one file.
struct Printer<'a> {
    out: Writer<'a>,
    file: &'a FileDescriptor,
    comments: Comments<'a>,
    options: OptionBytes,
    packages: OnceCell<HashSet<String>>,
    edition: Option<Edition>,
    proto3: bool,
    /// Whether the pool has the file in another form than its author wrote.
    lowered: bool,
}

impl<'a> Printer<'a> {
    fn new(file: &'a FileDescriptor, out: &'a mut String) -> Self {
        Self {
            out: Writer::new(out),
            file,
            comments: Comments::new(file.file_descriptor_proto()),
            options: OptionBytes::new(file.encode_to_vec()),
            packages: OnceCell::new(),
            edition: traits::edition(file),
            proto3: traits::is_proto3(file),
            lowered: traits::is_lowered(file),
        }
    }

    fn is_proto3(&self) -> bool {
        self.proto3
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
