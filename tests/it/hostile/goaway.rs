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
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY: not a result of an error
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
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY: not a result of an error
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
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY: detected excessive load generating behavior
    [exit 78]
    ");
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
    error: UNAVAILABLE (14, read off a broken answer): the server sent GOAWAY: unexpected internal error encountered
    [exit 78]
    "#);
}

/// gRPC's interop case: the next call is made on a connection of its own.
#[test]
fn goaway_between_two_calls() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.answer(stream).await?;
        talk.send(&[goaway(stream, ErrorCode::NO_ERROR)]).await?;
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
    hint: headers or trailers larger than --max-header-size end like this, too
    [exit 77]
    ");
}
