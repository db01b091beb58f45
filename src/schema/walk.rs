//! The fields of an encoded message, one after the other, whatever message it is.

use std::ops::Range;

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, key_len, skip_field};

/// One field on the wire.
pub(super) struct Field {
    pub(super) number: u32,
    pub(super) wire_type: WireType,
    /// All of it, key included.
    pub(super) whole: Range<usize>,
    /// Its value; without the length, where it has one, and without the key that ends a group.
    pub(super) value: Range<usize>,
    /// What stands behind its key.
    pub(super) payload: Range<usize>,
}

/// The fields of a message in their order; bytes that are no field end them.
pub(super) fn fields(message: &[u8]) -> impl Iterator<Item = Field> {
    let mut rest = message;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = message.len() - rest.len();
        let (number, wire_type) = decode_key(&mut rest).ok()?;
        let payload = message.len() - rest.len();
        let mut value = payload;
        if wire_type == WireType::LengthDelimited {
            let length = usize::try_from(decode_varint(&mut rest).ok()?).ok()?;
            value = message.len() - rest.len();
            rest = rest.get(length..)?;
        } else {
            skip_field(wire_type, number, &mut rest, DecodeContext::default()).ok()?;
        }
        let end = message.len() - rest.len();
        let value_end =
            if wire_type == WireType::StartGroup { end - key_len(number).min(end - value) } else { end };
        Some(Field { number, wire_type, whole: start..end, value: value..value_end, payload: payload..end })
    })
}

/// The length-delimited fields within a range of `message`, as (number, range of the content).
pub(super) fn delimited_within(
    message: &[u8],
    within: Range<usize>,
) -> impl Iterator<Item = (u32, Range<usize>)> {
    let start = within.start;
    let fields = fields(message.get(within).unwrap_or_default());
    fields
        .filter(|field| field.wire_type == WireType::LengthDelimited)
        .map(move |field| (field.number, start + field.value.start..start + field.value.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_taken_apart() {
        // 1: "j", 2: group { 1: 5 }, 3: 300
        let message = b"\x0a\x01j\x13\x08\x05\x14\x18\xac\x02";
        let told: Vec<_> = fields(message).map(|field| (field.number, field.value, field.payload)).collect();
        assert_eq!(told, [(1, 2..3, 1..3), (2, 4..6, 4..7), (3, 8..10, 8..10)]);
        assert_eq!(delimited_within(b"\x08\x01\x0a\x01j", 2..5).collect::<Vec<_>>(), [(1, 4..5)]);
        assert_eq!(fields(b"\x0a\x7fj").count(), 0);
        assert_eq!(fields(b"\x14").count(), 0);
    }
}
