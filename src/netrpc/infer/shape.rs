//! The type that a JSON value seems to have.
//!
//! First the shape of the whole value, in which elements of one array are merged; then a gob type for the shape; then
//! the value, read by its shape. A struct's name is where it is in the JSON (`Items[].Owner`; the outermost has none):
//! Go's decoder looks at no name but says it when a field has the wrong type, and so that says which.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;

use super::Argument;
use super::error::{ArgumentError, Misfit, Problem};
use super::intern::Interner;
use super::leaf;
use crate::netrpc::gob::{Field, Struct, TypeRef, Value};
use crate::netrpc::json::Json;

/// What is known about a type.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    /// Nothing: null, or the element of an empty array.
    Unknown,
    Bool,
    Int,
    /// An integer beyond `int64`.
    Uint,
    /// An integer beyond `uint64`.
    Huge(String),
    Float,
    String,
    List(Box<Shape>),
    Object(Vec<(Arc<str>, Shape)>),
    /// Elements that have nothing in common.
    Mixed(&'static str, &'static str),
}

/// Infers an argument's type and reads it.
pub(super) fn read(types: &mut Interner, json: &Json<'_>) -> Result<Argument, ArgumentError> {
    let shape = Shape::of(json);
    shape.check(&shape, &mut String::new())?;
    let Some(ty) = shape.define(types, "") else {
        let found = if matches!(json, Json::Null) { "null" } else { "an empty array" };
        return Err(Misfit::from(Problem::Untyped { found }).into());
    };
    let value = shape.value(json, "")?;
    Ok(Argument { ty, value })
}

impl Shape {
    fn of(json: &Json<'_>) -> Self {
        match json {
            Json::Null => Self::Unknown,
            Json::Bool(_) => Self::Bool,
            Json::String(_) => Self::String,
            Json::Number(number) if number.contains(['.', 'e', 'E']) => Self::Float,
            Json::Number(number) if number.parse::<i64>().is_ok() => Self::Int,
            Json::Number(number) if number.parse::<u64>().is_ok() => Self::Uint,
            Json::Number(number) => Self::Huge((*number).to_owned()),
            Json::Array(items) => Self::List(Box::new(Self::of_all(items))),
            Json::Object(members) => Self::Object(
                members.iter().map(|(name, json)| (name.as_ref().into(), Self::of(json))).collect(),
            ),
        }
    }

