//! Frames that are right but rare, or plainly wrong: PING, padding, limits on streams, and every error that the RFC has.

use std::time::Duration;

use insta::assert_snapshot;
use rpcctl::http2::{Block, Data, Frame, Head, Headers, PREFACE, flag, kind, setting};

use super::raw::{DONE, HI, OK, Talk, answered, asked, hello, raw};
use crate::common::{Output, envelope};

/// gRPC's interop case `ping`: no answer comes before the client has answered each PING.
#[test]
fn ping() {
    let output = answered(|mut talk: Talk, stream| async move {
        for number in 0..5_u8 {
            let data = [number; 8];
            talk.send(&[Frame::Ping { ack: false, data }]).await?;
            loop {
                let came = talk.next().await?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
                if came.frame() == (Frame::Ping { ack: true, data }) {
                    break;
                }
            }
        }
        talk.answer(stream).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}

/// gRPC's interop case `data_frame_padding`: a message in frames with padding of every length.
fn padded(padding: impl Fn(usize) -> Option<u8> + Copy + Send + 'static) -> Output {
    answered(move |mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        let message = envelope(0, &[&[0x0a, 0xac, 0x02][..], &[b'x'; 300]].concat());
        for (index, byte) in message.iter().enumerate() {
            let data = std::slice::from_ref(byte);
            talk.send(&[Frame::Data(Data { stream, data, end_stream: false, padding: padding(index) })])
                .await?;
        }
        let block = talk.block(DONE);
        let block = Block { stream, fragment: &block, ends: true };
        talk.send(&[Frame::Headers(Headers {
            block,
            end_stream: true,
            priority: None,
            padding: padding(9),
        })])
        .await?;
        talk.hang().await
    })
}

#[test]
fn data_frame_padding() {
    let output = padded(|index| Some(u8::try_from(index % 256).unwrap()));
    assert_eq!(output.to_string(), format!("{{\"message\":\"{}\"}}\n[exit 0]", "x".repeat(300)));
}

#[test]
fn no_data_frame_padding() {
    let output = padded(|_| None);
    assert_eq!(output.to_string(), format!("{{\"message\":\"{}\"}}\n[exit 0]", "x".repeat(300)));
}

/// Padding counts against windows as data does: more of both than a window holds, and the call is not stuck.
#[test]
fn padding_of_many_windows() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        let message = envelope(0, &[&[0x0a, 0x80, 0x89, 0x7a][..], &vec![b'x'; 2_000_000]].concat());
        let mut window = 1_i64 << 20;
        for data in message.chunks(1000) {
            let frame = Data { stream, data, end_stream: false, padding: Some(255) };
            let flow = i64::try_from(frame.flow()).unwrap();
            // No more than the client allows.
            while window < flow {
                let came = talk.next().await?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
                if let Frame::WindowUpdate { stream: on, increment } = came.frame()
                    && on == stream
                {
                    window += i64::from(increment);
                }
            }
            talk.send(&[Frame::Data(frame)]).await?;
            window -= flow;
        }
        talk.trailers(stream, DONE).await?;
        talk.hang().await
    });
    assert_eq!(output.code, Some(0));
    assert_eq!(output.stdout.len(), 2_000_000 + "{\"message\":\"\"}\n".len());
}

