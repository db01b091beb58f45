//! A type's definition, as a message describes it: Go's `wireType`, a struct of one field for each form that a type
//! can have, of which one is sent.
//!
//! Each form begins with a `CommonType`: the type's name, and its number once more.

use std::sync::Arc;

use bytes::BytesMut;

use super::types::{Definition, Field, Marshaler, TypeRef};
use super::wire::{Cursor, put_bytes, put_count, put_int, put_uint};
use super::{DecodeError, wire};

/// The numbers of the forms among the fields of `wireType`.
mod form {
    pub(super) const ARRAY: usize = 0;
    pub(super) const SLICE: usize = 1;
    pub(super) const STRUCT: usize = 2;
    pub(super) const MAP: usize = 3;
    pub(super) const GOB_ENCODER: usize = 4;
    pub(super) const BINARY_MARSHALER: usize = 5;
    pub(super) const TEXT_MARSHALER: usize = 6;
    /// How many there are.
    pub(super) const COUNT: usize = 7;
}

/// Types that everybody knows, by their numbers.
pub(super) const BUILT_IN: [(i32, TypeRef); 8] = [
    (1, TypeRef::Bool),
    (2, TypeRef::Int),
    (3, TypeRef::Uint),
    (4, TypeRef::Float),
    (5, TypeRef::Bytes),
    (6, TypeRef::String),
    (7, TypeRef::Complex),
    (8, TypeRef::Interface),
];

/// The lowest number that a defined type may have. Go up to 1.19, and maybe later, begins one above it.
pub(super) const FIRST_DEFINED: i32 = 64;

/// Reads a definition. `resolve` finds the type of a number, which need not have been defined so far.
pub(super) fn read(
    cursor: &mut Cursor,
    mut resolve: impl FnMut(i32) -> Result<TypeRef, DecodeError>,
) -> Result<Definition, DecodeError> {
    let mut definition = None;
    cursor.fields(form::COUNT, |number, cursor| {
        let read = match number {
            form::STRUCT => read_struct(cursor, &mut resolve)?,
            form::GOB_ENCODER => read_opaque(cursor, Marshaler::Gob)?,
            form::BINARY_MARSHALER => read_opaque(cursor, Marshaler::Binary)?,
            form::TEXT_MARSHALER => read_opaque(cursor, Marshaler::Text)?,
            collection => read_collection(cursor, collection, &mut resolve)?,
        };
        match definition.replace(read) {
            None => Ok(()),
            Some(_) => Err(DecodeError::AmbiguousDefinition),
        }
    })?;
    definition.ok_or(DecodeError::AmbiguousDefinition)
}

fn read_common(cursor: &mut Cursor) -> Result<Arc<str>, DecodeError> {
    let mut name = Arc::default();
    cursor.fields(2, |number, cursor| {
        match number {
            0 => name = cursor.name()?,
            _ => drop(cursor.type_id()?),
        }
        Ok(())
    })?;
    Ok(name)
}

fn read_opaque(cursor: &mut Cursor, marshaler: Marshaler) -> Result<Definition, DecodeError> {
    let mut name = Arc::default();
    cursor.fields(1, |_, cursor| {
        name = read_common(cursor)?;
        Ok(())
    })?;
    Ok(Definition::Opaque { name, marshaler })
}

/// Arrays, slices and maps: a name, one type, and for an array its length, for a map another type.
fn read_collection(
    cursor: &mut Cursor,
    form: usize,
    mut resolve: impl FnMut(i32) -> Result<TypeRef, DecodeError>,
) -> Result<Definition, DecodeError> {
    let (mut name, mut first, mut last) = (Arc::default(), 0, 0);
    cursor.fields(if form == form::SLICE { 2 } else { 3 }, |number, cursor| {
        match number {
            0 => name = read_common(cursor)?,
            1 => first = cursor.type_id()?,
            _ => last = cursor.int()?,
        }
        Ok(())
    })?;
    let first = resolve(first)?;
    Ok(match form {
        form::ARRAY => {
            let length = usize::try_from(last).map_err(|_| DecodeError::ArrayLength { length: last })?;
            Definition::Array { name, element: first, length }
        }
        form::SLICE => Definition::Slice { name, element: first },
        _ => {
            let value = i32::try_from(last).map_err(|_| DecodeError::UnknownType { id: last })?;
            Definition::Map { name, key: first, value: resolve(value)? }
        }
    })
}

fn read_struct(
    cursor: &mut Cursor,
    mut resolve: impl FnMut(i32) -> Result<TypeRef, DecodeError>,
) -> Result<Definition, DecodeError> {
    let (mut name, mut fields) = (Arc::default(), Vec::new());
    cursor.fields(2, |number, cursor| {
        if number == 0 {
            name = read_common(cursor)?;
            return Ok(());
        }
        for _ in 0..cursor.length()? {
            let (mut name, mut id): (Arc<str>, i32) = (Arc::default(), 0);
            cursor.fields(2, |number, cursor| {
                match number {
                    0 => name = cursor.name()?,
                    _ => id = cursor.type_id()?,
                }
                Ok(())
            })?;
            if name.is_empty() {
                return Err(DecodeError::NamelessField);
            }
            fields.push(Field { name, ty: resolve(id)? });
        }
        Ok(())
    })?;
    Ok(Definition::Struct { name, fields })
}

/// Writes the definition of type `id`, without its message's length. `number` finds the number of a type.
pub(super) fn write(out: &mut BytesMut, id: i32, definition: &Definition, number: impl Fn(TypeRef) -> i32) {
    let type_id = |out: &mut BytesMut, ty| put_int(out, i64::from(number(ty)));
    put_int(out, -i64::from(id));
    match definition {
        Definition::Array { name, element, length } => {
            write_form(out, form::ARRAY, name, id);
            put_uint(out, 1);
            type_id(out, *element);
            if *length > 0 {
                put_uint(out, 1);
                put_int(out, i64::try_from(*length).unwrap_or(i64::MAX));
            }
        }
        Definition::Slice { name, element } => {
            write_form(out, form::SLICE, name, id);
            put_uint(out, 1);
            type_id(out, *element);
        }
        Definition::Struct { name, fields } => {
            write_form(out, form::STRUCT, name, id);
            if !fields.is_empty() {
                put_uint(out, 1);
                put_count(out, fields.len());
            }
            for field in fields {
                put_uint(out, 1);
                put_bytes(out, field.name.as_bytes());
                put_uint(out, 1);
                type_id(out, field.ty);
                put_uint(out, 0);
            }
        }
        Definition::Map { name, key, value } => {
            write_form(out, form::MAP, name, id);
            put_uint(out, 1);
            type_id(out, *key);
            put_uint(out, 1);
            type_id(out, *value);
        }
        Definition::Opaque { name, marshaler } => {
            let form = match marshaler {
                Marshaler::Gob => form::GOB_ENCODER,
                Marshaler::Binary => form::BINARY_MARSHALER,
                Marshaler::Text => form::TEXT_MARSHALER,
            };
            write_form(out, form, name, id);
        }
    }
    // The end of the form, and of the wireType.
    put_uint(out, 0);
    put_uint(out, 0);
}

/// The form's field number, and the `CommonType` that it begins with.
fn write_form(out: &mut BytesMut, form: usize, name: &str, id: i32) {
    wire::put_count(out, form + 1);
    put_uint(out, 1);
    if name.is_empty() {
        put_uint(out, 2);
    } else {
        put_uint(out, 1);
        put_bytes(out, name.as_bytes());
        put_uint(out, 1);
    }
    put_int(out, i64::from(id));
    put_uint(out, 0);
}
