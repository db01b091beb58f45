//! What reading and writing need of a message type, worked out once: its fields in declaration order, found by number
//! and by name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use prost_reflect::{EnumDescriptor, ExtensionDescriptor, FieldDescriptor, Kind as Type, MessageDescriptor};

use crate::chars;
use crate::message::json::{Place, WellKnown};
use crate::schema::fields::place_among_siblings;
use crate::schema::traits::{self, Member, Presence};

/// A message type.
pub(in crate::message) struct Layout {
    pub(in crate::message) descriptor: MessageDescriptor,
    pub(in crate::message) well_known: Option<WellKnown>,
    /// In declaration order; behind them the extensions that are known, by number.
    pub(in crate::message) fields: Vec<Field>,
    /// Whether it is a set of extensions, each in a group of its own (`message_set_wire_format`).
    pub(in crate::message) message_set: bool,
    /// The indices of the fields without which there is no message.
    pub(in crate::message) required: Vec<u32>,
    /// Numbers and indices, by number.
    numbers: Vec<(u32, u32)>,
    names: OnceLock<HashMap<Box<str>, u32>>,
    /// The same of the text format, where a name that is reserved has none.
    text_names: OnceLock<HashMap<Box<str>, Named>>,
}

/// A field, or an extension.
pub(in crate::message) struct Field {
    pub(in crate::message) slot: Slot,
    pub(in crate::message) number: u32,
    /// The name as a JSON string, as the layouts' style has it.
    pub(in crate::message) key: Box<[u8]>,
    pub(in crate::message) shape: Shape,
    /// Of the field, of a list's elements, or of a map's values.
    pub(in crate::message) kind: Kind,
    /// None where the field is a list or a map.
    pub(in crate::message) presence: Option<Presence>,
    /// Which oneof it is a member of.
    pub(in crate::message) oneof: Option<u32>,
    /// Whether strings that are not UTF-8 are refused.
    pub(in crate::message) utf8: bool,
}

/// What a name in the text format is.
#[derive(Debug, Clone, Copy)]
pub(in crate::message) enum Named {
    /// That of the field with this index.
    Field(u32),
    /// One that the type keeps from being used again.
    Reserved,
}

impl Named {
    /// The field's index.
    pub(in crate::message) fn field(self) -> Option<u32> {
        match self {
            Self::Field(index) => Some(index),
            Self::Reserved => None,
        }
    }
}

/// Where a field is declared.
#[derive(Clone)]
pub(in crate::message) enum Slot {
    Field(FieldDescriptor),
    Extension(ExtensionDescriptor),
}

/// How often a value may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::message) enum Shape {
    Single,
    List {
        packed: bool,
    },
    /// The type of the keys.
    Map(Scalar),
}

/// What a value is.
pub(in crate::message) enum Kind {
    Scalar(Scalar),
    Enum(Enumeration),
    Message(Link),
}

/// The types of values that are neither messages nor enums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::message) enum Scalar {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
}

/// An enum.
pub(in crate::message) struct Enumeration {
    pub(in crate::message) descriptor: EnumDescriptor,
    /// Whether it is `google.protobuf.NullValue`, which JSON shows as `null`.
    pub(in crate::message) null: bool,
    /// Whether a number that it does not have is no value of it.
    pub(in crate::message) closed: bool,
    /// The first name declared for each number as a JSON string, by number.
    names: Vec<(i32, Box<[u8]>)>,
}

/// The way to another layout, which is made when it is gone for the first time: types may be recursive.
pub(in crate::message) struct Link {
    pub(in crate::message) descriptor: MessageDescriptor,
    /// Whether the message stands between two tags and not behind its length.
    pub(in crate::message) group: bool,
    layout: OnceLock<Weak<Layout>>,
}

/// How names are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::message) struct Names {
    /// As the schema has them, rather than in camelCase.
    pub(in crate::message) proto: bool,
    /// With escapes for what a terminal would hide.
    pub(in crate::message) escape: bool,
}

/// The layouts made so far.
#[derive(Default)]
pub(in crate::message) struct Layouts {
    names: Names,
    /// By full name; different pools may each have a type of one name.
    made: Mutex<HashMap<Box<str>, Vec<Arc<Layout>>>>,
}

impl Layouts {
    pub(in crate::message) fn new(names: Names) -> Self {
        Self { names, made: Mutex::default() }
    }

