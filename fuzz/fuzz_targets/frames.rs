//! HTTP/2 as a server sends it: frames and the headers in them, held to what h2 makes of the same bytes. What is read is
//! written and read again.
#![no_main]

#[path = "../oracle.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;
use rpcctl::http2::{Frame, Head, Reader};

fuzz_target!(|bytes: &[u8]| {
    oracle::compare(bytes);
    written_again(bytes);
    cut(bytes);
});

fn written_again(mut bytes: &[u8]) {
    let mut reader = Reader::default();
    while let Ok(Some(frame)) = reader.next(&mut bytes) {
        let mut out = Vec::new();
        frame.write(&mut out).expect("it was a frame");
        // By itself: a piece of a header block may be of one that was begun before.
        let (head, payload) = out.split_first_chunk().expect("a head");
        let again = Frame::read(Head::from_bytes(*head), payload);
        assert_eq!(again.as_ref(), Ok(&frame));
    }
}

/// The same frames come out however the bytes came.
fn cut(bytes: &[u8]) {
    let (mut whole, mut rest) = (Reader::default(), bytes);
    let (mut pieces, mut from, mut to) = (Reader::default(), 0, 0);
    loop {
        let frame = whole.next(&mut rest);
        let piece = loop {
            let mut come = &bytes[from..to];
            let piece = pieces.next(&mut come);
            from = to - come.len();
            if !matches!(piece, Ok(None)) || to == bytes.len() {
                break piece;
            }
            to = bytes.len().min(to + 7);
        };
        assert_eq!(frame, piece);
        if !matches!(frame, Ok(Some(_))) {
            return;
        }
    }
}
