//! gob, the self-describing encoding of Go's `encoding/gob`. Knows no RPC and imports nothing of ours.
//!
//! A gob stream is a sequence of messages. A message either defines a type under a number, or holds a value of a type
//! that was defined before, or of one that everybody knows. <https://pkg.go.dev/encoding/gob>
//!
//! ```text
//!   wire         integers, floats, counted bytes
//!   types        what a stream can describe         definition   a type, as a message describes it
//!   value        what a stream can hold             decode       bytes ─▶ values, within limits
//!   error        why not                            encode       values ─▶ bytes
//! ```

mod decode;
mod definition;
mod encode;
mod error;
#[cfg(test)]
mod tests;
mod types;
mod value;
mod wire;

pub use decode::{Decoder, Limits, decode_all};
pub use encode::Encoder;
pub use error::{DecodeError, EncodeError, Problem};
pub use types::{Definition, Field, Marshaler, TypeRef, Types};
pub use value::{Struct, Value};

/// How deep a value may be nested, and JSON that stands for one: lists, maps, structs and interfaces each are a level.
/// What recurses over them has stack enough for as many.
pub const MAX_DEPTH: usize = 512;
