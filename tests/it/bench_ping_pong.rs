//! `bench --ping-pong`: each message of a stream waits for the answer to the one before, whichever engine sends it.

use bytes::Bytes;
use h2::server::{self, SendResponse};
use http::{HeaderMap, HeaderValue, Request, Response};
use insta::assert_snapshot;
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::bench::{Told, quiet};
use crate::bench_engines::by_both;
use crate::common::{Demo, GRPC, Peer, Rpcctl, envelope, rpcctl};

const THREE: &str = r#"{"text":"one"}{"text":"two"}{"text":"three"}"#;

/// A report's messages: sent, received, timed, and timed as the first of a call.
fn messages(told: &Told) -> [u64; 4] {
    let names =
        ["/messages_sent", "/messages_received", "/message_latency/count", "/first_message_latency/count"];
    names.map(|name| told.number(name))
}

/// Both engines agree; this is what they count.
fn counted(run: impl Fn() -> Rpcctl) -> (String, [u64; 4]) {
    let ends = by_both(&run);
    (ends, messages(&Told::of(quiet(run()).run()).adds_up()))
}

#[test]
fn each_message_is_timed_to_its_answer() {
    let demo = Demo::plain();
    let chat = |words: &str| demo.rpcctl("bench", &format!("Demo/Chat -n 30 -c 2 -m 3 {words}")).data(THREE);
    assert_eq!(counted(|| chat("--ping-pong")), ("OK: 30".to_owned(), [90, 90, 90, 30]));
    // At once, what comes behind the first is timed from answer to answer.
    assert_eq!(counted(|| chat("")), ("OK: 30".to_owned(), [90, 90, 60, 30]));
    assert_eq!(counted(|| chat("--ping-pong --compression gzip")).0, "OK: 30");
    let none = || demo.rpcctl("bench", "Demo/Chat -n 10 --ping-pong");
    assert_eq!(by_both(none), "OK: 10");
    let told = Told::of(quiet(chat("--ping-pong")).run());
    assert_eq!(told.report["about"]["messages"], "ping_pong");
    assert_eq!(Told::of(quiet(chat("")).run()).report["about"]["messages"], "at_once");
    let text = chat("--ping-pong -q").run().text();
    assert!(text.contains("closed loop, 30 calls, messages in ping-pong; 2 connections"), "{text}");
    assert!(text.contains("message to answer"), "{text}");
}

/// What is in each message differs from call to call, and messages are larger than any window.
#[test]
fn windows_count_for_each_message() {
    let demo = Demo::plain();
    let large = format!(r#"{{"text":"{{{{counter}}}}{}"}}{{"text":"short"}}"#, "x".repeat(200_000));
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("data.json"), large.repeat(2)).unwrap();
    let run = || {
        let run = demo.rpcctl("bench", "Demo/Chat -n 12 -c 2 -m 3 --ping-pong");
        run.data("@data.json").within(folder.path())
    };
    assert_eq!(counted(run), ("OK: 12".to_owned(), [48, 48, 48, 12]));
}

/// What a server says to the message with this number, from 1.
#[derive(Clone, Copy)]
enum Says {
    /// So many messages.
    Answers(usize),
    /// That it is over, with this status.
    Status(&'static str),
}

/// A server that answers each message as it comes, and ends with OK when there are no more.
fn talking(says: fn(usize) -> Says) -> Peer {
    Peer::tcp(move |stream: TcpStream| async move {
        let mut connection = server::handshake(stream).await.unwrap();
        while let Some(Ok((request, respond))) = connection.accept().await {
            // A call may be given up at any time.
            tokio::spawn(async move { drop(talk(request, respond, says).await) });
        }
    })
}

async fn talk(
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    says: fn(usize) -> Says,
) -> Result<(), h2::Error> {
    let head = Response::builder().header(GRPC.0, GRPC.1).body(()).unwrap();
    let mut answer = respond.send_response(head, false)?;
    let mut body = request.into_body();
    let (mut come, mut number) = (Vec::new(), 0);
    let mut status = "0";
    'all: while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        come.extend_from_slice(&data);
        while let [_, _, _, _, size, ..] = come[..]
            && come.len() >= 5 + usize::from(size)
        {
            come.drain(..5 + usize::from(size));
            number += 1;
            match says(number) {
                Says::Answers(count) => answer.send_data(envelope(0, b"").repeat(count).into(), false)?,
                Says::Status(said) => {
                    status = said;
                    break 'all;
                }
            }
        }
    }
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(status));
    answer.send_trailers(trailers)
}

#[test]
fn a_server_that_answers_more_or_fewer_or_ends_early() {
    type Case = (&'static str, fn(usize) -> Says, &'static str, [u64; 4]);
    let cases: [Case; 5] = [
        ("as asked", |_| Says::Answers(1), "OK: 6", [18, 18, 18, 6]),
        // What answers nothing is counted, and not timed.
        ("more", |_| Says::Answers(2), "OK: 6", [18, 36, 18, 6]),
        ("fewer", |number| Says::Answers(usize::from(number != 2)), "deadline: 6", [12, 6, 6, 6]),
        (
            "early",
            |number| if number == 2 { Says::Status("9") } else { Says::Answers(1) },
            "FAILED_PRECONDITION: 6",
            [12, 6, 6, 6],
        ),
        (
            "early and OK",
            |number| if number == 2 { Says::Status("0") } else { Says::Answers(1) },
            "OK: 6",
            [12, 6, 6, 6],
        ),
    ];
    for (name, says, ends, messages) in cases {
        let peer = talking(says);
        let timeout = if ends.starts_with("deadline") { "--timeout 150ms" } else { "" };
        let run = || {
            let words =
                format!("{} Demo/Chat --proto proto/demo/v1/demo.proto -n 6 -m 2 --ping-pong", peer.address);
            rpcctl("bench").args(&format!("{words} {timeout}")).data(THREE)
        };
        assert_eq!(counted(run), (ends.to_owned(), messages), "{name}");
    }
}

#[test]
fn a_method_of_another_shape() {
    let demo = Demo::plain();
    assert_snapshot!(demo.rpcctl("bench", "Demo/Sum -n 5 --ping-pong").run(), @"
    ------- stderr -------
    error: --ping-pong is for methods that take and give streams, and demo.v1.Demo/Sum is client-streaming
    hint: leave it out: such a method has no turns to take
    [exit 2]
    ");
    let unary = demo.rpcctl("bench", "hello.HelloService/SayHello -n 5 --ping-pong").run();
    assert!(unary.to_string().contains("and hello.HelloService/SayHello is unary"), "{unary}");
}
