//! Printing the text format, and reading back what was printed.

use prost_reflect::MessageDescriptor;

use super::*;
use crate::message::json::{Missing, Types};
use crate::schema::testing;

const PROTO: &str = r#"
    syntax = "proto3";
    package t;
    import "google/protobuf/any.proto";
    enum Color { NONE = 0; RED = 1; }
    message M {
        string last = 9; int32 i = 1; double d = 2; float f = 3; string s = 4; bytes raw = 5; Color color = 6;
        repeated int32 many = 7; M child = 8; map<string, M> by_name = 10; map<int32, bool> by_number = 11;
        google.protobuf.Any any = 12; bool b = 13; uint64 u = 14;
    }
    message Empty {}
"#;

struct Nobody;

impl Types for Nobody {
    fn message(&self, _: &str) -> Option<MessageDescriptor> {
        None
    }
}

/// A message as it comes.
struct Received {
    descriptor: MessageDescriptor,
    bytes: Vec<u8>,
}

fn received(descriptor: &MessageDescriptor, bytes: impl Into<Vec<u8>>) -> Received {
    Received { descriptor: descriptor.clone(), bytes: bytes.into() }
}

fn text(message: &Received, pretty: bool) -> (String, Missing) {
    let mut out = Vec::new();
    let printer = Printer::new(Style { pretty, ..Style::default() });
    let missing = printer.print(&message.descriptor, &message.bytes, &Nobody, &mut out);
    (String::from_utf8(out).unwrap(), missing)
}

fn parsed(input: &str) -> Received {
    let descriptor = testing::message(PROTO, "t.M");
    received(&descriptor, Reader::default().read(&descriptor, input.as_bytes()).unwrap())
}

#[test]
fn one_line_a_field_in_declaration_order() {
    let message = parsed(
        r#"i: -1 d: 2 f: 0.1 s: "é\n\"\x1b\u202e" raw: "\377a" color: RED many: [1, 2] child { child {} i: 3 } last: "z"
           by_name { key: "b" value { i: 1 } } by_name { key: "a" } by_number { key: 10 } by_number { key: 9 value: true }
           any { [x.com/t.M] { b: true } }"#,
    );
    let expected = r#"last: "z"
i: -1
d: 2
f: 0.1
s: "é\n\"\033\342\200\256"
raw: "\377a"
color: RED
many: 1
many: 2
child {
  i: 3
  child {}
}
by_name {
  key: "a"
  value {}
}
by_name {
  key: "b"
  value {
    i: 1
  }
}
by_number {
  key: 9
  value: true
}
by_number {
  key: 10
  value: false
}
any {
  [x.com/t.M] {
    b: true
  }
}"#;
    assert_eq!(text(&message, true), (expected.to_owned(), Missing::default()));
    assert_eq!(text(&parsed(expected), true).0, expected);
    let (line, _) = text(&message, false);
    assert!(!line.contains('\n') && line.starts_with(r#"last:"z" i:-1 d:2"#), "{line}");
    assert!(line.ends_with("any{[x.com/t.M]{b:true}}"), "{line}");
    assert_eq!(text(&parsed(&line), true).0, expected);
    assert_eq!(text(&parsed(""), true).0, "");
}

#[test]
fn numbers_read_back() {
    for value in ["inf", "-inf", "1e+21", "1e-7", "-0.5", "1.7976931348623157e+308"] {
        let message = parsed(&format!("d: {value}"));
        assert_eq!(text(&message, true).0, format!("d: {value}"));
    }
    assert_eq!(text(&parsed("d: nan f: nan"), false).0, "d:nan f:nan");
    assert_eq!(text(&parsed("u: 18446744073709551615"), true).0, "u: 18446744073709551615");
}

#[test]
fn groups_and_extensions_go_by_their_names() {
    let proto = r#"
        syntax = "proto2";
        package p;
        message M { optional group Part = 1 { optional int32 n = 1; } extensions 100; }
        extend M { optional string tag = 100; }
    "#;
    let input = "Part {\n  n: 1\n}\n[p.tag]: \"x\"";
    let descriptor = testing::message(proto, "p.M");
    let message = received(&descriptor, Reader::default().read(&descriptor, input.as_bytes()).unwrap());
    assert_eq!(text(&message, true).0, input);
}

#[test]
fn what_a_message_set_takes_goes_by_its_type() {
    let proto = r#"
        syntax = "proto2";
        package p;
        message Set { option message_set_wire_format = true; extensions 4 to max; }
        message M { extend Set { optional M inside = 7; } optional int32 n = 1; }
        extend Set { optional M beside = 8; }
    "#;
    let input = "[p.M] {\n  n: 1\n}\n[p.beside] {\n  n: 2\n}";
    let descriptor = testing::message(proto, "p.Set");
    for same in [input, "[p.M.inside] { n: 1 } [p.beside] { n: 2 }"] {
        let message = received(&descriptor, Reader::default().read(&descriptor, same.as_bytes()).unwrap());
        assert_eq!(text(&message, true).0, input);
    }
}

#[test]
fn unknown_fields_are_kept() {
    let message = parsed(r#"i: 150 s: "text" raw: "\010\001" child { i: 1 } d: 1 f: 1"#);
    let empty = testing::message(PROTO, "t.Empty");
    let group = b"\x7b\x08\x01\x7c";
    let bytes = [message.bytes, group.to_vec()].concat();
    assert_eq!(
        text(&received(&empty, bytes), true).0,
        "1: 150\n2: 0x3ff0000000000000\n3: 0x3f800000\n4: \"text\"\n5 {\n  1: 1\n}\n8 {\n  1: 1\n}\n15 {\n  1: 1\n}"
    );
}

#[test]
fn an_any_that_cannot_be_expanded_shows_its_fields() {
    let input = "any {\n  type_url: \"x.com/other.Type\"\n  value: \"\\010\\001\"\n}";
    let (printed, missing) = text(&parsed(input), true);
    assert_eq!(printed, input);
    assert_eq!(missing, Missing { types: vec!["other.Type".to_owned()], placeholders: 0 });
}

#[test]
fn what_did_not_decode_is_a_comment_and_its_bytes() {
    let message = received(&testing::message(PROTO, "t.M"), *b"\x08\x01\x22\x01\xff\x48");
    assert_eq!(
        text(&message, true).0,
        "i: 1\n# a string that is not valid UTF-8\n4: \"\\377\"\n# it ends in the middle of a field\n9: \"H\""
    );
}

#[test]
fn what_a_server_nests_ends_at_the_depth_limit() {
    let pool = testing::pool(&[("test.proto", PROTO)]);
    let length_delimited = |number: u8, content: &[u8]| {
        let mut out = vec![number << 3 | 2];
        prost_reflect::prost::encoding::encode_varint(content.len() as u64, &mut out);
        out.extend_from_slice(content);
        out
    };
    let mut any = Vec::new();
    let mut unknown = b"\x08\x01".to_vec();
    for _ in 0..20_000 {
        any = [length_delimited(1, b"a/google.protobuf.Any"), length_delimited(2, &any)].concat();
        unknown = length_delimited(1, &unknown);
    }
    for (name, level, bytes) in
        [("google.protobuf.Any", "[a/google.protobuf.Any]{", any), ("t.Empty", "1{", unknown)]
    {
        let descriptor = pool.get_message_by_name(name).unwrap();
        let (printed, _) = text(&received(&descriptor, bytes), false);
        assert!(
            printed.starts_with(&level.repeat(100)) && !printed.starts_with(&level.repeat(101)),
            "{name}"
        );
    }
}
