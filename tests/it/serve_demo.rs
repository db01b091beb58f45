//! `rpcctl serve-demo` as a program: what it says, whom it refuses, how it ends.

use insta::assert_snapshot;

use crate::common::{Demo, rpcctl};

const HELLO: &str = "HelloService/SayHello -o jsonl";

#[test]
#[cfg(unix)]
fn it_says_where_it_listens_and_what_to_try() {
    assert_snapshot!(Demo::plain().terminate(), @"");
    let tokened = Demo::with("--tls --token secret");
    assert_snapshot!(tokened.terminate(), @"");
}

#[test]
fn a_port_in_use_is_told() {
    let demo = Demo::plain();
    assert_snapshot!(rpcctl("serve-demo --listen").arg(&demo.address).run(), @"");
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
    assert_snapshot!(demo.rpcctl("call", HELLO).run(), @"");
    let call = demo.rpcctl("call", HELLO).arg("-H").arg("authorization: Bearer secret");
    assert_snapshot!(call.run(), @"");
    let call = demo.rpcctl("call", HELLO).args("-I proto --proto hello/hello.proto");
    assert_snapshot!(call.run(), @"");
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
    assert_snapshot!(demo.rpcctl("call", HELLO).run(), @"");
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
    assert_snapshot!(rpcctl("serve-demo --listen nowhere").run(), @"");
    assert_snapshot!(rpcctl("serve-demo --listen 127.0.0.1:0 --fail-rate 2").run(), @"");
    assert_snapshot!(rpcctl("serve-demo --listen 127.0.0.1:0 --cert missing.pem --key missing.key").run(), @"");
}
