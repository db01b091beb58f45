//! A schema to print, and what was printed.

use std::io::{self, Write};

use prost_reflect::DescriptorPool;

use crate::schema::testing::pool;

const SOURCE: &str = "syntax = 'proto3'; package hello;
    service HelloService { rpc SayHello(Request) returns (Reply); rpc Chat(stream Request) returns (stream Reply);
        rpc Lots(Request) returns (stream Reply); }
    service Alone { rpc Sum(stream Reply) returns (Request); }
    message Request { string name = 1; } message Reply { string text = 1 [deprecated = true]; }";

/// A pool of two services.
pub(super) fn hello() -> DescriptorPool {
    pool(&[("hello.proto", SOURCE)])
}

/// What is printed, as text.
pub(super) fn text(print: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    print(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}
