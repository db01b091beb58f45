//! Options of people's own, by the names of their extensions.
//!
//! Nobody but whoever declared them knows what they mean, so that a change of one breaks nothing, as with buf.

use std::collections::BTreeMap;

use prost_reflect::{DynamicMessage, ExtensionDescriptor, Value};

use super::{Breaks, Differ, Effect, Subject};
use crate::schema::print;

pub(super) const RULE: &str = "custom-option";

/// The options of one element that are extensions.
#[derive(Default)]
pub(super) struct Custom {
    /// Number and value, as source has it, by the extension's full name.
    known: BTreeMap<String, (u32, String)>,
    /// The numbers of those of which nobody knows the extension.
    unknown: Vec<u32>,
}

impl Custom {
    /// Those of an element that has these options, if it has any.
    pub(super) fn of(options: Option<DynamicMessage>) -> Self {
        let Some(options) = options else { return Self::default() };
        let known = options.extensions().map(|(extension, value)| {
            (extension.full_name().to_owned(), (extension.number(), written(&extension, value)))
        });
        let unknown = options.unknown_fields().map(prost_reflect::UnknownField::number).collect();
        Self { known: known.collect(), unknown }
    }
}

/// A value on one line.
fn written(extension: &ExtensionDescriptor, value: &Value) -> String {
    let one = |value: &Value| {
        let text = print::option_value(value, &extension.kind()).unwrap_or_default();
        // Line breaks in strings are escaped: these are between members.
        text.lines().map(str::trim_start).collect::<Vec<_>>().join(" ")
    };
    match value {
        Value::List(values) => format!("[{}]", values.iter().map(one).collect::<Vec<_>>().join(", ")),
        value => one(value),
    }
}

impl Differ {
    /// Two elements' options. What one side has and the other may have without knowing what it is, is no change.
    pub(super) fn custom(&mut self, about: Subject<'_>, old: &Custom, new: &Custom) {
        for (name, (number, before)) in &old.known {
            match new.known.get(&*self.new_name(name)) {
                Some((_, after)) if before == after => {}
                Some((_, after)) => {
                    let what = format!("option ({name})");
                    self.changed(about, (RULE, &what), (before, after), Breaks::NOTHING);
                }
                None if new.unknown.contains(number) => {}
                None => {
                    self.push(
                        about,
                        RULE,
                        Effect::Removed,
                        Breaks::NOTHING,
                        format!("option ({name}) = {before} removed"),
                    );
                }
            }
        }
        let kept: Vec<String> = old.known.keys().map(|name| self.new_name(name).into_owned()).collect();
        let is_new = |name: &String, number: &u32| !kept.contains(name) && !old.unknown.contains(number);
        for (name, (_, after)) in new.known.iter().filter(|(name, (number, _))| is_new(name, number)) {
            self.push(
                about,
                RULE,
                Effect::Added,
                Breaks::NOTHING,
                format!("option ({name}) = {after} added"),
            );
        }
    }
}
