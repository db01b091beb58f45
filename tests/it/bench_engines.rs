//! Both engines of `bench` count the same of the same server; and the one that speaks everything, of everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use h2::{Reason, server};
use http::{HeaderMap, HeaderValue, Response};
use tokio::net::TcpStream;

use crate::bench::{Told, quiet};
use crate::common::{Demo, GRPC, Peer, Proxy, Rpcctl, Step, envelope, rpcctl};

const HELLO: &str = "hello.HelloService/SayHello name=Alice";

/// A call that the session's own code makes.
fn by_session(run: Rpcctl) -> Told {
    let told = Told::of(quiet(run).args("--engine session").run()).adds_up();
    assert_eq!(told.report["about"]["engine"], "session", "{}", told.report);
    told
}

/// What either engine counts, which is the same.
pub(crate) fn by_both(run: impl Fn() -> Rpcctl) -> String {
    let counted = |told: &Told| {
        let messages = (told.number("/messages_sent"), told.number("/messages_received"));
        let times = ["/message_latency/count", "/first_message_latency/count"];
        let times = times.map(|name| told.report.pointer(name).and_then(serde_json::Value::as_u64));
        (told.ends(), told.number("/issued"), messages, times)
    };
    let frames = Told::of(quiet(run()).args("--engine frames").run()).adds_up();
    assert_eq!(frames.report["about"]["engine"], "frames", "{}", frames.report);
    let session = by_session(run());
    assert_eq!(counted(&session), counted(&frames), "{}\n{}", session.report, frames.report);
    frames.ends()
}

#[test]
fn statuses_and_what_is_none() {
    let answered = |status: &'static str| {
        vec![
            Step::Headers(200, vec![GRPC]),
            Step::Data(envelope(0, b"")),
            Step::Trailers(vec![("grpc-status", status)]),
        ]
    };
    let begun = || vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, b""))];
    let then = |step: Step| [begun(), vec![step]].concat();
    let json = ("content-type", "application/grpc+json");
    let cases: [(&str, Vec<Step>); 24] = [
        ("OK: 20", answered("0")),
        ("NOT_FOUND: 20", answered("5")),
        ("code 77: 20", answered("77")),
        ("broken: 20", answered("none")),
        ("RESOURCE_EXHAUSTED: 20", vec![Step::Only(200, vec![GRPC, ("grpc-status", "8")])]),
        ("broken: 20", vec![Step::Only(200, vec![GRPC])]),
        ("UNAVAILABLE: 20", vec![Step::Only(503, vec![])]),
        ("UNKNOWN: 20", vec![Step::Only(200, vec![("content-type", "text/html")])]),
        // In another codec it is gRPC's all the same, and no status of HTTP's stands for it; one of its own counts.
        ("INTERNAL: 20", [vec![Step::Headers(200, vec![json])], answered("0")[1..].to_vec()].concat()),
        ("INTERNAL: 20", vec![Step::Only(200, vec![json])]),
        ("NOT_FOUND: 20", vec![Step::Only(200, vec![json, ("grpc-status", "5")])]),
        ("UNAVAILABLE: 20", vec![Step::Headers(503, vec![json]), Step::End]),
        ("UNIMPLEMENTED: 20", vec![Step::Headers(404, vec![]), Step::Data(b"no".to_vec()), Step::End]),
        ("broken: 20", then(Step::End)),
        ("broken: 20", [begun(), answered("0")[1..].to_vec()].concat()),
        ("broken: 20", vec![Step::Only(200, vec![GRPC, ("grpc-status", "0")])]),
        (
            "broken: 20",
            vec![
                Step::Headers(200, vec![GRPC]),
                Step::Data(envelope(0, b"cut")[..6].to_vec()),
                Step::Trailers(vec![("grpc-status", "0")]),
            ],
        ),
        ("broken: 20", vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(9, b"")), Step::Hang]),
        ("reset REFUSED_STREAM: 20", vec![Step::Reset(Reason::REFUSED_STREAM)]),
        ("reset CANCEL: 20", vec![Step::Headers(200, vec![GRPC]), Step::Reset(Reason::CANCEL)]),
        ("reset NO_ERROR: 20", vec![Step::Reset(Reason::NO_ERROR)]),
        ("reset NO_ERROR: 20", then(Step::Reset(Reason::NO_ERROR))),
        ("reset INTERNAL_ERROR: 20", then(Step::Reset(Reason::INTERNAL_ERROR))),
        ("lost: 20", then(Step::Cut)),
    ];
    for (ends, steps) in cases {
        // One connection after the other is lost where that is what happens.
        let words = if matches!(steps.last(), Some(Step::Cut)) { "-m 1" } else { "-m 3 -c 2" };
        let told = steps.clone();
        let peer = Peer::h2(move |_, _| steps.clone());
        let run = || {
            let words = format!("{} {HELLO} --proto proto/hello/hello.proto -n 20 {words}", peer.address);
            rpcctl("bench").args(&words)
        };
        assert_eq!(by_both(run), ends, "{told:?}");
    }
}

