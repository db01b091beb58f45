//! Methods to make calls of.

use prost_reflect::{MessageDescriptor, MethodDescriptor};

use crate::schema::testing;

const PROTO: &str = r#"
    syntax = "proto3";
    package t;
    import "google/protobuf/struct.proto";
    import "google/protobuf/timestamp.proto";
    enum Color { NONE = 0; RED = 1; BLUE = 2; }
    message M {
        string name = 1; int32 id = 2; repeated string tags = 3; M child = 4; bytes raw = 5; Color color = 6;
        google.protobuf.Timestamp at = 7; double real = 8; google.protobuf.Struct open = 9; bool yes = 10;
    }
    service S {
        rpc Say(M) returns (M);
        rpc Pour(stream M) returns (M);
        rpc List(google.protobuf.ListValue) returns (M);
    }
"#;

pub(super) fn method(name: &str) -> MethodDescriptor {
    let service = testing::pool(&[("test.proto", PROTO)]).get_service_by_name("t.S").unwrap();
    service.methods().find(|method| method.name() == name).unwrap()
}

pub(super) fn method_and_input(name: &str) -> (MethodDescriptor, MessageDescriptor) {
    let method = method(name);
    let input = method.input();
    (method, input)
}
