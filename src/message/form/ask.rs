//! One question: how it is put, and what a line in answer to it means.

use std::fmt;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor};

use super::is_asked_into;
use crate::message::items::{Step, path_text};
use crate::message::json::{WellKnown, type_name};
use crate::schema::fields::place_among_siblings;

/// The text that would mean something else without the quotes.
pub(super) const DOT: &str = "\".\"";

/// How many values of an enum a menu has.
const MENU: usize = 24;

/// One question.
#[derive(Clone)]
pub(super) enum Ask {
    /// For a value at a path; nothing in answer skips it.
    Value { path: Vec<Step>, kind: Kind, note: &'static str },
    /// Whether a message is wanted.
    Enter { path: Vec<Step>, message: MessageDescriptor },
    /// Which of a oneof's fields is wanted, if any.
    Choose { path: Vec<Step>, oneof: OneofDescriptor },
    /// For a map's next key.
    Key { path: Vec<Step>, key: Kind, keys: Vec<String> },
    /// Whether there is another message.
    Another,
}

impl Ask {
    /// For what stands at a path: whether there is a message, or which value.
    pub(super) fn single(path: Vec<Step>, kind: Kind, field: Option<&FieldDescriptor>) -> Self {
        match kind {
            Kind::Message(message) if is_asked_into(&message) => Self::Enter { path, message },
            kind => Self::value(path, kind, field),
        }
    }

    /// For a value.
    pub(super) fn value(path: Vec<Step>, kind: Kind, field: Option<&FieldDescriptor>) -> Self {
        let note = match field {
            Some(field) if field.cardinality() == prost_reflect::Cardinality::Required => ", required",
            None if matches!(path.last(), Some(Step::Index(_))) => ", Enter ends the list",
            _ => "",
        };
        Self::Value { path, kind, note }
    }

    /// What an item has behind its path to say what the line does: `=…`, or `:=…`; nothing if it says nothing.
    pub(super) fn word(&self, line: &str) -> Result<Option<String>, String> {
        let Self::Value { kind, .. } = self else { return Ok(None) };
        let trimmed = line.trim();
        Ok(Some(match kind {
            Kind::String if line.is_empty() => return Ok(None),
            Kind::String if line == "\"\"" => "=".to_owned(),
            Kind::String if line == DOT => "=.".to_owned(),
            Kind::String => format!("={line}"),
            _ if trimmed.is_empty() => return Ok(None),
            Kind::Bytes if trimmed == "\"\"" => "=".to_owned(),
            Kind::Bool => format!("={}", yes(trimmed)?),
            Kind::Message(message) => match WellKnown::of(message) {
                Some(WellKnown::Any | WellKnown::Struct | WellKnown::ListValue) => format!(":={trimmed}"),
                Some(WellKnown::Wrapper) if message.name() == "StringValue" && line != "\"\"" => {
                    if line == DOT { "=.".to_owned() } else { format!("={line}") }
                }
                Some(WellKnown::Wrapper) if message.name() == "BoolValue" => {
                    format!("={}", yes(trimmed)?)
                }
                _ if trimmed == "\"\"" => "=".to_owned(),
                _ => format!("={trimmed}"),
            },
            _ => format!("={trimmed}"),
        }))
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { path, kind, note } => {
                if let Kind::Enum(values) = kind {
                    menu(f, values)?;
                }
                write!(f, "{} ({}{}{note}): ", path_text(path), type_name(kind), form_of(kind))
            }
            Self::Enter { path, message } => {
                let what = match path.last() {
                    Some(Step::Index(_)) => "one more?",
                    _ => "fill it in?",
                };
                write!(f, "{} ({}), {what} [y/N]: ", path_text(path), message.full_name())
            }
            Self::Choose { path, oneof } => {
                for (number, field) in choices(oneof).iter().enumerate() {
                    writeln!(f, "  {}  {} ({})", number + 1, field.name(), type_name(&field.kind()))?;
                }
                let path = path_text(path);
                let dot = if path.is_empty() { "" } else { "." };
                write!(f, "{path}{dot}{} (one of these, Enter for none): ", oneof.name())
            }
            Self::Key { path, key, keys } => {
                let which = if keys.is_empty() { "a key" } else { "the next key" };
                write!(f, "{} (map, {which}: {}, Enter ends it): ", path_text(path), type_name(key))
            }
            Self::Another => f.write_str("another message? [y/N]: "),
        }
    }
}

/// How values of a type are written, where its name does not say it.
fn form_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => ", y or n",
        Kind::Bytes => ", base64",
        Kind::Message(message) => match WellKnown::of(message) {
            Some(WellKnown::Timestamp) => ", such as 2026-11-21T10:00:00Z or now",
            Some(WellKnown::Duration) => ", such as 5s or 1m30s",
            Some(WellKnown::FieldMask) => ", names with commas between",
            Some(WellKnown::Any | WellKnown::Struct | WellKnown::ListValue) => ", JSON",
            Some(WellKnown::Wrapper) if message.name() == "BoolValue" => ", y or n",
            Some(WellKnown::Wrapper) if message.name() == "BytesValue" => ", base64",
            _ => "",
        },
        _ => "",
    }
}

/// The values of an enum, a line each.
fn menu(f: &mut fmt::Formatter<'_>, values: &EnumDescriptor) -> fmt::Result {
    let mut all: Vec<_> = values.values().collect();
    all.sort_by_key(|value| place_among_siblings(value.path()));
    for value in all.iter().take(MENU) {
        writeln!(f, "  {}  {}", value.number(), value.name())?;
    }
    match all.len().checked_sub(MENU) {
        Some(more @ 1..) => writeln!(f, "  and {more} more"),
        _ => Ok(()),
    }
}

/// The fields of a oneof in the order of their declaration.
fn choices(oneof: &OneofDescriptor) -> Vec<FieldDescriptor> {
    let mut fields: Vec<_> = oneof.fields().collect();
    fields.sort_by_key(|field| place_among_siblings(field.path()));
    fields
}

/// The field that is chosen, by its place in the menu or by name.
pub(super) fn choice(oneof: &OneofDescriptor, line: &str) -> Result<Option<FieldDescriptor>, String> {
    let line = line.trim();
    if line.is_empty() {
        return Ok(None);
    }
    let fields = choices(oneof);
    let place = line.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_number = place.and_then(|place| fields.get(place));
    let by_name = || fields.iter().find(|field| field.name() == line || field.json_name() == line);
    match by_number.or_else(by_name) {
        Some(field) => Ok(Some(field.clone())),
        None => Err(format!("write a number from 1 to {}, or a name", fields.len())),
    }
}

/// Whether the answer is yes; nothing is no.
pub(super) fn yes(line: &str) -> Result<bool, String> {
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" => Ok(true),
        "" | "n" | "no" | "false" => Ok(false),
        _ => Err("write y or n".to_owned()),
    }
}
