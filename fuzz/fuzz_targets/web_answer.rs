//! Answers of gRPC-Web, in bytes and in base64: envelopes, the last of which holds trailers.
//!
//! An input is what `answer::parts` takes apart. The bits of the choices: whether HTTP has trailers, whether the method
//! has one answer, whether the body is base64.
#![no_main]

#[path = "../answer.rs"]
mod answer;

use answer::Answer;
use libfuzzer_sys::fuzz_target;
use rpcctl::wire::{Codec, Dialect, Protocol, Streams};

fuzz_target!(|input: &[u8]| {
    let Some((choices, piece, head, trailers, body)) = answer::parts(input) else { return };
    let text = choices & 4 != 0;
    let content_type: &[u8] = if text { b"application/grpc-web-text" } else { b"application/grpc-web" };
    let mut fields: Vec<(&[u8], &[u8])> = vec![(b":status", b"200"), (b"content-type", content_type)];
    fields.extend(answer::lines(head));
    let trailers = (choices & 1 != 0).then(|| answer::lines(trailers));
    let dialect = Dialect { protocol: Protocol::GrpcWeb { text }, codec: Codec::Proto, ..Dialect::GRPC };
    let streams = Streams { requests: false, answers: choices & 2 == 0, guessed: false };
    let whole = Answer { dialect, streams, head: fields, body, piece: 1 << 14, trailers };
    let outcome = whole.outcome();
    if outcome.headers.is_some() && !text {
        let read = answer::messages(body);
        assert!(outcome.messages.iter().zip(&read).all(|(message, read)| message == read));
    }
    let pieces = Answer { piece, ..whole };
    assert_eq!(pieces.outcome(), outcome);
});
