//! Dumps of bytes: lines that begin with an offset, as `xxd`, `hexdump -C`, `od -t x1`, Wireshark and tcpdump write
//! them.

use super::machine::Machine;
use super::{DigitProblem, Digits, DigitsError};
use crate::message::Position;

/// A dump that is being read.
#[derive(Debug, Default)]
pub(super) struct Dump {
    text: Vec<u8>,
    line: usize,
    /// How many bytes came.
    count: usize,
    /// The bytes of the line before, for a `*` that stands for more of the same.
    last: Vec<u8>,
    repeats: bool,
    /// In which base offsets are written, once one has shown it.
    base: Option<u32>,
    /// What came of a message that is all of the dump.
    all: Vec<u8>,
}

/// Whether a line is the first of a dump: it begins with the offset zero. `apart` is whether it would be a message,
/// which begins with no zero, or may be a length.
pub(super) fn is_first_line(line: &[u8], apart: bool) -> bool {
    let line = line.trim_ascii_start();
    let (offset, rest) = offset(line);
    let zeros = offset.len() >= 4 && offset.iter().all(|byte| *byte == b'0');
    let by_itself = rest.first() == Some(&b':')
        || offset.len() % 2 == 1
        || rest.starts_with(b"  ")
        || rest.contains(&b'|') && rest.ends_with(b"|");
    let separated =
        rest.is_empty() || rest.starts_with(b":") || rest.starts_with(b" ") || rest.starts_with(b"\t");
    zeros && separated && (apart && !rest.is_empty() || by_itself)
}

/// The offset that a line begins with, without `0x`, and what stands behind it.
fn offset(line: &[u8]) -> (&[u8], &[u8]) {
    let line = line.strip_prefix(b"0x").unwrap_or(line);
    line.split_at(line.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(line.len()))
}

impl Dump {
    pub(super) fn push(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    /// The bytes of all lines that are complete.
    pub(super) fn bytes(&mut self, finished: bool) -> Result<Vec<u8>, DigitsError> {
        let end = self.text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let end = if finished { self.text.len() } else { end };
        let lines: Vec<u8> = self.text.drain(..end).collect();
        let mut out = Vec::new();
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            self.line += 1;
            self.take(line, &mut out)?;
        }
        Ok(out)
    }

    /// Adds bytes to those of the whole dump.
    pub(super) fn gather(&mut self, mut bytes: Vec<u8>, limit: usize) -> Result<(), DigitsError> {
        self.all.append(&mut bytes);
        if self.all.len() > limit {
            return Err(self.error(1, DigitProblem::TooLarge { limit }));
        }
        Ok(())
    }

    /// All bytes of the dump.
    pub(super) fn take_all(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.all)
    }

    fn error(&self, column: usize, problem: DigitProblem) -> DigitsError {
        DigitsError { position: Position { line: self.line, column }, problem }
    }

    fn take_offset(&mut self, digits: &[u8], out: &mut Vec<u8>) -> Result<(), DigitProblem> {
        let read = |base| usize::from_str_radix(std::str::from_utf8(digits).ok()?, base).ok();
        // Lines that are all the same are one, and the next says how many they were.
        let fits = |offset: usize| {
            let (gap, width) = (offset.checked_sub(self.count), self.last.len());
            gap.is_some_and(|gap| gap == 0 || self.repeats && width > 0 && gap % width == 0)
        };
        let usual = if digits.len() == 7 { [8, 10, 16] } else { [16, 8, 10] };
        let bases = self.base.map_or(usual.to_vec(), |base| vec![base]);
        let Some(base) = bases.iter().copied().find(|base| read(*base).is_some_and(fits)) else {
            let offset = bases.first().and_then(|base| read(*base)).unwrap_or_default();
            return Err(DigitProblem::Gap { offset, there: self.count });
        };
        let offset = read(base).unwrap_or_default();
        if offset > 0 {
            self.base = Some(base);
        }
        while self.count < offset {
            out.extend_from_slice(&self.last);
            self.count += self.last.len();
            if out.len() > MOST_REPEATED {
                return Err(DigitProblem::TooLarge { limit: MOST_REPEATED });
            }
        }
        self.repeats = false;
        Ok(())
    }

    fn take(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), DigitsError> {
        let blank = line.len() - line.trim_ascii_start().len();
        let text = line.trim_ascii();
        if text.is_empty() {
            return Ok(());
        }
        if text == b"*" {
            self.repeats = true;
            return Ok(());
        }
        let (digits, rest) = offset(text);
        if digits.is_empty() {
            let found = super::Shown(text.first().copied().unwrap_or_default());
            return Err(self.error(blank + 1, DigitProblem::NoDigit { found, digits: Digits::Hex }));
        }
        self.take_offset(digits, out).map_err(|problem| self.error(blank + 1, problem))?;
        let colon = rest.strip_prefix(b":");
        let rest = colon.unwrap_or(rest);
        let before = text.len() - rest.trim_ascii_start().len();
        let column = data(rest.trim_ascii_start(), colon.is_some());
        // Two bytes together are a number of the machine's, but where a colon shows that xxd wrote them.
        let group = column.split(u8::is_ascii_whitespace).map(<[u8]>::len).max();
        if colon.is_none() && group.is_some_and(|digits| digits > 2) {
            return Err(self.error(blank + before + 1, DigitProblem::Words));
        }
        let mut position = Position { line: self.line, column: blank + before + 1 };
        let mut machine = Machine::new(Digits::Hex);
        let mut bytes = Vec::new();
        machine.feed(column, &mut position, &mut bytes)?;
        machine.end(position, &mut bytes)?;
        self.count += bytes.len();
        out.extend_from_slice(&bytes);
        if !bytes.is_empty() {
            self.last = bytes;
        }
        Ok(())
    }
}

/// The most bytes that a single `*` may stand for.
const MOST_REPEATED: usize = 1 << 30;

/// The digits of a line, without the text beside them.
fn data(rest: &[u8], colon: bool) -> &[u8] {
    let until = |mark: &[u8]| rest.windows(mark.len()).position(|window| window == mark);
    let end = if colon {
        until(b"  ")
    } else {
        [until(b"|"), until(b">"), until(b"   ")].into_iter().flatten().min()
    };
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
}
