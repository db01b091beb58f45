//! A message of which some values differ from one to the next, encoded but for these: what stands around them is written
//! once, and each message takes its own values and the lengths that come of them.
//!
//! Which places those are is found out by reading the document with marks in it, values that stand nowhere else, and
//! looking for them in the bytes that it becomes. So a blank is whatever the reader of JSON makes of it, and what is not
//! found again as it was given (base64, the name of an enum's value) makes no mold: such documents are read one by one.
//! A filled mold is what the reader would make of the document, but that entries of maps stand in the document's order.

mod cast;
mod fill;

use crate::message::bytes::{Layouts, Scalar};
use crate::message::json;
use prost_reflect::MessageDescriptor;

pub use fill::Filling;

/// A part of a JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// As it stands there.
    Text(String),
    /// A value that is to be filled in.
    Blank {
        /// Whether it is a string; else it stands for itself, as numbers do.
        quoted: bool,
        /// JSON that may stand there.
        sample: String,
    },
}

/// What a blank takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Any text.
    Text,
    /// A number, or text that is one.
    Number,
    /// A moment.
    Moment,
}

/// A message with blanks.
#[derive(Debug, Clone)]
pub struct Mold {
    pieces: Vec<Piece>,
    blanks: Vec<Takes>,
}

/// What a message is made of, one behind the other.
#[derive(Debug, Clone)]
enum Piece {
    /// Bytes as they are.
    Fixed(Vec<u8>),
    /// A field of which the value is a blank.
    Field {
        number: u32,
        value: Blank,
        /// Whether there is no field where the value is the zero of its type.
        implicit: bool,
    },
    /// A blank in a packed list.
    Bare(usize, Scalar),
    /// A field behind whose length there are blanks.
    Nested { number: u32, pieces: Vec<Piece> },
}

/// A blank by its index, and what the field around it is.
#[derive(Debug, Clone, Copy)]
enum Blank {
    Text(usize),
    Number(usize, Scalar),
    Moment(usize),
}

/// How many blanks a message may have: each is looked for on its own.
const MOST: usize = 256;

impl Mold {
    /// Makes one of a document, if all its blanks can be found again. `reader` reads the documents.
    pub fn cast(
        reader: &json::Reader,
        descriptor: &MessageDescriptor,
        document: &[Part],
        allow_unknown_fields: bool,
    ) -> Option<Self> {
        let layouts = Layouts::default();
        let with = |marks: &[Option<Takes>]| {
            let text = cast::marked(document, marks);
            let bytes = reader.read(descriptor, text.as_bytes(), allow_unknown_fields).ok()?;
            cast::pieces(&layouts, descriptor, &bytes, marks)
        };
        let count = document.iter().filter(|part| matches!(part, Part::Blank { .. })).count();
        if count > MOST {
            return None;
        }
        let mut marks = vec![None; count];
        let mut blanks = Vec::with_capacity(count);
        let quoted = document.iter().filter_map(|part| match part {
            Part::Blank { quoted, .. } => Some(*quoted),
            Part::Text(_) => None,
        });
        for (index, quoted) in quoted.enumerate() {
            let candidates: &[Takes] =
                if quoted { &[Takes::Text, Takes::Number, Takes::Moment] } else { &[Takes::Number] };
            let found = candidates.iter().find(|takes| {
                if let Some(mark) = marks.get_mut(index) {
                    *mark = Some(**takes);
                }
                with(&marks).is_some()
            })?;
            if let Some(mark) = marks.get_mut(index) {
                *mark = None;
            }
            blanks.push(*found);
        }
        let all: Vec<_> = blanks.iter().copied().map(Some).collect();
        Some(Self { pieces: with(&all)?, blanks })
    }

    /// What each blank takes, in the order of the document.
    pub fn blanks(&self) -> &[Takes] {
        &self.blanks
    }
}

#[cfg(test)]
mod tests;
