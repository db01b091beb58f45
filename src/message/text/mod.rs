//! The protobuf text format, both ways.
//!
//! prost-reflect parses it, behind a check of its nesting. Printing is our own: what prost-reflect prints follows
//! `Any` and unknown fields to whatever depth a server nests them and gives map entries in a random order.

mod print;
mod read;

pub use print::print;
pub use read::{Problem, ReadError, read};

#[cfg(test)]
mod tests;
