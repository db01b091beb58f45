//! Servers that answer a call wrongly: what each mistake is called, and the exit code.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use h2::Reason;
use insta::assert_snapshot;

use crate::common::{Output, Peer, Step, envelope, rpcctl};
use Step::{Data, End, GoAway, Hang, Headers, Only, Reset, Trailers};

const GRPC: (&str, &str) = ("content-type", "application/grpc");
/// The wire form of a `hello.HelloReply` whose message is "hi".
const HI: &[u8] = b"\x0a\x02hi";

/// Calls a server that answers like this.
fn answered(steps: Vec<Step>) -> Output {
    answered_with("", steps)
}

fn answered_with(flags: &str, steps: Vec<Step>) -> Output {
    let peer = Peer::h2(move |_, _| steps.clone());
    let schema = "hello.HelloService/SayHello -o jsonl -I proto --proto hello/hello.proto";
    rpcctl("call").arg(&peer.address).args(schema).args(flags).run()
}

fn ok() -> Step {
    Headers(200, vec![GRPC])
}

fn status(code: &'static str) -> Step {
    Trailers(vec![("grpc-status", code)])
}

#[test]
fn a_right_answer_for_comparison() {
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)), status("0")]), @"");
}

#[test]
fn a_web_page() {
    let html = ("content-type", "text/html");
    let page = |code| vec![Headers(code, vec![html]), Data(b"<html>\n<h1>Hi</h1>\x1b[31m".to_vec()), End];
    assert_snapshot!(answered(page(200)), @"");
    assert_snapshot!(answered(page(404)), @"");
    assert_snapshot!(answered(page(503)), @"");
    assert_snapshot!(answered(vec![Only(401, vec![])]), @"");
}

#[test]
fn no_status() {
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)), End]), @"");
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)), Trailers(vec![("x-a", "b")])]), @"");
    assert_snapshot!(answered(vec![Only(200, vec![GRPC])]), @"");
}

#[test]
fn a_status_that_is_none() {
    assert_snapshot!(answered(vec![ok(), status("1010")]), @"");
    assert_snapshot!(answered(vec![ok(), status("five")]), @"");
    assert_snapshot!(answered(vec![ok(), status("-1")]), @"");
}

#[test]
fn details_that_are_none() {
    let with = |details| {
        let trailers =
            vec![("grpc-status", "3"), ("grpc-message", "no%"), ("grpc-status-details-bin", details)];
        answered(vec![ok(), Trailers(trailers)])
    };
    assert_snapshot!(with("!!!"), @"");
    assert_snapshot!(with("/////w"), @"");
    // An Any of a type that nobody knows.
    assert_snapshot!(with("CAMSAm5vGg4KB3gveS5Ob3BlEgMIlgE"), @"");
}

#[test]
fn the_wrong_number_of_messages() {
    assert_snapshot!(answered(vec![ok(), status("0")]), @"");
    let two = [envelope(0, HI), envelope(0, HI)].concat();
    assert_snapshot!(answered(vec![ok(), Data(two), status("0")]), @"");
}

#[test]
fn a_message_that_is_none() {
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, b"\x0a\xff")), status("0")]), @"");
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)[..6].to_vec()), status("0")]), @"");
    assert_snapshot!(answered(vec![ok(), Data(envelope(7, HI)), status("0")]), @"");
    assert_snapshot!(answered(vec![ok(), Data(envelope(1, HI)), status("0")]), @"");
}

#[test]
fn a_message_over_the_limit() {
    // Its size alone is enough: nothing of it ever comes.
    assert_snapshot!(answered(vec![ok(), Data(vec![0, 0xff, 0xff, 0xff, 0xff]), Hang]), @"");
    assert_snapshot!(answered_with("--max-message-size 0", vec![ok(), Data(vec![0, 0xff, 0xff, 0xff, 0xff]), End]), @"");
}

#[test]
fn a_bomb() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&vec![0; 64 << 20]).unwrap();
    let bomb = gzip.finish().unwrap();
    assert!(bomb.len() < 100_000);
    let headers = Headers(200, vec![GRPC, ("grpc-encoding", "gzip")]);
    assert_snapshot!(answered(vec![headers.clone(), Data(envelope(1, &bomb)), status("0")]), @"");
    assert_snapshot!(answered(vec![headers, Data(envelope(1, b"no gzip")), status("0")]), @"");
    let unknown = Headers(200, vec![GRPC, ("grpc-encoding", "snappy")]);
    assert_snapshot!(answered(vec![unknown, Data(envelope(1, HI)), status("0")]), @"");
}

#[test]
fn a_stream_that_is_reset() {
    assert_snapshot!(answered(vec![Reset(Reason::INTERNAL_ERROR)]), @"");
    assert_snapshot!(answered(vec![Reset(Reason::ENHANCE_YOUR_CALM)]), @"");
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)), Reset(Reason::CANCEL)]), @"");
}

#[test]
fn a_connection_that_goes_away() {
    assert_snapshot!(answered(vec![GoAway(Reason::ENHANCE_YOUR_CALM), Hang]), @"");
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)), GoAway(Reason::PROTOCOL_ERROR), Hang]), @"");
}

#[test]
fn an_answer_that_does_not_end() {
    assert_snapshot!(answered_with("--timeout 300ms", vec![Hang]), @"");
    assert_snapshot!(answered_with("--timeout 300ms", vec![ok(), Data(envelope(0, HI)), Hang]), @"");
}
