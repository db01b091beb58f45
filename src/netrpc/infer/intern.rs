//! Definitions that are made once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::netrpc::gob::{Definition, Field, Marshaler, TypeRef, Types};

/// A table of types that has no two alike.
#[derive(Debug, Default)]
pub(super) struct Interner {
    types: Types,
    known: HashMap<Key, TypeRef>,
}

/// A definition, as something to look up.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Array(TypeRef, usize),
    Slice(TypeRef),
    Map(TypeRef, TypeRef),
    Struct(Arc<str>, Vec<(Arc<str>, TypeRef)>),
    Opaque(Arc<str>, Marshaler),
}

impl Interner {
    pub(super) fn types(&self) -> &Types {
        &self.types
    }

    pub(super) fn types_mut(&mut self) -> &mut Types {
        &mut self.types
    }

    pub(super) fn slice(&mut self, element: TypeRef) -> TypeRef {
        self.intern(Key::Slice(element), || Definition::Slice { name: Arc::default(), element })
    }

    pub(super) fn array(&mut self, element: TypeRef, length: usize) -> TypeRef {
        self.intern(Key::Array(element, length), || Definition::Array {
            name: Arc::default(),
            element,
            length,
        })
    }

    pub(super) fn map(&mut self, key: TypeRef, value: TypeRef) -> TypeRef {
        self.intern(Key::Map(key, value), || Definition::Map { name: Arc::default(), key, value })
    }

    pub(super) fn structure(&mut self, name: Arc<str>, fields: Vec<Field>) -> TypeRef {
        let key = fields.iter().map(|field| (Arc::clone(&field.name), field.ty)).collect();
        self.intern(Key::Struct(Arc::clone(&name), key), || Definition::Struct { name, fields })
    }

    pub(super) fn opaque(&mut self, name: Arc<str>, marshaler: Marshaler) -> TypeRef {
        self.intern(Key::Opaque(Arc::clone(&name), marshaler), || Definition::Opaque { name, marshaler })
    }

    fn intern(&mut self, key: Key, definition: impl FnOnce() -> Definition) -> TypeRef {
        let types = &mut self.types;
        *self.known.entry(key).or_insert_with(|| types.define(definition()))
    }
}
