//! Go's own texts, as Go 1.26 sends them, and what is made of them.

use super::*;
use crate::netrpc::gotype;
use crate::netrpc::infer::Arguments;

/// The explanation of an error after `json` was sent: the reason, and the mend behind an arrow.
fn explained(error: &str, mut arguments: Arguments, json: &str) -> String {
    let ty = arguments.read(json).unwrap().ty;
    let Some(explanation) = explain(error, Some(Sent { types: arguments.types(), ty })) else {
        return String::new();
    };
    match explanation.mend {
        Some(Mend::Type(ty)) => {
            assert!(gotype::parse(&ty).is_ok(), "{ty}");
            format!("{} -> {ty}", explanation.why)
        }
        Some(mend) => format!("{} -> {mend:?}", explanation.why),
        None => explanation.why,
    }
}

fn inferred(error: &str, json: &str) -> String {
    explained(error, Arguments::inferred(), json)
}

#[test]
fn a_field_of_the_wrong_type_is_changed_in_the_type_that_was_sent() {
    for (error, json, expected) in [
        (
            "gob: wrong type (uint) for received field .A",
            "{\"A\":1,\"B\":2}",
            "the server's A is of type uint, and int was sent -> struct{A uint; B int}",
        ),
        (
            "gob: wrong type (*time.Time) for received field Items[].At",
            "{\"At\":\"x\",\"Items\":[{\"At\":\"x\"}]}",
            "the server's Items[].At is of type *time.Time, and string was sent \
             -> struct{At string; Items []struct{At *time.Time}}",
        ),
        (
            "gob: wrong type (map[string]float64) for received field .M",
            "{\"M\":{\"a\":1}}",
            "the server's M is of type map[string]float64, and struct{a int} was sent -> struct{M map[string]float64}",
        ),
        (
            "gob: wrong type ([]uint8) for received field .B",
            "{\"B\":\"aGk=\"}",
            "the server's B is of type []uint8, and string was sent -> struct{B []byte}",
        ),
        (
            "gob: wrong type (interface {}) for received field .B",
            "{\"B\":1}",
            "the server's B is of type interface {}, and int was sent -> struct{B any}",
        ),
        (
            "gob: wrong type (main.Color) for received field .C",
            "{\"C\":1}",
            "the server's C is of type main.Color, and int was sent -> Definition",
        ),
        (
            "gob: wrong type (int) for received field Args.A",
            "{\"X\":1}",
            "the server's Args.A is of type int -> Definition",
        ),
    ] {
        assert_eq!(inferred(error, json), expected);
    }
}

#[test]
fn a_type_that_names_itself_is_declared() {
    let given = gotype::parse("Node; type Node struct{ V int; Next *Node; T time.Time }").unwrap();
    assert_eq!(
        explained("gob: wrong type (uint8) for received field Node.V", Arguments::of(given), "{}"),
        "the server's Node.V is of type uint8, and int was sent \
         -> Node; type Node struct{V uint8; Next *Node; T time.Time}"
    );
}

#[test]
fn fields_with_other_names_are_compared() {
    let error = "gob: type mismatch: no fields matched compiling decoder for Args";
    assert_eq!(
        inferred(error, "{\"a\":1,\"b\":{\"c\":2}}"),
        "the server's Args has no field named a, b: names must be the same, capitals too \
         -> struct{A int; B struct{c int}}"
    );
    assert_eq!(
        inferred(error, "{\"X\":1}"),
        "the server's Args has no field named X: names must be the same, capitals too -> Definition"
    );
}

