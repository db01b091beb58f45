//! Sources with everything the language has.

use prost_reflect::DescriptorPool;

use super::{assert_round_trip, descriptor_text, printed_file};
use crate::schema::testing::{pool, try_pool};

const OPTIONS: &str = r#"
syntax = "proto2";
package opts;
import "google/protobuf/descriptor.proto";
enum Level { LOW = 1; HIGH = 2; }
message Rule {
  optional string pattern = 9;
  optional int32 max = 1;
  repeated Rule rules = 2;
  map<string, int64> weights = 3;
  optional Level level = 4;
  repeated Level levels = 5;
  oneof how { bool strict = 6; bytes raw = 7; }
  optional double ratio = 8;
  optional group Extra = 10 { optional string note = 1; }
  map<int32, Rule> by_id = 11;
  extensions 100 to max;
}
extend Rule { optional string more = 100; optional Rule again = 101; }
extend google.protobuf.FileOptions { optional string file_opt = 50000; repeated Rule file_rules = 50001; }
extend google.protobuf.MessageOptions { optional Rule msg = 50000; repeated int32 ints = 50001; }
extend google.protobuf.FieldOptions {
  optional bool b = 50000;
  optional int32 i32 = 50001;
  optional sint64 i64 = 50002;
  optional uint64 u64 = 50003;
  optional float f = 50004;
  optional double d = 50005;
  optional string s = 50006;
  optional bytes y = 50007;
  optional Level e = 50008;
  repeated string many = 50009;
  optional Rule rule = 50010;
}
extend google.protobuf.OneofOptions { optional string one = 50000; }
extend google.protobuf.EnumOptions { optional Rule en = 50000; }
extend google.protobuf.EnumValueOptions { optional string val = 50000; }
extend google.protobuf.ServiceOptions { optional string svc = 50000; }
extend google.protobuf.MethodOptions { optional Rule http = 50000; }
extend google.protobuf.ExtensionRangeOptions { optional string range = 50000; }
message Outer { extend google.protobuf.FieldOptions { optional string nested_opt = 50020; } }
"#;

const PROTO2: &str = r#"
syntax = "proto2";
package old.pkg;
import weak "opts.proto";
import public "google/protobuf/any.proto";
option java_package = "com.\"quoted\".\\x";
option optimize_for = CODE_SIZE;
option (opts.file_opt) = "tab\there, esc\033, é, \342\200\256 end";
option (opts.file_rules) = { pattern: "a" };
option (opts.file_rules) = { pattern: "b" rules { max: 1 } rules { max: -2 rules {} } };

