//! The types that a gob stream can describe.

use std::sync::Arc;

/// A type: one that every gob stream knows, or a defined one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeRef {
    /// `bool`.
    Bool,
    /// Signed integers of any size.
    Int,
    /// Unsigned integers of any size.
    Uint,
    /// `float32` and `float64`.
    Float,
    /// `[]byte`.
    Bytes,
    /// `string`.
    String,
    /// `complex64` and `complex128`.
    Complex,
    /// An interface of any kind.
    Interface,
    /// The type with this place in its [`Types`].
    Defined(usize),
}

/// A defined type. Names may be empty, as those of unnamed types are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// `[LENGTH]ELEMENT`.
    Array {
        /// The type's name.
        name: Arc<str>,
        /// The type of each element.
        element: TypeRef,
        /// How many there are.
        length: usize,
    },
    /// `[]ELEMENT`, other than `[]byte`.
    Slice {
        /// The type's name.
        name: Arc<str>,
        /// The type of each element.
        element: TypeRef,
    },
    /// `map[KEY]VALUE`.
    Map {
        /// The type's name.
        name: Arc<str>,
        /// The type of each key.
        key: TypeRef,
        /// The type of each value.
        value: TypeRef,
    },
    /// `struct { FIELDS }`.
    Struct {
        /// The type's name.
        name: Arc<str>,
        /// The exported fields, in order.
        fields: Vec<Field>,
    },
    /// A type that encodes itself, in bytes that only it knows.
    Opaque {
        /// The type's name; empty for a pointer type, such as that of `*big.Int`.
        name: Arc<str>,
        /// With which of its methods it does.
        marshaler: Marshaler,
    },
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The field's name, by which both sides know it.
    pub name: Arc<str>,
    /// Its type. gob has no pointers: a pointer's type is that of what it points to.
    pub ty: TypeRef,
}

/// The interface through which a type encodes itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Marshaler {
    /// `gob.GobEncoder`.
    Gob,
    /// `encoding.BinaryMarshaler`.
    Binary,
    /// `encoding.TextMarshaler`.
    Text,
}

/// A table of defined types, which may name each other and themselves.
#[derive(Debug, Clone, Default)]
pub struct Types(Vec<Option<Definition>>);

impl Types {
    /// Adds a type.
    pub fn define(&mut self, definition: Definition) -> TypeRef {
        self.0.push(Some(definition));
        TypeRef::Defined(self.0.len() - 1)
    }

    /// A place for a type that is named before it is known, as that of a recursive type is.
    pub fn reserve(&mut self) -> TypeRef {
        self.0.push(None);
        TypeRef::Defined(self.0.len() - 1)
    }

    /// Fills a reserved place.
    pub fn fill(&mut self, reserved: TypeRef, definition: Definition) {
        if let TypeRef::Defined(place) = reserved
            && let Some(place) = self.0.get_mut(place)
        {
            *place = Some(definition);
        }
    }

    /// The definition of a type; none for what everybody knows, and for a place that was not filled.
    pub fn get(&self, ty: TypeRef) -> Option<&Definition> {
        match ty {
            TypeRef::Defined(place) => self.0.get(place)?.as_ref(),
            _ => None,
        }
    }
}
