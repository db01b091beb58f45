//! Documents of the text format: what is read is printed, and read again as the same.
//!
//! The first byte chooses the type, by its letter.
#![no_main]

#[path = "../demo.rs"]
mod demo;
#[path = "../documents.rs"]
mod documents;
#[path = "../messages.rs"]
mod messages;

use demo::DEMO;
use libfuzzer_sys::fuzz_target;
use rpcctl::message::{Format, text};

fuzz_target!(|input: &[u8]| {
    let Some((&letter, input)) = input.split_first() else { return };
    let descriptor = DEMO.message_type(letter);
    for document in documents::all(Format::Text, input) {
        text::any_types(&document.text);
        let Some(message) = documents::read(Format::Text, descriptor, &document, false) else { continue };
        assert_eq!(DEMO.ways.rewriter.rewrite(descriptor, &message).as_ref(), Ok(&message));
        DEMO.ways.check(descriptor, &message);
    }
});
