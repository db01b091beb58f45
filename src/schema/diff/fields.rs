//! Fields and extensions, which have most in common.

use prost_reflect::prost_types::FieldDescriptorProto;
use prost_reflect::{ExtensionDescriptor, FieldDescriptor, Kind};

use super::index::Index;
use super::options::Options;
use super::{Breaks, Differ, Subject, kinds};
use crate::schema::options::Reader;
use crate::schema::traits::{self, Member, Presence};

/// How many values there can be, and whether none is told from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cardinality {
    Explicit,
    Implicit,
    Required,
    Repeated,
    Map,
}

impl Cardinality {
    fn word(self) -> &'static str {
        match self {
            Self::Explicit => "optional",
            Self::Implicit => "singular",
            Self::Required => "required",
            Self::Repeated => "repeated",
            Self::Map => "map",
        }
    }

    /// The same where that is all that differs.
    fn presence(self) -> &'static str {
        match self {
            Self::Implicit => "implicit (cannot tell unset from zero)",
            _ => "explicit (tells unset from zero)",
        }
    }

    /// Those of one number are encoded alike.
    fn on_the_wire(self) -> u8 {
        match self {
            Self::Explicit | Self::Implicit => 0,
            Self::Required => 1,
            Self::Repeated | Self::Map => 2,
        }
    }
}

/// How values are written beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// Each behind its key, and behind its length if it has one.
    Plain,
    /// Many behind one key.
    Packed,
    /// Each between two keys.
    Delimited,
}

/// What matters of a field.
pub(super) struct Facts {
    name: String,
    json_name: String,
    kind: Kind,
    cardinality: Cardinality,
    encoding: Encoding,
    validates_utf8: bool,
    default: Option<String>,
    options: Options,
    pub(super) oneof: Option<String>,
}

/// The name of the oneof that a field is in; one that stands for `optional` is none.
pub(super) fn oneof_of(field: &FieldDescriptor) -> Option<String> {
    let oneof = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
    oneof.map(|oneof| oneof.name().to_owned())
}

impl Facts {
    pub(super) fn of(reader: &mut Reader, field: &FieldDescriptor) -> Self {
        Self {
            json_name: field.json_name().to_owned(),
            oneof: oneof_of(field),
            options: Options::of(reader, field),
            ..Self::common(field, field.field_descriptor_proto(), field.kind(), field.is_map())
        }
    }

    fn of_extension(reader: &mut Reader, extension: &ExtensionDescriptor) -> Self {
        let proto = extension.field_descriptor_proto();
        Self {
            options: Options::of(reader, extension),
            ..Self::common(extension, proto, extension.kind(), extension.is_map())
        }
    }

    fn common(field: &impl Member, proto: &FieldDescriptorProto, kind: Kind, is_map: bool) -> Self {
        Self {
            name: proto.name().to_owned(),
            json_name: String::new(),
            cardinality: match traits::presence(field) {
                None if is_map => Cardinality::Map,
                None => Cardinality::Repeated,
                Some(Presence::Explicit) => Cardinality::Explicit,
                Some(Presence::Implicit) => Cardinality::Implicit,
                Some(Presence::Required) => Cardinality::Required,
            },
            encoding: if traits::is_delimited(field) {
                Encoding::Delimited
            } else if traits::is_packed(field) {
                Encoding::Packed
            } else {
                Encoding::Plain
            },
            validates_utf8: matches!(kind, Kind::String) && traits::validates_utf8(field),
            default: proto.default_value.clone(),
            options: Options::default(),
            oneof: None,
            kind,
        }
    }
}

impl Differ {
    pub(super) fn extensions(&mut self, old: &Index, new: &Index) {
        let file_of = |extension: &ExtensionDescriptor| extension.parent_file().name().to_owned();
        for (name, extension) in &old.extensions {
            let file = file_of(extension);
            let about = Subject { kind: "extension", name, file: &file };
            let Some(now) = new.extensions.get(&*self.new_name(name)) else {
                self.removed(about, "extension-removed", Breaks::JSON);
                continue;
            };
            let (before, after) = (extension.containing_message(), now.containing_message());
            if self.new_name(before.full_name()) != after.full_name() {
                self.changed(
                    about,
                    ("extension-extendee", "extends"),
                    (before.full_name(), after.full_name()),
                    Breaks::ALL,
                );
            }
            if extension.number() != now.number() {
                let numbers = (extension.number().to_string(), now.number().to_string());
                self.changed(about, ("field-number", "number"), (&numbers.0, &numbers.1), Breaks::WIRE);
            }
            let before = Facts::of_extension(&mut self.reader, extension);
            let after = Facts::of_extension(&mut self.reader, now);
            self.member(about, &before, &after);
        }
        let kept: std::collections::HashSet<String> =
            old.extensions.keys().map(|name| self.new_name(name).into_owned()).collect();
        for (name, extension) in new.extensions.iter().filter(|(name, _)| !kept.contains(*name)) {
            let about = Subject { kind: "extension", name, file: &file_of(extension) };
            self.added(about, "extension-added", Breaks::NOTHING);
        }
    }

