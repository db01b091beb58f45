//! What is read as a type, and what is said about what is not.

use super::*;

fn shown(text: &str) -> String {
    parse(text).map_or_else(|error| error.to_string(), |types| types.to_string())
}

fn from_file(text: &str, wanted: Option<&str>, method: &str) -> String {
    parse_file(text, wanted, method).map_or_else(|error| error.to_string(), |types| types.to_string())
}

#[test]
fn types_on_one_line() {
    for (text, expected) in [
        (
            "struct{A uint; T time.Time; M map[string]float64}",
            "struct{A uint; T time.Time; M map[string]float64}",
        ),
        ("struct { A, B int `json:\"a\"`; C *string }", "struct{A int; B int; C *string}"),
        ("[]string", "[]string"),
        ("[3]int", "[3]int"),
        ("[0x1_0]int", "[16]int"),
        ("**int8", "**int8"),
        ("[]byte", "[]byte"),
        ("[]uint8", "[]byte"),
        ("interface{}", "any"),
        ("interface { String() string }", "any"),
        ("map[[2]int][]rune", "map[[2]int][]int32"),
        ("(complex64)", "complex64"),
        ("*big.Int", "*big.Int"),
        ("struct{}", "struct{}"),
        (
            "struct{D time.Duration; H http.Header; IP net.IP}",
            "struct{D int64; H map[string][]string; IP []byte}",
        ),
        ("struct{A int // comment\n/* more\n*/ B any}", "struct{A int; B any}"),
    ] {
        assert_eq!(shown(text), expected);
    }
}

#[test]
fn only_what_gob_sends_is_a_field() {
    assert_eq!(
        shown(
            "struct{A int; b int; C chan int; D func(a, b int) (c error); E <-chan int; F *chan int; _ int; G bool}"
        ),
        "struct{A int; G bool}"
    );
    assert_eq!(
        shown(
            "struct{sync.Mutex; Base; *netip.Addr; hidden}; type Base struct{ID int}; type hidden struct{X int}"
        ),
        "struct{Base Base; Addr *netip.Addr}; type Base struct{ID int}"
    );
}

const ARITH: &str = r#"
// Package main is a server.
package main

import (
	"errors"
	"net/rpc"
)

type (
	Celsius float64
	Args    struct {
		A, B int `json:"a"` // factors
		At   *Place
		C    Celsius
	}
	Place = struct{ X, Y [N]int8 }
)

const N = 2
const (
	one = iota
	M   = 0x10
)

type Quotient struct {
	Quo, Rem int
}

type Arith struct{}

type Pair[K comparable, V any] struct { Key K; Value V }

var table = map[string]func(){ "a": func() { println("{") } }

func (t *Arith) Multiply(args *Args, reply *int) error {
	*reply = args.A * args.B
	return nil
}

func (t *Arith) Sum(args []Args, reply *int) error { return nil }
func (Arith) Divide(Args, *Quotient) error { if true { return errors.New("}") }; return nil }
func (*Arith) Same(a, b *Quotient) error { return nil }
func (other) Multiply(args map[string]int, reply *int) error
func main() { rpc.Register(new(Arith)) }
"#;

const ARGS: &str = "type Args struct{A int; B int; At *Place; C Celsius}; \
                    type Place struct{X [2]int8; Y [2]int8}; type Celsius float64";

#[test]
fn a_source_file_says_what_a_method_takes() {
    let args = format!("; {ARGS}");
    assert_eq!(from_file(ARITH, None, "Arith.Multiply"), format!("*Args{args}"));
    assert_eq!(from_file(ARITH, None, "other.Multiply"), "map[string]int");
    assert_eq!(from_file(ARITH, None, "Renamed.Sum"), format!("[]Args{args}"));
    assert_eq!(from_file(ARITH, None, "Arith.Divide"), format!("Args{args}"));
    assert_eq!(from_file(ARITH, None, "Arith.Same"), "*Quotient; type Quotient struct{Quo int; Rem int}");
}

#[test]
fn a_type_in_a_file_is_called_for_by_name() {
    assert_eq!(from_file(ARITH, Some("Args"), "X.Y"), format!("Args; {ARGS}"));
    assert_eq!(from_file(ARITH, Some("map[string]*Args"), ""), format!("map[string]*Args; {ARGS}"));
    assert_eq!(
        from_file("type A struct{}\ntype B int", Some("[]C"), ""),
        "the file does not define type C; it defines A, B"
    );
    assert_eq!(split_file("a/server.go:Args"), ("a/server.go", Some("Args")));
    assert_eq!(split_file("C:\\server.go"), ("C:\\server.go", None));
    assert_eq!(split_file("server.go"), ("server.go", None));
}

