//! Enums and their values.

use std::collections::{BTreeSet, HashMap, HashSet};

use prost_reflect::{EnumDescriptor, EnumValueDescriptor};

use super::index::Index;
use super::messages::{Reserved, removal, unreserved};
use super::ranges::{Range, Ranges};
use super::{Breaks, Differ, Effect, Subject};
use crate::schema::traits::{self, JsonFormat};

const MAX_NUMBER: i64 = i32::MAX as i64;

fn subject<'a>(enumeration: &'a EnumDescriptor, file: &'a str) -> Subject<'a> {
    Subject { kind: "enum", name: enumeration.full_name(), file }
}

fn reserved_numbers(enumeration: &EnumDescriptor) -> impl Iterator<Item = Range> + '_ {
    enumeration.reserved_ranges().map(|range| (i64::from(*range.start()), i64::from(*range.end())))
}

impl Differ {
    pub(super) fn enums(&mut self, old: &Index, new: &Index) {
        let mut kept = HashSet::new();
        for (name, enumeration) in &old.enums {
            let file = enumeration.parent_file();
            let now = self.new_name(name).into_owned();
            let outer = enumeration.parent_message();
            let outer_is_gone =
                outer.is_some_and(|outer| !new.messages.contains_key(&*self.new_name(outer.full_name())));
            match new.enums.get(&now) {
                Some(now) => self.enumeration(enumeration, now, file.name()),
                None if outer_is_gone => {}
                None => self.removed(subject(enumeration, file.name()), "enum-removed", Breaks::SOURCE),
            }
            kept.insert(now);
        }
        let messages: HashSet<String> =
            old.messages.keys().map(|name| self.new_name(name).into_owned()).collect();
        for (_, enumeration) in new.enums.iter().filter(|(name, _)| !kept.contains(*name)) {
            if enumeration.parent_message().is_none_or(|outer| messages.contains(outer.full_name())) {
                self.added(
                    subject(enumeration, enumeration.parent_file().name()),
                    "enum-added",
                    Breaks::NOTHING,
                );
            }
        }
    }

    fn enumeration(&mut self, old: &EnumDescriptor, new: &EnumDescriptor, file: &str) {
        let about = subject(old, file);
        let (before, after) = (traits::is_closed(old), traits::is_closed(new));
        if before != after {
            let word = |closed| if closed { "closed" } else { "open" };
            self.changed(about, ("enum-closed", "values"), (word(before), word(after)), Breaks::SOURCE);
        }
        let formats = (traits::enum_json_format(old), traits::enum_json_format(new));
        if formats == (JsonFormat::Allow, JsonFormat::LegacyBestEffort) {
            let text = "JSON is no longer promised to work".to_owned();
            self.push(about, "enum-json-format", Effect::Changed, Breaks::JSON, text);
        }
        self.options(about, old, new);
        self.values(old, new, file);
        let names = |kind: &EnumDescriptor| kind.reserved_names().map(str::to_owned).collect::<BTreeSet<_>>();
        let lost = Ranges::of(reserved_numbers(new)).lost(reserved_numbers(old));
        self.unreserved(about, &lost, MAX_NUMBER, (&names(old), &names(new)));
    }

    fn values(&mut self, old: &EnumDescriptor, new: &EnumDescriptor, file: &str) {
        let known: HashSet<String> = old.values().map(|value| value.name().to_owned()).collect();
        // Names that nobody had before, by their numbers, the last first.
        let mut unknown: HashMap<i32, Vec<String>> = HashMap::new();
        for value in new.values().collect::<Vec<_>>().into_iter().rev() {
            let names = unknown.entry(value.number()).or_default();
            if !known.contains(value.name()) {
                names.push(value.name().to_owned());
            }
        }
        let reserved = Reserved {
            numbers: Ranges::of(reserved_numbers(new)),
            names: new.reserved_names().map(str::to_owned).collect(),
        };
        for value in old.values() {
            let name = format!("{}.{}", old.full_name(), value.name());
            let about = Subject { kind: "enum value", name: &name, file };
            if let Some(now) = new.get_value_by_name(value.name()) {
                self.value(about, &value, &now);
            } else if let Some(now) = unknown.get_mut(&value.number()).and_then(Vec::pop) {
                self.changed(about, ("enum-value-name", "name"), (value.name(), &now), Breaks::JSON);
                if let Some(now) = new.get_value_by_name(&now) {
                    self.options(about, &value, &now);
                }
            } else {
                let (number, name) = reserved.has(i64::from(value.number()), value.name());
                // Where an alias stays, the number still means what it meant.
                let number = number || unknown.contains_key(&value.number());
                let text = format!("value {} removed{}", value.number(), unreserved(number, name));
                self.push(about, "enum-value-removed", Effect::Removed, removal(number, name), text);
            }
        }
        let mut added: Vec<(i32, String)> = unknown
            .into_iter()
            .flat_map(|(number, names)| names.into_iter().map(move |name| (number, name)))
            .collect();
        added.sort_unstable();
        let in_new = new.parent_file();
        for (number, name) in added {
            let name = format!("{}.{name}", new.full_name());
            let about = Subject { kind: "enum value", name: &name, file: in_new.name() };
            let text = format!("value {number} added");
            self.push(about, "enum-value-added", Effect::Added, Breaks::NOTHING, text);
        }
    }

    /// Two values of one name.
    fn value(&mut self, about: Subject<'_>, old: &EnumValueDescriptor, new: &EnumValueDescriptor) {
        if old.number() != new.number() {
            let numbers = (old.number().to_string(), new.number().to_string());
            self.changed(about, ("enum-value-number", "number"), (&numbers.0, &numbers.1), Breaks::WIRE);
        }
        self.options(about, old, new);
    }
}
