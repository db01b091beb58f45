//! Answers of Connect: a body that is the message, errors in JSON, and streams whose last envelope says how they ended.
//!
//! An input is what `answer::parts` takes apart; its trailers are not used. The bits of the choices: whether the method
//! has one answer, whether messages are JSON, and whether the HTTP status is an error.
#![no_main]

#[path = "../answer.rs"]
mod answer;

use answer::Answer;
use libfuzzer_sys::fuzz_target;
use rpcctl::wire::{Codec, Dialect, Protocol, Streams};

fuzz_target!(|input: &[u8]| {
    let Some((choices, piece, head, _, body)) = answer::parts(input) else { return };
    let (unary, json, error) = (choices & 1 != 0, choices & 2 != 0, choices & 4 != 0);
    let content_type: &[u8] = match (unary, json || error) {
        (true, true) => b"application/json",
        (true, false) => b"application/proto",
        (false, _) if json => b"application/connect+json",
        (false, _) => b"application/connect+proto",
    };
    let status: &[u8] = if error { b"503" } else { b"200" };
    let mut fields: Vec<(&[u8], &[u8])> = vec![(b":status", status), (b"content-type", content_type)];
    fields.extend(answer::lines(head));
    let codec = if json { Codec::Json } else { Codec::Proto };
    let dialect = Dialect { protocol: Protocol::Connect, codec, ..Dialect::GRPC };
    let streams = Streams { requests: false, answers: !unary, guessed: false };
    let whole = Answer { dialect, streams, head: fields, body, piece: 1 << 14, trailers: None };
    let outcome = whole.outcome();
    let pieces = Answer { piece, ..whole };
    assert_eq!(pieces.outcome(), outcome);
});
