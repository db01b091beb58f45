//! Compression by the names that HTTP, gRPC and Connect give it. A leaf: bytes in, bytes out.

mod brotli;

use std::fmt;
use std::io::{self, Read, Write as _};

/// A way to compress messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// The zlib format (RFC 1950), which HTTP calls "deflate" (RFC 9110 §8.4.1.2).
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// Why bytes can't be decompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// They become more than the limit.
    TooLarge,
    /// They are not what they are said to be.
    Broken(String),
}

/// What a brotli stream is read through.
const BUFFER: usize = 4096;

impl Compression {
    /// All of them, the most usual first.
    pub const ALL: [Self; 4] = [Self::Gzip, Self::Deflate, Self::Brotli, Self::Zstd];

    /// Its name in headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The one with this name.
    pub fn by_name(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name().as_bytes() == name)
    }

    /// Compresses.
    pub fn compress(self, plain: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Self::Deflate => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Self::Brotli => Ok(brotli::compress(plain)),
            Self::Zstd => {
                Ok(ruzstd::encoding::compress_to_vec(plain, ruzstd::encoding::CompressionLevel::Fastest))
            }
        }
    }

    /// Decompresses into at most `limit` bytes.
    ///
    /// Kept apart because the decompressors' tables stand on the stack: no page of them is to be touched for what is
    /// not compressed.
    #[inline(never)]
    pub fn decompress(self, compressed: &[u8], limit: usize) -> Result<Vec<u8>, Damage> {
        match self {
            Self::Gzip => bounded(flate2::read::MultiGzDecoder::new(compressed), limit),
            Self::Deflate if is_zlib(compressed) => {
                bounded(flate2::read::ZlibDecoder::new(compressed), limit)
            }
            // Some servers took the name at its word (RFC 9110 §8.4.1.2 notes it).
            Self::Deflate => bounded(flate2::read::DeflateDecoder::new(compressed), limit),
            Self::Brotli => bounded(brotli_decompressor::Decompressor::new(compressed, BUFFER), limit),
            Self::Zstd => bounded(
                ruzstd::decoding::StreamingDecoder::new(compressed)
                    .map_err(|error| Damage::Broken(error.to_string()))?,
                limit,
            ),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether it begins as zlib does (RFC 1950 §2.2): the method is 8, and the head a multiple of 31.
fn is_zlib(compressed: &[u8]) -> bool {
    match *compressed {
        [method, flags, ..] => method & 0x0f == 8 && u16::from_be_bytes([method, flags]) % 31 == 0,
        _ => true,
    }
}

fn bounded(reader: impl Read, limit: usize) -> Result<Vec<u8>, Damage> {
    let mut plain = Vec::new();
    // One byte beyond the limit is enough to know that it was passed.
    let allowed = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(allowed).read_to_end(&mut plain).map_err(|error| Damage::Broken(error.to_string()))?;
    if plain.len() > limit { Err(Damage::TooLarge) } else { Ok(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compressed_comes_back_within_the_limit_and_not_beyond_it() {
        let plain: Vec<u8> = (0..20_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect();
        for one in Compression::ALL {
            for plain in [&plain[..], b"", b"a"] {
                let compressed = one.compress(plain).unwrap();
                assert_eq!(one.decompress(&compressed, plain.len()).as_deref(), Ok(plain), "{one}");
            }
            let compressed = one.compress(&plain).unwrap();
            assert!(compressed.len() < plain.len(), "{one}: {} bytes", compressed.len());
            assert_eq!(one.decompress(&compressed, plain.len() - 1), Err(Damage::TooLarge), "{one}");
            assert_eq!(Compression::by_name(one.name().as_bytes()), Some(one));
        }
    }

    #[test]
    fn damage_is_told_and_never_more() {
        let plain = [7; 5000];
        for one in Compression::ALL {
            let whole = one.compress(&plain).unwrap();
            for cut in 1..whole.len() {
                let cut = one.decompress(&whole[..cut], plain.len());
                assert!(matches!(cut, Err(Damage::Broken(_))), "{one}: {cut:?}");
            }
            for at in 0..whole.len() {
                for bit in 0..8 {
                    let mut broken = whole.clone();
                    broken[at] ^= 1 << bit;
                    let _ = one.decompress(&broken, plain.len());
                }
            }
        }
    }

    #[test]
    fn raw_deflate_is_taken_for_what_it_is() {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"hello hello hello").unwrap();
        let raw = encoder.finish().unwrap();
        assert_eq!(Compression::Deflate.decompress(&raw, 100).as_deref(), Ok(&b"hello hello hello"[..]));
    }
}
