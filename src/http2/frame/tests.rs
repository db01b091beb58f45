use super::super::error::{Error, Scope};
use super::super::settings::{Setting, Settings};
use super::*;

/// Reads a frame of this kind, with these flags, on this stream.
fn read(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Result<Frame<'_>, Error> {
    let length = u32::try_from(payload.len()).unwrap();
    Frame::read(Head { length, kind, flags, stream }, payload)
}

/// The code of the error that reading it ends in, and what that ends.
fn wrong(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> (&'static str, Scope) {
    let error = read(kind, flags, stream, payload).unwrap_err();
    (error.code.name().unwrap(), error.scope)
}

const CONNECTION: Scope = Scope::Connection;
const SIZE: (&str, Scope) = ("FRAME_SIZE_ERROR", CONNECTION);
const PROTOCOL: (&str, Scope) = ("PROTOCOL_ERROR", CONNECTION);

#[test]
fn a_head_is_nine_bytes() {
    let head = Head { length: 0x01_02_03, kind: 9, flags: 4, stream: 0x7fff_ffff };
    assert_eq!(head.to_bytes(), *b"\x01\x02\x03\x09\x04\x7f\xff\xff\xff");
    assert_eq!(Head::from_bytes(head.to_bytes()), head);
    // The reserved bit is not looked at, and not set.
    assert_eq!(Head::from_bytes(*b"\x01\x02\x03\x09\x04\xff\xff\xff\xff"), head);
    assert_eq!(Head { stream: u32::MAX, ..head }.to_bytes(), head.to_bytes());
}

#[test]
fn every_kind_comes_back_as_it_was_written() {
    let settings = [Setting { id: 3, value: 7 }.to_bytes(), Setting { id: 4, value: 9 }.to_bytes()];
    let block = |ends| Block { stream: 5, fragment: b"block", ends };
    let priority = Priority { stream: 5, exclusive: true, dependency: 3, weight: 200 };
    let mut frames = vec![
        Frame::Priority(priority),
        Frame::RstStream { stream: 5, code: ErrorCode::CANCEL },
        Frame::Settings(Settings::of(&settings)),
        Frame::SettingsAck,
        Frame::Ping { ack: true, data: *b"12345678" },
        Frame::GoAway { last_stream: 5, code: ErrorCode(77), debug: b"too many pings" },
        Frame::WindowUpdate { stream: 0, increment: 1 },
        Frame::WindowUpdate { stream: 5, increment: MAX_STREAM },
        Frame::Continuation(block(true)),
        Frame::Unknown { head: Head { length: 3, kind: 0xfa, flags: 0xff, stream: 5 }, payload: b"abc" },
    ];
    for padding in [None, Some(0), Some(1), Some(255)] {
        for ends in [false, true] {
            frames.push(Frame::Data(Data { stream: 5, data: b"data", end_stream: ends, padding }));
            frames.push(Frame::PushPromise { promised: 2, block: block(ends), padding });
            for priority in [None, Some(priority)] {
                frames.push(Frame::Headers(Headers {
                    block: block(ends),
                    end_stream: !ends,
                    priority,
                    padding,
                }));
            }
        }
    }
    for frame in frames {
        let mut bytes = Vec::new();
        frame.write(&mut bytes).unwrap();
        let (head, payload) = bytes.split_first_chunk().unwrap();
        let head = Head::from_bytes(*head);
        assert_eq!(usize::try_from(head.length).unwrap(), payload.len());
        assert_eq!(Frame::read(head, payload).unwrap(), frame);
        if let Frame::Data(data) = frame {
            assert_eq!(data.flow(), payload.len());
        }
    }
}

#[test]
fn a_frame_that_belongs_to_a_stream_names_one_and_the_others_none() {
    use kind::{CONTINUATION, DATA, GOAWAY, HEADERS, PING, PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS};
    for kind in [DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, CONTINUATION] {
        assert_eq!(wrong(kind, 0, 0, b"12345"), PROTOCOL, "{kind}");
    }
    for kind in [SETTINGS, PING, GOAWAY] {
        assert_eq!(wrong(kind, 0, 1, b"12345678"), PROTOCOL, "{kind}");
    }
}

#[test]
fn padding_is_no_longer_than_its_frame() {
    use flag::{PADDED, PRIORITY};
    assert_eq!(wrong(kind::DATA, PADDED, 1, b""), SIZE);
    assert_eq!(wrong(kind::DATA, PADDED, 1, b"\x01"), PROTOCOL);
    assert_eq!(wrong(kind::DATA, PADDED, 1, b"\x05abcd"), PROTOCOL);
    let Ok(Frame::Data(data)) = read(kind::DATA, PADDED, 1, b"\x04abcd") else { panic!("no DATA") };
    assert_eq!((data.data, data.padding, data.flow()), (&b""[..], Some(4), 5));
    assert_eq!(wrong(kind::HEADERS, PADDED | PRIORITY, 1, b"\x01\0\0\0\x03\x09"), PROTOCOL);
    assert_eq!(wrong(kind::PUSH_PROMISE, PADDED, 1, b"\x01\0\0\0\x02"), PROTOCOL);
}

#[test]
fn lengths_are_what_they_have_to_be() {
    assert_eq!(wrong(kind::HEADERS, flag::PRIORITY, 1, b"1234"), SIZE);
    assert_eq!(wrong(kind::PRIORITY, 0, 7, b"123456"), ("FRAME_SIZE_ERROR", Scope::Stream(7)));
    assert_eq!(wrong(kind::RST_STREAM, 0, 1, b"123"), SIZE);
    assert_eq!(wrong(kind::SETTINGS, 0, 0, b"1234567"), SIZE);
    assert_eq!(wrong(kind::SETTINGS, flag::ACK, 0, b"123456"), SIZE);
    assert_eq!(wrong(kind::PUSH_PROMISE, 0, 1, b"123"), SIZE);
    assert_eq!(wrong(kind::PING, 0, 0, b"123456789"), SIZE);
    assert_eq!(wrong(kind::GOAWAY, 0, 0, b"1234567"), SIZE);
    assert_eq!(wrong(kind::WINDOW_UPDATE, 0, 0, b"12345"), SIZE);
}

#[test]
fn windows_grow_by_something_and_promises_name_a_stream() {
    // The reserved bit is not looked at.
    assert_eq!(wrong(kind::WINDOW_UPDATE, 0, 0, b"\x80\0\0\0"), PROTOCOL);
    assert_eq!(wrong(kind::WINDOW_UPDATE, 0, 3, b"\0\0\0\0"), ("PROTOCOL_ERROR", Scope::Stream(3)));
    assert_eq!(wrong(kind::PUSH_PROMISE, 0, 1, b"\0\0\0\0abc"), PROTOCOL);
}

#[test]
fn what_is_longer_than_a_frame_is_refused_or_cut() {
    let long = vec![0; 1 << 24];
    let mut out = Vec::new();
    let data = Frame::Data(Data { stream: 1, data: &long, end_stream: true, padding: None });
    assert_eq!(data.write(&mut out).unwrap_err().code, ErrorCode::FRAME_SIZE_ERROR);
    assert!(out.is_empty());
    write_data(&mut out, 1, b"abcdefg", true, 3);
    write_block(&mut out, 3, b"abcd", true, 3);
    write_block(&mut out, 5, b"", false, 3);
    assert_eq!(
        out,
        [
            &b"\0\0\x03\0\0\0\0\0\x01abc"[..],
            b"\0\0\x03\0\0\0\0\0\x01def",
            b"\0\0\x01\0\x01\0\0\0\x01g",
            b"\0\0\x03\x01\x01\0\0\0\x03abc",
            b"\0\0\x01\x09\x04\0\0\0\x03d",
            b"\0\0\0\x01\x04\0\0\0\x05",
        ]
        .concat()
    );
}
