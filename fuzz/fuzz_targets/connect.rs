//! What a server answers to the CONNECT that comes before gob over HTTP, and after it.
#![no_main]

#[path = "../server.rs"]
mod server;

libfuzzer_sys::fuzz_target!(|answer: &[u8]| server::answers(answer, rpcctl::netrpc::Codec::Gob, true));
