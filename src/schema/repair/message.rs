//! Repairs for which a message need be seen alone: map entries under a wrong name, and `optional` that was lost.

use std::collections::{HashMap, HashSet};

use super::super::name::json_name;
use super::super::raw::{Enum, Field, File, Message};
use super::{Notes, What, joined};

/// Repairs every message of a file, and its syntax: proto3 has neither extension ranges nor enums without a zero, so
/// what has them was written in proto2, and whoever sends it says "proto3" of everything (protobuf.js).
pub(super) fn restore(file: &mut File, notes: &mut Notes) {
    let package = file.package().to_owned();
    let proto3 = file.is_proto3();
    for message in &mut file.message_type {
        restore_message(message, &package, proto3, notes);
    }
    let why = if file.message_type.iter().any(has_extension_range) {
        "extension ranges"
    } else if file.enum_type.iter().any(lacks_zero) || file.message_type.iter().any(holds_enum_without_zero) {
        "an enum without a zero"
    } else {
        return;
    };
    if proto3 {
        file.syntax = None;
        file.message_type.iter_mut().for_each(widen_extension_ranges);
        notes.add(What::Proto2(why));
    }
}

fn lacks_zero(enumeration: &Enum) -> bool {
    enumeration.value.first().is_some_and(|value| value.number() != 0)
}

fn holds_enum_without_zero(message: &Message) -> bool {
    message.enum_type.iter().any(lacks_zero) || message.nested_type.iter().any(holds_enum_without_zero)
}

fn has_extension_range(message: &Message) -> bool {
    !message.extension_range.is_empty() || message.nested_type.iter().any(has_extension_range)
}

/// What takes proto2 for proto3 also takes the last number of a range for the one behind it.
fn widen_extension_ranges(message: &mut Message) {
    for range in &mut message.extension_range {
        range.end = Some(range.end().saturating_add(1));
    }
    message.nested_type.iter_mut().for_each(widen_extension_ranges);
}

/// Descends into nested messages; their depth is bounded by the decoder, which stops at 100.
fn restore_message(message: &mut Message, scope: &str, proto3: bool, notes: &mut Notes) {
    let full_name = joined(scope, message.name());
    drop_extension_copies(message, &full_name, notes);
    rename_map_entries(message, &full_name, notes);
    if proto3 {
        restore_optional(message, &full_name, notes);
    }
    part_json_names(message, &full_name, notes);
    for nested in &mut message.nested_type {
        restore_message(nested, &full_name, proto3, notes);
    }
}

/// Two fields may have one name in JSON, in proto2 and where else that is asked for, which the pool does not let them:
/// the name stays with the one whose own it is, or else with the first.
fn part_json_names(message: &mut Message, full_name: &str, notes: &mut Notes) {
    let json_name = |field: &Field| match &field.json_name {
        Some(name) => name.clone(),
        None => json_name(field.name()),
    };
    let names: Vec<String> = message.field.iter().map(json_name).collect();
    let mut holders: HashMap<&str, usize> = HashMap::new();
    for (index, (field, name)) in message.field.iter().zip(&names).enumerate() {
        let holder = holders.entry(name).or_insert(index);
        let is_own = |index: usize| message.field.get(index).is_some_and(|held| held.name() == *name);
        if field.name() == name && !is_own(*holder) {
            *holder = index;
        }
    }
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let clashes: Vec<bool> =
        names.iter().enumerate().map(|(index, name)| holders.get(name.as_str()) != Some(&index)).collect();
    for ((field, name), _) in
        message.field.iter_mut().zip(&names).zip(&clashes).filter(|(_, clashes)| **clashes)
    {
        let own = field.name().to_owned();
        let numbered = format!("{own}_{}", field.number());
        let Some(other) = [own, numbered].into_iter().find(|other| taken.insert(other.clone())) else {
            continue;
        };
        let field_name = joined(full_name, field.name());
        notes.add(What::JsonName { field: field_name, name: name.clone(), other: other.clone() });
        field.json_name = Some(other);
    }
}

/// protobuf.js puts a copy of each extension among the fields of the message, under the extension's full name.
fn drop_extension_copies(message: &mut Message, full_name: &str, notes: &mut Notes) {
    message.field.retain(|field| {
        let is_copy = field.name().starts_with('.');
        if is_copy {
            notes.add(What::Copy { field: field.name().to_owned(), message: full_name.to_owned() });
        }
        !is_copy
    });
}