#[test]
fn what_was_wrong_is_told() {
    let begun = || vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, b""))];
    let cases = [
        ("broken", vec![Step::Only(200, vec![GRPC])], "without a grpc-status"),
        ("broken", [begun(), vec![Step::End]].concat(), "without a grpc-status"),
        (
            "broken",
            vec![Step::Only(200, vec![GRPC, ("grpc-status", "0")])],
            "the server said OK and sent no message, where the method answers with one",
        ),
    ];
    for (kind, steps, words) in cases {
        let peer = Peer::h2(move |_, _| steps.clone());
        for engine in ["frames", "session"] {
            let run = |output: &str| {
                let words = format!("--proto proto/hello/hello.proto -n 20 -q --engine {engine} -o {output}");
                rpcctl("bench").args(&format!("{} {HELLO} {words}", peer.address)).run()
            };
            let told = Told::of(run("json")).adds_up();
            let said = told.report["transport_messages"][kind].as_str().unwrap();
            assert!(said.contains(words), "{engine}: {said}");
            let text = run("text").text();
            assert!(text.contains(&format!("  {kind}   20     100 %   {said}\n")), "{text}");
            let ghz = run("ghz-json").text();
            assert!(ghz.contains(&format!("code = Internal desc = {kind}: {said}\": 20")), "{ghz}");
        }
    }
}

