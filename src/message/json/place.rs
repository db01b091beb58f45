//! What stands at a place in a message, in the words of a .proto file.

use std::fmt;

use prost_reflect::{FieldDescriptor, Kind};

/// A field's type as its declaration has it: `int32`, `repeated pkg.Msg`, `map<string, bool>`.
pub(super) fn field_type(field: &FieldDescriptor) -> String {
    Place::new(field.is_list(), field.is_map(), field.kind()).to_string()
}

/// What stands at a place in a document.
#[derive(Clone)]
pub(in crate::message) enum Place {
    Element(Kind),
    List(Kind),
    Map(Kind, Kind),
}

impl Place {
    pub(in crate::message) fn new(list: bool, map: bool, kind: Kind) -> Self {
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

/// A type's name as a declaration has it.
pub(in crate::message) fn type_name(kind: &Kind) -> &str {
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
