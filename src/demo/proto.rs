//! The demo's messages and service traits, as `build.rs` writes them from `proto/`.
//!
//! Generated code has its own taste; what that takes is allowed here and nowhere else.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::all, clippy::pedantic)]

include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// Everything the demo serves, as an encoded `FileDescriptorSet` with all imports, comments and custom options.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/demo.bin"));
