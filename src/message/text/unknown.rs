//! Unknown fields in text format: a number, and a value as its wire type has it.
//!
//! A length-delimited field may be text, bytes or a message; it is shown as a message if it reads as one.

use prost_reflect::bytes::{Buf as _, Bytes};
use prost_reflect::prost::DecodeError;
use prost_reflect::prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// One field as it stands on the wire.
pub(super) struct Record {
    pub(super) number: u32,
    pub(super) value: WireValue,
}

/// A value of which nothing but the wire type is known.
pub(super) enum WireValue {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(Bytes),
    /// What stands between a group's tags.
    Group(Bytes),
}

/// The fields that `bytes` hold, if they are fields throughout.
pub(super) fn records(mut bytes: Bytes) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        records.push(record(&mut bytes).ok()?);
    }
    Some(records)
}

fn record(bytes: &mut Bytes) -> Result<Record, DecodeError> {
    let (number, wire_type) = decode_key(bytes)?;
    let mut value = bytes.clone();
    skip_field(wire_type, number, bytes, DecodeContext::default())?;
    value.truncate(value.len() - bytes.len());
    let value = match wire_type {
        WireType::Varint => WireValue::Varint(decode_varint(&mut value)?),
        WireType::SixtyFourBit => WireValue::Fixed64(value.try_get_u64_le().unwrap_or_default()),
        WireType::ThirtyTwoBit => WireValue::Fixed32(value.try_get_u32_le().unwrap_or_default()),
        WireType::LengthDelimited => {
            decode_varint(&mut value)?;
            WireValue::Bytes(value)
        }
        WireType::StartGroup | WireType::EndGroup => {
            let tag = prost_reflect::prost::encoding::key_len(number);
            value.truncate(value.len().saturating_sub(tag));
            WireValue::Group(value)
        }
    };
    Ok(Record { number, value })
}
