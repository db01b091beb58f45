//! Documents as `encode` and `call` read them.

use std::sync::LazyLock;

use prost_reflect::MessageDescriptor;
use rpcctl::message::split::{Document, SplitError, Splitter};
use rpcctl::message::{Format, Origin, Reader};

/// Documents beyond this are refused.
const LIMIT: usize = 1 << 20;

/// Reads a document, and tells anything that is wrong.
pub fn read(
    format: Format,
    descriptor: &MessageDescriptor,
    document: &Document,
    allow_unknown_fields: bool,
) -> Option<Vec<u8>> {
    static READER: LazyLock<Reader> = LazyLock::new(Reader::default);
    match READER.read(format, descriptor, &Origin::Stdin, document, allow_unknown_fields) {
        Ok(message) => Some(message.into()),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

/// The documents of an input, which do not depend on how it comes.
pub fn all(format: Format, input: &[u8]) -> Vec<Document> {
    let whole = split(format, &[input]);
    let (first, rest) = input.split_at(input.len() / 2);
    assert_eq!(whole, split(format, &[first, rest]));
    whole.0
}

fn split(format: Format, parts: &[&[u8]]) -> (Vec<Document>, Option<SplitError>) {
    let mut splitter = Splitter::new(format, LIMIT);
    let mut documents = Vec::new();
    let mut parts = parts.iter();
    loop {
        match splitter.next_document() {
            Ok(Some(document)) => documents.push(document),
            Err(error) => return (documents, Some(error)),
            Ok(None) => match parts.next() {
                Some(part) => splitter.push(part),
                None => break,
            },
        }
    }
    splitter.finish();
    loop {
        match splitter.next_document() {
            Ok(Some(document)) => documents.push(document),
            Ok(None) => return (documents, None),
            Err(error) => return (documents, Some(error)),
        }
    }
}
