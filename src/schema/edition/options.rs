//! Options as bytes: what is edited in this form keeps every custom option.

use bytes::Bytes;
use prost::encoding::{WireType, decode_varint, encode_key, encode_varint};

use crate::schema::walk::fields;

/// The values of the length-delimited fields of this number.
pub(in crate::schema) fn delimited(message: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    fields(message)
        .filter(move |field| field.number == number && field.wire_type == WireType::LengthDelimited)
        .filter_map(|field| message.get(field.value))
}

/// The last varint field of this number, which is the one that counts.
pub(in crate::schema) fn varint(message: &[u8], number: u32) -> Option<u64> {
    fields(message)
        .filter(|field| field.number == number && field.wire_type == WireType::Varint)
        .filter_map(|field| decode_varint(&mut message.get(field.value)?).ok())
        .last()
}

/// The same of options in parts.
pub(in crate::schema) fn last_varint(options: &[Bytes], number: u32) -> Option<u64> {
    options.iter().filter_map(|part| varint(part, number)).last()
}

/// Whether there is a field of which this is true of its number.
pub(in crate::schema) fn has(message: &[u8], is_meant: impl Fn(u32) -> bool) -> bool {
    fields(message).any(|field| is_meant(field.number))
}

/// Takes fields out by their numbers. Bytes that end in something else than fields stay as they are, for the pool to
/// complain about.
pub(in crate::schema) fn remove(options: &mut [Bytes], is_meant: impl Fn(u32) -> bool) {
    for part in options {
        if !has(part, &is_meant) {
            continue;
        }
        let mut kept = Vec::with_capacity(part.len());
        let mut end = 0;
        for field in fields(part) {
            end = field.whole.end;
            if !is_meant(field.number) {
                kept.extend_from_slice(part.get(field.whole).unwrap_or_default());
            }
        }
        kept.extend_from_slice(part.get(end..).unwrap_or_default());
        *part = kept.into();
    }
}

/// Adds a varint field.
pub(in crate::schema) fn add_varint(options: &mut Vec<Bytes>, number: u32, value: u64) {
    let mut part = Vec::new();
    encode_key(number, WireType::Varint, &mut part);
    encode_varint(value, &mut part);
    options.push(part.into());
}

/// Adds a string field.
pub(in crate::schema) fn add_string(options: &mut Vec<Bytes>, number: u32, value: &str) {
    add_bytes(options, number, value.as_bytes());
}

/// Adds a bytes field.
pub(in crate::schema) fn add_bytes(options: &mut Vec<Bytes>, number: u32, value: &[u8]) {
    let mut part = Vec::with_capacity(value.len() + 16);
    encode_key(number, WireType::LengthDelimited, &mut part);
    encode_varint(value.len() as u64, &mut part);
    part.extend_from_slice(value);
    options.push(part.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_added_and_taken_out() {
        let mut options = Vec::new();
        add_varint(&mut options, 3, 1);
        add_string(&mut options, 1, "j");
        add_varint(&mut options, 3, 300);
        let whole = options.concat();
        assert_eq!(varint(&whole, 3), Some(300));
        assert_eq!(varint(&whole, 1), None);
        assert_eq!(delimited(&whole, 1).collect::<Vec<_>>(), [b"j"]);
        let mut options = vec![Bytes::from(whole)];
        remove(&mut options, |number| number == 3);
        assert_eq!(options, [&b"\x0a\x01j"[..]]);
    }

    #[test]
    fn what_is_no_field_stays() {
        let mut broken = vec![Bytes::from_static(b"\x18\x01\x0a\x7fj")];
        remove(&mut broken, |number| number == 3);
        assert_eq!(broken, [&b"\x0a\x7fj"[..]]);
    }
}
