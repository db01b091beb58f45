//! Base64: written as RFC 4648 has it, and read from whoever writes it in one of its ways.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;

pub use base64::DecodeError;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Writes `bytes` as quoted standard base64.
pub fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    // In blocks of whole triples, so that 64 MiB of bytes need no second 85 MiB beside the output.
    let mut block = [0_u8; 4096];
    for chunk in bytes.chunks(3072) {
        if let Ok(length) = BASE64_STANDARD.encode_slice(chunk, &mut block) {
            out.extend_from_slice(block.get(..length).unwrap_or_default());
        }
    }
    out.push(b'"');
}

/// `bytes` as standard base64.
pub fn base64_digits(bytes: &[u8]) -> Vec<u8> {
    BASE64_STANDARD.encode(bytes).into_bytes()
}

/// Reads base64 in the standard alphabet or in the one for URLs, padded or not. The two in one text are no way of
/// anybody's, and most likely something else.
pub fn unbase64(text: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let alphabet = if text.iter().any(|byte| matches!(byte, b'-' | b'_')) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, LENIENT).decode(text)
}

/// Base64 in pieces, each of which may be padded: a body of gRPC-Web as text.
#[derive(Debug, Default)]
pub struct Unbase64 {
    /// Digits that are no whole group yet.
    rest: Vec<u8>,
}

impl Unbase64 {
    /// What is there whole, and whether that is all of it: it is not where something is no base64.
    pub fn push(&mut self, piece: &[u8]) -> (Vec<u8>, bool) {
        self.rest.extend(piece.iter().filter(|byte| !byte.is_ascii_whitespace()));
        let tail = self.rest.split_off(self.rest.len() / 4 * 4);
        let whole = std::mem::replace(&mut self.rest, tail);
        let mut decoded = Vec::with_capacity(whole.len() / 4 * 3);
        let mut rest = &whole[..];
        while !rest.is_empty() {
            // Up to the padding, which is the end of a piece.
            let digits = rest.iter().position(|&byte| byte == b'=').unwrap_or(rest.len());
            let (run, after) = rest.split_at(rest.len().min(digits.div_ceil(4).max(1) * 4));
            rest = after;
            if let Ok(bytes) = unbase64(run) {
                decoded.extend(bytes);
                continue;
            }
            // Group by group, so that it is the same whatever came at once.
            for group in run.chunks(4) {
                match unbase64(group) {
                    Ok(bytes) => decoded.extend(bytes),
                    Err(_) => return (decoded, false),
                }
            }
        }
        (decoded, true)
    }

    /// Whether it may end here.
    pub fn is_whole(&self) -> bool {
        self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_in_blocks() {
        for length in [0, 1, 2, 3, 3071, 3072, 3073, 10_000] {
            let bytes: Vec<u8> = (0..length).map(|n: usize| u8::try_from(n % 251).unwrap()).collect();
            let mut out = Vec::new();
            base64(&mut out, &bytes);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{}\"", BASE64_STANDARD.encode(&bytes)));
        }
    }

    #[test]
    fn either_alphabet_is_read_padded_or_not() {
        for text in ["_-8", "/+8=", "/+8", "_-8=", "/+9"] {
            assert_eq!(unbase64(text.as_bytes()).unwrap(), b"\xff\xef", "{text}");
        }
        assert_eq!(unbase64(b"").unwrap(), b"");
        for text in ["a", "a b", "a*", "_+8=", "a=b="] {
            assert!(unbase64(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn it_comes_in_pieces_that_are_padded_or_cut_anywhere() {
        let wire = b"AAAAAAM=YWJj\r\nYQ==YmM=";
        for cut in 0..=wire.len() {
            let mut text = Unbase64::default();
            let (mut decoded, first) = text.push(&wire[..cut]);
            let (rest, second) = text.push(&wire[cut..]);
            assert!(first && second);
            decoded.extend(rest);
            assert_eq!(decoded, b"\0\0\0\0\x03abcabc", "cut at {cut}");
            assert!(text.is_whole());
        }
        for damaged in [&b"A=AA"[..], b"====", b"AA!A"] {
            let (decoded, whole) = Unbase64::default().push(&[b"YWJj", damaged, b"YWJj"].concat());
            assert_eq!((&decoded[..], whole), (&b"abc"[..], false), "{}", damaged.escape_ascii());
        }
    }
}
