//! The names that a misspelt one was probably meant as.

use prost_reflect::{EnumDescriptor, EnumValueDescriptor, MessageDescriptor};

use super::error::Problem;
use crate::schema::fields::place_among_siblings;

/// How many names an enum may have for all of them to be told.
const FEW: usize = 8;

/// The problem of a name that the message type does not have.
pub(super) fn unknown_field(name: &str, message: &MessageDescriptor) -> Problem {
    let fields: Vec<_> = message.fields().collect();
    let names = fields.iter().flat_map(|field| [field.json_name(), field.name()]);
    // A field's other name is as near and says nothing new.
    let similar = nearest(name, names).into_iter().take(1).collect();
    Problem::UnknownField { name: name.to_owned(), message: message.full_name().to_owned(), similar }
}

/// The problem of a name that the enum does not have.
pub(super) fn unknown_value(name: &str, values: &EnumDescriptor) -> Problem {
    let mut all: Vec<_> = values.values().collect();
    all.sort_by_key(|value| place_among_siblings(value.path()));
    let similar = nearest(name, all.iter().map(EnumValueDescriptor::name));
    let all = if all.len() > FEW { Vec::new() } else { all.iter().map(|v| v.name().to_owned()).collect() };
    Problem::UnknownValue {
        name: name.to_owned(),
        enumeration: values.full_name().to_owned(),
        similar: similar.into_iter().take(3).collect(),
        all,
    }
}

/// The names that are near enough, nearest first.
fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let folded = |name: &str| name.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .map(|name| (strsim::jaro_winkler(&folded(wanted), &folded(name)) - distance(wanted, name), name))
        .filter(|(score, _)| *score > 0.8)
        .collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// Settles between names that differ from the one wanted in letter case only, or equally.
fn distance(wanted: &str, name: &str) -> f64 {
    u32::try_from(strsim::levenshtein(wanted, name)).map_or(1.0, |steps| f64::from(steps) / 1000.0)
}
