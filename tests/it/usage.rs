//! Commands that ask wrongly, and what they are told.

use insta::assert_snapshot;

use crate::common::rpcctl;

#[test]
fn a_host_needs_a_port() {
    assert_snapshot!(rpcctl("call example.com HelloService/SayHello").run(), @"");
    assert_snapshot!(rpcctl("list example.com").run(), @"");
}

#[test]
fn a_call_needs_a_method() {
    assert_snapshot!(rpcctl("call localhost:50051").run(), @"");
    assert_snapshot!(rpcctl("call").run(), @"");
}

#[test]
fn a_target_is_given_once() {
    assert_snapshot!(rpcctl("call -a localhost:1 localhost:2 HelloService/SayHello").run(), @"");
}

#[test]
fn a_scheme_and_a_flag_must_not_disagree() {
    assert_snapshot!(rpcctl("list http://localhost:1 --tls").run(), @"");
    assert_snapshot!(rpcctl("list https://localhost:1 --plaintext").run(), @"");
    assert_snapshot!(rpcctl("list localhost:1 --plaintext --tls").run(), @"");
    assert_snapshot!(rpcctl("list localhost:1 --plaintext --insecure").run(), @"");
}

#[test]
fn reserved_metadata_is_refused() {
    for header in [":path: /x", "te: trailers", "content-type: x", "grpc-timeout: 1S", "x: a\nb", "no colon"]
    {
        let output = rpcctl("call demo: HelloService/SayHello -H").arg(header).run();
        assert_eq!(output.code, Some(2), "{header:?}: {output}");
    }
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello -H").arg("grpc-timeout: 1S").run(), @"");
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello -H").arg("x-bin: not base64!").run(), @"");
}

#[test]
fn data_that_does_not_fit_is_told_with_its_place() {
    let call = |data: &str| rpcctl("call demo: demo.v1.Demo/Echo").data(data).run();
    assert_snapshot!(call(r#"{"nested": {"deeper": {"level": 1.5}}}"#), @"");
    assert_snapshot!(call(r#"{"int32Value": "x"}"#), @"");
    assert_snapshot!(call(r#"{"intValue": 1}"#), @"");
    assert_snapshot!(call("{\n  \"int32Value\": 1,\n}"), @"");
    assert_snapshot!(call("{"), @"");
    assert_snapshot!(call("[1]"), @"");
}

#[test]
fn a_unary_method_takes_one_message() {
    let call = rpcctl("call demo: HelloService/SayHello").data(r#"{"name": "A"} {"name": "B"}"#);
    assert_snapshot!(call.run(), @"");
    assert_snapshot!(rpcctl("call demo: HelloService/SayHello -d @").run(), @"");
}

#[test]
fn a_method_that_is_not_there_is_answered_with_the_nearest() {
    assert_snapshot!(rpcctl("call demo: hello.HelloService/SayHelo").run(), @"");
    assert_snapshot!(rpcctl("call demo: HeloService/SayHello").run(), @"");
    assert_snapshot!(rpcctl("call demo: hello.HelloService").run(), @"");
}

#[test]
fn an_ambiguous_tail_lists_what_it_may_mean() {
    assert_snapshot!(rpcctl("call demo: SayHello").run(), @"");
}

#[test]
fn files_that_give_no_schema_are_told() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("broken.proto"),
        "syntax = \"proto3\";\nmessage A { strin x = 1; }\n",
    )
    .unwrap();
    std::fs::write(directory.path().join("broken.binpb"), b"\xff\xff\xff").unwrap();
    let list = |flags: &str| rpcctl("list").args(flags).within(directory.path()).run();
    assert_snapshot!(list("--proto broken.proto"), @"");
    assert_snapshot!(list("--proto missing.proto"), @"");
    assert_snapshot!(list("--descriptor-set broken.binpb"), @"");
    assert_snapshot!(list("--reflection off"), @"");
}

#[test]
fn unknown_flags_and_verbs() {
    assert_snapshot!(rpcctl("call demo: A/B --plain").run(), @"");
    assert_snapshot!(rpcctl("cal").run(), @"");
}