    /// The layout of a type.
    pub(in crate::message) fn of(&self, descriptor: &MessageDescriptor) -> Arc<Layout> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let same_name = made.entry(descriptor.full_name().into()).or_default();
        if let Some(layout) = same_name.iter().find(|layout| layout.descriptor == *descriptor) {
            return Arc::clone(layout);
        }
        let layout = Arc::new(Layout::new(descriptor, self.names));
        same_name.push(Arc::clone(&layout));
        layout
    }

    /// The layout at the end of a link.
    pub(in crate::message) fn behind(&self, link: &Link) -> Arc<Layout> {
        let known = link.layout.get_or_init(|| Arc::downgrade(&self.of(&link.descriptor)));
        // They live as long as this does, to which the link belongs.
        known.upgrade().unwrap_or_else(|| self.of(&link.descriptor))
    }
}

impl Layout {
    fn new(descriptor: &MessageDescriptor, names: Names) -> Self {
        let mut declared: Vec<FieldDescriptor> = descriptor.fields().collect();
        declared.sort_by_key(|field| place_among_siblings(field.path()));
        let mut fields: Vec<Field> =
            declared.into_iter().map(|field| Field::new(Slot::Field(field), names)).collect();
        if descriptor.extension_ranges().len() > 0 {
            let mut extensions: Vec<ExtensionDescriptor> = descriptor.extensions().collect();
            extensions.sort_by_key(ExtensionDescriptor::number);
            fields.extend(
                extensions.into_iter().map(|extension| Field::new(Slot::Extension(extension), names)),
            );
        }
        let mut numbers: Vec<(u32, u32)> = fields.iter().map(|field| field.number).zip(0..).collect();
        numbers.sort_unstable();
        Self {
            well_known: WellKnown::of(descriptor),
            message_set: traits::is_message_set(descriptor.descriptor_proto()),
            required: indices(&fields, |field| field.presence == Some(Presence::Required)),
            descriptor: descriptor.clone(),
            fields,
            numbers,
            names: OnceLock::new(),
            text_names: OnceLock::new(),
        }
    }

    /// The index of the field with this number.
    #[inline]
    pub(in crate::message) fn index_of(&self, number: u32) -> Option<u32> {
        // Mostly the first field is 1, the second 2.
        let guess = usize::try_from(number).ok()?.wrapping_sub(1);
        if let Some(&(found, index)) = self.numbers.get(guess)
            && found == number
        {
            return Some(index);
        }
        let at = self.numbers.binary_search_by_key(&number, |&(number, _)| number).ok()?;
        self.numbers.get(at).map(|&(_, index)| index)
    }

    /// The field at this index.
    pub(in crate::message) fn field(&self, index: u32) -> Option<&Field> {
        self.fields.get(usize::try_from(index).ok()?)
    }

    /// The field with this number.
    pub(in crate::message) fn by_number(&self, number: u32) -> Option<&Field> {
        self.field(self.index_of(number)?)
    }

    /// The index of the field that goes by this name in the text format: its name in the schema or, of a group, also its
    /// type's; in brackets that of an extension, or what that is printed by.
    pub(in crate::message) fn index_of_text(&self, name: &str) -> Option<Named> {
        let names = self.text_names.get_or_init(|| {
            let mut names: HashMap<Box<str>, Named> = HashMap::with_capacity(self.fields.len());
            for (field, index) in self.fields.iter().zip(0..) {
                names.entry(field.name().into()).or_insert(Named::Field(index));
            }
            for (field, index) in self.fields.iter().zip(0..) {
                match (&field.slot, &field.kind) {
                    (Slot::Field(_), Kind::Message(link)) if field.is_group_like() => {
                        names.entry(link.descriptor.name().into()).or_insert(Named::Field(index));
                    }
                    (Slot::Extension(extension), _) if self.message_set => {
                        names
                            .entry(format!("[{}]", printed_name(extension)).into())
                            .or_insert(Named::Field(index));
                    }
                    _ => {}
                }
            }
            for reserved in self.descriptor.reserved_names() {
                names.entry(reserved.into()).or_insert(Named::Reserved);
            }
            names
        });
        names.get(name).copied()
    }

    /// The index of the field that goes by this name in JSON: its JSON name, its name in the schema, or an extension's
    /// in brackets.
    pub(in crate::message) fn index_of_json(&self, name: &str) -> Option<u32> {
        let names = self.names.get_or_init(|| {
            let mut names = HashMap::with_capacity(2 * self.fields.len());
            for (field, index) in self.fields.iter().zip(0..) {
                names.entry(field.slot.json_name().into()).or_insert(index);
            }
            for (field, index) in self.fields.iter().zip(0..) {
                if let Slot::Field(field) = &field.slot {
                    names.entry(field.name().into()).or_insert(index);
                }
            }
            names
        });
        names.get(name).copied()
    }
}

