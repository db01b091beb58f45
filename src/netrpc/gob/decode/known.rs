//! The types that a stream has defined, by the numbers that its sender gave them.

use std::collections::HashMap;

use crate::netrpc::gob::definition::{self, BUILT_IN, FIRST_DEFINED};
use crate::netrpc::gob::wire::Cursor;
use crate::netrpc::gob::{DecodeError, TypeRef, Types};

use super::Limits;

#[derive(Debug)]
pub(super) struct Known {
    limits: Limits,
    types: Types,
    /// Every number that was defined or mentioned. A definition may mention types that are defined after it.
    places: HashMap<i32, TypeRef>,
    /// How many bytes the definitions took.
    size: usize,
}

impl Known {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, types: Types::default(), places: HashMap::new(), size: 0 }
    }

    pub(super) fn types(&self) -> &Types {
        &self.types
    }

    /// Reads the definition of the type whose number is `-negated`.
    pub(super) fn define(&mut self, negated: i32, message: &mut Cursor) -> Result<(), DecodeError> {
        let id = negated.checked_neg().ok_or(DecodeError::UnknownType { id: negated.into() })?;
        if id < FIRST_DEFINED {
            return Err(DecodeError::ReservedType { id });
        }
        let place = self.place(id)?;
        if self.types.get(place).is_some() {
            return Err(DecodeError::DuplicateType { id });
        }
        let before = message.remaining();
        let definition = definition::read(message, |id| self.place(id))?;
        self.size = self.size.saturating_add(before - message.remaining());
        if self.size > self.limits.message {
            return Err(self.too_many());
        }
        self.types.fill(place, definition);
        Ok(())
    }

    /// The type with this number, which a value is of.
    pub(super) fn defined(&self, id: i32) -> Result<TypeRef, DecodeError> {
        let unknown = DecodeError::UnknownType { id: id.into() };
        if let Some(ty) = built_in(id) {
            return Ok(ty);
        }
        match self.places.get(&id) {
            Some(&ty) if self.types.get(ty).is_some() => Ok(ty),
            _ => Err(unknown),
        }
    }

    /// The type with this number, which may be defined later.
    fn place(&mut self, id: i32) -> Result<TypeRef, DecodeError> {
        if let Some(ty) = built_in(id) {
            return Ok(ty);
        }
        if id < FIRST_DEFINED {
            return Err(DecodeError::UnknownType { id: id.into() });
        }
        if let Some(&place) = self.places.get(&id) {
            return Ok(place);
        }
        if self.types.len() >= self.limits.types {
            return Err(self.too_many());
        }
        let place = self.types.reserve();
        self.places.insert(id, place);
        Ok(place)
    }

    fn too_many(&self) -> DecodeError {
        DecodeError::TooManyTypes { limit: self.limits.types }
    }
}

fn built_in(id: i32) -> Option<TypeRef> {
    if id >= FIRST_DEFINED {
        return None;
    }
    BUILT_IN.iter().find(|(number, _)| *number == id).map(|(_, ty)| *ty)
}
