//! Bytes to a message, keeping what does not decode.
//!
//! The normal path is one call. When it fails, the fields of the message are taken one by one: those that decode
//! make the message, the others stand beside it as [`Broken`] with their bytes, so that nothing received is lost.

use prost_reflect::bytes::{Buf as _, Bytes};
use prost_reflect::prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost_reflect::prost::{DecodeError, Message as _};
use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

/// A message and what could not be made part of it.
pub struct Decoded {
    /// Everything that decoded.
    pub message: DynamicMessage,
    /// Everything that did not, in the order received; mostly empty.
    pub broken: Vec<Broken>,
}

/// A part of a message that did not decode.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The field it belongs to; none where not even that could be read.
    pub number: Option<u32>,
    /// How many elements of a repeated field came before it.
    pub at: usize,
    /// Why it did not decode.
    pub error: DecodeError,
    /// The field's content; where its end could not be found, everything from the field's tag on.
    pub bytes: Bytes,
}

impl From<DynamicMessage> for Decoded {
    fn from(message: DynamicMessage) -> Self {
        Self { message, broken: Vec::new() }
    }
}

/// Decodes a message of type `descriptor`.
pub fn decode(descriptor: &MessageDescriptor, bytes: Bytes) -> Decoded {
    match DynamicMessage::decode(descriptor.clone(), bytes.clone()) {
        Ok(message) => message.into(),
        Err(_) => salvage(descriptor, bytes),
    }
}

fn salvage(descriptor: &MessageDescriptor, mut rest: Bytes) -> Decoded {
    let mut decoded = Decoded::from(DynamicMessage::new(descriptor.clone()));
    while !rest.is_empty() {
        let mut after = rest.clone();
        let record = match Record::take(&mut after) {
            Ok(record) => record,
            Err((number, error)) => {
                decoded.broken.push(Broken {
                    number,
                    at: count(&decoded.message, number),
                    error,
                    bytes: rest,
                });
                break;
            }
        };
        // Tried on its own first: a merge that fails leaves half of the field behind.
        let whole = rest.slice(..rest.len() - after.len());
        match DynamicMessage::decode(descriptor.clone(), whole.clone())
            .and_then(|_| decoded.message.merge(whole))
        {
            Ok(()) => {}
            Err(error) => {
                let number = Some(record.number);
                let at = count(&decoded.message, number);
                decoded.broken.push(Broken { number, at, error, bytes: record.content });
            }
        }
        rest = after;
    }
    decoded
}

/// How many elements a repeated field has so far.
fn count(message: &DynamicMessage, number: Option<u32>) -> usize {
    number
        .and_then(|number| message.get_field_by_number(number))
        .and_then(|value| value.as_list().map(<[Value]>::len))
        .unwrap_or_default()
}

/// One field as it stands on the wire.
struct Record {
    number: u32,
    content: Bytes,
}

impl Record {
    /// Takes the next field off `rest`; the error names the field if its tag was readable.
    fn take(rest: &mut Bytes) -> Result<Self, (Option<u32>, DecodeError)> {
        let (number, wire_type) = decode_key(rest).map_err(|error| (None, error))?;
        let content = Self::content(number, wire_type, rest).map_err(|error| (Some(number), error))?;
        Ok(Self { number, content })
    }

    fn content(number: u32, wire_type: WireType, rest: &mut Bytes) -> Result<Bytes, DecodeError> {
        let start = rest.clone();
        skip_field(wire_type, number, rest, DecodeContext::default())?;
        let mut content = start.slice(..start.len() - rest.len());
        if wire_type == WireType::LengthDelimited {
            let mut length = content.clone();
            decode_varint(&mut length)?;
            content.advance(content.len() - length.len());
        }
        Ok(content)
    }
}
