//! A document with placeholders: a mold where it can be one, and else JSON that is written and read for each call.

use bytes::Bytes;
use prost_reflect::MessageDescriptor;

use super::values::Values;
use super::words::{Part, Word};
use crate::message::mold::{self, Filling, Mold, Takes};
use crate::message::split::Document;
use crate::message::{Error, Format, Origin, Position, Reader, json};

/// A document with placeholders.
#[derive(Debug)]
pub(super) struct Draft {
    origin: Origin,
    number: usize,
    pieces: Vec<Piece>,
    mold: Option<Mold>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Slot(Slot),
}

/// A value with placeholders in it.
#[derive(Debug)]
struct Slot {
    /// Whether it is a string.
    quoted: bool,
    bits: Vec<Bit>,
}

#[derive(Debug)]
enum Bit {
    Text {
        /// As JSON writes it.
        raw: String,
        /// As it is meant.
        plain: String,
    },
    Word(Word),
}

/// What is written into for one call, and used again for the next.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    filling: Filling,
    json: Vec<u8>,
}

/// What makes messages of documents.
pub(super) struct Maker<'m> {
    pub(super) reader: &'m Reader,
    /// What messages are read as.
    pub(super) input: &'m MessageDescriptor,
    /// Whether they go as the JSON that they are.
    pub(super) takes_json: bool,
    pub(super) allow_unknown_fields: bool,
}

impl Draft {
    pub(super) fn new(origin: Origin, number: usize, parts: Vec<Part>) -> Self {
        Self { origin, number, pieces: pieces(parts), mold: None }
    }

    /// The placeholders in it.
    pub(super) fn words(&self) -> impl Iterator<Item = Word> {
        let slots = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Slot(slot) => Some(slot),
            Piece::Text(_) => None,
        });
        slots.flat_map(|slot| slot.bits.iter()).filter_map(|bit| match bit {
            Bit::Word(word) => Some(*word),
            Bit::Text { .. } => None,
        })
    }

    /// Makes a mold of it, if it can be one: by the values of the call at hand.
    pub(super) fn cast(&mut self, maker: &Maker<'_>, values: &mut Values) {
        if maker.takes_json {
            return;
        }
        let mut document = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            document.push(match piece {
                Piece::Text(text) => mold::Part::Text(text.clone()),
                Piece::Slot(slot) => {
                    let mut sample = Vec::new();
                    slot.json(values, &mut sample);
                    let sample = String::from_utf8_lossy(&sample).into_owned();
                    mold::Part::Blank { quoted: slot.quoted, sample }
                }
            });
        }
        let reader = json::Reader::default();
        let mold = Mold::cast(&reader, maker.input, &document, maker.allow_unknown_fields);
        let slots = || self.pieces.iter().filter_map(Piece::slot);
        // Text that is no moment by itself is read for each call.
        let fits = |mold: &Mold| {
            let mut blanks = mold.blanks().iter().zip(slots());
            blanks.all(|(takes, slot)| *takes != Takes::Moment || slot.moment().is_some())
        };
        self.mold = mold.filter(fits);
    }

    /// Leaves the mold: what it refused, the reader may take.
    pub(super) fn break_mold(&mut self) {
        self.mold = None;
    }

    /// Whether it is one.
    pub(super) fn is_mold(&self) -> bool {
        self.mold.is_some()
    }

    /// Appends the message of the call at hand to `out`; nothing, and `false`, where its values make none.
    pub(super) fn write(
        &self,
        maker: &Maker<'_>,
        values: &mut Values,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> bool {
        let Some(mold) = &self.mold else {
            let read = self.read(maker, values, scratch);
            return read.map(|message| out.extend_from_slice(&message)).is_ok();
        };
        scratch.filling.clear();
        for (takes, slot) in mold.blanks().iter().zip(self.pieces.iter().filter_map(Piece::slot)) {
            slot.fill(*takes, values, &mut scratch.filling);
        }
        mold.fill(&scratch.filling, out)
    }

    /// The message of the call at hand, by way of JSON, or what is wrong with that.
    pub(super) fn read(
        &self,
        maker: &Maker<'_>,
        values: &mut Values,
        scratch: &mut Scratch,
    ) -> Result<Bytes, Error> {
        scratch.json.clear();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => scratch.json.extend_from_slice(text.as_bytes()),
                Piece::Slot(slot) => slot.json(values, &mut scratch.json),
            }
        }
        let text = Bytes::copy_from_slice(&scratch.json);
        // Places are those in what was written, which is shown beside them.
        let document = Document { number: self.number, start: Position::START, text };
        let allow = maker.allow_unknown_fields;
        let message = maker.reader.read(Format::Json, maker.input, &self.origin, &document, allow)?;
        Ok(if maker.takes_json { document.text } else { message })
    }

    /// The JSON that was read last.
    pub(super) fn last(scratch: &Scratch) -> String {
        String::from_utf8_lossy(&scratch.json).into_owned()
    }
}

