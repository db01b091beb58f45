//! Streams that nobody should send: each is an error, soon and in little memory.

use super::super::wire::{put_bytes, put_count, put_int, put_uint};
use super::*;

/// What Go's own tests say is bad.
#[test]
fn streams_that_go_refuses() {
    let table = [
        ("7F6869", DecodeError::UnexpectedEnd),
        (
            "036e6f77206973207468652074696d6520666f7220616c6c20676f6f64206d656e",
            DecodeError::UnknownType { id: 55 },
        ),
        ("0424666f6f", DecodeError::UnknownType { id: 18 }),
        ("05100028557b02027f8302", DecodeError::Truncated),
        ("130a00fb5dad0bf8ff020263e70002fa28020202a89859", DecodeError::Truncated),
        ("0f1000fb285d003316020735ff023a65c5", DecodeError::Truncated),
        ("03fffb0616fffc00f902ff02ff03bf005d02885802a311a8120228022c028ee7", DecodeError::Truncated),
        (
            "10fe010f020102fe01100001fe010e000016fe010d030102fe010e00010101015801fe01100000000bfe011000f85555555555555555",
            DecodeError::Truncated,
        ),
    ];
    for (stream, error) in table {
        assert_eq!(decode(stream), Err(error), "{stream}");
    }
}

/// Decodes messages that are given without their lengths.
fn decode_messages(messages: &[&str]) -> Result<Vec<Value>, DecodeError> {
    let mut stream = BytesMut::new();
    for message in messages {
        put_bytes(&mut stream, &unhex(message));
    }
    decode_all(&stream, Limits::default())
}

#[test]
fn integers_and_lengths_that_are_none() {
    assert_eq!(decode("80"), Err(DecodeError::LongInteger { bytes: 128 }));
    assert_eq!(decode_messages(&[""]), Err(DecodeError::Truncated));
    assert_eq!(decode_messages(&["f8ffffffffffffff"]), Err(DecodeError::Truncated));
    assert_eq!(decode_messages(&["04 00 f701"]), Err(DecodeError::LongInteger { bytes: 9 }));
}

#[test]
fn values_that_their_types_do_not_describe() {
    assert_eq!(decode_messages(&["04 00 06 00"]), Err(DecodeError::TrailingBytes { bytes: 1 }));
    assert_eq!(decode_messages(&["04 01 06"]), Err(DecodeError::NumberedSingleton));
    assert_eq!(decode_messages(&["00 00 00"]), Err(DecodeError::UnknownType { id: 0 }));
    assert_eq!(decode_messages(&["ff82 00 06"]), Err(DecodeError::UnknownType { id: 65 }));
    // A struct without fields that has one, and one that does not end.
    let empty = "ff81 03 0102ff8200 00 00";
    assert_eq!(decode_messages(&[empty, "ff82 01 00"]), Err(DecodeError::FieldOutOfRange { count: 0 }));
    assert_eq!(decode_messages(&[empty, "ff82"]), Err(DecodeError::Truncated));
    let array = "ff81 01 0102ff8200 0104 0106 00 00";
    assert_eq!(
        decode_messages(&[array, "ff82 00 02 02 04"]),
        Err(DecodeError::ArrayMismatch { declared: 3, sent: 2 })
    );
    let slice_of_what_never_comes = "ff81 02 0102ff8200 01ff84 00 00";
    assert_eq!(
        decode_messages(&[slice_of_what_never_comes, "ff82 00 01 00"]),
        Err(DecodeError::UndefinedType)
    );
}

