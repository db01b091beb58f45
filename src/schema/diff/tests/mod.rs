//! Two versions of a file, and the lines that tell what changed.

mod names;
mod options;

use prost_reflect::DescriptorPool;

use super::{Breaks, Change, Counts, Effect, FileNames, Scope};
use crate::schema::testing;

/// Compilers leave some options for who reads what they wrote.
fn pool(files: &[(&str, &str)]) -> DescriptorPool {
    let mut pool = DescriptorPool::new();
    pool.decode_file_descriptor_set(testing::pool(files).encode_to_vec().as_slice()).unwrap();
    pool
}

/// One line for each change between two versions of `a.proto`.
fn diff(old: &str, new: &str) -> Vec<String> {
    files(&[("a.proto", old)], &[("a.proto", new)])
}

fn files(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<String> {
    named(old, new, FileNames::Exact)
}

fn named(old: &[(&str, &str)], new: &[(&str, &str)], names: FileNames) -> Vec<String> {
    let (old, new) = (pool(old), pool(new));
    let scope = Scope { files: names, only: Vec::new() };
    let compared = super::schemas(&old.files().collect::<Vec<_>>(), &new.files().collect::<Vec<_>>(), &scope);
    compared.changes.iter().map(line).collect()
}

fn line(change: &Change) -> String {
    let sign = match change.effect {
        Effect::Added => '+',
        Effect::Removed => '-',
        Effect::Changed => '~',
    };
    let Breaks { wire, json, source } = change.breaks;
    let letter = |breaks, letter| if breaks { letter } else { '.' };
    let breaks: String = [letter(wire, 'w'), letter(json, 'j'), letter(source, 's')].into_iter().collect();
    format!("{breaks} {sign} {} {}: {}", change.rule, change.name, change.text)
}

/// The same for the fields of a proto3 message.
fn fields(old: &str, new: &str) -> Vec<String> {
    let file = |fields: &str| {
        format!("syntax = 'proto3'; message N {{}} enum E {{ Z = 0; Y = 1; }} message M {{ {fields} }}")
    };
    diff(&file(old), &file(new))
}

fn proto2(old: &str, new: &str) -> Vec<String> {
    let file = |fields: &str| {
        format!("syntax = 'proto2'; message N {{}} enum E {{ Z = 0; Y = 1; }} message M {{ {fields} }}")
    };
    diff(&file(old), &file(new))
}

#[test]
fn the_same_is_no_change() {
    assert!(fields("int32 a = 1; map<string, N> b = 2; oneof o { E c = 3; } optional string d = 4; reserved 9, 20 to max;",
        "optional string d = 4; oneof o { E c = 3; } map<string, N> b = 2; int32 a = 1; reserved 20 to 30, 9, 31 to max;").is_empty());
}

#[test]
fn fields_come_and_go() {
    assert_eq!(fields("", "int32 a = 1;"), ["... + field-added M.a: field 1 added"]);
    assert_eq!(proto2("", "required int32 a = 1;"), ["wjs + field-added M.a: required field 1 added"]);
    assert_eq!(
        fields("int32 a = 1; int32 b = 2; int32 c = 3; int32 d = 4;", "reserved 2, 4; reserved 'c', 'd';"),
        [
            "wjs - field-removed M.a: field 1 removed; its number and name are not reserved",
            ".js - field-removed M.b: field 2 removed; its name is not reserved",
            "wjs - field-removed M.c: field 3 removed; its number is not reserved",
            "..s - field-removed M.d: field 4 removed",
        ]
    );
    assert_eq!(
        proto2("required int32 a = 1;", "reserved 1; reserved 'a';"),
        ["wjs - field-removed M.a: required field 1 removed"]
    );
}

#[test]
fn fields_have_names_and_numbers() {
    assert_eq!(fields("int32 a = 1;", "int32 b = 1;"), [".js ~ field-name M.a: name a → b"]);
    assert_eq!(fields("int32 a = 1;", "int32 a = 2;"), ["w.s ~ field-number M.a: number 1 → 2"]);
    assert_eq!(
        fields("int32 a = 1;", "int32 a = 1 [json_name = 'A'];"),
        [".js ~ field-json-name M.a: JSON name a → A"]
    );
    // Their numbers say which is which.
    assert_eq!(
        fields("int32 a = 1; int32 b = 2;", "int32 b = 1; int32 a = 2;"),
        [".js ~ field-name M.a: name a → b", ".js ~ field-name M.b: name b → a"]
    );
}

#[test]
fn types_of_fields_may_stand_for_each_other() {
    let change = |old: &str, new: &str| {
        let lines = fields(&format!("{old} f = 1;"), &format!("{new} f = 1;"));
        let type_line = lines.iter().find(|line| line.contains("field-type")).unwrap();
        assert!(type_line.ends_with(&format!("type {old} → {new}")), "{type_line}");
        type_line[..3].to_owned()
    };
    for (old, new, breaks) in [
        ("int32", "uint32", "..s"),
        ("int32", "int64", ".js"),
        ("int32", "bool", ".js"),
        ("int32", "sint32", "w.s"),
        ("int32", "fixed32", "w.s"),
        ("fixed32", "sfixed32", "..s"),
        ("fixed64", "int64", "w.s"),
        ("sint32", "sint64", ".js"),
        ("float", "double", "w.s"),
        ("string", "bytes", ".js"),
        ("bytes", "string", "wjs"),
        ("string", "int32", "wjs"),
        ("int32", "E", ".js"),
        ("E", "int32", ".js"),
        ("N", "string", "wjs"),
        ("N", "M", "wjs"),
        ("map<string, int32>", "map<string, uint32>", "..s"),
        ("map<string, int32>", "map<string, string>", "wjs"),
        ("map<int32, N>", "map<int64, N>", ".js"),
    ] {
        assert_eq!(change(old, new), breaks, "{old} → {new}");
    }
}

#[test]
fn another_enum_does_if_it_has_the_values() {
    let file = |kind: &str| {
        format!(
            "syntax = 'proto3'; enum A {{ P = 0; Q = 1; }} enum B {{ option allow_alias = true; R = 0; S = 1; T = 2; }} enum C {{ U = 0; }} message M {{ {kind} f = 1; }}"
        )
    };
    assert_eq!(diff(&file("A"), &file("B")), [".js ~ field-type M.f: type A → B"]);
    assert_eq!(diff(&file("A"), &file("C")), ["wjs ~ field-type M.f: type A → C"]);
}

#[test]
fn labels_and_presence() {
    assert_eq!(
        fields("int32 a = 1;", "optional int32 a = 1;"),
        [
            "..s ~ field-cardinality M.a: presence implicit (cannot tell unset from zero) → explicit (tells unset from zero)"
        ]
    );
    assert_eq!(
        fields("string a = 1;", "repeated string a = 1;"),
        ["wjs ~ field-cardinality M.a: label singular → repeated"]
    );
    assert_eq!(
        proto2("optional int32 a = 1;", "required int32 a = 1;"),
        ["wjs ~ field-cardinality M.a: label optional → required"]
    );
    assert_eq!(
        fields("map<string, N> a = 1;", "repeated N a = 1;")[1],
        ".js ~ field-cardinality M.a: label map → repeated"
    );
}

#[test]
fn oneofs() {
    assert_eq!(
        fields("int32 a = 1; oneof o { int32 b = 2; }", "oneof o { int32 a = 1; int32 b = 2; }"),
        ["wjs ~ field-oneof M.a: oneof none → o"]
    );
    assert_eq!(
        fields("oneof o { int32 a = 1; int32 b = 2; }", "oneof p { int32 a = 1; int32 b = 2; int32 c = 3; }"),
        ["..s ~ oneof-name M.o: name o → p", "... + field-added M.c: field 3 added"]
    );
}

#[test]
fn encodings_and_defaults() {
    assert_eq!(
        proto2("repeated int32 a = 1;", "repeated int32 a = 1 [packed = true];"),
        ["... ~ field-packed M.a: encoding expanded → packed"]
    );
    assert_eq!(
        proto2("optional int32 a = 1 [default = 1];", "optional int32 a = 1;"),
        ["wjs ~ field-default M.a: default \"1\" → none"]
    );
    assert_eq!(
        proto2("optional group G = 1 {}", "message G {} optional G g = 1;"),
        ["w.s ~ field-encoding M.g: encoding delimited → length-prefixed"]
    );
    assert_eq!(
        fields("int64 a = 1;", "int64 a = 1 [jstype = JS_STRING, deprecated = true];"),
        ["... ~ deprecation M.a: deprecated", "..s ~ field-jstype M.a: jstype JS_NORMAL → JS_STRING"]
    );
}

#[test]
fn what_is_reserved_stays_reserved() {
    assert_eq!(
        fields("reserved 5 to 10, 12; reserved 'x';", "reserved 5 to 9; int32 x = 20;"),
        [
            "... + field-added M.x: field 20 added",
            "wjs - reserved-removed M: 10 no longer reserved",
            "wjs - reserved-removed M: 12 no longer reserved",
            "wjs - reserved-removed M: \"x\" no longer reserved",
        ]
    );
    assert_eq!(
        proto2("extensions 100 to max;", "extensions 100 to 199;"),
        ["..s - extensions-removed M: extensions 200 to max removed"]
    );
}

#[test]
fn enums() {
    let change = |old: &str, new: &str| {
        let file = |values: &str| {
            format!("syntax = 'proto3'; enum E {{ option allow_alias = true; Z = 0; ZZ = 0; {values} }}")
        };
        diff(&file(old), &file(new))
    };
    assert_eq!(change("", "A = 1;"), ["... + enum-value-added E.A: value 1 added"]);
    assert_eq!(
        change("A = 1;", ""),
        ["wjs - enum-value-removed E.A: value 1 removed; its number and name are not reserved"]
    );
    assert_eq!(
        change("A = 1;", "reserved 1; reserved 'A';"),
        ["..s - enum-value-removed E.A: value 1 removed"]
    );
    assert_eq!(
        change("A = 1; B = 1;", "B = 1;"),
        [".js - enum-value-removed E.A: value 1 removed; its name is not reserved"]
    );
    assert_eq!(change("A = 1;", "B = 1;"), [".js ~ enum-value-name E.A: name A → B"]);
    assert_eq!(change("A = 1;", "A = 2;"), ["w.s ~ enum-value-number E.A: number 1 → 2"]);
    assert_eq!(
        change("reserved 5 to max;", "reserved 6 to max;")[0],
        "wjs - reserved-removed E: 5 no longer reserved"
    );
    assert_eq!(
        diff("syntax = 'proto2'; enum E { Z = 0; }", "syntax = 'proto3'; enum E { Z = 0; }"),
        ["..s ~ file-syntax a.proto: syntax proto2 → proto3", "..s ~ enum-closed E: values closed → open"]
    );
}

#[test]
fn services_and_methods() {
    let file = |rest: &str| format!("syntax = 'proto3'; package p; message A {{}} message B {{}} {rest}");
    let change = |old: &str, new: &str| diff(&file(old), &file(new));
    assert_eq!(
        change("service S {}", "service T {}"),
        ["wjs - service-removed p.S: service removed", "... + service-added p.T: service added"]
    );
    assert_eq!(
        change(
            "service S { rpc M(A) returns (A); }",
            "service S { rpc N(A) returns (A) { option deprecated = true; } }"
        ),
        ["wjs - method-removed p.S/M: method removed", "... + method-added p.S/N: method added"]
    );
    assert_eq!(
        change(
            "service S { rpc M(A) returns (A); }",
            "service S { rpc M(B) returns (stream A) { option idempotency_level = NO_SIDE_EFFECTS; option deprecated = true; } }"
        ),
        [
            "wjs ~ method-request p.S/M: request p.A → p.B",
            "wjs ~ method-server-streaming p.S/M: response one message → a stream",
            "... ~ deprecation p.S/M: deprecated",
            "wjs ~ method-idempotency p.S/M: idempotency IDEMPOTENCY_UNKNOWN → NO_SIDE_EFFECTS",
        ]
    );
}

#[test]
fn definitions_come_and_go_with_all_that_is_in_them() {
    let file = |rest: &str| format!("syntax = 'proto3'; {rest}");
    let nested = "message A { message B { enum E { Z = 0; } } B b = 1; }";
    assert_eq!(diff(&file(nested), &file("")), ["..s - message-removed A: message removed"]);
    assert_eq!(diff(&file(""), &file(nested)), ["... + message-added A: message added"]);
    assert_eq!(
        diff(&file(nested), &file("message A { reserved 1; reserved 'b'; enum E { Z = 0; } }")),
        [
            "..s - field-removed A.b: field 1 removed",
            "..s - message-removed A.B: message removed",
            "... + enum-added A.E: enum added",
        ]
    );
}

#[test]
fn extensions() {
    let file = |rest: &str| format!("syntax = 'proto2'; message M {{ extensions 1 to max; }} {rest}");
    let change = |old: &str, new: &str| diff(&file(old), &file(new));
    assert_eq!(
        change(
            "extend M { optional int32 x = 1; optional int32 y = 2; }",
            "extend M { optional int32 x = 3; optional string z = 2; }"
        ),
        [
            "w.s ~ field-number x: number 1 → 3",
            ".js - extension-removed y: extension removed",
            "... + extension-added z: extension added",
        ]
    );
}

#[test]
fn files_and_packages_move() {
    let a = "syntax = 'proto3'; package p; message A {} enum E { Z = 0; }";
    assert_eq!(
        files(&[("a.proto", a)], &[("b/a.proto", a)]),
        ["..s ~ file-move a.proto: 2 definitions moved: a.proto → b/a.proto"]
    );
    assert_eq!(
        diff(
            "syntax = 'proto3'; package p.v1; message A { A a = 1; } service S { rpc M(A) returns (A); }",
            "syntax = 'proto3'; package p.v2; message A { A a = 1; int32 b = 2; } service S { rpc M(A) returns (A); }"
        ),
        ["wjs ~ file-package a.proto: package p.v1 → p.v2", "... + field-added p.v2.A.b: field 2 added"]
    );
    assert_eq!(
        diff(
            "syntax = 'proto3'; option go_package = 'x/y';",
            "syntax = 'proto3'; option java_multiple_files = true;"
        ),
        [
            "..s ~ file-option a.proto: go_package \"x/y\" → unset",
            "..s ~ file-option a.proto: java_multiple_files false → true"
        ]
    );
}

#[test]
fn a_package_is_followed_as_far_as_names_of_files_tell() {
    let (old, new) =
        ("syntax = 'proto3'; package a; message M {}", "syntax = 'proto3'; package b; message M {}");
    let moved = |from, to, names| {
        named(&[(from, old)], &[(to, new)], names).iter().any(|change| change.contains(" package "))
    };
    for (from, to, followed) in [
        ("x.proto", "x.proto", [true, true, true]),
        ("da/x.proto", "db/x.proto", [false, true, true]),
        ("x.proto", "y.proto", [false, false, true]),
    ] {
        let names = [FileNames::Exact, FileNames::Last, FileNames::Nothing];
        assert_eq!(names.map(|names| moved(from, to, names)), followed, "{from} {to}");
    }
}

#[test]
fn names_of_files_tell_as_much_as_they_can() {
    let file = "syntax = 'proto3'; message A {}";
    let count = |to, names| named(&[("x/a.proto", file)], &[(to, file)], names).len();
    assert_eq!(
        [FileNames::Exact, FileNames::Last, FileNames::Nothing].map(|names| count("a.proto", names)),
        [1, 0, 0]
    );
    assert_eq!(
        [FileNames::Exact, FileNames::Last, FileNames::Nothing].map(|names| count("b.proto", names)),
        [1, 1, 0]
    );
}

#[test]
fn it_is_told_how_much_there_is_on_either_side() {
    let (old, new) = (
        pool(&[(
            "a.proto",
            "syntax = 'proto3'; message A { map<string, A> a = 1; } message B {} enum E { Z = 0; }
            service S { rpc M(A) returns (A); rpc N(A) returns (A); }",
        )]),
        pool(&[(
            "a.proto",
            "syntax = 'proto3'; message A {} message C { enum F { Z = 0; } }
            service S { rpc M(A) returns (A); rpc O(A) returns (A); } service T {}",
        )]),
    );
    let scope = Scope::default();
    let compared = super::schemas(&old.files().collect::<Vec<_>>(), &new.files().collect::<Vec<_>>(), &scope);
    assert_eq!(compared.compared, Counts { services: 2, methods: 3, messages: 3, enums: 2, extensions: 0 });
}

/// Twenty thousand of everything that is looked up by name are no more work each than a few.
#[test]
fn what_is_large_is_compared_in_a_line() {
    use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
    use prost_reflect::prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};
    const MANY: i32 = 20_000;
    let field = |number: i32| FieldDescriptorProto {
        name: Some(format!("f{number}")),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(Type::Int32.into()),
        ..Default::default()
    };
    let message = |name: String, fields: i32| DescriptorProto {
        name: Some(name),
        field: (1..=fields).map(field).collect(),
        ..Default::default()
    };
    let pool = |package: &str| {
        let file = FileDescriptorProto {
            name: Some("a.proto".to_owned()),
            package: Some(package.to_owned()),
            message_type: (0..MANY)
                .map(|number| message(format!("M{number}"), 1))
                // No number of these is one that protobuf keeps for itself.
                .chain([message("Wide".to_owned(), 18_000)])
                .collect(),
            ..Default::default()
        };
        let mut pool = DescriptorPool::new();
        pool.add_file_descriptor_proto(file).unwrap();
        pool.files().collect::<Vec<_>>()
    };
    let (old, new) = (pool("a.v1"), pool("a.v2"));
    let begun = std::time::Instant::now();
    let compared = super::schemas(&old, &new, &Scope::default());
    let took = begun.elapsed();
    assert_eq!((compared.changes.len(), compared.compared.messages), (1, 20_001));
    // Twenty thousand times twenty thousand comparisons would take minutes where this takes a second.
    assert!(took < std::time::Duration::from_secs(20), "{took:?}");
}