#[test]
fn without_a_name_or_a_method_the_choice_must_be_clear() {
    assert_eq!(
        from_file(ARITH, None, "X.Y"),
        "the file defines several types that could be the argument: Args, Quotient"
    );
    assert_eq!(
        from_file("type Node struct { Next *Node; In Inner }; type Inner struct { A int }", None, ""),
        "Node; type Node struct{Next *Node; In Inner}; type Inner struct{A int}"
    );
    assert_eq!(from_file("type List []string", None, ""), "List; type List []string");
    assert_eq!(
        from_file("package main", None, ""),
        "the file defines no struct type that could be an argument"
    );
    assert_eq!(from_file("struct{A B}\ntype B bool", None, ""), "struct{A B}; type B bool");
}

#[test]
fn types_that_encode_themselves_are_told_by_their_methods() {
    let text = "type A struct{ ID ID; K Key }; type ID struct{ x int }; type Key [4]byte\n\
                func (ID) GobEncode() ([]byte, error) { return nil, nil }\n\
                func (k *Key) MarshalBinary() ([]byte, error) { return nil, nil }";
    let types = parse_file(text, Some("A"), "").unwrap();
    let GoType::Struct(fields) = types.underlying(types.root()).0 else { panic!() };
    assert_eq!(fields[0].ty, GoType::Opaque("ID".into(), Marshaler::Gob));
    assert_eq!(fields[1].ty, GoType::Opaque("Key".into(), Marshaler::Binary));
}

#[test]
fn mistakes_are_named_with_their_places() {
    for (text, expected) in [
        ("struct{A Foo}", "line 1, column 10: type Foo is not defined: add its definition to the file"),
        (
            "type A struct {\n\tB geo.Point\n}",
            "line 2, column 4: type geo.Point is not defined: add its definition to the file",
        ),
        ("struct{A int", "line 1, column 13: expected a field or a closing brace, found the end of the text"),
        ("", "the file defines no struct type that could be an argument"),
        ("[]", "line 1, column 3: expected a type, found the end of the line"),
        ("map[string", "line 1, column 11: expected a closing bracket, found the end of the line"),
        ("int int", "line 1, column 5: expected the end of the type, found int"),
        ("[n]int", "line 1, column 1: the array's length must be a number up to 1048576"),
        ("[99999999999999999999]int", "line 1, column 1: the array's length must be a number up to 1048576"),
        ("[9999][9999]int", "the type is too large: it has over 1048576 fields and elements of arrays"),
        ("T; type T T", "type T contains itself: its size would be infinite"),
        ("T; type T *T", "type T contains itself: its size would be infinite"),
        ("T; type T struct{A [2]T}", "type T contains itself: its size would be infinite"),
        ("Page[int]", "line 1, column 1: Page is generic: write the type out with its parameters filled in"),
        (
            "P; type P[T any] struct{}",
            "line 1, column 9: P is generic: write the type out with its parameters filled in",
        ),
        (
            "struct{A int}; hello",
            "line 1, column 16: expected a declaration such as type NAME struct { … }, found hello",
        ),
        ("é", "line 1, column 1: type é is not defined: add its definition to the file"),
        ("\"", "line 1, column 1: expected a type, found a literal"),
    ] {
        assert_eq!(from_file(text, None, ""), expected);
    }
    assert_eq!(shown(&"[]".repeat(200)), "types are nested more than 100 deep");
}

#[test]
fn types_that_name_themselves_and_long_chains_end() {
    for text in [
        "T; type T []T",
        "T; type T map[string]T",
        "T; type T struct{A *T}",
        "T; type T struct{A []T; B any}",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
    let chain = |link: &str| -> String {
        (0..5_000).fold("T0".to_owned(), |text, n| format!("{text}; type T{n} {link}T{}", n + 1))
            + "; type T5000 int"
    };
    assert!(parse(&chain("[]")).is_ok());
    assert_eq!(shown(&chain("[1]")), "types are nested more than 100 deep");
}

#[test]
fn a_text_cut_off_or_mangled_anywhere_is_an_error_or_a_type() {
    for end in 0..ARITH.len() {
        let _ = from_file(&ARITH[..end], None, "Arith.Multiply");
        let _ = from_file(&ARITH[end..], None, "Arith.Multiply");
        for c in ["(", ")", "{", "[", "]", ";", "type", "*", "\"", "`", "func"] {
            let _ = from_file(&format!("{}{c}{}", &ARITH[..end], &ARITH[end..]), None, "Arith.Multiply");
        }
    }
}

#[test]
fn a_keyword_names_nothing() {
    for text in ["type", "struct{type int}", "A; type type struct{}", "return.T"] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_type_in_words_has_no_file_to_be_defined_in() {
    for (text, expected) in [
        (
            "Foo",
            "line 1, column 1: type Foo is not defined: add its definition, behind a semicolon: \
             'struct{F Foo}; type Foo struct{N int}'",
        ),
        (
            "[]geo.Point",
            "line 1, column 3: type geo.Point is not defined: add its definition, behind a semicolon: \
             'struct{F Point}; type Point struct{N int}'",
        ),
        ("", "no type is given, such as 'struct{A int; B []string}'"),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), expected);
    }
    assert!(parse("struct{F Foo}; type Foo struct{N int}").is_ok());
}
