//! RST_STREAM, wherever it may come: gRPC's interop cases `rst_after_header`, `rst_after_data` and `rst_during_data`.

use insta::assert_snapshot;
use rpcctl::http2::{ErrorCode, Frame};

use super::raw::{HI, OK, Talk, answered, asked, demo};
use crate::common::envelope;

fn reset(stream: u32) -> Frame<'static> {
    Frame::RstStream { stream, code: ErrorCode::NO_ERROR }
}

#[test]
fn rst_after_header() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.send(&[reset(stream)]).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server reset the stream: not a result of an error
    [exit 77]
    ");
}

/// The message came whole, and is shown.
#[test]
fn rst_after_data() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.message(stream, HI).await?;
        talk.send(&[reset(stream)]).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @r#"
    {"message":"hi"}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server reset the stream: not a result of an error
    [exit 77]
    "#);
}

#[test]
fn rst_during_data() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.message(stream, b"\x08\x02").await?;
        let cut = envelope(0, b"\x08\x01");
        talk.data(stream, &cut[..cut.len() - 1]).await?;
        talk.send(&[reset(stream)]).await?;
        talk.hang().await
    });
    assert_snapshot!(demo(&peer, "CountDown").run(), @r#"
    {"number":2}
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server reset the stream: not a result of an error
    [exit 77]
    "#);
}

#[test]
fn rst_of_a_stream_that_was_refused() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.send(&[Frame::RstStream { stream, code: ErrorCode::REFUSED_STREAM }]).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server reset the stream: refused stream before processing any application logic
    [exit 78]
    ");
}

/// Of a hundred messages in one piece, and the reset behind them, all hundred are shown.
#[test]
fn rst_right_behind_many_messages() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        let messages: Vec<u8> = (1..=100).flat_map(|number| envelope(0, &[0x08, number])).collect();
        let mut bytes = Vec::new();
        rpcctl::http2::write_data(&mut bytes, stream, &messages, false, 1 << 14);
        reset(stream).write(&mut bytes).unwrap();
        talk.raw(&bytes).await?;
        talk.hang().await
    });
    let output = demo(&peer, "CountDown").run();
    assert_eq!(output.text().lines().count(), 100, "{output}");
    assert_eq!(output.code, Some(77), "{output}");
}
