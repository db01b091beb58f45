//! The well-known types that have a JSON form of their own.

use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, Value};

use super::error::Problem;
use super::message::Reader;
use super::misfit::{Misfit, Step, found};
use super::syntax::{Json, Member, Node};
use super::{names, time};
use crate::message::json::any::is_full_name;
use crate::message::json::time::{DURATION_SECONDS, TIMESTAMP_SECONDS};
use crate::message::json::wkt::WellKnown;

/// Reads a message of a well-known type, written in its own form.
pub(super) fn read(
    reader: Reader<'_>,
    known: WellKnown,
    descriptor: &MessageDescriptor,
    node: &Node<'_>,
) -> Result<DynamicMessage, Misfit> {
    let unfit = |how: &str| Misfit::unfit(node, format!("{} ({how})", descriptor.full_name()));
    let message = match (known, &node.json) {
        (WellKnown::Any, Json::Object(members)) => any(reader, descriptor, node, members)?,
        (WellKnown::Timestamp, json) => {
            const HOW: &str = r#"a time in quotes, such as "2024-05-01T12:30:00Z""#;
            let time = text(json).and_then(time::timestamp).ok_or_else(|| unfit(HOW))?;
            let range = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z");
            moment(descriptor, node, time, TIMESTAMP_SECONDS.contains(&time.0), range)?
        }
        (WellKnown::Duration, json) => {
            const HOW: &str = r#"seconds in quotes, such as "1.5s""#;
            let time = text(json).and_then(time::duration).ok_or_else(|| unfit(HOW))?;
            let range = ("-315576000000s", "315576000000s");
            moment(descriptor, node, time, DURATION_SECONDS.contains(&time.0), range)?
        }
        (WellKnown::FieldMask, json) => {
            const HOW: &str = r#"names in quotes, such as "userName,address.street""#;
            let paths = text(json).and_then(field_mask).ok_or_else(|| unfit(HOW))?;
            with(descriptor, [(1, Value::List(paths))])
        }
        (WellKnown::Struct, Json::Object(members)) => {
            let Some(kind) = map_value(descriptor) else { return Err(unfit("an object")) };
            with(descriptor, [(1, reader.map(&Kind::String, &kind, members)?)])
        }
        (WellKnown::Empty, Json::Object(members)) => {
            reader.members(DynamicMessage::new(descriptor.clone()), members, "")?
        }
        (WellKnown::Any | WellKnown::Struct | WellKnown::Empty, _) => return Err(unfit("an object")),
        (WellKnown::ListValue, Json::Array(elements)) => {
            let Some(kind) = kind(descriptor, 1) else { return Err(unfit("an array")) };
            with(descriptor, [(1, reader.list(&kind, elements)?)])
        }
        (WellKnown::ListValue, _) => return Err(unfit("an array")),
        (WellKnown::Value, _) => value(reader, descriptor, node)?,
        (WellKnown::Wrapper, _) => {
            let Some(kind) = kind(descriptor, 1) else { return Err(unfit("a value")) };
            with(descriptor, reader.value(&kind, node)?.map(|value| (1, value)))
        }
    };
    Ok(message)
}

/// A message with these fields, which the layout that was checked has.
fn with(descriptor: &MessageDescriptor, fields: impl IntoIterator<Item = (u32, Value)>) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for (number, value) in fields {
        let _ = message.try_set_field_by_number(number, value);
    }
    message
}

fn kind(descriptor: &MessageDescriptor, number: u32) -> Option<Kind> {
    descriptor.get_field(number).map(|field| field.kind())
}

/// The type of the values in a message's one map.
fn map_value(descriptor: &MessageDescriptor) -> Option<Kind> {
    kind(descriptor, 1)?.as_message()?.get_field(2).map(|value| value.kind())
}

fn text<'n>(json: &'n Json<'_>) -> Option<&'n str> {
    match json {
        Json::String(text) => Some(text),
        _ => None,
    }
}

