//! Reading JSON: what is accepted, and what an error says.

use prost_reflect::prost::encoding::encode_varint;

use super::*;
use crate::message::split::Document;
use crate::message::{self, Error, Format, Origin, Position};
use crate::schema::testing;

const PROTO: &str = r#"
    syntax = "proto3";
    package t;
    import "google/protobuf/any.proto";
    import "google/protobuf/duration.proto";
    import "google/protobuf/empty.proto";
    import "google/protobuf/field_mask.proto";
    import "google/protobuf/struct.proto";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    enum Color { NONE = 0; RED = 1; }
    message M {
        string user_name = 1; int32 count = 2; M child = 3; repeated M list = 4; map<string, M> named = 5;
        google.protobuf.Any any = 6; google.protobuf.Struct struct = 7; bytes raw = 8; Color color = 9;
        map<int32, bool> flags = 10; repeated int64 many = 11; google.protobuf.Value value = 12;
        google.protobuf.Timestamp time = 13; google.protobuf.Duration wait = 14;
        google.protobuf.FieldMask mask = 15; oneof either { int32 one = 16; int32 other = 17; }
        google.protobuf.Int32Value maybe = 18; uint64 size = 19; float ratio = 20; double exact = 21;
        google.protobuf.Empty empty = 22; repeated google.protobuf.Value values = 23; bool yes = 24;
    }
"#;

fn read(
    descriptor: &MessageDescriptor,
    document: &[u8],
    allow_unknown_fields: bool,
) -> Result<Vec<u8>, Box<ReadError>> {
    Reader::default().read(descriptor, document, allow_unknown_fields)
}

fn encoded(document: &str) -> Vec<u8> {
    read(&testing::message(PROTO, "t.M"), document.as_bytes(), false).unwrap()
}

fn error(document: &str) -> ReadError {
    *read(&testing::message(PROTO, "t.M"), document.as_bytes(), false).map(|_| ()).unwrap_err()
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
    let value = testing::pool(&[("test.proto", PROTO)]).get_message_by_name("google.protobuf.Value").unwrap();
    assert_eq!(read(&value, b"null", false).unwrap(), b"\x08\x00");
}

