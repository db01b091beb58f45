//! A descriptor set, as a hostile server may send it, and a message of a type in it: what links is described, passed on
//! as it came, and messages are printed and read.
//!
//! The set ends with the first byte that does not begin a file. That byte chooses the type, and the rest is the message.
#![no_main]

#[path = "../messages.rs"]
mod messages;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use messages::{Ways, is_safe};
use prost_reflect::MessageDescriptor;
use rpcctl::message::{json, template};
use rpcctl::schema::traits::{self, Presence};
use rpcctl::schema::{self, Schema, print};

fuzz_target!(|input: &[u8]| {
    let (set, rest) = input.split_at(set_length(input));
    let set = Bytes::copy_from_slice(set);
    let Ok(schema) = Schema::of_set(set.clone(), false) else { return };
    let mut again = Vec::new();
    let mut types: Vec<MessageDescriptor> = Vec::new();
    for file in schema.files() {
        let mut source = String::new();
        print::Files::default().file(&file, &mut source);
        assert!(is_safe(source.as_bytes()));
        assert!(file.name().is_empty() || !schema::encoded(&file).is_empty());
        let edition = traits::edition(&file);
        for message in file.parent_pool().all_messages().filter(|message| message.parent_file() == file) {
            traits::json_format(&message);
            for field in message.fields() {
                let implicit = traits::presence(&field) == Some(Presence::Implicit);
                assert!(!(implicit && traits::is_delimited(&field)), "messages have presence");
                assert!(edition.is_none() || !implicit || field.containing_oneof().is_none());
                traits::validates_utf8(&field);
            }
            types.push(message);
        }
        again = schema::descriptor_set([file]);
    }
    // What was taken once is taken again.
    assert!(Schema::of_set(again.into(), false).is_ok());
    drop(Schema::of_set(set, true));
    if let Some((&choice, message)) = rest.split_first()
        && !types.is_empty()
    {
        let descriptor = &types[usize::from(choice) % types.len()];
        // Its names may clash, and then a reader says so.
        let _ = json::Reader::default().read(descriptor, template::json(descriptor).as_bytes(), false);
        Ways::new(true).check(descriptor, message);
    }
});

/// How much of the input is files: field 1 of a set, each behind its length.
fn set_length(input: &[u8]) -> usize {
    let mut length = 0;
    while let Some(([0x0a], rest)) = input[length..].split_first_chunk() {
        let mut size = 0;
        let mut digits = 0;
        for &byte in rest.iter().take(4) {
            size |= usize::from(byte & 0x7f) << (7 * digits);
            digits += 1;
            if byte < 0x80 {
                break;
            }
        }
        if rest.len() < digits + size {
            break;
        }
        length += 1 + digits + size;
    }
    length
}
