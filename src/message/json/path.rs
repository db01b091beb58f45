//! Types and places in a message, in the words of a .proto file.

use std::fmt;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_path_to_error::{Path, Segment};

/// A field's type as its declaration has it: `int32`, `repeated pkg.Msg`, `map<string, bool>`.
pub(super) fn field_type(field: &FieldDescriptor) -> String {
    Place::new(field.is_list(), field.is_map(), field.kind()).to_string()
}

/// What the value at `path` has to be, as far as the path can be followed from `root`.
pub(super) fn expected(root: &MessageDescriptor, path: &Path) -> Option<String> {
    let mut place = Place::Element(Kind::Message(root.clone()));
    for segment in path {
        place = match (place, segment) {
            (Place::Element(Kind::Message(message)), Segment::Map { key }) => Place::of(&message, key)?,
            (Place::List(kind), Segment::Seq { .. }) | (Place::Map(_, kind), Segment::Map { .. }) => {
                Place::Element(kind)
            }
            _ => return None,
        };
    }
    Some(place.to_string())
}

/// What stands at a place in a document.
pub(super) enum Place {
    Element(Kind),
    List(Kind),
    Map(Kind, Kind),
}

impl Place {
    /// The member of a message that a JSON key names: by JSON name, by its own name, or an extension in brackets.
    pub(super) fn of(message: &MessageDescriptor, key: &str) -> Option<Self> {
        let field = message.get_field_by_json_name(key).or_else(|| message.get_field_by_name(key));
        if let Some(field) = field {
            return Some(Self::new(field.is_list(), field.is_map(), field.kind()));
        }
        let extension = message.get_extension_by_json_name(key)?;
        Some(Self::new(extension.is_list(), extension.is_map(), extension.kind()))
    }

    fn new(list: bool, map: bool, kind: Kind) -> Self {
        match kind {
            Kind::Message(entry) if map => {
                Self::Map(entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind())
            }
            kind if list => Self::List(kind),
            kind => Self::Element(kind),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(kind) => f.write_str(type_name(kind)),
            Self::List(kind) => write!(f, "repeated {}", type_name(kind)),
            Self::Map(key, kind) => write!(f, "map<{}, {}>", type_name(key), type_name(kind)),
        }
    }
}

fn type_name(kind: &Kind) -> &str {
    match kind {
        Kind::Double => "double",
        Kind::Float => "float",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Uint32 => "uint32",
        Kind::Uint64 => "uint64",
        Kind::Sint32 => "sint32",
        Kind::Sint64 => "sint64",
        Kind::Fixed32 => "fixed32",
        Kind::Fixed64 => "fixed64",
        Kind::Sfixed32 => "sfixed32",
        Kind::Sfixed64 => "sfixed64",
        Kind::Bool => "bool",
        Kind::String => "string",
        Kind::Bytes => "bytes",
        Kind::Message(message) => message.full_name(),
        Kind::Enum(enumeration) => enumeration.full_name(),
    }
}
