//! Messages in a row, as streams hold them: each behind its length, or in the frames of gRPC.
//!
//! Bytes are pushed as they come and messages are taken as each is complete, so that no more is held than the message at
//! hand, packed and unpacked, and what was pushed last.

use prost_reflect::bytes::{Buf as _, Bytes, BytesMut};

use super::bytes::Sink;
use crate::compression::{Compression, Damage};

/// What stands around each message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// Nothing: the bytes are one message.
    #[default]
    None,
    /// Its length as a varint, as `writeDelimitedTo` of protobuf's runtimes has it.
    Varint,
    /// A byte of flags and the length in four bytes, big-endian (gRPC's "Length-Prefixed-Message").
    Grpc,
}

impl Framing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Varint, Self::Grpc];

    /// How it is named on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Varint => "varint",
            Self::Grpc => "grpc",
        }
    }
}

/// How a row is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// What stands around each message.
    pub framing: Framing,
    /// What the compressed ones are compressed with, where nothing in them says it.
    pub compression: Option<Compression>,
    /// The largest message as it stands in the input.
    pub largest: usize,
    /// The largest message that a compressed one may become.
    pub unpacked: usize,
}

/// A message of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where its bytes stand in the input; those of a compressed one as they are there.
    pub start: usize,
    /// How many bytes they are there.
    pub length: usize,
    /// The message, unpacked.
    pub message: Bytes,
    /// What it was compressed with.
    pub compression: Option<Compression>,
}

impl Frame {
    /// Where the first byte of the message stands in the input; of a compressed one, in what it is unpacked.
    pub fn offset(&self) -> usize {
        if self.compression.is_some() { 0 } else { self.start }
    }
}

/// Where a row breaks off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {problem}")]
pub struct FrameError {
    /// The first byte of the frame.
    pub offset: usize,
    /// What is wrong.
    pub problem: FrameProblem,
}

/// What is wrong with a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameProblem {
    /// The input ends in the length.
    #[error("the input ends in the middle of a message's length")]
    LengthCut,
    /// The varint is none.
    #[error("a length of more than 64 bits")]
    Length,
    /// The input ends in the message.
    #[error("the message is {length} bytes long, and the input ends after {there} of them, at byte {end}")]
    Cut {
        /// How long it is.
        length: u64,
        /// How much of it is there.
        there: usize,
        /// Where the input ends.
        end: usize,
    },
    /// Flags that gRPC does not define.
    #[error("a frame with the flags 0x{0:02x}, which gRPC does not have")]
    Flags(u8),
    /// It can't be unpacked by what it says it is compressed with.
    #[error("a message compressed with {how} that is broken: {why}")]
    Compression {
        /// What it is compressed with.
        how: Compression,
        /// What is wrong with it.
        why: String,
    },
    /// It is compressed with something that is not unpacked here.
    #[error("a message compressed with {0}, which is not unpacked")]
    Unsupported(&'static str),
    /// Nothing says what it is compressed with.
    #[error("a compressed message that bears no mark of gzip, deflate or zstd; br has none")]
    Unmarked,
    /// It is larger than is taken.
    #[error("a message of {length} bytes, and no more than {limit} are taken")]
    TooLarge {
        /// How long it is.
        length: u64,
        /// The limit.
        limit: usize,
    },
    /// It becomes larger than is taken.
    #[error("a message that {how} makes more than {limit} bytes of, and no more are taken")]
    UnpacksTooLarge {
        /// What it is compressed with.
        how: Compression,
        /// The limit.
        limit: usize,
    },
}

/// A row that is being read.
#[derive(Debug)]
pub struct Rows {
    rules: Rules,
    buffer: BytesMut,
    /// Where in the input the buffer begins.
    at: usize,
    finished: bool,
    over: bool,
    /// Where in the buffer a message begins that the input ends in.
    cut: Option<usize>,
}

/// What stands before a message: how many bytes of it, the message's length, and whether it is compressed.
type Head = (usize, u64, bool);

impl Rows {
    /// A row that is read by these rules.
    pub fn new(rules: Rules) -> Self {
        Self { rules, buffer: BytesMut::new(), at: 0, finished: false, over: false, cut: None }
    }

