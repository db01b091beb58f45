//! Go's net/rpc: gob over TCP, gob over HTTP's CONNECT, and JSON-RPC.
//!
//! A call here is not a method of a schema: the server takes what the client's gob stream describes, and describes
//! what it answers. So a request is a [`Value`] of a type that was inferred from JSON or given in Go's own words, and an
//! answer is a [`Value`] that came with its type.

pub mod explain;
pub mod gob;
pub mod gotype;
pub mod infer;
pub mod json;
mod standard;

pub use gob::Value;
pub use standard::Standard;
