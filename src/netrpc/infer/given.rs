//! JSON as a value of a type that was given.

use std::sync::Arc;

use bytes::Bytes;

use super::error::{ArgumentError, Misfit, Problem};
use super::intern::Interner;
use super::{Argument, leaf};
use crate::netrpc::gob::{Definition, Field, Struct, TypeRef, Value};
use crate::netrpc::gotype::{GoField, GoType, GoTypes};
use crate::netrpc::json::Json;

/// How deep a type may be nested.
const DEPTH: usize = 200;

/// Reads an argument of the given type.
pub(super) fn read(
    given: &GoTypes,
    named: &mut [Option<TypeRef>],
    types: &mut Interner,
    json: &Json<'_>,
) -> Result<Argument, ArgumentError> {
    let mut reader = Reader { given, named, types };
    let ty = reader.define(given.root(), DEPTH)?;
    let value = match json {
        // An argument is always sent: null is its zero.
        Json::Null => reader.zero(given.root()),
        _ => reader.value(json, given.root())?,
    };
    Ok(Argument { ty, value })
}

pub(super) struct Reader<'a> {
    pub(super) given: &'a GoTypes,
    named: &'a mut [Option<TypeRef>],
    pub(super) types: &'a mut Interner,
}

impl Reader<'_> {
    /// The gob type of a Go type.
    pub(super) fn define(&mut self, ty: &GoType, depth: usize) -> Result<TypeRef, Misfit> {
        let depth = depth.checked_sub(1).ok_or(Problem::Deep)?;
        let given = self.given;
        Ok(match ty {
            GoType::Bool => TypeRef::Bool,
            GoType::Int(..) => TypeRef::Int,
            GoType::Uint(..) => TypeRef::Uint,
            GoType::Float(_) => TypeRef::Float,
            GoType::Complex(_) => TypeRef::Complex,
            GoType::String => TypeRef::String,
            GoType::Interface => TypeRef::Interface,
            GoType::Pointer(to) => self.define(to, depth)?,
            GoType::Slice(element) if self.is_byte(element) => TypeRef::Bytes,
            GoType::Slice(element) => {
                let element = self.define(element, depth)?;
                self.types.slice(element)
            }
            GoType::Array(length, element) => {
                let element = self.define(element, depth)?;
                self.types.array(element, *length)
            }
            GoType::Map(key, value) => {
                let (key, value) = (self.define(key, depth)?, self.define(value, depth)?);
                self.types.map(key, value)
            }
            GoType::Struct(fields) => {
                let fields = self.fields(fields, depth)?;
                self.types.structure(Arc::default(), fields)
            }
            GoType::Named(place) => {
                let Some(named) = given.named().get(*place) else { return Err(Problem::Deep.into()) };
                self.named(*place, &named.name, &named.ty, depth)?
            }
            GoType::Standard(standard) => {
                self.types.opaque(standard.wire_name().into(), standard.marshaler())
            }
            GoType::Opaque(name, marshaler) => self.types.opaque(Arc::clone(name), *marshaler),
            GoType::Unsendable => {
                let (expected, found) =
                    ("a type that gob sends".to_owned(), "a channel or a function".to_owned());
                return Err(Problem::Kind { expected, found }.into());
            }
        })
    }

    /// A named type gets its place before its parts are looked at, since they may name it.
    fn named(&mut self, place: usize, name: &Arc<str>, ty: &GoType, depth: usize) -> Result<TypeRef, Misfit> {
        if let Some(known) = self.named.get(place).copied().flatten() {
            return Ok(known);
        }
        let is_made_of_others = match ty {
            GoType::Struct(_) | GoType::Map(..) | GoType::Array(..) => true,
            GoType::Slice(element) => !self.is_byte(element),
            _ => false,
        };
        if !is_made_of_others {
            let known = self.define(ty, depth)?;
            self.note(place, Some(known));
            return Ok(known);
        }
        let reserved = self.types.types_mut().reserve();
        self.note(place, Some(reserved));
        let definition = self.definition(name, ty, depth).inspect_err(|_| self.note(place, None))?;
        self.types.types_mut().fill(reserved, definition);
        Ok(reserved)
    }

    fn note(&mut self, place: usize, ty: Option<TypeRef>) {
        if let Some(known) = self.named.get_mut(place) {
            *known = ty;
        }
    }

    fn definition(&mut self, name: &Arc<str>, ty: &GoType, depth: usize) -> Result<Definition, Misfit> {
        let name = Arc::clone(name);
        Ok(match ty {
            GoType::Struct(fields) => Definition::Struct { name, fields: self.fields(fields, depth)? },
            GoType::Map(key, value) => {
                Definition::Map { name, key: self.define(key, depth)?, value: self.define(value, depth)? }
            }
            GoType::Array(length, element) => {
                Definition::Array { name, element: self.define(element, depth)?, length: *length }
            }
            GoType::Slice(element) => Definition::Slice { name, element: self.define(element, depth)? },
            _ => return Err(Problem::Deep.into()),
        })
    }

    fn fields(&mut self, fields: &[GoField], depth: usize) -> Result<Vec<Field>, Misfit> {
        let define = |field: &GoField| {
            let ty = self.define(&field.ty, depth).map_err(|misfit| misfit.member(&field.name))?;
            Ok(Field { name: Arc::clone(&field.name), ty })
        };
        fields.iter().map(define).collect()
    }

    /// Whether slices of this are `[]byte` to gob. Pointers to bytes are not.
    fn is_byte(&self, ty: &GoType) -> bool {
        !matches!(ty, GoType::Pointer(_)) && matches!(self.given.underlying(ty).0, GoType::Uint(_, 8))
    }

    /// Recurses no deeper than the JSON is nested.
    pub(super) fn value(&mut self, json: &Json<'_>, ty: &GoType) -> Result<Value, Misfit> {
        let given = self.given;
        let (ty, name) = given.underlying(ty);
        match (ty, json) {
            (GoType::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
            (GoType::Int(name, bits), Json::Number(number)) => leaf::int(number, name, *bits),
            (GoType::Uint(name, bits), Json::Number(number)) => leaf::uint(number, name, *bits),
            (GoType::Float(bits), _) => leaf::any_float(json, *bits).map(Value::Float),
            (GoType::Complex(bits), _) => leaf::complex(json, *bits),
            (GoType::String, _) => leaf::string(json),
            (GoType::Interface, _) => self.any(json),
            (GoType::Slice(element), _) if self.is_byte(element) => leaf::bytes(json),
            (GoType::Slice(element), Json::Array(items)) => self.list(items, element),
            (GoType::Array(length, element), Json::Array(items)) => {
                if items.len() != *length {
                    let (ty, found) = (given.show(ty), items.len());
                    return Err(Problem::Length { ty, expected: *length, found }.into());
                }
                self.list(items, element)
            }
            (GoType::Map(key, value), _) => self.map(json, key, value),
            (GoType::Struct(fields), Json::Object(members)) => {
                let ty = name.map_or_else(|| given.show(ty), ToString::to_string);
                let fields = self.members(members, fields, &ty)?;
                Ok(Value::Struct(Struct { name: name.cloned().unwrap_or_default(), fields }))
            }
            (GoType::Standard(standard), _) => {
                leaf::opaque(json, Some(*standard), standard.wire_name(), standard.marshaler())
            }
            (GoType::Opaque(name, marshaler), _) => leaf::opaque(json, None, name, *marshaler),
            _ => Err(leaf::unexpected(expected(ty, &given.show(ty)), json)),
        }
    }

    fn list(&mut self, items: &[Json<'_>], element: &GoType) -> Result<Value, Misfit> {
        let read = |(index, item)| self.item(item, element).map_err(|misfit: Misfit| misfit.element(index));
        Ok(Value::List(items.iter().enumerate().map(read).collect::<Result<_, _>>()?))
    }

    /// A value that can't be left out, as a struct's field can: null is zero.
    fn item(&mut self, json: &Json<'_>, ty: &GoType) -> Result<Value, Misfit> {
        if *json == Json::Null { Ok(self.zero(ty)) } else { self.value(json, ty) }
    }

    /// An object whose members' names are the keys, or pairs in arrays.
    fn map(&mut self, json: &Json<'_>, key: &GoType, value: &GoType) -> Result<Value, Misfit> {
        let mut pairs = Vec::new();
        match json {
            Json::Object(members) => {
                for (name, json) in members {
                    let read = self.key(name, key).and_then(|key| Ok((key, self.item(json, value)?)));
                    pairs.push(read.map_err(|misfit| misfit.member(name))?);
                }
            }
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let read = match item {
                        Json::Array(pair) => match pair.as_slice() {
                            [first, second] => {
                                self.item(first, key).and_then(|key| Ok((key, self.item(second, value)?)))
                            }
                            _ => Err(leaf::unexpected("a [key, value] pair", item)),
                        },
                        _ => Err(leaf::unexpected("a [key, value] pair", item)),
                    };
                    pairs.push(read.map_err(|misfit| misfit.element(index))?);
                }
            }
            _ => return Err(leaf::unexpected("an object for a map", json)),
        }
        Ok(Value::Map(pairs))
    }

    fn key(&mut self, name: &str, ty: &GoType) -> Result<Value, Misfit> {
        let given = self.given;
        let text = Json::String(name.into());
        match given.underlying(ty).0 {
            GoType::Int(go, bits) => leaf::int(name, go, *bits),
            GoType::Uint(go, bits) => leaf::uint(name, go, *bits),
            GoType::Float(bits) => match leaf::any_float(&text, *bits) {
                Ok(float) => Ok(Value::Float(float)),
                Err(_) => leaf::float(name, *bits).map(Value::Float),
            },
            GoType::Bool if name == "true" => Ok(Value::Bool(true)),
            GoType::Bool if name == "false" => Ok(Value::Bool(false)),
            GoType::String | GoType::Interface | GoType::Standard(_) => self.value(&text, ty),
            ty => {
                let ty = given.show(ty);
                Err(leaf::unexpected(
                    format!("a key of type {ty}: write the map as [[key, value], …]"),
                    &text,
                ))
            }
        }
    }

    /// Fields in the type's order. A member's name is a field's, or differs from one in case alone.
    fn members(
        &mut self,
        members: &[(std::borrow::Cow<'_, str>, Json<'_>)],
        fields: &[GoField],
        ty: &str,
    ) -> Result<Vec<(Arc<str>, Value)>, Misfit> {
        let mut values: Vec<Option<Value>> = vec![None; fields.len()];
        let mut given = vec![false; fields.len()];
        for (name, json) in members {
            let exact = fields.iter().position(|field| *field.name == **name);
            let loose = || fields.iter().position(|field| field.name.to_lowercase() == name.to_lowercase());
            let place = match exact.or_else(loose) {
                Some(place) => place,
                // Nothing is what would be sent of it.
                None if *json == Json::Null => continue,
                None => return Err(unknown(name, fields, ty)),
            };
            let (Some(field), Some(value), Some(given)) =
                (fields.get(place), values.get_mut(place), given.get_mut(place))
            else {
                continue;
            };
            if std::mem::replace(given, true) {
                return Err(Problem::Twice { name: field.name.to_string() }.into());
            }
            if *json != Json::Null {
                *value = Some(self.value(json, &field.ty).map_err(|misfit| misfit.member(name))?);
            }
        }
        let named = fields.iter().map(|field| Arc::clone(&field.name)).zip(values);
        Ok(named.filter_map(|(name, value)| Some((name, value?))).collect())
    }

    /// The zero of a type. Types whose zeros are endless, or too large, are none that were given.
    pub(super) fn zero(&self, ty: &GoType) -> Value {
        let (ty, name) = self.given.underlying(ty);
        match ty {
            GoType::Bool => Value::Bool(false),
            GoType::Int(..) => Value::Int(0),
            GoType::Uint(..) => Value::Uint(0),
            GoType::Float(_) => Value::Float(0.0),
            GoType::Complex(_) => Value::Complex(0.0, 0.0),
            GoType::String => Value::String(Bytes::new()),
            GoType::Slice(element) if self.is_byte(element) => Value::Bytes(Bytes::new()),
            GoType::Slice(_) => Value::List(Vec::new()),
            GoType::Array(length, element) => match **element {
                // The size of what pointers point to is not limited; gob has no nil in an array anyway.
                GoType::Pointer(_) => Value::List(vec![Value::Nil; *length]),
                _ => Value::List(vec![self.zero(element); *length]),
            },
            GoType::Map(..) => Value::Map(Vec::new()),
            GoType::Struct(_) => {
                Value::Struct(Struct { name: name.cloned().unwrap_or_default(), fields: Vec::new() })
            }
            GoType::Standard(standard) => Value::Opaque {
                name: standard.wire_name().into(),
                marshaler: standard.marshaler(),
                bytes: standard.zero().into(),
            },
            GoType::Opaque(name, marshaler) => {
                Value::Opaque { name: Arc::clone(name), marshaler: *marshaler, bytes: Bytes::new() }
            }
            GoType::Interface | GoType::Pointer(_) | GoType::Named(_) | GoType::Unsendable => Value::Nil,
        }
    }
}

/// What a type takes, in JSON's words.
fn expected(ty: &GoType, shown: &str) -> String {
    let kind = match ty {
        GoType::Bool => "true or false",
        GoType::Int(..) | GoType::Uint(..) => "an integer",
        GoType::Slice(_) | GoType::Array(..) => "an array",
        GoType::Struct(_) => "an object",
        _ => return shown.to_owned(),
    };
    format!("{kind} for {shown}")
}

fn unknown(name: &str, fields: &[GoField], ty: &str) -> Misfit {
    let distance =
        |field: &&GoField| strsim::damerau_levenshtein(&field.name.to_lowercase(), &name.to_lowercase());
    let nearest = fields.iter().min_by_key(distance);
    let nearest = nearest.filter(|field| distance(field) <= field.name.chars().count().max(3) / 3);
    let nearest = nearest.map(|field| field.name.to_string());
    Problem::UnknownField { name: name.to_owned(), ty: ty.to_owned(), nearest }.into()
}
