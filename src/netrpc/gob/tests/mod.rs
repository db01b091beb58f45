//! gob against what Go itself writes, against what nobody should, and against itself.

mod hostile;
mod interfaces;
mod round_trip;
mod vectors;

use std::fmt::Write as _;

use bytes::{Bytes, BytesMut};

use super::{
    DecodeError, Decoder, Definition, EncodeError, Encoder, Field, Limits, MAX_DEPTH, Struct, TypeRef, Types,
    Value, decode_all,
};

/// The bytes that a text of hexadecimal digits, and spaces for the reader, stands for.
fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn decode(text: &str) -> Result<Vec<Value>, DecodeError> {
    decode_all(&unhex(text), Limits::default())
}

/// The one value of a stream.
fn decode_one(text: &str) -> Value {
    let mut values = decode(text).unwrap();
    assert_eq!(values.len(), 1, "{values:?}");
    values.remove(0)
}

fn encode(types: &Types, ty: TypeRef, value: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut out = BytesMut::new();
    Encoder::default().encode(types, ty, value, &mut out)?;
    Ok(out.to_vec())
}

fn text(text: &'static str) -> Value {
    Value::String(Bytes::from_static(text.as_bytes()))
}

fn fields(fields: &[(&str, TypeRef)]) -> Vec<Field> {
    fields.iter().map(|(name, ty)| Field { name: (*name).into(), ty: *ty }).collect()
}

fn structure(name: &str, fields: &[(&str, Value)]) -> Value {
    let fields = fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    Value::Struct(Struct { name: name.into(), fields })
}
