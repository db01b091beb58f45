//! Messages in a row, as streams hold them: each behind its length, or in the frames of gRPC.

use std::io::Read as _;
use std::ops::Range;

use flate2::read::GzDecoder;

use super::bytes::Sink;

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

/// A message of a row.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// Where its bytes stand; those of a compressed one as they were compressed.
    pub range: Range<usize>,
    /// Its bytes.
    pub message: Vec<u8>,
    /// Whether it came compressed.
    pub compressed: bool,
}

impl Frame {
    /// Where the first byte of the message stands in the input; of a compressed one, in what it was before.
    pub fn offset(&self) -> usize {
        if self.compressed { 0 } else { self.range.start }
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
    #[error("the message is {length} bytes long, and {there} are left")]
    Cut {
        /// How long it is.
        length: u64,
        /// How much of it is there.
        there: usize,
    },
    /// Flags that gRPC does not define.
    #[error("a frame with the flags 0x{0:02x}, which gRPC does not have")]
    Flags(u8),
    /// It is compressed, and not by gzip.
    #[error("a compressed message that is not gzip: {0}")]
    Compression(String),
    /// It becomes too large.
    #[error("a compressed message of more than 1 GiB")]
    TooLarge,
}

/// The largest message that is unpacked, in bytes.
const LARGEST: u64 = 1 << 30;

/// The messages that bytes have in a row, up to the first that can't be had.
pub fn split(bytes: &[u8], framing: Framing) -> (Vec<Frame>, Option<FrameError>) {
    let mut frames = Vec::new();
    let mut at = 0;
    if framing == Framing::None {
        frames.push(Frame { range: 0..bytes.len(), message: bytes.to_vec(), compressed: false });
        return (frames, None);
    }
    while at < bytes.len() {
        match frame(bytes, at, framing) {
            Ok(frame) => {
                at = frame.range.end;
                frames.push(frame);
            }
            Err(problem) => return (frames, Some(FrameError { offset: at, problem })),
        }
    }
    (frames, None)
}

fn frame(bytes: &[u8], at: usize, framing: Framing) -> Result<Frame, FrameProblem> {
    let rest = bytes.get(at..).unwrap_or_default();
    let (prefix, length, compressed) = match framing {
        Framing::Grpc => {
            let (&[flags, a, b, c, d], _) = rest.split_first_chunk().ok_or(FrameProblem::LengthCut)?;
            if flags > 1 {
                return Err(FrameProblem::Flags(flags));
            }
            (5, u64::from(u32::from_be_bytes([a, b, c, d])), flags == 1)
        }
        Framing::Varint | Framing::None => {
            let size = rest.iter().take(10).position(|byte| byte & 0x80 == 0);
            let size =
                size.ok_or(if rest.len() < 10 { FrameProblem::LengthCut } else { FrameProblem::Length })?;
            let mut varint = rest.get(..=size).unwrap_or_default();
            let length = prost::encoding::decode_varint(&mut varint).map_err(|_| FrameProblem::Length)?;
            (size + 1, length, false)
        }
    };
    let content = rest.get(prefix..).unwrap_or_default();
    let whole = usize::try_from(length).ok().and_then(|length| content.get(..length));
    let message = whole.ok_or(FrameProblem::Cut { length, there: content.len() })?;
    let range = at + prefix..at + prefix + message.len();
    let message = if compressed { unpacked(message)? } else { message.to_vec() };
    Ok(Frame { range, message, compressed })
}

fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, FrameProblem> {
    let mut message = Vec::new();
    GzDecoder::new(bytes)
        .take(LARGEST + 1)
        .read_to_end(&mut message)
        .map_err(|error| FrameProblem::Compression(error.to_string()))?;
    if message.len() as u64 > LARGEST { Err(FrameProblem::TooLarge) } else { Ok(message) }
}

/// Appends a message with what stands around it; none if its length can't be said.
pub fn append(out: &mut Vec<u8>, message: &[u8], framing: Framing) -> Option<()> {
    match framing {
        Framing::None => {}
        Framing::Varint => {
            let mut length = Sink::default();
            length.varint(message.len() as u64);
            out.append(&mut length.out);
        }
        Framing::Grpc => {
            out.push(0);
            out.extend(u32::try_from(message.len()).ok()?.to_be_bytes());
        }
    }
    out.extend_from_slice(message);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(bytes: &[u8], framing: Framing) -> (Vec<Vec<u8>>, Option<(usize, FrameProblem)>) {
        let (frames, error) = split(bytes, framing);
        (frames.into_iter().map(|frame| frame.message).collect(), error.map(|e| (e.offset, e.problem)))
    }

    #[test]
    fn what_is_written_is_read() {
        for framing in [Framing::Varint, Framing::Grpc] {
            let rows = [b"".to_vec(), b"a".to_vec(), vec![7; 300]];
            let mut out = Vec::new();
            for row in &rows {
                append(&mut out, row, framing).unwrap();
            }
            assert_eq!(messages(&out, framing), (rows.to_vec(), None));
        }
        assert_eq!(messages(b"", Framing::None), (vec![Vec::new()], None));
        assert_eq!(messages(b"", Framing::Grpc), (vec![], None));
    }

    #[test]
    fn what_came_before_a_break_is_kept() {
        let cut = |length, there| FrameProblem::Cut { length, there };
        for (bytes, framing, offset, problem) in [
            (&b"\x01a\x05bc"[..], Framing::Varint, 2, cut(5, 2)),
            (b"\x01a\x80", Framing::Varint, 2, FrameProblem::LengthCut),
            (b"\x01a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", Framing::Varint, 2, FrameProblem::Length),
            (b"\0\0\0\0\x01a\0\0", Framing::Grpc, 6, FrameProblem::LengthCut),
            (b"\0\0\0\0\x01a\x80\0\0\0\0", Framing::Grpc, 6, FrameProblem::Flags(0x80)),
            (b"\0\0\0\0\x01a\0\0\0\0\x02b", Framing::Grpc, 6, cut(2, 1)),
        ] {
            assert_eq!(messages(bytes, framing), (vec![b"a".to_vec()], Some((offset, problem))));
        }
    }
}