    /// The framing that it is read by.
    pub fn framing(&self) -> Framing {
        self.rules.framing
    }

    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.over {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Says that no more bytes will come, and tells whether that was said before.
    pub fn finish(&mut self) -> bool {
        std::mem::replace(&mut self.finished, true)
    }

    /// The next message that is complete, if one is. Behind an error nothing comes.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if self.over {
            return Ok(None);
        }
        let next = if self.rules.framing == Framing::None { self.whole() } else { self.framed() };
        next.map_err(|problem| {
            self.over = true;
            FrameError { offset: self.at, problem }
        })
    }

    /// What is there of the message that the input ended in, once that was told; of a compressed one nothing can be
    /// known.
    pub fn take_cut(&mut self) -> Option<Frame> {
        let prefix = self.cut.take()?;
        let message = self.buffer.split().freeze().slice(prefix..);
        Some(Frame { start: self.at + prefix, length: message.len(), message, compression: None })
    }

    /// All of the input, which is one message.
    fn whole(&mut self) -> Result<Option<Frame>, FrameProblem> {
        let (length, limit) = (self.buffer.len(), self.rules.largest);
        if length > limit {
            return Err(FrameProblem::TooLarge { length: length as u64, limit });
        }
        if !self.finished {
            return Ok(None);
        }
        self.over = true;
        Ok(Some(Frame { start: 0, length, message: self.buffer.split().freeze(), compression: None }))
    }

    fn framed(&mut self) -> Result<Option<Frame>, FrameProblem> {
        let Some((prefix, length, compressed)) = self.head()? else { return Ok(None) };
        let there = self.buffer.len() - prefix;
        let fits = usize::try_from(length).ok().filter(|length| *length <= self.rules.largest);
        let Some(size) = fits.filter(|size| *size <= there) else {
            // That it ends too early is the simpler thing to say of a length that is none.
            return match fits {
                _ if self.finished => {
                    self.cut = (!compressed).then_some(prefix);
                    Err(FrameProblem::Cut { length, there, end: self.at + self.buffer.len() })
                }
                None => Err(FrameProblem::TooLarge { length, limit: self.rules.largest }),
                Some(_) => Ok(None),
            };
        };
        let start = self.at + prefix;
        let packed = self.buffer.get(prefix..prefix + size).unwrap_or_default();
        let (message, compression) = if compressed {
            let (message, how) = unpacked(packed, self.rules.compression, self.rules.unpacked)?;
            self.buffer.advance(prefix + size);
            (message.into(), Some(how))
        } else {
            self.buffer.advance(prefix);
            (self.buffer.split_to(size).freeze(), None)
        };
        self.at = start + size;
        Ok(Some(Frame { start, length: size, message, compression }))
    }

    /// What stands before the next message, once it is complete; none at the end.
    fn head(&self) -> Result<Option<Head>, FrameProblem> {
        let rest = &self.buffer[..];
        if rest.is_empty() {
            return Ok(None);
        }
        let cut = if self.finished { Err(FrameProblem::LengthCut) } else { Ok(None) };
        if self.rules.framing == Framing::Grpc {
            if let Some(&flags) = rest.first().filter(|flags| **flags > 1) {
                return Err(FrameProblem::Flags(flags));
            }
            let Some((&[flags, a, b, c, d], _)) = rest.split_first_chunk() else { return cut };
            return Ok(Some((5, u64::from(u32::from_be_bytes([a, b, c, d])), flags == 1)));
        }
        let Some(last) = rest.iter().take(10).position(|byte| byte & 0x80 == 0) else {
            return if rest.len() < 10 { cut } else { Err(FrameProblem::Length) };
        };
        let mut varint = rest.get(..=last).unwrap_or_default();
        let length = prost::encoding::decode_varint(&mut varint).map_err(|_| FrameProblem::Length)?;
        Ok(Some((last + 1, length, false)))
    }
}

/// A compressed message as it was before, and what it was compressed with.
fn unpacked(
    packed: &[u8],
    told: Option<Compression>,
    limit: usize,
) -> Result<(Vec<u8>, Compression), FrameProblem> {
    let unpack = |how: Compression| {
        how.decompress(packed, limit).map(|message| (message, how)).map_err(|damage| match damage {
            Damage::TooLarge => FrameProblem::UnpacksTooLarge { how, limit },
            Damage::Broken(why) => FrameProblem::Compression { how, why },
        })
    };
    let marked = marked(packed);
    let Some(told) = told else { return unpack(marked?) };
    // What was said may be about other frames than this one, and its mark tell better.
    match (unpack(told), marked) {
        (Err(FrameProblem::Compression { .. }), Ok(marked)) if marked != told => unpack(marked),
        (unpacked, _) => unpacked,
    }
}

/// What a message is compressed with, by what it begins with: headers would tell, and a frame has nothing else.
fn marked(packed: &[u8]) -> Result<Compression, FrameProblem> {
    match packed {
        [0x1f, 0x8b, ..] => Ok(Compression::Gzip),
        // RFC 1950: the method, which is 8, and a check over both bytes.
        [method, check, ..] if method & 0xf == 8 && u16::from_be_bytes([*method, *check]) % 31 == 0 => {
            Ok(Compression::Deflate)
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Ok(Compression::Zstd),
        [0xff, 0x06, 0, 0, b's', b'N', ..] => Err(FrameProblem::Unsupported("snappy")),
        _ => Err(FrameProblem::Unmarked),
    }
}

/// Another framing than the one that failed by which bytes are messages, each of which `is_message`. `whole` is whether
/// these are all the bytes there are.
pub fn better_framing(
    bytes: &[u8],
    whole: bool,
    rules: Rules,
    is_message: impl Fn(&[u8]) -> bool,
) -> Option<Framing> {
    // gRPC's frames say more of themselves than a varint does.
    [Framing::Grpc, Framing::Varint, Framing::None].into_iter().filter(|other| *other != rules.framing).find(
        |framing| {
            if *framing == Framing::None {
                return whole && !bytes.is_empty() && is_message(bytes);
            }
            let mut rows = Rows::new(Rules { framing: *framing, ..rules });
            rows.push(bytes);
            if whole {
                rows.finish();
            }
            let mut content = false;
            loop {
                match rows.next_frame() {
                    Ok(Some(frame)) if is_message(&frame.message) => content |= !frame.message.is_empty(),
                    Ok(None) => return content,
                    _ => return false,
                }
            }
        },
    )
}

/// Appends a message with what stands around it; none if its length can't be said. In gRPC's frames it is compressed, if
/// that is wanted.
pub fn append(
    out: &mut Vec<u8>,
    message: &[u8],
    framing: Framing,
    compression: Option<Compression>,
) -> Option<()> {
    match framing {
        Framing::None => {}
        Framing::Varint => {
            let mut length = Sink::default();
            length.varint(message.len() as u64);
            out.append(&mut length.out);
        }
        Framing::Grpc => {
            let packed = compression.and_then(|how| how.compress(message).ok());
            let content = packed.as_deref().unwrap_or(message);
            out.push(packed.is_some().into());
            out.extend(u32::try_from(content.len()).ok()?.to_be_bytes());
            out.extend_from_slice(content);
            return Some(());
        }
    }
    out.extend_from_slice(message);
    Some(())
}

#[cfg(test)]
mod tests;
