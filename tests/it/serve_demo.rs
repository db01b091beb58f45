//! `rpcctl serve-demo` as a program: what it says, whom it refuses, how it ends.

use insta::assert_snapshot;

use crate::common::{Demo, rpcctl};

const HELLO: &str = "HelloService/SayHello -o jsonl";

#[test]
#[cfg(unix)]
fn it_says_where_it_listens_and_what_to_try() {
    assert_snapshot!(Demo::plain().terminate(), @r#"
    listening on 127.0.0.1:PORT (plaintext)

    Try:
      rpcctl list 127.0.0.1:PORT
      rpcctl describe 127.0.0.1:PORT demo.v1.Demo
      rpcctl call 127.0.0.1:PORT hello.HelloService/SayHello -d '{"name":"Alice"}'
    [exit 0]
    "#);
    let tokened = Demo::with("--tls --token secret");
    assert_snapshot!(tokened.terminate(), @r#"
    listening on 127.0.0.1:PORT (TLS, self-signed)

    Try:
      rpcctl list 127.0.0.1:PORT --insecure -H 'authorization: Bearer secret'
      rpcctl describe 127.0.0.1:PORT demo.v1.Demo --insecure -H 'authorization: Bearer secret'
      rpcctl call 127.0.0.1:PORT hello.HelloService/SayHello --insecure -H 'authorization: Bearer secret' -d '{"name":"Alice"}'

    --insecure trusts any server. To have clients know this one, add --write-cert FILE here and use --cacert FILE there.
    [exit 0]
    "#);
}

#[test]
fn a_port_in_use_is_told() {
    let demo = Demo::plain();
    assert_snapshot!(rpcctl("serve-demo --listen").arg(&demo.address).run(), @"
    ------- stderr -------
    error: cannot listen on 127.0.0.1:PORT
      caused by: Address already in use
    hint: listen on a free port: rpcctl serve-demo --listen :0
    [exit 1]
    ");
}

#[test]
#[cfg(unix)]
fn it_finishes_the_calls_under_way_when_told_to_stop() {
    for signal in ["TERM", "INT"] {
        let demo = Demo::plain();
        let mut call = demo
            .rpcctl("call", "demo.v1.Demo/CountDown -o jsonl --reflection off")
            .args("-I proto --proto demo/v1/demo.proto")
            .data(r#"{"from": 3, "interval": "0.1s"}"#)
            .start();
        call.line();
        demo.signal(signal);
        let served = demo.wait();
        assert_eq!(served.code, Some(0), "{served}");
        let output = call.wait();
        assert_eq!(output.to_string(), "{\"number\":3}\n{\"number\":2}\n{\"number\":1}\n[exit 0]");
    }
}

#[test]
fn a_token_is_asked_of_every_call() {
    let demo = Demo::with("--token secret");
    assert_snapshot!(demo.rpcctl("call", HELLO).run(), @"
    ------- stderr -------
    error: the server refused reflection (UNAUTHENTICATED: no token: send authorization: Bearer TOKEN)
    hint: credentials go along with --bearer TOKEN, -u USER, or -H 'authorization: …'
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 80]
    ");
    let call = demo.rpcctl("call", HELLO).arg("-H").arg("authorization: Bearer secret");
    assert_snapshot!(call.run(), @r#"
    {"message":"Hello, world"}
    [exit 0]
    "#);
    let call = demo.rpcctl("call", HELLO).args("-I proto --proto hello/hello.proto");
    assert_snapshot!(call.run(), @"
    ------- stderr -------
    error: UNAUTHENTICATED (16): no token: send authorization: Bearer TOKEN
    [exit 80]
    ");
}

#[test]
fn calls_over_the_rate_are_refused() {
    let demo = Demo::with("--rate 1");
    let codes: Vec<_> = (0..3).map(|_| demo.rpcctl("call", HELLO).run().code).collect();
    assert!(codes.contains(&Some(72)), "{codes:?}");
}

#[test]
fn calls_fail_as_often_as_asked() {
    let demo = Demo::with("--fail-rate 1");
    assert_snapshot!(demo.rpcctl("call", HELLO).run(), @"
    ------- stderr -------
    error: UNAVAILABLE (14): failed by chance, as --fail-rate asks
    [exit 78]
    ");
    assert_eq!(demo.rpcctl("list", "").run().code, Some(0));
}

#[test]
fn each_call_is_logged() {
    let mut demo = Demo::with("--log=json");
    demo.rpcctl("call", HELLO).run();
    let line = demo.logged("SayHello");
    assert!(line.starts_with('{') && line.contains("hello.HelloService"), "{line}");
    let mut demo = Demo::with("--log");
    demo.rpcctl("call", "demo.v1.Demo/Fail").data(r#"{"code": 5}"#).run();
    assert!(demo.logged("demo.v1.Demo/Fail").contains("NOT_FOUND"));
}

#[test]
fn it_waits_as_long_as_asked() {
    let demo = Demo::with("--latency 10s");
    let output = demo.rpcctl("call", HELLO).args("--timeout 300ms").run();
    assert_eq!(output.code, Some(68), "{output}");
}

#[test]
fn what_it_cannot_do_is_told() {
    assert_snapshot!(rpcctl("serve-demo --listen nowhere").run(), @"
    ------- stderr -------
    error: invalid value 'nowhere' for '--listen <ADDR>': want IP:PORT, [IPV6]:PORT, localhost:PORT or :PORT

    For more information, try '--help'.
    [exit 2]
    ");
    for port_alone in ["50052", "--port 50052", "--port=50052"] {
        let output = rpcctl("serve-demo").args(port_alone).run().to_string();
        assert!(output.contains("\n  tip: listen on a port with '--listen :50052'\n"), "{output}");
        assert!(output.ends_with("[exit 2]"), "{output}");
    }
    assert_snapshot!(rpcctl("serve-demo --listen 8080").run(), @"
    ------- stderr -------
    error: invalid value '8080' for '--listen <ADDR>': write --listen :8080

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(rpcctl("serve-demo --listen 127.0.0.1:0 --fail-rate 2").run(), @"
    ------- stderr -------
    error: invalid value '2' for '--fail-rate <P>': want a number from 0 to 1

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(rpcctl("serve-demo --listen 127.0.0.1:0 --cert missing.pem --key missing.key").run(), @"
    ------- stderr -------
    error: cannot read missing.pem
      caused by: No such file or directory
    [exit 1]
    ");
}

#[test]
#[cfg(unix)]
fn files_of_others_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("notes"), "mine").unwrap();
    let serve = |words: &str| rpcctl("serve-demo --listen 127.0.0.1:0").args(words).within(directory.path());
    assert_snapshot!(serve("--unix notes").run(), @"
    ------- stderr -------
    error: cannot listen on unix:notes: something is there, and it is no socket
    [exit 1]
    ");
    assert_snapshot!(serve("--tls --write-cert notes").run(), @"
    ------- stderr -------
    error: --write-cert does not overwrite notes: it is no PEM certificate
    [exit 1]
    ");
    assert_eq!(std::fs::read_to_string(directory.path().join("notes")).unwrap(), "mine");
}

#[test]
#[cfg(unix)]
fn a_socket_that_is_listened_on_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert_snapshot!(rpcctl("serve-demo --unix s").within(directory.path()).run(), @"
    ------- stderr -------
    error: cannot listen on unix:s
      caused by: Address already in use
    hint: another server listens there: give another path
    [exit 1]
    ");
}

/// With a key and a certificate of its own, which no client has a reason to trust.
#[test]
fn a_certificate_from_a_file_is_announced_with_what_trusts_it() {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    std::fs::write(directory.path().join("leaf.pem"), made.cert.pem()).unwrap();
    std::fs::write(directory.path().join("leaf.key"), made.signing_key.serialize_pem()).unwrap();
    let serve =
        rpcctl("serve-demo --listen 127.0.0.1:0 --cert leaf.pem --key leaf.key").within(directory.path());
    let demo = Demo::start(serve);
    let call = demo.rpcctl("call", HELLO).args("--cacert leaf.pem").within(directory.path());
    assert_eq!(call.run().code, Some(0));
    #[cfg(unix)]
    assert_snapshot!(demo.terminate(), @r#"
    listening on 127.0.0.1:PORT (TLS)

    Try:
      rpcctl list 127.0.0.1:PORT --cacert leaf.pem
      rpcctl describe 127.0.0.1:PORT demo.v1.Demo --cacert leaf.pem
      rpcctl call 127.0.0.1:PORT hello.HelloService/SayHello --cacert leaf.pem -d '{"name":"Alice"}'
    [exit 0]
    "#);
}
