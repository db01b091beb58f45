//! What a server answers to gob requests.
#![no_main]

#[path = "../server.rs"]
mod server;

libfuzzer_sys::fuzz_target!(|answer: &[u8]| server::answers(answer, rpcctl::netrpc::Codec::Gob, false));
