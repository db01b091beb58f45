//! Messages: which there are, their fields by number, their oneofs and what is reserved in them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use prost_reflect::{FieldDescriptor, MessageDescriptor, OneofDescriptor};

use super::fields::{Facts, oneof_of};
use super::index::Index;
use super::ranges::{self, Range, Ranges};
use super::{Breaks, Differ, Effect, Subject};
use crate::schema::traits::{self, JsonFormat, Presence};

/// Where field numbers end, as `max` in source means it.
const MAX_FIELD_NUMBER: i64 = 536_870_911;

fn subject<'a>(message: &'a MessageDescriptor, file: &'a str) -> Subject<'a> {
    Subject { kind: "message", name: message.full_name(), file }
}

/// Whether a message stands in another that `all` has no more: then that one says it.
fn goes_along(message: &MessageDescriptor, is_there: impl Fn(&str) -> bool) -> bool {
    message.parent_message().is_some_and(|outer| !is_there(outer.full_name()))
}

impl Differ {
    pub(super) fn messages(&mut self, old: &Index, new: &Index) {
        let mut kept = HashSet::new();
        for (name, message) in &old.messages {
            let file = message.parent_file();
            let now = self.new_name(name).into_owned();
            match new.messages.get(&now) {
                Some(now) => self.message(message, now, file.name()),
                None if goes_along(message, |outer| new.messages.contains_key(&*self.new_name(outer))) => {}
                // Where it was used, the field or the method says what else that breaks.
                None => self.removed(subject(message, file.name()), "message-removed", Breaks::SOURCE),
            }
            kept.insert(now);
        }
        for (_, message) in new.messages.iter().filter(|(name, _)| !kept.contains(*name)) {
            if !goes_along(message, |outer| kept.contains(outer)) {
                self.added(subject(message, message.parent_file().name()), "message-added", Breaks::NOTHING);
            }
        }
    }

    fn message(&mut self, old: &MessageDescriptor, new: &MessageDescriptor, file: &str) {
        let about = subject(old, file);
        let is_set = |message: &MessageDescriptor| traits::is_message_set(message.descriptor_proto());
        if is_set(old) != is_set(new) {
            let word = |set| if set { "a message set" } else { "a message" };
            let forms = (word(is_set(old)), word(is_set(new)));
            self.changed(about, ("message-set", "encoding"), forms, Breaks::WIRE);
        }
        if (traits::json_format(old), traits::json_format(new))
            == (JsonFormat::Allow, JsonFormat::LegacyBestEffort)
        {
            let text = "JSON is no longer promised to work".to_owned();
            self.push(about, "message-json-format", Effect::Changed, Breaks::JSON, text);
        }
        self.options(about, old, new);
        self.fields(old, new, file);
        let extensions = Ranges::of(new.extension_ranges().map(half_open));
        for range in extensions.lost(old.extension_ranges().map(half_open)) {
            let text = format!("extensions {} removed", ranges::written(range, MAX_FIELD_NUMBER));
            self.push(about, "extensions-removed", Effect::Removed, Breaks::SOURCE, text);
        }
        let lost =
            Ranges::of(new.reserved_ranges().map(half_open)).lost(old.reserved_ranges().map(half_open));
        let names = |message: &MessageDescriptor| {
            message.reserved_names().map(str::to_owned).collect::<BTreeSet<_>>()
        };
        self.unreserved(about, &lost, MAX_FIELD_NUMBER, (&names(old), &names(new)));
    }

    /// Numbers and names that may be used again, for something else.
    pub(super) fn unreserved(
        &mut self,
        about: Subject<'_>,
        lost: &[Range],
        most: i64,
        (old, new): (&BTreeSet<String>, &BTreeSet<String>),
    ) {
        let numbers = lost.iter().map(|range| ranges::written(*range, most));
        for what in numbers.chain(old.difference(new).map(|name| format!("{name:?}"))) {
            let text = format!("{what} no longer reserved");
            self.push(about, "reserved-removed", Effect::Removed, Breaks::ALL, text);
        }
    }

