//! `-vv`: everything that is known of a call, or of asking for a schema.

use insta::assert_snapshot;

use crate::common::{Demo, Output, rpcctl};

/// What was told, without what differs from run to run.
fn told(output: Output) -> String {
    let talk = output.without_times().talk();
    let lines = talk.lines().map(|line| match line.split_once(", for ") {
        Some((before, days)) if days.ends_with(" days more") => format!("{before}, for DAYS"),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_call_is_told_message_by_message() {
    let demo = Demo::with("--tls");
    let call = demo.rpcctl("call", "--insecure Demo/Generate -vv -o none").data(r#"{"count":2,"size":2000}"#);
    assert_snapshot!(told(call.run()), @"
    warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
    * connected to 127.0.0.1:PORT
    * TLSv1.3, TLS_AES_256_GCM_SHA384, ALPN h2
    * certificate for localhost, 127.0.0.1 and ::1, self-signed
    *   subject CN=rcgen self signed cert
    *   issuer CN=rcgen self signed cert
    *   for localhost, 127.0.0.1, ::1
    *   valid from 1975-01-01T00:00:00Z until 4096-01-01T00:00:00Z, for DAYS
    * HTTP/2 settings of the server: INITIAL_WINDOW_SIZE 1048576, MAX_FRAME_SIZE 16384, MAX_HEADER_LIST_SIZE 65536
    > POST https://127.0.0.1:PORT/demo.v1.Demo/Generate
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    > message 1: 5 bytes at TIME
    * response headers
    < content-type: application/grpc
    < grpc-encoding: gzip
    < date: TIME
    < message 1: 69 bytes of gzip, which are 2003 decompressed, at TIME
    < message 2: 69 bytes of gzip, which are 2003 decompressed, at TIME
    * response trailers
    < grpc-status: 0
    * status: OK (0)
    * sent 1 message, received 2 messages
    * time: resolve TIME, connect TIME, TLS TIME, schema TIME, first byte TIME, total TIME
    ");
}

#[test]
fn what_is_not_compressed_is_said_to_be_so() {
    let call = rpcctl("call demo: Demo/Chat -vv -o none").data(r#"{"text":"a"}"#).run();
    assert_eq!(call.code, Some(0), "{call}");
    let talk = call.without_times().talk();
    assert!(talk.contains("\n> message 1: 3 bytes at TIME\n"), "{talk}");
    assert!(talk.contains("\n< message 1: 5 bytes, not compressed, at TIME\n"), "{talk}");
    assert!(talk.starts_with("* HTTP/2 settings of the server: INITIAL_WINDOW_SIZE "), "{talk}");
}

#[test]
fn asking_for_a_schema_is_told_in_full() {
    let demo = Demo::with("--tls");
    let listed = told(demo.rpcctl("list", "--insecure -vv").run());
    assert_snapshot!(listed, @"
    warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
    * connected to 127.0.0.1:PORT
    * TLSv1.3, TLS_AES_256_GCM_SHA384, ALPN h2
    * certificate for localhost, 127.0.0.1 and ::1, self-signed
    *   subject CN=rcgen self signed cert
    *   issuer CN=rcgen self signed cert
    *   for localhost, 127.0.0.1, ::1
    *   valid from 1975-01-01T00:00:00Z until 4096-01-01T00:00:00Z, for DAYS
    > POST https://127.0.0.1:PORT/grpc.reflection.v1.ServerReflection/ServerReflectionInfo
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * HTTP/2 settings of the server: INITIAL_WINDOW_SIZE 1048576, MAX_FRAME_SIZE 16384, MAX_HEADER_LIST_SIZE 65536
    * time: resolve TIME, connect TIME, TLS TIME, schema TIME, total TIME
    ");
    let described = told(demo.rpcctl("describe", "--insecure -vv hello.HelloRequest").run());
    assert!(described.contains("\n*   subject CN="), "{described}");
}

#[test]
fn calls_of_net_rpc_are_told_with_their_times() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let call = rpcctl("call").arg(&demo.address).args("Arith.Multiply -vv").data(r#"{"A":6,"B":7}"#);
    assert_snapshot!(told(call.run()), @"
    * connected to 127.0.0.1:PORT
    > seq 0: 101 bytes at TIME
    < seq 0: 83 bytes at TIME
    * status: OK (0)
    * sent 1 message, received 1 message
    * time: resolve TIME, connect TIME, first byte TIME, total TIME
    ");
}
