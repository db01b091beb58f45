//! Values ─▶ bytes: an encoder that defines each type once on its stream.

mod numbers;

use std::fmt;

use bytes::{BufMut, BytesMut};

use self::numbers::Numbers;
use super::wire::{put_bytes, put_count, put_float, put_int, put_uint};
use super::{Definition, EncodeError, Field, MAX_DEPTH, Problem, Struct, TypeRef, Types, Value};

/// Writes the values of one stream. All their types are in one [`Types`], which may grow between them: what was sent
/// is remembered by its place there.
#[derive(Debug, Default)]
pub struct Encoder {
    numbers: Numbers,
    /// The definitions that go in front of the value being written, and that value; kept for their memory.
    definitions: BytesMut,
    body: BytesMut,
}

impl Encoder {
    /// Writes the definitions of types that this stream does not have yet, and a value. If it can't be written whole,
    /// nothing of it is.
    ///
    /// What Go leaves out is left out: fields that are zero or [`Value::Nil`], and fields that a struct's value does
    /// not have. Those that it has are in the type's order. Go sends a map that is empty but not nil, and so does this.
    pub fn encode(
        &mut self,
        types: &Types,
        ty: TypeRef,
        value: &Value,
        out: &mut BytesMut,
    ) -> Result<(), EncodeError> {
        let Self { numbers, definitions, body } = self;
        definitions.clear();
        body.clear();
        let written = Writer { types, numbers, definitions, body }.message(ty, value);
        if let Err(error) = written {
            self.numbers.forget_news();
            return Err(match types.get(ty) {
                Some(definition) => error.within(definition.name()),
                None => error,
            });
        }
        self.numbers.keep_news();
        out.put_slice(&self.definitions);
        put_bytes(out, &self.body);
        Ok(())
    }
}

/// The writing of one value.
struct Writer<'a> {
    types: &'a Types,
    numbers: &'a mut Numbers,
    definitions: &'a mut BytesMut,
    body: &'a mut BytesMut,
}