    fn fields(&mut self, old: &MessageDescriptor, new: &MessageDescriptor, file: &str) {
        let by_number = |message: &MessageDescriptor| -> BTreeMap<u32, FieldDescriptor> {
            message.fields().map(|field| (field.number(), field)).collect()
        };
        let (before, after) = (by_number(old), by_number(new));
        let oneofs = renamed_oneofs(&before, &after);
        for (old_name, new_name) in &oneofs {
            let name = format!("{}.{old_name}", old.full_name());
            let about = Subject { kind: "oneof", name: &name, file };
            self.changed(about, ("oneof-name", "name"), (old_name, new_name), Breaks::SOURCE);
        }
        let oneofs_now: HashMap<String, OneofDescriptor> =
            new.oneofs().map(|oneof| (oneof.name().to_owned(), oneof)).collect();
        for oneof in old.oneofs() {
            let name = oneofs.get(oneof.name()).map_or(oneof.name(), String::as_str);
            if let Some(now) = oneofs_now.get(name) {
                let about = Subject { kind: "oneof", name: oneof.full_name(), file };
                self.options(about, &oneof, now);
            }
        }
        let mut renumbered = HashSet::new();
        let reserved = Reserved {
            numbers: Ranges::of(new.reserved_ranges().map(half_open)),
            names: new.reserved_names().map(str::to_owned).collect(),
        };
        for (number, field) in &before {
            let about = Subject { kind: "field", name: field.full_name(), file };
            let mut facts = Facts::of(&mut self.reader, field);
            if let Some(now) = facts.oneof.as_ref().and_then(|name| oneofs.get(name)) {
                facts.oneof = Some(now.clone());
            }
            if let Some(now) = after.get(number) {
                let now = Facts::of(&mut self.reader, now);
                self.member(about, &facts, &now);
            } else if let Some(now) =
                new.get_field_by_name(field.name()).filter(|now| !before.contains_key(&now.number()))
            {
                let numbers = (number.to_string(), now.number().to_string());
                self.changed(about, ("field-number", "number"), (&numbers.0, &numbers.1), Breaks::WIRE);
                let facts_now = Facts::of(&mut self.reader, &now);
                self.member(about, &facts, &facts_now);
                renumbered.insert(now.number());
            } else {
                self.field_removed(about, field, &reserved);
            }
        }
        let is_new = |number: &u32| !before.contains_key(number) && !renumbered.contains(number);
        let file_now = new.parent_file();
        for (number, field) in after.iter().filter(|(number, _)| is_new(number)) {
            let about = Subject { kind: "field", name: field.full_name(), file: file_now.name() };
            let required = traits::presence(field) == Some(Presence::Required);
            let text = format!("{} {number} added", if required { "required field" } else { "field" });
            let breaks = if required { Breaks::ALL } else { Breaks::NOTHING };
            self.push(about, "field-added", Effect::Added, breaks, text);
        }
    }

    fn field_removed(&mut self, about: Subject<'_>, field: &FieldDescriptor, reserved: &Reserved) {
        let (number, name) = reserved.has(i64::from(field.number()), field.name());
        let required = traits::presence(field) == Some(Presence::Required);
        let kind = if required { "required field" } else { "field" };
        let text = format!("{kind} {} removed{}", field.number(), unreserved(number, name));
        let breaks = if required { Breaks::ALL } else { removal(number, name) };
        self.push(about, "field-removed", Effect::Removed, breaks, text);
    }
}

/// What nothing new may be called, or have as its number.
pub(super) struct Reserved {
    pub(super) numbers: Ranges,
    pub(super) names: HashSet<String>,
}

impl Reserved {
    /// Whether a number is among it, and whether a name is.
    pub(super) fn has(&self, number: i64, name: &str) -> (bool, bool) {
        (self.numbers.contain(number), self.names.contains(name))
    }
}

/// What it breaks that something is gone: what could take its number, or its name, would be taken for it.
pub(super) fn removal(number_reserved: bool, name_reserved: bool) -> Breaks {
    Breaks { wire: !number_reserved, json: !number_reserved || !name_reserved, source: true }
}

/// The same in words.
pub(super) fn unreserved(number_reserved: bool, name_reserved: bool) -> &'static str {
    match (number_reserved, name_reserved) {
        (true, true) => "",
        (false, true) => "; its number is not reserved",
        (true, false) => "; its name is not reserved",
        (false, false) => "; its number and name are not reserved",
    }
}

fn half_open(range: std::ops::Range<u32>) -> Range {
    (i64::from(range.start), i64::from(range.end) - 1)
}

/// Oneofs that have another name and the same fields, of those that both sides have.
fn renamed_oneofs(
    before: &BTreeMap<u32, FieldDescriptor>,
    after: &BTreeMap<u32, FieldDescriptor>,
) -> HashMap<String, String> {
    let members = |fields: &BTreeMap<u32, FieldDescriptor>, others: &BTreeMap<u32, FieldDescriptor>| {
        let mut members: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for (number, field) in fields.iter().filter(|(number, _)| others.contains_key(number)) {
            if let Some(oneof) = oneof_of(field) {
                members.entry(oneof).or_default().insert(*number);
            }
        }
        members
    };
    let (old, new) = (members(before, after), members(after, before));
    let by_members: HashMap<&BTreeSet<u32>, &String> =
        new.iter().map(|(name, fields)| (fields, name)).collect();
    let renamed = old.iter().filter(|(name, _)| !new.contains_key(*name));
    renamed.filter_map(|(name, fields)| Some((name.clone(), (*by_members.get(fields)?).clone()))).collect()
}
