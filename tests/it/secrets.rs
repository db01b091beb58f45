//! What nobody else should see: values of secret metadata, on their way out and back, in what is told and in errors.

use insta::assert_snapshot;

use crate::common::Step::{Data, Headers, Trailers};
use crate::common::{Demo, GRPC, Peer, envelope, rpcctl};

/// Whether a text gives away what was sent as a secret.
fn gives_away(text: &str) -> bool {
    text.contains("hunter2") || text.contains("aHVudGVyMg")
}

#[test]
fn values_of_secret_metadata_are_redacted_wherever_it_is_told() {
    let demo = Demo::plain();
    let call = |flags: &str| {
        let call = demo.rpcctl("call", "demo.v1.Demo/EchoMetadata -o none -v").args(flags);
        let headers =
            ["Authorization: Bearer hunter2", "x-auth-token: hunter2", "x-pass-key-bin: aHVudGVyMg"];
        let headers = headers.into_iter().chain(["idempotency-key: 7", "x-user: alice"]);
        headers.fold(call, |call, header| call.arg("-H").arg(header)).run().without_times()
    };
    let output = call("");
    assert!(!gives_away(&output.to_string()), "{output}");
    assert_snapshot!(output, @"
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/demo.v1.Demo/EchoMetadata
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    > authorization: (redacted)
    > x-auth-token: (redacted)
    > x-pass-key-bin: (redacted)
    > idempotency-key: 7
    > x-user: alice
    * response headers
    < x-auth-token: (redacted)
    < x-pass-key-bin: (redacted)
    < x-user: alice
    < content-type: application/grpc
    < grpc-encoding: gzip
    < date: TIME
    * response trailers
    < grpc-status: 0
    < x-auth-token: (redacted)
    < x-pass-key-bin: (redacted)
    < x-user: alice
    * status: OK (0)
    * sent 1 message, received 1 message
    * time: resolve TIME, connect TIME, schema TIME, first byte TIME, total TIME
    [exit 0]
    ");
    let shown = call("--show-secrets").talk();
    assert!(shown.contains("> authorization: Bearer hunter2\n"), "{shown}");
    assert_eq!(shown.matches("x-auth-token: hunter2\n").count(), 3, "sent, and back twice: {shown}");
    assert!(!shown.contains("(redacted)"), "{shown}");
}

#[test]
fn what_a_server_gives_to_keep_is_redacted_too() {
    let peer = Peer::h2(|_, _| {
        vec![
            Headers(200, vec![GRPC, ("set-cookie", "session=hunter2"), ("x-request-id", "7")]),
            Data(envelope(0, b"")),
            Trailers(vec![("grpc-status", "5"), ("x-new-token", "hunter2")]),
        ]
    });
    let words = "hello.HelloService/SayHello -I proto --proto hello/hello.proto -v";
    let output = rpcctl("call").arg(&peer.address).args(words).run().without_times();
    assert!(!gives_away(&output.to_string()), "{output}");
    assert!(output.talk().contains("< set-cookie: (redacted)\n< x-request-id: 7\n"), "{output}");
    assert!(output.talk().contains("< x-new-token: (redacted)\n"), "{output}");
}

#[test]
fn asking_for_the_schema_tells_no_secrets() {
    let demo = Demo::with("--token hunter2");
    for verb in ["list", "describe"] {
        let run = |flags: &str| {
            let run = demo.rpcctl(verb, "-v").args(flags).arg("-H").arg("authorization: Bearer hunter2");
            run.run().without_times()
        };
        let output = run("");
        assert_eq!(output.code, Some(0), "{output}");
        assert!(!gives_away(&output.to_string()), "{output}");
        assert!(output.talk().contains("> authorization: (redacted)\n"), "{output}");
        assert!(run("--show-secrets").talk().contains("> authorization: Bearer hunter2\n"));
    }
}

#[test]
fn a_dry_run_tells_no_secrets() {
    let run = |flags: &str| {
        let run = rpcctl("call demo: HelloService/SayHello --dry-run").args(flags);
        run.arg("-H").arg("authorization: Bearer hunter2").run()
    };
    let output = run("");
    assert!(!gives_away(&output.to_string()), "{output}");
    assert!(output.talk().contains("> authorization: (redacted)\n"), "{output}");
    assert!(run("--show-secrets").talk().contains("> authorization: Bearer hunter2\n"));
}

#[test]
fn errors_repeat_no_secrets() {
    let demo = Demo::with("--token other");
    for words in
        ["call _ HelloService/SayHello", "call _ No/Such", "list _ No", "call _ -H hunter2 A/B", "call _"]
    {
        let run = rpcctl(&words.replace('_', &demo.address)).arg("-H").arg("authorization: Bearer hunter2");
        let output = run.run();
        assert_ne!(output.code, Some(0), "{output}");
        assert!(!gives_away(&output.to_string()), "{output}");
    }
}
