//! What an interface holds: a value with its type's name.
//!
//! A type's name must be registered with the server's gob. Go registers its basic types and slices of them; for other
//! arrays and objects `[]interface {}` and `map[string]interface {}` are what a server that takes them has registered.
//! Any other type is named in the JSON, as it is when a reply is printed: `{"@type": "main.Point", "value": {…}}`.

use std::sync::Arc;

use super::error::{Misfit, Problem};
use super::given::Reader;
use super::leaf;
use crate::netrpc::gob::{TypeRef, Value};
use crate::netrpc::gotype::{self, GoType};
use crate::netrpc::json::Json;

const LIST: &str = "[]interface {}";
const MAP: &str = "map[string]interface {}";
/// How deep a named type may be nested.
const DEPTH: usize = 200;

impl Reader<'_> {
    pub(super) fn any(&mut self, json: &Json<'_>) -> Result<Value, Misfit> {
        let (name, value) = match json {
            Json::Null => return Ok(Value::Nil),
            Json::Bool(value) => ("bool", Value::Bool(*value)),
            Json::String(_) => ("string", leaf::string(json)?),
            Json::Number(number) => number_of(number)?,
            Json::Array(items) => self.any_list(items)?,
            Json::Object(members) => match members.as_slice() {
                [(first, Json::String(name)), (second, value)] if first == "@type" && second == "value" => {
                    return self.any_named(name, value);
                }
                _ => {
                    let ty = self.types.map(TypeRef::String, TypeRef::Interface);
                    self.types.types_mut().register(MAP, ty);
                    let pair = |(name, json): &(std::borrow::Cow<'_, str>, Json<'_>)| {
                        let value = self.any(json).map_err(|misfit| misfit.member(name))?;
                        Ok((leaf::string(&Json::String(name.clone()))?, value))
                    };
                    (MAP, Value::Map(members.iter().map(pair).collect::<Result<_, Misfit>>()?))
                }
            },
        };
        Ok(interface(name, value))
    }

    fn any_list(&mut self, items: &[Json<'_>]) -> Result<(&'static str, Value), Misfit> {
        if let Some(name) = plain_slice(items) {
            self.types.types_mut().register_plain_slice(name);
            let float = name == "[]float64";
            let item = |(index, item): (usize, &Json<'_>)| {
                let value = match item {
                    Json::Number(number) if float => leaf::float(number, 64).map(Value::Float),
                    Json::Number(number) => number_of(number).map(|(_, value)| value),
                    Json::Bool(value) => Ok(Value::Bool(*value)),
                    _ => leaf::string(item),
                };
                value.map_err(|misfit| misfit.element(index))
            };
            return Ok((name, Value::List(items.iter().enumerate().map(item).collect::<Result<_, _>>()?)));
        }
        let ty = self.types.slice(TypeRef::Interface);
        self.types.types_mut().register(LIST, ty);
        let item = |(index, item)| self.any(item).map_err(|misfit: Misfit| misfit.element(index));
        Ok((LIST, Value::List(items.iter().enumerate().map(item).collect::<Result<_, _>>()?)))
    }

    /// A value of a type that is named: one of those given, or one that Go's words alone describe.
    fn any_named(&mut self, name: &str, json: &Json<'_>) -> Result<Value, Misfit> {
        let given = self.given;
        let unknown = || Problem::UnknownType { name: name.to_owned() };
        let pointed = name.trim_start_matches('*');
        let alone = pointed.rsplit('.').next().unwrap_or(pointed);
        let is_own = pointed
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-'));
        let place = given.named().iter().position(|named| is_own && *named.name == *alone);
        let ty = if let Some(place) = place {
            GoType::Named(place)
        } else {
            let parsed = gotype::parse(name).map_err(|_| unknown())?;
            if !parsed.named().is_empty() {
                return Err(unknown().into());
            }
            parsed.root().clone()
        };
        let defined = self.define(&ty, DEPTH)?;
        self.types.types_mut().register(name, defined);
        let value = if *json == Json::Null { self.zero(&ty) } else { self.value(json, &ty)? };
        Ok(interface(name, value))
    }
}

fn interface(name: &str, value: Value) -> Value {
    Value::Interface { name: Arc::from(name), value: Box::new(value) }
}

fn number_of(number: &str) -> Result<(&'static str, Value), Misfit> {
    if let Ok(number) = number.parse() {
        return Ok(("int", Value::Int(number)));
    }
    if let Ok(number) = number.parse() {
        return Ok(("uint", Value::Uint(number)));
    }
    Ok(("float64", Value::Float(leaf::float(number, 64)?)))
}

/// The slice that Go has registered for elements of one basic type.
fn plain_slice(items: &[Json<'_>]) -> Option<&'static str> {
    let all = |is: fn(&Json<'_>) -> bool| !items.is_empty() && items.iter().all(is);
    let integer = |json: &Json<'_>| matches!(json, Json::Number(number) if number.parse::<i64>().is_ok());
    if all(|json| matches!(json, Json::String(_))) {
        Some("[]string")
    } else if all(integer) {
        Some("[]int")
    } else if all(|json| matches!(json, Json::Number(_))) {
        Some("[]float64")
    } else {
        all(|json| matches!(json, Json::Bool(_))).then_some("[]bool")
    }
}