impl Field {
    fn new(slot: Slot, names: Names) -> Self {
        match slot.clone() {
            Slot::Field(field) => Self::of(&field, slot, names),
            Slot::Extension(extension) => Self::of(&extension, slot, names),
        }
    }

    /// What is in a slot, which is declared so.
    fn of(declared: &impl Member, slot: Slot, names: Names) -> Self {
        let (list, map, kind) = slot.is();
        let (shape, kind) = match &kind {
            Type::Message(entry) if map => {
                let key = Scalar::of(&entry.map_entry_key_field().kind()).unwrap_or(Scalar::String);
                (Shape::Map(key), entry.map_entry_value_field().kind())
            }
            _ if list => (Shape::List { packed: traits::is_packed(declared) }, kind),
            _ => (Shape::Single, kind),
        };
        let name = match &slot {
            Slot::Field(field) if names.proto => field.name(),
            slot => slot.json_name(),
        };
        let group = traits::is_delimited(declared) && !map;
        Self {
            number: slot.number(),
            key: quoted(name, names),
            kind: Kind::new(kind, group, names),
            presence: traits::presence(declared),
            oneof: match &slot {
                Slot::Field(field) => {
                    let oneof = field.containing_oneof().map(|oneof| place_among_siblings(oneof.path()));
                    oneof.and_then(|place| u32::try_from(place).ok())
                }
                Slot::Extension(_) => None,
            },
            utf8: traits::validates_utf8(declared),
            shape,
            slot,
        }
    }

    /// The name in the schema, which an extension has in brackets.
    pub(in crate::message) fn name(&self) -> &str {
        match &self.slot {
            Slot::Field(field) => field.name(),
            Slot::Extension(extension) => extension.json_name(),
        }
    }

    /// The name in full.
    pub(in crate::message) fn full_name(&self) -> &str {
        match &self.slot {
            Slot::Field(field) => field.full_name(),
            Slot::Extension(extension) => extension.full_name(),
        }
    }

    /// What stands there, in the words of a declaration.
    pub(in crate::message) fn place(&self) -> Place {
        let (list, map, kind) = self.slot.is();
        Place::new(list, map, kind)
    }

    /// Whether it is declared outside of its message.
    pub(in crate::message) fn is_extension(&self) -> bool {
        matches!(self.slot, Slot::Extension(_))
    }

    /// Whether it goes by its type's name in the text format, as the groups of proto2 do.
    pub(in crate::message) fn is_group_like(&self) -> bool {
        matches!(&self.slot, Slot::Field(field) if traits::is_group_like(field))
    }

    /// Whether an unset field is as good as one that holds the zero of its type.
    pub(in crate::message) fn is_implicit(&self) -> bool {
        self.presence == Some(Presence::Implicit)
    }
}

/// What an extension has between its brackets in the text format: one that a message set takes goes by its type where
/// it is declared inside of that (C++'s `PrintableNameForExtension`).
pub(in crate::message) fn printed_name(extension: &ExtensionDescriptor) -> String {
    let in_set = traits::is_message_set(extension.containing_message().descriptor_proto());
    match (extension.kind(), extension.parent_message()) {
        (Type::Message(message), Some(scope)) if in_set && message == scope && !extension.is_list() => {
            message.full_name().to_owned()
        }
        _ => extension.full_name().to_owned(),
    }
}

impl Slot {
    /// Whether it is a list, whether it is a map, and what its type is.
    pub(in crate::message) fn is(&self) -> (bool, bool, Type) {
        match self {
            Self::Field(field) => (field.is_list(), field.is_map(), field.kind()),
            Self::Extension(extension) => (extension.is_list(), extension.is_map(), extension.kind()),
        }
    }

    fn number(&self) -> u32 {
        match self {
            Self::Field(field) => field.number(),
            Self::Extension(extension) => extension.number(),
        }
    }

    /// The name in JSON, which an extension has in brackets.
    pub(in crate::message) fn json_name(&self) -> &str {
        match self {
            Self::Field(field) => field.json_name(),
            Self::Extension(extension) => extension.json_name(),
        }
    }
}