#[test]
fn numbers_are_read_in_every_notation() {
    assert_eq!(encoded(r#"{"count":1e2}"#), encoded(r#"{"count":"100"}"#));
    assert_eq!(encoded(r#"{"count":"1.0e2"}"#), encoded(r#"{"count":100.0}"#));
    assert_eq!(
        encoded(r#"{"size":18446744073709551615}"#),
        encoded(r#"{"size":"1.8446744073709551615e19"}"#)
    );
    assert_eq!(encoded(r#"{"ratio":"1.5","exact":1.5}"#), encoded(r#"{"ratio":15e-1,"exact":"15e-1"}"#));
    assert_eq!(encoded(r#"{"ratio":"-Infinity"}"#), b"\xa5\x01\x00\x00\x80\xff");
    assert_eq!(encoded(r#"{"color":1}"#), encoded(r#"{"color":"RED"}"#));
}

#[test]
fn null_as_an_enum_is_read_as_its_number_too() {
    let proto = r#"
        syntax = "proto3";
        import "google/protobuf/struct.proto";
        message N { oneof either { google.protobuf.NullValue nothing = 1; int32 other = 2; } }
    "#;
    let descriptor = testing::message(proto, "N");
    // Python's protobuf prints the number where enums are asked for as numbers.
    for document in [r#"{"nothing":null}"#, r#"{"nothing":"NULL_VALUE"}"#, r#"{"nothing":0}"#] {
        assert_eq!(read(&descriptor, document.as_bytes(), false).unwrap(), b"\x08\x00", "{document}");
    }
}

#[test]
fn well_known_types_are_read_in_their_own_form() {
    assert_eq!(encoded(r#"{"time":"1970-01-01T00:00:01.5Z"}"#), b"\x6a\x08\x08\x01\x10\x80\xca\xb5\xee\x01");
    assert_eq!(encoded(r#"{"wait":"3s"}"#), b"\x72\x02\x08\x03");
    assert_eq!(encoded(r#"{"mask":"userName,a.bC"}"#), b"\x7a\x12\x0a\x09user_name\x0a\x05a.b_c");
    assert_eq!(encoded(r#"{"mask":""}"#), b"\x7a\x00");
    assert_eq!(encoded(r#"{"maybe":"7"}"#), b"\x92\x01\x02\x08\x07");
    assert_eq!(encoded(r#"{"maybe":null}"#), b"");
    assert_eq!(encoded(r#"{"empty":{}}"#), b"\xb2\x01\x00");
    assert_eq!(
        encoded(r#"{"struct":{"a":[true]}}"#),
        b"\x3a\x0d\x0a\x0b\x0a\x01a\x12\x06\x32\x04\x0a\x02\x20\x01"
    );
    assert_eq!(encoded(r#"{"values":[null,"a"]}"#), b"\xba\x01\x02\x08\x00\xba\x01\x03\x1a\x01a");
    assert_eq!(encoded(r#"{"values":null}"#), b"");
    assert_eq!(encoded(r#"{"any":{}}"#), b"\x32\x00");
    let any = encoded(r#"{"any":{"value":"3s","@type":"x/google.protobuf.Duration"}}"#);
    assert_eq!(any, b"\x32\x20\x0a\x1ax/google.protobuf.Duration\x12\x02\x08\x03");
}

#[test]
fn unknown_fields_only_on_request() {
    let document = br#"{"nobody":{"x":[1]},"count":1}"#;
    assert!(read(&testing::message(PROTO, "t.M"), document, false).is_err());
    assert_eq!(read(&testing::message(PROTO, "t.M"), document, true).unwrap(), b"\x10\x01");
}

fn told(document: &str) -> String {
    error(document).to_string()
}

#[test]
fn errors_name_the_field_its_place_and_what_it_wants() {
    for (document, text) in [
        (r#"{"count":"x"}"#, r#"count at line 1 column 10: expected int32 (a number), found "x""#),
        (r#"{"userName":{}}"#, "userName at line 1 column 13: expected string, found an object"),
        (
            "{\n \"child\": {\"list\": [{}, {\"count\": true}]}\n}",
            "child.list[1].count at line 2 column 35: expected int32 (a number), found true",
        ),
        (
            r#"{"named":{"a.b":{"count":1.5}}}"#,
            r#"named["a.b"].count at line 1 column 26: expected int32 (a whole number), found 1.5"#,
        ),
        (r#"{"many":3}"#, "many at line 1 column 9: expected repeated int64 (an array), found 3"),
        (r#"{"many":[1,null]}"#, "many[1] at line 1 column 12: expected int64 (a number), found null"),
        (
            r#"{"flags":[]}"#,
            "flags at line 1 column 10: expected map<int32, bool> (an object), found an array",
        ),
        (
            r#"{"flags":{"x":true}}"#,
            r#"flags["x"] at line 1 column 11: expected int32 (a number), found "x""#,
        ),
        (
            r#"{"flags":{"1":"on"}}"#,
            r#"flags["1"] at line 1 column 15: expected bool (true or false), found "on""#,
        ),
        (r#"{"child":7}"#, "child at line 1 column 10: expected t.M (an object), found 7"),
        ("[1]", "line 1 column 1: expected t.M (an object), found an array"),
        (
            r#"{"raw":"not base64"}"#,
            r#"raw at line 1 column 8: expected bytes (base64, such as "aGVsbG8="), found "not base64""#,
        ),
        (
            r#"{"color":true}"#,
            "color at line 1 column 10: expected t.Color (the name of a value, or its number), found true",
        ),
        (
            r#"{"time":"yesterday"}"#,
            r#"time at line 1 column 9: expected google.protobuf.Timestamp (a time in quotes, such as "2024-05-01T12:30:00Z"), found "yesterday""#,
        ),
        (
            r#"{"wait":1.5}"#,
            r#"wait at line 1 column 9: expected google.protobuf.Duration (seconds in quotes, such as "1.5s"), found 1.5"#,
        ),
        (
            r#"{"mask":"user_name"}"#,
            r#"mask at line 1 column 9: expected google.protobuf.FieldMask (names in camelCase and without "_", such as "userName,address.street"), found "user_name""#,
        ),
        (r#"{"maybe":"x"}"#, r#"maybe at line 1 column 10: expected int32 (a number), found "x""#),
    ] {
        assert_eq!(told(document), text);
    }
}

#[test]
fn what_is_out_of_range_is_told_with_the_range() {
    for (document, text) in [
        (
            r#"{"count":99999999999}"#,
            "count at line 1 column 10: 99999999999 is out of range: int32 goes from -2147483648 to 2147483647",
        ),
        (
            r#"{"many":["-1e19"]}"#,
            r#"many[0] at line 1 column 10: "-1e19" is out of range: int64 goes from -9223372036854775808 to 9223372036854775807"#,
        ),
        (
            r#"{"size":-1}"#,
            "size at line 1 column 9: -1 is out of range: uint64 goes from 0 to 18446744073709551615",
        ),
        (
            r#"{"ratio":1e39}"#,
            "ratio at line 1 column 10: 1e39 is out of range: float goes from -3.4028235e38 to 3.4028235e38",
        ),
        (
            r#"{"time":"0000-01-01T00:00:00Z"}"#,
            r#"time at line 1 column 9: "0000-01-01T00:00:00Z" is out of range: google.protobuf.Timestamp goes from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z"#,
        ),
        (
            r#"{"wait":"315576000001s"}"#,
            r#"wait at line 1 column 9: "315576000001s" is out of range: google.protobuf.Duration goes from -315576000000s to 315576000000s"#,
        ),
    ] {
        assert_eq!(told(document), text);
    }
}

#[test]
fn what_is_not_json_is_told_with_what_could_have_stood_there() {
    for (document, text) in [
        (
            "\n{\"count\" 1}",
            "line 2 column 10: not valid JSON: expected ':' after the member's name, found 1",
        ),
        (
            "{\n \"count\": 1,\n}",
            "line 3 column 1: not valid JSON: expected another member's name after ',', found '}'",
        ),
        (
            r#"{"many":[1,]}"#,
            "many[1] at line 1 column 12: not valid JSON: expected another value after ',', found ']'",
        ),
        (r#"{"many":[1 2]}"#, "many at line 1 column 12: not valid JSON: expected ',' or ']', found 2"),
        (
            "{count: 1}",
            "line 1 column 2: not valid JSON: expected a member's name in double quotes, or '}', found count",
        ),
        (
            "{'count': 1}",
            "line 1 column 2: not valid JSON: expected a member's name in double quotes, or '}', found a single quote",
        ),
        (
            r#"{"count": yes}"#,
            "count at line 1 column 11: not valid JSON: expected a value after ':', found yes",
        ),
        (
            r#"{"count": 01}"#,
            "count at line 1 column 11: not valid JSON: expected a value after ':', found 01",
        ),
        (
            "{\"child\": {\"count\": 1",
            "child at line 1 column 22: not valid JSON: expected ',' or '}', found the end of the input inside the object that begins at line 1 column 11",
        ),
        (
            "{\"userName",
            "line 1 column 11: not valid JSON: expected '\"', found the end of the input inside the string that begins at line 1 column 2",
        ),
        (r#"{"many":[1}"#, "many at line 1 column 11: not valid JSON: expected ',' or ']', found '}'"),
        ("{} {}", "line 1 column 4: not valid JSON: expected nothing more after the value, found '{'"),
        ("", "line 1 column 1: not valid JSON: expected a JSON value, found the end of the input"),
        (
            "{\"userName\":\"\u{1}\"}",
            r"userName at line 1 column 14: not valid JSON: line breaks and controls stand in a string as escapes, such as \n",
        ),
        (
            r#"{"userName":"\ud800"}"#,
            r#"userName at line 1 column 14: not valid JSON: an escape is one of \" \\ \/ \b \f \n \r \t \uXXXX, and surrogates come in pairs"#,
        ),
    ] {
        assert_eq!(told(document), text);
    }
    let error = read(&testing::message(PROTO, "t.M"), b"{\"userName\":\"\xff\"}", false).unwrap_err();
    assert_eq!(error.to_string(), "line 1 column 14: not valid UTF-8");
}

#[test]
fn unknown_names_say_which_was_meant() {
    for (document, text) in [
        (
            r#"{"username":"a"}"#,
            r#"line 1 column 2: unknown field "username" of t.M, did you mean "userName"?"#,
        ),
        (
            r#"{"user_nam":"a"}"#,
            r#"line 1 column 2: unknown field "user_nam" of t.M, did you mean "user_name"?"#,
        ),
        (
            r#"{"child":{"list":[{"cuont":1}]}}"#,
            r#"child.list[0] at line 1 column 20: unknown field "cuont" of t.M, did you mean "count"?"#,
        ),
        (
            r#"{"color":"red"}"#,
            r#"color at line 1 column 10: unknown value "red" of t.Color, did you mean "RED"?"#,
        ),
        (
            r#"{"list":[{"color":"BLUE"}]}"#,
            r#"list[0].color at line 1 column 19: unknown value "BLUE" of t.Color, which has "NONE" and "RED""#,
        ),
        (r#"{"named":{"k":{"zzz":1}}}"#, r#"named["k"] at line 1 column 16: unknown field "zzz" of t.M"#),
        (r#"{"any":{"@type":"x/a.B"}}"#, "any.@type at line 1 column 17: message type a.B is not known"),
        (
            r#"{"any":{"count":1}}"#,
            r#"any at line 1 column 8: expected a member "@type": google.protobuf.Any is written as {"@type": "type.googleapis.com/pkg.Message", …}"#,
        ),
        (
            r#"{"any":{"@type":"t.M"}}"#,
            r#"any.@type at line 1 column 17: expected a type's URL, such as "type.googleapis.com/pkg.Message", found "t.M""#,
        ),
        // Of several mistakes, the first is told.
        (r#"{"count":"x","zzz":1}"#, r#"count at line 1 column 10: expected int32 (a number), found "x""#),
    ] {
        assert_eq!(told(document), text);
    }
}

#[test]
fn nothing_is_given_twice() {
    for (document, text) in [
        (r#"{"count":1,"count":2}"#, r#"line 1 column 12: "count" is given twice, first at line 1 column 2"#),
        (
            r#"{"userName":"a","user_name":null}"#,
            r#"line 1 column 17: "user_name" is given twice, first at line 1 column 2 as "userName""#,
        ),
        (
            r#"{"flags":{"1":true,"1":true}}"#,
            r#"flags at line 1 column 20: "1" is given twice, first at line 1 column 11"#,
        ),
        (
            r#"{"struct":{"a":1,"\u0061":2}}"#,
            r#"struct at line 1 column 18: "a" is given twice, first at line 1 column 12"#,
        ),
        (
            r#"{"child":{"one":1,"other":2}}"#,
            r#"child at line 1 column 19: only one member of oneof either can be given, and "one" was given already"#,
        ),
    ] {
        assert_eq!(told(document), text);
    }
    assert_eq!(encoded(r#"{"one":null,"other":2}"#), b"\x88\x01\x02");
}

#[test]
fn nesting_is_refused_as_receivers_refuse_it() {
    let nested = |levels: usize| r#"{"child":"#.repeat(levels) + "{}" + &"}".repeat(levels);
    assert!(read(&testing::message(PROTO, "t.M"), nested(100).as_bytes(), false).is_ok());
    for levels in [101, 120, 127, 1_000_000] {
        assert!(matches!(error(&nested(levels)).problem, Problem::TooDeep(_)), "{levels}");
    }
    // A Struct takes three levels of the wire for one of JSON.
    let structure =
        |levels: usize| format!(r#"{{"struct":{}{{}}{}}}"#, r#"{"a":"#.repeat(levels), "}".repeat(levels));
    assert!(read(&testing::message(PROTO, "t.M"), structure(30).as_bytes(), false).is_ok());
    for levels in [60, 125, 1_000_000] {
        assert!(matches!(error(&structure(levels)).problem, Problem::TooDeep(_)), "{levels}");
    }
    let brackets = format!(r#"{{"userName":"{}"}}"#, "[{\\\"".repeat(1000));
    assert!(read(&testing::message(PROTO, "t.M"), brackets.as_bytes(), false).is_ok());
}

#[test]
fn the_types_of_any_are_found_before_reading() {
    assert_eq!(
        any_types(
            br#"{"any":{"@type":"x.com/a.B","list":[{"@type":"c.D"},{"@type":"x/a.B"}],"@type":3},"s":"{\"@type\":\"no\"}"}"#
        ),
        ["a.B", "c.D"]
    );
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
    let descriptor = testing::message(PROTO, "t.M");
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
    let descriptor = testing::message(PROTO, "t.M");
    let read = |format, origin| {
        message::Reader::default()
            .read(format, &descriptor, &origin, &document, false)
            .map(|_| ())
            .unwrap_err()
    };
    let error = read(Format::Json, Origin::Stdin);
    assert!(matches!(error, Error::Json { .. }));
    assert_eq!(
        error.to_string(),
        r#"stdin, document 3: line 5 column 3: unknown field "cuont" of t.M, did you mean "count"?"#
    );
    assert!(
        read(Format::Text, Origin::Flag("-d", None))
            .to_string()
            .starts_with("-d, document 3: line 4 column 3: expected")
    );
}

#[test]
fn a_value_of_an_enum_is_known_without_its_prefix() {
    let proto = "syntax = \"proto3\"; enum Mood { MOOD_NONE = 0; MOOD_HAPPY = 1; MOOD_SAD = 2; } message M { Mood mood = 1; }";
    let told = |value: &str| {
        let document = format!("{{\"mood\":{value:?}}}");
        read(&testing::message(proto, "M"), document.as_bytes(), false).map(|_| ()).unwrap_err().to_string()
    };
    assert!(told("HAPPPY").ends_with(r#"did you mean "MOOD_HAPPY"?"#));
    assert!(told("sad").ends_with(r#"did you mean "MOOD_SAD"?"#));
    let all = r#"which has "MOOD_NONE", "MOOD_HAPPY" and "MOOD_SAD""#;
    assert!(told("GREEN").ends_with(all));
    // No person types that, and comparing it takes long.
    assert!(told(&"MOOD_SAD".repeat(100_000)).ends_with(all));
}
