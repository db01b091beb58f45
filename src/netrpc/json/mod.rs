//! JSON at the edges of a call: read with its members in order and its numbers as they are written, and written from
//! what a server answered.
//!
//! Neither goes through a general JSON tree: one keeps no order and rounds what an `f64` can't hold, the other would
//! build a reply twice.

mod read;
mod reply;
mod write;
#[cfg(test)]
mod write_tests;

pub use read::SyntaxError;
pub(super) use read::{Json, read};
pub use reply::write_reply;
pub use write::{Style, write};
