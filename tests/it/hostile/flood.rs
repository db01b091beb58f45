//! Much of what is allowed: nothing of it may pile up.

use std::future::poll_fn;
use std::time::{Duration, Instant};

use bytes::Bytes;
use insta::assert_snapshot;
use rpcctl::http2::{Data, Frame, Setting, Settings, setting};

use super::raw::{OK, Talk, answered, asked, hello};
use crate::common::{GRPC, Peer, envelope, rpcctl};

/// The most memory that a call may ever take, in KiB: what the program takes anyway when it is built to be debugged, a
/// message at the limit twice over, and some.
pub(super) const BOUND: u64 = 96 << 10;

/// Sends this again and again, some 16 MiB of it, and then a right answer: about a million frames, each of which would take
/// more than a hundred bytes if it were kept.
fn flood(frame: &Frame<'_>) -> (String, u64) {
    let mut bytes = Vec::new();
    frame.write(&mut bytes).unwrap();
    let many = bytes.repeat((1 << 16) / bytes.len());
    let peer = asked(move |mut talk: Talk, stream| {
        let many = many.clone();
        async move {
            for _ in 0..256 {
                talk.raw(&many).await?;
                // What it answers is taken, so that nobody waits for anybody.
                talk.drain().await?;
            }
            talk.answer(stream).await?;
            talk.hang().await
        }
    });
    let (output, peak) = hello(&peer).run_measured();
    (output.to_string(), peak)
}

#[test]
fn ping_flood() {
    let (told, peak) = flood(&Frame::Ping { ack: false, data: *b"are you?" });
    assert!(peak < BOUND, "{peak}");
    assert_snapshot!(told, @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}

#[test]
fn settings_flood() {
    let settings = [Setting { id: setting::INITIAL_WINDOW_SIZE, value: 70_000 }.to_bytes()];
    let (told, peak) = flood(&Frame::Settings(Settings::of(&settings)));
    assert!(peak < BOUND, "{peak}");
    assert_snapshot!(told, @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}

/// Data of which no frame holds any.
#[test]
fn empty_data_flood() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        let mut frame = Vec::new();
        Frame::Data(Data { stream, data: b"", end_stream: false, padding: None }).write(&mut frame).unwrap();
        let many = frame.repeat(1000);
        loop {
            talk.raw(&many).await?;
        }
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: detected excessive load generating behavior
    [exit 77]
    ");
}

/// Answers with messages without an end, as fast as they are taken, and hears of no deadline.
fn endless() -> Peer {
    Peer::tcp(|stream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let head = http::Response::builder().header(GRPC.0, GRPC.1).body(()).unwrap();
            let mut answer = respond.send_response(head, false).unwrap();
            tokio::spawn(async move {
                let many = Bytes::from(envelope(0, b"").repeat(3000));
                let mut rest = many.clone();
                loop {
                    answer.reserve_capacity(rest.len());
                    let Some(Ok(room)) = poll_fn(|cx| answer.poll_capacity(cx)).await else { return };
                    if answer.send_data(rest.split_to(room.min(rest.len())), false).is_err() {
                        return;
                    }
                    if rest.is_empty() {
                        rest = many.clone();
                    }
                }
            });
        }
    })
}

#[test]
fn an_answer_without_an_end_ends_when_this_side_says() {
    for (flags, code, told) in [
        ("--timeout 500ms", 68, "the deadline of 500ms passed while"),
        ("--cancel-after 500ms", 65, "after 500ms, as --cancel-after says"),
        ("--retry 1 --timeout 500ms", 68, "the deadline of 500ms passed while"),
    ] {
        for look in ["none", "binary", "text"] {
            let began = Instant::now();
            let peer = endless();
            let call = rpcctl("call --raw-request").arg("").arg(&peer.address).arg("s.Service/Do");
            let output = call.args(flags).arg("-o").arg(look).run();
            assert!(output.talk().contains(told), "{flags} {look}: {}", output.talk());
            assert_eq!(output.code, Some(code), "{flags} {look}: {}", output.talk());
            assert!(began.elapsed() < Duration::from_secs(20), "{flags} {look}: {:?}", began.elapsed());
        }
    }
}
