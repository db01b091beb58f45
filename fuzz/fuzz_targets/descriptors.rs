//! A descriptor set, as a hostile server may send it: what links is described, and passed on as it came.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use rpcctl::message::template;
use rpcctl::schema::traits::{self, Presence};
use rpcctl::schema::{self, Schema, print};

fuzz_target!(|set: &[u8]| {
    let set = Bytes::copy_from_slice(set);
    let Ok(schema) = Schema::of_set(set.clone(), false) else { return };
    let mut again = Vec::new();
    for file in schema.files() {
        let mut source = String::new();
        print::file(&file, &mut source);
        assert!(!schema::encoded(&file).is_empty());
        let edition = traits::edition(&file);
        for message in file.parent_pool().all_messages().filter(|message| message.parent_file() == file) {
            traits::json_format(&message);
            for field in message.fields() {
                let implicit = traits::presence(&field) == Some(Presence::Implicit);
                assert!(!(implicit && traits::is_delimited(&field)), "messages have presence");
                assert!(edition.is_none() || !implicit || field.containing_oneof().is_none());
                traits::validates_utf8(&field);
            }
            template::json(&message);
        }
        again = schema::descriptor_set([file]);
    }
    // What was taken once is taken again.
    assert!(Schema::of_set(again.into(), false).is_ok());
    drop(Schema::of_set(set, true));
});
