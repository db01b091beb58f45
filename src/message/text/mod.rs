//! The protobuf text format, both ways.
//!
//! prost-reflect parses it, behind a check of its nesting. Printing is our own, from the bytes that came.

mod print;
mod read;

pub use print::{Printer, Style};
pub use read::{Problem, ReadError, read};

#[cfg(test)]
mod tests;
