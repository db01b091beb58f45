//! The demo server: greeters, the four call shapes, echo, reflection, health, TLS and interceptors, in gRPC, gRPC-Web and
//! Connect.
//!
//! [`Plan`] says what to do, [`Server::bind`] listens, [`Server::serve`] serves until told to stop, and
//! [`in_memory`] serves one connection inside this process. Nothing here reads the environment or prints: the log
//! goes to the writer that is handed in. tonic is known to this room and to no other.

mod dialects;
mod error;
mod fail;
mod greet;
mod health;
mod incoming;
mod layers;
mod listen;
mod math;
mod math_json;
mod metadata;
mod netrpc;
mod plan;
mod proto;
mod reflection;
mod server;
mod service;
mod tls;

pub use self::dialects::{Dialects, Methods};
pub use self::error::Error;
pub use self::layers::Trailers;
pub use self::plan::{Endpoint, Identity, Interceptors, LogFormat, Plan, Tls};
pub use self::server::{Server, in_memory};
