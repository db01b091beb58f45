//! The printer against the documented mapping, and against what no mapping foresees.

use prost_reflect::prost::Message as _;
use prost_reflect::prost::encoding::{WireType, encoded_len_varint};
use prost_reflect::prost::encoding::{encode_key, encode_varint};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, ReflectMessage as _};

use super::*;
use crate::message::{bytes, text};
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

    enum Color { option allow_alias = true; NONE = 0; RED = 2; CRIMSON = 2; BLUE = -1; }

    message All {
        string last_number_first = 90;
        bool b = 1; int32 i = 2; uint32 u = 3; int64 l = 4; fixed64 ul = 5;
        float f = 6; double d = 7; string s = 8; bytes raw = 9; Color color = 10;
        oneof choice { string this = 12; int32 that = 11; }
        optional int32 maybe = 13;
        repeated int32 many = 14; repeated All nested = 15; All child = 16;
        map<string, int32> by_name = 17; map<int32, string> by_number = 18; map<bool, Color> by_bool = 19;
        string renamed = 20 [json_name = "new\"name"];
        google.protobuf.NullValue nothing = 21;
        sfixed32 sf = 22; sint64 sl = 23;
    }

    message Known {
        google.protobuf.Any any = 1;
        google.protobuf.Timestamp time = 2;
        google.protobuf.Duration duration = 3;
        google.protobuf.FieldMask mask = 4;
        google.protobuf.Struct struct = 5;
        google.protobuf.Value value = 6;
        google.protobuf.ListValue list = 7;
        google.protobuf.Empty empty = 8;
        google.protobuf.DoubleValue double_value = 9;
        google.protobuf.Int64Value int64_value = 10;
        google.protobuf.BoolValue bool_value = 11;
        google.protobuf.StringValue string_value = 12;
        google.protobuf.BytesValue bytes_value = 13;
        google.protobuf.UInt32Value uint32_value = 14;
        google.protobuf.FloatValue float_value = 15;
    }
"#;

struct Nobody;

impl Types for Nobody {
    fn message(&self, _: &str) -> Option<MessageDescriptor> {
        None
    }
}

struct Pool(DescriptorPool);

impl Types for Pool {
    fn message(&self, full_name: &str) -> Option<MessageDescriptor> {
        self.0.get_message_by_name(full_name)
    }
}

/// A message as it comes.
struct Received {
    descriptor: MessageDescriptor,
    bytes: Vec<u8>,
}

impl From<DynamicMessage> for Received {
    fn from(message: DynamicMessage) -> Self {
        Self { descriptor: message.descriptor(), bytes: message.encode_to_vec() }
    }
}

fn received(descriptor: &MessageDescriptor, bytes: impl Into<Vec<u8>>) -> Received {
    Received { descriptor: descriptor.clone(), bytes: bytes.into() }
}

fn json(style: Style, message: &Received) -> String {
    let mut out = Vec::new();
    Printer::new(style).print(&message.descriptor, &message.bytes, &Nobody, &mut out);
    let text = String::from_utf8(out).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).expect("always valid JSON");
    text
}

/// Prints a message written in text format.
fn print(style: Style, name: &str, text: &str) -> String {
    let descriptor = testing::message(PROTO, name);
    json(style, &DynamicMessage::parse_text_format(descriptor, text).unwrap().into())
}

fn compact(name: &str, text: &str) -> String {
    print(Style::default(), name, text)
}

fn length_delimited(number: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + encoded_len_varint(content.len() as u64) + 5);
    encode_key(number, WireType::LengthDelimited, &mut out);
    encode_varint(content.len() as u64, &mut out);
    out.extend_from_slice(content);
    out
}

#[test]
fn fields_come_in_declaration_order_with_their_json_names() {
    assert_eq!(
        compact(
            "t.All",
            r#"b: true i: -5 u: 7 l: -9223372036854775808 ul: 18446744073709551615 f: 0.1 d: 2 s: "x" raw: "\377\000"
               color: RED that: 0 maybe: 0 many: [3, 1] child { s: "y" } renamed: "r" sf: -1 sl: 12
               last_number_first: "z" nested {} nested { i: 1 }"#
        ),
        r#"{"lastNumberFirst":"z","b":true,"i":-5,"u":7,"l":"-9223372036854775808","ul":"18446744073709551615","f":0.1,"d":2,"s":"x","raw":"/wA=","color":"RED","that":0,"maybe":0,"many":[3,1],"nested":[{},{"i":1}],"child":{"s":"y"},"new\"name":"r","sf":-1,"sl":"12"}"#
    );
}

