//! The five bytes before every message, and the compression that the first of them may name
//! (gRPC's `doc/PROTOCOL-HTTP2.md`, "Length-Prefixed-Message").

use std::collections::VecDeque;
use std::io::Read as _;

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// The size of the prefix: a flag byte and a big-endian length.
pub(super) const PREFIX: usize = 5;
/// The flag bit of a compressed message.
const COMPRESSED: u8 = 1;

/// The prefix of an uncompressed message; none where a length can't say its size.
pub(super) fn prefix(size: usize) -> Option<[u8; PREFIX]> {
    let [a, b, c, d] = u32::try_from(size).ok()?.to_be_bytes();
    Some([0, a, b, c, d])
}

/// How messages with the compressed flag are compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    /// One that was not offered, under the name that the server gave it.
    Unknown(String),
}

impl Encoding {
    /// The encoding that a `grpc-encoding` header names.
    pub(super) fn from_header(value: Option<&[u8]>) -> Self {
        match value {
            None | Some(b"identity" | b"") => Self::Identity,
            Some(b"gzip") => Self::Gzip,
            Some(other) => Self::Unknown(String::from_utf8_lossy(other).into_owned()),
        }
    }
}

/// A message taken out of its envelope.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) payload: Bytes,
    pub(super) wire_size: usize,
    pub(super) compressed: bool,
}

/// What makes a stream of envelopes unreadable.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum EnvelopeError {
    /// The message is, or becomes when it is decompressed, larger than the limit.
    TooLarge { size: Option<u64>, limit: usize },
    /// A flag byte that the protocol does not define.
    BadFlag(u8),
    /// The compressed flag without an encoding that was named and offered.
    UnknownEncoding(Encoding),
    /// The compressed bytes are damaged.
    BadCompression(String),
    /// The stream ended in the middle of a message.
    Truncated,
}

/// Takes messages out of a stream of bytes that comes in pieces.
pub(super) struct Decoder {
    encoding: Encoding,
    limit: usize,
    /// Pieces that belong to no message yet.
    pieces: VecDeque<Bytes>,
    buffered: usize,
    /// The message being collected, once its prefix is known.
    head: Option<Head>,
}

struct Head {
    compressed: bool,
    size: usize,
    body: BytesMut,
}

impl Decoder {
    /// A decoder that takes messages of at most `limit` bytes.
    pub(super) fn new(encoding: Encoding, limit: usize) -> Self {
        Self { encoding, limit, pieces: VecDeque::new(), buffered: 0, head: None }
    }

    /// More bytes of the stream.
    pub(super) fn push(&mut self, bytes: Bytes) {
        self.buffered += bytes.len();
        if !bytes.is_empty() {
            self.pieces.push_back(bytes);
        }
    }

    /// Whether the stream may end here: not in the middle of a message.
    pub(super) fn is_between_messages(&self) -> bool {
        self.head.is_none() && self.buffered == 0
    }

    /// The next message that is there whole.
    pub(super) fn next(&mut self) -> Result<Option<Message>, EnvelopeError> {
        let Some(mut head) = (match self.head.take() {
            Some(head) => Some(head),
            None => self.read_prefix()?,
        }) else {
            return Ok(None);
        };
        if head.body.is_empty()
            && let Some(first) = self.pieces.front_mut()
            && first.len() >= head.size
        {
            let payload = first.split_to(head.size);
            self.drop_empty_front();
            self.buffered -= head.size;
            return self.open(head.compressed, payload).map(Some);
        }
        // Memory follows what has really come, so that a length alone can't claim it; doubling keeps it linear.
        while let Some(first) = self.pieces.front_mut() {
            let missing = head.size - head.body.len();
            if missing == 0 {
                break;
            }
            let part = first.split_to(missing.min(first.len()));
            if head.body.capacity() - head.body.len() < part.len() {
                head.body.reserve(missing.min(part.len().max(head.body.len()).max(RESERVE)));
            }
            head.body.put_slice(&part);
            self.buffered -= part.len();
            self.drop_empty_front();
        }
        if head.body.len() < head.size {
            self.head = Some(head);
            return Ok(None);
        }
        self.open(head.compressed, head.body.freeze()).map(Some)
    }

    fn read_prefix(&mut self) -> Result<Option<Head>, EnvelopeError> {
        if self.buffered < PREFIX {
            return Ok(None);
        }
        let mut prefix = [0; PREFIX];
        for byte in &mut prefix {
            if let Some(first) = self.pieces.front_mut() {
                *byte = first.get_u8();
            }
            self.drop_empty_front();
        }
        self.buffered -= PREFIX;
        let [flag, a, b, c, d] = prefix;
        if flag > COMPRESSED {
            return Err(EnvelopeError::BadFlag(flag));
        }
        let length = u32::from_be_bytes([a, b, c, d]);
        let size = usize::try_from(length).unwrap_or(usize::MAX);
        if size > self.limit {
            return Err(EnvelopeError::TooLarge { size: Some(length.into()), limit: self.limit });
        }
        Ok(Some(Head { compressed: flag == COMPRESSED, size, body: BytesMut::new() }))
    }

