//! What compilers leave out of the descriptors of an edition 2024 file: the features that are for its own source alone.
//!
//! Which names are right, and who may use a type that does not say so, is settled once the file is compiled. Its source
//! has to say again what it may have said, or it does not compile: by default names have to be in protobuf's style, and
//! no other file may use what is nested.

use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

use super::message::is_map_entry;
use super::options::Options;
use super::{Printer, child, tag};
use crate::schema::traits::Edition;

impl Printer<'_> {
    /// The options of the file that its source needs, and that none of these says.
    pub(super) fn stripped(&self, file: &FileDescriptorProto, options: &Options) -> Vec<String> {
        if self.ground.edition != Some(Edition::E2024) {
            return Vec::new();
        }
        let is_said = |feature: &str| options.items.iter().any(|item| item.starts_with(feature));
        let needed = [
            ("features.enforce_naming_style", "STYLE_LEGACY", !is_in_style(file)),
            ("features.default_symbol_visibility", "EXPORT_ALL", self.has_unsaid(file)),
        ];
        let needed = needed.into_iter().filter(|(feature, _, needed)| *needed && !is_said(feature));
        needed.map(|(feature, value, _)| format!("{feature} = {value}")).collect()
    }

    /// Whether there is a nested type that does not say who may use it.
    fn has_unsaid(&self, file: &FileDescriptorProto) -> bool {
        let mut messages = (0..).zip(&file.message_type);
        messages.any(|(at, message)| self.has_unsaid_in(message, &child(&[], tag::file::MESSAGE, at)))
    }

    /// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
    fn has_unsaid_in(&self, message: &DescriptorProto, path: &[i32]) -> bool {
        let mut nested = (0..).zip(&message.nested_type).filter(|(_, nested)| !is_map_entry(nested));
        let mut enums = 0..message.enum_type.len();
        nested.any(|(at, nested)| {
            let path = child(path, tag::message::NESTED, at);
            self.visibility(&path).is_empty() || self.has_unsaid_in(nested, &path)
        }) || enums.any(|at| self.visibility(&child(path, tag::message::ENUM, at)).is_empty())
    }
}

/// Whether all names are in the style of edition 2024.
fn is_in_style(file: &FileDescriptorProto) -> bool {
    let package = file.package();
    (package.is_empty() || package.split('.').all(is_lower_snake))
        && file.message_type.iter().all(is_message_in_style)
        && file.enum_type.iter().all(is_enum_in_style)
        && file.extension.iter().all(is_field_in_style)
        && file.service.iter().all(is_service_in_style)
}

/// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
fn is_message_in_style(message: &DescriptorProto) -> bool {
    is_title(message.name())
        && message.field.iter().chain(&message.extension).all(is_field_in_style)
        && message.oneof_decl.iter().all(|oneof| is_lower_snake(oneof.name()))
        && message.enum_type.iter().all(is_enum_in_style)
        && message.nested_type.iter().all(|nested| is_map_entry(nested) || is_message_in_style(nested))
}

fn is_enum_in_style(enumeration: &EnumDescriptorProto) -> bool {
    is_title(enumeration.name()) && enumeration.value.iter().all(|value| is_upper_snake(value.name()))
}

fn is_service_in_style(service: &ServiceDescriptorProto) -> bool {
    is_title(service.name()) && service.method.iter().all(|method| is_title(method.name()))
}

fn is_field_in_style(field: &FieldDescriptorProto) -> bool {
    is_lower_snake(field.name())
}

fn is_title(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_lower_snake(name: &str) -> bool {
    is_snake(name, |byte| byte.is_ascii_lowercase())
}

fn is_upper_snake(name: &str) -> bool {
    is_snake(name, |byte| byte.is_ascii_uppercase())
}

/// Words that begin with a letter, with one underscore between two of them.
fn is_snake(name: &str, is_letter: impl Fn(u8) -> bool) -> bool {
    name.split('_').all(|word| {
        word.bytes().next().is_some_and(&is_letter)
            && word.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_style_or_not() {
        for (name, title, lower, upper) in [
            ("Abc1", true, false, false),
            ("abc_d1", false, true, false),
            ("ABC_D1", false, false, true),
            ("A", true, false, true),
            ("A_", false, false, false),
            ("_a", false, false, false),
            ("a__b", false, false, false),
            ("a_1", false, false, false),
            ("L2", true, false, true),
            ("", false, false, false),
        ] {
            assert_eq!(
                (is_title(name), is_lower_snake(name), is_upper_snake(name)),
                (title, lower, upper),
                "{name}"
            );
        }
    }
}