    /// Two fields of one number, or of one name.
    pub(super) fn member(&mut self, about: Subject<'_>, old: &Facts, new: &Facts) {
        if old.name != new.name {
            self.changed(about, ("field-name", "name"), (&old.name, &new.name), Breaks::JSON);
        } else if old.json_name != new.json_name {
            self.changed(
                about,
                ("field-json-name", "JSON name"),
                (&old.json_name, &new.json_name),
                Breaks::JSON,
            );
        }
        self.kind(about, old, new);
        let oneof = old.oneof != new.oneof;
        if oneof {
            let word = |oneof: &Option<String>| oneof.clone().unwrap_or("none".to_owned());
            self.changed(
                about,
                ("field-oneof", "oneof"),
                (&word(&old.oneof), &word(&new.oneof)),
                Breaks::ALL,
            );
        }
        // In a oneof there is no other presence to have.
        let single =
            |facts: &Facts| matches!(facts.cardinality, Cardinality::Explicit | Cardinality::Implicit);
        if old.cardinality != new.cardinality && !(oneof && single(old) && single(new)) {
            let wire = old.cardinality.on_the_wire() != new.cardinality.on_the_wire();
            let map = (old.cardinality == Cardinality::Map) != (new.cardinality == Cardinality::Map);
            let breaks = Breaks { wire, json: wire || map, source: true };
            let (what, words) = if single(old) && single(new) {
                ("presence", (old.cardinality.presence(), new.cardinality.presence()))
            } else {
                ("label", (old.cardinality.word(), new.cardinality.word()))
            };
            self.changed(about, ("field-cardinality", what), words, breaks);
        }
        self.encoding(about, old, new);
        if old.default != new.default && old.cardinality == new.cardinality {
            let word = |value: &Option<String>| {
                value.as_ref().map_or("none".to_owned(), |value| format!("{value:?}"))
            };
            self.changed(
                about,
                ("field-default", "default"),
                (&word(&old.default), &word(&new.default)),
                Breaks::ALL,
            );
        }
        self.options_of(about, &old.options, &new.options);
    }

    fn kind(&mut self, about: Subject<'_>, old: &Facts, new: &Facts) {
        let breaks = {
            let same = |old: &str, new: &str| self.new_name(old) == new;
            let part = |kind: &Kind, number| Some(kind.as_message()?.get_field(number)?.kind());
            if old.cardinality == Cardinality::Map && new.cardinality == Cardinality::Map {
                let parts = [1, 2].into_iter().filter_map(|number| {
                    kinds::change(&part(&old.kind, number)?, &part(&new.kind, number)?, same)
                });
                parts.reduce(Breaks::or)
            } else {
                kinds::change(&old.kind, &new.kind, same)
            }
        };
        if let Some(breaks) = breaks {
            let names = (kinds::name(&old.kind), kinds::name(&new.kind));
            self.changed(about, ("field-type", "type"), (&names.0, &names.1), breaks);
        }
    }

    /// How values are written, where they are of one type.
    fn encoding(&mut self, about: Subject<'_>, old: &Facts, new: &Facts) {
        let word = |facts: &Facts| match (facts.encoding, &facts.kind) {
            (Encoding::Delimited, _) => "delimited",
            (Encoding::Packed, _) => "packed",
            (Encoding::Plain, Kind::Message(_)) => "length-prefixed",
            (Encoding::Plain, _) => "expanded",
        };
        let same_type = kinds::name(&old.kind) == kinds::name(&new.kind);
        if old.encoding != new.encoding {
            let words = (word(old), word(new));
            if matches!((&old.kind, &new.kind), (Kind::Message(_), Kind::Message(_))) {
                self.changed(about, ("field-encoding", "encoding"), words, Breaks::WIRE);
            } else if old.cardinality == new.cardinality && same_type {
                // Either is read by everyone.
                self.changed(about, ("field-packed", "encoding"), words, Breaks::NOTHING);
            }
        }
        if old.validates_utf8 != new.validates_utf8
            && matches!((&old.kind, &new.kind), (Kind::String, Kind::String))
        {
            let word = |validates| if validates { "checked" } else { "unchecked" };
            let words = (word(old.validates_utf8), word(new.validates_utf8));
            self.changed(about, ("field-utf8", "UTF-8"), words, Breaks::SOURCE);
        }
    }
}
