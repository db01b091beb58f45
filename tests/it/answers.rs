//! Servers that answer a call wrongly: what each mistake is called, and the exit code.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use h2::Reason;
use insta::assert_snapshot;

use crate::common::{GRPC, Output, Peer, Step, envelope, rpcctl};
use Step::{Data, End, GoAway, Hang, Headers, Only, Reset, Trailers};

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
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)), status("0")]), @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}

#[test]
fn a_web_page() {
    let html = ("content-type", "text/html");
    let page = |code| vec![Headers(code, vec![html]), Data(b"<html>\n<h1>Hi</h1>\x1b[31m".to_vec()), End];
    assert_snapshot!(answered(page(200)), @r"
    ------- stderr -------
    error: UNKNOWN (2, read off a broken answer): the server answered HTTP 200 OK and no gRPC status, with content-type text/html: <html> <h1>Hi</h1>\u001b[31m
    [exit 66]
    ");
    assert_snapshot!(answered(page(404)), @r"
    ------- stderr -------
    error: UNIMPLEMENTED (12, read off a broken answer): the server answered HTTP 404 Not Found and no gRPC status, with content-type text/html: <html> <h1>Hi</h1>\u001b[31m
    [exit 76]
    ");
    assert_snapshot!(answered(page(503)), @r"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server answered HTTP 503 Service Unavailable and no gRPC status, with content-type text/html: <html> <h1>Hi</h1>\u001b[31m
    [exit 78]
    ");
    assert_snapshot!(answered(vec![Only(401, vec![])]), @"
    ------- stderr -------
    error: UNAUTHENTICATED (16, read off a broken answer): the server answered HTTP 401 Unauthorized and no gRPC status
    [exit 80]
    ");
}

#[test]
fn no_status() {
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)), End]), @r#"
    {"message":"hi"}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server ended its answer without a grpc-status
    [exit 77]
    "#);
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)), Trailers(vec![("x-a", "b")])]), @r#"
    {"message":"hi"}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server ended its answer without a grpc-status
    hint: if its trailers take more than 4194304 bytes, they came cut: --max-header-size 4M
    [exit 77]
    "#);
    assert_snapshot!(answered(vec![Only(200, vec![GRPC])]), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server ended its answer without a grpc-status
    [exit 77]
    ");
}

