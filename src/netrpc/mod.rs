//! Go's net/rpc: gob over TCP, gob over HTTP's CONNECT, and JSON-RPC.
//!
//! A call here is not a method of a schema: the server takes what the client's gob stream describes, and describes
//! what it answers. So a request is a [`Value`] of a type that was inferred from JSON or given in Go's own words, and an
//! answer is a [`Value`] that came with its type.
//!
//! [`Calls`] makes any number of calls on one connection, each its own request and answer.

mod answer;
mod client;
pub mod debug;
mod discover;
pub mod explain;
pub mod gob;
pub mod gotype;
mod handshake;
pub mod infer;
pub mod json;
mod jsonrpc;
mod request;
mod reread;
mod server;
mod standard;

pub use answer::{Answer, Codec, MalformedAnswer, Reply};
pub use client::{Calls, Client, Ending, Error, Event, Limits, ServerPlan};
pub use discover::{DiscoverError, discover};
pub use gob::Value;
pub use handshake::{Connect, DEBUG_PATH, DEFAULT_PATH, HandshakeError};
pub use request::{Encoder, Request, RequestError, SentTypes};
pub use reread::RequestReader;
pub use server::{Argument, Offer, json_kind, serve};
pub use standard::Standard;