#[test]
fn what_is_grpcs_own_counts_where_both_have_it() {
    let health = |rest: &str| format!("syntax = 'proto3'; package grpc.health.v1; message H {{ {rest} }}");
    let own = (
        "a.proto",
        "syntax = 'proto3'; import 'google/protobuf/any.proto'; message M { google.protobuf.Any a = 1; }",
    );
    assert!(files(&[own, ("h.proto", &health(""))], &[own]).is_empty());
    assert_eq!(
        files(&[own, ("h.proto", &health(""))], &[own, ("h.proto", &health("int32 a = 1;"))]).len(),
        1
    );
}

#[test]
fn a_method_is_compared_with_all_that_it_needs() {
    let file = |fields: &str, rest: &str| {
        format!(
            "syntax = 'proto3'; message A {{ B b = 1; }} message B {{ A a = 1; {fields} }} message Other {{ {rest} }} service S {{ rpc M(A) returns (A); }}"
        )
    };
    let method = |source: &str| {
        pool(&[("a.proto", source)]).get_service_by_name("S").unwrap().methods().next().unwrap()
    };
    let changes =
        super::methods(&method(&file("int32 x = 2;", "int32 o = 1;")), &method(&file("string x = 2;", "")));
    assert_eq!(changes.iter().map(line).collect::<Vec<_>>(), ["wjs ~ field-type B.x: type int32 → string"]);
}
