//! HPACK (RFC 7541): how HTTP/2 compresses headers.
//!
//! A [`Decoder`] keeps what one side of a connection has said, and an [`Encoder`] what is said to it; both tables are no
//! larger than was agreed on, however a block is made. [`write`](mod@write) has the representations one by one, for blocks that are
//! made once and sent as they are, or that no encoder would make.

mod code;
mod decode;
mod encode;
mod fixed;
mod huffman;
mod integer;
mod table;
pub mod write;

pub use decode::{Decoder, Told};
pub use encode::{Encoder, Indexing};
pub use write::{Literal, Strings};

/// The size of a table before SETTINGS change it (RFC 9113 §6.5.2).
pub const DEFAULT_TABLE_SIZE: u32 = 4096;
/// What a field counts beside its name and value (RFC 7541 §4.1, RFC 9113 §6.5.2).
pub const OVERHEAD: usize = 32;

/// A header field as it is decoded: its name and value, which are any bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name.
    pub name: &'a [u8],
    /// The value.
    pub value: &'a [u8],
    /// Whether it may never stand in a table, on no connection that it is passed on over (RFC 7541 §7.1.3).
    pub sensitive: bool,
}

impl Field<'_> {
    /// What it counts against tables and lists.
    pub fn size(&self) -> usize {
        self.name.len().saturating_add(self.value.len()).saturating_add(OVERHEAD)
    }
}

#[cfg(test)]
mod tests;