#[test]
fn definitions_that_define_nothing() {
    let empty = "ff81 03 0102ff8200 00 00";
    let table: &[(&[&str], DecodeError)] = &[
        (&[empty, empty], DecodeError::DuplicateType { id: 65 }),
        (&["03 03 0102ff8200 00 00"], DecodeError::ReservedType { id: 2 }),
        (&["ff81 03 0102ff8200 00 00 00"], DecodeError::TrailingBytes { bytes: 1 }),
        (&["ff81 00"], DecodeError::AmbiguousDefinition),
        (&["ff81 02 0102ff8200 0104 00 01 0102ff8200 00 00"], DecodeError::AmbiguousDefinition),
        (&["ff81 08 00 00"], DecodeError::FieldOutOfRange { count: 7 }),
        (&["ff81 03 0102ff8200 0101 0204 00 00 00"], DecodeError::NamelessField),
        (&["ff81 03 0101 02 fffe 01ff8200 00 00"], DecodeError::NameNotText),
        (&["ff81 01 0102ff8200 0104 0101 00 00"], DecodeError::ArrayLength { length: -1 }),
        (&["ff81 02 0102ff8200 00 00"], DecodeError::UnknownType { id: 0 }),
        (&["ff81 02 0102ff8200 0128 00 00"], DecodeError::UnknownType { id: 20 }),
        (&["ff81 02 0102ff8200 01fb0200000000 00 00"], DecodeError::UnknownType { id: 1 << 32 }),
    ];
    for (messages, error) in table {
        assert_eq!(decode_messages(messages).as_ref(), Err(error), "{messages:?}");
    }
}

/// A stream with one message that is a slice's definition, under the number 65.
fn slice_of(element: i64) -> BytesMut {
    let mut definition = BytesMut::new();
    put_int(&mut definition, -65);
    definition.extend_from_slice(&unhex("020102ff820001"));
    put_int(&mut definition, element);
    definition.extend_from_slice(&[0, 0]);
    let mut stream = BytesMut::new();
    put_bytes(&mut stream, &definition);
    stream
}

#[test]
fn a_long_message_is_refused_before_it_comes() {
    let limits = Limits::for_messages_of(1000);
    let mut claim = BytesMut::new();
    put_uint(&mut claim, 1001);
    assert_eq!(
        Decoder::new(limits).read(&mut claim),
        Err(DecodeError::MessageTooLarge { size: 1001, limit: 1000 })
    );
    let mut claim = BytesMut::new();
    put_uint(&mut claim, u64::MAX);
    assert_eq!(
        Decoder::new(limits).read(&mut claim),
        Err(DecodeError::MessageTooLarge { size: u64::MAX, limit: 1000 })
    );
}

#[test]
fn a_count_that_cannot_be_takes_no_memory() {
    for count in [1 << 30, u64::MAX] {
        let mut stream = slice_of(2);
        let mut value = BytesMut::from(&unhex("ff8200")[..]);
        put_uint(&mut value, count);
        put_bytes(&mut stream, &value);
        assert_eq!(decode_all(&stream, Limits::default()), Err(DecodeError::Truncated));
    }
}

#[test]
fn memory_is_bounded_where_the_bytes_are_few() {
    // Empty structs of 200 fields: a byte each on the wire, kilobytes in memory.
    let mut types = Types::default();
    let names: Vec<_> = (0..200).map(|number| format!("Field{number}")).collect();
    let declared: Vec<_> = names.iter().map(|name| (name.as_str(), TypeRef::Int)).collect();
    let wide = types.define(Definition::Struct { name: "Wide".into(), fields: fields(&declared) });
    let many = types.define(Definition::Slice { name: "".into(), element: wide });
    let stream = encode(&types, many, &Value::List(vec![structure("Wide", &[]); 10_000])).unwrap();
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    assert_eq!(decode_all(&stream, limits), Err(DecodeError::ValueTooLarge { limit: 1 << 20 }));
    let enough = Limits { memory: 200 << 20, ..limits };
    assert!(decode_all(&stream, enough).is_ok());
}