impl Kind {
    fn new(kind: Type, group: bool, names: Names) -> Self {
        match kind {
            Type::Message(descriptor) => Self::Message(Link { descriptor, group, layout: OnceLock::new() }),
            Type::Enum(descriptor) => Self::Enum(Enumeration::new(descriptor, names)),
            scalar => Self::Scalar(Scalar::of(&scalar).unwrap_or(Scalar::Bytes)),
        }
    }

    /// The type's name in a declaration.
    pub(in crate::message) fn name(&self) -> &str {
        match self {
            Self::Scalar(scalar) => scalar.name(),
            Self::Enum(values) => values.descriptor.full_name(),
            Self::Message(link) => link.descriptor.full_name(),
        }
    }

    /// What kind of number it is on the wire; none of what stands behind a length.
    pub(in crate::message) fn number(&self) -> Option<Scalar> {
        match self {
            Self::Enum(_) => Some(Scalar::Int32),
            Self::Scalar(scalar) if !matches!(scalar, Scalar::String | Scalar::Bytes) => Some(*scalar),
            Self::Scalar(_) | Self::Message(_) => None,
        }
    }
}

impl Scalar {
    fn of(kind: &Type) -> Option<Self> {
        Some(match kind {
            Type::Double => Self::Double,
            Type::Float => Self::Float,
            Type::Int32 => Self::Int32,
            Type::Int64 => Self::Int64,
            Type::Uint32 => Self::Uint32,
            Type::Uint64 => Self::Uint64,
            Type::Sint32 => Self::Sint32,
            Type::Sint64 => Self::Sint64,
            Type::Fixed32 => Self::Fixed32,
            Type::Fixed64 => Self::Fixed64,
            Type::Sfixed32 => Self::Sfixed32,
            Type::Sfixed64 => Self::Sfixed64,
            Type::Bool => Self::Bool,
            Type::String => Self::String,
            Type::Bytes => Self::Bytes,
            Type::Message(_) | Type::Enum(_) => return None,
        })
    }

    /// Whether its values go below zero.
    pub(in crate::message) fn is_signed(self) -> bool {
        use Scalar::{Int32, Int64, Sfixed32, Sfixed64, Sint32, Sint64};
        matches!(self, Int32 | Int64 | Sint32 | Sint64 | Sfixed32 | Sfixed64)
    }

    /// The type's name in a declaration.
    pub(in crate::message) fn name(self) -> &'static str {
        match self {
            Self::Double => "double",
            Self::Float => "float",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Sint32 => "sint32",
            Self::Sint64 => "sint64",
            Self::Fixed32 => "fixed32",
            Self::Fixed64 => "fixed64",
            Self::Sfixed32 => "sfixed32",
            Self::Sfixed64 => "sfixed64",
            Self::Bool => "bool",
            Self::String => "string",
            Self::Bytes => "bytes",
        }
    }
}

impl Enumeration {
    fn new(descriptor: EnumDescriptor, names: Names) -> Self {
        // As the runtimes print a value that has two names.
        let mut values: Vec<_> = descriptor.values().collect();
        values.sort_by_key(|value| (value.number(), place_among_siblings(value.path())));
        values.dedup_by_key(|value| value.number());
        Self {
            null: descriptor.full_name() == "google.protobuf.NullValue",
            closed: traits::is_closed(&descriptor),
            names: values.iter().map(|value| (value.number(), quoted(value.name(), names))).collect(),
            descriptor,
        }
    }

    /// The name of a number, as a JSON string.
    pub(in crate::message) fn name(&self, number: i32) -> Option<&[u8]> {
        let at = self.names.binary_search_by_key(&number, |&(number, _)| number).ok()?;
        self.names.get(at).map(|(_, name)| &**name)
    }

    /// The number of the value declared first, which is what the enum is where nothing is set.
    pub(in crate::message) fn first(&self) -> i32 {
        self.descriptor.default_value().number()
    }

    /// Whether a number is a value of the enum.
    pub(in crate::message) fn takes(&self, number: i32) -> bool {
        !self.closed || self.name(number).is_some()
    }
}

/// The indices of the fields that something holds for.
fn indices(fields: &[Field], holds: impl Fn(&Field) -> bool) -> Vec<u32> {
    fields.iter().zip(0..).filter(|(field, _)| holds(field)).map(|(_, index)| index).collect()
}

fn quoted(name: &str, names: Names) -> Box<[u8]> {
    let mut quoted = Vec::with_capacity(name.len() + 2);
    chars::quoted(&mut quoted, name, names.escape);
    quoted.into()
}
