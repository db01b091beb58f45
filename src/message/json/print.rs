//! The printer: the bytes of a message in, proto3 JSON out.
//!
//! It never fails. What JSON cannot show, and what can't be read, becomes an object with `@error` and `@value` in its
//! place, and the rest of the message is printed around it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use prost_reflect::MessageDescriptor;

use super::writer::{Open, Writer};
use super::{number, wkt};
use crate::message::bytes::{
    Broken, Contents, DEPTH, Entries, Enumeration, Field, Key, Kind, Layout, Layouts, Link, Malformed, Names,
    Parts, Raw, Scalar, Shape, Value, elements, entries, holds_nothing, int32, value,
};
use crate::schema::Schema;

/// What the JSON looks like; the default is one line of canonical proto3 JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is one independent switch of the command line")]
pub struct Style {
    /// Two spaces and a line for each member.
    pub pretty: bool,
    /// Print unset fields that track no presence.
    pub emit_defaults: bool,
    /// `some_field` rather than `someField`.
    pub proto_names: bool,
    /// Enums as numbers.
    pub enum_numbers: bool,
    /// 64-bit integers as numbers rather than strings.
    pub int64_numbers: bool,
    /// Escape what a terminal would hide, such as zero-width characters; what it would act on is escaped always.
    pub escape_controls: bool,
}

/// Finds the types that an `Any` names. The pool of the message around it is searched after this.
pub trait Types {
    /// The message type of that full name.
    fn message(&self, full_name: &str) -> Option<MessageDescriptor>;
}

impl Types for Schema {
    fn message(&self, full_name: &str) -> Option<MessageDescriptor> {
        self.known_message(full_name)
    }
}

/// What a message lacked to be shown as it is meant.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// The types that `Any` fields named and nobody knew, each once. Whoever can fetch them may do so and print again.
    pub types: Vec<String>,
    /// How often something stands there in place of a value that JSON cannot show, or that can't be read.
    pub placeholders: usize,
}

/// How many types are worth asking for: a server that names more of them than any schema has is not looked after.
const MOST_TYPES: usize = 1000;

impl Missing {
    /// A type was named that nobody knows.
    pub(in crate::message) fn wants(&mut self, name: &str) {
        if self.types.len() < MOST_TYPES && !self.types.iter().any(|known| known == name) {
            self.types.push(name.to_owned());
        }
    }
}

/// Prints messages as JSON. Keep one for a whole stream: it remembers the types it has seen.
#[derive(Default)]
pub struct Printer {
    style: Style,
    layouts: Layouts,
}

impl Printer {
    /// A printer of one style.
    pub fn new(style: Style) -> Self {
        let names = Names { proto: style.proto_names, escape: style.escape_controls };
        Self { style, layouts: Layouts::new(names) }
    }

    /// Appends the message of type `descriptor` that `bytes` are to `out`, without a line break at its end.
    pub fn print(
        &self,
        descriptor: &MessageDescriptor,
        bytes: &[u8],
        types: &dyn Types,
        out: &mut Vec<u8>,
    ) -> Missing {
        let mut run = Run {
            style: self.style,
            layouts: &self.layouts,
            types,
            missing: Missing::default(),
            w: Writer::new(out, self.style.pretty, self.style.escape_controls),
        };
        run.message(&self.layouts.of(descriptor), &Parts::One(bytes), 0);
        run.missing
    }
}

/// One message being printed.
pub(super) struct Run<'r> {
    pub(super) style: Style,
    pub(super) layouts: &'r Layouts,
    pub(super) types: &'r dyn Types,
    pub(super) missing: Missing,
    pub(super) w: Writer<'r>,
}

