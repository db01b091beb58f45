//! Files that link and yet do not say what was meant, seen at a glance.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher as _};

use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions};

/// Whether a file links and yet has marks of what [`super::repair`] mends. Cheap enough to be asked of every file.
pub(super) fn is_odd(file: &FileDescriptorProto) -> bool {
    let proto3 = file.syntax() == "proto3";
    let in_edition = file.syntax() == "editions";
    file.message_type
        .iter()
        .any(|message| is_odd_message(message, proto3) || (in_edition && lacks_type(message)))
        || (in_edition && file.extension.iter().any(is_untyped))
}

/// Whether there is a field that has a type by its name alone: in an edition it is features that say how a message is
/// written, and only once it is known to be one.
fn lacks_type(message: &DescriptorProto) -> bool {
    message.field.iter().chain(&message.extension).any(is_untyped)
        || message.nested_type.iter().any(lacks_type)
}

fn is_untyped(field: &FieldDescriptorProto) -> bool {
    field.r#type.is_none() && field.type_name.is_some()
}

/// Whether two fields of a message in proto3 have names that differ in nothing but case and underscores. That is right
/// as long as their names in JSON are not the same, and yet the pool refuses it.
pub(super) fn has_like_names(file: &FileDescriptorProto) -> bool {
    file.syntax() == "proto3" && file.message_type.iter().any(has_like_fields)
}

fn has_like_fields(message: &DescriptorProto) -> bool {
    let mut seen = HashSet::with_capacity(message.field.len());
    // Most messages have few fields, and a hash is as good as a name: that two are taken for like does no harm.
    let like = |name: &str| {
        let mut hasher = DefaultHasher::new();
        let letters = name.bytes().filter(|&byte| byte != b'_').map(|byte| byte.to_ascii_lowercase());
        letters.for_each(|letter| hasher.write_u8(letter));
        hasher.finish()
    };
    message.field.iter().any(|field| !seen.insert(like(field.name())))
        || message.nested_type.iter().any(has_like_fields)
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