#[test]
fn pretty_is_two_spaces_and_a_line_a_member() {
    let pretty = Style { pretty: true, ..Style::default() };
    assert_eq!(
        print(
            pretty,
            "t.All",
            "i: 1 many: [1, 2] child {} nested { child { i: 2 } } by_name { key: \"k\" value: 1 }"
        ),
        "{\n  \"i\": 1,\n  \"many\": [\n    1,\n    2\n  ],\n  \"nested\": [\n    {\n      \"child\": {\n        \"i\": 2\n      }\n    }\n  ],\n  \"child\": {},\n  \"byName\": {\n    \"k\": 1\n  }\n}"
    );
    assert_eq!(print(pretty, "t.All", ""), "{}");
}

#[test]
fn map_keys_are_sorted() {
    assert_eq!(
        compact(
            "t.All",
            r#"by_name { key: "b" } by_name { key: "a" value: 1 } by_name { key: "B" } by_name { key: "é" }
               by_number { key: 10 } by_number { key: -2 } by_number { key: 9 }
               by_bool { key: true value: RED } by_bool { key: false }"#
        ),
        r#"{"byName":{"B":0,"a":1,"b":0,"é":0},"byNumber":{"-2":"","9":"","10":""},"byBool":{"false":"NONE","true":"RED"}}"#
    );
}

