//! Fields as they stand on the wire: a number, and bytes of which nothing but the wire type is known.

use prost_reflect::bytes::{Buf as _, Bytes};
use prost_reflect::prost::DecodeError;
use prost_reflect::prost::encoding::{
    DecodeContext, WireType, decode_key, decode_varint, key_len, skip_field,
};

/// One field.
pub(super) struct Record {
    pub(super) number: u32,
    pub(super) wire_type: WireType,
    /// The value's bytes: without the length of a length-delimited one, and without a group's tags.
    pub(super) content: Bytes,
}

/// What could not be taken as a field, and the field's number if its tag was readable.
pub(super) type Unreadable = (Option<u32>, DecodeError);

impl Record {
    /// Takes the next field off `rest`.
    pub(super) fn take(rest: &mut Bytes) -> Result<Self, Unreadable> {
        let (number, wire_type) = decode_key(rest).map_err(|error| (None, error))?;
        let content = content(number, wire_type, rest).map_err(|error| (Some(number), error))?;
        Ok(Self { number, wire_type, content })
    }
}

fn content(number: u32, wire_type: WireType, rest: &mut Bytes) -> Result<Bytes, DecodeError> {
    let mut content = rest.clone();
    skip_field(wire_type, number, rest, DecodeContext::default())?;
    content.truncate(content.len() - rest.len());
    match wire_type {
        WireType::LengthDelimited => drop(decode_varint(&mut content)?),
        WireType::StartGroup => content.truncate(content.len().saturating_sub(key_len(number))),
        _ => {}
    }
    Ok(content)
}

/// The fields that `bytes` hold, if they are fields throughout.
pub(super) fn records(mut bytes: Bytes) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    while bytes.has_remaining() {
        records.push(Record::take(&mut bytes).ok()?);
    }
    Some(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_without_lengths_and_tags() {
        let bytes = Bytes::from_static(b"\x08\x96\x01\x12\x02ab\x1b\x08\x07\x1c\x25\x01\x00\x00\x00");
        let seen: Vec<_> =
            records(bytes).unwrap().into_iter().map(|r| (r.number, r.wire_type, r.content)).collect();
        assert_eq!(
            seen,
            [
                (1, WireType::Varint, Bytes::from_static(b"\x96\x01")),
                (2, WireType::LengthDelimited, Bytes::from_static(b"ab")),
                (3, WireType::StartGroup, Bytes::from_static(b"\x08\x07")),
                (4, WireType::ThirtyTwoBit, Bytes::from_static(b"\x01\x00\x00\x00")),
            ]
        );
    }

    #[test]
    fn what_is_no_field_is_told_with_the_number_if_there_is_one() {
        let number = |bytes: &'static [u8]| Record::take(&mut Bytes::from_static(bytes)).err().unwrap().0;
        assert_eq!(number(b"\x12\x09abc"), Some(2));
        assert_eq!(number(b"\xff\xff"), None);
        assert!(records(Bytes::from_static(b"\x08\x01\x12\x09abc")).is_none());
    }
}
