//! What a declaration means for its values, whichever syntax it is written in.

use prost_reflect::{EnumDescriptor, ExtensionDescriptor, FieldDescriptor, FileDescriptor, Syntax};

/// Whether a field that was not set can be told from one that holds the zero of its type
/// (<https://protobuf.dev/programming-guides/field_presence/>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It can.
    Explicit,
    /// It can't, and a zero is not written.
    Implicit,
    /// It can, and a message without it is not complete.
    Required,
}

/// The presence of a field that is neither a list nor a map.
pub fn presence(field: &FieldDescriptor) -> Presence {
    if field.cardinality() == prost_reflect::Cardinality::Required {
        Presence::Required
    } else if field.supports_presence() {
        Presence::Explicit
    } else {
        Presence::Implicit
    }
}

/// Whether a number that the enum does not have is no value of it.
pub fn is_closed(descriptor: &EnumDescriptor) -> bool {
    is_proto2(&descriptor.parent_file())
}

/// Whether strings that are not UTF-8 are refused.
pub fn validates_utf8(field: &FieldDescriptor) -> bool {
    !is_proto2(&field.parent_message().parent_file())
}

/// The same for an extension.
pub fn extension_validates_utf8(extension: &ExtensionDescriptor) -> bool {
    !is_proto2(&extension.parent_file())
}

fn is_proto2(file: &FileDescriptor) -> bool {
    file.syntax() == Syntax::Proto2
}