#[test]
fn a_status_that_is_none() {
    assert_snapshot!(answered(vec![ok(), status("1010")]), @"
    ------- stderr -------
    error: code 1010
    [exit 66]
    ");
    assert_snapshot!(answered(vec![ok(), status("five")]), @r#"
    ------- stderr -------
    error: UNKNOWN (2, read off a broken answer): the server sent grpc-status "five", which is no number
    [exit 66]
    "#);
    assert_snapshot!(answered(vec![ok(), status("-1")]), @r#"
    ------- stderr -------
    error: UNKNOWN (2, read off a broken answer): the server sent grpc-status "-1", which is no number
    [exit 66]
    "#);
}

#[test]
fn details_that_are_none() {
    let with = |details| {
        let trailers =
            vec![("grpc-status", "3"), ("grpc-message", "no%"), ("grpc-status-details-bin", details)];
        answered(vec![ok(), Trailers(trailers)])
    };
    assert_snapshot!(with("!!!"), @"
    ------- stderr -------
    error: INVALID_ARGUMENT (3): no%
      details that can't be read: !!!
    [exit 67]
    ");
    assert_snapshot!(with("/////w"), @r"
    ------- stderr -------
    error: INVALID_ARGUMENT (3): no%
      details that can't be read: \xff\xff\xff\xff
    [exit 67]
    ");
    // An Any of a type that nobody knows.
    assert_snapshot!(with("CAMSAm5vGg8KCHgveS5Ob3BlEgMIlgE"), @r#"
    ------- stderr -------
    error: INVALID_ARGUMENT (3): no%
      1. {
           "@type": "x/y.Nope",
           "@error": "message type y.Nope is not known",
           "@value": "CJYB"
         }
    [exit 67]
    "#);
}

#[test]
fn a_status_larger_than_most() {
    let message: &'static str = "x".repeat(100_000).leak();
    let output = answered(vec![ok(), Trailers(vec![("grpc-status", "5"), ("grpc-message", message)])]);
    assert_eq!(output.code, Some(69), "{output}");
    assert!(output.talk().contains(message), "{output}");
}

#[test]
fn a_message_in_pieces() {
    let pieces = envelope(0, HI).into_iter().map(|byte| Data(vec![byte]));
    let steps = [ok()].into_iter().chain(pieces).chain([status("0")]).collect();
    assert_eq!(answered(steps).to_string(), "{\"message\":\"hi\"}\n[exit 0]");
}

#[test]
fn the_wrong_number_of_messages() {
    assert_snapshot!(answered(vec![ok(), status("0")]), @"
    ------- stderr -------
    error: UNIMPLEMENTED (12, read off a broken answer): the server said OK and sent no message, where the method answers with one
    [exit 76]
    ");
    let two = [envelope(0, HI), envelope(0, HI)].concat();
    assert_snapshot!(answered(vec![ok(), Data(two), status("0")]), @r#"
    {"message":"hi"}
    {"message":"hi"}
    ------- stderr -------
    error: UNIMPLEMENTED (12, read off a broken answer): the server sent 2 messages, where the method answers with one
    [exit 76]
    "#);
}

#[test]
fn a_message_that_is_none() {
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, b"\x0a\xff")), status("0")]), @r#"
    {"message":{"@error":"it ends in the middle of a field","@value":"Cv8="}}
    [exit 0]
    "#);
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)[..6].to_vec()), status("0")]), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the answer ended in the middle of a message
    [exit 77]
    ");
    assert_snapshot!(answered(vec![ok(), Data(envelope(7, HI)), status("0")]), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message begins with the byte 0x07, which is no flag of gRPC's
    [exit 77]
    ");
    assert_snapshot!(answered(vec![ok(), Data(envelope(1, HI)), status("0")]), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message is marked as compressed, and no grpc-encoding was named
    [exit 77]
    ");
}

#[test]
fn a_message_over_the_limit() {
    // Its size alone is enough: nothing of it ever comes.
    assert_snapshot!(answered(vec![ok(), Data(vec![0, 0xff, 0xff, 0xff, 0xff]), Hang]), @"
    ------- stderr -------
    error: RESOURCE_EXHAUSTED (8, on this side): a message of 4294967295 bytes is larger than the limit of 4194304 bytes
    hint: take larger messages with --max-message-size, such as 64M; 0 is no limit
    [exit 72]
    ");
    assert_snapshot!(answered_with("--max-message-size 0", vec![ok(), Data(vec![0, 0xff, 0xff, 0xff, 0xff]), End]), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server ended its answer without a grpc-status
    [exit 77]
    ");
}

#[test]
fn a_bomb() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&vec![0; 64 << 20]).unwrap();
    let bomb = gzip.finish().unwrap();
    assert!(bomb.len() < 100_000);
    let headers = Headers(200, vec![GRPC, ("grpc-encoding", "gzip")]);
    assert_snapshot!(answered(vec![headers.clone(), Data(envelope(1, &bomb)), status("0")]), @"
    ------- stderr -------
    error: RESOURCE_EXHAUSTED (8, on this side): a message is larger, decompressed, than the limit of 4194304 bytes
    hint: take larger messages with --max-message-size, such as 64M; 0 is no limit
    [exit 72]
    ");
    assert_snapshot!(answered(vec![headers, Data(envelope(1, b"no gzip")), status("0")]), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a compressed message is damaged: unexpected end of file
    [exit 77]
    ");
    let unknown = Headers(200, vec![GRPC, ("grpc-encoding", "snappy")]);
    assert_snapshot!(answered(vec![unknown, Data(envelope(1, HI)), status("0")]), @r#"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message is compressed with "snappy", which was not offered
    [exit 77]
    "#);
}

#[test]
fn a_stream_that_is_reset() {
    assert_snapshot!(answered(vec![Reset(Reason::INTERNAL_ERROR)]), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server reset the stream: unexpected internal error encountered
    [exit 77]
    ");
    assert_snapshot!(answered(vec![Reset(Reason::ENHANCE_YOUR_CALM)]), @"
    ------- stderr -------
    error: RESOURCE_EXHAUSTED (8, read off a broken answer): the server reset the stream: detected excessive load generating behavior
    [exit 72]
    ");
    assert_snapshot!(answered(vec![ok(), Data(envelope(0, HI)), Reset(Reason::CANCEL)]), @"
    ------- stderr -------
    error: CANCELLED (1, read off a broken answer): the server reset the stream: stream no longer needed
    [exit 65]
    ");
}

#[test]
fn a_connection_that_goes_away() {
    assert_snapshot!(answered(vec![GoAway(Reason::ENHANCE_YOUR_CALM), Hang]), @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY (ENHANCE_YOUR_CALM)
    [exit 78]
    ");
}

#[test]
fn an_answer_that_does_not_end() {
    assert_snapshot!(answered_with("--timeout 300ms", vec![Hang]), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while waiting for the answer to begin
    [exit 68]
    ");
    assert_snapshot!(answered_with("--timeout 300ms", vec![ok(), Data(envelope(0, HI)), Hang]), @r#"
    {"message":"hi"}
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 300ms passed while waiting for the rest of the answer
    [exit 68]
    "#);
}

/// A message inside a message, and so on: each level is `field`, then the length of all that is inside.
fn nested(field: &[u8], levels: usize, innermost: &[u8]) -> Vec<u8> {
    (0..levels).fold(innermost.to_vec(), |inner, _| {
        let mut message = field.to_vec();
        prost::encoding::encode_varint(inner.len().try_into().unwrap(), &mut message);
        message.extend_from_slice(&inner);
        message
    })
}

/// Calls `Echo` on a server that answers with this message.
fn echoed(message: &[u8], flags: &str) -> Output {
    let steps = vec![ok(), Data(envelope(0, message)), status("0")];
    let peer = Peer::h2(move |_, _| steps.clone());
    let schema = "demo.v1.Demo/Echo -I proto --proto demo/v1/demo.proto";
    rpcctl("call").arg(&peer.address).args(schema).args(flags).run()
}

#[test]
fn messages_nested_without_end() {
    // The field `child`, of the message's own type.
    let deep = nested(&[0x92, 0x01], 10_000, b"");
    for flags in ["-o json", "-o jsonl", "-o text", "-o binary"] {
        let output = echoed(&deep, flags);
        assert_eq!((output.code, output.talk().as_str()), (Some(0), ""), "{flags}");
        assert!(output.stdout.len() < 20 * deep.len(), "{flags}: {}", output.stdout.len());
    }
}

#[test]
fn anys_nested_without_end() {
    let url = b"\x0a\x15x/google.protobuf.Any";
    let deep = (0..3_000).fold(Vec::new(), |inner, _| [url, nested(b"\x12", 1, &inner).as_slice()].concat());
    // The field `any`.
    let output = echoed(&nested(&[0xe2, 0x03], 1, &deep), "-o jsonl");
    assert_eq!((output.code, output.talk().as_str()), (Some(0), ""), "{output}");
    assert!(output.stdout.len() < 20 * deep.len(), "{}", output.stdout.len());
}
