//! Much of what is allowed: nothing of it may pile up.

use insta::assert_snapshot;
use rpcctl::http2::{Data, Frame, Setting, Settings, setting};

use super::raw::{OK, Talk, answered, asked, hello};

/// The most memory that a call may ever take, in KiB: what the program takes anyway when it is built to be debugged, a
/// message at the limit twice over, and some.
pub(super) const BOUND: u64 = 96 << 10;

/// Sends this again and again, some 32 MiB of it, and then a right answer.
fn flood(frame: &Frame<'_>) -> (String, u64) {
    let mut bytes = Vec::new();
    frame.write(&mut bytes).unwrap();
    let many = bytes.repeat((1 << 16) / bytes.len());
    let peer = asked(move |mut talk: Talk, stream| {
        let many = many.clone();
        async move {
            for _ in 0..512 {
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
