//! The five bytes before every message, and the compression that the first of them may name: gRPC's
//! `doc/PROTOCOL-HTTP2.md`, "Length-Prefixed-Message". gRPC-Web and Connect have one flag more, of an envelope that
//! holds how the call ended instead of a message. A leaf: bytes in, messages out, for clients and servers alike.

use std::collections::VecDeque;
use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::compression::{Compression, Damage};

/// The size of the prefix: a flag byte and a big-endian length.
pub const PREFIX: usize = 5;
/// The flag bit of a compressed message.
const COMPRESSED: u8 = 1;
/// The most that an envelope which ends the call may hold: as much as trailers may.
pub const MAX_END: usize = 1 << 20;

/// The prefix of a message; none where a length can't say its size.
pub fn prefix(size: usize, compressed: bool) -> Option<[u8; PREFIX]> {
    flagged(u8::from(compressed), size)
}

/// The same for who sends it, as an error where a length can't say its size.
pub fn begin(size: usize, compressed: bool) -> io::Result<[u8; PREFIX]> {
    prefix(size, compressed).ok_or_else(|| io::Error::other("a message can't be larger than 4 GiB"))
}

/// An envelope that holds how the call ended; none where a length can't say its size.
pub fn ending(end: EndFlag, told: &[u8]) -> Option<Vec<u8>> {
    let prefix = flagged(end as u8, told.len())?;
    Some([&prefix, told].concat())
}

fn flagged(flag: u8, size: usize) -> Option<[u8; PREFIX]> {
    let [a, b, c, d] = u32::try_from(size).ok()?.to_be_bytes();
    Some([flag, a, b, c, d])
}

/// The flag bit of an envelope that holds how the call ended, where a protocol has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndFlag {
    /// There is no such envelope.
    None = 0,
    /// The trailers, as text.
    GrpcWeb = 0x80,
    /// A JSON object.
    Connect = 0x02,
}

/// How messages with the compressed flag are compressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encoding {
    /// They are not.
    Identity,
    /// In a way that is known here.
    Known(Compression),
    /// In another one, under the name that the other side gave it.
    Unknown(String),
}

impl Encoding {
    /// The encoding that a header names.
    pub fn from_header(value: Option<&[u8]>) -> Self {
        match value {
            None | Some(b"identity" | b"") => Self::Identity,
            Some(name) => match Compression::by_name(name) {
                Some(known) => Self::Known(known),
                None => Self::Unknown(String::from_utf8_lossy(name).into_owned()),
            },
        }
    }

    /// Opens what is compressed like this.
    pub fn open(&self, wire: &[u8], limit: usize) -> Result<Bytes, EnvelopeError> {
        let Self::Known(compression) = self else { return Err(EnvelopeError::UnknownEncoding(self.clone())) };
        match compression.decompress(wire, limit) {
            Ok(plain) => Ok(plain.into()),
            Err(Damage::TooLarge) => Err(EnvelopeError::TooLarge { size: None, limit }),
            Err(Damage::Broken(why)) => Err(EnvelopeError::BadCompression(why)),
        }
    }
}

/// A message taken out of its envelope.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// What it holds, decompressed.
    pub payload: Bytes,
    /// Its size as it came.
    pub wire_size: usize,
    /// Whether it came compressed.
    pub compressed: bool,
    /// Whether it is no message but how the call ended.
    pub ends: bool,
}

/// What makes a stream of envelopes unreadable.
#[derive(Debug, PartialEq, Eq)]
pub enum EnvelopeError {
    /// The message is, or becomes when it is decompressed, larger than the limit.
    TooLarge {
        /// How large, where that is known.
        size: Option<u64>,
        /// The limit that it is held to.
        limit: usize,
    },
    /// What says how the call ended is larger than that may be, which no message's limit is about.
    EndTooLarge,
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
pub struct Decoder {
    encoding: Encoding,
    limit: usize,
    end: EndFlag,
    /// Pieces that belong to no message yet.
    pieces: VecDeque<Bytes>,
    buffered: usize,
    /// The message being collected, once its prefix is known.
    head: Option<Head>,
}

struct Head {
    compressed: bool,
    ends: bool,
    size: usize,
    body: BytesMut,
}

impl Decoder {
    /// A decoder that takes messages of at most `limit` bytes.
    pub fn new(encoding: Encoding, limit: usize, end: EndFlag) -> Self {
        Self { encoding, limit, end, pieces: VecDeque::new(), buffered: 0, head: None }
    }

    /// More bytes of the stream.
    pub fn push(&mut self, bytes: Bytes) {
        self.buffered += bytes.len();
        if !bytes.is_empty() {
            self.pieces.push_back(bytes);
        }
    }

    /// Whether the stream may end here: not in the middle of a message.
    pub fn is_between_messages(&self) -> bool {
        self.head.is_none() && self.buffered == 0
    }

    /// The next message that is there whole.
    pub fn next_message(&mut self) -> Result<Option<Message>, EnvelopeError> {
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
            return self.open((head.compressed, head.ends), payload).map(Some);
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
        self.open((head.compressed, head.ends), head.body.freeze()).map(Some)
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
        let ends = flag & self.end as u8 != 0;
        if flag & !(COMPRESSED | self.end as u8) != 0 {
            return Err(EnvelopeError::BadFlag(flag));
        }
        let length = u32::from_be_bytes([a, b, c, d]);
        let size = usize::try_from(length).unwrap_or(usize::MAX);
        if size > self.limit(ends) {
            let error = EnvelopeError::TooLarge { size: Some(length.into()), limit: self.limit };
            return Err(if ends { EnvelopeError::EndTooLarge } else { error });
        }
        Ok(Some(Head { compressed: flag & COMPRESSED != 0, ends, size, body: BytesMut::new() }))
    }