impl Piece {
    fn slot(&self) -> Option<&Slot> {
        match self {
            Self::Slot(slot) => Some(slot),
            Self::Text(_) => None,
        }
    }
}

impl Slot {
    /// The one placeholder that it is, if it is one.
    fn word(&self) -> Option<Word> {
        match self.bits.as_slice() {
            [Bit::Word(word)] => Some(*word),
            _ => None,
        }
    }

    /// The same where that is a moment.
    fn moment(&self) -> Option<Word> {
        self.word().filter(|word| matches!(word, Word::Timestamp { .. }))
    }

    #[inline]
    fn fill(&self, takes: Takes, values: &mut Values, filling: &mut Filling) {
        if let (Takes::Number, Some(word)) = (takes, self.word())
            && word.is_number()
        {
            return filling.number(values.number(word).unwrap_or_default());
        }
        if let (Takes::Moment, Some(word)) = (takes, self.moment()) {
            let (seconds, nanos) = values.moment(word).unwrap_or_default();
            return filling.moment(seconds, nanos);
        }
        filling.text(|out| {
            for bit in &self.bits {
                match bit {
                    Bit::Text { plain, .. } => out.extend_from_slice(plain.as_bytes()),
                    Bit::Word(word) => values.text(*word, out),
                }
            }
        });
    }

    fn json(&self, values: &mut Values, out: &mut Vec<u8>) {
        if self.quoted {
            out.push(b'"');
        }
        for bit in &self.bits {
            match bit {
                Bit::Text { raw, .. } => out.extend_from_slice(raw.as_bytes()),
                Bit::Word(word) => match values.foreign(*word).filter(|_| self.quoted) {
                    Some(text) => escaped(text, out),
                    None => values.text(*word, out),
                },
            }
        }
        if self.quoted {
            out.push(b'"');
        }
    }
}

/// Appends text as it stands between the quotes of a JSON string.
fn escaped(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    crate::chars::quoted(out, text, false);
    out.pop();
    if out.get(start) == Some(&b'"') {
        out.remove(start);
    }
}

/// Cuts a document into the values that have placeholders in them, and what stands around these.
fn pieces(parts: Vec<Part>) -> Vec<Piece> {
    let mut cutter = Cutter::default();
    for part in parts {
        match part {
            Part::Text(text) => text.chars().for_each(|c| cutter.push(c)),
            Part::Word(word) => cutter.word(word),
        }
    }
    cutter.end_slot();
    cutter.end_text();
    cutter.pieces
}

#[derive(Default)]
struct Cutter {
    pieces: Vec<Piece>,
    /// What stands around values.
    text: String,
    /// The value at hand: what a string has in it, or what stands for itself.
    value: String,
    /// Its parts before that, where it has placeholders.
    bits: Vec<Bit>,
    quoted: bool,
    escaped: bool,
}

impl Cutter {
    fn push(&mut self, c: char) {
        if self.quoted {
            match c {
                '"' if !self.escaped => self.end_slot(),
                _ => {
                    self.escaped = c == '\\' && !self.escaped;
                    self.value.push(c);
                }
            }
        } else if c == '"' {
            self.end_slot();
            self.quoted = true;
            self.escaped = false;
        } else if matches!(c, '{' | '}' | '[' | ']' | ',' | ':') || c.is_ascii_whitespace() {
            self.end_slot();
            self.text.push(c);
        } else {
            self.value.push(c);
        }
    }

    fn word(&mut self, word: Word) {
        self.end_bit();
        self.bits.push(Bit::Word(word));
        self.escaped = false;
    }

    fn end_bit(&mut self) {
        if !self.value.is_empty() {
            let raw = std::mem::take(&mut self.value);
            let meant = || serde_json::from_str(&format!("\"{raw}\"")).ok();
            // What is no JSON is told by who reads it.
            let plain = if self.quoted { meant() } else { None }.unwrap_or_else(|| raw.clone());
            self.bits.push(Bit::Text { raw, plain });
        }
    }

    fn end_slot(&mut self) {
        let quoted = std::mem::take(&mut self.quoted);
        if self.bits.is_empty() {
            let value = std::mem::take(&mut self.value);
            let quote = if quoted { "\"" } else { "" };
            self.text += &format!("{quote}{value}{quote}");
            return;
        }
        self.quoted = quoted;
        self.end_bit();
        self.quoted = false;
        self.end_text();
        let bits = std::mem::take(&mut self.bits);
        self.pieces.push(Piece::Slot(Slot { quoted, bits }));
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text)));
        }
    }
}
