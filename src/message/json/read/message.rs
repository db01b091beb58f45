//! From the members of JSON objects to the fields of messages.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use prost_reflect::{
    DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, OneofDescriptor,
    ReflectMessage as _, Value,
};

use super::error::Problem;
use super::misfit::{Misfit, Step};
use super::syntax::{Json, Member, Node};
use super::{names, scalar, wkt};
use crate::message::Position;
use crate::message::json::path::Place;
use crate::message::json::wkt::WellKnown;

/// Reads the tree of one document.
#[derive(Clone, Copy)]
pub(super) struct Reader<'r> {
    /// To tell places that came before the one a problem is at.
    pub(super) document: &'r [u8],
    /// Whether members and enum values that the types do not have are passed over.
    pub(super) allow_unknown_fields: bool,
}

/// What a member's name stands for.
enum Slot {
    Field(FieldDescriptor),
    Extension(ExtensionDescriptor),
}

impl Slot {
    /// By JSON name, by the name in the schema, or an extension in brackets.
    fn of(message: &MessageDescriptor, name: &str) -> Option<Self> {
        let field = message.get_field_by_json_name(name).or_else(|| message.get_field_by_name(name));
        field.map(Self::Field).or_else(|| message.get_extension_by_json_name(name).map(Self::Extension))
    }

    fn number(&self) -> u32 {
        match self {
            Self::Field(field) => field.number(),
            Self::Extension(extension) => extension.number(),
        }
    }

    fn place(&self) -> Place {
        match self {
            Self::Field(field) => Place::new(field.is_list(), field.is_map(), field.kind()),
            Self::Extension(extension) => {
                Place::new(extension.is_list(), extension.is_map(), extension.kind())
            }
        }
    }

    fn oneof(&self) -> Option<OneofDescriptor> {
        match self {
            Self::Field(field) => field.containing_oneof(),
            Self::Extension(_) => None,
        }
    }

    fn set(&self, message: &mut DynamicMessage, value: Value) {
        match self {
            // A value is read by its field's type and fits it.
            Self::Field(field) => drop(message.try_set_field(field, value)),
            Self::Extension(extension) => message.set_extension(extension, value),
        }
    }
}

/// Members of one object that were read already: the field's number and the member's index.
type Seen = Vec<(u32, usize)>;

