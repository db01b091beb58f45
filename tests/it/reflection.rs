//! Which reflection is asked, and what stands beside it.

use insta::assert_snapshot;
use prost::Message as _;

use crate::common::reflecting::{file, reflecting_at};
use crate::common::{GRPC, Output, Peer, Step, rpcctl};

/// A server whose reflection has this one path.
fn offering(version: &'static str) -> Peer {
    reflecting_at(version, |_| Some(vec![file().encode_to_vec()]))
}

#[test]
fn only_the_older_reflection() {
    let peer = offering("/grpc.reflection.v1alpha.");
    assert_snapshot!(rpcctl("list").arg(&peer.address).run(), @"
    s.Service
    [exit 0]
    ");
    let verbose = rpcctl("describe s.Service -v -a").arg(&peer.address).run().without_times();
    assert_snapshot!(verbose, @"
    // s.Service is a service in s.proto
    service Service {
      rpc Do(.s.M) returns (.s.M);
    }
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/grpc.reflection.v1.ServerReflection/ServerReflectionInfo
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * no answer: UNIMPLEMENTED (12)
    > POST http://127.0.0.1:PORT/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * time: resolve TIME, connect TIME, schema TIME, total TIME
    [exit 0]
    ");
}

#[test]
fn a_version_that_the_server_lacks_is_told_from_no_reflection() {
    let old = offering("/grpc.reflection.v1alpha.");
    assert_snapshot!(rpcctl("list --reflection v1 -a").arg(&old.address).run(), @"
    ------- stderr -------
    error: the server offers reflection v1alpha and not v1
    hint: take what it offers: --reflection auto
    [exit 1]
    ");
    let new = offering("/grpc.reflection.v1.");
    assert_snapshot!(rpcctl("call s.Service/Do --reflection v1alpha -a").arg(&new.address).run(), @"
    ------- stderr -------
    error: the server offers reflection v1 and not v1alpha
    hint: take what it offers: --reflection auto
    [exit 1]
    ");
    let neither = offering("/nowhere");
    assert_snapshot!(rpcctl("list --reflection v1 -a").arg(&neither.address).run(), @"
    ------- stderr -------
    error: the server does not offer reflection (UNIMPLEMENTED)
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 1]
    ");
    assert_snapshot!(rpcctl("list -a").arg(&neither.address).run(), @"
    ------- stderr -------
    error: the server does not offer reflection (UNIMPLEMENTED)
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 1]
    ");
    // Files stand in for what is not there in the version asked for.
    let files = rpcctl("list --reflection v1 --proto hello/hello.proto -I proto -a").arg(&old.address);
    assert_snapshot!(files.run(), @"
    hello.HelloService
    [exit 0]
    ");
}

/// Runs with a file of `more.More` given beside reflection.
fn beside(address: &str, verb: &str, words: &str) -> Output {
    let source = r#"syntax = "proto3";
        package more;
        service More { rpc Greet(Name) returns (Greeting); }
        message Name { string name = 1; }
        message Greeting { string text = 1; }"#;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("more.proto"), source).unwrap();
    let run = rpcctl(verb).arg(address).args(words).args("--reflection auto --proto more.proto");
    run.within(folder.path()).run()
}

#[test]
fn files_have_what_the_server_lacks() {
    assert_snapshot!(beside("demo:", "list", ""), @"
    demo.v1.Demo
    grpc.health.v1.Health
    grpc.reflection.v1.ServerReflection
    grpc.reflection.v1alpha.ServerReflection
    hello.HelloService
    helloworld.Greeter
    more.More
    [exit 0]
    ");
    assert_snapshot!(beside("demo:", "list", "More"), @"
    more.More/Greet
    [exit 0]
    ");
    assert_snapshot!(beside("demo:", "describe", "more.Greeting"), @"
    // more.Greeting is a message in more.proto
    message Greeting {
      string text = 1;
    }
    [exit 0]
    ");
    assert_snapshot!(beside("demo:", "describe", "helloworld.Greeter"), @r#"
    // helloworld.Greeter is a service in helloworld/helloworld.proto

    // The greeter that gRPC's own tutorials call, so that their clients work against this server unchanged.
    service Greeter {
      // Answers "Hello NAME". An empty name is greeted as "world".
      rpc SayHello(.helloworld.HelloRequest) returns (.helloworld.HelloReply);
    }
    [exit 0]
    "#);
    // That the server does not have it either is the server's own answer.
    assert_snapshot!(beside("demo:", "call", "More/Greet -d {\"name\":\"Alice\"}"), @"
    ------- stderr -------
    error: UNIMPLEMENTED (12): unknown service more.More
    [exit 76]
    ");
    assert_snapshot!(beside("demo:", "call", "hello.HelloService/SayHello -d {\"name\":\"Alice\"} -o jsonl"), @r#"
    {"message":"Hello, Alice"}
    [exit 0]
    "#);
}

#[test]
fn names_that_neither_has_are_answered_from_both() {
    assert_snapshot!(beside("demo:", "call", "More/Greeet"), @r#"
    ------- stderr -------
    error: more.More has no method "Greeet"
    hint: did you mean more.More/Greet?
    hint: see what there is: rpcctl list demo: --proto more.proto --reflection auto more.More
    [exit 1]
    "#);
    assert_snapshot!(beside("demo:", "call", "Demo/Sumx"), @r#"
    ------- stderr -------
    error: demo.v1.Demo has no method "Sumx"
    hint: did you mean demo.v1.Demo/Sum?
    hint: see what there is: rpcctl list demo: --proto more.proto --reflection auto demo.v1.Demo
    [exit 1]
    "#);
    assert_snapshot!(beside("demo:", "list", "more.Mor"), @r#"
    ------- stderr -------
    error: there is no service "more.Mor"
    hint: did you mean more.More?
    hint: see what there is: rpcctl list demo: --proto more.proto --reflection auto
    [exit 1]
    "#);
}

#[test]
fn files_stand_in_for_a_server_without_reflection() {
    let peer = Peer::h2(|_, _| vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])]);
    assert_snapshot!(beside(&peer.address, "list", "-l"), @"
    more.More/Greet	unary	more.Name	more.Greeting
    [exit 0]
    ");
    let refusing = Peer::h2(|_, _| vec![Step::Only(200, vec![GRPC, ("grpc-status", "16")])]);
    assert_snapshot!(beside(&refusing.address, "list", ""), @"
    ------- stderr -------
    error: the server refused reflection (UNAUTHENTICATED)
    hint: credentials go along with --bearer TOKEN, -u USER, or -H 'authorization: …'
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 80]
    ");
}

#[test]
fn a_service_that_is_listed_and_not_described_is_told_and_has_its_reason_in_json() {
    let peer = reflecting_at("/grpc.reflection.v1.", |_| None);
    assert_snapshot!(rpcctl("list -l -o json").arg(&peer.address).run(), @r#"
    [
      {
        "name": "s.Service",
        "error": "the server lists it and does not describe it"
      }
    ]
    ------- stderr -------
    warning: s.Service is left out: the server lists it and does not describe it
    [exit 0]
    "#);
}
