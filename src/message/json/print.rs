//! The printer: a decoded message in, proto3 JSON out.
//!
//! It never fails. What JSON cannot show becomes an object with `@error` and `@value` in that value's place, and
//! the rest of the message is printed around it.

use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, MapKey, MessageDescriptor, ReflectMessage as _, Value};

use super::plan::{self, Field, Kind, Plan, Plans, Shape};
use super::writer::{Open, Writer};
use super::{number, wkt};
use crate::message::decode::{Broken, Decoded};
use crate::schema::Schema;

/// How many messages may be nested in one, `Any` included: what the wire format's readers allow.
pub(super) const DEPTH: usize = 100;

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

/// The types that `Any` fields named and nobody knew, each once.
///
/// Whoever can fetch them may do so and print again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Missing(pub Vec<String>);

/// Prints messages as JSON. Keep one for a whole stream: it remembers the types it has seen.
#[derive(Default)]
pub struct Printer {
    style: Style,
    plans: Plans,
}

impl Printer {
    /// A printer of one style.
    pub fn new(style: Style) -> Self {
        Self { style, plans: Plans::default() }
    }

    /// Appends `decoded` to `out`, without a line break at its end.
    pub fn print(&mut self, decoded: &Decoded, types: &dyn Types, out: &mut Vec<u8>) -> Missing {
        let plan = self.plans.of(&decoded.message.descriptor(), self.style);
        let mut run = Run {
            style: self.style,
            plans: &mut self.plans,
            types,
            missing: Missing::default(),
            w: Writer::new(out, self.style.pretty, self.style.escape_controls),
        };
        if decoded.broken.is_empty() {
            run.message(&decoded.message, &plan, 0);
        } else {
            // A well-known type loses its short form here: its members are what can still be shown.
            let mut object = run.w.object();
            run.members(&decoded.message, &plan, &decoded.broken, 0, &mut object);
            run.w.close(&object);
        }
        run.missing
    }
}

/// One message being printed.
pub(super) struct Run<'r> {
    pub(super) style: Style,
    pub(super) plans: &'r mut Plans,
    pub(super) types: &'r dyn Types,
    pub(super) missing: Missing,
    pub(super) w: Writer<'r>,
}