impl Writer<'_> {
    fn message(&mut self, ty: TypeRef, value: &Value) -> Result<(), EncodeError> {
        let id = self.numbers.define(self.types, ty, self.definitions)?;
        put_int(self.body, id.into());
        self.contents(ty, value, 0)
    }

    /// What follows a type's number: a struct's fields, or anything else as if it were one field.
    fn contents(&mut self, ty: TypeRef, value: &Value, depth: usize) -> Result<(), EncodeError> {
        if !matches!(self.types.get(ty), Some(Definition::Struct { .. })) {
            put_uint(self.body, 0);
        }
        self.value(ty, value, depth)
    }

    fn value(&mut self, ty: TypeRef, value: &Value, depth: usize) -> Result<(), EncodeError> {
        let has_parts =
            matches!(value, Value::List(_) | Value::Map(_) | Value::Struct(_) | Value::Interface { .. });
        if has_parts && depth >= MAX_DEPTH {
            return Err(EncodeError::new(Problem::TooDeep));
        }
        match (ty, value) {
            (TypeRef::Bool, Value::Bool(value)) => put_uint(self.body, u64::from(*value)),
            (TypeRef::Int, Value::Int(number)) => put_int(self.body, *number),
            (TypeRef::Uint, Value::Uint(number)) => put_uint(self.body, *number),
            (TypeRef::Float, Value::Float(number)) => put_float(self.body, *number),
            (TypeRef::Complex, Value::Complex(real, imaginary)) => {
                put_float(self.body, *real);
                put_float(self.body, *imaginary);
            }
            (TypeRef::Bytes, Value::Bytes(bytes)) | (TypeRef::String, Value::String(bytes)) => {
                put_bytes(self.body, bytes);
            }
            (TypeRef::Interface, Value::Nil) => put_uint(self.body, 0),
            (TypeRef::Interface, Value::Interface { name, value }) => {
                return self
                    .interface(name, value, depth)
                    .map_err(|error| error.within(format_args!(".({name})")));
            }
            (TypeRef::Defined(_), value) => return self.defined(ty, value, depth),
            (ty, value) => return Err(mismatch(ty.kind(), value)),
        }
        Ok(())
    }

    fn defined(&mut self, ty: TypeRef, value: &Value, depth: usize) -> Result<(), EncodeError> {
        let definition = self.types.get(ty).ok_or_else(|| EncodeError::new(Problem::UndefinedType))?;
        match (definition, value) {
            (Definition::Struct { fields, .. }, Value::Struct(value)) => self.fields(fields, value, depth),
            (Definition::Slice { element, .. }, Value::List(items)) => self.items(*element, items, depth),
            (Definition::Array { element, length, .. }, Value::List(items)) => {
                if items.len() != *length {
                    return Err(EncodeError::new(Problem::Length { want: *length, got: items.len() }));
                }
                self.items(*element, items, depth)
            }
            (Definition::Map { key: key_type, value: value_type, .. }, Value::Map(pairs)) => {
                put_count(self.body, pairs.len());
                for (key, value) in pairs {
                    self.value(*key_type, key, depth + 1)
                        .and_then(|()| self.value(*value_type, value, depth + 1))
                        .map_err(|error| error.within(format_args!("[{}]", Key(key))))?;
                }
                Ok(())
            }
            (Definition::Opaque { marshaler, .. }, Value::Opaque { marshaler: used, bytes, .. })
                if marshaler == used =>
            {
                put_bytes(self.body, bytes);
                Ok(())
            }
            (definition, value) => Err(mismatch(definition.kind(), value)),
        }
    }

    fn items(&mut self, element: TypeRef, items: &[Value], depth: usize) -> Result<(), EncodeError> {
        put_count(self.body, items.len());
        for (index, item) in items.iter().enumerate() {
            self.value(element, item, depth + 1).map_err(|error| error.within(format_args!("[{index}]")))?;
        }
        Ok(())
    }

    /// Each field is numbered by how far it is from the one sent before it.
    fn fields(&mut self, declared: &[Field], value: &Struct, depth: usize) -> Result<(), EncodeError> {
        let mut given = value.fields.iter().peekable();
        let mut delta = 1;
        for field in declared {
            let value = given.next_if(|(name, _)| *name == field.name).map(|(_, value)| value);
            match value {
                Some(value) if !self.is_omitted(field.ty, value) => {
                    put_uint(self.body, delta);
                    self.value(field.ty, value, depth + 1)
                        .map_err(|error| error.within(format_args!(".{}", field.name)))?;
                    delta = 1;
                }
                _ => delta += 1,
            }
        }
        if let Some((name, _)) = given.next() {
            return Err(EncodeError::new(Problem::UnknownField).within(format_args!(".{name}")));
        }
        put_uint(self.body, 0);
        Ok(())
    }

    /// Whether a struct's field is left out. Structs and arrays never are, however many zeros they hold.
    fn is_omitted(&self, ty: TypeRef, value: &Value) -> bool {
        match (ty, value) {
            (_, Value::Nil) | (TypeRef::Bool, Value::Bool(false)) => true,
            (TypeRef::Int, Value::Int(number)) => *number == 0,
            (TypeRef::Uint, Value::Uint(number)) => *number == 0,
            (TypeRef::Float, Value::Float(number)) => *number == 0.0,
            (TypeRef::Complex, Value::Complex(real, imaginary)) => *real == 0.0 && *imaginary == 0.0,
            (TypeRef::Bytes, Value::Bytes(bytes)) | (TypeRef::String, Value::String(bytes)) => {
                bytes.is_empty()
            }
            (_, Value::List(items)) => {
                items.is_empty() && matches!(self.types.get(ty), Some(Definition::Slice { .. }))
            }
            _ => false,
        }
    }

    /// The concrete type's name and number, and its value with its length. Go cuts the message in two where that type
    /// is new, and defines it in between; defining it in front of all is as good to any reader.
    fn interface(&mut self, name: &str, value: &Value, depth: usize) -> Result<(), EncodeError> {
        let ty = self
            .types
            .registered(name)
            .ok_or_else(|| EncodeError::new(Problem::Unregistered { name: name.to_owned() }))?;
        let id = self.numbers.define(self.types, ty, self.definitions)?;
        put_bytes(self.body, name.as_bytes());
        put_int(self.body, id.into());
        let start = self.body.len();
        self.contents(ty, value, depth + 1)?;
        let end = self.body.len();
        put_count(self.body, end - start);
        let prefix = self.body.len() - end;
        if let Some(delimited) = self.body.get_mut(start..) {
            delimited.rotate_right(prefix);
        }
        Ok(())
    }
}

fn mismatch(want: &'static str, got: &Value) -> EncodeError {
    EncodeError::new(Problem::Mismatch { want, got: got.kind() })
}

/// A map's key, as a path to what is wrong names it.
struct Key<'a>(&'a Value);

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::String(text) => write!(f, "{:?}", String::from_utf8_lossy(text)),
            Value::Int(number) => number.fmt(f),
            Value::Uint(number) => number.fmt(f),
            Value::Bool(value) => value.fmt(f),
            other => f.write_str(other.kind()),
        }
    }
}
