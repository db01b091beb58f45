//! A Go value, as gob carries it.

use std::sync::Arc;

use bytes::Bytes;

use super::types::Marshaler;

/// A Go value. Pointers are what they point to, sizes of numbers are forgotten: gob carries neither.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// What was not sent: a nil interface, a nil pointer to a struct or to an array, or the zero value of a type that
    /// encodes itself.
    Nil,
    /// A `bool`.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    Uint(u64),
    /// A floating-point number, which may be NaN or infinite.
    Float(f64),
    /// A complex number: its real and its imaginary part.
    Complex(f64, f64),
    /// A `[]byte`.
    Bytes(Bytes),
    /// A `string`: bytes that are UTF-8 by custom, not by law.
    String(Bytes),
    /// A slice or an array.
    List(Vec<Value>),
    /// A map's pairs, in the order in which they came. A key that came twice is here twice; Go keeps the last.
    Map(Vec<(Value, Value)>),
    /// A struct.
    Struct(Struct),
    /// What an interface holds.
    Interface {
        /// The name under which the concrete type is registered, such as `int` or `main.Point`.
        name: Arc<str>,
        /// The value itself.
        value: Box<Value>,
    },
    /// A value that encoded itself.
    Opaque {
        /// The type's name; empty for a pointer type.
        name: Arc<str>,
        /// With which of its methods it did.
        marshaler: Marshaler,
        /// What that method made.
        bytes: Bytes,
    },
}

impl Value {
    /// What kind of value this is, in Go's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Float(_) => "float",
            Self::Complex(..) => "complex",
            Self::Bytes(_) => "[]byte",
            Self::String(_) => "string",
            Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Struct(_) => "struct",
            Self::Interface { .. } => "interface",
            Self::Opaque { marshaler, .. } => marshaler.interface(),
        }
    }
}

/// A struct's exported fields, in the order of its definition. Fields that were not sent have their zero values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Struct {
    /// The type's name; empty for an unnamed one.
    pub name: Arc<str>,
    /// Each field's name and value.
    pub fields: Vec<(Arc<str>, Value)>,
}
