//! Option values as source: scalars, and messages in protobuf text form.

use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, Value};

use super::{MAX_DEPTH, escape};
use crate::schema::fields::place_among_siblings;
use crate::schema::traits::is_group_like;

/// A scalar of `kind` as text format has it, where any enum number and any float can be written.
fn scalar(value: &Value, kind: &Kind) -> String {
    match value {
        Value::Bool(v) => v.to_string(),
        Value::I32(v) => v.to_string(),
        Value::I64(v) => v.to_string(),
        Value::U32(v) => v.to_string(),
        Value::U64(v) => v.to_string(),
        Value::F32(v) if v.is_finite() => format!("{v:?}"),
        Value::F64(v) if v.is_finite() => format!("{v:?}"),
        Value::F32(v) => not_finite(f64::from(*v)).to_owned(),
        Value::F64(v) => not_finite(*v).to_owned(),
        Value::String(v) => escape::quoted(v),
        Value::Bytes(v) => escape::quoted_bytes(v),
        Value::EnumNumber(number) => enum_name(kind.as_enum(), *number).unwrap_or_else(|| number.to_string()),
        Value::Message(_) | Value::List(_) | Value::Map(_) => String::new(),
    }
}

fn not_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "nan"
    } else if value > 0.0 {
        "inf"
    } else {
        "-inf"
    }
}

fn enum_name(kind: Option<&EnumDescriptor>, number: i32) -> Option<String> {
    Some(escape::identifier(kind?.get_value(number)?.name()).into_owned())
}

/// The value of an option; `None` if the language has no way to write it (an enum number without a name).
///
/// Outside braces an infinity is written as a number too large for any double: compilers have always read
/// that, and `-inf` not before 2023.
pub(super) fn option_value(value: &Value, kind: &Kind) -> Option<String> {
    match value {
        Value::Message(message) => Some(braces(&entries(message, 0))),
        Value::EnumNumber(number) => enum_name(kind.as_enum(), *number),
        Value::F32(v) if v.is_infinite() => Some(overflow(f64::from(*v))),
        Value::F64(v) if v.is_infinite() => Some(overflow(*v)),
        Value::List(_) | Value::Map(_) => None,
        _ => Some(scalar(value, kind)),
    }
}

fn overflow(value: f64) -> String {
    if value > 0.0 { "1e999" } else { "-1e999" }.to_owned()
}

fn braces(entries: &[String]) -> String {
    match entries {
        [] => "{}".to_owned(),
        [one] if one.len() <= 72 && !one.contains('\n') => format!("{{ {one} }}"),
        _ => format!("{{\n  {}\n}}", entries.join("\n").replace('\n', "\n  ")),
    }
}

/// One string for each `name: value` of a message: fields in declaration order, then extensions.
fn entries(message: &DynamicMessage, depth: usize) -> Vec<String> {
    let mut out = Vec::new();
    if depth > MAX_DEPTH {
        return out;
    }
    let mut fields: Vec<(FieldDescriptor, &Value)> = message.fields().collect();
    fields.sort_by_key(|(field, _)| place_among_siblings(field.path()));
    for (field, value) in fields {
        let kind = field.kind();
        let name = match (&kind, is_group_like(&field)) {
            (Kind::Message(group), true) => escape::identifier(group.name()).into_owned(),
            _ => escape::identifier(field.name()).into_owned(),
        };
        push(&mut out, &name, value, &kind, depth);
    }
    for (extension, value) in message.extensions() {
        let name = format!("[{}]", escape::dotted(extension.full_name()));
        push(&mut out, &name, value, &extension.kind(), depth);
    }
    out
}

fn push(out: &mut Vec<String>, name: &str, value: &Value, kind: &Kind, depth: usize) {
    match value {
        Value::List(items) => items.iter().for_each(|item| push(out, name, item, kind, depth)),
        Value::Message(message) => out.push(format!("{name} {}", braces(&entries(message, depth + 1)))),
        Value::Map(map) => {
            let Kind::Message(entry) = kind else { return };
            let (Some(key_field), Some(value_field)) = (entry.get_field(1), entry.get_field(2)) else {
                return;
            };
            let mut items: Vec<(&MapKey, &Value)> = map.iter().collect();
            items.sort_by_key(|(key, _)| sort_key(key));
            for (key, value) in items {
                let mut inner = vec![format!("key: {}", scalar(&key.clone().into(), &key_field.kind()))];
                push(&mut inner, "value", value, &value_field.kind(), depth + 1);
                out.push(format!("{name} {}", braces(&inner)));
            }
        }
        _ => out.push(format!("{name}: {}", scalar(value, kind))),
    }
}

/// Numbers by value, then strings by text, so that a map prints the same every time.
fn sort_key(key: &MapKey) -> (i128, &str) {
    match key {
        MapKey::Bool(v) => (i128::from(*v), ""),
        MapKey::I32(v) => (i128::from(*v), ""),
        MapKey::I64(v) => (i128::from(*v), ""),
        MapKey::U32(v) => (i128::from(*v), ""),
        MapKey::U64(v) => (i128::from(*v), ""),
        MapKey::String(v) => (0, v),
    }
}

/// The numbers of fields that no known type explains.
pub(super) fn unknown_numbers(message: &DynamicMessage) -> Vec<u32> {
    let mut numbers: Vec<u32> = message.unknown_fields().map(prost_reflect::UnknownField::number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Whether there are fields in a value, however deep, that no known type explains.
pub(super) fn has_unknown(value: &Value) -> bool {
    // Nothing is decoded deeper than the decoder goes.
    match value {
        Value::Message(message) => {
            message.unknown_fields().next().is_some()
                || message.fields().any(|(_, value)| has_unknown(value))
                || message.extensions().any(|(_, value)| has_unknown(value))
        }
        Value::List(values) => values.iter().any(has_unknown),
        Value::Map(values) => values.values().any(has_unknown),
        _ => false,
    }
}
