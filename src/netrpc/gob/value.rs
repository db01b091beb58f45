//! A Go value, as gob carries it.

use std::sync::Arc;

use bytes::Bytes;

use super::types::Marshaler;

/// A Go value. Pointers are what they point to, sizes of numbers are forgotten: gob carries neither.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A nil interface, a nil pointer to a struct, or the zero value of a type that encodes itself.
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
    /// A map's pairs, in the order in which they came.
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

/// A struct's exported fields, in the order of its definition. Fields that were not sent have their zero values.
#[derive(Debug, Clone, PartialEq)]
pub struct Struct {
    /// The type's name; empty for an unnamed one.
    pub name: Arc<str>,
    /// Each field's name and value.
    pub fields: Vec<(Arc<str>, Value)>,
}