message All {
  option deprecated = true;
  option (opts.msg).pattern = "x";
  option (opts.msg).weights = { key: "k" value: -9223372036854775808 };
  option (opts.msg).extra.note = "n";
  option (opts.ints) = 1;
  option (opts.ints) = -2;
  required int32 last = 900;
  message Before {}
  optional group Inner = 2 [deprecated = true] {
    option deprecated = true;
    optional int32 x = 1 [default = -5];
    repeated group Deep = 2 { required string y = 1; }
  }
  map<string, Before> things = 3;
  message Between { message Deeper { enum E { ZERO = 0; } optional E e = 1; } }
  repeated int32 packed_ints = 4 [packed = true, json_name = "weird \"name\""];
  oneof choice {
    option (opts.one) = "o";
    string text = 5;
    group Picked = 6 { optional bool on = 1; }
    Between.Deeper deeper = 7;
  }
  optional float inf = 10 [default = inf];
  optional double ninf = 11 [default = -inf];
  optional double not = 12 [default = nan];
  optional double tiny = 13 [default = 1.5e-7];
  optional bytes data = 14 [default = "\000\001\"\\\377\n\t'"];
  optional string words = 15 [default = "line\nbreak \"quoted\" \\ é"];
  optional bool yes = 16 [default = true];
  optional Color color = 17 [default = BLUE];
  optional uint64 big = 18 [default = 18446744073709551615];
  optional int64 small = 19 [default = -9223372036854775808];
  enum Color { option allow_alias = true; RED = -1; GREEN = 0; BLUE = 1 [(opts.val) = "b"]; AZURE = 1 [deprecated = true];
    reserved 5, 10 to 20, 100 to max; reserved "OLD", "OLDER"; }
  extensions 1000 to 1999 [(opts.range) = "r"];
  extensions 5000, 536870000 to max;
  reserved 200, 300 to 400;
  reserved "gone", "lost";
  extend All { optional string inside = 1000; repeated group Grown = 1001 { optional int32 z = 1; } }
  extend opts.Rule { optional int32 other = 102; }
  message After {}
}
message Tagged {
  optional int32 a = 1 [(opts.b) = true, (opts.i32) = -7, (opts.i64) = -9223372036854775808,
    (opts.u64) = 18446744073709551615, (opts.f) = 1.1, (opts.d) = -2.5e300, (opts.s) = "s\"\\\n\001", (opts.y) = "\377\000",
    (opts.e) = HIGH, (opts.many) = "1", (opts.many) = "2", (opts.Outer.nested_opt) = "n", deprecated = true];
  optional int32 b = 2 [(opts.d) = 1e999, (opts.f) = -1e999];
  optional int32 c = 3 [(opts.rule) = {
    pattern: "p" max: 3 level: LOW levels: [LOW, HIGH] raw: "\001\377" ratio: -inf
    rules { ratio: nan } rules: { ratio: inf Extra { note: "g" } }
    weights { key: "w" value: 5 } by_id { key: 3 value { max: 1 } }
    [opts.more]: "m" [opts.again] { max: 9 [opts.more]: "mm" }
  }];
}
message WireSet { option message_set_wire_format = true; extensions 4 to max; }
extend All { optional group TopGroup = 1100 { optional int32 q = 1; } repeated All more = 1101 [deprecated = true]; }
message AfterGroup {}
extend WireSet { optional AfterGroup set = 4; }
extend All { optional int32 again = 1102; }
enum Level { option (opts.en) = { pattern: "e" }; NONE = 0; }
service Svc {
  option (opts.svc) = "v";
  rpc Unary(All) returns (Tagged);
  rpc Up(stream All) returns (Tagged) { option deprecated = true; }
  rpc Down(All) returns (stream .google.protobuf.Any) { option (opts.http) = { pattern: "/v1/{x}" rules { pattern: "y" } }; option idempotency_level = IDEMPOTENT; }
  rpc Both(stream All) returns (stream All) {}
}
service Nothing {}
"#;

const PROTO3: &str = r#"
syntax = "proto3";
package new;
import "google/protobuf/timestamp.proto";
import "google/protobuf/descriptor.proto";
import "opts.proto";
message message {
  string option = 3;
  optional int32 optional = 1;
  repeated string repeated = 2;
  reserved 1000 to max;
  reserved "reserved";
  google.protobuf.Timestamp oneof = 4;
  oneof enum { service rpc = 5; bytes map = 6; }
  optional service to = 7;
  map<bool, service> max = 8 [deprecated = true];
  repeated int32 loose = 9 [packed = false];
  message service { message message { .new.message import = 1; } repeated message stream = 1; .new.message flow = 2; }
  enum syntax { ZERO = 0; NEG = -2147483648; reserved -5 to -1; }
  syntax package = 10;
  string snake_case_name = 11;
  string own = 12 [json_name = "@own"];
  map<string, google.protobuf.Timestamp> times = 13;
  map<fixed64, syntax> enums = 14;
}
message Empty {}
extend google.protobuf.FieldOptions { optional string hint = 51000; string plain = 51001; repeated Empty es = 51002; }
message Uses { Empty e = 1 [(hint) = "h", (new.plain) = "p", (es) = {}, (es) = {}]; oneof x { Empty f = 2 [(opts.s) = "t"]; } }
service message_service { rpc rpc(message) returns (stream message.service); }
"#;

#[test]
fn options_of_every_kind() {
    assert_round_trip(&[("opts.proto", OPTIONS)]);
}

#[test]
fn proto2() {
    assert_round_trip(&[("opts.proto", OPTIONS), ("old.proto", PROTO2)]);
}

