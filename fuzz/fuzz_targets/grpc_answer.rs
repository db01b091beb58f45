//! Answers of gRPC: envelopes, headers, trailers, statuses.
//!
//! An input is what `answer::parts` takes apart. The first bit of the choices is whether HTTP has trailers, the second
//! whether the method has one answer.
#![no_main]

#[path = "../answer.rs"]
mod answer;

use answer::Answer;
use libfuzzer_sys::fuzz_target;
use rpcctl::wire::{Dialect, Streams};

fuzz_target!(|input: &[u8]| {
    let Some((choices, piece, head, trailers, body)) = answer::parts(input) else { return };
    let mut fields: Vec<(&[u8], &[u8])> = vec![(b":status", b"200"), (b"content-type", b"application/grpc")];
    fields.extend(answer::lines(head));
    let trailers = (choices & 1 != 0).then(|| answer::lines(trailers));
    let streams = Streams { requests: false, answers: choices & 2 == 0, guessed: false };
    let whole = Answer { dialect: Dialect::GRPC, streams, head: fields, body, piece: 1 << 14, trailers };
    let outcome = whole.outcome();
    // What is at hand at once is not read on beyond what is wrong with it.
    let read = answer::messages(body);
    if outcome.headers.is_some() {
        assert!(outcome.messages.iter().zip(&read).all(|(message, read)| message == read));
    }
    let pieces = Answer { piece, ..whole };
    assert_eq!(pieces.outcome(), outcome);
});
