//! The types that a gob stream can describe.

use std::collections::HashMap;
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

impl TypeRef {
    /// What kind of type this is, in Go's words; of a defined one, its [`Definition`] knows.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Float => "float",
            Self::Bytes => "[]byte",
            Self::String => "string",
            Self::Complex => "complex",
            Self::Interface => "interface",
            Self::Defined(_) => "defined type",
        }
    }
}

impl Definition {
    /// The type's name, which may be empty.
    pub fn name(&self) -> &Arc<str> {
        match self {
            Self::Array { name, .. }
            | Self::Slice { name, .. }
            | Self::Map { name, .. }
            | Self::Struct { name, .. }
            | Self::Opaque { name, .. } => name,
        }
    }

    /// What kind of type this is, in Go's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Array { .. } => "array",
            Self::Slice { .. } => "slice",
            Self::Map { .. } => "map",
            Self::Struct { .. } => "struct",
            Self::Opaque { marshaler, .. } => marshaler.interface(),
        }
    }

    /// The types that values of this one are made of, in order.
    pub fn parts(&self) -> impl Iterator<Item = TypeRef> {
        let (pair, fields): ([Option<TypeRef>; 2], &[Field]) = match self {
            Self::Array { element, .. } | Self::Slice { element, .. } => ([Some(*element), None], &[]),
            Self::Map { key, value, .. } => ([Some(*key), Some(*value)], &[]),
            Self::Struct { fields, .. } => ([None, None], fields),
            Self::Opaque { .. } => ([None, None], &[]),
        };
        pair.into_iter().flatten().chain(fields.iter().map(|field| field.ty))
    }
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

impl Marshaler {
    /// The interface's name.
    pub fn interface(self) -> &'static str {
        match self {
            Self::Gob => "GobEncoder",
            Self::Binary => "BinaryMarshaler",
            Self::Text => "TextMarshaler",
        }
    }
}

/// A table of defined types, which may name each other and themselves, and the names under which interfaces know them.
#[derive(Debug, Clone, Default)]
pub struct Types {
    definitions: Vec<Option<Definition>>,
    registered: HashMap<Arc<str>, TypeRef>,
}

impl Types {
    /// Adds a type.
    pub fn define(&mut self, definition: Definition) -> TypeRef {
        self.definitions.push(Some(definition));
        TypeRef::Defined(self.definitions.len() - 1)
    }

    /// A place for a type that is named before it is known, as that of a recursive type is.
    pub fn reserve(&mut self) -> TypeRef {
        self.definitions.push(None);
        TypeRef::Defined(self.definitions.len() - 1)
    }

    /// Fills a reserved place.
    pub fn fill(&mut self, reserved: TypeRef, definition: Definition) {
        if let TypeRef::Defined(place) = reserved
            && let Some(place) = self.definitions.get_mut(place)
        {
            *place = Some(definition);
        }
    }

    /// The definition of a type; none for what everybody knows, and for a place that was not filled.
    pub fn get(&self, ty: TypeRef) -> Option<&Definition> {
        match ty {
            TypeRef::Defined(place) => self.definitions.get(place)?.as_ref(),
            _ => None,
        }
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.definitions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.definitions.is_empty()
    }

    /// Gives a type the name under which both sides know it as what an interface holds: Go's `gob.RegisterName`.
    pub fn register(&mut self, name: impl Into<Arc<str>>, ty: TypeRef) {
        self.registered.insert(name.into(), ty);
    }

    /// The type that an interface holds under this name, if it was registered here or is one of the plain types that
    /// Go registers by itself.
    pub fn registered(&self, name: &str) -> Option<TypeRef> {
        self.registered.get(name).copied().or_else(|| plain(name))
    }

    /// Registers the slice of a plain type, such as `[]string`, that Go registers by itself; none if this is not the
    /// name of one.
    pub fn register_plain_slice(&mut self, name: &str) -> Option<TypeRef> {
        let known = self.registered(name);
        if known.is_some() {
            return known;
        }
        let element = plain(name.strip_prefix("[]")?)?;
        if element == TypeRef::Bytes {
            return None;
        }
        let slice = self.define(Definition::Slice { name: Arc::default(), element });
        self.register(name, slice);
        Some(slice)
    }
}

/// The types without a definition that Go registers by itself.
fn plain(name: &str) -> Option<TypeRef> {
    Some(match name {
        "bool" => TypeRef::Bool,
        "int" | "int8" | "int16" | "int32" | "int64" => TypeRef::Int,
        "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "uintptr" => TypeRef::Uint,
        "float32" | "float64" => TypeRef::Float,
        "complex64" | "complex128" => TypeRef::Complex,
        "string" => TypeRef::String,
        "[]uint8" => TypeRef::Bytes,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_registers_is_registered() {
        let mut types = Types::default();
        assert_eq!(types.registered("int32"), Some(TypeRef::Int));
        assert_eq!(types.registered("[]uint8"), Some(TypeRef::Bytes));
        assert_eq!(types.registered("[]string"), None);
        let strings = types.register_plain_slice("[]string");
        assert_eq!(types.registered("[]string"), strings);
        assert_eq!(types.register_plain_slice("[]string"), strings);
        assert_eq!(
            types.get(strings.unwrap()),
            Some(&Definition::Slice { name: "".into(), element: TypeRef::String })
        );
        assert_eq!(types.register_plain_slice("[]uint8"), Some(TypeRef::Bytes));
        assert_eq!(types.register_plain_slice("[][]uint8"), None);
        assert_eq!(types.register_plain_slice("main.Point"), None);
    }
}