/// Names map entries as protoc does, and in full where their fields refer to them.
fn rename_map_entries(message: &mut Message, full_name: &str, notes: &mut Notes) {
    let mut entries: HashMap<String, usize> = HashMap::new();
    for (index, nested) in message.nested_type.iter().enumerate().filter(|(_, nested)| nested.is_map_entry())
    {
        entries.entry(nested.name().to_owned()).or_insert(index);
    }
    if entries.is_empty() {
        return;
    }
    let mut taken: HashSet<String> =
        message.nested_type.iter().map(|nested| nested.name().to_owned()).collect();
    for field in message.field.iter_mut().filter(|field| field.is_repeated()) {
        let Some(entry) = own_type(field.type_name(), full_name) else { continue };
        let right = map_entry_name(field.name());
        // Another field's entry can be the type of no other, so what has this name may be a message outside.
        if !(entry == right || is_same_word(entry, field.name())) {
            continue;
        }
        let Some(index) = entries.remove(entry) else { continue };
        if entry != right && taken.insert(right.clone()) {
            notes.add(What::MapEntry { from: joined(full_name, entry), to: right.clone() });
            if let Some(nested) = message.nested_type.get_mut(index) {
                nested.name = Some(right.clone());
            }
            field.type_name = Some(format!(".{full_name}.{right}"));
        }
    }
}

/// The name of a type nested in the message `full_name`, if `type_name` may be one.
fn own_type<'a>(type_name: &'a str, full_name: &str) -> Option<&'a str> {
    let (scope, name) = type_name.rsplit_once('.').unwrap_or(("", type_name));
    let is_own = match scope.strip_prefix('.') {
        Some(scope) => scope == full_name,
        None => {
            scope.is_empty() && !type_name.starts_with('.') || super::super::name::is_tail(full_name, scope)
        }
    };
    (is_own && !name.is_empty()).then_some(name)
}

/// How protoc names the entry of a map field.
fn map_entry_name(field: &str) -> String {
    let capitalized = field.split('_').flat_map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
    });
    capitalized.chain("Entry".chars()).collect()
}

/// Whether two names differ in case and underscores alone.
fn is_same_word(one: &str, other: &str) -> bool {
    letters(one).eq(letters(other))
}

fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|&letter| letter != '_').map(|letter| letter.to_ascii_lowercase())
}

/// Gives `optional` back to the fields that lie alone in a oneof named after them, and moves those oneofs behind the
/// real ones, where the format wants them.
fn restore_optional(message: &mut Message, full_name: &str, notes: &mut Notes) {
    let mut members = vec![0_usize; message.oneof_decl.len()];
    let index_of = |index: Option<i32>| index.and_then(|index| usize::try_from(index).ok());
    for index in message.field.iter().filter_map(|field| index_of(field.oneof_index)) {
        members.get_mut(index).into_iter().for_each(|count| *count += 1);
    }
    let mut synthetic = vec![false; members.len()];
    let mut restored = false;
    for field in &mut message.field {
        let Some(index) = index_of(field.oneof_index) else { continue };
        let Some(oneof) = message.oneof_decl.get(index) else { continue };
        let alone = members.get(index) == Some(&1);
        let lost = alone
            && !field.proto3_optional()
            && oneof.name().starts_with('_')
            && is_same_word(oneof.name(), field.name());
        if lost {
            field.proto3_optional = Some(true);
            notes.add(What::Optional(joined(full_name, field.name())));
            restored = true;
        }
        if let Some(mark) = synthetic.get_mut(index) {
            *mark |= field.proto3_optional();
        }
    }
    if restored {
        move_last(message, &synthetic);
    }
}

fn move_last(message: &mut Message, synthetic: &[bool]) {
    let is_synthetic = |index: &usize| synthetic.get(*index) == Some(&true);
    let mut order: Vec<usize> = (0..synthetic.len()).collect();
    order.sort_by_key(is_synthetic);
    let mut places = vec![0; order.len()];
    for (place, &index) in order.iter().enumerate() {
        places.get_mut(index).into_iter().for_each(|slot| *slot = place);
    }
    for field in &mut message.field {
        let index = field.oneof_index.and_then(|index| usize::try_from(index).ok());
        let place = index.and_then(|index| places.get(index)).and_then(|&place| i32::try_from(place).ok());
        if place.is_some() {
            field.oneof_index = place;
        }
    }
    message.oneof_decl = order.iter().filter_map(|&index| message.oneof_decl.get(index).cloned()).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_entries_are_named_as_protoc_names_them() {
        assert_eq!(map_entry_name("labels"), "LabelsEntry");
        assert_eq!(map_entry_name("two_words"), "TwoWordsEntry");
        assert_eq!(map_entry_name("twoWords"), "TwoWordsEntry");
        assert_eq!(map_entry_name("_x__y"), "XYEntry");
        assert_eq!(map_entry_name(""), "Entry");
    }

    #[test]
    fn a_types_own_types_are_told_from_others() {
        assert_eq!(own_type("Labels", "p.M"), Some("Labels"));
        assert_eq!(own_type("M.Labels", "p.M"), Some("Labels"));
        assert_eq!(own_type(".p.M.Labels", "p.M"), Some("Labels"));
        for other in [".Labels", ".p.Labels", "N.Labels", ".M.Labels", "", "."] {
            assert_eq!(own_type(other, "p.M"), None, "{other}");
        }
    }
}
