//! What a lowered file says in options, because the pool has no place for it.
//!
//! Their numbers are those that protobuf keeps for itself (19000 to 19999): no compiler gives them to a field or an
//! extension, and the pool refuses files that do. What comes from outside with such options is not believed.

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::DynamicMessage;

use super::options;

/// The numbers that no option of anyone's can have.
const RESERVED: std::ops::RangeInclusive<u32> = 19_000..=19_999;

/// An option of this program's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema) enum Mark {
    /// Of a file: the number of its edition. Its presence is what tells a lowered file.
    Edition = 19_001,
    /// Of a file: a file that it imports for its options alone.
    OptionImport = 19_002,
    /// Of a message or an enum: its `export` or `local`.
    Visibility = 19_003,
    /// Of a message or an enum: that its names in JSON may clash.
    LegacyJson = 19_004,
    /// Of an enum: that it takes no other values.
    Closed = 19_005,
    /// Of a field: that its zero is not told from its absence.
    Implicit = 19_006,
    /// Of a field: that its strings may hold anything.
    AnyBytes = 19_007,
    /// Of a file: all of it, options and all, where the pool has less ([`crate::schema::bare`]).
    Whole = 19_008,
}

impl Mark {
    pub(in crate::schema) fn number(self) -> u32 {
        self as u32
    }
}

pub(in crate::schema) fn is_mark(number: u32) -> bool {
    RESERVED.contains(&number)
}

pub(super) fn add(to: &mut Vec<Bytes>, mark: Mark, value: i32) {
    // As protobuf encodes an int32.
    options::add_varint(to, mark.number(), i64::from(value).cast_unsigned());
}

pub(super) fn add_name(to: &mut Vec<Bytes>, mark: Mark, name: &str) {
    options::add_string(to, mark.number(), name);
}

/// The value of a mark in options as bytes.
pub(in crate::schema) fn find(options: &[u8], mark: Mark) -> Option<i32> {
    options::varint(options, mark.number()).and_then(|value| i32::try_from(value.cast_signed()).ok())
}

/// The names of a mark in options as bytes.
pub(super) fn names(options: &[u8], mark: Mark) -> impl Iterator<Item = &str> {
    options::delimited(options, mark.number()).filter_map(|name| std::str::from_utf8(name).ok())
}

/// Whether options as the pool has them have a mark.
pub(in crate::schema) fn has(options: &DynamicMessage, mark: Mark) -> bool {
    find(&options.encode_to_vec(), mark).is_some()
}