    fn drop_empty_front(&mut self) {
        while self.pieces.front().is_some_and(Bytes::is_empty) {
            self.pieces.pop_front();
        }
    }

    fn limit(&self, ends: bool) -> usize {
        if ends { MAX_END } else { self.limit }
    }

    fn open(&self, (compressed, ends): (bool, bool), wire: Bytes) -> Result<Message, EnvelopeError> {
        let wire_size = wire.len();
        let payload = match compressed.then(|| self.encoding.open(&wire, self.limit(ends))) {
            None => wire,
            Some(Err(EnvelopeError::TooLarge { .. })) if ends => return Err(EnvelopeError::EndTooLarge),
            Some(opened) => opened?,
        };
        Ok(Message { payload, wire_size, compressed, ends })
    }
}

/// The least that is set aside for a message that comes in pieces.
const RESERVE: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn enveloped(flag: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![flag];
        bytes.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        bytes.extend(body);
        bytes
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        Compression::Gzip.compress(body).unwrap()
    }

    const GZIP: Encoding = Encoding::Known(Compression::Gzip);

    #[test]
    fn messages_come_out_whole_however_the_bytes_are_cut() {
        let mut wire = enveloped(0, b"hello");
        wire.extend(enveloped(0, b""));
        wire.extend(enveloped(1, &gzip(b"world")));
        for cut in 0..=wire.len() {
            for step in [1, 3, usize::MAX] {
                let mut decoder = Decoder::new(GZIP, 100, EndFlag::None);
                let mut seen = Vec::new();
                let (left, right) = wire.split_at(cut);
                for piece in left.chunks(step.min(wire.len())).chain([right]) {
                    decoder.push(Bytes::copy_from_slice(piece));
                    while let Some(message) = decoder.next_message().unwrap() {
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
        let mut decoder = Decoder::new(Encoding::Identity, usize::MAX, EndFlag::None);
        for piece in enveloped(0, &body).chunks(16_384) {
            assert_eq!(decoder.next_message().unwrap(), None);
            decoder.push(Bytes::copy_from_slice(piece));
        }
        let message = decoder.next_message().unwrap().unwrap();
        assert_eq!(message.payload, body);
    }

    #[test]
    fn the_limit_holds_before_and_after_decompression() {
        let mut decoder = Decoder::new(GZIP, 4, EndFlag::None);
        decoder.push(enveloped(0, b"12345").into());
        assert_eq!(decoder.next_message().unwrap_err(), EnvelopeError::TooLarge { size: Some(5), limit: 4 });

        let bomb = gzip(&vec![0; 1 << 20]);
        let mut decoder = Decoder::new(GZIP, 4096, EndFlag::None);
        decoder.push(enveloped(1, &bomb).into());
        assert_eq!(decoder.next_message().unwrap_err(), EnvelopeError::TooLarge { size: None, limit: 4096 });
    }

    #[test]
    fn an_end_has_a_limit_of_its_own() {
        let large = vec![0; MAX_END + 1];
        for wire in [enveloped(2, &large), enveloped(3, &gzip(&large))] {
            let mut decoder = Decoder::new(GZIP, 4, EndFlag::Connect);
            decoder.push(wire.into());
            assert_eq!(decoder.next_message().unwrap_err(), EnvelopeError::EndTooLarge);
        }
    }

    #[test]
    fn what_the_protocol_does_not_define_is_an_error() {
        let mut decoder = Decoder::new(Encoding::Identity, 10, EndFlag::None);
        decoder.push(Bytes::from_static(b"<html>"));
        assert_eq!(decoder.next_message().unwrap_err(), EnvelopeError::BadFlag(b'<'));

        let mut decoder = Decoder::new(Encoding::Identity, 10, EndFlag::None);
        decoder.push(enveloped(1, b"x").into());
        assert_eq!(decoder.next_message().unwrap_err(), EnvelopeError::UnknownEncoding(Encoding::Identity));

        let mut decoder = Decoder::new(GZIP, 10, EndFlag::None);
        decoder.push(enveloped(1, b"x").into());
        assert!(matches!(decoder.next_message().unwrap_err(), EnvelopeError::BadCompression(_)));
    }

    #[test]
    fn a_stream_cut_inside_a_message_is_noticed() {
        for bytes in [&b"\0"[..], &b"\0\0\0\0\x05hel"[..]] {
            let mut decoder = Decoder::new(Encoding::Identity, 10, EndFlag::None);
            decoder.push(Bytes::copy_from_slice(bytes));
            assert_eq!(decoder.next_message().unwrap(), None);
            assert!(!decoder.is_between_messages());
        }
    }

    #[test]
    fn an_end_is_an_end_where_the_protocol_has_one() {
        for (flag, end) in [(0x80, EndFlag::GrpcWeb), (0x02, EndFlag::Connect)] {
            let mut decoder = Decoder::new(GZIP, 4, end);
            decoder.push(enveloped(0, b"abc").into());
            decoder.push(enveloped(flag | 1, &gzip(b"longer than a message may be")).into());
            assert!(!decoder.next_message().unwrap().unwrap().ends);
            let ended = decoder.next_message().unwrap().unwrap();
            assert!(ended.ends && ended.payload == b"longer than a message may be"[..]);
            let mut decoder = Decoder::new(GZIP, 4, EndFlag::None);
            decoder.push(enveloped(flag, b"").into());
            assert_eq!(decoder.next_message().unwrap_err(), EnvelopeError::BadFlag(flag));
        }
    }
}
