//! Types of fields: which can stand for which.

use prost_reflect::{EnumDescriptor, Kind};

use super::Breaks;
use crate::schema::traits;

/// What a change from one type to another breaks, for types that are not the same; `same` says whether two names mean
/// the same type.
pub(super) fn change(old: &Kind, new: &Kind, same: impl Fn(&str, &str) -> bool) -> Option<Breaks> {
    match (old, new) {
        (Kind::Message(before), Kind::Message(after)) => {
            (!same(before.full_name(), after.full_name())).then_some(Breaks::ALL)
        }
        (Kind::Enum(before), Kind::Enum(after)) => {
            (!same(before.full_name(), after.full_name())).then(|| enums(before, after))
        }
        (before, after) if before == after => None,
        (before, after) => {
            let wire = wire(before).is_none() || wire(before) != wire(after) || loses(before, after);
            let json = json(before).is_none() || json(before) != json(after);
            Some(Breaks { wire, json, source: true })
        }
    }
}

/// Another enum does as well as it has the values of this one.
fn enums(before: &EnumDescriptor, after: &EnumDescriptor) -> Breaks {
    let wire = before.values().any(|value| after.get_value(value.number()).is_none());
    let named =
        |name: &str, number| after.get_value_by_name(name).is_some_and(|value| value.number() == number);
    let json = before.values().any(|value| !named(value.name(), value.number()));
    Breaks { wire, json, source: true }
}

/// Types of one number are read from each other's bytes (<https://protobuf.dev/programming-guides/proto3/#updating>).
fn wire(kind: &Kind) -> Option<u8> {
    Some(match kind {
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Bool | Kind::Enum(_) => 0,
        Kind::Sint32 | Kind::Sint64 => 1,
        Kind::Fixed32 | Kind::Sfixed32 => 2,
        Kind::Fixed64 | Kind::Sfixed64 => 3,
        Kind::String | Kind::Bytes => 4,
        Kind::Float => 5,
        Kind::Double => 6,
        Kind::Message(_) => return None,
    })
}

/// Whether values of the old type that share its bytes mean nothing to the new one.
fn loses(before: &Kind, after: &Kind) -> bool {
    match (before, after) {
        // Not all bytes are UTF-8.
        (Kind::Bytes, Kind::String) => true,
        (_, Kind::Enum(after)) => traits::is_closed(after),
        _ => false,
    }
}

/// Types of one number are read from each other's JSON: 64 bits stand in quotes there, 32 don't.
fn json(kind: &Kind) -> Option<u8> {
    Some(match kind {
        Kind::Int32 | Kind::Uint32 | Kind::Sint32 | Kind::Fixed32 | Kind::Sfixed32 => 0,
        Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => 1,
        Kind::Float | Kind::Double => 2,
        Kind::Bool => 3,
        Kind::String => 4,
        Kind::Bytes => 5,
        Kind::Enum(_) | Kind::Message(_) => return None,
    })
}

/// A type as source names it, without the leading dot.
pub(super) fn name(kind: &Kind) -> String {
    match kind {
        Kind::Message(message) if message.is_map_entry() => {
            let part = |number| message.get_field(number).map_or(String::new(), |field| name(&field.kind()));
            format!("map<{}, {}>", part(1), part(2))
        }
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(enumeration) => enumeration.full_name().to_owned(),
        Kind::Double => "double".to_owned(),
        Kind::Float => "float".to_owned(),
        Kind::Int32 => "int32".to_owned(),
        Kind::Int64 => "int64".to_owned(),
        Kind::Uint32 => "uint32".to_owned(),
        Kind::Uint64 => "uint64".to_owned(),
        Kind::Sint32 => "sint32".to_owned(),
        Kind::Sint64 => "sint64".to_owned(),
        Kind::Fixed32 => "fixed32".to_owned(),
        Kind::Fixed64 => "fixed64".to_owned(),
        Kind::Sfixed32 => "sfixed32".to_owned(),
        Kind::Sfixed64 => "sfixed64".to_owned(),
        Kind::Bool => "bool".to_owned(),
        Kind::String => "string".to_owned(),
        Kind::Bytes => "bytes".to_owned(),
    }
}
