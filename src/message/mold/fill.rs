//! Filling in the blanks.

use std::ops::Range;

use super::{Blank, Mold, Piece};
use crate::message::bytes::{Scalar, Sink};
use crate::message::json;

/// What is filled in: values in the order of the blanks. Keep one, and it takes no memory anew.
#[derive(Debug, Default)]
pub struct Filling {
    text: Vec<u8>,
    values: Vec<Value>,
}

#[derive(Debug, Clone)]
enum Value {
    Text(Range<usize>),
    Number(i64),
    Moment(i64, i32),
}

impl Filling {
    /// Forgets all values.
    pub fn clear(&mut self) {
        self.text.clear();
        self.values.clear();
    }

    /// Adds a number.
    pub fn number(&mut self, number: i64) {
        self.values.push(Value::Number(number));
    }

    /// Adds a moment: seconds since 1970, and nanoseconds beyond them.
    pub fn moment(&mut self, seconds: i64, nanos: i32) {
        self.values.push(Value::Moment(seconds, nanos));
    }

    /// Adds what `write` appends, which has to be UTF-8.
    pub fn text(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        self.values.push(Value::Text(start..self.text.len()));
    }

    fn get(&self, index: usize) -> Result<&Value, Unfit> {
        self.values.get(index).ok_or(Unfit)
    }
}

/// A value that its field can't have.
struct Unfit;

impl Mold {
    /// Appends the message with these values to `out`; nothing, and `false`, where one does not fit.
    pub fn fill(&self, filling: &Filling, out: &mut Vec<u8>) -> bool {
        let before = out.len();
        let mut sink = Sink::default();
        std::mem::swap(&mut sink.out, out);
        let written = pieces(&self.pieces, filling, &mut sink);
        std::mem::swap(&mut sink.out, out);
        if written.is_err() {
            out.truncate(before);
        }
        written.is_ok()
    }
}

fn pieces(all: &[Piece], filling: &Filling, sink: &mut Sink) -> Result<(), Unfit> {
    for piece in all {
        match piece {
            Piece::Fixed(bytes) => sink.out.extend_from_slice(bytes),
            Piece::Field { number, value, implicit } => field(*number, *value, *implicit, filling, sink)?,
            Piece::Bare(index, scalar) => sink.bare(*scalar, number(*scalar, filling, *index)?),
            Piece::Nested { number, pieces: inner } => {
                sink.length(*number, |sink| pieces(inner, filling, sink))?;
            }
        }
    }
    Ok(())
}

fn field(id: u32, value: Blank, implicit: bool, filling: &Filling, sink: &mut Sink) -> Result<(), Unfit> {
    match value {
        Blank::Text(index) => match filling.get(index)? {
            Value::Text(range) => {
                let text = filling.text.get(range.clone()).unwrap_or_default();
                if !(implicit && text.is_empty()) {
                    sink.bytes(id, text);
                }
                Ok(())
            }
            _ => Err(Unfit),
        },
        Blank::Number(index, scalar) => {
            let bits = number(scalar, filling, index)?;
            if !(implicit && bits == 0) {
                sink.number(id, scalar, bits);
            }
            Ok(())
        }
        Blank::Moment(index) => match filling.get(index)? {
            Value::Moment(seconds, nanos) => sink.length(id, |sink| {
                moment((*seconds, *nanos), sink);
                Ok(())
            }),
            _ => Err(Unfit),
        },
    }
}

/// The bits of a blank's number.
fn number(scalar: Scalar, filling: &Filling, index: usize) -> Result<u64, Unfit> {
    match filling.get(index)? {
        Value::Number(number) => bits(scalar, *number).ok_or(Unfit),
        Value::Text(range) => {
            let text = filling.text.get(range.clone()).and_then(|text| str::from_utf8(text).ok());
            text.and_then(|text| json::number_of(scalar, text)).ok_or(Unfit)
        }
        Value::Moment(..) => Err(Unfit),
    }
}

/// An integer as a number of this type, as [`Sink::number`] takes it.
#[allow(clippy::cast_precision_loss, reason = "a field that is no integer rounds it, as it would in JSON")]
pub(super) fn bits(scalar: Scalar, number: i64) -> Option<u64> {
    Some(match scalar {
        Scalar::Int64 | Scalar::Sint64 | Scalar::Sfixed64 => number.cast_unsigned(),
        Scalar::Int32 | Scalar::Sint32 | Scalar::Sfixed32 => {
            i64::from(i32::try_from(number).ok()?).cast_unsigned()
        }
        Scalar::Uint32 | Scalar::Fixed32 => u32::try_from(number).ok()?.into(),
        Scalar::Uint64 | Scalar::Fixed64 => u64::try_from(number).ok()?,
        Scalar::Double => (number as f64).to_bits(),
        Scalar::Float => (number as f32).to_bits().into(),
        Scalar::Bool | Scalar::String | Scalar::Bytes => return None,
    })
}

/// Writes what is in a `google.protobuf.Timestamp`.
pub(super) fn moment((seconds, nanos): (i64, i32), sink: &mut Sink) {
    if seconds != 0 {
        sink.number(1, Scalar::Int64, seconds.cast_unsigned());
    }
    if nanos != 0 {
        sink.number(2, Scalar::Int32, i64::from(nanos).cast_unsigned());
    }
}