    fn of_all(items: &[Json<'_>]) -> Self {
        let merged = items.iter().fold(Self::Unknown, |shape, item| shape.merge(Self::of(item)));
        let negative = |item: &Json<'_>| matches!(item, Json::Number(number) if number.starts_with('-'));
        if merged == Self::Uint && items.iter().any(negative) {
            return Self::Mixed("negative integers", "integers beyond int64");
        }
        merged
    }

    /// The shape of which both are.
    fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, shape) | (shape, Self::Unknown) => shape,
            (mixed @ Self::Mixed(..), _) | (_, mixed @ Self::Mixed(..)) => mixed,
            (Self::Float, Self::Int | Self::Uint | Self::Huge(_))
            | (Self::Int | Self::Uint | Self::Huge(_), Self::Float) => Self::Float,
            (huge @ Self::Huge(_), Self::Int | Self::Uint | Self::Huge(_))
            | (Self::Int | Self::Uint, huge @ Self::Huge(_)) => huge,
            (Self::Int, Self::Uint) | (Self::Uint, Self::Int) => Self::Uint,
            (Self::List(one), Self::List(other)) => Self::List(Box::new(one.merge(*other))),
            (Self::Object(one), Self::Object(other)) => Self::Object(merge_members(one, other)),
            (one, other) if one == other => one,
            (one, other) => Self::Mixed(one.plural(), other.plural()),
        }
    }

    fn plural(&self) -> &'static str {
        match self {
            Self::Unknown => "nulls",
            Self::Bool => "booleans",
            Self::Int | Self::Uint | Self::Huge(_) | Self::Float => "numbers",
            Self::String => "strings",
            Self::List(_) => "arrays",
            Self::Object(_) => "objects",
            Self::Mixed(..) => "mixed",
        }
    }

    /// Whether the value is left out, since nothing is known about its type.
    fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::List(element) => element.is_unknown(),
            _ => false,
        }
    }

    /// Finds what can't be sent.
    fn check(&self, root: &Self, path: &mut String) -> Result<(), Misfit> {
        let length = path.len();
        match self {
            Self::Mixed(one, other) => {
                return Err(Misfit::from(Problem::Mixed { one, other, suggested: root.go() }).within(&*path));
            }
            Self::Huge(number) => {
                let problem = Problem::Huge { number: number.clone(), suggested: root.go() };
                return Err(Misfit::from(problem).within(&*path));
            }
            Self::List(element) => {
                path.push_str("[]");
                element.check(root, path)?;
            }
            Self::Object(members) => {
                for (name, shape) in members {
                    let _ = write!(path, ".{name}");
                    shape.check(root, path)?;
                    path.truncate(length);
                }
            }
            _ => {}
        }
        path.truncate(length);
        Ok(())
    }

    /// In Go's words, with types in the place of what can't be inferred.
    fn go(&self) -> String {
        match self {
            Self::Unknown | Self::Mixed(..) => "any".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Int => "int".to_owned(),
            Self::Uint => "uint".to_owned(),
            Self::Huge(_) => "*big.Int".to_owned(),
            Self::Float => "float64".to_owned(),
            Self::String => "string".to_owned(),
            Self::List(element) => format!("[]{}", element.go()),
            Self::Object(members) => {
                let known = members.iter().filter(|(_, shape)| !shape.is_unknown());
                let fields: Vec<_> = known.map(|(name, shape)| format!("{name} {}", shape.go())).collect();
                format!("struct{{{}}}", fields.join("; "))
            }
        }
    }

    fn define(&self, types: &mut Interner, path: &str) -> Option<TypeRef> {
        Some(match self {
            Self::Unknown | Self::Mixed(..) | Self::Huge(_) => return None,
            Self::Bool => TypeRef::Bool,
            Self::Int => TypeRef::Int,
            Self::Uint => TypeRef::Uint,
            Self::Float => TypeRef::Float,
            Self::String => TypeRef::String,
            Self::List(element) => {
                let element = element.define(types, &format!("{path}[]"))?;
                types.slice(element)
            }
            Self::Object(members) => {
                let fields = members.iter().filter_map(|(name, shape)| {
                    let ty = shape.define(types, &inner_name(path, name))?;
                    Some(Field { name: Arc::clone(name), ty })
                });
                let fields = fields.collect();
                types.structure(path.into(), fields)
            }
        })
    }

    /// The value of a JSON value that is of this shape, or a part of it.
    fn value(&self, json: &Json<'_>, path: &str) -> Result<Value, Misfit> {
        Ok(match (self, json) {
            (Self::Bool, Json::Bool(value)) => Value::Bool(*value),
            (Self::Int, Json::Number(number)) => Value::Int(number.parse().unwrap_or_default()),
            (Self::Uint, Json::Number(number)) => Value::Uint(number.parse().unwrap_or_default()),
            (Self::Float, Json::Number(number)) => Value::Float(leaf::float(number, 64)?),
            (Self::String, Json::String(text)) => Value::String(Bytes::copy_from_slice(text.as_bytes())),
            (Self::List(element), Json::Array(items)) => {
                let path = format!("{path}[]");
                let items = items.iter().enumerate();
                let read = |(index, item)| element.value(item, &path).map_err(|misfit| misfit.element(index));
                Value::List(items.map(read).collect::<Result<_, _>>()?)
            }
            (Self::Object(shapes), Json::Object(members)) => {
                let mut fields = Vec::with_capacity(members.len());
                for (place, (name, shape)) in shapes.iter().enumerate() {
                    // Most often a member is where it was in the value that gave the shape its order.
                    let is = |(member, _): &&(Cow<'_, str>, Json<'_>)| **name == **member;
                    let member = members.get(place).filter(is).or_else(|| members.iter().find(is));
                    if let Some((_, json)) = member
                        && !shape.is_unknown()
                        && *json != Json::Null
                    {
                        let value = shape
                            .value(json, &inner_name(path, name))
                            .map_err(|misfit| misfit.member(name))?;
                        fields.push((Arc::clone(name), value));
                    }
                }
                Value::Struct(Struct { name: path.into(), fields })
            }
            // An array's null is its element's zero.
            (shape, _) => shape.zero(path),
        })
    }

    fn zero(&self, path: &str) -> Value {
        match self {
            Self::Unknown | Self::Mixed(..) | Self::Huge(_) => Value::Nil,
            Self::Bool => Value::Bool(false),
            Self::Int => Value::Int(0),
            Self::Uint => Value::Uint(0),
            Self::Float => Value::Float(0.0),
            Self::String => Value::String(Bytes::new()),
            Self::List(_) => Value::List(Vec::new()),
            Self::Object(_) => Value::Struct(Struct { name: path.into(), fields: Vec::new() }),
        }
    }
}

fn inner_name(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn merge_members(mut one: Vec<(Arc<str>, Shape)>, other: Vec<(Arc<str>, Shape)>) -> Vec<(Arc<str>, Shape)> {
    for (place, (name, shape)) in other.into_iter().enumerate() {
        let same = one.get(place).is_some_and(|(known, _)| *known == name).then_some(place);
        match same.or_else(|| one.iter().position(|(known, _)| *known == name)) {
            Some(place) => {
                if let Some((_, known)) = one.get_mut(place) {
                    *known = std::mem::replace(known, Shape::Unknown).merge(shape);
                }
            }
            None => one.push((name, shape)),
        }
    }
    one
}
