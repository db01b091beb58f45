//! Reading JSON: what is accepted, and what an error says.

use prost_reflect::prost::Message as _;
use prost_reflect::prost::encoding::encode_varint;

use super::*;
use crate::message::fixture;
use crate::message::split::Document;
use crate::message::{self, Error, Format, Origin, Position};

const PROTO: &str = r#"
    syntax = "proto3";
    package t;
    import "google/protobuf/any.proto";
    import "google/protobuf/struct.proto";
    enum Color { NONE = 0; RED = 1; }
    message M {
        string user_name = 1; int32 count = 2; M child = 3; repeated M list = 4; map<string, M> named = 5;
        google.protobuf.Any any = 6; google.protobuf.Struct struct = 7; bytes raw = 8; Color color = 9;
        map<int32, bool> flags = 10; repeated int64 many = 11; google.protobuf.Value value = 12;
    }
"#;

fn encoded(document: &str) -> Vec<u8> {
    read(&fixture::message(PROTO, "t.M"), document.as_bytes(), false).unwrap().encode_to_vec()
}

fn error(document: &str) -> ReadError {
    read(&fixture::message(PROTO, "t.M"), document.as_bytes(), false).map(|_| ()).unwrap_err()
}

#[test]
fn reads_either_name_numbers_as_strings_and_null() {
    assert_eq!(encoded(r#"{"userName":"a"}"#), b"\x0a\x01a");
    assert_eq!(
        encoded(r#"{"user_name":"a","count":"3","many":[1,"2"]}"#),
        b"\x0a\x01a\x10\x03\x5a\x02\x01\x02"
    );
    assert_eq!(encoded(r#"{"raw":"_-8","color":"RED"}"#), b"\x42\x02\xff\xef\x48\x01");
    assert_eq!(encoded(r#"{"userName":null}"#), b"");
    assert_eq!(encoded(" null\n"), b"");
    assert_eq!(encoded(r#"{"value":null}"#), b"\x62\x02\x08\x00");
    let value = fixture::pool(PROTO).get_message_by_name("google.protobuf.Value").unwrap();
    assert_eq!(read(&value, b"null", false).unwrap().encode_to_vec(), b"\x08\x00");
}

#[test]
fn unknown_fields_only_on_request() {
    let document = br#"{"nobody":{"x":[1]},"count":1}"#;
    assert!(read(&fixture::message(PROTO, "t.M"), document, false).is_err());
    assert_eq!(read(&fixture::message(PROTO, "t.M"), document, true).unwrap().encode_to_vec(), b"\x10\x01");
}

#[test]
fn errors_name_the_field_its_type_and_the_line() {
    for (document, line, text) in [
        (
            "{\n \"child\": {\"list\": [{}, {\"count\": true}]}\n}",
            2,
            "child.list[1].count: invalid type: boolean `true`, expected a 32-bit signed integer (the field's type is int32)",
        ),
        (r#"{"count":"abc"}"#, 1, "count: invalid digit found in string (the field's type is int32)"),
        (
            r#"{"named":{"a.b":{"count":1.5}}}"#,
            1,
            "named.a.b.count: expected integer value (the field's type is int32)",
        ),
        (
            r#"{"many":3}"#,
            1,
            "many: invalid type: integer `3`, expected a list (the field's type is repeated int64)",
        ),
        (
            r#"{"flags":[]}"#,
            1,
            "flags: invalid type: sequence, expected a map (the field's type is map<int32, bool>)",
        ),
        ("[1]", 1, "invalid type: sequence, expected a map (the field's type is t.M)"),
        ("\n{\"count\" 1}", 2, "not valid JSON: expected `:`"),
        ("{} {}", 1, "not valid JSON: trailing characters"),
        ("", 1, "not valid JSON: EOF while parsing a value"),
        (
            "{\"userName\":\"\u{1}\"}",
            1,
            "not valid JSON: control character (\\u0000-\\u001F) found while parsing a string",
        ),
    ] {
        let error = error(document);
        assert_eq!((error.position.line.max(1), error.to_string().as_str()), (line, text), "{document}");
    }
    let error = read(&fixture::message(PROTO, "t.M"), b"{\"userName\":\"\xff\"}", false).unwrap_err();
    assert_eq!(error.to_string(), "not valid JSON: invalid unicode code point");
}

#[test]
fn unknown_names_say_which_was_meant() {
    for (document, text) in [
        (r#"{"username":"a"}"#, r#"t.M has no field "username"; did you mean "userName"?"#),
        (r#"{"user_nam":"a"}"#, r#"t.M has no field "user_nam"; did you mean "user_name"?"#),
        (
            r#"{"child":{"list":[{"cuont":1}]}}"#,
            r#"child.list[0]: t.M has no field "cuont"; did you mean "count"?"#,
        ),
        (r#"{"color":"red"}"#, r#"color: "red" is no value of t.Color; did you mean "RED"?"#),
        (r#"{"list":[{"color":"BLUE"}]}"#, r#"list[0].color: "BLUE" is no value of t.Color"#),
        (r#"{"named":{"k":{"zzz":1}}}"#, r#"named.k: t.M has no field "zzz""#),
        // The one that reading stumbles over first is the one told of.
        (r#"{"count":"x","zzz":1}"#, "count: invalid digit found in string (the field's type is int32)"),
    ] {
        assert_eq!(error(document).to_string(), text);
    }
}

#[test]
fn nesting_is_refused_as_receivers_refuse_it() {
    let nested = |levels: usize| r#"{"child":"#.repeat(levels) + "{}" + &"}".repeat(levels);
    assert!(read(&fixture::message(PROTO, "t.M"), nested(100).as_bytes(), false).is_ok());
    for levels in [101, 120, 127, 1_000_000] {
        assert!(matches!(error(&nested(levels)).problem, Problem::TooDeep(_)), "{levels}");
    }
    // A Struct takes three levels of the wire for one of JSON.
    let structure =
        |levels: usize| format!(r#"{{"struct":{}{{}}{}}}"#, r#"{"a":"#.repeat(levels), "}".repeat(levels));
    assert!(read(&fixture::message(PROTO, "t.M"), structure(30).as_bytes(), false).is_ok());
    assert!(read(&fixture::message(PROTO, "t.M"), structure(60).as_bytes(), false).is_err());
    let brackets = format!(r#"{{"userName":"{}"}}"#, "[{\\\"".repeat(1000));
    assert!(read(&fixture::message(PROTO, "t.M"), brackets.as_bytes(), false).is_ok());
}

#[test]
fn the_types_of_any_are_found_before_reading() {
    assert_eq!(
        any_types(
            br#"{"any":{"@type":"x.com/a.B","list":[{"@type":"c.D"},{"@type":"x/a.B"}],"@type":3},"s":"{\"@type\":\"no\"}"}"#
        ),
        ["a.B", "c.D"]
    );
    assert_eq!(any_types(br#"{"any":{"@type":"x.com/a.B","#), ["a.B"]);
    assert_eq!(any_types(br#"{"any":{"@type":"x.com/a b"}}"#), Vec::<String>::new());
    assert_eq!(any_types("[".repeat(1_000_000).as_bytes()), Vec::<String>::new());
    let document = r#"{"any":{"count":1,"@type":"x.com/t.M"}}"#;
    let mut any = b"\x0a\x09x.com/t.M\x12\x02\x10\x01".to_vec();
    let mut expected = vec![0x32];
    encode_varint(any.len() as u64, &mut expected);
    expected.append(&mut any);
    assert_eq!(encoded(document), expected);
}

#[test]
fn random_damage_never_panics() {
    let document = br#"{"userName":"a","count":-1,"child":{"list":[{"raw":"AA=="}]},"named":{"k":{"any":{"@type":"x/t.M"}}},"struct":{"a":[1e9,null]}}"#;
    let descriptor = fixture::message(PROTO, "t.M");
    for at in 0..document.len() {
        for byte in [b'"', b'{', b'}', b'[', b'\\', b'0', b':', 0xff, b'u'] {
            let mut damaged = document.to_vec();
            damaged[at] = byte;
            let _ = read(&descriptor, &damaged, false).map_err(|error| error.to_string());
            any_types(&damaged);
        }
        assert!(read(&descriptor, &document[..at], false).is_err());
    }
}

#[test]
fn the_place_is_counted_from_the_start_of_the_input() {
    let start = Position { line: 4, column: 3 };
    let document = Document { number: 3, start, text: "{\n  \"cuont\": 1}".into() };
    let descriptor = fixture::message(PROTO, "t.M");
    let read = |format, origin| {
        message::read(format, &descriptor, &origin, &document, false).map(|_| ()).unwrap_err()
    };
    let error = read(Format::Json, Origin::Stdin);
    assert!(matches!(error, Error::Json { .. }));
    assert_eq!(
        error.to_string(),
        r#"stdin, document 3, line 5, column 9: t.M has no field "cuont"; did you mean "count"?"#
    );
    assert!(
        read(Format::Text, Origin::Flag("-d"))
            .to_string()
            .starts_with("-d, document 3, line 4, column 3: expected")
    );
}