/// No stream may be opened, and the server never says otherwise.
#[test]
fn max_concurrent_streams_0() {
    let peer = raw(|mut talk: Talk| async move {
        talk.preface().await?;
        talk.settings(&[(setting::MAX_CONCURRENT_STREAMS, 0)]).await?;
        talk.hang().await
    });
    assert_snapshot!(hello(&peer).args("--timeout 1s").run(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 1s passed while waiting for the answer to begin
    [exit 68]
    ");
}

/// Five calls at a time, of which the server takes one; what it takes is not known before it is called.
#[test]
fn max_concurrent_streams_1() {
    let peer = raw(|mut talk: Talk| async move {
        talk.preface().await?;
        talk.settings(&[(setting::MAX_CONCURRENT_STREAMS, 1)]).await?;
        let mut last = 0;
        loop {
            let stream = talk.request().await?;
            assert!(stream > last);
            last = stream;
            // Time for another, which would be one too many.
            let other = tokio::time::timeout(Duration::from_millis(50), async {
                loop {
                    match talk.next().await {
                        Ok(Some(came)) => {
                            if let Frame::Headers(headers) = came.frame() {
                                return headers.block.stream;
                            }
                        }
                        _ => return 0,
                    }
                }
            });
            if let Ok(other) = other.await
                && other > last
            {
                return talk.raw(b"a second stream, which was not allowed").await;
            }
            talk.answer(stream).await?;
        }
    });
    assert_snapshot!(hello(&peer).args("--each --parallel 5").data("{} {} {} {} {} {}").run(), @r#"
    {"message":"hi"}
    {"message":"hi"}
    {"message":"hi"}
    {"message":"hi"}
    {"message":"hi"}
    {"message":"hi"}
    [exit 0]
    "#);
}

/// What a server may not send, and what this side calls it.
fn wrong(kind: u8, flags: u8, stream: u32, payload: &'static [u8]) -> Output {
    answered(move |mut talk: Talk, id| async move {
        talk.headers(id, OK).await?;
        let length = u32::try_from(payload.len()).unwrap();
        let head = Head { length, kind, flags, stream };
        talk.raw(&[&head.to_bytes(), payload].concat()).await?;
        talk.hang().await
    })
}

#[test]
fn more_padding_than_a_frame_is_long() {
    assert_snapshot!(wrong(kind::DATA, flag::PADDED, 1, b"\x09abc"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    [exit 77]
    ");
}

#[test]
fn data_on_no_stream() {
    assert_snapshot!(wrong(kind::DATA, 0, 0, b"abc"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    [exit 77]
    ");
}

#[test]
fn a_ping_of_seven_bytes() {
    assert_snapshot!(wrong(kind::PING, 0, 0, b"1234567"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    [exit 77]
    ");
}

#[test]
fn settings_that_may_not_be() {
    assert_snapshot!(wrong(kind::SETTINGS, 0, 0, b"\0\x04\xff\xff\xff\xff"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    [exit 77]
    ");
}

#[test]
fn a_window_beyond_the_largest() {
    assert_snapshot!(wrong(kind::WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: flow-control protocol violated
    [exit 77]
    ");
}

#[test]
fn a_push_that_nobody_wants() {
    assert_snapshot!(wrong(kind::PUSH_PROMISE, flag::END_HEADERS, 1, b"\0\0\0\x02\x82\x84\x86"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    [exit 77]
    ");
}

#[test]
fn a_continuation_of_nothing() {
    assert_snapshot!(wrong(kind::CONTINUATION, flag::END_HEADERS, 1, b"\x88"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    [exit 77]
    ");
}

#[test]
fn a_header_block_that_can_not_be_read() {
    assert_snapshot!(wrong(kind::HEADERS, flag::END_HEADERS | flag::END_STREAM, 1, b"\xff\xff\xff\xff\x0f"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    [exit 77]
    ");
}

#[test]
fn headers_on_a_stream_that_was_not_opened() {
    assert_snapshot!(wrong(kind::HEADERS, flag::END_HEADERS, 5, b"\x88"), @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: unspecific protocol error detected
    [exit 77]
    ");
}

/// A kind that nobody knows is none of anybody's business (RFC 9113 §4.1).
#[test]
fn a_frame_of_an_unknown_kind() {
    let output = answered(|mut talk: Talk, stream| async move {
        let head = Head { length: 0, kind: 0xbe, flags: 0xff, stream };
        talk.send(&[Frame::Unknown { head, payload: b"anything" }]).await?;
        talk.answer(stream).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}

/// A frame that says to be longer than was agreed on; nothing of it has to come.
#[test]
fn a_frame_of_16_mebibytes() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.raw(&Head { length: (1 << 24) - 1, kind: kind::DATA, flags: 0, stream }.to_bytes()).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: INTERNAL (13, read off a broken answer): the server broke HTTP/2: frame with invalid size
    [exit 77]
    ");
}

/// A server that takes itself for the client.
#[test]
fn a_preface_of_the_wrong_side() {
    let peer = raw(|mut talk: Talk| async move {
        talk.preface().await?;
        talk.raw(PREFACE).await?;
        talk.hang().await
    });
    assert_snapshot!(hello(&peer).run(), @r#"
    ------- stderr -------
    error: 127.0.0.1:PORT does not speak HTTP/2: its first bytes are "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    hint: gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it?
    [exit 1]
    "#);
}

#[test]
fn a_frame_on_a_stream_that_is_over() {
    let peer = asked(|mut talk: Talk, stream| async move {
        talk.answer(stream).await?;
        talk.message(stream, HI).await?;
        talk.hang().await
    });
    assert_snapshot!(hello(&peer).run(), @r#"
    {"message":"hi"}
    [exit 0]
    "#);
}