impl Run<'_> {
    pub(super) fn message(&mut self, message: &DynamicMessage, plan: &Plan, depth: usize) {
        if depth > DEPTH {
            let error = format!("nested more than {DEPTH} messages deep");
            return self.placeholder(&error, |w| w.base64(&message.encode_to_vec()));
        }
        if let Some(well_known) = plan.well_known {
            return wkt::print(self, well_known, plan, message, depth);
        }
        let mut object = self.w.object();
        self.members(message, plan, &[], depth, &mut object);
        self.w.close(&object);
    }

    /// Prints the members of a message into an object that is already open.
    pub(super) fn members(
        &mut self,
        message: &DynamicMessage,
        plan: &Plan,
        broken: &[Broken],
        depth: usize,
        object: &mut Open,
    ) {
        let mut set: Vec<(usize, Option<&Value>)> =
            message.fields().map(|(field, value)| (plan::index(&field), Some(value))).collect();
        let more = self.style.emit_defaults || !broken.is_empty();
        if more {
            self.add_unset(&mut set, plan, broken);
        }
        if more || !plan.ordered {
            set.sort_unstable_by_key(|&(index, _)| index);
        }
        for (index, value) in set {
            let Some(field) = plan.fields.get(index) else { continue };
            self.w.item(object);
            self.w.raw(&field.key);
            self.field(field, value, broken, depth);
        }
        if plan.extensible {
            for (extension, value) in message.extensions() {
                let field = Field::of_extension(&extension, self.style);
                self.w.item(object);
                self.w.raw(&field.key);
                self.field(&field, Some(value), &[], depth);
            }
        }
        self.leftovers(message, plan, broken, object);
    }

    /// Adds the fields that are not set and still have something to show: a default, or bytes that did not decode.
    fn add_unset(&self, set: &mut Vec<(usize, Option<&Value>)>, plan: &Plan, broken: &[Broken]) {
        let mut seen = vec![false; plan.fields.len()];
        for &(index, _) in set.iter() {
            if let Some(seen) = seen.get_mut(index) {
                *seen = true;
            }
        }
        for (index, field) in
            plan.fields.iter().enumerate().filter(|&(index, _)| seen.get(index) == Some(&false))
        {
            let defaulted = self.style.emit_defaults && field.default.is_some();
            let damaged =
                field.shape != Shape::Map && broken.iter().any(|part| part.number == Some(field.number));
            if defaulted || damaged {
                set.push((index, None));
            }
        }
    }

    fn field(&mut self, field: &Field, value: Option<&Value>, broken: &[Broken], depth: usize) {
        let mut damage = broken.iter().filter(|part| part.number == Some(field.number));
        match (field.shape, value.or(field.default.as_ref())) {
            (Shape::List, value) => {
                let values = value.and_then(Value::as_list).unwrap_or_default();
                self.list(values, &field.kind, damage, depth);
            }
            (Shape::Map, Some(Value::Map(map))) => self.map(map.iter(), &field.kind, depth),
            (_, Some(set)) if value.is_some() => self.value(&field.kind, set, depth),
            (_, default) => match (damage.next(), default) {
                (Some(part), _) => self.broken(part),
                (None, Some(default)) => self.value(&field.kind, default, depth),
                (None, None) => self.w.raw(b"null"),
            },
        }
    }

    /// Prints the elements, and those that did not decode where they stood among them.
    fn list<'b>(
        &mut self,
        values: &[Value],
        kind: &Kind,
        damage: impl Iterator<Item = &'b Broken>,
        depth: usize,
    ) {
        let mut array = self.w.array();
        let mut damage = damage.peekable();
        for (index, value) in values.iter().enumerate() {
            while let Some(part) = damage.next_if(|part| part.at <= index) {
                self.w.item(&mut array);
                self.broken(part);
            }
            self.w.item(&mut array);
            self.value(kind, value, depth);
        }
        for part in damage {
            self.w.item(&mut array);
            self.broken(part);
        }
        self.w.close(&array);
    }

    pub(super) fn map<'m>(
        &mut self,
        entries: impl Iterator<Item = (&'m MapKey, &'m Value)>,
        kind: &Kind,
        depth: usize,
    ) {
        let mut entries: Vec<_> = entries.collect();
        entries.sort_unstable_by_key(|&(key, _)| key);
        let mut object = self.w.object();
        for (key, value) in entries {
            self.w.item(&mut object);
            match key {
                MapKey::String(key) => self.w.string(key),
                MapKey::Bool(key) => self.w.quoted_integer(key),
                MapKey::I32(key) => self.w.quoted_integer(key),
                MapKey::I64(key) => self.w.quoted_integer(key),
                MapKey::U32(key) => self.w.quoted_integer(key),
                MapKey::U64(key) => self.w.quoted_integer(key),
            }
            self.w.colon();
            self.value(kind, value, depth);
        }
        self.w.close(&object);
    }

    pub(super) fn value(&mut self, kind: &Kind, value: &Value, depth: usize) {
        match value {
            Value::Bool(value) => self.w.raw(if *value { b"true" } else { b"false" }),
            Value::I32(value) => self.w.integer(value),
            Value::U32(value) => self.w.integer(value),
            Value::I64(value) if self.style.int64_numbers => self.w.integer(value),
            Value::U64(value) if self.style.int64_numbers => self.w.integer(value),
            Value::I64(value) => self.w.quoted_integer(value),
            Value::U64(value) => self.w.quoted_integer(value),
            Value::F32(value) => number::float(self.w.out, *value),
            Value::F64(value) => number::double(self.w.out, *value),
            Value::String(value) => self.w.string(value),
            Value::Bytes(value) => self.w.base64(value),
            Value::EnumNumber(number) => self.enum_value(kind, *number),
            Value::Message(message) => {
                let descriptor = message.descriptor();
                let plan = match kind {
                    Kind::Message(known) => self.plans.of_field(known, &descriptor, self.style),
                    _ => self.plans.of(&descriptor, self.style),
                };
                self.message(message, &plan, depth + 1);
            }
            // A field holds these whole; they are no element of anything.
            Value::List(values) => self.list(values, kind, std::iter::empty(), depth),
            Value::Map(entries) => self.map(entries.iter(), kind, depth),
        }
    }

    fn enum_value(&mut self, kind: &Kind, number: i32) {
        match kind {
            Kind::Null => self.w.raw(b"null"),
            Kind::Enum(names) => match names.binary_search_by_key(&number, |&(number, _)| number) {
                Ok(index) => self.w.raw(names.get(index).map_or(b"null", |(_, name)| name)),
                Err(_) => self.w.integer(number),
            },
            _ => self.w.integer(number),
        }
    }

    /// Prints the object that stands for a value JSON cannot show.
    pub(super) fn placeholder(&mut self, error: &str, value: impl FnOnce(&mut Writer<'_>)) {
        let mut object = self.w.object();
        self.w.key(&mut object, "@error");
        self.w.string(error);
        self.w.key(&mut object, "@value");
        value(&mut self.w);
        self.w.close(&object);
    }
}