#[test]
fn an_argument_of_another_kind() {
    for (error, json, expected) in [
        (
            "gob: type mismatch in decoder: want struct type main.Args; got non-struct",
            "[1]",
            "the server takes the struct main.Args, a JSON object, and []int was sent",
        ),
        (
            "gob: type mismatch in decoder: want struct type main.Inner; got non-struct",
            "{\"P\":\"x\",\"Q\":{},\"R\":1}",
            "the server takes the struct main.Inner, a JSON object, in one of P, R",
        ),
        (
            "gob: decoding into local type *map[string]float64, received remote type  = struct { A int; }",
            "{\"A\":1}",
            "the server takes an argument of type map[string]float64, and struct{A int} was sent -> map[string]float64",
        ),
        (
            "gob: decoding into local type *uint8, received remote type int",
            "1",
            "the server takes an argument of type uint8, and int was sent -> uint8",
        ),
        (
            "gob: decoding into local type *big.Int, received remote type int",
            "1",
            "the server takes an argument of type big.Int, and int was sent -> big.Int",
        ),
        (
            "gob: decoding into local type *[]main.Inner, received remote type  = struct { X uint; }",
            "{\"X\":1}",
            "the server takes an argument of type []main.Inner, and struct{X int} was sent -> Definition",
        ),
        (
            "gob: local interface type *interface {} can only be decoded from remote interface type; received concrete type int",
            "1",
            "the server takes an interface, which holds a value together with its type -> any",
        ),
        ("value for \"*uint8\" out of range", "1", "a number is out of the range of the server's uint8"),
        (
            "gob: name not registered for interface: \"main.Point\"",
            "1",
            "the server knows no type that is registered as \"main.Point\"",
        ),
    ] {
        assert_eq!(inferred(error, json), expected);
    }
}

#[test]
fn names_and_json() {
    let explained = |error: &str| explain(error, None).map(|explanation| explanation.why).unwrap_or_default();
    for (error, expected) in [
        ("rpc: can't find service T.Nope", "the server has no service T"),
        ("rpc: can't find method S.Nope", "the server's S has no method Nope"),
        ("rpc: service/method request ill-formed: M", "M names no method: a service, a dot and a method do"),
        (
            "json: cannot unmarshal number -1 into Go struct field In.A of type uint",
            "the server's In.A is of type uint, which can't be the number -1 that was sent",
        ),
        (
            "json: cannot unmarshal number into Go value of type main.In",
            "the server takes an argument of type main.In, which can't be the number that was sent",
        ),
        ("jsonrpc: request body missing params", "the server got no argument"),
        ("illegal base64 data at input byte 0", "the server wants bytes there, in base64"),
        (
            "parsing time \"s\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"s\" as \"2006\"",
            "the server wants a time there, such as \"2006-01-02T15:04:05Z\"",
        ),
        ("gob: wrong type (int) for received field .A", ""),
        ("divide by zero", ""),
        ("gob: wrong type (", ""),
        ("", ""),
    ] {
        assert_eq!(explained(error), expected);
    }
}

#[test]
fn over_gob_a_text_of_json_is_the_methods_own() {
    for error in [
        "illegal base64 data at input byte 3",
        "jsonrpc: request body missing params",
        "parsing time \"s\" as \"2006\": cannot parse \"s\" as \"2006\"",
        "json: cannot unmarshal number into Go value of type main.In",
    ] {
        assert_eq!(inferred(error, "1"), "");
    }
    assert_eq!(inferred("rpc: can't find service T.Nope", "1"), "the server has no service T -> List");
}

#[test]
fn a_type_too_large_to_write_out_has_no_description() {
    let wide = |levels: usize| {
        let declared = (0..levels)
            .fold("T0".to_owned(), |text, n| text + &format!("; type T{n} struct{{A, B []T{}}}", n + 1));
        declared + &format!("; type T{levels} int")
    };
    let described = |text: &str| {
        let mut arguments = Arguments::of(gotype::parse(text).unwrap());
        let ty = arguments.read("null").unwrap().ty;
        describe(arguments.types(), ty)
    };
    assert_eq!(described("[]struct{A []bool}").unwrap(), "[]struct{A []bool}");
    assert!(described(&wide(3)).is_some());
    assert_eq!(described(&wide(12)), None);
}
