//! The names that a misspelt one was probably meant as.

use prost_reflect::{
    EnumDescriptor, EnumValueDescriptor, ExtensionDescriptor, FieldDescriptor, MessageDescriptor,
};

use super::error::Problem;
use crate::schema::fields::place_among_siblings;
use crate::schema::name::{MAX_MISSPELT, short_value};

/// How many names an enum may have for all of them to be told.
const FEW: usize = 8;
/// How many fields a message may have for all of them to be told.
const FEW_FIELDS: usize = 10;

/// The problem of a name that the message type does not have, where fields go by these names, the first of which is
/// the one to tell.
pub(in crate::message) fn unknown_field(
    name: &str,
    message: &MessageDescriptor,
    names: for<'f> fn(&'f FieldDescriptor) -> Vec<&'f str>,
) -> Problem {
    if name.starts_with('[') {
        return unknown_extension(name, message);
    }
    let mut fields: Vec<_> = message.fields().collect();
    fields.sort_by_key(|field| place_among_siblings(field.path()));
    // A field's other name is as near and says nothing new.
    let similar: Vec<String> =
        nearest(name, fields.iter().flat_map(names), |_, _| 0.0).into_iter().take(1).collect();
    let all = fields.iter().filter_map(|field| Some((*names(field).first()?).to_owned()));
    let all = if fields.len() > FEW_FIELDS { Vec::new() } else { all.collect() };
    Problem::UnknownField { name: name.to_owned(), message: message.full_name().to_owned(), similar, all }
}

/// The same of an extension's name, which stands in brackets.
fn unknown_extension(name: &str, message: &MessageDescriptor) -> Problem {
    let mut extensions: Vec<_> = message.extensions().collect();
    extensions.sort_by_key(ExtensionDescriptor::number);
    let similar: Vec<String> =
        nearest(name, extensions.iter().map(ExtensionDescriptor::json_name), |_, _| 0.0)
            .into_iter()
            .take(1)
            .collect();
    let all = extensions.iter().map(|extension| extension.json_name().to_owned());
    let all = if extensions.len() > FEW_FIELDS { Vec::new() } else { all.collect() };
    Problem::UnknownField { name: name.to_owned(), message: message.full_name().to_owned(), similar, all }
}

/// The names that a field has in JSON.
pub(super) fn in_json(field: &FieldDescriptor) -> Vec<&str> {
    vec![field.json_name(), field.name()]
}

/// The problem of a name that the enum does not have.
pub(in crate::message) fn unknown_value(name: &str, values: &EnumDescriptor) -> Problem {
    let mut all: Vec<_> = values.values().collect();
    all.sort_by_key(|value| place_among_siblings(value.path()));
    let similar = match by_short_name(values, name) {
        Some(value) => vec![value.name().to_owned()],
        None => nearest(name, all.iter().map(EnumValueDescriptor::name), without_prefix),
    };
    let all = if all.len() > FEW { Vec::new() } else { all.iter().map(|v| v.name().to_owned()).collect() };
    Problem::UnknownValue {
        name: name.to_owned(),
        enumeration: values.full_name().to_owned(),
        similar: similar.into_iter().take(3).collect(),
        all,
    }
}

/// The value that has this name, in any case, behind the enum's own.
pub(in crate::message) fn by_short_name(values: &EnumDescriptor, name: &str) -> Option<EnumValueDescriptor> {
    let short = |value: &EnumValueDescriptor| {
        short_value(values.name(), value.name()).is_some_and(|short| short.eq_ignore_ascii_case(name))
    };
    let mut found = values.values().filter(short);
    found.next().filter(|_| found.next().is_none())
}

/// The names that are near enough, nearest first.
fn nearest<'n>(
    wanted: &str,
    names: impl Iterator<Item = &'n str>,
    other: impl Fn(&str, &str) -> f64,
) -> Vec<String> {
    if wanted.len() > MAX_MISSPELT {
        return Vec::new();
    }
    let wanted_folded = wanted.to_lowercase();
    let score = |name: &str| {
        let folded = name.to_lowercase();
        let alike = strsim::jaro_winkler(&wanted_folded, &folded).max(other(&wanted_folded, &folded));
        alike - distance(wanted, name)
    };
    let mut scored: Vec<(f64, &str)> = names
        .filter(|name| name.len() <= MAX_MISSPELT)
        .map(|name| (score(name), name))
        .filter(|(score, _)| *score > 0.8)
        .collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// How alike they are without the enum's own name, with which its values mostly begin: `HAPPY` is `MOOD_HAPPY`.
fn without_prefix(wanted: &str, name: &str) -> f64 {
    let ends = name.match_indices('_').filter_map(|(at, _)| name.get(at + 1..));
    // What is left of a long name is alike to anything short.
    let ends = ends.filter(|end| end.len() * 2 > wanted.len() && wanted.len() > 2);
    ends.map(|end| strsim::jaro_winkler(wanted, end)).fold(0.0, f64::max)
}

/// Settles between names that differ from the one wanted in letter case only, or equally.
fn distance(wanted: &str, name: &str) -> f64 {
    u32::try_from(strsim::levenshtein(wanted, name)).map_or(1.0, |steps| f64::from(steps) / 1000.0)
}