    fn drop_empty_front(&mut self) {
        while self.pieces.front().is_some_and(Bytes::is_empty) {
            self.pieces.pop_front();
        }
    }

    fn open(&self, compressed: bool, wire: Bytes) -> Result<Message, EnvelopeError> {
        let wire_size = wire.len();
        let payload = match (compressed, &self.encoding) {
            (false, _) => wire,
            (true, Encoding::Gzip) => gunzip(&wire, self.limit)?,
            (true, other) => return Err(EnvelopeError::UnknownEncoding(other.clone())),
        };
        Ok(Message { payload, wire_size, compressed })
    }
}

/// The least that is set aside for a message that comes in pieces.
const RESERVE: usize = 64 << 10;

/// Kept apart because the decompressor's tables stand on the stack: no page of them is to be touched for a message
/// that is not compressed.
#[inline(never)]
fn gunzip(wire: &[u8], limit: usize) -> Result<Bytes, EnvelopeError> {
    let mut payload = Vec::new();
    // One byte beyond the limit is enough to know that it was passed.
    let allowed = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    flate2::read::MultiGzDecoder::new(wire)
        .take(allowed)
        .read_to_end(&mut payload)
        .map_err(|error| EnvelopeError::BadCompression(error.to_string()))?;
    if payload.len() > limit {
        return Err(EnvelopeError::TooLarge { size: None, limit });
    }
    Ok(payload.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn enveloped(flag: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![flag];
        bytes.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        bytes.extend(body);
        bytes
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn messages_come_out_whole_however_the_bytes_are_cut() {
        let mut wire = enveloped(0, b"hello");
        wire.extend(enveloped(0, b""));
        wire.extend(enveloped(1, &gzip(b"world")));
        for cut in 0..=wire.len() {
            for step in [1, 3, usize::MAX] {
                let mut decoder = Decoder::new(Encoding::Gzip, 100);
                let mut seen = Vec::new();
                let (left, right) = wire.split_at(cut);
                for piece in left.chunks(step.min(wire.len())).chain([right]) {
                    decoder.push(Bytes::copy_from_slice(piece));
                    while let Some(message) = decoder.next().unwrap() {
                        seen.push(message.payload);
                    }
                }
                assert_eq!(seen, ["hello", "", "world"], "cut at {cut}, step {step}");
                assert!(decoder.is_between_messages());
            }
        }
    }

    #[test]
    fn a_large_message_is_collected_from_many_pieces() {
        let body: Vec<u8> = (0..3_000_000_u32).map(|i| i.to_le_bytes()[0]).collect();
        let mut decoder = Decoder::new(Encoding::Identity, usize::MAX);
        for piece in enveloped(0, &body).chunks(16_384) {
            assert_eq!(decoder.next().unwrap(), None);
            decoder.push(Bytes::copy_from_slice(piece));
        }
        let message = decoder.next().unwrap().unwrap();
        assert_eq!(message.payload, body);
    }

    #[test]
    fn the_limit_holds_before_and_after_decompression() {
        let mut decoder = Decoder::new(Encoding::Gzip, 4);
        decoder.push(enveloped(0, b"12345").into());
        assert_eq!(decoder.next().unwrap_err(), EnvelopeError::TooLarge { size: Some(5), limit: 4 });

        let bomb = gzip(&vec![0; 1 << 20]);
        let mut decoder = Decoder::new(Encoding::Gzip, 4096);
        decoder.push(enveloped(1, &bomb).into());
        assert_eq!(decoder.next().unwrap_err(), EnvelopeError::TooLarge { size: None, limit: 4096 });
    }

    #[test]
    fn what_the_protocol_does_not_define_is_an_error() {
        let mut decoder = Decoder::new(Encoding::Identity, 10);
        decoder.push(Bytes::from_static(b"<html>"));
        assert_eq!(decoder.next().unwrap_err(), EnvelopeError::BadFlag(b'<'));

        let mut decoder = Decoder::new(Encoding::Identity, 10);
        decoder.push(enveloped(1, b"x").into());
        assert_eq!(decoder.next().unwrap_err(), EnvelopeError::UnknownEncoding(Encoding::Identity));

        let mut decoder = Decoder::new(Encoding::Gzip, 10);
        decoder.push(enveloped(1, b"x").into());
        assert!(matches!(decoder.next().unwrap_err(), EnvelopeError::BadCompression(_)));
    }

    #[test]
    fn a_stream_cut_inside_a_message_is_noticed() {
        for bytes in [&b"\0"[..], &b"\0\0\0\0\x05hel"[..]] {
            let mut decoder = Decoder::new(Encoding::Identity, 10);
            decoder.push(Bytes::copy_from_slice(bytes));
            assert_eq!(decoder.next().unwrap(), None);
            assert!(!decoder.is_between_messages());
        }
    }
}
