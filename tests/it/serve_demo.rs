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
      caused by: Address already in use (os error 98)
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
    hint: credentials go along with -H 'authorization: Bearer TOKEN'
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 1]
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
    assert_snapshot!(rpcctl("serve-demo --listen 127.0.0.1:0 --fail-rate 2").run(), @"
    ------- stderr -------
    error: invalid value '2' for '--fail-rate <P>': want a number from 0 to 1

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(rpcctl("serve-demo --listen 127.0.0.1:0 --cert missing.pem --key missing.key").run(), @"
    ------- stderr -------
    error: cannot read missing.pem
      caused by: No such file or directory (os error 2)
    [exit 1]
    ");
}
