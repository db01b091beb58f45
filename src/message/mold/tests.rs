use super::*;
use crate::schema::testing;

const PROTO: &str = r#"
    syntax = "proto3";
    package t;
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/duration.proto";
    import "google/protobuf/wrappers.proto";
    import "google/protobuf/struct.proto";
    enum Color { NONE = 0; RED = 1; }
    message M {
        string name = 1; int32 i32 = 2; sint64 s64 = 3; fixed32 f32 = 4; double real = 5; float half = 6;
        uint64 u64 = 7; bytes raw = 8; Color color = 9; bool yes = 10;
        M child = 11; repeated M children = 12; repeated int64 packed = 13; repeated string names = 14;
        map<string, int32> counts = 15; map<int64, string> texts = 16;
        optional string maybe = 17; oneof either { string one = 18; int32 other = 19; }
        google.protobuf.Timestamp at = 20; google.protobuf.Duration wait = 21;
        google.protobuf.Int64Value wrapped = 22; google.protobuf.Struct open = 23; repeated sint32 zigzag = 24;
    }
"#;

/// A document in which `<…>` is a blank in quotes and `(…)` one without, each with its sample.
fn parts(document: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = document;
    while let Some(at) = rest.find(['<', '(']) {
        let (text, blank) = rest.split_at(at);
        parts.push(Part::Text(text.to_owned()));
        let quoted = blank.starts_with('<');
        let (sample, after) = blank[1..].split_once(if quoted { '>' } else { ')' }).unwrap();
        let sample = if quoted { format!("\"{sample}\"") } else { sample.to_owned() };
        parts.push(Part::Blank { quoted, sample });
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    parts
}

fn cast(document: &str) -> Option<Mold> {
    let descriptor = testing::message(PROTO, "t.M");
    Mold::cast(&json::Reader::default(), &descriptor, &parts(document), false)
}

/// The message of a document with these values, from the mold and from the reader.
fn both(document: &str, values: &[&str]) -> (Option<Vec<u8>>, Vec<u8>) {
    let mold = cast(document).unwrap_or_else(|| panic!("no mold of {document}"));
    let mut filling = Filling::default();
    for (takes, value) in mold.blanks().iter().zip(values) {
        match (takes, value.parse()) {
            (Takes::Moment, _) => {
                let (seconds, nanos) = json::moment(value).unwrap();
                filling.moment(seconds, nanos);
            }
            (Takes::Number, Ok(number)) => filling.number(number),
            _ => filling.text(|out| out.extend_from_slice(value.as_bytes())),
        }
    }
    let mut out = b"before".to_vec();
    let filled = mold.fill(&filling, &mut out);
    assert!(out.starts_with(b"before"));
    let mut values = values.iter();
    let text: String = parts(document)
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => text,
            Part::Blank { quoted: true, .. } => format!("{:?}", values.next().unwrap()),
            Part::Blank { .. } => (*values.next().unwrap()).to_owned(),
        })
        .collect();
    let descriptor = testing::message(PROTO, "t.M");
    let read = json::Reader::default().read(&descriptor, text.as_bytes(), false);
    (filled.then(|| out.split_off(6)), read.unwrap_or_default())
}

