//! One message as it came: which fields are set, and to what.

use super::layout::{Field, Kind, Layout, Scalar, Shape};
use super::noted::Noted;
use super::record::{Broken, Malformed, Raw, Record, Records, fixed, varint};

/// The bytes of one message. Where a field that holds one message comes several times, they are one message in pieces.
pub(in crate::message) enum Parts<'a> {
    One(&'a [u8]),
    Many(Vec<&'a [u8]>),
}

impl<'a> Parts<'a> {
    /// Of the values that a field has been set to.
    pub(in crate::message) fn of(set: &[(u32, Raw<'a>)]) -> Self {
        match set {
            [(_, raw)] => Self::One(raw.content()),
            set => Self::Many(set.iter().map(|(_, raw)| raw.content()).collect()),
        }
    }

    pub(in crate::message) fn pieces(&self) -> &[&'a [u8]] {
        match self {
            Self::One(bytes) => std::slice::from_ref(bytes),
            Self::Many(pieces) => pieces,
        }
    }

    pub(in crate::message) fn concat(&self) -> Vec<u8> {
        self.pieces().concat()
    }
}

/// What a message has in it.
#[derive(Default)]
pub(in crate::message) struct Contents<'a> {
    /// Fields by their index, each with one value after the other.
    set: Vec<(u32, Raw<'a>)>,
    /// What is no field of the type, in the order in which it came.
    pub(in crate::message) unknown: Vec<Unknown<'a>>,
    /// What can't be read as fields, for each piece that has such an end.
    pub(in crate::message) broken: Vec<Broken<'a>>,
}

/// A field that stays as it is.
pub(in crate::message) struct Unknown<'a> {
    pub(in crate::message) record: Record<'a>,
    /// Whether the type has a field of that number, which is something else.
    pub(in crate::message) misfit: bool,
}

/// In [`Contents::set`] while it is being filled: another member of its oneof has come since.
const GONE: u32 = u32::MAX;

impl<'a> Contents<'a> {
    pub(in crate::message) fn of(layout: &Layout, parts: &Parts<'a>) -> Self {
        let mut contents = Self::default();
        let mut oneofs = Oneofs(Noted::default());
        for piece in parts.pieces() {
            for record in Records::new(piece) {
                match record {
                    Ok(record) => contents.take(layout, record, &mut oneofs),
                    Err(broken) => contents.broken.push(broken),
                }
            }
        }
        if !contents.set.is_sorted_by_key(|&(index, _)| index) {
            contents.set.sort_by_key(|&(index, _)| index);
        }
        while contents.set.pop_if(|(index, _)| *index == GONE).is_some() {}
        contents
    }

    fn take(&mut self, layout: &Layout, record: Record<'a>, oneofs: &mut Oneofs) {
        if layout.message_set
            && let (1, Raw::Group(item)) = (record.number, record.raw)
        {
            return self.take_item(layout, record, item);
        }
        let Some((index, field)) =
            layout.index_of(record.number).and_then(|index| Some((index, layout.field(index)?)))
        else {
            return self.unknown.push(Unknown { record, misfit: false });
        };
        match fits(field, &record.raw) {
            Fit::Fits => {}
            Fit::UnknownNumber => return self.unknown.push(Unknown { record, misfit: false }),
            Fit::Misfit => return self.unknown.push(Unknown { record, misfit: true }),
        }
        if let Some(oneof) = field.oneof {
            oneofs.set(oneof, index, &mut self.set);
        }
        self.set.push((index, record.raw));
    }

    /// An item of a message set: the number of an extension, and its message, in either order.
    fn take_item(&mut self, layout: &Layout, record: Record<'a>, item: &'a [u8]) {
        let (mut number, mut message) = (None, None);
        for part in Records::new(item).flatten() {
            match (part.number, part.raw) {
                (2, Raw::Varint(id)) if number.is_none() => number = u32::try_from(id).ok(),
                (3, Raw::Length(_)) if message.is_none() => message = Some(part.raw),
                _ => {}
            }
        }
        match number.and_then(|number| layout.index_of(number)).zip(message) {
            Some((index, message)) => self.set.push((index, message)),
            None => self.unknown.push(Unknown { record, misfit: false }),
        }
    }

    /// Whether everything is what the type says, or unknown to it.
    pub(in crate::message) fn is_whole(&self) -> bool {
        self.broken.is_empty() && self.unknown.iter().all(|unknown| !unknown.misfit)
    }

    /// The fields that are set, in declaration order, each with its index and what it was set to, the last one last.
    pub(in crate::message) fn fields(&self) -> impl Iterator<Item = (u32, &[(u32, Raw<'a>)])> {
        let by_field = self.set.chunk_by(|(a, _), (b, _)| a == b);
        by_field.filter_map(|values| Some((values.first()?.0, values)))
    }

    /// What the field with this number is set to.
    pub(in crate::message) fn get(&self, layout: &Layout, number: u32) -> &[(u32, Raw<'a>)] {
        let Some(index) = layout.index_of(number) else { return &[] };
        let start = self.set.partition_point(|&(other, _)| other < index);
        let end = self.set.partition_point(|&(other, _)| other <= index);
        self.set.get(start..end).unwrap_or_default()
    }
}

/// Which member of each oneof is set, and where in [`Contents::set`] it is.
struct Oneofs(Noted<(u32, Vec<usize>)>);

impl Oneofs {
    /// Another member that was set is no longer.
    fn set(&mut self, oneof: u32, index: u32, set: &mut [(u32, Raw<'_>)]) {
        let Some((member, places)) = self.0.or_insert(oneof, (index, Vec::new())) else { return };
        if *member != index {
            *member = index;
            for place in places.drain(..) {
                if let Some((index, _)) = set.get_mut(place) {
                    *index = GONE;
                }
            }
        }
        places.push(set.len());
    }
}

enum Fit {
    Fits,
    /// A number that a closed enum does not have.
    UnknownNumber,
    Misfit,
}

fn fits(field: &Field, raw: &Raw<'_>) -> Fit {
    let fits = match (&field.kind, field.shape, raw) {
        (_, Shape::Map(_), raw) => matches!(raw, Raw::Length(_)),
        (Kind::Enum(values), _, Raw::Varint(number)) if !values.takes(int32(*number)) => {
            return Fit::UnknownNumber;
        }
        (kind, Shape::List { .. }, Raw::Length(_)) if kind.number().is_some() => true,
        (kind, _, raw) => is_of(kind, raw),
    };
    if fits { Fit::Fits } else { Fit::Misfit }
}

/// Whether a value is of the wire type that a kind has.
fn is_of(kind: &Kind, raw: &Raw<'_>) -> bool {
    match kind {
        Kind::Enum(_) => matches!(raw, Raw::Varint(_)),
        Kind::Message(link) if link.group => matches!(raw, Raw::Group(_)),
        Kind::Message(_) => matches!(raw, Raw::Length(_)),
        Kind::Scalar(scalar) => is_scalar(*scalar, raw),
    }
}

fn is_scalar(scalar: Scalar, raw: &Raw<'_>) -> bool {
    match scalar {
        Scalar::Double | Scalar::Fixed64 | Scalar::Sfixed64 => matches!(raw, Raw::Fixed64(_)),
        Scalar::Float | Scalar::Fixed32 | Scalar::Sfixed32 => matches!(raw, Raw::Fixed32(_)),
        Scalar::String | Scalar::Bytes => matches!(raw, Raw::Length(_)),
        _ => matches!(raw, Raw::Varint(_)),
    }
}

/// A value that is no message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::message) enum Value<'a> {
    Bool(bool),
    I32(i32),
    I64(i64),
    U32(u32),
    U64(u64),
    F32(f32),
    F64(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A scalar as it stands on the wire, by its type. A string that is not UTF-8 is none.
#[inline]
pub(in crate::message) fn value(scalar: Scalar, raw: Raw<'_>) -> Result<Value<'_>, Malformed> {
    Ok(match (scalar, raw) {
        (Scalar::Int32, Raw::Varint(bits)) => Value::I32(int32(bits)),
        (Scalar::Int64, Raw::Varint(bits)) | (Scalar::Sfixed64, Raw::Fixed64(bits)) => {
            Value::I64(bits.cast_signed())
        }
        (Scalar::Uint32, Raw::Varint(bits)) => Value::U32(low(bits)),
        (Scalar::Uint64, Raw::Varint(bits)) | (Scalar::Fixed64, Raw::Fixed64(bits)) => Value::U64(bits),
        (Scalar::Sint32, Raw::Varint(bits)) => {
            let bits = low(bits);
            Value::I32((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed())
        }
        (Scalar::Sint64, Raw::Varint(bits)) => {
            Value::I64((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed())
        }
        (Scalar::Bool, Raw::Varint(bits)) => Value::Bool(bits != 0),
        (Scalar::Double, Raw::Fixed64(bits)) => Value::F64(f64::from_bits(bits)),
        (Scalar::Float, Raw::Fixed32(bits)) => Value::F32(f32::from_bits(bits)),
        (Scalar::Fixed32, Raw::Fixed32(bits)) => Value::U32(bits),
        (Scalar::Sfixed32, Raw::Fixed32(bits)) => Value::I32(bits.cast_signed()),
        (Scalar::Bytes, Raw::Length(bytes)) => Value::Bytes(bytes),
        (Scalar::String, Raw::Length(bytes)) => {
            Value::Text(std::str::from_utf8(bytes).map_err(|_| Malformed::Utf8)?)
        }
        _ => return Err(Malformed::Misfit),
    })
}

impl Value<'_> {
    /// A number as [`super::Sink::number`] takes it; none of a string and of bytes.
    pub(in crate::message) fn bits(self) -> Option<u64> {
        Some(match self {
            Self::Bool(value) => value.into(),
            Self::I32(value) => i64::from(value).cast_unsigned(),
            Self::I64(value) => value.cast_unsigned(),
            Self::U32(value) => value.into(),
            Self::U64(value) => value,
            Self::F32(value) => value.to_bits().into(),
            Self::F64(value) => value.to_bits(),
            Self::Text(_) | Self::Bytes(_) => return None,
        })
    }
}

/// Readers take the lower half of a larger number.
#[allow(clippy::cast_possible_truncation, reason = "as readers of the wire format do")]
fn low(bits: u64) -> u32 {
    bits as u32
}

/// An enum's number, or an int32, as it stands on the wire.
pub(in crate::message) fn int32(bits: u64) -> i32 {
    low(bits).cast_signed()
}

/// The elements that one record of a list has: itself, or those that are packed in it. What can't be read is the last
/// that comes.
pub(in crate::message) fn elements<'a>(kind: &Kind, raw: Raw<'a>) -> Elements<'a> {
    match (kind.number(), raw) {
        (Some(scalar), Raw::Length(rest)) => Elements::Packed { scalar, rest },
        (_, raw) => Elements::One(Some(raw)),
    }
}

/// See [`elements`].
pub(in crate::message) enum Elements<'a> {
    One(Option<Raw<'a>>),
    Packed { scalar: Scalar, rest: &'a [u8] },
}

impl<'a> Iterator for Elements<'a> {
    /// An element, or the bytes of one that can't be read.
    type Item = Result<Raw<'a>, (Malformed, &'a [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::One(raw) => raw.take().map(Ok),
            Self::Packed { rest: [], .. } => None,
            Self::Packed { scalar, rest } => {
                let before = *rest;
                let raw = match scalar {
                    Scalar::Double | Scalar::Fixed64 | Scalar::Sfixed64 => {
                        fixed(rest).map(|bytes| Raw::Fixed64(u64::from_le_bytes(bytes)))
                    }
                    Scalar::Float | Scalar::Fixed32 | Scalar::Sfixed32 => {
                        fixed(rest).map(|bytes| Raw::Fixed32(u32::from_le_bytes(bytes)))
                    }
                    _ => varint(rest).map(Raw::Varint),
                };
                Some(raw.map_err(|error| {
                    *rest = &[];
                    (error, before)
                }))
            }
        }
    }
}

/// A map's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::message) enum Key<'a> {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Text(&'a str),
}

impl<'a> Key<'a> {
    fn of(value: Value<'a>) -> Option<Self> {
        Some(match value {
            Value::Bool(key) => Self::Bool(key),
            Value::I32(key) => Self::Signed(key.into()),
            Value::I64(key) => Self::Signed(key),
            Value::U32(key) => Self::Unsigned(key.into()),
            Value::U64(key) => Self::Unsigned(key),
            Value::Text(key) => Self::Text(key),
            Value::F32(_) | Value::F64(_) | Value::Bytes(_) => return None,
        })
    }

    /// What an entry without a key has.
    fn zero(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Bool => Self::Bool(false),
            Scalar::String => Self::Text(""),
            Scalar::Uint32 | Scalar::Uint64 | Scalar::Fixed32 | Scalar::Fixed64 => Self::Unsigned(0),
            _ => Self::Signed(0),
        }
    }
}

/// An entry of a map: a key, and what the value was set to, which may be nothing.
pub(in crate::message) type Entry<'a> = (Key<'a>, Vec<(u32, Raw<'a>)>);

/// The entries of a map.
#[derive(Default)]
pub(in crate::message) struct Entries<'a> {
    /// By key; of those with one key the last.
    pub(in crate::message) known: Vec<Entry<'a>>,
    /// Those whose value is none that its closed enum has, and that number.
    pub(in crate::message) unknown: Vec<(&'a [u8], i32)>,
    /// Those that can't be read.
    pub(in crate::message) broken: Vec<Broken<'a>>,
}

/// Whether nothing of what a list or a map was set to is a value of it: its closed enum has none of the numbers.
pub(in crate::message) fn holds_nothing(field: &Field, set: &[(u32, Raw<'_>)]) -> bool {
    let Kind::Enum(values) = &field.kind else { return false };
    let unlisted = |element| matches!(element, Ok(Raw::Varint(number)) if !values.takes(int32(number)));
    match field.shape {
        _ if !values.closed => false,
        Shape::Single => false,
        Shape::List { .. } => set.iter().flat_map(|(_, raw)| elements(&field.kind, *raw)).all(unlisted),
        Shape::Map(key) => {
            let Entries { known, broken, .. } = entries(field, key, set);
            known.is_empty() && broken.is_empty()
        }
    }
}

/// The entries that a map was set to.
pub(in crate::message) fn entries<'a>(field: &Field, key: Scalar, set: &[(u32, Raw<'a>)]) -> Entries<'a> {
    let mut all = Entries { known: Vec::with_capacity(set.len()), ..Entries::default() };
    for (_, raw) in set {
        let bytes = raw.content();
        match entry(field, key, bytes) {
            Ok(Ok(entry)) => all.known.push(entry),
            Ok(Err(number)) => all.unknown.push((bytes, number)),
            Err(error) => all.broken.push(Broken { number: Some(field.number), error, bytes }),
        }
    }
    // The last one of a key comes first, and is kept.
    all.known.reverse();
    all.known.sort_by_key(|(key, _)| *key);
    all.known.dedup_by_key(|(key, _)| *key);
    all
}

/// An entry, or the number in its place that its closed enum does not have.
fn entry<'a>(field: &Field, scalar: Scalar, bytes: &'a [u8]) -> Result<Result<Entry<'a>, i32>, Malformed> {
    let mut key = Key::zero(scalar);
    let mut set = Vec::new();
    for record in Records::new(bytes) {
        let record = record.map_err(|broken| broken.error)?;
        match record.number {
            1 => key = Key::of(value(scalar, record.raw)?).ok_or(Malformed::Misfit)?,
            2 if !is_of(&field.kind, &record.raw) => return Err(Malformed::Misfit),
            2 => set.push((0, record.raw)),
            _ => {}
        }
    }
    let last = set.last().map(|(_, raw)| *raw);
    Ok(match (&field.kind, last) {
        (Kind::Enum(values), Some(Raw::Varint(number))) if !values.takes(int32(number)) => Err(int32(number)),
        _ => Ok((key, set)),
    })
}