fn moment(
    descriptor: &MessageDescriptor,
    node: &Node<'_>,
    (seconds, nanos): (i64, i32),
    in_range: bool,
    (from, to): (&str, &str),
) -> Result<DynamicMessage, Misfit> {
    if !in_range {
        let kind = descriptor.full_name().to_owned();
        let problem = Problem::Range { found: found(node), kind, range: format!("{from} to {to}") };
        return Err(Misfit::new(node.at, problem));
    }
    Ok(with(descriptor, [(1, Value::I64(seconds)), (2, Value::I32(nanos))]))
}

/// `someField.other` as `some_field.other`, for each path.
fn field_mask(text: &str) -> Option<Vec<Value>> {
    let snake = |path: &str| {
        let mut out = String::with_capacity(path.len() + 4);
        for c in path.chars() {
            if c == '_' {
                return None;
            }
            if c.is_ascii_uppercase() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        }
        Some(Value::String(out))
    };
    text.split(',').filter(|path| !path.is_empty()).map(snake).collect()
}

fn value(
    reader: Reader<'_>,
    descriptor: &MessageDescriptor,
    node: &Node<'_>,
) -> Result<DynamicMessage, Misfit> {
    let number = match &node.json {
        Json::Null => return Ok(with(descriptor, [(1, Value::EnumNumber(0))])),
        Json::Number(_) => 2,
        Json::String(_) => 3,
        Json::Bool(_) => 4,
        Json::Object(_) => 5,
        Json::Array(_) => 6,
    };
    let Some(kind) = kind(descriptor, number) else {
        return Err(Misfit::unfit(node, descriptor.full_name()));
    };
    Ok(with(descriptor, reader.value(&kind, node)?.map(|value| (number, value))))
}

fn any(
    reader: Reader<'_>,
    descriptor: &MessageDescriptor,
    node: &Node<'_>,
    members: &[Member<'_>],
) -> Result<DynamicMessage, Misfit> {
    const TYPE: &str = "@type";
    if members.is_empty() {
        return Ok(DynamicMessage::new(descriptor.clone()));
    }
    let missing = |member| Misfit::new(node.at, Problem::Any { member });
    let url = only(reader, members, TYPE)?.ok_or_else(|| missing(TYPE))?;
    let bad = |problem| Misfit::new(url.value.at, problem).within(Step::Field(TYPE.to_owned()));
    let Some((name, url_text)) = text(&url.value.json)
        .and_then(|text| Some((text.rsplit_once('/')?.1, text)))
        .filter(|(name, _)| is_full_name(name))
    else {
        let expected = r#"a type's URL, such as "type.googleapis.com/pkg.Message""#.to_owned();
        return Err(bad(Problem::Unfit { expected, found: found(&url.value) }));
    };
    let inner = descriptor.parent_pool().get_message_by_name(name);
    let inner = inner.ok_or_else(|| bad(Problem::UnknownType(name.to_owned())))?;
    let message = if WellKnown::of(&inner).is_some() {
        let value = only(reader, members, "value")?.ok_or_else(|| missing("value"))?;
        let other = members.iter().find(|member| member.name != TYPE && member.name != "value");
        if let Some(other) = other.filter(|_| !reader.allow_unknown_fields) {
            return Err(Misfit::new(other.at, names::unknown_field(&other.name, &inner, names::in_json)));
        }
        reader
            .message(&inner, &value.value)
            .map_err(|misfit| misfit.within(Step::Field("value".to_owned())))?
    } else {
        reader.members(DynamicMessage::new(inner), members, TYPE)?
    };
    let bytes = Value::Bytes(message.encode_to_vec().into());
    Ok(with(descriptor, [(1, Value::String(url_text.to_owned())), (2, bytes)]))
}

/// The member of that name, if it is given, which can't be more than once.
fn only<'m, 'd>(
    reader: Reader<'_>,
    members: &'m [Member<'d>],
    name: &str,
) -> Result<Option<&'m Member<'d>>, Misfit> {
    let mut found = members.iter().filter(|member| member.name == name);
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => Err(reader.twice(second.at, name, first.at, name)),
        (first, _) => Ok(first),
    }
}
