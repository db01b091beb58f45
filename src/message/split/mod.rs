//! A stream of input text, cut into documents the moment each is complete.
//!
//! Pure and incremental: text is pushed as it arrives, documents are taken as they end, every byte is looked at
//! once, and no more is held than the document at hand and what was pushed last.

mod binary;
mod json;
mod text;
mod yaml;

use json::JsonRules;
use prost_reflect::bytes::{Buf as _, Bytes, BytesMut};
use yaml::YamlRules;

use super::{Format, Position};

/// One document of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number, from 1.
    pub number: usize,
    /// Where it begins in the input.
    pub start: Position,
    /// The document itself.
    pub text: Bytes,
}

/// Input that cannot be cut into documents. Nothing after it is read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", self.place())]
pub struct SplitError {
    /// The number of the document it happened in, from 1.
    pub document: usize,
    /// Where in the input.
    pub position: Position,
    /// What happened.
    pub problem: SplitProblem,
}

impl SplitError {
    /// Where it is, as far as that says anything: bytes have no lines, and what is too large is so all over.
    fn place(&self) -> String {
        match &self.problem {
            SplitProblem::Cut { .. } | SplitProblem::LengthCut | SplitProblem::Length => {
                format!("byte {}: ", self.position.column - 1)
            }
            SplitProblem::TooLarge { .. } => String::new(),
            SplitProblem::Stray(_) => format!("{}: ", self.position),
        }
    }
}

/// Why input cannot be cut into documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitProblem {
    /// A character that begins no value.
    #[error("unexpected '{0}' between values: they follow one another with only blanks between them")]
    Stray(char),
    /// A document over the limit.
    #[error("the document is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// A message of which the end is missing.
    #[error("the message is to have {length} bytes, and the input ends after {there} of them")]
    Cut {
        /// How long it is by its length.
        length: usize,
        /// How much of it there is.
        there: usize,
    },
    /// A length of which the end is missing.
    #[error("the input ends within the length of a message")]
    LengthCut,
    /// Bytes that are no length.
    #[error("this is no length of a message")]
    Length,
}

impl SplitProblem {
    /// Whether it is about lengths before messages.
    pub fn is_of_lengths(&self) -> bool {
        matches!(self, Self::Cut { .. } | Self::LengthCut | Self::Length)
    }
}

/// Cuts a stream of documents of one format.
#[derive(Debug)]
pub struct Splitter {
    input: Input,
    rules: Rules,
}

/// Where documents end.
#[derive(Debug)]
enum Rules {
    Json(JsonRules),
    Text,
    Yaml(YamlRules),
    Whole,
    Delimited,
}

impl Splitter {
    /// A splitter for `format` that refuses documents of more than `limit` bytes.
    pub fn new(format: Format, limit: usize) -> Self {
        let rules = match format {
            Format::Json => Rules::Json(JsonRules::default()),
            Format::Text => Rules::Text,
            Format::Yaml => Rules::Yaml(YamlRules::default()),
            Format::Binary { delimited: false } => Rules::Whole,
            Format::Binary { delimited: true } => Rules::Delimited,
        };
        let bytes = matches!(format, Format::Binary { .. });
        Self { input: Input { bytes, begun: bytes, ..Input::new(limit) }, rules }
    }

    /// The same where what is no JSON takes the rest of its line and no more, so that what stands on the next is found.
    #[must_use]
    pub fn line_by_line(mut self) -> Self {
        if let Rules::Json(rules) = &mut self.rules {
            rules.lines = true;
        }
        self
    }

    /// Adds input.
    pub fn push(&mut self, input: &[u8]) {
        self.input.push(input);
    }

    /// Says that no more input will come.
    pub fn finish(&mut self) {
        self.input.finished = true;
    }

    /// The next document that is complete, if one is.
    pub fn next_document(&mut self) -> Result<Option<Document>, SplitError> {
        if let Some(error) = &self.input.failed {
            return Err(error.clone());
        }
        if !self.input.begin() {
            return Ok(None);
        }
        match &mut self.rules {
            Rules::Json(rules) => rules.next_document(&mut self.input),
            Rules::Text => text::next_document(&mut self.input),
            Rules::Yaml(rules) => rules.next_document(&mut self.input),
            Rules::Whole => binary::whole(&mut self.input),
            Rules::Delimited => binary::delimited(&mut self.input),
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Input not yet given out, and where it stands.
#[derive(Debug)]
struct Input {
    buffer: BytesMut,
    /// How much of the buffer has been looked at; all of it belongs to the document at hand.
    scanned: usize,
    /// The position of what has not been looked at.
    position: Position,
    /// Where the document at hand begins.
    start: Position,
    number: usize,
    limit: usize,
    begun: bool,
    /// Whether it has bytes, of which none is a line's end or a byte order mark.
    bytes: bool,
    finished: bool,
    failed: Option<SplitError>,
}

impl Input {
    fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            scanned: 0,
            position: Position::START,
            start: Position::START,
            number: 1,
            limit,
            begun: false,
            bytes: false,
            finished: false,
            failed: None,
        }
    }

    fn push(&mut self, input: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(input);
        }
    }