#[test]
fn enums_go_by_their_first_name_or_their_number() {
    assert_eq!(compact("t.All", "color: CRIMSON"), r#"{"color":"RED"}"#);
    assert_eq!(compact("t.All", "color: BLUE"), r#"{"color":"BLUE"}"#);
    let unknown = received(&testing::message(PROTO, "t.All"), *b"\x50\x63");
    assert_eq!(json(Style::default(), &unknown), r#"{"color":99}"#);
    let numbers = Style { enum_numbers: true, ..Style::default() };
    assert_eq!(print(numbers, "t.All", "color: RED"), r#"{"color":2}"#);
}

#[test]
fn names_and_64_bit_numbers_on_request() {
    let style = Style { proto_names: true, int64_numbers: true, ..Style::default() };
    assert_eq!(
        print(style, "t.All", "last_number_first: \"z\" l: 12 ul: 18446744073709551615 renamed: \"r\""),
        r#"{"last_number_first":"z","l":12,"ul":18446744073709551615,"renamed":"r"}"#
    );
    assert_eq!(print(style, "t.Known", "int64_value { value: 5 }"), r#"{"int64_value":5}"#);
}

#[test]
fn defaults_on_request_for_fields_without_presence() {
    let style = Style { emit_defaults: true, ..Style::default() };
    let defaults = r#""lastNumberFirst":"","b":false,"i":0,"u":0,"l":"0","ul":"0","f":0,"d":0,"s":"","raw":"","color":"NONE","many":[],"nested":[],"byName":{},"byNumber":{},"byBool":{},"new\"name":"","nothing":null,"sf":0,"sl":"0""#;
    assert_eq!(print(style, "t.All", ""), format!("{{{defaults}}}"));
    assert_eq!(print(style, "t.Known", ""), "{}");
    let set = print(style, "t.All", "u: 4 that: 0 maybe: 0");
    assert!(set.contains(r#""i":0,"u":4,"l""#) && set.contains(r#""that":0,"maybe":0,"many""#), "{set}");
}

#[test]
fn proto2_groups_extensions_required_and_defaults() {
    let proto = r#"
        syntax = "proto2";
        package p;
        message M {
            required int32 r = 1; optional int32 o = 2 [default = 7];
            optional group Part = 3 { optional string s = 1; }
            repeated group Item = 4 { optional int32 n = 1; }
            extensions 100 to 200;
        }
        message Holder { extend M { optional M inner = 101; } }
        extend M { repeated string tags = 100; }
    "#;
    let text = r#"r: 0 o: 7 Part { s: "x" } Item { n: 1 } Item {} [p.tags]: "a" [p.tags]: "b" [p.Holder.inner] { r: 1 }"#;
    let message = DynamicMessage::parse_text_format(testing::message(proto, "p.M"), text).unwrap();
    let expected = r#"{"r":0,"o":7,"part":{"s":"x"},"item":[{"n":1},{}],"[p.tags]":["a","b"],"[p.Holder.inner]":{"r":1}}"#;
    assert_eq!(json(Style::default(), &message.into()), expected);
    // What is printed reads back.
    let descriptor = testing::message(proto, "p.M");
    let back = Reader::default().read(&descriptor, expected.as_bytes(), false).unwrap();
    assert_eq!(json(Style::default(), &received(&descriptor, back)), expected);
    let empty = DynamicMessage::new(testing::message(proto, "p.M"));
    let defaults = Style { emit_defaults: true, ..Style::default() };
    assert_eq!(json(defaults, &empty.into()), r#"{"item":[]}"#);
}

#[test]
fn well_known_types_have_their_own_form() {
    for (text, expected) in [
        ("time { seconds: 1700000000 nanos: 5000 }", r#"{"time":"2023-11-14T22:13:20.000005Z"}"#),
        ("time {}", r#"{"time":"1970-01-01T00:00:00Z"}"#),
        ("duration { seconds: -3 nanos: -500000000 }", r#"{"duration":"-3.500s"}"#),
        ("mask { paths: 'foo_bar.baz' paths: 'x' }", r#"{"mask":"fooBar.baz,x"}"#),
        ("mask {}", r#"{"mask":""}"#),
        ("empty {}", r#"{"empty":{}}"#),
        ("double_value { value: 1 }", r#"{"doubleValue":1}"#),
        ("int64_value { value: 1 }", r#"{"int64Value":"1"}"#),
        ("int64_value {}", r#"{"int64Value":"0"}"#),
        ("bool_value {}", r#"{"boolValue":false}"#),
        ("string_value { value: 'x' }", r#"{"stringValue":"x"}"#),
        ("bytes_value { value: 'x' }", r#"{"bytesValue":"eA=="}"#),
        ("uint32_value { value: 4294967295 }", r#"{"uint32Value":4294967295}"#),
        ("float_value { value: nan }", r#"{"floatValue":"NaN"}"#),
        ("value { null_value: NULL_VALUE }", r#"{"value":null}"#),
        ("value { number_value: 1 }", r#"{"value":1}"#),
        ("value { string_value: '' }", r#"{"value":""}"#),
        ("value { bool_value: false }", r#"{"value":false}"#),
        ("value { list_value {} }", r#"{"value":[]}"#),
        ("list { values { number_value: -0.5 } values { struct_value {} } }", r#"{"list":[-0.5,{}]}"#),
        (
            "struct { fields { key: 'b' value { number_value: 2 } } fields { key: 'a' value { bool_value: true } } }",
            r#"{"struct":{"a":true,"b":2}}"#,
        ),
    ] {
        assert_eq!(compact("t.Known", text), expected, "{text}");
        let descriptor = testing::message(PROTO, "t.Known");
        let back = Reader::default().read(&descriptor, expected.as_bytes(), false).unwrap();
        assert_eq!(json(Style::default(), &received(&descriptor, back)), expected, "reads back");
    }
}

#[test]
fn what_json_cannot_show_costs_nothing_else() {
    for (text, expected) in [
        (
            "time { seconds: 253402300800 } duration { seconds: 1 }",
            r#"{"time":{"@error":"the timestamp is outside the years 0001 to 9999","@value":{"seconds":"253402300800"}},"duration":"1s"}"#,
        ),
        (
            "duration { seconds: 1 nanos: -1 }",
            r#"{"duration":{"@error":"the duration's seconds and nanos have different signs","@value":{"seconds":"1","nanos":-1}}}"#,
        ),
        (
            "mask { paths: 'fooBar' }",
            r#"{"mask":{"@error":"a path of this field mask cannot be written in camelCase and read back","@value":{"paths":["fooBar"]}}}"#,
        ),
        (
            "value { number_value: inf }",
            r#"{"value":{"@error":"a google.protobuf.Value cannot hold this number","@value":{"numberValue":"Infinity"}}}"#,
        ),
        (
            "list { values {} values { bool_value: true } }",
            r#"{"list":[{"@error":"a google.protobuf.Value with no kind set","@value":{}},true]}"#,
        ),
    ] {
        assert_eq!(compact("t.Known", text), expected, "{text}");
    }
}

#[test]
fn any_is_expanded_with_its_type_in_front() {
    assert_eq!(
        compact("t.Known", "any { [type.googleapis.com/t.All] { i: 1 s: 'x' } }"),
        r#"{"any":{"@type":"type.googleapis.com/t.All","i":1,"s":"x"}}"#
    );
    assert_eq!(
        compact(
            "t.Known",
            "any { type_url: 'https://example.com/x/google.protobuf.Duration' value: '\\010\\001' }"
        ),
        r#"{"any":{"@type":"https://example.com/x/google.protobuf.Duration","value":"1s"}}"#
    );
    assert_eq!(
        compact("t.Known", "any { [a/google.protobuf.Any] { [b/google.protobuf.Empty] {} } }"),
        r#"{"any":{"@type":"a/google.protobuf.Any","value":{"@type":"b/google.protobuf.Empty","value":{}}}}"#
    );
    assert_eq!(compact("t.Known", "any {}"), r#"{"any":{}}"#);
}

#[test]
fn an_any_of_unknown_type_is_told_and_can_be_printed_again() {
    let text = "any { type_url: 'x.com/other.Type' value: '\\010\\001' } bool_value { value: true }";
    let message = DynamicMessage::parse_text_format(testing::message(PROTO, "t.Known"), text).unwrap();
    let message = Received::from(message);
    let mut out = Vec::new();
    let printer = Printer::default();
    assert_eq!(
        printer.print(&message.descriptor, &message.bytes, &Nobody, &mut out),
        Missing { types: vec!["other.Type".to_owned()], placeholders: 1 }
    );
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"{"any":{"@type":"x.com/other.Type","@error":"message type other.Type is not known","@value":"CAE="},"boolValue":true}"#
    );
    let types = Pool(testing::pool(&[(
        "test.proto",
        "syntax = \"proto3\"; package other; message Type { int32 n = 1; }",
    )]));
    let mut out = Vec::new();
    assert_eq!(printer.print(&message.descriptor, &message.bytes, &types, &mut out), Missing::default());
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#"{"any":{"@type":"x.com/other.Type","n":1},"boolValue":true}"#
    );
}

#[test]
fn a_malformed_any_is_shown_as_bytes() {
    for (any, error) in [
        (r"type_url: 'x/t.All' value: '\377'", "it ends in the middle of a field"),
        ("type_url: 'x/' value: 'a'", "this type URL names no message type"),
        ("value: 'a'", "this type URL names no message type"),
        ("type_url: 'x/no such' value: 'a'", "this type URL names no message type"),
    ] {
        let printed = compact("t.Known", &format!("any {{ {any} }}"));
        assert!(printed.contains(&format!(r#""@error":"{error}""#)), "{printed}");
    }
}

#[test]
fn any_in_any_ends_at_the_depth_limit() {
    let any = testing::pool(&[("test.proto", PROTO)]).get_message_by_name("google.protobuf.Any").unwrap();
    let mut bytes = Vec::new();
    for _ in 0..20_000 {
        bytes = [length_delimited(1, b"a/google.protobuf.Any"), length_delimited(2, &bytes)].concat();
    }
    let printed = json(Style::default(), &received(&any, bytes));
    assert_eq!(printed.matches("@type").count(), 101);
    assert!(printed.contains(r#""@error":"nested more than 100 messages deep""#));
}

#[test]
fn what_the_decoder_takes_is_printed_to_its_last_level() {
    let all = testing::message(PROTO, "t.All");
    for (levels, whole) in [(100, true), (101, false), (50_000, false)] {
        let mut bytes = b"\x10\x2a".to_vec();
        for _ in 0..levels {
            bytes = length_delimited(16, &bytes);
        }
        let decoded = received(&all, bytes);
        assert_eq!(bytes::Rewriter::default().rewrite(&all, &decoded.bytes).is_ok(), whole);
        assert_eq!(json(Style::default(), &decoded).contains("\"i\":42"), whole, "{levels}");
    }
}

#[test]
fn a_type_that_only_bears_a_well_known_name_is_printed_by_its_fields() {
    let proto = "syntax = \"proto3\"; package google.protobuf; message Timestamp { string seconds = 1; }";
    let odd = received(&testing::message(proto, "google.protobuf.Timestamp"), *b"\x0a\x01x");
    assert_eq!(json(Style::default(), &odd), r#"{"seconds":"x"}"#);
}

#[test]
fn broken_parts_stand_in_their_place() {
    let all = testing::message(PROTO, "t.All");
    // i: 1, s: not UTF-8, child with the same inside, nested: good, bad, good.
    let bad = length_delimited(8, b"\xff");
    let good = b"\x10\x05".to_vec();
    let bytes = [
        b"\x10\x01".to_vec(),
        bad.clone(),
        length_delimited(15, &good),
        length_delimited(15, &bad),
        length_delimited(15, &good),
        length_delimited(16, &bad),
    ]
    .concat();
    let error = "a string that is not valid UTF-8";
    let part = |value: &str| format!(r#"{{"@error":"{error}","@value":"{value}"}}"#);
    assert_eq!(
        json(Style::default(), &received(&all, bytes)),
        format!(
            r#"{{"i":1,"s":{},"nested":[{{"i":5}},{{"s":{}}},{{"i":5}}],"child":{{"s":{}}}}}"#,
            part("/w=="),
            part("/w=="),
            part("/w==")
        )
    );
    // The whole of a well-known type, a map entry, bytes that are no field, and a place taken by a later value.
    let string =
        testing::pool(&[("test.proto", PROTO)]).get_message_by_name("google.protobuf.StringValue").unwrap();
    let decoded = received(&string, length_delimited(1, b"\xff"));
    assert_eq!(json(Style::default(), &decoded), part("/w=="));
    let bytes =
        [bad, length_delimited(8, b"ok"), length_delimited(17, b"\x0a\x01\xff"), b"\x10\x07\x07".to_vec()];
    let printed = json(Style::default(), &received(&all, bytes.concat()));
    assert!(printed.starts_with(r#"{"i":7,"s":"ok","byName":{},"@broken":[{"@field":17,"#), "{printed}");
    assert!(printed.ends_with(r#""@value":"Bw=="}]}"#), "{printed}");
}

#[test]
fn a_large_string_is_printed_whole() {
    let large = "é\"".repeat(400_000);
    let decoded = received(&testing::message(PROTO, "t.All"), length_delimited(8, large.as_bytes()));
    let printed = json(Style { escape_controls: true, ..Style::default() }, &decoded);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap()["s"], large);
}

#[test]
fn damaged_messages_are_always_valid_json() {
    let style = Style { pretty: true, emit_defaults: true, escape_controls: true, ..Style::default() };
    let pool = testing::pool(&[("test.proto", PROTO)]);
    let known = r#"
        any { [x.com/t.All] { child { many: 1 } by_name { key: "k" value: 1 } } } time { seconds: 1 nanos: 1 }
        struct { fields { key: "a" value { list_value { values { number_value: 1 } } } } } mask { paths: "a_b" }
        value { string_value: "s" } bytes_value { value: "b" } duration { seconds: 1 }"#;
    let known = text::Reader::default()
        .read(&pool.get_message_by_name("t.Known").unwrap(), known.as_bytes())
        .unwrap();
    for name in
        ["t.Known", "t.All", "google.protobuf.Any", "google.protobuf.Struct", "google.protobuf.Timestamp"]
    {
        let descriptor = pool.get_message_by_name(name).unwrap();
        for at in 0..known.len() {
            for byte in [0x00, 0x01, 0x07, 0x0a, 0x12, 0x7f, 0x80, 0xff] {
                let mut damaged = known.clone();
                damaged[at] = byte;
                let decoded = received(&descriptor, damaged);
                json(style, &decoded);
                text::Printer::default().print(&decoded.descriptor, &decoded.bytes, &Nobody, &mut Vec::new());
            }
            json(style, &received(&descriptor, &known[at..]));
        }
    }
}
