//! The values of options, one at a time.
//!
//! A message of options is never decoded as a whole: the pool goes through all of its extensions for each field, and
//! one value that is wrong would cost all of the others.

use bytes::Bytes;
use prost::encoding::{self, DecodeContext, WireType};
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, Value};

use crate::schema::walk;

/// One field of the wire that has a value or, packed, several.
pub(super) struct Part<'b> {
    pub(super) wire_type: WireType,
    /// What stands behind the key.
    payload: &'b [u8],
    /// The value without what delimits it.
    content: &'b [u8],
}

impl<'b> Part<'b> {
    pub(super) fn new(message: &'b [u8], field: &walk::Field) -> Option<Self> {
        Some(Self {
            wire_type: field.wire_type,
            payload: message.get(field.payload.clone())?,
            content: message.get(field.value.clone())?,
        })
    }

    /// What a length stands before.
    pub(super) fn delimited(&self) -> Option<&'b [u8]> {
        (self.wire_type == WireType::LengthDelimited).then_some(self.content)
    }

    fn message(&self) -> Option<&'b [u8]> {
        let is_message = matches!(self.wire_type, WireType::LengthDelimited | WireType::StartGroup);
        is_message.then_some(self.content)
    }
}

/// The value of a field; none if one of the parts is no value of its type. Text that is not UTF-8, which proto2 does not
/// mind, is bytes.
pub(super) fn of(kind: &Kind, is_list: bool, parts: &[Part<'_>]) -> Option<Value> {
    if let (Kind::Message(message), false) = (kind, is_list) {
        let contents: Option<Vec<&[u8]>> = parts.iter().map(Part::message).collect();
        return decoded(message, &contents?.concat());
    }
    let mut values = all(kind, parts)?;
    if is_list { Some(Value::List(values)) } else { values.pop() }
}

fn decoded(message: &MessageDescriptor, bytes: &[u8]) -> Option<Value> {
    DynamicMessage::decode(message.clone(), bytes).ok().map(Value::Message)
}

fn all(kind: &Kind, parts: &[Part<'_>]) -> Option<Vec<Value>> {
    macro_rules! numbers {
        ($type:ident, $value:ident) => {{
            let mut numbers = Vec::new();
            for part in parts {
                let mut payload = part.payload;
                let context = DecodeContext::default();
                encoding::$type::merge_repeated(part.wire_type, &mut numbers, &mut payload, context).ok()?;
            }
            Some(numbers.into_iter().map(Value::$value).collect())
        }};
    }
    match kind {
        Kind::Double => numbers!(double, F64),
        Kind::Float => numbers!(float, F32),
        Kind::Int32 => numbers!(int32, I32),
        Kind::Int64 => numbers!(int64, I64),
        Kind::Uint32 => numbers!(uint32, U32),
        Kind::Uint64 => numbers!(uint64, U64),
        Kind::Sint32 => numbers!(sint32, I32),
        Kind::Sint64 => numbers!(sint64, I64),
        Kind::Fixed32 => numbers!(fixed32, U32),
        Kind::Fixed64 => numbers!(fixed64, U64),
        Kind::Sfixed32 => numbers!(sfixed32, I32),
        Kind::Sfixed64 => numbers!(sfixed64, I64),
        Kind::Bool => numbers!(bool, Bool),
        Kind::Enum(_) => numbers!(int32, EnumNumber),
        Kind::String => parts.iter().map(|part| part.delimited().map(text)).collect(),
        Kind::Bytes => {
            let bytes = |part: &Part<'_>| part.delimited().map(Bytes::copy_from_slice).map(Value::Bytes);
            parts.iter().map(bytes).collect()
        }
        Kind::Message(message) => parts.iter().map(|part| decoded(message, part.message()?)).collect(),
    }
}

fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::String(text.to_owned()),
        Err(_) => Value::Bytes(Bytes::copy_from_slice(bytes)),
    }
}
