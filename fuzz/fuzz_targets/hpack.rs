//! Header blocks: read as h2 reads them, and written so that they are read again, whatever the table has come to hold.
//!
//! A byte before each block says how long it is.
#![no_main]

#[path = "../oracle.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;
use rpcctl::http2::hpack::{Decoder, Encoder, Field, Indexing, Strings};
use rpcctl::http2::write_block;

fuzz_target!(|input: &[u8]| {
    let blocks = blocks(input);
    let mut frames = Vec::new();
    for block in &blocks {
        write_block(&mut frames, 1, block, false, 1 << 14);
    }
    oracle::compare(&frames);
    for strings in [Strings::Shorter, Strings::Plain, Strings::Huffman] {
        written_again(&blocks, strings);
    }
});

fn blocks(mut input: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    while let Some((&length, rest)) = input.split_first() {
        let (block, rest) = rest.split_at(rest.len().min(length.into()));
        blocks.push(block);
        input = rest;
    }
    blocks
}

fn written_again(blocks: &[&[u8]], strings: Strings) {
    let (mut first, mut second) = (Decoder::new(usize::MAX), Decoder::new(usize::MAX));
    let mut encoder = Encoder::new(strings);
    for block in blocks {
        // A table of any size that is allowed, chosen by what is at hand.
        if let [size, ..] = block {
            encoder.resize(usize::from(*size) * 16);
        }
        let mut fields = Vec::new();
        let mut tell =
            |field: Field<'_>| fields.push((field.name.to_vec(), field.value.to_vec(), field.sensitive));
        if first.decode(block, &mut tell).is_err() {
            return;
        }
        // A block whose fields were all looked up may become as many bytes as it has fields for each of them.
        fields.truncate(256);
        let mut written = Vec::new();
        encoder.begin(&mut written);
        for (index, (name, value, sensitive)) in fields.iter().enumerate() {
            let indexing = if index % 3 == 2 { Indexing::Varies } else { Indexing::Repeats };
            encoder.field(&mut written, Field { name, value, sensitive: *sensitive }, indexing);
        }
        let mut again = Vec::new();
        let tell =
            |field: Field<'_>| again.push((field.name.to_vec(), field.value.to_vec(), field.sensitive));
        let told = second.decode(&written, tell).expect("it was written here");
        assert!(told.whole);
        assert_eq!(again, fields);
    }
}
