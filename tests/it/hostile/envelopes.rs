//! Envelopes whose lengths and flags are not true, and messages that are more than they seem.

use insta::assert_snapshot;

use super::flood::BOUND;
use super::raw::{DONE, HI, OK, Talk, answered, asked, demo, hello};
use crate::common::{Output, Peer, Step, envelope};

/// This body, and a good status.
fn body(body: impl AsRef<[u8]> + Clone + Send + Sync + 'static) -> Output {
    answered(move |mut talk: Talk, stream| {
        let body = body.clone();
        async move {
            talk.headers(stream, OK).await?;
            talk.data(stream, body.as_ref()).await?;
            talk.trailers(stream, DONE).await?;
            talk.hang().await
        }
    })
}

#[test]
fn a_length_beyond_what_comes() {
    assert_snapshot!(body(b"\0\0\0\0\x05\x0a\x02hi"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the answer ended in the middle of a message
    [exit 77]
    ");
}

#[test]
fn a_length_short_of_what_comes() {
    assert_snapshot!(body(b"\0\0\0\0\x02\x0a\x02hi"), @r#"
    {"message":{"@error":"it ends in the middle of a field","@value":"CgI="}}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the answer ended in the middle of a message
    [exit 77]
    "#);
}

#[test]
fn a_length_of_4_gibibytes() {
    assert_snapshot!(body(b"\0\xff\xff\xff\xff\x0a\x02hi"), @"
    ------- stderr -------
    error: RESOURCE_EXHAUSTED (8, on this side): a message of 4294967295 bytes is larger than the limit of 4194304 bytes
    hint: take larger messages with --max-message-size, such as 64M; 0 is no limit
    [exit 72]
    ");
}

#[test]
fn a_length_of_4_gibibytes_without_a_limit() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.data(stream, b"\0\xff\xff\xff\xff\x0a\x02hi").await?;
        talk.trailers(stream, DONE).await?;
        talk.hang().await
    });
    let (output, peak) = hello(&peer).args("--max-message-size 0").run_measured();
    assert!(peak < BOUND, "{peak}");
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the answer ended in the middle of a message
    [exit 77]
    ");
}

#[test]
fn part_of_a_prefix() {
    assert_snapshot!(body([&envelope(0, HI)[..], b"\0\0\0"].concat()), @r#"
    {"message":"hi"}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the answer ended in the middle of a message
    [exit 77]
    "#);
}

#[test]
fn a_flag_that_there_is_not() {
    assert_snapshot!(body(envelope(0x80, HI)), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message begins with the byte 0x80, which is no flag of gRPC's
    [exit 77]
    ");
}

#[test]
fn every_flag_at_once() {
    assert_snapshot!(body(envelope(0xff, HI)), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message begins with the byte 0xff, which is no flag of gRPC's
    [exit 77]
    ");
}

#[test]
fn compressed_with_nothing() {
    assert_snapshot!(body(envelope(1, HI)), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message is marked as compressed, and no grpc-encoding was named
    [exit 77]
    ");
}

/// A stream of answers in another protocol, in one frame.
fn another(protocol: &str, content_type: &'static str, body: Vec<u8>) -> Output {
    let peer = Peer::h2(move |_, _| {
        let head = Step::Headers(200, vec![("content-type", content_type)]);
        vec![head, Step::Data(body.clone()), Step::End]
    });
    demo(&peer, "CountDown").args("--protocol").arg(protocol).run()
}

#[test]
fn more_behind_the_end_of_grpc_web() {
    let body = [envelope(0, b"\x08\x01"), envelope(0x80, b"grpc-status: 0\r\n"), envelope(0, b"")].concat();
    assert_snapshot!(another("grpc-web", "application/grpc-web", body), @r#"
    {"number":1}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server's answer goes on after its end
    [exit 77]
    "#);
}

#[test]
fn more_behind_the_end_of_connect() {
    let body = [envelope(0, b"\x08\x01"), envelope(2, b"{}"), b"\0".to_vec()].concat();
    assert_snapshot!(another("connect", "application/connect+proto", body), @r#"
    {"number":1}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server's answer goes on after its end
    [exit 77]
    "#);
}

/// Each protocol is told of in its own words.
#[test]
fn flags_and_compression_that_other_protocols_do_not_have() {
    let (web, connect) = ("application/grpc-web", "application/connect+proto");
    assert_snapshot!(another("grpc-web", web, envelope(2, b"")), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message begins with the byte 0x02, which is no flag of gRPC-Web's
    [exit 77]
    ");
    assert_snapshot!(another("connect", connect, envelope(0x80, b"")), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message begins with the byte 0x80, which is no flag of Connect's
    [exit 77]
    ");
    assert_snapshot!(another("grpc-web", web, envelope(1, b"")), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message is marked as compressed, and no grpc-encoding was named
    [exit 77]
    ");
    assert_snapshot!(another("connect", connect, envelope(1, b"")), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): a message is marked as compressed, and no connect-content-encoding was named
    [exit 77]
    ");
}

/// The limit of messages has nothing to do with it.
#[test]
fn an_end_of_2_mebibytes() {
    let large = format!(r#"{{"error":{{"code":"aborted","message":"{}"}}}}"#, "m".repeat(2 << 20));
    let end = envelope(2, large.as_bytes());
    assert_snapshot!(another("connect", "application/connect+proto", end), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): what says how the call ended is larger than 1048576 bytes
    [exit 77]
    ");
    let large = format!("grpc-status: 10\r\ngrpc-message: {}\r\n", "m".repeat(2 << 20));
    assert_snapshot!(another("grpc-web", "application/grpc-web", envelope(0x80, large.as_bytes())), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): what says how the call ended is larger than 1048576 bytes
    [exit 77]
    ");
}

/// What came before damage is shown, though it came together with it.
#[test]
fn damage_behind_a_message_in_base64() {
    let body = b"AAAAAAIIAQ==AA!A".to_vec();
    assert_snapshot!(another("grpc-web-text", "application/grpc-web-text", body), @r#"
    {"number":1}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the body is no base64, as grpc-web-text has it
    [exit 77]
    "#);
}

/// `demo.v1.Everything` in its field `child`, and so on.
#[test]
fn message_10_000_deep() {
    let deep = (0..10_000).fold(Vec::new(), |inner: Vec<u8>, _| {
        let mut outer = vec![0x92, 0x01];
        prost::encoding::encode_varint(inner.len() as u64, &mut outer);
        outer.extend(inner);
        outer
    });
    let peer = asked(move |mut talk: Talk, stream| {
        let deep = deep.clone();
        async move {
            talk.headers(stream, OK).await?;
            talk.message(stream, &deep).await?;
            talk.trailers(stream, DONE).await?;
            talk.hang().await
        }
    });
    let (output, peak) = demo(&peer, "Echo").run_measured();
    assert!(peak < BOUND, "{peak}");
    assert_eq!((output.code, output.talk().as_str()), (Some(0), ""), "{output}");
    // A hundred levels are read, and what is in the last of them is shown as the bytes that it is.
    let text = output.text();
    assert_eq!(text.matches(r#"{"child":"#).count(), 101);
    assert!(text.contains(r#""@error":"#) && text.contains(r#""@value":"#), "{}", &text[..2000]);
}