#[test]
fn calls_of_every_shape_and_an_open_loop() {
    let demo = Demo::plain();
    let numbers: &[&str] = &[r#"{"number":1}{"number":2}"#, r#"{"number":3}"#];
    let cases: [(&str, &[&str], &str); 8] = [
        ("Demo/Sum -n 40", numbers, "OK: 40"),
        ("Demo/CountDown -n 30 -c 2", &[r#"{"from":5}"#], "OK: 30"),
        ("Demo/CountDown -n 30", &[r#"{"from":0}"#], "OK: 30"),
        ("Demo/Chat -n 30", &[r#"{"text":"hi"}"#, r#"{"text":"bye"}"#], "OK: 30"),
        ("Demo/FailAfter -n 20", &[r#"{"messages":2,"failure":{"code":"ABORTED"}}"#], "ABORTED: 20"),
        ("HelloService/SayHello -n 70 --rate 500 -c 2 -m 3 --threads 2", &["{}"], "OK: 70"),
        ("HelloService/SayHello -n 70 --warmup 50ms -H x-id:{{uuid}}", &["{}"], "OK: 70"),
        ("HelloService/SayHello -n 70 --codec json", &["{}"], "OK: 70"),
    ];
    for (words, data, ends) in cases {
        let run = || data.iter().fold(demo.rpcctl("bench", words), |run, data| run.data(data));
        assert_eq!(by_both(run), ends, "{words}");
    }
}

#[test]
fn what_fails_by_chance() {
    // Which calls do is the same in every run.
    let counts = ["frames", "session"].map(|engine| {
        let demo = Demo::with("--fail-rate 0.2");
        let words = format!("{HELLO} -n 2000 -c 3 -m 5 --engine {engine}");
        let told = Told::of(quiet(demo.rpcctl("bench", &words)).run()).adds_up();
        (told.ends(), told.number("/failed_latency_actual/count"))
    });
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0].0.contains("UNAVAILABLE: ") && counts[0].1 > 300, "{counts:?}");
}

/// What a server did.
#[derive(Clone, Default)]
struct Did {
    answered: Arc<AtomicU64>,
    reset: Arc<AtomicU64>,
}

/// Answers with an empty message, and that it went well.
fn answer(respond: &mut server::SendResponse<Bytes>) {
    let head = Response::builder().header(GRPC.0, GRPC.1).body(()).unwrap();
    let mut stream = respond.send_response(head, false).unwrap();
    stream.send_data(Bytes::from(envelope(0, b"")), false).unwrap();
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    stream.send_trailers(trailers).unwrap();
}

/// A server that resets each seventh stream, and takes leave of each connection after so many requests, in all form.
fn leaving(after: usize, did: Did) -> Peer {
    Peer::tcp(move |stream: TcpStream| {
        let did = did.clone();
        async move {
            let mut connection = server::handshake(stream).await.unwrap();
            let mut count = 0;
            while let Some(Ok((request, mut respond))) = connection.accept().await {
                count += 1;
                if count == after {
                    connection.graceful_shutdown();
                }
                let number = did.answered.load(Ordering::Relaxed) + did.reset.load(Ordering::Relaxed);
                if number % 7 == 6 {
                    did.reset.fetch_add(1, Ordering::Relaxed);
                    respond.send_reset(Reason::REFUSED_STREAM);
                    continue;
                }
                did.answered.fetch_add(1, Ordering::Relaxed);
                answer(&mut respond);
                drop(request);
            }
        }
    })
}

#[test]
fn counts_are_the_server_s_own_however_it_leaves_and_resets() {
    for engine in ["frames", "session"] {
        let did = Did::default();
        let peer = leaving(50, did.clone());
        let schema = "--proto proto/hello/hello.proto";
        let words = format!("{} {HELLO} {schema} -n 1000 -c 2 -m 8 --engine {engine}", peer.address);
        let told = Told::of(quiet(rpcctl("bench").args(&words)).run()).adds_up();
        let own = [&did.answered, &did.reset].map(|count| count.load(Ordering::Relaxed));
        assert_eq!(told.ends(), format!("OK: {}, reset REFUSED_STREAM: {}", own[0], own[1]), "{engine}");
        assert_eq!(own[0] + own[1], 1000, "{engine}");
        assert!(told.number("/connections/opened") > 10, "{}", told.report);
    }
}

#[test]
fn calls_that_take_too_long() {
    let peer = Peer::h2(|_, _| vec![Step::Headers(200, vec![GRPC]), Step::Hang]);
    let run = || {
        let words = "--proto proto/hello/hello.proto -n 6 -m 3 --timeout 60ms";
        rpcctl("bench").args(&format!("{} {HELLO} {words}", peer.address))
    };
    assert_eq!(by_both(run), "deadline: 6");
}

#[test]
fn what_may_not_be_in_flight_is_dropped() {
    let demo = Demo::plain();
    let words = "Demo/Sleep duration=1h --rate 1000 -n 50 -m 5 --max-in-flight 8 --timeout 400ms";
    let told = by_session(demo.rpcctl("bench", words));
    let made = told.number("/issued");
    assert_eq!(made + told.number("/dropped"), 50, "{}", told.report);
    assert!(told.number("/dropped") > 0 && made >= 8, "{}", told.report);
    let told = by_session(demo.rpcctl("bench", "Demo/Sleep duration=1h -m 4 --duration 200ms --drain 50ms"));
    assert_eq!((told.ends(), told.number("/in_flight")), (String::new(), 4));
}

/// A server may take fewer calls at a time than are wanted: no more are made.
#[test]
fn a_server_that_takes_few_streams() {
    let peer = Peer::h2_limited(2, |_, _| {
        vec![
            Step::Headers(200, vec![GRPC]),
            Step::Data(envelope(0, b"")),
            Step::Trailers(vec![("grpc-status", "0")]),
        ]
    });
    let run = || {
        let words = "--proto proto/hello/hello.proto -n 100 -m 30";
        rpcctl("bench").args(&format!("{} {HELLO} {words}", peer.address))
    };
    assert_eq!(by_both(run), "OK: 100");
}

/// A server with the stream windows of RFC 9113 and a wide one for the connection, which reads nothing before ten requests
/// are there.
fn reading_ten_at_once() -> Peer {
    Peer::tcp(|stream: TcpStream| async move {
        let mut builder = server::Builder::new();
        let mut connection =
            builder.initial_connection_window_size(16 << 20).handshake::<_, Bytes>(stream).await.unwrap();
        let ten = Arc::new(tokio::sync::Barrier::new(10));
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            let ten = Arc::clone(&ten);
            tokio::spawn(async move {
                ten.wait().await;
                let mut body = request.into_body();
                while let Some(Ok(data)) = body.data().await {
                    let _ = body.flow_control().release_capacity(data.len());
                }
                answer(&mut respond);
            });
        }
    })
}

#[test]
fn a_call_that_waits_for_its_own_window_keeps_no_other() {
    let peer = reading_ten_at_once();
    let data = format!(r#"{{"name":"{}"}}"#, "x".repeat(100_000));
    for pace in ["", "--rate 1000"] {
        let run = || {
            let words =
                "hello.HelloService/SayHello --proto proto/hello/hello.proto -n 20 -m 10 --timeout 20s";
            rpcctl("bench").args(&format!("{} {words} {pace}", peer.address)).data(&data)
        };
        assert_eq!(by_both(run), "OK: 20", "{pace}");
    }
}

#[test]
fn every_protocol_and_every_way() {
    let demo = Demo::plain();
    let server = format!("127.0.0.1:{}", demo.port());
    let proxy = Proxy::http(&server, None);
    let through = format!("--proxy http://{}", proxy.address());
    for words in [
        "--protocol connect",
        "--protocol connect --http 1.1",
        "--protocol connect --compression gzip --codec json",
        "--protocol grpc-web",
        "--protocol grpc-web-text --http 1.1",
        &through,
    ] {
        // Without a word of the engine, which can be no other.
        let run = demo.rpcctl("bench", &format!("{HELLO} -n 60 -c 2 -m 3 {words}"));
        let told = Told::of(quiet(run).run()).adds_up();
        assert_eq!((told.ends(), told.number("/connections/opened")), ("OK: 60".to_owned(), 2), "{words}");
        assert_eq!(told.report["about"]["engine"], "session", "{words}");
        assert!(told.number("/bytes_sent") > 60 * 40, "{}", told.report);
        let fails = demo.rpcctl("bench", &format!("Demo/Fail code=NOT_FOUND -n 20 {words}"));
        assert_eq!(Told::of(quiet(fails).run()).adds_up().ends(), "NOT_FOUND: 20", "{words}");
    }
    let streams = demo.rpcctl("bench", "Demo/CountDown from=3 -n 10 --protocol connect");
    let told = Told::of(quiet(streams).run()).adds_up();
    assert_eq!((told.ends(), told.number("/messages_received")), ("OK: 10".to_owned(), 30));
    let told = Told::of(quiet(rpcctl("bench").args(&format!("demo: {HELLO} -n 60 -c 2"))).run()).adds_up();
    assert_eq!(
        (told.ends(), told.report["about"]["engine"].as_str()),
        ("OK: 60".to_owned(), Some("session"))
    );
}

#[test]
fn net_rpc() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    for scheme in ["netrpc", "netrpc+http", "jsonrpc"] {
        let run = |method: &str, data: &str, words: &str| {
            let run = rpcctl("bench").arg(format!("{scheme}://127.0.0.1:{}", demo.port())).arg(method);
            Told::of(quiet(run.args(words).data(data)).run()).adds_up()
        };
        let told = run("Arith.Multiply", r#"{"A":6,"B":7}"#, "-n 300 -c 3 -m 70");
        assert_eq!((told.ends(), told.number("/connections/opened")), ("OK: 300".to_owned(), 3));
        assert_eq!((told.number("/messages_sent"), told.number("/messages_received")), (300, 300));
        assert!(told.number("/bytes_sent") > 300 * 10, "{}", told.report);
        // What a method refuses has no code of its own.
        let told = run("Arith.QuoRem", r#"{"A":{{counter}},"B":{{random 0 0}}}"#, "-n 30");
        assert_eq!(told.ends(), "UNKNOWN: 30");
        assert_eq!(told.report["status_messages"]["UNKNOWN"], "divide by zero");
        if scheme == "netrpc" {
            let told = run("Arith.Multiply", r#"[1,"a"]"#, "-n 30");
            assert_eq!((told.output.code, told.number("/issued")), (Some(2), 0), "{}", told.output);
        }
        let told = run("Arith.Multiply", r#"{"A":6,"B":7}"#, "-n 60 --rate 600 -m 2");
        assert_eq!(
            (told.ends(), told.report["loop_model"].as_str()),
            ("OK: 60".to_owned(), Some("open_uniform"))
        );
    }
}

#[cfg(unix)]
#[test]
fn a_server_that_comes_back_and_one_that_does_not() {
    let folder = tempfile::TempDir::new().unwrap();
    let demo = crate::bench::called_again(&folder, "--engine session --connect-timeout 5s");
    let words = format!(
        "unix:{} {HELLO} --duration 1h -c 3 -m 5 -o json --engine session --connect-timeout 300ms",
        folder.path().join("socket").display()
    );
    let mut run = rpcctl("bench").args(&words).start();
    run.hear(" done (");
    demo.signal("KILL");
    let output = run.wait();
    assert_eq!(output.code, Some(1));
    assert_eq!(Told::of(output).adds_up().report["end"]["reason"], "unreachable");
}
