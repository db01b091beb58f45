//! The protobuf text format, both ways.
//!
//! A document becomes a tree (`parse`), and the tree the bytes of a message (`read`); printing looks up in the bytes
//! what stands there (`print`).

mod any;
mod parse;
mod print;
mod read;
mod scalar;

pub use any::any_types;
pub use print::{Printer, Style};
pub use read::Reader;

#[cfg(test)]
mod tests;
