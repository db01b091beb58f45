//! The messages of all sources, as they come.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::timeout;

use crate::args::BytesArg;
use crate::commands::bytes;
use crate::message;
use crate::message::digits::{DigitReader, Digits, DigitsError, Piece};
use crate::message::frames::{self, Frame, FrameError, Framing, Rows, Rules};
use crate::message::input::{Chunks, Source, check_files};

/// How much of a source is kept to find out what else it may be.
const HEAD: usize = 64 << 10;
/// How long more of it is waited for.
const QUIET: Duration = Duration::from_millis(100);

/// Input that is no row of messages.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    /// It can't be read.
    #[error(transparent)]
    Read(#[from] message::Error),
    /// It is no digits.
    #[error("{from}: {error}")]
    Digits {
        /// Where it comes from.
        from: String,
        /// What is wrong.
        error: DigitsError,
    },
    /// It breaks off between messages.
    #[error("{from}{error}")]
    Frame {
        /// Where it comes from, where there is more than one source.
        from: String,
        /// What is wrong.
        error: FrameError,
        /// The framing that it was read by.
        framing: Framing,
    },
}

/// A message.
pub(super) struct Message {
    pub(super) frame: Frame,
    /// Its number among all, from 1.
    pub(super) number: usize,
    /// Where it comes from, where there is more than one source.
    pub(super) from: String,
}

/// The sources, and what is left of them.
pub(super) struct Input {
    sources: VecDeque<Source>,
    format: BytesArg,
    rules: Rules,
    several: bool,
    count: usize,
    current: Option<Current>,
}

struct Current {
    chunks: Chunks,
    digits: Option<DigitReader>,
    /// Absent where lines tell messages apart.
    rows: Option<Rows>,
    /// The first bytes that came.
    head: Vec<u8>,
    /// How many came.
    size: usize,
    from: String,
    /// Whether all of it came.
    ended: bool,
}

impl Input {
    /// Begins to read.
    pub(super) fn open(sources: Vec<Source>, format: BytesArg, rules: Rules) -> Result<Self, InputError> {
        check_files(&sources)?;
        let several = sources.len() > 1;
        Ok(Self { sources: sources.into(), format, rules, several, count: 0, current: None })
    }

    /// Whether each line is a message.
    pub(super) fn has_lines(&self) -> bool {
        self.rules.framing == Framing::None && self.format != BytesArg::Binary
    }

    /// Whether it is bytes, and not the digits of some.
    pub(super) fn is_bytes(&self) -> bool {
        self.format == BytesArg::Binary
    }

    /// The digits that the source at hand is the text of, as far as it came.
    pub(super) fn digits(&self) -> Option<Digits> {
        let current = self.current.as_ref().filter(|_| self.is_bytes())?;
        bytes::read_as_digits(&current.head).map(|(digits, _)| digits)
    }

    /// The next message, once it is complete.
    pub(super) async fn next(&mut self) -> Result<Option<Message>, InputError> {
        loop {
            if self.current.is_none() {
                let Some(source) = self.sources.pop_front() else { return Ok(None) };
                self.current = Some(Current::open(source, self.format, self.rules, self.several)?);
            }
            let Some(current) = &mut self.current else { continue };
            if let Some(frame) = current.at_hand()? {
                self.count += 1;
                let from = current.from.clone();
                return Ok(Some(Message { frame, number: self.count, from }));
            }
            if !current.read().await? {
                self.current = None;
            }
        }
    }

    /// What is there of the message that the source at hand ended in, once that was told.
    pub(super) fn take_cut(&mut self) -> Option<Message> {
        let current = self.current.as_mut()?;
        let frame = current.rows.as_mut()?.take_cut()?;
        Some(Message { frame, number: self.count + 1, from: current.from.clone() })
    }

    /// Reads on, as far as more is there, to find out what else the source at hand may be.
    pub(super) async fn look_ahead(&mut self) {
        if let Some(current) = &mut self.current {
            current.look_ahead().await;
        }
    }

    /// The framing by which what came of the source at hand would be messages.
    pub(super) fn better_framing(&self, is_message: impl Fn(&[u8]) -> bool) -> Option<Framing> {
        let current = self.current.as_ref()?;
        let whole = current.ended && current.size == current.head.len();
        frames::better_framing(&current.head, whole, self.rules, is_message)
    }
}

impl Current {
    fn open(source: Source, format: BytesArg, rules: Rules, several: bool) -> Result<Self, InputError> {
        let chunks = Chunks::open(source)?;
        let apart = rules.framing == Framing::None;
        let digits = bytes::digits(format).map(|digits| {
            let reader = DigitReader::new(digits, apart, rules.largest);
            if chunks.is_word() { reader.of_a_word() } else { reader }
        });
        let rows = (digits.is_none() || !apart).then(|| Rows::new(rules));
        let from = if several { format!("{}: ", chunks.origin()) } else { String::new() };
        Ok(Self { chunks, digits, rows, head: Vec::new(), size: 0, from, ended: false })
    }

    /// Adds bytes to what the row is made of.
    fn push(&mut self, bytes: &[u8]) {
        self.size += bytes.len();
        let room = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(bytes.get(..room).unwrap_or_default());
        if let Some(rows) = &mut self.rows {
            rows.push(bytes);
        }
    }

    /// The next message of what came already.
    fn at_hand(&mut self) -> Result<Option<Frame>, InputError> {
        loop {
            if let Some(rows) = &mut self.rows {
                let frame = rows.next_frame().map_err(|error| {
                    let framing = rows.framing();
                    InputError::Frame { from: self.from.clone(), error, framing }
                })?;
                if frame.is_some() {
                    return Ok(frame);
                }
            }
            let Some(digits) = &mut self.digits else { return Ok(None) };
            let piece = digits
                .next_piece()
                .map_err(|error| InputError::Digits { from: self.chunks.origin().to_string(), error })?;
            match piece {
                Some(Piece::Bytes(bytes)) => self.push(&bytes),
                Some(Piece::Message(bytes)) => {
                    let length = bytes.len();
                    return Ok(Some(Frame { start: 0, length, message: bytes.into(), compression: None }));
                }
                None if self.ended && !self.rows_ended() => {}
                None => return Ok(None),
            }
        }
    }

    /// Says once to the row that all digits were read, and whether that was said before.
    fn rows_ended(&mut self) -> bool {
        self.rows.as_mut().is_none_or(Rows::finish)
    }

    async fn look_ahead(&mut self) {
        while self.head.len() < HEAD
            && let Ok(Ok(true)) = timeout(QUIET, self.read()).await
        {
            while let Some(Ok(Some(Piece::Bytes(bytes)))) = self.digits.as_mut().map(DigitReader::next_piece)
            {
                self.push(&bytes);
            }
        }
    }

    /// Reads more, if there is more.
    async fn read(&mut self) -> Result<bool, InputError> {
        if self.ended {
            return Ok(false);
        }
        match (self.chunks.next().await?, &mut self.digits) {
            (Some(text), Some(digits)) => digits.push(&text),
            (Some(bytes), None) => self.push(&bytes),
            (None, digits) => {
                self.ended = true;
                match digits {
                    Some(digits) => digits.finish(),
                    None => drop(self.rows_ended()),
                }
            }
        }
        Ok(true)
    }
}