#[test]
fn lists_that_all_claim_the_rest_of_the_message_are_bounded() {
    // Each level of this slice of itself claims as many elements as there are bytes left.
    let mut stream = slice_of(65);
    let mut value = BytesMut::from(&unhex("ff8200")[..]);
    for _ in 0..150 {
        put_uint(&mut value, 100_000);
    }
    value.resize(120_000, 0);
    put_bytes(&mut stream, &value);
    let limits = Limits::for_messages_of(120_000);
    assert_eq!(decode_all(&stream, limits), Err(DecodeError::ValueTooLarge { limit: limits.memory }));
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| {
        let mut stream = slice_of(65);
        let mut value = BytesMut::from(&unhex("ff8200")[..]);
        (1..depth).for_each(|_| put_uint(&mut value, 1));
        put_uint(&mut value, 0);
        put_bytes(&mut stream, &value);
        decode_all(&stream, Limits::default())
    };
    assert!(nested(MAX_DEPTH).is_ok());
    assert_eq!(nested(MAX_DEPTH + 1), Err(DecodeError::TooDeep { limit: MAX_DEPTH }));
    assert_eq!(nested(1_000_000), Err(DecodeError::TooDeep { limit: MAX_DEPTH }));
}

#[test]
fn interfaces_count_as_depth() {
    // One element, its name, type and length, and so on: a slice of interfaces that each hold such a slice.
    let mut value = BytesMut::from(&unhex("ff8200")[..]);
    for _ in 0..300 {
        value.extend_from_slice(&unhex("01 0173 ff82 01 00"));
    }
    let mut stream = slice_of(8);
    put_bytes(&mut stream, &value);
    assert_eq!(decode_all(&stream, Limits::default()), Err(DecodeError::TooDeep { limit: MAX_DEPTH }));
}

#[test]
fn types_are_bounded_in_number_and_size() {
    let limits = Limits { types: 3, ..Limits::default() };
    let mut stream = BytesMut::new();
    for id in 65..=68 {
        let mut definition = BytesMut::new();
        put_int(&mut definition, -id);
        definition.extend_from_slice(&unhex("030102ff82000000"));
        put_bytes(&mut stream, &definition);
    }
    assert_eq!(decode_all(&stream, limits), Err(DecodeError::TooManyTypes { limit: 3 }));
    let limits = Limits::for_messages_of(20);
    assert_eq!(decode_all(&stream, limits), Err(DecodeError::TooManyTypes { limit: 10_000 }));
}

#[test]
fn a_value_in_many_messages_is_bounded_as_one_is() {
    // Each message but the last ends with a definition that an interface's value would be of.
    let mut stream = slice_of(8);
    let mut part = BytesMut::from(&unhex("ff8200")[..]);
    put_count(&mut part, 1000);
    let mut sizes = 0;
    for id in 66..200 {
        part.extend_from_slice(&unhex("0173"));
        put_int(&mut part, -id);
        part.extend_from_slice(&unhex("030102ff82000000"));
        sizes += part.len();
        put_bytes(&mut stream, &part);
        part.clear();
        put_int(&mut part, id);
        part.extend_from_slice(&unhex("0100"));
    }
    let limits = Limits::for_messages_of(1000);
    assert!(sizes > 1000);
    let mut decoder = Decoder::new(limits);
    assert!(matches!(decoder.read(&mut stream), Err(DecodeError::MessageTooLarge { limit: 1000, .. })));
    assert!(!decoder.in_value());
}

#[test]
fn a_name_that_is_too_long_for_go_is_too_long_here() {
    let mut stream = slice_of(8);
    let mut value = BytesMut::from(&unhex("ff820001")[..]);
    put_bytes(&mut value, &[b'x'; 1025]);
    put_bytes(&mut stream, &value);
    assert_eq!(decode_all(&stream, Limits::default()), Err(DecodeError::NameTooLong { length: 1025 }));
}

#[test]
fn every_change_of_a_byte_is_an_error_or_another_value() {
    // It must only end: in what, is the bytes' matter.
    let stream = unhex(
        "2fff81030101075265717565737401ff82000102010d536572766963654d6574686f64010c000103536571010600000013ff82010e41\
         726974682e4d756c7469706c790010ffa30501010454696d6501ffa400000013ffa4000f010000000e7791f70000000000ffff",
    );
    let limits = Limits::for_messages_of(1 << 16);
    for place in 0..stream.len() {
        for byte in 0..=u8::MAX {
            let mut changed = stream.clone();
            changed[place] = byte;
            let _ = decode_all(&changed, limits);
            let _ = decode_all(&changed[..place], limits);
        }
    }
}
