//! Answers compressed message by message, where that is worth it.
//!
//! tonic compresses every message of a stream or none: its `SingleMessageCompressionOverride` is, in spite of its name,
//! read once for an answer, before its first message is there. Short messages get no shorter by it, and a stream of
//! them spends most of its time there. So this works on what tonic has encoded, and of the envelope it needs no more
//! than where a message ends; the decoder that all others use copies, limits and decompresses.

use std::io::{self, Write as _};

use bytes::{BufMut as _, Bytes, BytesMut};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use tonic::body::Body;

use super::around::Around;

/// What is shorter is sent as it is.
const WORTHWHILE: usize = 1 << 10;
/// The length of what stands before a message: a flag and the message's length (PROTOCOL-HTTP2.md).
const PREFIX: usize = 5;

/// Whether a message of so many bytes gets shorter by compressing it, most likely.
pub(in crate::demo) fn is_worthwhile(size: usize) -> bool {
    size >= WORTHWHILE
}

/// Compresses long messages for clients that accept gzip.
#[derive(Clone)]
pub(in crate::demo) struct Gzip;

impl Around for Gzip {
    /// Whether the client accepts it.
    type Before = bool;

    fn before<B>(&self, request: &mut Request<B>) -> bool {
        is_accepted(request.headers())
    }

    async fn after(
        accepted: bool,
        answer: impl Future<Output = Response<Body>> + Send + 'static,
    ) -> Response<Body> {
        let mut response = answer.await;
        // With a status among the headers, there is no message.
        if !accepted || response.headers().contains_key("grpc-status") {
            return response;
        }
        response.headers_mut().insert("grpc-encoding", HeaderValue::from_static("gzip"));
        let mut messages = Messages::default();
        response.map(|body| {
            Body::new(body.map_frame(move |frame| match frame.into_data() {
                Ok(data) => http_body::Frame::data(messages.compressed(data)),
                Err(frame) => frame,
            }))
        })
    }
}

fn is_accepted(headers: &HeaderMap) -> bool {
    let names = headers.get_all("grpc-accept-encoding").into_iter().filter_map(|value| value.to_str().ok());
    names.flat_map(|names| names.split(',')).any(|name| name.trim() == "gzip")
}

/// The messages of a body.
#[derive(Default)]
struct Messages {
    /// What came of a message that is not whole yet.
    partial: BytesMut,
}

impl Messages {
    /// The whole messages up to the end of `data`, the long ones compressed.
    fn compressed(&mut self, data: Bytes) -> Bytes {
        if self.partial.is_empty() && are_short(&data) {
            return data;
        }
        self.partial.extend_from_slice(&data);
        let mut out = BytesMut::new();
        while let Some(length) = whole(&self.partial) {
            let message = self.partial.split_to(length);
            match message.split_at_checked(PREFIX) {
                Some(([0, ..], payload)) if is_worthwhile(payload.len()) => {
                    compress(payload, &message, &mut out);
                }
                _ => out.extend_from_slice(&message),
            }
        }
        out.freeze()
    }
}

/// Whether these are whole messages, none of them long.
fn are_short(mut messages: &[u8]) -> bool {
    while let Some((message, rest)) = whole(messages).and_then(|length| messages.split_at_checked(length)) {
        if message.len() >= PREFIX + WORTHWHILE {
            return false;
        }
        messages = rest;
    }
    messages.is_empty()
}

/// The length of the first message with its prefix, if all of it is there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let [_, length @ ..] = *bytes.first_chunk::<PREFIX>()?;
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?.checked_add(PREFIX)?;
    (length <= bytes.len()).then_some(length)
}

/// Adds a message compressed, or as it was where that is no longer.
fn compress(payload: &[u8], message: &[u8], out: &mut BytesMut) {
    let short = gzip(payload).ok().filter(|short| short.len() < payload.len());
    match short.as_deref().and_then(|short| Some((short, u32::try_from(short.len()).ok()?))) {
        Some((short, length)) => {
            out.put_u8(1);
            out.put_u32(length);
            out.put_slice(short);
        }
        None => out.put_slice(message),
    }
}

fn gzip(payload: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(payload)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn message(payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&[0], length.as_slice(), payload].concat()
    }

    #[test]
    fn short_messages_stay_as_they_are() {
        let two = [message(b"one"), message(&[7; WORTHWHILE - 1])].concat();
        assert_eq!(Messages::default().compressed(two.clone().into()), two);
        assert_eq!(Messages::default().compressed(message(b"").into()), message(b""));
    }

    #[test]
    fn long_messages_are_compressed_wherever_they_are_cut() {
        let payload = b"a".repeat(WORTHWHILE);
        let sent = [message(b"short"), message(&payload), message(b"end")].concat();
        for cut in 0..sent.len() {
            let mut messages = Messages::default();
            let (first, second) = sent.split_at(cut);
            let out =
                [messages.compressed(first.to_vec().into()), messages.compressed(second.to_vec().into())];
            let out = out.concat();
            let rest = out.strip_prefix(message(b"short").as_slice()).unwrap();
            let length = whole(rest).unwrap();
            let mut read = Vec::new();
            flate2::read::GzDecoder::new(&rest[PREFIX..length]).read_to_end(&mut read).unwrap();
            assert_eq!((rest[0], read == payload), (1, true));
            assert_eq!(rest[length..], message(b"end"));
        }
    }

    #[test]
    fn what_gets_no_shorter_is_left_alone() {
        let noise = gzip(
            &(0..5000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect::<Vec<_>>(),
        );
        let noise = message(&noise.unwrap());
        assert_eq!(Messages::default().compressed(noise.clone().into()), noise);
    }

    #[test]
    fn gzip_is_for_those_who_accept_it() {
        let accepts = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-accept-encoding", HeaderValue::from_static(value));
            is_accepted(&headers)
        };
        assert!(accepts("gzip") && accepts("identity, deflate ,gzip"));
        assert!(!accepts("identity") && !accepts("") && !is_accepted(&HeaderMap::new()));
    }
}
