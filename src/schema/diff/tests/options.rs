//! What is told of options.

use super::{diff, files};

/// Every option that is protobuf's own, on both sides, each set to something else than it is without.
#[test]
fn every_option_of_protobufs_own_is_compared() {
    let version = |file: &str,
                   message: &str,
                   field: &str,
                   oneof: &str,
                   kind: &str,
                   value: &str,
                   service: &str,
                   method: &str| {
        format!(
            "syntax = 'proto2'; {file}
            message M {{ {message} optional string a = 1 {field}; oneof o {{ {oneof} bytes b = 2; }} extensions 10 to max; }}
            enum E {{ {kind} Z = 0 {value}; }}
            service S {{ {service} rpc C(M) returns (M) {{ {method} }} }}"
        )
    };
    let without = version("", "", "", "", "", "", "", "");
    let with = version(
        "option cc_enable_arenas = false; option java_string_check_utf8 = true; option java_generate_equals_and_hash = true;
         option optimize_for = CODE_SIZE; option go_package = 'g'; option deprecated = true;",
        "option no_standard_descriptor_accessor = true; option deprecated_legacy_json_field_conflicts = true; option deprecated = true;",
        "[ctype = CORD, lazy = true, unverified_lazy = true, weak = true, debug_redact = true, retention = RETENTION_SOURCE,
          targets = TARGET_TYPE_FIELD, targets = TARGET_TYPE_FILE, jstype = JS_STRING, deprecated = true]",
        "",
        "option allow_alias = true; option deprecated_legacy_json_field_conflicts = true; option deprecated = true;",
        "[deprecated = true, debug_redact = true]",
        "option deprecated = true;",
        "option deprecated = true; option idempotency_level = IDEMPOTENT;",
    );
    let there = diff(&without, &with);
    assert_eq!(
        there,
        [
            "..s ~ file-option a.proto: cc_enable_arenas true → false",
            "... ~ deprecation a.proto: deprecated",
            "..s ~ file-option a.proto: go_package unset → \"g\"",
            "... ~ file-option a.proto: java_generate_equals_and_hash false → true",
            "..s ~ file-option a.proto: java_string_check_utf8 false → true",
            "..s ~ file-option a.proto: optimize_for SPEED → CODE_SIZE",
            "... ~ deprecation S: deprecated",
            "... ~ deprecation S/C: deprecated",
            "wjs ~ method-idempotency S/C: idempotency IDEMPOTENCY_UNKNOWN → IDEMPOTENT",
            "... ~ deprecation M: deprecated",
            "... ~ message-option M: deprecated_legacy_json_field_conflicts false → true",
            "..s ~ message-option M: no_standard_descriptor_accessor false → true",
            "..s ~ field-option M.a: ctype STRING → CORD",
            "... ~ field-option M.a: debug_redact false → true",
            "... ~ deprecation M.a: deprecated",
            "..s ~ field-jstype M.a: jstype JS_NORMAL → JS_STRING",
            "... ~ field-option M.a: lazy false → true",
            "... ~ field-option M.a: retention RETENTION_UNKNOWN → RETENTION_SOURCE",
            "... ~ field-option M.a: targets unset → [TARGET_TYPE_FIELD, TARGET_TYPE_FILE]",
            "... ~ field-option M.a: unverified_lazy false → true",
            "... ~ field-option M.a: weak false → true",
            "... ~ enum-option E: allow_alias false → true",
            "... ~ deprecation E: deprecated",
            "... ~ enum-option E: deprecated_legacy_json_field_conflicts false → true",
            "... ~ enum-value-option E.Z: debug_redact false → true",
            "... ~ deprecation E.Z: deprecated",
        ]
    );
    let back = diff(&with, &without);
    assert_eq!(back.len(), there.len());
    assert!(
        back.contains(&"... ~ message-option M: no_standard_descriptor_accessor true → false".to_owned()),
        "{back:?}"
    );
    // What is said and holds anyway is no change.
    let said = version(
        "option cc_enable_arenas = true; option optimize_for = SPEED;",
        "",
        "[ctype = STRING, lazy = false]",
        "",
        "",
        "",
        "",
        "",
    );
    assert_eq!(diff(&without, &said), Vec::<String>::new());
}

#[test]
fn options_of_peoples_own_are_told_by_their_extensions() {
    const OPTIONS: &str = "syntax = 'proto2'; package o; import 'google/protobuf/descriptor.proto';
        message Rule { optional string pattern = 1; repeated int32 n = 2; }
        extend google.protobuf.FileOptions { optional string f = 50000; }
        extend google.protobuf.MessageOptions { optional Rule m = 50000; }
        extend google.protobuf.FieldOptions { optional int32 x = 50000; repeated string many = 50001; }
        extend google.protobuf.OneofOptions { optional bool one = 50000; }
        extend google.protobuf.EnumOptions { optional bool e = 50000; }
        extend google.protobuf.EnumValueOptions { optional bool v = 50000; }
        extend google.protobuf.ServiceOptions { optional bool s = 50000; }
        extend google.protobuf.MethodOptions { optional bool c = 50000; }";
    let version = |f: &str, m: &str, x: &str, on: &str| {
        format!(
            "syntax = 'proto3'; import 'opts.proto'; option (o.f) = '{f}';
            message M {{ option (o.m) = {m}; int32 a = 1 [{x}]; oneof w {{ option (o.one) = {on}; int32 b = 2; }} }}
            enum E {{ option (o.e) = {on}; Z = 0 [(o.v) = {on}]; }}
            service S {{ option (o.s) = {on}; rpc C(M) returns (M) {{ option (o.c) = {on}; }} }}"
        )
    };
    let old =
        version("x", "{ pattern: 'a\\n  b' n: 1 n: 2 }", "(o.x) = 1, (o.many) = 'p', (o.many) = 'q'", "true");
    let new = version("y", "{ pattern: 'a\\n  c' n: 1 n: 2 }", "(o.many) = 'p'", "false");
    assert_eq!(
        files(&[("opts.proto", OPTIONS), ("a.proto", &old)], &[("opts.proto", OPTIONS), ("a.proto", &new)]),
        [
            "... ~ custom-option a.proto: option (o.f) \"x\" → \"y\"",
            "... ~ custom-option S: option (o.s) true → false",
            "... ~ custom-option S/C: option (o.c) true → false",
            r#"... ~ custom-option M: option (o.m) { pattern: "a\n  b" n: 1 n: 2 } → { pattern: "a\n  c" n: 1 n: 2 }"#,
            "... ~ custom-option M.w: option (o.one) true → false",
            "... ~ custom-option M.a: option (o.many) [\"p\", \"q\"] → [\"p\"]",
            "... - custom-option M.a: option (o.x) = 1 removed",
            "... ~ custom-option E: option (o.e) true → false",
            "... ~ custom-option E.Z: option (o.v) true → false",
        ]
    );
    let bare = "syntax = 'proto3'; import 'opts.proto'; message M { int32 a = 1; }";
    let with = "syntax = 'proto3'; import 'opts.proto'; message M { int32 a = 1 [(o.x) = 7]; }";
    let both = |old: &str, new: &str| {
        files(&[("opts.proto", OPTIONS), ("a.proto", old)], &[("opts.proto", OPTIONS), ("a.proto", new)])
    };
    assert_eq!(both(bare, with), ["... + custom-option M.a: option (o.x) = 7 added"]);
    assert_eq!(both(with, bare), ["... - custom-option M.a: option (o.x) = 7 removed"]);
}
