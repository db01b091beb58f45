//! The numbers under which a stream's types were defined, given in the order in which Go gives them.

use bytes::BytesMut;

use crate::netrpc::gob::definition::{self, BUILT_IN, FIRST_DEFINED};
use crate::netrpc::gob::wire::put_bytes;
use crate::netrpc::gob::{Definition, EncodeError, Problem, TypeRef, Types};

/// How deep types may be nested.
const MAX_DEPTH: usize = 1000;

/// What is known of each type, by its place in its table.
#[derive(Debug)]
pub(super) struct Numbers {
    places: Vec<Entry>,
    /// The places that got their number for the value that is being written.
    news: Vec<usize>,
    next: i32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Zero is no type's.
    id: i32,
    /// Whether its parts have their numbers, or are about to.
    visited: bool,
    /// Whether it was defined on the stream.
    defined: bool,
}

impl Default for Numbers {
    fn default() -> Self {
        // Go 1.19 begins here, and what came later begins one lower; both take either.
        Self { places: Vec::new(), news: Vec::new(), next: FIRST_DEFINED + 1 }
    }
}

impl Numbers {
    /// The number of a type. If it is new, its definition and those of all it is made of are written, each as a
    /// message.
    pub(super) fn define(
        &mut self,
        types: &Types,
        ty: TypeRef,
        out: &mut BytesMut,
    ) -> Result<i32, EncodeError> {
        if !self.is_defined(ty) {
            self.number(types, ty, 0)?;
            self.write(types, ty, out)?;
        }
        Ok(self.id(ty))
    }

    /// Takes what was written since the last value as sent.
    pub(super) fn keep_news(&mut self) {
        self.news.clear();
    }

    /// Takes what was written since the last value as never sent.
    pub(super) fn forget_news(&mut self) {
        for place in self.news.drain(..) {
            if let Some(entry) = self.places.get_mut(place) {
                // It has none yet if an error kept it from being given one.
                self.next -= i32::from(entry.id != 0);
                *entry = Entry::default();
            }
        }
    }

    fn entry(&self, ty: TypeRef) -> Option<&Entry> {
        match ty {
            TypeRef::Defined(place) => self.places.get(place),
            _ => None,
        }
    }

    fn is_defined(&self, ty: TypeRef) -> bool {
        !matches!(ty, TypeRef::Defined(_)) || self.entry(ty).is_some_and(|entry| entry.defined)
    }

    fn id(&self, ty: TypeRef) -> i32 {
        let built_in = || BUILT_IN.iter().find(|(_, known)| *known == ty).map(|(id, _)| *id);
        self.entry(ty).map(|entry| entry.id).or_else(built_in).unwrap_or_default()
    }

    /// Gives a type and all that it is made of their numbers: a struct before its fields, everything else after its
    /// elements.
    fn number(&mut self, types: &Types, ty: TypeRef, depth: usize) -> Result<(), EncodeError> {
        let TypeRef::Defined(place) = ty else { return Ok(()) };
        if depth > MAX_DEPTH {
            return Err(EncodeError::new(Problem::TooDeep));
        }
        let definition = types.get(ty).ok_or_else(|| EncodeError::new(Problem::UndefinedType))?;
        if self.places.len() <= place {
            self.places.resize(types.len(), Entry::default());
        }
        match self.places.get_mut(place) {
            Some(entry) if !entry.visited => entry.visited = true,
            _ => return Ok(()),
        }
        self.news.push(place);
        let first = matches!(definition, Definition::Struct { .. } | Definition::Opaque { .. });
        if first {
            self.give_number(ty);
        }
        for part in definition.parts() {
            self.number(types, part, depth + 1)?;
            if first {
                self.give_number(part);
            }
        }
        self.give_number(ty);
        // A part without a number is one that this type is a part of.
        definition.parts().for_each(|part| self.give_number(part));
        Ok(())
    }

    fn give_number(&mut self, ty: TypeRef) {
        if let TypeRef::Defined(place) = ty
            && let Some(entry) = self.places.get_mut(place)
            && entry.id == 0
        {
            entry.id = self.next;
            self.next += 1;
        }
    }

    /// Writes the definitions of a type, and after it those of all it is made of.
    fn write(&mut self, types: &Types, ty: TypeRef, out: &mut BytesMut) -> Result<(), EncodeError> {
        let mut message = BytesMut::new();
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            let TypeRef::Defined(place) = ty else { continue };
            match self.places.get_mut(place) {
                Some(entry) if !entry.defined => entry.defined = true,
                _ => continue,
            }
            let definition = types.get(ty).ok_or_else(|| EncodeError::new(Problem::UndefinedType))?;
            message.clear();
            definition::write(&mut message, self.id(ty), definition, |ty| self.id(ty));
            put_bytes(out, &message);
            let first_part = pending.len();
            pending.extend(definition.parts());
            if let Some(parts) = pending.get_mut(first_part..) {
                parts.reverse();
            }
        }
        Ok(())
    }
}
