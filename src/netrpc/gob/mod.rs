//! gob, the self-describing encoding of Go's `encoding/gob`. Knows no RPC and imports nothing of ours.
//!
//! A gob stream is a sequence of messages. A message either defines a type under a number, or holds a value of a type
//! that was defined before, or of one that everybody knows. <https://pkg.go.dev/encoding/gob>

mod types;
mod value;

pub use types::{Definition, Field, Marshaler, TypeRef, Types};
pub use value::{Struct, Value};
