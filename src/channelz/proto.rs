//! The messages of channelz, as `build.rs` writes them from `proto/`.
//!
//! Generated code has its own taste; what that takes is allowed here and nowhere else.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::all, clippy::pedantic)]

include!(concat!(env!("OUT_DIR"), "/grpc.channelz.v1.rs"));
