//! Files that link and yet do not say what was meant, seen at a glance.

use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions};

/// Whether a file links and yet has marks of what [`super::repair`] mends. Cheap enough to be asked of every file.
pub(super) fn is_odd(file: &FileDescriptorProto) -> bool {
    let proto3 = file.syntax() == "proto3";
    file.message_type.iter().any(|message| is_odd_message(message, proto3))
}

fn is_odd_message(message: &DescriptorProto, proto3: bool) -> bool {
    let in_synthetic = |field: &FieldDescriptorProto| {
        let index = field.oneof_index.and_then(|index| usize::try_from(index).ok());
        let oneof = index.and_then(|index| message.oneof_decl.get(index));
        oneof.is_some_and(|oneof| oneof.name().starts_with('_')) && !field.proto3_optional()
    };
    let is_odd_entry = |nested: &DescriptorProto| {
        let is_entry = nested.options.as_ref().is_some_and(MessageOptions::map_entry);
        is_entry && !nested.name().ends_with("Entry")
    };
    message.field.iter().any(|field| field.name().starts_with('.'))
        || (proto3 && (message.field.iter().any(in_synthetic) || !message.extension_range.is_empty()))
        || message.nested_type.iter().any(|nested| is_odd_entry(nested) || is_odd_message(nested, proto3))
}
