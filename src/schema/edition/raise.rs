//! The way back: a file as the pool has it, as its author's compiler wrote it.

use std::borrow::Cow;

use bytes::Bytes;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};

use super::PROTO3;
use super::lower::PACKED;
use super::marks::{self, Mark};
use super::options;
use crate::schema::raw::{Enum, Field, File, Message};

/// An encoded file of the pool's, in the edition in which it was written; others are what they are.
pub(in crate::schema) fn raise(encoded: &[u8]) -> Cow<'_, [u8]> {
    raised(encoded).map_or(Cow::Borrowed(encoded), |file| Cow::Owned(file.encode_to_vec()))
}

/// Of the options of an element of a lowered file, those that its author gave it.
pub(in crate::schema) fn authors(options: &[u8], of_field: bool) -> Cow<'_, [u8]> {
    let packed = of_field && is_packed(options);
    let is_ours = |number| marks::is_mark(number) || (packed && number == PACKED);
    if !options::has(options, is_ours) {
        return Cow::Borrowed(options);
    }
    let mut parts = [Bytes::copy_from_slice(options)];
    options::remove(&mut parts, is_ours);
    Cow::Owned(parts.concat())
}

/// Whether values share one length. That they don't is never said but by a file's author.
fn is_packed(options: &[u8]) -> bool {
    options::varint(options, PACKED) != Some(0)
}

/// `SymbolVisibility` of a message or an enum, from its options.
pub(in crate::schema) fn visibility(options: &[u8]) -> Option<i32> {
    marks::find(options, Mark::Visibility)
}

/// The files that a file imports for their options alone, from its own options.
pub(in crate::schema) fn option_imports(options: &[u8]) -> Vec<String> {
    marks::names(options, Mark::OptionImport).map(str::to_owned).collect()
}

fn raised(encoded: &[u8]) -> Option<File> {
    let edition = options::delimited(encoded, 8).find_map(|part| marks::find(part, Mark::Edition))?;
    let mut file = File::decode(Bytes::copy_from_slice(encoded)).ok()?;
    let imports = file.options.iter().flat_map(|part| marks::names(part, Mark::OptionImport));
    file.option_dependency = imports.map(str::to_owned).collect();
    if edition == PROTO3 {
        file.syntax = Some("proto3".to_owned());
    } else {
        file.syntax = Some("editions".to_owned());
        file.edition = Some(edition);
    }
    clear(&mut file.options, |_| false);
    file.message_type.iter_mut().for_each(raise_message);
    file.enum_type.iter_mut().for_each(raise_enum);
    file.extension.iter_mut().for_each(raise_field);
    Some(file)
}

/// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
fn raise_message(message: &mut Message) {
    message.visibility = message.options.iter().find_map(|part| marks::find(part, Mark::Visibility));
    clear(&mut message.options, |_| false);
    message.field.iter_mut().chain(&mut message.extension).for_each(raise_field);
    message.enum_type.iter_mut().for_each(raise_enum);
    message.nested_type.iter_mut().for_each(raise_message);
}

fn raise_enum(enumeration: &mut Enum) {
    enumeration.visibility = enumeration.options.iter().find_map(|part| marks::find(part, Mark::Visibility));
    clear(&mut enumeration.options, |_| false);
}

fn raise_field(field: &mut Field) {
    let packed = field.options.iter().all(|part| is_packed(part));
    clear(&mut field.options, |number| packed && number == PACKED);
    if field.label == Some(Label::Required.into()) {
        field.label = Some(Label::Optional.into());
    }
    if field.r#type == Some(Type::Group.into()) {
        field.r#type = Some(Type::Message.into());
    }
}

/// Takes out of options what is not the author's. Options of which nothing is left were made for it.
fn clear(options: &mut Vec<Bytes>, is_ours: impl Fn(u32) -> bool) {
    options::remove(options, |number| marks::is_mark(number) || is_ours(number));
    options.retain(|part| !part.is_empty());
}
