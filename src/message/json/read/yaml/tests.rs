//! YAML documents as messages, and what is said of those that are none.

use super::super::{Reader, from_yaml, to_yaml};
use crate::schema::testing;

const PROTO: &str = r#"
    syntax = "proto3";
    package t;
    import "google/protobuf/struct.proto";
    import "google/protobuf/timestamp.proto";
    enum Color { NONE = 0; RED = 1; }
    message M {
        string name = 1; int32 count = 2; M child = 3; repeated M list = 4; map<string, string> labels = 5;
        Color color = 6; bytes raw = 7; double ratio = 8; google.protobuf.Struct struct = 9; bool yes = 10;
        google.protobuf.Timestamp at = 11; map<int32, string> numbered = 12;
    }
"#;

/// A document's JSON, after it was read as the message that this JSON is.
fn json(document: &str) -> String {
    let descriptor = testing::message(PROTO, "t.M");
    let json = String::from_utf8(from_yaml(document.as_bytes()).unwrap()).unwrap();
    let message = Reader::default()
        .read_yaml(&descriptor, document.as_bytes(), false)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(message, Reader::default().read(&descriptor, json.as_bytes(), false).unwrap(), "{json}");
    json
}

#[test]
fn what_is_written_reads_back() {
    for (json, yaml) in [
        (
            r#"{"a":1,"b":{"c":[]},"d":[1,{"e":null,"f":"x"},[2,[3]],{}]}"#,
            "a: 1\nb:\n  c: []\nd:\n  - 1\n  - e: null\n    f: x\n  - - 2\n    - - 3\n  - {}\n",
        ),
        (r#""no""#, "\"no\"\n"),
        (
            r##"["1e3","null","a: b","# x","a b","","12:30","é","-","x\ny","~",".inf"]"##,
            "- \"1e3\"\n- \"null\"\n- \"a: b\"\n- \"# x\"\n- a b\n- \"\"\n- \"12:30\"\n- é\n- \"-\"\n- \"x\\ny\"\n- \"~\"\n- \".inf\"\n",
        ),
    ] {
        let written = String::from_utf8(to_yaml(json.into())).unwrap();
        assert_eq!(written, yaml);
        assert_eq!(from_yaml(written.as_bytes()).unwrap(), json.as_bytes());
    }
}

#[test]
fn what_is_hidden_is_escaped_as_yaml_has_it() {
    // JSON has two escapes for one beyond U+FFFF, which in YAML are two characters that do not exist.
    let text = "a\u{e0041}\u{200b}\u{1f600}\"\u{1d173}";
    let yaml = to_yaml(serde_json::to_vec(text).unwrap());
    assert_eq!(String::from_utf8(yaml.clone()).unwrap(), "\"a\\U000e0041\\u200b\u{1f600}\\\"\\U0001d173\"\n");
    assert_eq!(from_yaml(&yaml).unwrap(), serde_json::to_vec(text).unwrap());
}

#[test]
fn a_long_key_has_a_line_of_its_own() {
    let key = "k".repeat(1100);
    for value in ["1", "[1]", r#"{"a":{}}"#] {
        let json = format!(r#"[{{"a":{{"{key}":{value},"b":2}}}}]"#);
        let yaml = to_yaml(json.clone().into_bytes());
        assert!(String::from_utf8_lossy(&yaml).contains(&format!("    ? {key}\n    :")));
        assert_eq!(String::from_utf8(from_yaml(&yaml).unwrap()).unwrap(), json);
    }
}

#[test]
fn what_is_printed_is_nested_deeper_than_what_is_read() {
    let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    let yaml = to_yaml(nested(300).into_bytes());
    assert_eq!(String::from_utf8(yaml).unwrap(), "- ".repeat(299) + "[]\n");
    assert!(Reader::default().read(&testing::message(PROTO, "t.M"), nested(128).as_bytes(), true).is_err());
}

fn told(document: &str) -> String {
    let descriptor = testing::message(PROTO, "t.M");
    Reader::default().read_yaml(&descriptor, document.as_bytes(), false).map(drop).unwrap_err().to_string()
}

#[test]
fn a_document_is_the_message_that_its_json_would_be() {
    for (document, same) in [
        ("name: Alice\ncount: 3\n", r#"{"name":"Alice","count":3}"#),
        ("--- # comment\n{name: 'it''s', yes: true}\n", r#"{"name":"it's","yes":true}"#),
        ("child:\n  child:\n    count: 0x10\n", r#"{"child":{"child":{"count":16}}}"#),
        ("list:\n- name: a\n- {name: b}\n", r#"{"list":[{"name":"a"},{"name":"b"}]}"#),
        ("name: |\n  a\n  b\n", "{\"name\":\"a\\nb\\n\"}"),
        ("name: >-\n  a\n  b\n", r#"{"name":"a b"}"#),
        ("labels: {a: \"1\", 'b c': x}", r#"{"labels":{"a":"1","b c":"x"}}"#),
        ("numbered: {1: a, 2: b}", r#"{"numbered":{"1":"a","2":"b"}}"#),
        ("color: RED\nraw: !!binary |\n  AP\n  8=\n", r#"{"color":"RED","raw":"AP8="}"#),
        ("ratio: -.inf", r#"{"ratio":"-Infinity"}"#),
        ("name: !!str 12", r#"{"name":"12"}"#),
        ("name: ! 12", r#"{"name":"12"}"#),
        ("at: 2026-01-01T00:00:00Z", r#"{"at":"2026-01-01T00:00:00Z"}"#),
        ("struct: {a: [1, 1.5, ~, no]}", r#"{"struct":{"a":[1,1.5,null,"no"]}}"#),
        (
            "child: &c {name: x}\nlist: [*c, *c]",
            r#"{"child":{"name":"x"},"list":[{"name":"x"},{"name":"x"}]}"#,
        ),
        ("name: &n x\nlabels: {*n : *n}", r#"{"name":"x","labels":{"x":"x"}}"#),
        ("{\"name\": \"\\u00e9\"}", "{\"name\":\"é\"}"),
        ("name:", r#"{"name":null}"#),
        ("{}", "{}"),
    ] {
        assert_eq!(json(document), same, "{document}");
    }
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    for (document, message) in [
        ("name: a\ncount: x\n", r#"count at line 2 column 8: expected int32 (a number), found "x""#),
        (
            "child:\n  cuont: 1\n",
            r#"child at line 2 column 3: unknown field "cuont" of t.M, did you mean "count"?"#,
        ),
        ("name: 1.10", "name at line 1 column 7: expected string, found 1.10"),
        ("name: a\n\"name\": b", r#"line 2 column 1: "name" is given twice, first at line 1 column 1"#),
        (
            "# é\nlist:\n- name: ä\n  count: ö",
            r#"list[0].count at line 4 column 10: expected int32 (a number), found "ö""#,
        ),
        ("[1]", "line 1 column 1: expected t.M (an object), found an array"),
        (
            "name: [a",
            "name[1] at line 1 column 9: not valid YAML: while parsing a flow sequence, expected ',' or ']'",
        ),
        ("name: *x", "name at line 1 column 7: not valid YAML: while parsing node, found unknown anchor"),
        (
            "child: &c {child: *c}",
            "child.child at line 1 column 19: not valid YAML: an alias cannot stand inside of what it stands for",
        ),
        ("name: !x y", "name at line 1 column 7: not valid YAML: the tag !x says nothing to a message"),
        ("count: !!int x", "count at line 1 column 8: not valid YAML: \"x\" is no !!int"),
        ("[a]: b", "line 1 column 1: not valid YAML: a key is a scalar here, and no list or mapping"),
    ] {
        assert_eq!(told(document), message, "{document}");
    }
    let descriptor = testing::message(PROTO, "t.M");
    let error =
        Reader::default().read_yaml(&descriptor, b"name: \xff", false).map(drop).unwrap_err().to_string();
    assert_eq!(error, "line 1 column 7: not valid UTF-8");
}

#[test]
fn a_document_made_to_grow_is_refused() {
    let mut laughs = "struct:\n  a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        laughs.push_str(&format!("  a{level}: &a{level} [{}]\n", before.trim_end_matches(", ")));
    }
    assert!(told(&laughs).ends_with("what its aliases stand for is too much"), "{}", told(&laughs));
    let long = format!("struct:\n  a: &a {}\n  b: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(1000));
    assert!(told(&long).ends_with("what its aliases stand for is too much"));
    for deep in ["{child: ".repeat(100_000), "[".repeat(100_000), "- ".repeat(100_000)] {
        let told = told(&deep);
        assert!(told.contains("nested") || told.contains("not valid YAML"), "{told}");
    }
    let mut chain = "struct:
  a0: &a0 x
"
    .to_owned();
    for level in 1..100 {
        chain.push_str(&format!(
            "  a{level}: &a{level} {{b: {{b: *a{}}}}}
",
            level - 1
        ));
    }
    assert!(told(&chain).contains("nested"), "{}", told(&chain));
}

#[test]
fn whatever_is_in_a_document_it_is_read_or_refused() {
    let document =
        "name: &n \"é\"\nlist:\n  - {child: *n, count: 0x1f}\n  - ? [a]\n    : |2-\n      x\n--- !!map\n%";
    let descriptor = testing::message(PROTO, "t.M");
    for at in 0..document.len() {
        for byte in *b"\"'{}[]:,-?|>&*!%#@\t\n 0\xff\xc3" {
            let mut damaged = document.as_bytes().to_vec();
            damaged[at] = byte;
            let _ =
                Reader::default().read_yaml(&descriptor, &damaged, false).map_err(|error| error.to_string());
        }
        let _ = Reader::default()
            .read_yaml(&descriptor, &document.as_bytes()[..at], false)
            .map_err(|error| error.to_string());
    }
}
