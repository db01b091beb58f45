//! Finding the blanks of a document in the bytes that it becomes.

use prost_reflect::MessageDescriptor;

use super::{Blank, Part, Piece, Takes};
use crate::message::bytes::{
    Field, Kind, Layout, Layouts, Raw, Record, Records, Scalar, Shape, Sink, elements, value,
};
use crate::message::json::{self, WellKnown};

/// A document with marks in the place of some blanks, and samples in that of the others.
pub(super) fn marked(document: &[Part], marks: &[Option<Takes>]) -> String {
    let mut text = String::new();
    let mut blanks = marks.iter().enumerate();
    for part in document {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Blank { quoted, sample } => match blanks.next() {
                Some((index, Some(mark))) => {
                    let quote = if *quoted { "\"" } else { "" };
                    text += &format!("{quote}{}{quote}", written(*mark, index));
                }
                _ => text.push_str(sample),
            },
        }
    }
    text
}

/// A mark as a document has it.
fn written(takes: Takes, index: usize) -> String {
    match takes {
        Takes::Text => text(index),
        Takes::Number => number(index).to_string(),
        Takes::Moment => {
            let (seconds, nanos) = moment(index);
            json::timestamp(seconds, nanos).unwrap_or_default().trim_matches('"').to_owned()
        }
    }
}

/// Text that is no base64, no name and no number.
fn text(index: usize) -> String {
    format!("~ blank {index} ~")
}

/// A number that a float has, too.
fn number(index: usize) -> i64 {
    9_000_001 + i64::try_from(index).unwrap_or_default() * 3
}

fn moment(index: usize) -> (i64, i32) {
    (981_173_106 + i64::try_from(index).unwrap_or_default(), 789_012_345)
}

/// What a message is made of, where each mark is found once.
pub(super) fn pieces(
    layouts: &Layouts,
    descriptor: &MessageDescriptor,
    bytes: &[u8],
    marks: &[Option<Takes>],
) -> Option<Vec<Piece>> {
    let mut search = Search { layouts, marks, found: vec![0; marks.len()] };
    let pieces = search.message(&layouts.of(descriptor), bytes)?;
    let once = search.found.iter().zip(marks).all(|(found, mark)| *found == usize::from(mark.is_some()));
    once.then_some(pieces)
}

struct Search<'s> {
    layouts: &'s Layouts,
    marks: &'s [Option<Takes>],
    found: Vec<usize>,
}

impl Search<'_> {
    fn message(&mut self, layout: &Layout, bytes: &[u8]) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        for record in Records::new(bytes) {
            let record = record.ok()?;
            let made = layout.by_number(record.number).map(|field| self.field(layout, field, &record));
            match made {
                // Around a message set's extensions is another message, which no layout has.
                Some(made) if !layout.message_set => {
                    made?.into_iter().for_each(|piece| push(&mut pieces, piece));
                }
                _ => push(&mut pieces, Piece::Fixed(record.whole.to_vec())),
            }
        }
        Some(pieces)
    }

    fn field(&mut self, layout: &Layout, field: &Field, record: &Record<'_>) -> Option<Vec<Piece>> {
        let as_it_is = || Some(vec![Piece::Fixed(record.whole.to_vec())]);
        let number = record.number;
        match (&field.kind, record.raw) {
            (_, Raw::Length(entry)) if matches!(field.shape, Shape::Map(_)) => {
                let (_, _, kind) = field.slot.is();
                let entry_layout = self.layouts.of(kind.as_message()?);
                let pieces = self.message(&entry_layout, entry)?;
                Some(vec![nested(number, pieces, record.whole)])
            }
            (Kind::Message(link), Raw::Length(content)) => {
                let inner = self.layouts.behind(link);
                if inner.well_known == Some(WellKnown::Timestamp)
                    && let Some(index) = self.find_moment(content)
                {
                    let value = Blank::Moment(index);
                    return Some(vec![Piece::Field { number, value, implicit: false }]);
                }
                let pieces = self.message(&inner, content)?;
                Some(vec![nested(number, pieces, record.whole)])
            }
            (Kind::Message(link), Raw::Group(content)) => {
                let inner = self.layouts.behind(link);
                let mut sink = Sink::default();
                sink.message((number, true), || (), |_| Ok(())).ok()?;
                let (start, end) = sink.out.split_at(sink.out.len() / 2);
                let mut pieces = vec![Piece::Fixed(start.to_vec())];
                pieces.extend(self.message(&inner, content)?);
                pieces.push(Piece::Fixed(end.to_vec()));
                Some(pieces)
            }
            (Kind::Scalar(Scalar::String), Raw::Length(content)) => match self.find_text(content) {
                Some(index) => {
                    let implicit = field.is_implicit() && !is_entry(layout);
                    Some(vec![Piece::Field { number, value: Blank::Text(index), implicit }])
                }
                None => as_it_is(),
            },
            (kind, raw) => match kind.number() {
                Some(scalar) if matches!(raw, Raw::Length(_)) => self.packed(field, scalar, record),
                Some(scalar) => match self.find_number(scalar, raw) {
                    Some(index) => {
                        let implicit = field.is_implicit() && !is_entry(layout);
                        Some(vec![Piece::Field { number, value: Blank::Number(index, scalar), implicit }])
                    }
                    None => as_it_is(),
                },
                None => as_it_is(),
            },
        }
    }

    fn packed(&mut self, field: &Field, scalar: Scalar, record: &Record<'_>) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        for raw in elements(&field.kind, record.raw) {
            let raw = raw.ok()?;
            let piece = if let Some(index) = self.find_number(scalar, raw) {
                Piece::Bare(index, scalar)
            } else {
                let mut sink = Sink::default();
                sink.bare(scalar, value(scalar, raw).ok()?.bits()?);
                Piece::Fixed(sink.out)
            };
            push(&mut pieces, piece);
        }
        Some(vec![nested(record.number, pieces, record.whole)])
    }

    fn find(&mut self, takes: Takes, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let marks = self.marks.iter().enumerate();
        let mut marks = marks.filter(|(_, mark)| **mark == Some(takes)).map(|(index, _)| index);
        let index = marks.find(|index| fits(*index))?;
        if let Some(found) = self.found.get_mut(index) {
            *found += 1;
        }
        Some(index)
    }

    fn find_text(&mut self, content: &[u8]) -> Option<usize> {
        self.find(Takes::Text, |index| content == text(index).as_bytes())
    }

    fn find_number(&mut self, scalar: Scalar, raw: Raw<'_>) -> Option<usize> {
        let bits = value(scalar, raw).ok()?.bits()?;
        self.find(Takes::Number, |index| super::fill::bits(scalar, number(index)) == Some(bits))
    }

    fn find_moment(&mut self, content: &[u8]) -> Option<usize> {
        self.find(Takes::Moment, |index| {
            let mut sink = Sink::default();
            super::fill::moment(moment(index), &mut sink);
            content == sink.out
        })
    }
}

/// Whether it is an entry of a map, of which both fields are always there.
fn is_entry(layout: &Layout) -> bool {
    layout.descriptor.is_map_entry()
}

/// A field that has a length; as it is, where there is no blank in it.
fn nested(number: u32, pieces: Vec<Piece>, whole: &[u8]) -> Piece {
    let fixed = pieces.iter().all(|piece| matches!(piece, Piece::Fixed(_)));
    if fixed { Piece::Fixed(whole.to_vec()) } else { Piece::Nested { number, pieces } }
}

/// Adds a piece, to the one before it where neither is a blank.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Fixed(before)), Piece::Fixed(bytes)) => before.extend(bytes),
        (_, piece) => pieces.push(piece),
    }
}
