//! Numbers, alone and in a row.

use std::fmt;
use std::sync::Arc;

use crate::message::bytes::{Elements, Kind, Layout, Raw, Scalar, Value, elements, int32, value};

/// A number as the wire has it; it is written in decimal if it is a varint, and else in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// Of one to ten bytes.
    Varint(u64),
    /// Of four.
    Fixed32(u32),
    /// Of eight.
    Fixed64(u64),
}

/// What a number may mean as well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Other {
    /// An int64, or an int32, below zero.
    Int64(i64),
    /// A sint64, or a sint32.
    Sint64(i64),
    /// A float.
    Float(f32),
    /// A double.
    Double(f64),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Varint(bits) => bits.fmt(f),
            Self::Fixed32(bits) => write!(f, "0x{bits:08x}"),
            Self::Fixed64(bits) => write!(f, "0x{bits:016x}"),
        }
    }
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int64(value) => write!(f, "int64 {value}"),
            Self::Sint64(value) => write!(f, "sint64 {value}"),
            Self::Float(value) => write!(f, "float {value}"),
            Self::Double(value) => write!(f, "double {value}"),
        }
    }
}

/// Numbers that share one length.
#[derive(Clone)]
pub struct Packed<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) kind: PackedKind,
}

#[derive(Clone)]
pub(super) enum PackedKind {
    Guess(Scalar),
    /// The field with this index.
    Declared(Arc<Layout>, u32),
}

impl Packed<'_> {
    /// Hands out each number as it is written.
    pub fn each<E>(&self, mut take: impl FnMut(&dyn fmt::Display) -> Result<(), E>) -> Result<(), E> {
        let guessed;
        let kind = match &self.kind {
            PackedKind::Guess(scalar) => {
                guessed = Kind::Scalar(*scalar);
                &guessed
            }
            PackedKind::Declared(layout, index) => match layout.field(*index) {
                Some(field) => &field.kind,
                None => return Ok(()),
            },
        };
        for raw in packed(kind, self.bytes) {
            match raw {
                Ok(Raw::Varint(bits)) if matches!(kind, Kind::Scalar(Scalar::Uint64)) => take(&bits)?,
                Ok(raw) => take(&word(kind, raw).unwrap_or_default())?,
                Err(_) => {}
            }
        }
        Ok(())
    }
}

/// The numbers of one kind that share one length.
pub(super) fn packed<'a>(kind: &Kind, bytes: &'a [u8]) -> Elements<'a> {
    elements(kind, Raw::Length(bytes))
}

/// A number, a truth value or an enum's, as it is written.
pub(super) fn word(kind: &Kind, raw: Raw<'_>) -> Option<String> {
    if let (Kind::Enum(values), Raw::Varint(bits)) = (kind, raw) {
        let number = int32(bits);
        let named = values.descriptor.get_value(number);
        return Some(
            named.map_or_else(|| number.to_string(), |value| format!("{} ({number})", value.name())),
        );
    }
    let Kind::Scalar(scalar) = kind else { return None };
    Some(match value(*scalar, raw).ok()? {
        Value::Bool(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        Value::U64(value) => value.to_string(),
        Value::F32(value) => value.to_string(),
        Value::F64(value) => value.to_string(),
        Value::Text(_) | Value::Bytes(_) => return None,
    })
}
