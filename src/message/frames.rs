//! Messages in a row, as streams hold them: each behind its length, or in the frames of gRPC.

use std::io::Read as _;
use std::ops::Range;

use flate2::read::{GzDecoder, ZlibDecoder};

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
    /// It can't be unpacked by what it says it is compressed with.
    #[error("a message compressed with {how} that is broken: {why}")]
    Compression {
        /// What it is compressed with.
        how: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// It is compressed with something that is not unpacked here.
    #[error("a message compressed with {0}, and only gzip and deflate are unpacked")]
    Unsupported(&'static str),
    /// Nothing says what it is compressed with.
    #[error(
        "a compressed message that is neither gzip nor deflate, and bears no mark of anything else; br has none"
    )]
    Unmarked,
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
    // Headers would tell how; a frame has nothing but what each format begins with.
    let (how, read) = match bytes {
        [0x1f, 0x8b, ..] => ("gzip", GzDecoder::new(bytes).take(LARGEST + 1).read_to_end(&mut message)),
        // RFC 1950: the method, which is 8, and a check over both bytes.
        [method, check, ..] if method & 0xf == 8 && u16::from_be_bytes([*method, *check]) % 31 == 0 => {
            ("deflate", ZlibDecoder::new(bytes).take(LARGEST + 1).read_to_end(&mut message))
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Err(FrameProblem::Unsupported("zstd")),
        [0xff, 0x06, 0, 0, b's', b'N', ..] => return Err(FrameProblem::Unsupported("snappy")),
        _ => return Err(FrameProblem::Unmarked),
    };
    read.map_err(|error| FrameProblem::Compression { how, why: error.to_string() })?;
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
    fn compressed_frames_are_unpacked_by_what_they_begin_with() {
        use std::io::Write as _;
        let message = vec![7; 300];
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&message).unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&message).unwrap();
        let framed = |packed: &[u8]| {
            let length = u32::try_from(packed.len()).unwrap().to_be_bytes();
            [&[1], length.as_slice(), packed].concat()
        };
        let (gzip, zlib) = (gzip.finish().unwrap(), zlib.finish().unwrap());
        let row = [framed(&gzip), framed(&zlib)].concat();
        assert_eq!(messages(&row, Framing::Grpc), (vec![message.clone(), message], None));
        let told = |packed: &[u8]| messages(&framed(packed), Framing::Grpc).1.unwrap().1.to_string();
        let zstd = told(b"\x28\xb5\x2f\xfd\x04\0");
        assert_eq!(zstd, "a message compressed with zstd, and only gzip and deflate are unpacked");
        assert!(told(b"\xff\x06\0\0sNaPpY").contains("compressed with snappy"));
        assert!(told(b"\x0b\x02\x80").ends_with("bears no mark of anything else; br has none"));
        assert!(told(b"").ends_with("bears no mark of anything else; br has none"));
        assert!(
            told(&zlib[..zlib.len() - 5]).starts_with("a message compressed with deflate that is broken: ")
        );
        assert!(told(&gzip[..9]).starts_with("a message compressed with gzip that is broken: "));
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