#[test]
fn proto3() {
    assert_round_trip(&[("opts.proto", OPTIONS), ("new.proto", PROTO3)]);
}

#[test]
fn no_package_and_nothing_else() {
    assert_round_trip(&[("empty.proto", "")]);
    assert_round_trip(&[(
        "bare.proto",
        "syntax = 'proto3'; message M { M m = 1; } service S { rpc R(M) returns (M); }",
    )]);
}

#[test]
fn an_option_name_that_something_nearer_hides_gets_its_dot() {
    let inner = "syntax = 'proto3'; package x.opts; import 'opts.proto';
        message A { string s = 1 [(.opts.s) = 'v']; message opts {} int32 t = 2 [(.opts.b) = true]; }
        service opts_ { rpc R(A) returns (A) { option (.opts.http).max = 1; } }";
    assert_round_trip(&[("opts.proto", OPTIONS), ("inner.proto", inner)]);
    let pool = pool(&[("opts.proto", OPTIONS), ("inner.proto", inner)]);
    assert!(printed_file(&pool.get_file_by_name("inner.proto").unwrap()).contains("[(.opts.s) = \"v\"]"));
    let plain =
        "syntax = 'proto3'; package y; import 'opts.proto'; message A { string s = 1 [(opts.s) = 'v']; }";
    let pool = self::pool(&[("opts.proto", OPTIONS), ("plain.proto", plain)]);
    assert!(printed_file(&pool.get_file_by_name("plain.proto").unwrap()).contains("[(opts.s) = \"v\"]"));
}

#[test]
fn the_well_known_files() {
    for file in DescriptorPool::global().files() {
        let source = printed_file(&file);
        let again = try_pool(&[(file.name(), &source)]).unwrap_or_else(|error| panic!("{error}\n{source}"));
        let again = again.get_file_by_name(file.name()).unwrap();
        assert_eq!(descriptor_text(&again), descriptor_text(&file), "\n{source}");
    }
}

#[test]
fn comments_come_back_to_their_elements() {
    let source = r"
// The licence.

// About syntax.
syntax = 'proto3'; // trails syntax

// Package.
package c;

// Detached from A.

/* A message, with
 * a block comment. */
message A { // trails A
  // detached one

  // detached two

  // Leads x, ends */ and // again
  string x = 1; // trails x
  // Leads y.
  //
  // Second paragraph.
  string y = 2;
  // trails y in
  // two lines

  /* odd // nesting */
  oneof o {
    // Leads z.
    int32 z = 3;
  }
  // Nested.
  message B {}
}
// The service.
service S {
  // The method.
  rpc M(A) returns (A); // trails M
  // Options below.
  rpc N(A) returns (A) {
    option deprecated = true;
  }
}
// An enum.
enum E {
  // Zero.
  ZERO = 0; // trails zero
}
";
    let file = pool(&[("c.proto", source)]).get_file_by_name("c.proto").unwrap();
    let printed = printed_file(&file);
    let again = pool(&[("c.proto", &printed)]).get_file_by_name("c.proto").unwrap();
    assert_eq!(comments(&again), comments(&file), "\n{printed}");
    assert_eq!(printed_file(&again), printed);
}

/// Every comment with the path it belongs to; block comments lack the last line break of line comments.
fn comments(file: &prost_reflect::FileDescriptor) -> Vec<String> {
    let info = file.file_descriptor_proto().source_code_info.clone().unwrap();
    let trim = |text: &String| text.trim_end().to_owned();
    let mut all: Vec<String> = info
        .location
        .iter()
        .map(|l| {
            let detached: Vec<String> = l.leading_detached_comments.iter().map(trim).collect();
            let (leading, trailing) =
                (l.leading_comments.as_ref().map(trim), l.trailing_comments.as_ref().map(trim));
            (l.path.clone(), detached, leading, trailing)
        })
        .filter(|(_, detached, leading, trailing)| {
            !detached.is_empty() || leading.is_some() || trailing.is_some()
        })
        .map(|comment| format!("{comment:?}"))
        .collect();
    all.sort();
    all
}
