//! GOAWAY, of each kind (RFC 9113 §6.8).

use insta::assert_snapshot;
use rpcctl::http2::{ErrorCode, Frame};

use super::raw::{DONE, HI, OK, Talk, answered, asked, demo, hello, raw};

fn goaway(last_stream: u32, code: ErrorCode) -> Frame<'static> {
    Frame::GoAway { last_stream, code, debug: b"see you" }
}

/// Nothing was looked at, so nothing was done.
#[test]
fn goaway_before_the_stream() {
    let output = answered(|mut talk: Talk, _| async move {
        talk.send(&[goaway(0, ErrorCode::NO_ERROR)]).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY (NO_ERROR): see you
    [exit 78]
    ");
}

#[test]
fn goaway_with_the_settings() {
    let peer = raw(|mut talk: Talk| async move {
        talk.preface().await?;
        talk.settings(&[]).await?;
        talk.send(&[goaway(0, ErrorCode::NO_ERROR)]).await?;
        talk.hang().await
    });
    assert_snapshot!(hello(&peer).run(), @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY (NO_ERROR): see you
    [exit 78]
    ");
}

/// The stream is allowed to go on, and does.
#[test]
fn goaway_after_which_the_stream_ends_well() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.send(&[goaway(stream, ErrorCode::NO_ERROR)]).await?;
        talk.message(stream, HI).await?;
        talk.trailers(stream, DONE).await?;
        talk.close().await
    });
    assert_snapshot!(output, @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}

#[test]
fn goaway_with_an_error_code() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.send(&[goaway(stream, ErrorCode::ENHANCE_YOUR_CALM)]).await?;
        talk.close().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY (ENHANCE_YOUR_CALM): see you
    [exit 78]
    ");
}

/// What a server says in it is often all that there is to know.
#[test]
fn goaway_with_something_to_say() {
    let said = |debug: &'static [u8]| {
        answered(move |mut talk: Talk, _| async move {
            talk.send(&[Frame::GoAway { last_stream: 0, code: ErrorCode::ENHANCE_YOUR_CALM, debug }]).await?;
            talk.close().await
        })
    };
    assert_snapshot!(said(b"too_many_pings"), @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY (ENHANCE_YOUR_CALM): too_many_pings
    hint: the server takes fewer PINGs: leave --keepalive-time out, or make it longer
    [exit 78]
    ");
    assert_snapshot!(said(b"\x1b[31m \"quoted\\\" caf\xc3\xa9 \xff\0\n"), @r#"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY (ENHANCE_YOUR_CALM): \u001b[31m "quoted\" café �\u0000
    [exit 78]
    "#);
    assert_snapshot!(said(b""), @"
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY (ENHANCE_YOUR_CALM)
    [exit 78]
    ");
    let long = said(&[b'x'; 4000]);
    assert!(long.talk().contains(&format!(": {}…\n", "x".repeat(200))), "{long}");
}

/// What came before is shown.
#[test]
fn goaway_and_the_connection_is_closed() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.message(stream, b"\x08\x02").await?;
        talk.send(&[goaway(stream, ErrorCode::NO_ERROR)]).await?;
        talk.close().await
    });
    assert_snapshot!(demo(&peer, "CountDown").run(), @r#"
    {"number":2}
    ------- stderr -------
    error: UNAVAILABLE (14, on this side): the connection was lost before the call was over
    [exit 78]
    "#);
}

#[test]
fn goaway_with_an_error_code_after_a_message() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.message(stream, b"\x08\x02").await?;
        talk.send(&[goaway(stream, ErrorCode::INTERNAL_ERROR)]).await?;
        talk.close().await
    });
    assert_snapshot!(demo(&peer, "CountDown").run(), @r#"
    {"number":2}
    ------- stderr -------
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY (INTERNAL_ERROR): see you
    [exit 78]
    "#);
}

/// gRPC's interop case: the next call is made on a connection of its own.
#[test]
fn goaway_between_two_calls() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.message(stream, HI).await?;
        talk.trailers_and(stream, DONE, goaway(stream, ErrorCode::NO_ERROR)).await?;
        talk.hang().await
    });
    assert_snapshot!(hello(&peer).args("--each").data("{} {} {}").run(), @r#"
    {"message":"hi"}
    {"message":"hi"}
    {"message":"hi"}
    [exit 0]
    "#);
}

/// A last stream that grows is against the RFC.
#[test]
fn goaway_that_takes_back_what_it_said() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.send(&[goaway(stream, ErrorCode::NO_ERROR), goaway(stream + 100, ErrorCode::NO_ERROR)]).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    [exit 77]
    ");
}