impl Run<'_> {
    pub(super) fn message(&mut self, layout: &Layout, parts: &Parts<'_>, depth: usize) {
        if depth > DEPTH {
            return self.placeholder(&Malformed::TooDeep, |w| w.base64(&parts.concat()));
        }
        let contents = Contents::of(layout, parts);
        // A well-known type loses its short form where something is broken: its members are what can still be shown.
        if let Some(well_known) = layout.well_known.filter(|_| contents.is_whole()) {
            return wkt::print(self, well_known, layout, &contents, depth);
        }
        let mut object = self.w.object();
        self.members(layout, &contents, depth, &mut object);
        self.w.close(&object);
    }

    /// Prints the members of a message into an object that is already open.
    pub(super) fn members(
        &mut self,
        layout: &Layout,
        contents: &Contents<'_>,
        depth: usize,
        object: &mut Open,
    ) {
        let mut damage = Damage::of(layout, contents);
        let mut next = 0;
        for (index, set) in contents.fields() {
            let Some(field) = layout.field(index) else { continue };
            if damage.is_empty_of(index) && holds_nothing(field, set) {
                continue;
            }
            self.unset(layout, next..index, &mut damage, object);
            next = index + 1;
            self.key(field, object);
            match field.shape {
                Shape::Single => self.single(&field.kind, set, depth),
                Shape::List { .. } => self.list(&field.kind, set, &damage.take(index), depth),
                Shape::Map(key) => damage.entries.append(&mut self.map(field, key, set, depth)),
            }
        }
        self.unset(layout, next..u32::MAX, &mut damage, object);
        self.leftovers(damage, object);
    }

    fn key(&mut self, field: &Field, object: &mut Open) {
        self.w.item(object);
        self.w.raw(&field.key);
        self.w.colon();
    }

    /// Prints those of the unset fields that have something to show all the same: what can't be read, or a default.
    fn unset<'a>(
        &mut self,
        layout: &Layout,
        indices: Range<u32>,
        damage: &mut Damage<'a>,
        object: &mut Open,
    ) {
        if damage.placed.is_empty() && !self.style.emit_defaults {
            return;
        }
        for (index, field) in indices.map_while(|index| Some((index, layout.field(index)?))) {
            let mut parts: Vec<Broken<'a>> = damage.take(index);
            match field.shape {
                Shape::List { .. } if !parts.is_empty() => {
                    self.key(field, object);
                    self.list(&field.kind, &[], &parts, 0);
                }
                Shape::Single if !parts.is_empty() => {
                    let first = parts.remove(0);
                    self.key(field, object);
                    self.placeholder(&first.error, |w| w.base64(first.bytes));
                    damage.rest.append(&mut parts);
                }
                _ => {
                    damage.rest.append(&mut parts);
                    self.default(field, object);
                }
            }
        }
    }

    /// What an unset field has, where that is wanted.
    fn default(&mut self, field: &Field, object: &mut Open) {
        let has_default = field.presence.is_none() || field.is_implicit();
        if !self.style.emit_defaults || !has_default || field.is_extension() {
            return;
        }
        self.key(field, object);
        match field.shape {
            Shape::List { .. } => self.w.raw(b"[]"),
            Shape::Map(_) => self.w.raw(b"{}"),
            Shape::Single => self.zero(&field.kind),
        }
    }

    /// A value, which is the last that came, or a message, of which every piece counts.
    pub(super) fn single(&mut self, kind: &Kind, set: &[(u32, Raw<'_>)], depth: usize) {
        match (kind, set.last()) {
            (Kind::Message(link), _) => self.linked(link, &Parts::of(set), depth + 1),
            (_, Some((_, last))) => self.value(kind, *last, depth),
            (kind, None) => self.zero(kind),
        }
    }

    pub(super) fn linked(&mut self, link: &Link, parts: &Parts<'_>, depth: usize) {
        let layout: Arc<Layout> = self.layouts.behind(link);
        self.message(&layout, parts, depth);
    }

    /// Prints the elements, those that can't be read where they stand among them, and behind them what is `damaged`.
    pub(super) fn list(&mut self, kind: &Kind, set: &[(u32, Raw<'_>)], damaged: &[Broken<'_>], depth: usize) {
        let mut array = self.w.array();
        for element in set.iter().flat_map(|(_, raw)| elements(kind, *raw)) {
            if let (Kind::Enum(values), Ok(Raw::Varint(number))) = (kind, element)
                && !values.takes(int32(number))
            {
                continue;
            }
            self.w.item(&mut array);
            match element {
                Ok(raw) => self.value(kind, raw, depth),
                Err((error, bytes)) => self.placeholder(&error, |w| w.base64(bytes)),
            }
        }
        for part in damaged {
            self.w.item(&mut array);
            self.placeholder(&part.error, |w| w.base64(part.bytes));
        }
        self.w.close(&array);
    }

    /// Prints the entries, and hands back those that can't be read.
    pub(super) fn map<'a>(
        &mut self,
        field: &Field,
        key: Scalar,
        set: &[(u32, Raw<'a>)],
        depth: usize,
    ) -> Vec<Broken<'a>> {
        let Entries { known, broken, .. } = entries(field, key, set);
        let mut object = self.w.object();
        for (key, set) in known {
            self.w.item(&mut object);
            match key {
                Key::Text(key) => self.w.string(key),
                Key::Bool(key) => self.w.quoted_integer(key),
                Key::Signed(key) => self.w.quoted_integer(key),
                Key::Unsigned(key) => self.w.quoted_integer(key),
            }
            self.w.colon();
            self.single(&field.kind, &set, depth);
        }
        self.w.close(&object);
        broken
    }

    pub(super) fn value(&mut self, kind: &Kind, raw: Raw<'_>, depth: usize) {
        let scalar = match kind {
            Kind::Message(link) => return self.linked(link, &Parts::One(raw.content()), depth + 1),
            Kind::Enum(values) => {
                let Raw::Varint(number) = raw else { return };
                return self.enum_value(values, int32(number));
            }
            Kind::Scalar(scalar) => *scalar,
        };
        match value(scalar, raw) {
            Ok(Value::Bool(value)) => self.w.raw(if value { b"true" } else { b"false" }),
            Ok(Value::I32(value)) => self.w.integer(value),
            Ok(Value::U32(value)) => self.w.integer(value),
            Ok(Value::I64(value)) if self.style.int64_numbers => self.w.integer(value),
            Ok(Value::U64(value)) if self.style.int64_numbers => self.w.integer(value),
            Ok(Value::I64(value)) => self.w.quoted_integer(value),
            Ok(Value::U64(value)) => self.w.quoted_integer(value),
            Ok(Value::F32(value)) => number::float(self.w.out, value),
            Ok(Value::F64(value)) => number::double(self.w.out, value),
            Ok(Value::Text(value)) => self.w.string(value),
            Ok(Value::Bytes(value)) => self.w.base64(value),
            Err(error) => self.placeholder(&error, |w| w.base64(raw.content())),
        }
    }

    /// What a value is that was never set.
    fn zero(&mut self, kind: &Kind) {
        match kind {
            Kind::Message(_) => self.w.raw(b"{}"),
            Kind::Enum(values) => self.enum_value(values, values.first()),
            Kind::Scalar(Scalar::String | Scalar::Bytes) => self.w.raw(b"\"\""),
            Kind::Scalar(Scalar::Bool) => self.w.raw(b"false"),
            Kind::Scalar(
                Scalar::Int64 | Scalar::Uint64 | Scalar::Sint64 | Scalar::Fixed64 | Scalar::Sfixed64,
            ) if !self.style.int64_numbers => self.w.raw(b"\"0\""),
            Kind::Scalar(_) => self.w.raw(b"0"),
        }
    }

    fn enum_value(&mut self, values: &Enumeration, number: i32) {
        match values.name(number) {
            _ if values.null => self.w.raw(b"null"),
            Some(name) if !self.style.enum_numbers => self.w.raw(name),
            _ => self.w.integer(number),
        }
    }

    /// Prints the object that stands for a value JSON cannot show.
    pub(super) fn placeholder(&mut self, error: &dyn std::fmt::Display, value: impl FnOnce(&mut Writer<'_>)) {
        self.missing.placeholders += 1;
        let mut object = self.w.object();
        self.w.key(&mut object, "@error");
        self.w.string(&error.to_string());
        self.w.key(&mut object, "@value");
        value(&mut self.w);
        self.w.close(&object);
    }

    /// Prints the parts that have no place of their own under `@broken`: bytes past the last readable field, entries of
    /// a map, and parts of a field whose place another value takes.
    fn leftovers(&mut self, damage: Damage<'_>, object: &mut Open) {
        let placed = damage.placed.into_values().flatten();
        let parts: Vec<_> = damage.entries.into_iter().chain(placed).chain(damage.rest).collect();
        if parts.is_empty() {
            return;
        }
        self.w.key(object, "@broken");
        let mut array = self.w.array();
        for part in parts {
            self.missing.placeholders += 1;
            self.w.item(&mut array);
            let mut object = self.w.object();
            if let Some(number) = part.number {
                self.w.key(&mut object, "@field");
                self.w.integer(number);
            }
            self.w.key(&mut object, "@error");
            self.w.string(&part.error.to_string());
            self.w.key(&mut object, "@value");
            self.w.base64(part.bytes);
            self.w.close(&object);
        }
        self.w.close(&array);
    }
}

/// The parts of a message that can't be read, or that are something else than their fields.
#[derive(Default)]
struct Damage<'a> {
    /// By the index of the field that they belong to.
    placed: BTreeMap<u32, Vec<Broken<'a>>>,
    /// Entries of maps.
    entries: Vec<Broken<'a>>,
    rest: Vec<Broken<'a>>,
}

impl<'a> Damage<'a> {
    fn of(layout: &Layout, contents: &Contents<'a>) -> Self {
        let mut damage = Self::default();
        if contents.is_whole() {
            return damage;
        }
        let misfits = contents.unknown.iter().filter(|unknown| unknown.misfit).map(|unknown| Broken {
            number: Some(unknown.record.number),
            error: Malformed::Misfit,
            bytes: unknown.record.value_bytes(),
        });
        for part in misfits.chain(contents.broken.iter().copied()) {
            match part.number.and_then(|number| layout.index_of(number)) {
                Some(index) => damage.placed.entry(index).or_default().push(part),
                None => damage.rest.push(part),
            }
        }
        damage
    }

    /// Whether nothing belongs to a field.
    fn is_empty_of(&self, index: u32) -> bool {
        !self.placed.contains_key(&index)
    }

    /// Takes out what belongs to a field.
    fn take(&mut self, index: u32) -> Vec<Broken<'a>> {
        self.placed.remove(&index).unwrap_or_default()
    }
}