    /// Whether it is settled that the input begins with a byte order mark, which is dropped, or without one.
    fn begin(&mut self) -> bool {
        if !self.begun {
            if self.buffer.starts_with(BYTE_ORDER_MARK) {
                self.buffer.advance(BYTE_ORDER_MARK.len());
            } else if BYTE_ORDER_MARK.starts_with(&self.buffer) && !self.finished {
                return false;
            }
            self.begun = true;
        }
        true
    }

    /// What belongs to the document at hand, with the next `length` bytes.
    fn seen(&self, length: usize) -> &[u8] {
        self.buffer.get(..self.scanned + length).unwrap_or_default()
    }

    /// What has not been looked at yet.
    fn unseen(&self) -> &[u8] {
        self.buffer.get(self.scanned..).unwrap_or_default()
    }

    /// Notes that the next `length` bytes have been looked at and belong to the document at hand.
    fn take(&mut self, length: usize) -> Result<(), SplitError> {
        self.advance(self.scanned, length);
        self.scanned += length;
        if self.scanned > self.limit {
            Err(self.fail(SplitProblem::TooLarge { limit: self.limit }))
        } else {
            Ok(())
        }
    }

    /// Moves the position past so many bytes of the buffer.
    fn advance(&mut self, start: usize, length: usize) {
        if self.bytes {
            self.position.column += length;
        } else {
            self.position.advance(self.buffer.get(start..start + length).unwrap_or_default());
        }
    }

    /// Drops the next `length` bytes, which belong to no document.
    fn skip(&mut self, length: usize) {
        self.advance(0, length);
        self.buffer.advance(length.min(self.buffer.len()));
        self.scanned = 0;
        self.start = self.position;
    }

    /// Drops what has been looked at, which belongs to no document.
    fn forget(&mut self) {
        self.buffer.advance(self.scanned);
        self.scanned = 0;
        self.start = self.position;
    }

    /// Gives out what has been looked at as a document.
    fn document(&mut self) -> Document {
        let text = self.buffer.split_to(self.scanned).freeze();
        let document = Document { number: self.number, start: self.start, text };
        self.number += 1;
        self.scanned = 0;
        self.start = self.position;
        document
    }

    fn fail(&mut self, problem: SplitProblem) -> SplitError {
        let error = SplitError { document: self.number, position: self.position, problem };
        self.failed = Some(error.clone());
        self.buffer = BytesMut::new();
        self.scanned = 0;
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `parts` one by one, taking what is complete after each.
    pub(super) fn split(format: Format, parts: &[&[u8]]) -> Result<Vec<(usize, String)>, SplitError> {
        let mut splitter = Splitter::new(format, 1 << 20);
        let mut documents = Vec::new();
        let mut drain = |splitter: &mut Splitter| {
            while let Some(document) = splitter.next_document()? {
                assert_eq!(document.number, documents.len() + 1);
                documents.push((document.start.line, String::from_utf8(document.text.to_vec()).unwrap()));
            }
            Ok(())
        };
        for part in parts {
            splitter.push(part);
            drain(&mut splitter)?;
        }
        splitter.finish();
        drain(&mut splitter)?;
        Ok(documents)
    }

    #[test]
    fn where_the_input_is_torn_makes_no_difference() {
        let json =
            "\u{feff} {\"a\":\"}\\\"{\\\\\"}[1,[2]]\n\n12 true\"x y\\\\\"null{}\r\n\t{\n\"é\":[]}-1.5e3"
                .as_bytes();
        let text = "\u{feff}a: 1\u{1e}\n\nb: \"é\"\n\u{1e}\u{1e} c { }\u{1e}".as_bytes();
        let yaml =
            "\u{feff}%YAML 1.2\n--- # é\na: 1\n---x: 2\n...\n# c\n---\r\n{}\n--- \n---\nb:\n ---\n....\n"
                .as_bytes();
        for (format, input, count) in
            [(Format::Json, json, 9), (Format::Text, text, 4), (Format::Yaml, yaml, 3)]
        {
            let whole = split(format, &[input]).unwrap();
            assert_eq!(whole.len(), count);
            for at in 0..=input.len() {
                let (left, right) = input.split_at(at);
                assert_eq!(split(format, &[left, right]).unwrap(), whole, "torn at {at}");
            }
            let bytes: Vec<&[u8]> = input.chunks(1).collect();
            assert_eq!(split(format, &bytes).unwrap(), whole);
        }
    }

    #[test]
    fn blank_input_holds_no_documents() {
        for format in [Format::Json, Format::Text, Format::Yaml] {
            for blank in ["", " \r\n\t ", "\u{feff}", "\u{feff}\n"] {
                assert_eq!(split(format, &[blank.as_bytes()]).unwrap(), []);
            }
        }
    }

    #[test]
    fn documents_over_the_limit_are_refused_before_they_end() {
        for format in [Format::Json, Format::Text, Format::Yaml] {
            let mut splitter = Splitter::new(format, 10);
            splitter.push(b"[1,2,3,4,5");
            assert_eq!(splitter.next_document(), Ok(None));
            splitter.push(b",");
            let error = splitter.next_document().unwrap_err();
            assert_eq!(error.problem, SplitProblem::TooLarge { limit: 10 });
            // It stays that way, and holds on to nothing more.
            splitter.push(b"]");
            splitter.finish();
            assert_eq!(splitter.next_document(), Err(error));
        }
    }
}
