//! Bytes to a message, keeping what does not decode.
//!
//! The normal path is one call. When it fails, the fields of the message are taken one by one: those that decode
//! make the message, the others stand beside it as [`Broken`] with their bytes, so that nothing received is lost.

use prost_reflect::bytes::Bytes;
use prost_reflect::prost::{DecodeError, Message as _};
use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::record::Record;

/// A message and what could not be made part of it.
pub struct Decoded {
    /// Everything that decoded.
    pub message: DynamicMessage,
    /// Everything that did not, in the order received; mostly empty.
    pub broken: Vec<Broken>,
}

/// A part of a message that did not decode.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The field it belongs to; none where not even that could be read.
    pub number: Option<u32>,
    /// How many elements of a repeated field came before it.
    pub at: usize,
    /// Why it did not decode.
    pub error: DecodeError,
    /// The field's content; where its end could not be found, everything from the field's tag on.
    pub bytes: Bytes,
}

impl From<DynamicMessage> for Decoded {
    fn from(message: DynamicMessage) -> Self {
        Self { message, broken: Vec::new() }
    }
}

/// Decodes a message of type `descriptor`.
pub fn decode(descriptor: &MessageDescriptor, bytes: Bytes) -> Decoded {
    match DynamicMessage::decode(descriptor.clone(), bytes.clone()) {
        Ok(message) => message.into(),
        Err(_) => salvage(descriptor, bytes),
    }
}

fn salvage(descriptor: &MessageDescriptor, mut rest: Bytes) -> Decoded {
    let mut decoded = Decoded::from(DynamicMessage::new(descriptor.clone()));
    while !rest.is_empty() {
        let mut after = rest.clone();
        let record = match Record::take(&mut after) {
            Ok(record) => record,
            Err((number, error)) => {
                decoded.broken.push(Broken {
                    number,
                    at: count(&decoded.message, number),
                    error,
                    bytes: rest,
                });
                break;
            }
        };
        // Tried on its own first: a merge that fails leaves half of the field behind.
        let whole = rest.slice(..rest.len() - after.len());
        match DynamicMessage::decode(descriptor.clone(), whole.clone())
            .and_then(|_| decoded.message.merge(whole))
        {
            Ok(()) => {}
            Err(error) => {
                let number = Some(record.number);
                let at = count(&decoded.message, number);
                decoded.broken.push(Broken { number, at, error, bytes: record.content });
            }
        }
        rest = after;
    }
    decoded
}

/// How many elements a repeated field has so far.
fn count(message: &DynamicMessage, number: Option<u32>) -> usize {
    number
        .and_then(|number| message.get_field_by_number(number))
        .and_then(|value| value.as_list().map(<[Value]>::len))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing;

    const PROTO: &str = r#"
        syntax = "proto3";
        message M { int32 i = 1; string s = 2; repeated string l = 3; M m = 4; oneof o { string x = 5; int32 y = 6; } repeated int32 p = 7; }
    "#;

    /// A part's field, its place among the field's elements, and its bytes.
    type Part = (Option<u32>, usize, Vec<u8>);

    fn salvaged(bytes: &'static [u8]) -> (String, Vec<Part>) {
        let decoded = decode(&testing::message(PROTO, "M"), Bytes::from_static(bytes));
        let broken = decoded.broken.into_iter().map(|part| (part.number, part.at, part.bytes.to_vec()));
        (decoded.message.to_text_format(), broken.collect())
    }

    #[test]
    fn what_decodes_is_whole() {
        assert_eq!(salvaged(b"\x08\x05\x12\x01a"), ("i:5,s:\"a\"".to_owned(), vec![]));
        assert_eq!(salvaged(b""), (String::new(), vec![]));
    }

    #[test]
    fn invalid_utf8_costs_its_field_alone() {
        assert_eq!(
            salvaged(b"\x08\x05\x12\x01\xff\x1a\x01a\x1a\x01\xfe\x1a\x01b"),
            ("i:5,l:[\"a\",\"b\"]".to_owned(), vec![(Some(2), 0, vec![0xff]), (Some(3), 1, vec![0xfe])])
        );
    }

    #[test]
    fn a_field_that_fails_leaves_no_trace() {
        // The bad member of the oneof neither sets it nor clears the other; half a message is not merged.
        assert_eq!(
            salvaged(b"\x30\x07\x2a\x01\xff\x22\x05\x08\x01\x12\x01\xff\x3a\x03\x01\x02\x80"),
            (
                "y:7".to_owned(),
                vec![
                    (Some(5), 0, vec![0xff]),
                    (Some(4), 0, b"\x08\x01\x12\x01\xff".to_vec()),
                    (Some(7), 0, vec![1, 2, 0x80]),
                ]
            )
        );
    }

    #[test]
    fn repeated_parts_of_one_message_are_still_merged() {
        assert_eq!(salvaged(b"\x22\x02\x08\x01\x12\x01\xff\x22\x03\x12\x01a").0, "m{i:1,s:\"a\"}");
    }

    #[test]
    fn from_where_nothing_can_be_read_the_rest_is_kept() {
        for (bytes, number, rest) in [
            (&b"\x08\x05\x12\x09abc"[..], Some(2), &b"\x12\x09abc"[..]),
            (b"\x08\x05\x07rest", None, b"\x07rest"),
            (b"\x08\x05\x00rest", None, b"\x00rest"),
            (b"\x08\x05\x0c", Some(1), b"\x0c"),
            (b"\x08\x05\xff\xff", None, b"\xff\xff"),
            (
                b"\x08\x05\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                Some(2),
                b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            ),
        ] {
            assert_eq!(salvaged(bytes), ("i:5".to_owned(), vec![(number, 0, rest.to_vec())]));
        }
    }

    #[test]
    fn a_field_of_the_wrong_wire_type_is_kept() {
        assert_eq!(
            salvaged(b"\x10\x96\x01\x08\x05"),
            ("i:5".to_owned(), vec![(Some(2), 0, b"\x96\x01".to_vec())])
        );
    }
}
