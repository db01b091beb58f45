//! Digits one by one.

use super::{DigitProblem, Digits, DigitsError, Shown};
use crate::chars;
use crate::message::Position;

/// Makes bytes of digits that come in pieces.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    digits: Digits,
    hex: Hex,
    base64: Base64,
}

/// What hexadecimal digits leave behind.
#[derive(Debug, Clone, Default)]
struct Hex {
    /// The first half of a byte.
    high: Option<u8>,
    /// How many digits the word at hand has, and whether it is a zero so far.
    word: usize,
    zero: bool,
}

/// What base64 digits leave behind.
#[derive(Debug, Clone, Default)]
struct Base64 {
    /// Digits that are not decoded yet.
    pending: Vec<u8>,
    /// How much padding may still come.
    pads: usize,
    /// A digit that only one of the alphabets has.
    alphabet: Option<u8>,
}

/// How many base64 digits are decoded at once: whole groups of four.
const BLOCK: usize = 4096;

impl Machine {
    pub(super) fn new(digits: Digits) -> Self {
        Self { digits, hex: Hex::default(), base64: Base64::default() }
    }

    /// Takes text, which begins at `position`, and moves that behind it.
    pub(super) fn feed(
        &mut self,
        text: &[u8],
        position: &mut Position,
        out: &mut Vec<u8>,
    ) -> Result<(), DigitsError> {
        for &byte in text {
            let taken = match self.digits {
                Digits::Hex => self.hex.take(byte, out),
                Digits::Base64 => self.base64.take(byte, out),
            };
            taken.map_err(|problem| DigitsError { position: *position, problem })?;
            position.advance(&[byte]);
        }
        if self.digits == Digits::Base64 {
            self.base64.decode(out, false);
        }
        Ok(())
    }

    /// Takes note that no more comes, or nothing that belongs to the same bytes.
    pub(super) fn end(&mut self, position: Position, out: &mut Vec<u8>) -> Result<(), DigitsError> {
        let problem = match self.digits {
            Digits::Hex => self.hex.high.map(|_| DigitProblem::Odd),
            Digits::Base64 => (self.base64.pending.len() % 4 == 1).then_some(DigitProblem::Short),
        };
        if let Some(problem) = problem {
            return Err(DigitsError { position, problem });
        }
        self.base64.decode(out, true);
        (self.hex, self.base64.pads) = (Hex::default(), 0);
        Ok(())
    }
}

impl Hex {
    fn take(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), DigitProblem> {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            b' ' | b'\t'..=b'\r' | b':' | b',' | b'\\' => {
                (self.word, self.zero) = (0, false);
                return Ok(());
            }
            b'x' | b'X' if self.word == 0 => return Ok(()),
            // The zero before it was no digit.
            b'x' | b'X' if self.word == 1 && self.zero && self.high.is_some() => {
                (self.high, self.word, self.zero) = (None, 2, false);
                return Ok(());
            }
            found => return Err(DigitProblem::NoDigit { found: Shown(found), digits: Digits::Hex }),
        };
        (self.word, self.zero) = (self.word + 1, digit == 0);
        match self.high.take() {
            Some(high) => out.push(high << 4 | digit),
            None => self.high = Some(digit),
        }
        Ok(())
    }
}

impl Base64 {
    fn take(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), DigitProblem> {
        match byte {
            b' ' | b'\t'..=b'\r' => return Ok(()),
            b'=' => match (self.pads, self.pending.len() % 4) {
                (0, digits @ (2 | 3)) => {
                    self.decode(out, true);
                    self.pads = 3 - digits;
                    return Ok(());
                }
                (1.., 0) => {
                    self.pads -= 1;
                    return Ok(());
                }
                _ => return Err(DigitProblem::Padding),
            },
            b'+' | b'/' | b'-' | b'_' => {
                let url = |byte: u8| matches!(byte, b'-' | b'_');
                if url(*self.alphabet.get_or_insert(byte)) != url(byte) {
                    return Err(DigitProblem::Alphabets { found: Shown(byte) });
                }
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => {}
            found => return Err(DigitProblem::NoDigit { found: Shown(found), digits: Digits::Base64 }),
        }
        self.pads = 0;
        self.pending.push(byte);
        if self.pending.len() >= BLOCK {
            self.decode(out, false);
        }
        Ok(())
    }

    /// Decodes whole groups of four, or all there is.
    fn decode(&mut self, out: &mut Vec<u8>, all: bool) {
        let whole = if all { self.pending.len() } else { self.pending.len() / 4 * 4 };
        let digits: Vec<u8> = self.pending.drain(..whole).collect();
        // Each was looked at when it came, and a last one alone is refused before.
        out.append(&mut chars::unbase64(&digits).unwrap_or_default());
    }
}
