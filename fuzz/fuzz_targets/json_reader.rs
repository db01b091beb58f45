//! Documents of JSON and YAML, as people and programs write them: what is read is printed, and read again as the same.
//!
//! The first byte chooses the type, by its letter, and the format: a capital is JSON, the others are YAML.
#![no_main]

#[path = "../demo.rs"]
mod demo;
#[path = "../documents.rs"]
mod documents;
#[path = "../messages.rs"]
mod messages;

use demo::DEMO;
use libfuzzer_sys::fuzz_target;
use rpcctl::message::{Format, json};

fuzz_target!(|input: &[u8]| {
    let Some((&letter, input)) = input.split_first() else { return };
    let descriptor = DEMO.message_type(letter);
    let format = if letter.is_ascii_uppercase() { Format::Json } else { Format::Yaml };
    let reader = json::Reader::default();
    for document in documents::all(format, input) {
        let json = match format {
            Format::Json => Some(document.text.to_vec()),
            _ => json::from_yaml(&document.text).ok(),
        };
        json::any_types(&document.text);
        json::any_types_in_yaml(&document.text);
        let exact = documents::read(format, descriptor, &document, false);
        let lenient = documents::read(format, descriptor, &document, true);
        assert!(exact.is_none() || exact == lenient);
        let Some(message) = &lenient else { continue };
        // What was read is a message as the runtimes write it, and nothing in it that JSON and text do not have.
        assert_eq!(DEMO.ways.rewriter.rewrite(descriptor, message).as_ref(), Ok(message));
        let (by_json, by_text) = DEMO.ways.check(descriptor, message);
        for by in [by_json, by_text] {
            assert_eq!(by.as_ref(), Some(message));
        }
        // The two formats say the same.
        let Some(json) = json else { panic!("a message that is no document") };
        assert_eq!(reader.read(descriptor, &json, true).as_ref().ok(), Some(message));
        let yaml = json::to_yaml(json);
        assert_eq!(reader.read_yaml(descriptor, &yaml, true).as_ref().ok(), Some(message));
    }
});
