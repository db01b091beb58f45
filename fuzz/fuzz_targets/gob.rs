//! A gob stream, types and values, as a hostile server may send it; what is read can be printed as JSON.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use rpcctl::netrpc::gob::{Decoder, Limits};
use rpcctl::netrpc::json;

fuzz_target!(|stream: &[u8]| {
    let mut decoder = Decoder::new(Limits::for_messages_of(1 << 16));
    let mut buffer = BytesMut::new();
    // In two parts, since what is not whole yet is read again.
    let (first, rest) = stream.split_at(stream.len() / 2);
    for part in [first, rest] {
        buffer.extend_from_slice(part);
        while let Ok(Some(value)) = decoder.read(&mut buffer) {
            let mut text = Vec::new();
            json::write(&mut text, &value, json::Style { pretty: true, escape_controls: true });
            assert!(std::str::from_utf8(&text).is_ok());
        }
    }
});
