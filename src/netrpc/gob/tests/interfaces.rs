//! Interfaces, whose types may be defined in the middle of a value.

use super::super::Marshaler;
use super::*;

/// `struct{ A, B any }` with two points, as Go writes it: the value's first message ends after the definition of
/// `Point`, and the second begins with that type's number.
const SPLIT: &str = "1d7f030101045061697201ff800001020101410110000101420110000000\
    2dff80010a6d61696e2e506f696e74ff8103010105506f696e7401ff820001020101580104000101590104000000\
    1dff82050102010400010a6d61696e2e506f696e74ff8205010601080000";

/// The same with a `*struct{ P *Point; An any; S []any }` and a `map[string]any`. What is defined within what an
/// interface holds does not end the message; a length follows it.
const NESTED: &str = "1d7f030101045061697201ff800001020101410110000101420110000000\
    37ff80010b2a6d61696e2e496e6e6572ff8303010105496e6e657201ff8400010301015001ff82000102416e011000010153\
    01ff86000000\
    1fff8103010105506f696e7401ff820001020101580104000101590104000000\
    1cff850201010e5b5d696e74657266616365207b7d01ff860001100000\
    ffa4ff844a01010a010c00010a6d61696e2e506f696e74ff8205010e011000010403696e740402000206737472696e670c03\
    0001780974696d652e54696d65ff870501010454696d6501ff8800000026ff8811000f010000000e7791f70000000000ffff\
    055b5d696e74ff89020102ff8a000104000008ff8a04000202040001176d61705b737472696e675d696e7465726661636520\
    7b7dff8b040102ff8c00010c01100000\
    1bff8c170001016b0a6d61696e2e506f696e74ff8205011201120000";

fn interface(name: &str, value: Value) -> Value {
    Value::Interface { name: name.into(), value: Box::new(value) }
}

fn point(x: i64, y: i64) -> Value {
    structure("Point", &[("X", Value::Int(x)), ("Y", Value::Int(y))])
}

fn two_points() -> Value {
    structure(
        "Pair",
        &[("A", interface("main.Point", point(1, 2))), ("B", interface("main.Point", point(3, 4)))],
    )
}

fn pair(types: &mut Types) -> TypeRef {
    types.define(Definition::Struct {
        name: "Pair".into(),
        fields: fields(&[("A", TypeRef::Interface), ("B", TypeRef::Interface)]),
    })
}

fn register_point(types: &mut Types) {
    let point = types.define(Definition::Struct {
        name: "Point".into(),
        fields: fields(&[("X", TypeRef::Int), ("Y", TypeRef::Int)]),
    });
    types.register("main.Point", point);
}

#[test]
fn a_type_is_defined_in_the_middle_of_a_value() {
    assert_eq!(decode_one(SPLIT), two_points());
}

#[test]
fn a_type_is_defined_in_what_an_interface_holds() {
    let time = Value::Opaque {
        name: "Time".into(),
        marshaler: Marshaler::Gob,
        bytes: unhex("010000000e7791f70000000000ffff").into(),
    };
    let slice = Value::List(vec![
        interface("int", Value::Int(1)),
        interface("string", text("x")),
        interface("time.Time", time),
        interface("[]int", Value::List(vec![Value::Int(1), Value::Int(2)])),
    ]);
    let inner =
        structure("Inner", &[("P", point(5, 6)), ("An", interface("main.Point", point(7, 8))), ("S", slice)]);
    let map = Value::Map(vec![(text("k"), interface("main.Point", point(9, 9)))]);
    assert_eq!(
        decode_one(NESTED),
        structure(
            "Pair",
            &[("A", interface("*main.Inner", inner)), ("B", interface("map[string]interface {}", map))]
        )
    );
}

#[test]
fn a_value_goes_on_when_its_next_message_comes() {
    for stream in [SPLIT, NESTED].map(unhex) {
        let mut decoder = Decoder::new(Limits::default());
        let mut buffer = BytesMut::new();
        let (last, first) = stream.split_last().unwrap();
        for byte in first {
            buffer.extend_from_slice(&[*byte]);
            assert_eq!(decoder.read(&mut buffer), Ok(None));
        }
        assert!(decoder.in_value());
        buffer.extend_from_slice(&[*last]);
        assert!(matches!(decoder.read(&mut buffer), Ok(Some(Value::Struct(_)))));
        assert!(!decoder.in_value());
    }
}

#[test]
fn a_stream_may_not_end_between_a_values_messages() {
    let end = SPLIT.len() - 2 * 0x20;
    assert_eq!(decode(&SPLIT[..end]), Err(DecodeError::UnexpectedEnd));
}

#[test]
fn an_interface_holds_a_plain_value_or_nothing() {
    let mut types = Types::default();
    let pair = pair(&mut types);
    let value = structure("Pair", &[("A", interface("string", text("hi"))), ("B", Value::Nil)]);
    let stream = encode(&types, pair, &value).unwrap();
    // Field, name, type, length, no struct, the string itself; then the end: nil is left out.
    assert!(hex(&stream).ends_with("ff82 01 06737472696e67 0c 04 00 026869 00".replace(' ', "").as_str()));
    assert_eq!(decode_all(&stream, Limits::default()), Ok(vec![value]));
}

#[test]
fn what_an_interface_holds_is_defined_before_it_and_once() {
    let mut types = Types::default();
    let pair = pair(&mut types);
    register_point(&mut types);
    let mut encoder = Encoder::default();
    let mut out = BytesMut::new();
    encoder.encode(&types, pair, &two_points(), &mut out).unwrap();
    let first = out.split();
    assert_eq!(decode_all(&first, Limits::default()), Ok(vec![two_points()]));
    encoder.encode(&types, pair, &two_points(), &mut out).unwrap();
    assert!(first.ends_with(&out), "the second has no definitions");
}

#[test]
fn an_interface_can_be_the_whole_value() {
    let mut types = Types::default();
    register_point(&mut types);
    let value = interface("main.Point", point(1, 2));
    let stream = encode(&types, TypeRef::Interface, &value).unwrap();
    assert_eq!(decode_all(&stream, Limits::default()), Ok(vec![value.clone()]));
    // Go's own, with the definition in the middle.
    let go = "2c10000a6d61696e2e506f696e74ff8103010105506f696e7401ff820001020101580104000101590104000000\
              08ff82050102010400";
    assert_eq!(decode_one(go), value);
}

#[test]
fn a_concrete_type_must_be_registered() {
    let mut types = Types::default();
    let pair = pair(&mut types);
    let error = encode(&types, pair, &two_points()).unwrap_err();
    assert_eq!(error.to_string(), "Pair.A.(main.Point): nothing is registered under the name \"main.Point\"");
}
