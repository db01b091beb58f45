//! What each kind of Go value is in JSON.

use bytes::Bytes;

use super::*;
use crate::netrpc::gob::{Marshaler, Struct, Value};

fn compact(value: &Value) -> String {
    let mut out = Vec::new();
    write(&mut out, value, Style::default());
    String::from_utf8(out).unwrap()
}

fn string(text: &'static str) -> Value {
    Value::String(Bytes::from_static(text.as_bytes()))
}

fn opaque(name: &str, marshaler: Marshaler, bytes: &'static [u8]) -> Value {
    Value::Opaque { name: name.into(), marshaler, bytes: Bytes::from_static(bytes) }
}

fn interface(name: &str, value: Value) -> Value {
    Value::Interface { name: name.into(), value: Box::new(value) }
}

fn point() -> Value {
    let fields =
        vec![("X".into(), Value::Int(22)), ("Y".into(), Value::List(vec![Value::Bool(true), Value::Nil]))];
    Value::Struct(Struct { name: "Point".into(), fields })
}

#[test]
fn numbers_are_as_go_prints_them() {
    for (number, expected) in [
        (17.0, "17"),
        (0.1, "0.1"),
        (-0.0, "-0"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-7"),
        (0.000_001, "0.000001"),
        (-1.797_693_134_862_315_7e308, "-1.7976931348623157e+308"),
        (f64::NAN, "\"NaN\""),
        (f64::INFINITY, "\"Infinity\""),
        (f64::NEG_INFINITY, "\"-Infinity\""),
    ] {
        assert_eq!(compact(&Value::Float(number)), expected);
    }
    assert_eq!(compact(&Value::Int(i64::MIN)), "-9223372036854775808");
    assert_eq!(compact(&Value::Uint(u64::MAX)), "18446744073709551615");
    assert_eq!(compact(&Value::Complex(1.0, f64::NAN)), r#"{"re":1,"im":"NaN"}"#);
}

#[test]
fn strings_that_are_not_utf_8_are_not_lost() {
    assert_eq!(compact(&string("a\"é")), r#""a\"é""#);
    assert_eq!(compact(&Value::String(Bytes::from_static(b"\xff\xfe"))), r#"{"@bytes":"//4="}"#);
    assert_eq!(compact(&Value::Bytes(Bytes::from_static(b"hi"))), "\"aGk=\"");
}

#[test]
fn structs_keep_their_order_in_either_style() {
    assert_eq!(compact(&point()), r#"{"X":22,"Y":[true,null]}"#);
    let mut out = b"> ".to_vec();
    write(&mut out, &point(), Style { pretty: true, escape_controls: false });
    assert_eq!(String::from_utf8(out).unwrap(), "> {\n  \"X\": 22,\n  \"Y\": [\n    true,\n    null\n  ]\n}");
    let empty = Value::List(vec![Value::Map(Vec::new()), Value::List(Vec::new())]);
    assert_eq!(compact(&empty), "[{},[]]");
}

#[test]
fn maps_are_objects_if_their_keys_can_be_names() {
    let map = |keys: [Value; 2]| {
        compact(&Value::Map(keys.into_iter().zip([Value::Int(1), Value::Int(2)]).collect()))
    };
    assert_eq!(map([string("b"), string("a")]), r#"{"a":2,"b":1}"#);
    assert_eq!(map([Value::Int(10), Value::Int(9)]), r#"{"10":1,"9":2}"#);
    assert_eq!(map([Value::Bool(true), Value::Bool(false)]), r#"{"false":2,"true":1}"#);
    assert_eq!(map([Value::Float(0.5), Value::Float(f64::NAN)]), r#"{"0.5":1,"NaN":2}"#);
    assert_eq!(map([point(), Value::Nil]), r#"[[{"X":22,"Y":[true,null]},1],[null,2]]"#);
}

#[test]
fn an_interface_names_a_type_that_is_not_gos_own() {
    assert_eq!(compact(&interface("int", Value::Int(3))), "3");
    assert_eq!(compact(&interface("[]string", Value::List(vec![string("a")]))), r#"["a"]"#);
    assert_eq!(
        compact(&interface("main.Point", point())),
        r#"{"@type":"main.Point","value":{"X":22,"Y":[true,null]}}"#
    );
}

#[test]
fn types_that_encode_themselves_are_their_texts_where_those_are_known() {
    const UNIX: &[u8] = b"\x01\0\0\0\x0e\x77\x91\xf7\0\0\0\0\0\xff\xff";
    for (name, marshaler, bytes, expected) in [
        ("Time", Marshaler::Gob, UNIX, "\"1970-01-01T00:00:00Z\""),
        ("", Marshaler::Gob, UNIX, "\"1970-01-01T00:00:00Z\""),
        ("Time", Marshaler::Gob, b"\x09", r#"{"@type":"Time","@gob":"CQ=="}"#),
        ("", Marshaler::Gob, b"\x03\x01\x2c", "-300"),
        ("Int", Marshaler::Gob, b"\x02\x01\0\0\0\0\0\0\0\0", "18446744073709551616"),
        ("Rat", Marshaler::Gob, b"\x03\0\0\0\x01\x03\x04", "\"-3/4\""),
        ("Addr", Marshaler::Binary, b"\x01\x02\x03\x04", "\"1.2.3.4\""),
        ("Addr", Marshaler::Gob, b"\x01\x02\x03\x04", r#"{"@type":"Addr","@gob":"AQIDBA=="}"#),
        ("Level", Marshaler::Text, b"warn", "\"warn\""),
        ("Level", Marshaler::Text, b"\xff", r#"{"@type":"Level","@text":"/w=="}"#),
        ("", Marshaler::Binary, b"\x01", r#"{"@binary":"AQ=="}"#),
    ] {
        assert_eq!(compact(&opaque(name, marshaler, bytes)), expected);
    }
}

#[test]
fn a_value_of_any_depth_is_written() {
    let deep = (0..1_500).fold(Value::Nil, |value, _| Value::List(vec![value]));
    assert!(compact(&deep).starts_with("[[["));
    let deep = (0..1_500).fold(Value::Nil, |value, _| interface("int", value));
    assert_eq!(compact(&deep), "null");
}

#[test]
fn only_outer_levels_have_lines_of_their_own() {
    let pretty = |value: &Value| {
        let mut out = Vec::new();
        write(&mut out, value, Style { pretty: true, escape_controls: false });
        String::from_utf8(out).unwrap()
    };
    // type T []T
    let nested = |depth: usize, innermost| (0..depth).fold(innermost, |value, _| Value::List(vec![value]));
    let text = pretty(&nested(14, nested(4, point())));
    assert_eq!(text.lines().count(), 33);
    assert_eq!(text.lines().nth(16), Some(&*(" ".repeat(32) + r#"[[{"X":22,"Y":[true,null]}]]"#)));
    let wide = Value::List(vec![Value::List(Vec::new()); 1_000]);
    assert_eq!(pretty(&nested(100, wide)).lines().count(), 33);
    assert!(pretty(&nested(500, Value::List(vec![Value::Int(1); 10_000]))).len() < 30_000);
}
