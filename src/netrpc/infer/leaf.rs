//! Numbers, bytes and other values without parts.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use super::error::{Misfit, Problem};
use crate::netrpc::gob::{Marshaler, Value};
use crate::netrpc::json::Json;
use crate::netrpc::standard::Standard;

/// What a value is, for a sentence.
pub(super) fn kind(json: &Json<'_>) -> String {
    match json {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => (*number).to_owned(),
        Json::String(text) if text.chars().count() <= 40 => format!("{text:?}"),
        Json::String(_) => "a string".to_owned(),
        Json::Array(_) => "an array".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}

pub(super) fn unexpected(expected: impl Into<String>, json: &Json<'_>) -> Misfit {
    Problem::Kind { expected: expected.into(), found: kind(json) }.into()
}

pub(super) fn int(number: &str, name: &str, bits: u32) -> Result<Value, Misfit> {
    let value = whole(number, name)?.parse::<i64>().ok();
    let most = i64::MAX >> (64 - bits.clamp(1, 64));
    let value = value.filter(|value| (-most - 1..=most).contains(value));
    value.map(Value::Int).ok_or_else(|| out_of_range(number, name))
}

pub(super) fn uint(number: &str, name: &str, bits: u32) -> Result<Value, Misfit> {
    let value = whole(number, name)?.parse::<u64>().ok();
    let value = value.filter(|value| *value <= u64::MAX >> (64 - bits.clamp(1, 64)));
    value.map(Value::Uint).ok_or_else(|| out_of_range(number, name))
}

fn whole<'a>(number: &'a str, name: &str) -> Result<&'a str, Misfit> {
    if number.contains(['.', 'e', 'E']) || number.parse::<f64>().is_err() {
        let (expected, found) = (format!("an integer for {name}"), number.to_owned());
        return Err(Problem::Kind { expected, found }.into());
    }
    Ok(number)
}

pub(super) fn float(number: &str, bits: u32) -> Result<f64, Misfit> {
    let most = if bits == 32 { f64::from(f32::MAX) } else { f64::MAX };
    let value = number.parse::<f64>().ok().filter(|value| value.abs() <= most);
    value.ok_or_else(|| out_of_range(number, &format!("float{bits}")))
}

/// A number, or one of the words that JSON has in the place of three of them.
pub(super) fn any_float(json: &Json<'_>, bits: u32) -> Result<f64, Misfit> {
    match json {
        Json::Number(number) => float(number, bits),
        Json::String(word) if word == "NaN" => Ok(f64::NAN),
        Json::String(word) if word == "Infinity" => Ok(f64::INFINITY),
        Json::String(word) if word == "-Infinity" => Ok(f64::NEG_INFINITY),
        _ => Err(unexpected(format!("a number for float{bits}"), json)),
    }
}

/// A number, or `{"re": 1, "im": 2}`.
pub(super) fn complex(json: &Json<'_>, bits: u32) -> Result<Value, Misfit> {
    let Json::Object(members) = json else {
        return match json {
            Json::Number(number) => Ok(Value::Complex(float(number, bits / 2)?, 0.0)),
            _ => Err(unexpected(format!("a number or {{\"re\": …, \"im\": …}} for complex{bits}"), json)),
        };
    };
    let (mut re, mut im) = (0.0, 0.0);
    for (name, part) in members {
        let part = any_float(part, bits / 2).map_err(|misfit| misfit.member(name))?;
        match name.as_ref() {
            "re" => re = part,
            "im" => im = part,
            _ => return Err(unexpected(format!("{{\"re\": …, \"im\": …}} for complex{bits}"), json)),
        }
    }
    Ok(Value::Complex(re, im))
}

/// Text, or `{"@bytes": base64}` for what is not UTF-8.
pub(super) fn string(json: &Json<'_>) -> Result<Value, Misfit> {
    match json {
        Json::String(text) => Ok(Value::String(Bytes::copy_from_slice(text.as_bytes()))),
        Json::Object(members) => match members.as_slice() {
            [(name, Json::String(text))] if name == "@bytes" => Ok(Value::String(base64(text)?)),
            _ => Err(unexpected("a string", json)),
        },
        _ => Err(unexpected("a string", json)),
    }
}

/// Base64, or an array of numbers.
pub(super) fn bytes(json: &Json<'_>) -> Result<Value, Misfit> {
    let items = match json {
        Json::String(text) => return base64(text).map(Value::Bytes),
        Json::Array(items) => items,
        _ => return Err(unexpected("base64 for []byte", json)),
    };
    let byte = |(index, item): (usize, &Json<'_>)| {
        let byte = match item {
            Json::Number(number) => number.parse().map_err(|_| out_of_range(number, "byte")),
            _ => Err(unexpected("a byte", item)),
        };
        byte.map_err(|misfit| misfit.element(index))
    };
    let bytes: Vec<u8> = items.iter().enumerate().map(byte).collect::<Result<_, _>>()?;
    Ok(Value::Bytes(bytes.into()))
}

fn base64(text: &str) -> Result<Bytes, Misfit> {
    BASE64_STANDARD
        .decode(text)
        .map(Bytes::from)
        .map_err(|_| Problem::Kind { expected: "base64".to_owned(), found: format!("{text:?}") }.into())
}

/// A value of a type that encodes itself: its text, its number, or the very bytes as base64, which printing shows of
/// types whose text is not known.
pub(super) fn opaque(
    json: &Json<'_>,
    standard: Option<Standard>,
    name: &str,
    marshaler: Marshaler,
) -> Result<Value, Misfit> {
    let bytes = match (json, standard) {
        (Json::Object(members), _) => {
            let raw = members.iter().find(|(name, _)| matches!(name.as_ref(), "@gob" | "@binary" | "@text"));
            match raw {
                Some((_, Json::String(text))) => base64(text)?,
                _ => return Err(unexpected(format!("{{\"@gob\": base64}} for {name}"), json)),
            }
        }
        (Json::String(text), None) => base64(text)?,
        (_, None) => return Err(unexpected(format!("base64 of what {name} encodes itself to"), json)),
        (_, Some(standard)) => {
            let text = match json {
                Json::String(text) => text.as_ref(),
                Json::Number(number)
                    if matches!(standard, Standard::BigInt | Standard::BigRat | Standard::BigFloat) =>
                {
                    number
                }
                _ => return Err(unexpected(format!("{} for {}", standard.form(), standard.go_name()), json)),
            };
            let bytes = standard.bytes(text).map(Bytes::from);
            bytes
                .ok_or_else(|| unexpected(format!("{} for {}", standard.form(), standard.go_name()), json))?
        }
    };
    Ok(Value::Opaque { name: name.into(), marshaler, bytes })
}

fn out_of_range(number: &str, ty: &str) -> Misfit {
    Problem::Range { number: number.to_owned(), ty: ty.to_owned() }.into()
}
