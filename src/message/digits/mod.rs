//! Bytes that are written as digits: hexadecimal or base64, in lines or in the dumps of `xxd`, `hexdump -C` and `od`.
//!
//! Text is pushed as it comes, and what it stands for is taken as it is complete. Where lines tell messages apart, each
//! line is one, but for two forms in which one takes several: a dump, which has offsets in front, and lines that were
//! wrapped. Lines count as wrapped where the first is no message by itself, those that follow are as long, but for the
//! last, which may be shorter, and all of them together are a message.

mod dump;
mod lines;
mod machine;

use std::fmt;

use super::Position;
use dump::Dump;
use lines::Lines;
use machine::Machine;

/// How digits are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// Two a byte, with whatever people and programs put between them: blanks, colons, commas, `0x` and `\x`.
    Hex,
    /// Base64 in one of its two alphabets, padded or not.
    Base64,
}

/// Text that is no digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {problem}")]
pub struct DigitsError {
    /// Where.
    pub position: Position,
    /// What is wrong.
    pub problem: DigitProblem,
}

/// What is wrong with digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigitProblem {
    /// A character that is none.
    #[error("{found} is no {digits} digit")]
    NoDigit {
        /// The character.
        found: Shown,
        /// Which digits are read.
        digits: Digits,
    },
    /// Half a byte at the end.
    #[error("a hexadecimal digit is missing: there is half a byte before this")]
    Odd,
    /// A base64 digit alone, which is less than a byte.
    #[error("base64 digits are missing: the one before this is less than a byte")]
    Short,
    /// Both alphabets in one text.
    #[error("{found} is of the other base64 alphabet than digits before it")]
    Alphabets {
        /// The character.
        found: Shown,
    },
    /// Padding where nothing is to be padded.
    #[error("'=' where there is nothing to pad")]
    Padding,
    /// A dump in groups of bytes in the order of a machine.
    #[error(
        "a dump in words, whose order of bytes is the machine's: xxd, hexdump -C and od -t x1 show bytes"
    )]
    Words,
    /// A dump with a gap.
    #[error("the dump goes on at offset {offset:#x}, and {there:#x} bytes stand before it")]
    Gap {
        /// Where it says to go on.
        offset: usize,
        /// How many bytes came.
        there: usize,
    },
    /// More than is taken.
    #[error("a message of more than {limit} bytes, and no more are taken")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

/// A character as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown(pub u8);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            byte @ b' '..=b'~' => write!(f, "'{}'", char::from(byte)),
            byte => write!(f, "the byte 0x{byte:02x}"),
        }
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hex => "hexadecimal",
            Self::Base64 => "base64",
        })
    }
}

/// What digits stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// More bytes.
    Bytes(Vec<u8>),
    /// All bytes of a message.
    Message(Vec<u8>),
}

/// Reads digits.
#[derive(Debug)]
pub struct DigitReader {
    digits: Digits,
    /// Whether lines tell messages apart.
    apart: bool,
    limit: usize,
    /// What was pushed and not looked at.
    buffer: Vec<u8>,
    position: Position,
    way: Way,
    finished: bool,
    /// Whether the text was all of a word, which is a message even if it is empty.
    word: bool,
}

/// How the text is read.
#[derive(Debug)]
enum Way {
    /// It has not come as far as to tell.
    Unknown,
    /// Digit by digit.
    Flow(Machine),
    /// A message a line.
    Lines(Lines),
    Dump(Dump),
    Over,
}

/// How much of a first line decides whether it is that of a dump.
const FIRST_LINE: usize = 1024;

impl DigitReader {
    /// A reader of digits; `apart` is whether lines tell messages apart, none of which has more than `limit` bytes.
    pub fn new(digits: Digits, apart: bool, limit: usize) -> Self {
        Self {
            digits,
            apart,
            limit,
            buffer: Vec::new(),
            position: Position::START,
            way: Way::Unknown,
            finished: false,
            word: false,
        }
    }

    /// The same for a word of the command line.
    #[must_use]
    pub fn of_a_word(self) -> Self {
        Self { word: true, ..self }
    }

    /// Adds text.
    pub fn push(&mut self, text: &[u8]) {
        self.buffer.extend_from_slice(text);
    }

    /// Says that no more text will come.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// What can be told by now, if anything. Behind an error nothing comes.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, DigitsError> {
        let next = self.try_next();
        if next.is_err() {
            self.way = Way::Over;
        }
        next
    }

    fn try_next(&mut self) -> Result<Option<Piece>, DigitsError> {
        if matches!(self.way, Way::Unknown) && !self.decide() {
            return Ok(None);
        }
        let piece = match &mut self.way {
            Way::Unknown | Way::Over => return Ok(None),
            Way::Flow(machine) => {
                let mut bytes = Vec::new();
                machine.feed(&self.buffer, &mut self.position, &mut bytes)?;
                self.buffer.clear();
                if self.finished {
                    machine.end(self.position, &mut bytes)?;
                    self.way = Way::Over;
                }
                (!bytes.is_empty()).then_some(Piece::Bytes(bytes))
            }
            Way::Lines(lines) => {
                lines.push(&std::mem::take(&mut self.buffer));
                lines.next_message(self.finished)?.map(Piece::Message)
            }
            Way::Dump(dump) => {
                dump.push(&std::mem::take(&mut self.buffer));
                let bytes = dump.bytes(self.finished)?;
                if self.apart {
                    dump.gather(bytes, self.limit)?;
                    let message = self.finished.then(|| Piece::Message(dump.take_all()));
                    if self.finished {
                        self.way = Way::Over;
                    }
                    message
                } else {
                    (!bytes.is_empty()).then_some(Piece::Bytes(bytes))
                }
            }
        };
        Ok(piece)
    }

    /// Finds out how the text is to be read; false where more of it has to come for that.
    fn decide(&mut self) -> bool {
        let line = self.buffer.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
        let line = line.unwrap_or_default();
        // One that is not at its end is the last there is.
        let complete = self.finished || line.len() > FIRST_LINE || {
            let end = line.as_ptr_range().end;
            !line.is_empty() && end != self.buffer.as_ptr_range().end
        };
        if self.digits == Digits::Hex {
            let line = line.get(..FIRST_LINE).unwrap_or(line);
            if complete && dump::is_first_line(line, self.apart) {
                self.way = Way::Dump(Dump::default());
                return true;
            }
            // Whatever it becomes, what begins otherwise is no dump.
            if !complete && self.buffer.trim_ascii_start().first().is_none_or(|first| *first == b'0') {
                return false;
            }
        }
        let machine = Machine::new(self.digits);
        self.way = if self.apart {
            Way::Lines(Lines::new(machine, self.limit, self.word))
        } else {
            Way::Flow(machine)
        };
        true
    }
}

#[cfg(test)]
mod tests;
