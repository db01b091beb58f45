//! What printing needs of a message type, worked out once: its fields in declaration order with their keys
//! already written as JSON, the names of its enums, and whether it is a well-known type.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use prost_reflect::{
    EnumDescriptor, ExtensionDescriptor, FieldDescriptor, Kind as Type, MessageDescriptor, Value,
};

use super::Style;
use super::wkt::WellKnown;
use super::writer::Writer;
use crate::schema::fields::place_among_siblings;

/// How messages of one type are printed.
pub(super) struct Plan {
    pub(super) descriptor: MessageDescriptor,
    pub(super) well_known: Option<WellKnown>,
    /// In declaration order: the index is the one that ends a field's descriptor path.
    pub(super) fields: Vec<Field>,
    /// Whether field numbers ascend in declaration order too, as they mostly do.
    pub(super) ordered: bool,
    pub(super) extensible: bool,
}

/// How one field is printed.
pub(super) struct Field {
    pub(super) number: u32,
    /// `"name":`, with the space that the style wants.
    pub(super) key: Box<[u8]>,
    pub(super) shape: Shape,
    /// Of the field, of a list's elements, or of a map's values.
    pub(super) kind: Kind,
    /// Printed when the field is not set and defaults are asked for; none where presence is tracked.
    pub(super) default: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Single,
    List,
    Map,
}

pub(super) enum Kind {
    Scalar,
    /// The quoted name of each number, sorted by number.
    Enum(Vec<(i32, Box<[u8]>)>),
    /// `google.protobuf.NullValue`, which JSON shows as `null`.
    Null,
    /// A message, whose plan is made when the first one is printed: types may be recursive.
    Message(OnceLock<usize>),
}

impl Plan {
    fn new(descriptor: &MessageDescriptor, style: Style) -> Self {
        let mut fields: Vec<FieldDescriptor> = descriptor.fields().collect();
        let ordered = fields.is_sorted_by_key(index);
        fields.sort_by_key(index);
        Self {
            descriptor: descriptor.clone(),
            well_known: WellKnown::of(descriptor),
            fields: fields.iter().map(|field| Field::new(field, style)).collect(),
            ordered,
            extensible: descriptor.extension_ranges().len() > 0,
        }
    }
}

impl Field {
    fn new(field: &FieldDescriptor, style: Style) -> Self {
        let name = if style.proto_names { field.name() } else { field.json_name() };
        let (shape, kind) = shape(field.is_list(), field.is_map(), field.kind());
        Self {
            number: field.number(),
            key: key(name, style),
            shape,
            kind: Kind::new(kind, style),
            default: (!field.supports_presence()).then(|| field.default_value()),
        }
    }

    pub(super) fn of_extension(extension: &ExtensionDescriptor, style: Style) -> Self {
        let (shape, kind) = shape(extension.is_list(), extension.is_map(), extension.kind());
        Self {
            number: extension.number(),
            key: key(extension.json_name(), style),
            shape,
            kind: Kind::new(kind, style),
            default: None,
        }
    }
}

impl Kind {
    pub(super) fn new(kind: Type, style: Style) -> Self {
        match kind {
            Type::Message(_) => Self::Message(OnceLock::new()),
            Type::Enum(descriptor) if descriptor.full_name() == "google.protobuf.NullValue" => Self::Null,
            Type::Enum(descriptor) if !style.enum_numbers => Self::Enum(enum_names(&descriptor, style)),
            _ => Self::Scalar,
        }
    }
}

/// The plans made so far.
#[derive(Default)]
pub(super) struct Plans {
    all: Vec<Arc<Plan>>,
    /// By full name; different pools may each have a type of one name.
    by_name: HashMap<Box<str>, Vec<usize>>,
    last: usize,
}

impl Plans {
    pub(super) fn of(&mut self, descriptor: &MessageDescriptor, style: Style) -> Arc<Plan> {
        let index = self.index_of(descriptor, style);
        self.last = index;
        self.all.get(index).cloned().unwrap_or_else(|| Arc::new(Plan::new(descriptor, style)))
    }

    /// The plan of a message in a field whose type is looked up once.
    pub(super) fn of_field(
        &mut self,
        known: &OnceLock<usize>,
        descriptor: &MessageDescriptor,
        style: Style,
    ) -> Arc<Plan> {
        let index = *known.get_or_init(|| self.index_of(descriptor, style));
        match self.all.get(index) {
            Some(plan) => Arc::clone(plan),
            None => self.of(descriptor, style),
        }
    }

    fn index_of(&mut self, descriptor: &MessageDescriptor, style: Style) -> usize {
        let is = |plans: &[Arc<Plan>], index: usize| {
            plans.get(index).is_some_and(|plan| plan.descriptor == *descriptor)
        };
        if is(&self.all, self.last) {
            return self.last;
        }
        let same_name = self.by_name.get(descriptor.full_name());
        if let Some(&index) = same_name.and_then(|all| all.iter().find(|&&index| is(&self.all, index))) {
            return index;
        }
        let index = self.all.len();
        self.all.push(Arc::new(Plan::new(descriptor, style)));
        self.by_name.entry(descriptor.full_name().into()).or_default().push(index);
        index
    }
}

/// A field's place in its message's declaration.
pub(super) fn index(field: &FieldDescriptor) -> usize {
    place_among_siblings(field.path())
}

fn shape(list: bool, map: bool, kind: Type) -> (Shape, Type) {
    match kind {
        Type::Message(entry) if map => (Shape::Map, entry.map_entry_value_field().kind()),
        kind if list => (Shape::List, kind),
        kind => (Shape::Single, kind),
    }
}

fn key(name: &str, style: Style) -> Box<[u8]> {
    let mut key = Vec::with_capacity(name.len() + 4);
    let mut writer = Writer::new(&mut key, style.pretty, style.escape_controls);
    writer.string(name);
    writer.colon();
    key.into()
}

/// The first name declared for each number, as the runtimes print an aliased value.
fn enum_names(descriptor: &EnumDescriptor, style: Style) -> Vec<(i32, Box<[u8]>)> {
    let mut values: Vec<_> = descriptor.values().collect();
    values.sort_by_key(|value| (value.number(), place_among_siblings(value.path())));
    values.dedup_by_key(|value| value.number());
    let quoted = |name: &str| {
        let mut out = Vec::with_capacity(name.len() + 2);
        Writer::new(&mut out, false, style.escape_controls).string(name);
        out.into_boxed_slice()
    };
    values.iter().map(|value| (value.number(), quoted(value.name()))).collect()
}