#[test]
fn a_filled_mold_is_what_the_reader_makes_of_the_document() {
    let long = "x".repeat(300);
    for (document, values) in [
        (r#"{"name": <a>, "i32": 5}"#, &["Alice"][..]),
        (r#"{"name": <a>}"#, &[&long]),
        (r#"{"name": <a>, "i32": (1)}"#, &["", "0"]),
        (
            r#"{"i32": (1), "s64": (1), "f32": (1), "real": (1), "half": (1), "u64": (1)}"#,
            &["-7", "-8", "9", "1", "16777216", "5"],
        ),
        (
            r#"{"u64": <1>, "s64": <1>, "real": (1)}"#,
            &["18446744073709551615", "-9223372036854775808", "0.25"],
        ),
        (r#"{"child": {"child": {"name": <a>, "i32": 1}, "name": "b"}, "i32": 2}"#, &[&long]),
        (r#"{"child": {"name": <a>}}"#, &[""]),
        (r#"{"children": [{"name": <a>}, {"name": "b"}, {"i32": (1)}]}"#, &["x", "77"]),
        (r#"{"packed": [1, (2), 300, (4)], "zigzag": [(1), -5]}"#, &["-1", "1000000", "-3"]),
        (r#"{"names": ["a", <b>, <c>]}"#, &["", &long]),
        (r#"{"counts": {"a": (1), <k>: 2}}"#, &["0", "key"]),
        (r#"{"texts": {"5": <a>, <7>: "x"}}"#, &["", "9"]),
        (r#"{"maybe": <a>}"#, &[""]),
        (r#"{"one": <a>}"#, &[""]),
        (r#"{"other": (1)}"#, &["0"]),
        (r#"{"at": <2026-01-01T00:00:00Z>, "i32": 1}"#, &["1969-12-31T23:59:59.5Z"]),
        (r#"{"at": <2026-01-01T00:00:00Z>}"#, &["1970-01-01T00:00:00Z"]),
        (r#"{"wrapped": <5>}"#, &["0"]),
        (r#"{"wrapped": (5)}"#, &["-5"]),
        (r#"{"open": {"a": <x>, "b": [(1), true], "c": {"d": <y>}}}"#, &["text", "5", &long]),
        (r#"{"color": (1)}"#, &["0"]),
        (r#"{"color": (1)}"#, &["7"]),
    ] {
        let (filled, read) = both(document, values);
        assert_eq!(filled.as_deref(), Some(&*read), "{document}");
    }
}

#[test]
fn what_is_not_found_as_it_was_given_makes_no_mold() {
    for document in [
        r#"{"raw": <aGk=>}"#,
        r#"{"color": <RED>}"#,
        r#"{"yes": (true)}"#,
        r#"{"wait": <5s>}"#,
        r#"{<name>: "x"}"#,
        r#"{"child": ({"i32": 1})}"#,
        // The sample alone is read.
        r#"{"i32": <abc>, "name": <x>}"#,
        r#"{"name": <x>"#,
        // It stands there already.
        r#"{"name": <x>, "maybe": "~ blank 0 ~"}"#,
    ] {
        assert!(cast(document).is_none(), "{document}");
    }
    assert!(cast(&format!("{{\"packed\": [{}]}}", vec!["(1)"; MOST + 1].join(","))).is_none());
    assert!(cast(&format!("{{\"packed\": [{}]}}", vec!["(1)"; MOST].join(","))).is_some());
}

#[test]
fn what_does_not_fit_leaves_nothing_behind() {
    for (document, value) in [
        (r#"{"name": "a", "i32": (1)}"#, "2147483648"),
        (r#"{"name": "a", "f32": (1)}"#, "-1"),
        (r#"{"name": "a", "u64": (1)}"#, "1.5"),
        (r#"{"child": {"name": "a", "s64": <1>}}"#, "one"),
    ] {
        let (filled, read) = both(document, &[value]);
        assert_eq!((filled, read), (None, Vec::new()), "{document}");
    }
    let mold = cast(r#"{"name": <a>}"#).unwrap();
    assert!(!mold.fill(&Filling::default(), &mut Vec::new()));
}

#[test]
fn proto2_has_groups_and_required_fields() {
    let proto = r#"
        syntax = "proto2"; package t;
        message M { required string name = 1; optional group G = 2 { optional int32 id = 1; } repeated int32 ids = 3; }
    "#;
    let descriptor = testing::message(proto, "t.M");
    let document = parts(r#"{"name": <a>, "g": {"id": (1)}, "ids": [1, (2)]}"#);
    let mold = Mold::cast(&json::Reader::default(), &descriptor, &document, false).unwrap();
    let mut filling = Filling::default();
    filling.text(|out| out.extend_from_slice(b"xyz"));
    filling.number(0);
    filling.number(-1);
    let mut out = Vec::new();
    assert!(mold.fill(&filling, &mut out));
    let read = br#"{"name": "xyz", "g": {"id": 0}, "ids": [1, -1]}"#;
    assert_eq!(out, json::Reader::default().read(&descriptor, read, false).unwrap());
}
