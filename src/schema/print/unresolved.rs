//! Options that no compiler resolved: what stands in a source, word for word.

use prost_reflect::{FieldDescriptor, Kind};
use prost_types::UninterpretedOption;

use super::escape;
use super::options::Options;
use crate::schema::options::Options as Read;

/// Adds an option: as one where it is one of protobuf's own and may well be what it says, else as a note, since whoever
/// compiles the source may not know it either.
pub(super) fn add(option: &UninterpretedOption, read: &Read, options: &mut Options) {
    let (name, value) = (name(option), value(option));
    match option.name.as_slice() {
        [part] if !part.is_extension && is_own(option, &part.name_part, read) => {
            options.items.push(format!("{name} = {value}"));
        }
        _ => {
            let text = format!(" {name} = {value} is an option that no compiler has resolved");
            options.notes.push(escape::line(&text.replace('\n', " ")).into_owned());
        }
    }
}

fn name(option: &UninterpretedOption) -> String {
    let parts = option.name.iter().map(|part| {
        if part.is_extension {
            format!("({})", escape::dotted(&part.name_part))
        } else {
            escape::dotted(&part.name_part)
        }
    });
    parts.collect::<Vec<_>>().join(".")
}

fn value(option: &UninterpretedOption) -> String {
    if let Some(word) = &option.identifier_value {
        escape::identifier(word).into_owned()
    } else if let Some(number) = option.positive_int_value {
        number.to_string()
    } else if let Some(number) = option.negative_int_value {
        number.to_string()
    } else if let Some(number) = option.double_value {
        format!("{number:?}")
    } else if let Some(bytes) = &option.string_value {
        escape::quoted_bytes(bytes)
    } else {
        format!("{{ {} }}", option.aggregate_value())
    }
}

/// Whether it is one of protobuf's own that is not said already, with a value that it can have.
fn is_own(option: &UninterpretedOption, name: &str, read: &Read) -> bool {
    let is_said = read.standard.iter().any(|(field, _)| field.name() == name);
    read.field(name).is_some_and(|field| !is_said && can_be(option, &field))
}

fn can_be(option: &UninterpretedOption, field: &FieldDescriptor) -> bool {
    let word = option.identifier_value.as_deref();
    match field.kind() {
        Kind::Bool => matches!(word, Some("true" | "false")),
        Kind::Enum(kind) => word.is_some_and(|word| kind.get_value_by_name(word).is_some()),
        Kind::String => option.string_value.is_some(),
        _ => false,
    }
}