impl Reader<'_> {
    /// A message of any type.
    pub(super) fn message(
        self,
        descriptor: &MessageDescriptor,
        node: &Node<'_>,
    ) -> Result<DynamicMessage, Misfit> {
        if let Some(known) = WellKnown::of(descriptor) {
            return wkt::read(self, known, descriptor, node);
        }
        let Json::Object(members) = &node.json else {
            return Err(Misfit::unfit(node, format!("{} (an object)", descriptor.full_name())));
        };
        self.members(DynamicMessage::new(descriptor.clone()), members, "")
    }

    /// Fills a message with what `members` give, leaving out the one called `except`.
    pub(super) fn members(
        self,
        mut message: DynamicMessage,
        members: &[Member<'_>],
        except: &str,
    ) -> Result<DynamicMessage, Misfit> {
        let descriptor = message.descriptor();
        let mut seen = Seen::with_capacity(members.len());
        for (index, member) in members.iter().enumerate() {
            if member.name == except && !except.is_empty() {
                continue;
            }
            let Some(slot) = Slot::of(&descriptor, &member.name) else {
                if self.allow_unknown_fields {
                    continue;
                }
                return Err(Misfit::new(
                    member.at,
                    names::unknown_field(&member.name, &descriptor, names::in_json),
                ));
            };
            let first = seen.iter().find(|&&(number, _)| number == slot.number());
            if let Some(first) = first.and_then(|&(_, first)| members.get(first)) {
                return Err(self.twice(member.at, &member.name, first.at, &first.name));
            }
            let within = |misfit: Misfit| misfit.within(Step::Field(member.name.clone().into_owned()));
            if let Some(value) = self.field(&slot.place(), &member.value).map_err(within)? {
                if let Some(oneof) = slot.oneof()
                    && let Some(first) = oneof.fields().find(|field| message.has_field(field))
                {
                    let (oneof, first) = (oneof.name().to_owned(), first.json_name().to_owned());
                    return Err(Misfit::new(member.at, Problem::Oneof { oneof, first }));
                }
                slot.set(&mut message, value);
            }
            seen.push((slot.number(), index));
        }
        Ok(message)
    }

    /// A name that came before, perhaps in another form.
    pub(super) fn twice(self, at: usize, name: &str, first: usize, first_name: &str) -> Misfit {
        let other_name = (first_name != name).then(|| first_name.to_owned());
        let first = Position::of(self.document, first);
        Misfit::new(at, Problem::Twice { name: name.to_owned(), first, other_name })
    }

    /// What a field is set to; nothing for null, which leaves it as it is.
    fn field(self, place: &Place, node: &Node<'_>) -> Result<Option<Value>, Misfit> {
        match (place, &node.json) {
            (Place::Element(kind), Json::Null) if !takes_null(kind) => Ok(None),
            (Place::List(_) | Place::Map(..), Json::Null) => Ok(None),
            (Place::Element(kind), _) => self.value(kind, node),
            (Place::List(kind), Json::Array(elements)) => self.list(kind, elements).map(Some),
            (Place::Map(key, kind), Json::Object(members)) => self.map(key, kind, members).map(Some),
            (Place::List(_), _) => Err(Misfit::unfit(node, format!("{place} (an array)"))),
            (Place::Map(..), _) => Err(Misfit::unfit(node, format!("{place} (an object)"))),
        }
    }

    /// A value of one type; nothing for an enum value that is passed over.
    pub(super) fn value(self, kind: &Kind, node: &Node<'_>) -> Result<Option<Value>, Misfit> {
        match kind {
            Kind::Message(descriptor) => self.message(descriptor, node).map(|m| Some(Value::Message(m))),
            Kind::Enum(values) => {
                Ok(scalar::enumeration(values, node, self.allow_unknown_fields)?.map(Value::EnumNumber))
            }
            _ => scalar::read(kind, node).map(Some),
        }
    }

    pub(super) fn list(self, kind: &Kind, elements: &[Node<'_>]) -> Result<Value, Misfit> {
        let mut values = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            values.extend(self.value(kind, element).map_err(|misfit| misfit.within(Step::Element(index)))?);
        }
        Ok(Value::List(values))
    }

    pub(super) fn map(self, key: &Kind, kind: &Kind, members: &[Member<'_>]) -> Result<Value, Misfit> {
        let mut map = HashMap::with_capacity(members.len());
        for member in members {
            let within = |misfit: Misfit| misfit.within(Step::Key(member.name.clone().into_owned()));
            let read = map_key(key, member).map_err(within)?;
            let Some(value) = self.value(kind, &member.value).map_err(within)? else { continue };
            match map.entry(read) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(entry) => {
                    let is_same = |other: &&Member<'_>| map_key(key, other).is_ok_and(|k| k == *entry.key());
                    let first = members.iter().find(is_same).unwrap_or(member);
                    return Err(self.twice(member.at, &member.name, first.at, &first.name));
                }
            }
        }
        Ok(Value::Map(map))
    }
}

/// Whether null is a value here, and not the absence of one.
fn takes_null(kind: &Kind) -> bool {
    match kind {
        Kind::Message(message) => message.full_name() == "google.protobuf.Value",
        Kind::Enum(values) => values.full_name() == "google.protobuf.NullValue",
        _ => false,
    }
}

/// A map's key, which JSON always has as a string.
fn map_key(kind: &Kind, member: &Member<'_>) -> Result<MapKey, Misfit> {
    let node = Node { at: member.at, json: Json::String(Cow::Borrowed(&*member.name)) };
    match (kind, &*member.name) {
        (Kind::Bool, "true") => return Ok(MapKey::Bool(true)),
        (Kind::Bool, "false") => return Ok(MapKey::Bool(false)),
        (Kind::Bool, _) => return Err(Misfit::unfit(&node, "bool as the key (\"true\" or \"false\")")),
        _ => {}
    }
    let key = scalar::read(kind, &node)?.into_map_key();
    key.ok_or_else(|| Misfit::unfit(&node, "a type of key that maps have"))
}
