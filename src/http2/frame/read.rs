//! Payloads become frames, or the error that the RFC has for them.

use super::super::error::{Error, ErrorCode};
use super::super::settings::Settings;
use super::{Block, Data, Frame, Head, Headers, MAX_STREAM, Priority, flag, kind};

impl<'a> Frame<'a> {
    /// Reads the payload that belongs to a head. How long it may be was asked before.
    pub fn read(head: Head, payload: &'a [u8]) -> Result<Self, Error> {
        match head.kind {
            kind::DATA => data(head, payload),
            kind::HEADERS => headers(head, payload),
            kind::PRIORITY => priority(head, payload),
            kind::RST_STREAM => {
                let stream = on_stream(head)?;
                let code = payload.try_into().map_err(|_| Error::size("RST_STREAM is not of 4 bytes"))?;
                Ok(Self::RstStream { stream, code: ErrorCode(u32::from_be_bytes(code)) })
            }
            kind::SETTINGS => {
                on_connection(head)?;
                match (head.has(flag::ACK), payload) {
                    (true, []) => Ok(Self::SettingsAck),
                    (true, _) => Err(Error::size("SETTINGS are acknowledged with settings")),
                    (false, _) => Settings::read(payload).map(Self::Settings),
                }
            }
            kind::PUSH_PROMISE => push_promise(head, payload),
            kind::PING => {
                on_connection(head)?;
                let data = payload.try_into().map_err(|_| Error::size("PING is not of 8 bytes"))?;
                Ok(Self::Ping { ack: head.has(flag::ACK), data })
            }
            kind::GOAWAY => {
                on_connection(head)?;
                let short = Error::size("GOAWAY is shorter than 8 bytes");
                let (last_stream, rest) = number(payload).ok_or(short)?;
                let (code, debug) = number(rest).ok_or(short)?;
                Ok(Self::GoAway { last_stream: last_stream & MAX_STREAM, code: ErrorCode(code), debug })
            }
            kind::WINDOW_UPDATE => window_update(head, payload),
            kind::CONTINUATION => {
                let stream = on_stream(head)?;
                Ok(Self::Continuation(Block { stream, fragment: payload, ends: head.has(flag::END_HEADERS) }))
            }
            _ => Ok(Self::Unknown { head, payload }),
        }
    }
}

fn on_stream(head: Head) -> Result<u32, Error> {
    if head.stream == 0 {
        return Err(Error::protocol("a frame that belongs to a stream names none"));
    }
    Ok(head.stream)
}

fn on_connection(head: Head) -> Result<(), Error> {
    if head.stream != 0 {
        return Err(Error::protocol("a frame that belongs to the connection names a stream"));
    }
    Ok(())
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*number), rest))
}

/// Takes off how much padding there is (RFC 9113 §6.1); it stands at the end, and the other fields are between.
fn padding(head: Head, payload: &[u8]) -> Result<(Option<u8>, &[u8]), Error> {
    if !head.has(flag::PADDED) {
        return Ok((None, payload));
    }
    let (&padding, rest) = payload.split_first().ok_or(Error::size("a padded frame says not how much"))?;
    Ok((Some(padding), rest))
}

/// Takes off the padding itself.
fn unpadded(padding: Option<u8>, rest: &[u8]) -> Result<&[u8], Error> {
    let padding = padding.map_or(0, usize::from);
    let end = rest.len().checked_sub(padding);
    end.and_then(|end| rest.get(..end)).ok_or(Error::protocol("a frame has more padding than it is long"))
}

fn data(head: Head, payload: &[u8]) -> Result<Frame<'_>, Error> {
    let stream = on_stream(head)?;
    let (padding, rest) = padding(head, payload)?;
    let data = unpadded(padding, rest)?;
    Ok(Frame::Data(Data { stream, data, end_stream: head.has(flag::END_STREAM), padding }))
}

fn headers(head: Head, payload: &[u8]) -> Result<Frame<'_>, Error> {
    let stream = on_stream(head)?;
    let (padding, rest) = padding(head, payload)?;
    let (priority, rest) = if head.has(flag::PRIORITY) {
        let (fields, rest) =
            rest.split_first_chunk().ok_or(Error::size("HEADERS end before their priority"))?;
        (Some(place(stream, *fields)), rest)
    } else {
        (None, rest)
    };
    let block = Block { stream, fragment: unpadded(padding, rest)?, ends: head.has(flag::END_HEADERS) };
    Ok(Frame::Headers(Headers { block, end_stream: head.has(flag::END_STREAM), priority, padding }))
}

fn priority(head: Head, payload: &[u8]) -> Result<Frame<'_>, Error> {
    let stream = on_stream(head)?;
    match payload.try_into() {
        Ok(fields) => Ok(Frame::Priority(place(stream, fields))),
        Err(_) => Err(Error::stream(ErrorCode::FRAME_SIZE_ERROR, stream, "PRIORITY is not of 5 bytes")),
    }
}

fn place(stream: u32, [a, b, c, d, weight]: [u8; 5]) -> Priority {
    let word = u32::from_be_bytes([a, b, c, d]);
    Priority { stream, exclusive: word > MAX_STREAM, dependency: word & MAX_STREAM, weight }
}

fn push_promise(head: Head, payload: &[u8]) -> Result<Frame<'_>, Error> {
    let stream = on_stream(head)?;
    let (padding, rest) = padding(head, payload)?;
    let (promised, rest) =
        number(rest).ok_or(Error::size("PUSH_PROMISE ends before the stream that it promises"))?;
    let promised = promised & MAX_STREAM;
    if promised == 0 {
        return Err(Error::protocol("PUSH_PROMISE promises no stream"));
    }
    let block = Block { stream, fragment: unpadded(padding, rest)?, ends: head.has(flag::END_HEADERS) };
    Ok(Frame::PushPromise { promised, block, padding })
}

fn window_update(head: Head, payload: &[u8]) -> Result<Frame<'_>, Error> {
    let stream = head.stream;
    let increment = payload.try_into().map_err(|_| Error::size("WINDOW_UPDATE is not of 4 bytes"))?;
    let increment = u32::from_be_bytes(increment) & MAX_STREAM;
    match (increment, stream) {
        (0, 0) => Err(Error::protocol("WINDOW_UPDATE by nothing")),
        (0, _) => Err(Error::stream(ErrorCode::PROTOCOL_ERROR, stream, "WINDOW_UPDATE by nothing")),
        _ => Ok(Frame::WindowUpdate { stream, increment }),
    }
}
