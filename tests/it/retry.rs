//! Calls that are made again, servers that are waited for, and calls that this side ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use insta::assert_snapshot;

use crate::common::{Demo, GRPC, Output, Peer, Step, envelope, rpcctl};

const UNAVAILABLE: (&str, &str) = ("grpc-status", "14");
const OK: (&str, &str) = ("grpc-status", "0");

/// A server that answers each call with the next of these, and then with an empty message.
fn answering(answers: Vec<Vec<Step>>) -> (Peer, Arc<AtomicUsize>) {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    let peer = Peer::h2(move |_, _| {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        answers.get(number).cloned().unwrap_or_else(|| {
            vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, b"")), Step::Trailers(vec![OK])]
        })
    });
    (peer, made)
}

fn refusal(more: &[(&'static str, &'static str)]) -> Vec<Step> {
    let headers = [&[GRPC, UNAVAILABLE, ("grpc-message", "not yet")], more].concat();
    vec![Step::Only(200, headers)]
}

fn call(peer: &Peer, flags: &str) -> Output {
    let call = rpcctl("call --raw-request").arg("").arg(&peer.address).arg("s.Service/Do");
    call.args("--retry-delay 1ms").args(flags).run()
}

/// The output without the waits, which are a little different each time.
fn without_waits(output: &Output) -> String {
    let lines = output.to_string();
    let lines = lines.lines().map(|line| match line.split_once("; the next in ") {
        Some((before, _)) => format!("{before}; the next in …"),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_call_that_failed_is_made_again() {
    let (peer, made) = answering(vec![refusal(&[]), refusal(&[])]);
    assert_snapshot!(without_waits(&call(&peer, "--retry 3")), @"
    ------- stderr -------
    * attempt 1 of 4 failed: UNAVAILABLE: not yet; the next in …
    * attempt 2 of 4 failed: UNAVAILABLE: not yet; the next in …
    [exit 0]
    ");
    assert_eq!(made.load(Ordering::SeqCst), 3);
}

#[test]
fn a_server_is_told_how_often_it_was_asked_before() {
    let (tell, told) = std::sync::mpsc::channel();
    let peer = Peer::tcp(move |stream| {
        let tell = tell.clone();
        async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((request, mut respond))) = connection.accept().await {
                let before = request.headers().get("grpc-previous-rpc-attempts");
                tell.send(before.map(|count| count.to_str().unwrap().to_owned())).unwrap();
                let head =
                    http::Response::builder().header(GRPC.0, GRPC.1).header(UNAVAILABLE.0, UNAVAILABLE.1);
                respond.send_response(head.body(()).unwrap(), true).unwrap();
            }
        }
    });
    assert_eq!(call(&peer, "--retry 2").code, Some(78));
    assert_eq!(told.iter().take(3).collect::<Vec<_>>(), [None, Some("1".to_owned()), Some("2".to_owned())]);
}

#[test]
fn when_retries_run_out_the_last_status_is_the_calls() {
    let (peer, made) = answering(vec![refusal(&[]); 9]);
    assert_snapshot!(without_waits(&call(&peer, "--retry 2")), @"
    ------- stderr -------
    * attempt 1 of 3 failed: UNAVAILABLE: not yet; the next in …
    * attempt 2 of 3 failed: UNAVAILABLE: not yet; the next in …
    error: UNAVAILABLE (14): not yet
    [exit 78]
    ");
    assert_eq!(made.load(Ordering::SeqCst), 3);
    let output = call(&peer, "");
    assert_eq!((output.code, made.load(Ordering::SeqCst)), (Some(78), 4), "{output}");
}

#[test]
fn only_some_statuses_are_worth_another_try() {
    let aborted = vec![Step::Only(200, vec![GRPC, ("grpc-status", "10")])];
    let (peer, made) = answering(vec![aborted.clone(), aborted.clone(), aborted]);
    assert_eq!(call(&peer, "--retry 5").code, Some(74));
    assert_eq!(made.load(Ordering::SeqCst), 1);
    assert_eq!(call(&peer, "--retry 5 --retry-codes unavailable,ABORTED").code, Some(0));
    assert_eq!(made.load(Ordering::SeqCst), 4);
    assert_snapshot!(call(&peer, "--retry 5 --retry-codes sometimes"), @"
    ------- stderr -------
    error: invalid value 'sometimes' for '--retry-codes <CODES>': write a status such as UNAVAILABLE or 14

    For more information, try '--help'.
    [exit 2]
    ");
}

#[test]
fn a_server_may_forbid_it_or_say_when() {
    let (peer, made) = answering(vec![refusal(&[("grpc-retry-pushback-ms", "-1")])]);
    assert_eq!(call(&peer, "--retry 5").code, Some(78));
    assert_eq!(made.load(Ordering::SeqCst), 1);
    let (peer, made) = answering(vec![refusal(&[("grpc-retry-pushback-ms", "120")])]);
    let began = Instant::now();
    let output = call(&peer, "--retry 5");
    assert!(output.talk().contains("the next in 120ms"), "{output}");
    assert!(began.elapsed() >= Duration::from_millis(120));
    assert_eq!(made.load(Ordering::SeqCst), 2);
}

#[test]
fn what_was_shown_is_never_shown_again() {
    let half = vec![
        Step::Headers(200, vec![GRPC]),
        Step::Data(envelope(0, b"\x08\x01")),
        Step::Trailers(vec![UNAVAILABLE]),
    ];
    let (peer, made) = answering(vec![half]);
    let output = call(&peer, "--retry 5");
    assert_eq!((output.code, made.load(Ordering::SeqCst)), (Some(78), 1), "{output}");
    assert!(output.text().contains("1: 1"), "{output}");
}

#[test]
fn a_deadline_is_over_all_attempts() {
    let (peer, _) = answering(vec![refusal(&[]); 99]);
    let began = Instant::now();
    let output = call(&peer, "--retry 50 --retry-delay 50ms --timeout 300ms");
    assert!(matches!(output.code, Some(68 | 78)), "{output}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn all_messages_of_a_stream_are_sent_again() {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    let peer = Peer::h2(move |_, body| {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            return refusal(&[]);
        }
        let count = u8::try_from(body.len() / envelope(0, b"\x08\x01").len()).unwrap();
        vec![
            Step::Headers(200, vec![GRPC]),
            Step::Data(envelope(0, &[0x10, count])),
            Step::Trailers(vec![OK]),
        ]
    });
    let sum = rpcctl("call").arg(&peer.address).args("demo.v1.Demo/Sum --proto demo/v1/demo.proto -I proto");
    let sum = sum.within(std::path::Path::new(env!("CARGO_MANIFEST_DIR")));
    let output = sum.data(r#"{"number":1}{"number":1}{"number":1}"#).args("-o jsonl --retry 1").run();
    assert_eq!(output.text(), "{\"count\":\"3\"}\n", "{output}");
}

#[test]
fn each_of_several_calls_is_made_again_by_itself() {
    let (peer, made) = answering(vec![refusal(&[]), Vec::from([Step::Reset(h2::Reason::REFUSED_STREAM)])]);
    let each = rpcctl("call --each --retry 2 --retry-delay 1ms -o jsonl").arg(&peer.address);
    let each = each.args("hello.HelloService/SayHello --proto hello/hello.proto -I proto -d {}{}");
    let output = each.within(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).run();
    assert_eq!(output.text(), "{}\n{}\n", "{output}");
    assert_eq!(made.load(Ordering::SeqCst), 4);
}

#[test]
fn documents_tell_of_attempts() {
    let (peer, _) = answering(vec![refusal(&[])]);
    let output = call(&peer, "--retry 1 -o exchange");
    let text = output.text();
    assert!(
        text.contains(r#""event":"failed","attempt":1,"cause":"UNAVAILABLE: not yet","waitMs":"#),
        "{text}"
    );
}

/// An address where nobody listens yet.
fn nobody_yet() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn a_server_is_waited_for() {
    let address = nobody_yet();
    let mut list = rpcctl("list --retry-connect").arg(&address).start();
    list.hear("attempt 1 failed: cannot connect to");
    let _demo = Demo::start(rpcctl("serve-demo --listen").arg(&address));
    let output = list.wait();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.text().contains("hello.HelloService"), "{output}");
}

#[test]
fn a_server_is_waited_for_no_longer_than_that() {
    let address = nobody_yet();
    let began = Instant::now();
    let output = rpcctl("list --retry-connect=300ms").arg(&address).run();
    // The last pause is cut short, and an attempt comes behind it.
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.talk().contains("* attempt 1 failed: "), "{output}");
    assert!(output.talk().contains("error: cannot connect to"), "{output}");
    let output = rpcctl("call --retry-connect=1m --timeout 300ms").arg(&address).args("a.B/C -d {}").run();
    assert_eq!(output.code, Some(68), "{output}");
    assert!(output.talk().contains("passed while waiting for the server to come up"), "{output}");
}

#[test]
fn a_call_is_made_again_when_nobody_listens() {
    let address = nobody_yet();
    let call = rpcctl("call --raw-request").arg("").arg(&address).args("a.B/C --retry 2 --retry-delay 1ms");
    assert_snapshot!(without_waits(&call.run()), @"
    ------- stderr -------
    * attempt 1 of 3 failed: cannot connect to 127.0.0.1:PORT: Connection refused; the next in …
    * attempt 2 of 3 failed: cannot connect to 127.0.0.1:PORT: Connection refused; the next in …
    error: cannot connect to 127.0.0.1:PORT
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    [exit 1]
    ");
}

#[test]
fn a_method_is_looked_up_again_when_nobody_listens() {
    let address = nobody_yet();
    let call = rpcctl("call").arg(&address).args("HelloService/SayHello --retry 2 --retry-delay 1ms");
    assert_snapshot!(without_waits(&call.run()), @"
    ------- stderr -------
    * attempt 1 of 3 failed: cannot connect to 127.0.0.1:PORT: Connection refused; the next in …
    * attempt 2 of 3 failed: cannot connect to 127.0.0.1:PORT: Connection refused; the next in …
    error: cannot connect to 127.0.0.1:PORT
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    [exit 1]
    ");
    let mut call = rpcctl("call").arg(&address).args("HelloService/SayHello --retry 99 -o jsonl").start();
    call.hear("attempt 1 of 100 failed: cannot connect to");
    let _demo = Demo::start(rpcctl("serve-demo --listen").arg(&address));
    let output = call.wait();
    assert_eq!(output.text(), "{\"message\":\"Hello, world\"}\n", "{output}");
}

#[test]
fn a_call_of_which_too_much_was_sent_is_made_once() {
    let (peer, made) = answering(vec![refusal(&[])]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("large"), vec![0; (64 << 20) + 1]).unwrap();
    let call = rpcctl("call --raw-request @large --retry 2").arg(&peer.address).arg("s.Service/Do");
    assert_snapshot!(call.within(folder.path()).run(), @"
    ------- stderr -------
    error: UNAVAILABLE (14): not yet
    [exit 78]
    ");
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

#[test]
fn a_call_is_cancelled_after_so_many_answers_or_so_long() {
    let demo = Demo::plain();
    let count = demo.rpcctl("call", "Demo/CountDown from=9 -o jsonl --cancel-after 2msg").run();
    assert_snapshot!(count, @r#"
    {"number":9}
    {"number":8}
    ------- stderr -------
    error: CANCELLED (1, on this side): after 2 answers, as --cancel-after says
    [exit 65]
    "#);
    assert_snapshot!(demo.rpcctl("call", "Demo/Sleep duration=9s --cancel-after 50ms").run(), @"
    ------- stderr -------
    error: CANCELLED (1, on this side): after 50ms, as --cancel-after says
    [exit 65]
    ");
    let none = demo.rpcctl("call", "Demo/Chat --cancel-after 0msg --no-half-close").run();
    assert_eq!(none.code, Some(65), "{none}");
    let none = demo.rpcctl("call", "Demo/CountDown from=5 --cancel-after 0msg").run();
    assert_snapshot!(none, @"
    ------- stderr -------
    error: CANCELLED (1, on this side): after 0 answers, as --cancel-after says
    [exit 65]
    ");
    assert_snapshot!(demo.rpcctl("call", "Demo/Sleep --cancel-after soon").run(), @"
    ------- stderr -------
    error: invalid value 'soon' for '--cancel-after <DURATION|Nmsg>': write a duration such as 500ms, or a number of answers such as 3msg

    For more information, try '--help'.
    [exit 2]
    ");
}

/// A server of one call that tells what came after the request's headers.
fn watching() -> (Peer, std::sync::mpsc::Receiver<String>) {
    let (tell, told) = std::sync::mpsc::channel();
    let peer = Peer::tcp(move |stream| {
        let tell = tell.clone();
        async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let (request, mut respond) = connection.accept().await.unwrap().unwrap();
            let head = http::Response::builder().header(GRPC.0, GRPC.1).body(()).unwrap();
            let mut answer = respond.send_response(head, false).unwrap();
            answer.send_data(envelope(0, b"").into(), false).unwrap();
            let mut body = request.into_body();
            tokio::spawn(async move {
                let how = match std::future::poll_fn(|cx| answer.poll_reset(cx)).await {
                    Ok(reason) => format!("{reason:?}"),
                    Err(error) => error.to_string(),
                };
                tell.send(how).unwrap();
            });
            tokio::spawn(async move { while body.data().await.is_some_and(|data| data.is_ok()) {} });
            while let Some(Ok(_)) = connection.accept().await {}
        }
    });
    (peer, told)
}

#[cfg(unix)]
#[test]
fn a_server_hears_that_a_call_is_over() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let chat = "demo.v1.Demo/Chat --proto demo/v1/demo.proto -I proto -o jsonl";
    for flags in ["--cancel-after 1msg", "--limit 1", "--timeout 1s"] {
        let (peer, told) = watching();
        let call = rpcctl("call --no-half-close -d {}").arg(&peer.address).args(chat).args(flags);
        let output = call.within(root).run();
        assert_eq!(output.text(), "{}\n", "{output}");
        assert_eq!(told.recv_timeout(Duration::from_secs(10)).unwrap(), "CANCEL", "{flags}");
    }
    let (peer, told) = watching();
    let call = rpcctl("call --no-half-close -d {}").arg(&peer.address).args(chat).within(root);
    let mut call = call.start();
    assert_eq!(call.line(), "{}");
    call.signal("INT");
    assert_eq!(call.wait().code, Some(130));
    assert_eq!(told.recv_timeout(Duration::from_secs(10)).unwrap(), "CANCEL");
}

#[test]
fn messages_go_out_one_after_another() {
    let demo = Demo::plain();
    let began = Instant::now();
    let sum = demo.rpcctl("call", "Demo/Sum -o jsonl --send-delay 60ms");
    let output = sum.data(r#"{"number":1}{"number":2}{"number":3}"#).run();
    assert_eq!(output.text(), "{\"sum\":\"6\",\"count\":\"3\"}\n", "{output}");
    assert!(began.elapsed() >= Duration::from_millis(120), "{:?}", began.elapsed());
}

#[test]
fn nothing_is_waited_for_but_another_message() {
    let demo = Demo::plain();
    let began = Instant::now();
    for way in ["--protocol grpc", "--protocol connect"] {
        let call = demo.rpcctl("call", "HelloService/SayHello name=Alice --send-delay 20s").args(way);
        assert_eq!(call.run().code, Some(0));
    }
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_server_that_is_not_told_of_the_end_waits_for_it() {
    let demo = Demo::plain();
    let sum = demo.rpcctl("call", "Demo/Sum -o jsonl --no-half-close --timeout 500ms");
    let output = sum.data(r#"{"number":1}"#).run();
    assert_eq!(output.code, Some(68), "{output}");
}

#[test]
fn a_trace_is_sent_and_told() {
    let demo = Demo::plain();
    let call = || demo.rpcctl("call", "Demo/EchoMetadata -o jsonl --traceparent");
    let output = call().run();
    let id = output.talk().trim().strip_prefix("* trace ").unwrap().to_owned();
    assert!(output.text().contains(&format!("\"00-{id}-")), "{output}");
    let output = call().env("TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").run();
    assert!(output.talk().contains("* trace 4bf92f3577b34da6a3ce929d0e0e4736"), "{output}");
    assert!(output.text().contains("\"00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{output}");
    assert!(!output.text().contains("00f067aa0ba902b7"), "{output}");
}

#[test]
fn what_net_rpc_has_not_is_refused() {
    assert_snapshot!(rpcctl("call netrpc://localhost:1 A.B --retry 3").run(), @"
    ------- stderr -------
    error: --retry is for gRPC, gRPC-Web and Connect, and this is a net/rpc server
    [exit 2]
    ");
}

/// Events stand in the order of their times, whichever attempt made the connection.
#[test]
fn an_attempt_that_failed_stands_in_its_place_in_the_exchange() {
    for flags in ["--retry 3 -o exchange", "--retry 3 -o exchange --retry-delay 30ms"] {
        let (peer, _) = answering(vec![refusal(&[]), refusal(&[])]);
        let output = call(&peer, flags);
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let events: Vec<(&str, f64)> = document["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| (event["event"].as_str().unwrap(), event["atMs"].as_f64().unwrap()))
            .collect();
        let names: Vec<&str> = events.iter().map(|(name, _)| *name).collect();
        let place = |name: &str| names.iter().position(|other| *other == name).unwrap();
        assert!(place("connected") < place("failed") && place("failed") < place("request"), "{names:?}");
        assert_eq!(names.iter().filter(|name| **name == "failed").count(), 2, "{names:?}");
        let head = &events[..=place("request")];
        assert!(head.is_sorted_by(|(_, one), (_, next)| one <= next), "{events:?}");
    }
}
