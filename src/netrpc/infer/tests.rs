//! What JSON becomes, inferred and by a given type; encoded, it must be what Go encodes.

use bytes::BytesMut;

use super::*;
use crate::netrpc::gob::{Encoder, Limits, MAX_DEPTH, decode_all};
use crate::netrpc::gotype;

/// The gob of an argument, in hexadecimal.
fn gob(arguments: &mut Arguments, encoder: &mut Encoder, json: &str) -> String {
    let argument = arguments.read(json).unwrap();
    let mut out = BytesMut::new();
    encoder.encode(arguments.types(), argument.ty, &argument.value, &mut out).unwrap();
    out.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn given(ty: &str) -> Arguments {
    Arguments::of(gotype::parse(ty).unwrap())
}

fn first(mut arguments: Arguments, json: &str) -> String {
    gob(&mut arguments, &mut Encoder::default(), json)
}

/// The value, printed again.
fn printed(mut arguments: Arguments, json: &str) -> String {
    match arguments.read(json) {
        Ok(argument) => {
            let mut encoded = BytesMut::new();
            Encoder::default().encode(arguments.types(), argument.ty, &argument.value, &mut encoded).unwrap();
            let mut out = Vec::new();
            json::write(&mut out, &argument.value, json::Style::default());
            String::from_utf8(out).unwrap()
        }
        Err(error) => error.to_string(),
    }
}

/// The value, decoded from its gob and printed.
fn there_and_back(mut arguments: Arguments, json: &str) -> String {
    let argument = arguments.read(json).unwrap();
    let (mut encoded, mut out) = (BytesMut::new(), Vec::new());
    Encoder::default().encode(arguments.types(), argument.ty, &argument.value, &mut encoded).unwrap();
    for value in decode_all(&encoded, Limits::default()).unwrap() {
        json::write(&mut out, &value, json::Style::default());
    }
    String::from_utf8(out).unwrap()
}

fn inferred(json: &str) -> String {
    printed(Arguments::inferred(), json)
}

fn as_type(ty: &str, json: &str) -> String {
    printed(given(ty), json)
}

#[test]
fn plain_values_are_what_go_sends() {
    for (json, expected) in
        [("3", "03040006"), ("-129", "050400fe0101"), ("17.0", "050800fe3140"), ("\"hi\"", "050c00026869")]
    {
        assert_eq!(first(Arguments::inferred(), json), expected);
    }
    for (ty, json, expected) in [
        ("uint16", "256", "050600fe0100"),
        ("float32", "17", "050800fe3140"),
        ("*int", "3", "03040006"),
        ("complex128", "{\"re\":1,\"im\":2}", "060e00fef03f40"),
    ] {
        assert_eq!(first(given(ty), json), expected, "{ty}");
    }
}

#[test]
fn a_type_is_defined_once() {
    let (mut arguments, mut encoder) = (Arguments::inferred(), Encoder::default());
    let one = gob(&mut arguments, &mut encoder, "{\"A\":7,\"B\":8}");
    let two = gob(&mut arguments, &mut encoder, "{\"A\":1,\"B\":0}");
    assert!(one.len() > 3 * two.len(), "{one} {two}");
    assert_eq!(arguments.types().len(), 1);

    let mut arguments = given("Node; type Node struct{ V int; Next *Node; All []Node; M map[string]Node }");
    let mut encoder = Encoder::default();
    let one = gob(
        &mut arguments,
        &mut encoder,
        "{\"V\":1,\"Next\":{\"V\":2,\"All\":[{\"V\":3},null]},\"M\":{\"k\":null}}",
    );
    let two = gob(&mut arguments, &mut encoder, "{\"V\":1}");
    assert!(one.len() > two.len());
    assert_eq!(arguments.types().len(), 3);
}

#[test]
fn what_is_inferred() {
    for (json, expected) in [
        ("{\"B\":1,\"A\":2}", "{\"B\":1,\"A\":2}"),
        ("{\"A\":null,\"B\":[],\"C\":[[]],\"D\":{}}", "{\"D\":{}}"),
        ("[1,2.5,9223372036854775808]", "[1,2.5,9223372036854776000]"),
        ("[1,9223372036854775808]", "[1,9223372036854775808]"),
        ("[{\"A\":1},{\"B\":\"x\"},null,{\"A\":1.5}]", "[{\"A\":1},{\"B\":\"x\"},{},{\"A\":1.5}]"),
        ("[[],[1],[null,2]]", "[[],[1],[0,2]]"),
        ("{}", "{}"),
        ("null", "null says nothing about the argument's type"),
        ("[]", "an empty array says nothing about the argument's type"),
        (
            "[1,-1,18446744073709551615]",
            "the elements are negative integers and integers beyond int64, but a Go slice has elements of one type",
        ),
        (
            "{\"L\":[{\"X\":[1,\"a\"]}]}",
            "at .L[].X[]: the elements are numbers and strings, but a Go slice has elements of one type",
        ),
        ("{\"N\":18446744073709551616}", "at .N: 18446744073709551616 is beyond int64 and uint64"),
        ("{\"N\":1e400}", "at .N: 1e400 is out of the range of float64"),
        ("{\"N\":", "the request is not JSON: line 1, column 6: expected a JSON value"),
    ] {
        assert_eq!(inferred(json), expected);
    }
}

#[test]
fn what_can_not_be_inferred_comes_with_the_type_to_give() {
    for (json, suggested) in [
        ("{\"A\":1,\"L\":[{\"X\":[1,\"a\"],\"E\":null}]}", "struct{A int; L []struct{X []any}}"),
        ("[18446744073709551616,1]", "[]*big.Int"),
    ] {
        let Err(ArgumentError::Value { problem, .. }) = Arguments::inferred().read(json) else {
            panic!("{json}")
        };
        assert_eq!(problem.suggested(), Some(suggested));
        assert!(given(suggested).read(json).is_ok());
    }
}

#[test]
fn structs_are_named_by_where_they_are() {
    let mut arguments = Arguments::inferred();
    let argument = arguments.read("{\"Items\":[{\"Owner\":{\"ID\":1}}]}").unwrap();
    let names: Vec<String> = (0..arguments.types().len())
        .filter_map(|place| arguments.types().get(TypeRef::Defined(place)))
        .map(|definition| definition.name().to_string())
        .collect();
    assert_eq!(names, ["Items[].Owner", "Items[]", "", ""]);
    assert_eq!(argument.ty, TypeRef::Defined(3));
}

#[test]
fn values_of_a_given_type() {
    for (ty, json, expected) in [
        ("struct{A uint; B float64}", "{\"B\":1,\"a\":2}", "{\"A\":2,\"B\":1}"),
        (
            "struct{T time.Time}",
            "{\"T\":\"2024-05-06T07:08:09.5+02:00\"}",
            "{\"T\":\"2024-05-06T07:08:09.5+02:00\"}",
        ),
        ("*big.Int", "123456789012345678901234567890", "123456789012345678901234567890"),
        ("big.Int", "\"-5\"", "-5"),
        ("[]byte", "\"aGk=\"", "\"aGk=\""),
        ("[]byte", "[104,105]", "\"aGk=\""),
        ("[]Color; type Color uint8", "\"aGk=\"", "\"aGk=\""),
        ("[2]byte", "[1,2]", "[1,2]"),
        ("map[int]string", "{\"2\":\"b\",\"-1\":\"a\"}", "{\"-1\":\"a\",\"2\":\"b\"}"),
        ("map[bool]int", "{\"true\":1}", "{\"true\":1}"),
        ("map[float64]int", "{\"0.5\":1,\"NaN\":2}", "{\"0.5\":1,\"NaN\":2}"),
        ("map[[2]int]string", "[[[1,2],\"x\"]]", "[[[1,2],\"x\"]]"),
        ("[]*struct{A int}", "[{\"A\":1},null]", "[{\"A\":1},{}]"),
        ("[][2]int", "[null]", "[[0,0]]"),
        ("float64", "\"-Infinity\"", "\"-Infinity\""),
        ("string", "{\"@bytes\":\"//4=\"}", "{\"@bytes\":\"//4=\"}"),
        ("netip.Addr", "\"::1\"", "\"::1\""),
        (
            "K; type K struct{ k int }; func (K) GobEncode() ([]byte, error) { return nil, nil }",
            "\"AQ==\"",
            "{\"@type\":\"K\",\"@gob\":\"AQ==\"}",
        ),
        ("time.Time", "{\"@type\":\"Time\",\"@gob\":\"CQ==\"}", "{\"@type\":\"Time\",\"@gob\":\"CQ==\"}"),
        ("struct{A int; B []int; C map[string]int; D [2]int}", "{\"A\":null}", "{}"),
        ("int", "null", "0"),
    ] {
        assert_eq!(as_type(ty, json), expected, "{ty}");
    }
}

#[test]
fn interfaces_hold_values_with_their_types() {
    for (ty, json, expected) in [
        (
            "[]any",
            "[1,\"a\",1.5,true,null,18446744073709551615]",
            "[1,\"a\",1.5,true,null,18446744073709551615]",
        ),
        ("any", "[1,2]", "[1,2]"),
        ("any", "[1,[\"a\"],{\"k\":[]}]", "[1,[\"a\"],{\"k\":[]}]"),
        ("any", "{\"@type\":\"uint8\",\"value\":5}", "5"),
        (
            "any",
            "{\"@type\":\"time.Time\",\"value\":\"2024-01-01T00:00:00Z\"}",
            "{\"@type\":\"time.Time\",\"value\":\"2024-01-01T00:00:00Z\"}",
        ),
        (
            "struct{S any}; type Point struct{X int}",
            "{\"S\":{\"@type\":\"main.Point\",\"value\":{\"X\":1}}}",
            "{\"S\":{\"@type\":\"main.Point\",\"value\":{\"X\":1}}}",
        ),
        (
            "any",
            "{\"@type\":\"main.Circle\",\"value\":{}}",
            "type main.Circle is not known: add its definition behind the argument's type: \
             --type 'struct{Any any}; type Circle struct{Radius float64}'",
        ),
    ] {
        assert_eq!(as_type(ty, json), expected, "{ty} {json}");
    }
    assert_eq!(
        first(given("struct{A any}"), "{\"A\":{\"@type\":\"uint8\",\"value\":3}}"),
        "12ff81030102ff8200010101014101100000000eff82010575696e74380602000300",
    );
}

#[test]
fn what_does_not_fit_is_named_with_its_place() {
    for (ty, json, expected) in [
        ("struct{A []int8}", "{\"A\":[1,200]}", "at .A[1]: 200 is out of the range of int8"),
        ("struct{A uint}", "{\"A\":-1}", "at .A: -1 is out of the range of uint"),
        ("int", "1.5", "expected an integer for int, found 1.5"),
        ("int", "\"1\"", "expected an integer for int, found \"1\""),
        ("float32", "1e39", "1e39 is out of the range of float32"),
        ("bool", "1", "expected true or false for bool, found 1"),
        ("string", "[]", "expected a string, found an array"),
        ("[2]int", "[1]", "[2]int takes 2 elements, found 1"),
        ("[]byte", "\"*\"", "expected base64, found \"*\""),
        ("[]byte", "[256]", "at [0]: 256 is out of the range of byte"),
        ("struct{Total int}", "{\"Totl\":1}", "struct{Total int} has no field Totl; did you mean Total?"),
        ("A; type A struct{X int}", "{\"Other\":1}", "A has no field Other"),
        ("struct{A int}", "{\"A\":1,\"a\":2}", "field A is given twice"),
        ("struct{A int}", "[1]", "expected an object for struct{A int}, found an array"),
        (
            "struct{T time.Time}",
            "{\"T\":\"now\"}",
            "at .T: expected a time such as \"2006-01-02T15:04:05Z\" for time.Time, found \"now\"",
        ),
        ("map[int]int", "{\"x\":1}", "at .x: expected an integer for int, found x"),
        (
            "map[struct{A int}]int",
            "{\"x\":1}",
            "at .x: expected a key of type struct{A int}: write the map as [[key, value], …], found \"x\"",
        ),
        ("[]chan int", "[]", "expected a type that gob sends, found a channel or a function"),
    ] {
        assert_eq!(as_type(ty, json), expected, "{ty} {json}");
    }
}

/// A test's thread has less of a stack than a program's first one, whose 8 MiB a debug build needs a third of.
#[test]
fn what_is_as_deep_as_may_be_comes_back_as_it_was_sent() {
    let thread = std::thread::Builder::new().stack_size(4 << 20);
    thread.spawn(deep_values_come_back).unwrap().join().unwrap();
}

fn deep_values_come_back() {
    let nested = |open: &str, innermost: &str, close: &str, levels: usize| {
        open.repeat(levels) + innermost + &close.repeat(levels)
    };
    for (arguments, json) in [
        (Arguments::inferred(), nested("[", "1", "]", MAX_DEPTH)),
        (Arguments::inferred(), nested("{\"A\":", "1", "}", MAX_DEPTH)),
        (given("T; type T []T"), nested("[", "", "]", MAX_DEPTH)),
        (
            given("T; type T struct{A *T; B int}"),
            nested("{\"A\":", "{\"A\":null,\"B\":1}", ",\"B\":0}", MAX_DEPTH - 1),
        ),
        (given("T; type T map[string]T"), nested("{\"a\":", "{}", "}", MAX_DEPTH - 1)),
        (given("any"), nested("[", "\"a\",1", "]", MAX_DEPTH / 2 - 1)),
        (given("any"), nested("{\"a\":", "1", "}", MAX_DEPTH / 2 - 1)),
    ] {
        assert_eq!(there_and_back(arguments, &json), json);
    }
    let refused = |ty: &str, json: &str| {
        let mut arguments = given(ty);
        let argument = arguments.read(json).unwrap();
        Encoder::default()
            .encode(arguments.types(), argument.ty, &argument.value, &mut BytesMut::new())
            .is_err()
    };
    assert!(refused("any", &nested("[", "", "]", MAX_DEPTH)));
    assert!(Arguments::inferred().read(&nested("[", "1", "]", MAX_DEPTH + 1)).is_err());
}

#[test]
fn a_type_that_is_too_deep_to_describe_is_an_error() {
    let chain = (0..500).fold("T0".to_owned(), |text, n| format!("{text}; type T{n} []T{}", n + 1))
        + "; type T500 int";
    assert_eq!(as_type(&chain, "[]"), "the type is nested too deep");
}

#[test]
fn a_type_is_defined_as_the_message_about_it_says() {
    let ty = "struct{Any any}; type Circle struct{Radius float64}";
    let json = "{\"Any\":{\"@type\":\"main.Circle\",\"value\":{\"Radius\":1.5}}}";
    assert_eq!(as_type(ty, json), json);
}
