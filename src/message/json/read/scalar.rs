//! Numbers, strings, bytes and enums in JSON.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use prost_reflect::bytes::Bytes;
use prost_reflect::{EnumDescriptor, Kind, Value};

use super::error::Problem;
use super::misfit::{Misfit, found};
use super::names;
use super::syntax::{Json, Node, is_number};
use crate::message::json::path::type_name;

/// A value of a type that is neither a message nor an enum.
pub(super) fn read(kind: &Kind, node: &Node<'_>) -> Result<Value, Misfit> {
    match (kind, &node.json) {
        (Kind::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
        (Kind::String, Json::String(text)) => Ok(Value::String(text.clone().into_owned())),
        (Kind::Bytes, Json::String(text)) => base64(text).map(Value::Bytes).ok_or_else(|| unfit(kind, node)),
        (Kind::Double, _) => double(kind, node).map(Value::F64),
        (Kind::Float, _) => float(kind, node).map(Value::F32),
        (Kind::Int32 | Kind::Sint32 | Kind::Sfixed32, _) => {
            integer(kind, node, i32::MIN..=i32::MAX).map(Value::I32)
        }
        (Kind::Int64 | Kind::Sint64 | Kind::Sfixed64, _) => {
            integer(kind, node, i64::MIN..=i64::MAX).map(Value::I64)
        }
        (Kind::Uint32 | Kind::Fixed32, _) => integer(kind, node, u32::MIN..=u32::MAX).map(Value::U32),
        (Kind::Uint64 | Kind::Fixed64, _) => integer(kind, node, u64::MIN..=u64::MAX).map(Value::U64),
        _ => Err(unfit(kind, node)),
    }
}

/// The number of an enum's value; nothing for a name that is passed over.
pub(super) fn enumeration(
    values: &EnumDescriptor,
    node: &Node<'_>,
    allow_unknown: bool,
) -> Result<Option<i32>, Misfit> {
    let null = values.full_name() == "google.protobuf.NullValue";
    match &node.json {
        Json::Null if null => Ok(Some(0)),
        Json::String(name) => match values.get_value_by_name(name) {
            Some(value) => Ok(Some(value.number())),
            None if allow_unknown => Ok(None),
            None => Err(Misfit::new(node.at, names::unknown_value(name, values))),
        },
        Json::Number(_) if !null => integer(&Kind::Enum(values.clone()), node, i32::MIN..=i32::MAX).map(Some),
        _ => Err(unfit(&Kind::Enum(values.clone()), node)),
    }
}

fn unfit(kind: &Kind, node: &Node<'_>) -> Misfit {
    let how = match kind {
        Kind::String => return Misfit::unfit(node, "string"),
        Kind::Bool => "true or false",
        Kind::Bytes => r#"base64, such as "aGVsbG8=""#,
        Kind::Enum(values) if values.full_name() == "google.protobuf.NullValue" => "null",
        Kind::Enum(_) => "the name of a value, or its number",
        Kind::Message(_) => "an object",
        _ => "a number",
    };
    Misfit::unfit(node, format!("{} ({how})", type_name(kind)))
}

fn out_of_range(kind: &Kind, node: &Node<'_>, range: String) -> Misfit {
    Misfit::new(node.at, Problem::Range { found: found(node), kind: type_name(kind).to_owned(), range })
}

/// The digits of a number, which may stand in quotes.
fn digits<'n>(kind: &Kind, node: &'n Node<'_>) -> Result<&'n str, Misfit> {
    match &node.json {
        Json::Number(text) => Ok(text),
        Json::String(text) if is_number(text) => Ok(text),
        _ => Err(unfit(kind, node)),
    }
}

fn special(node: &Node<'_>) -> Option<f32> {
    match &node.json {
        Json::String(text) if text == "NaN" => Some(f32::NAN),
        Json::String(text) if text == "Infinity" => Some(f32::INFINITY),
        Json::String(text) if text == "-Infinity" => Some(f32::NEG_INFINITY),
        _ => None,
    }
}

fn double(kind: &Kind, node: &Node<'_>) -> Result<f64, Misfit> {
    if let Some(value) = special(node) {
        return Ok(value.into());
    }
    let value: f64 = digits(kind, node)?.parse().map_err(|_| unfit(kind, node))?;
    let range = || out_of_range(kind, node, "-1.7976931348623157e308 to 1.7976931348623157e308".to_owned());
    value.is_finite().then_some(value).ok_or_else(range)
}

fn float(kind: &Kind, node: &Node<'_>) -> Result<f32, Misfit> {
    if let Some(value) = special(node) {
        return Ok(value);
    }
    let value: f32 = digits(kind, node)?.parse().map_err(|_| unfit(kind, node))?;
    let range = || out_of_range(kind, node, "-3.4028235e38 to 3.4028235e38".to_owned());
    value.is_finite().then_some(value).ok_or_else(range)
}

fn integer<N>(kind: &Kind, node: &Node<'_>, range: RangeInclusive<N>) -> Result<N, Misfit>
where
    N: TryFrom<i128> + FromStr + Display,
{
    let (Json::Number(text) | Json::String(text)) = &node.json else { return Err(unfit(kind, node)) };
    // Mostly the digits are all there is to it.
    if let Ok(value) = text.parse() {
        return Ok(value);
    }
    let whole = match digits(kind, node).map(whole)? {
        Whole::Is(value) => N::try_from(value).ok(),
        Whole::Beyond => None,
        Whole::Not => {
            return Err(Misfit::unfit(node, format!("{} (a whole number)", type_name(kind))));
        }
    };
    whole.ok_or_else(|| out_of_range(kind, node, format!("{} to {}", range.start(), range.end())))
}

/// What a number written with a fraction or an exponent comes to.
enum Whole {
    Is(i128),
    /// It is whole, and larger than any integer type.
    Beyond,
    Not,
}

/// Exactly, where a double would round: `1.8e19`, `9007199254740993.0`.
fn whole(text: &str) -> Whole {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let after = after.trim_end_matches('0');
    let digits = format!("{before}{after}");
    if digits.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
        return Whole::Is(0);
    }
    // An exponent that is no i32 has a sign that decides.
    let Ok(exponent) = exponent.parse::<i32>() else {
        return if exponent.starts_with('-') { Whole::Not } else { Whole::Beyond };
    };
    let Some(zeros) = i32::try_from(after.len()).ok().and_then(|after| exponent.checked_sub(after)) else {
        return Whole::Not;
    };
    let zeros_too_many = usize::try_from(zeros.unsigned_abs()).unwrap_or(usize::MAX);
    let digits = if zeros < 0 {
        let Some((kept, dropped)) =
            digits.len().checked_sub(zeros_too_many).and_then(|end| digits.split_at_checked(end))
        else {
            return Whole::Not;
        };
        if dropped.bytes().any(|byte| byte != b'0') {
            return Whole::Not;
        }
        kept.to_owned()
    } else if zeros > 40 {
        return Whole::Beyond;
    } else {
        digits + &"0".repeat(zeros_too_many)
    };
    digits.parse().map_or(Whole::Beyond, Whole::Is)
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Base64 in either alphabet, padded or not.
fn base64(text: &str) -> Option<Bytes> {
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, LENIENT).decode(text).ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_exact_in_any_notation() {
        for (text, value) in [
            ("1e2", 100),
            ("-1.50e1", -15),
            ("100e-2", 1),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("1.8446744073709551615e19", 18_446_744_073_709_551_615),
            ("0e999999999999", 0),
            ("-0.0", 0),
        ] {
            assert!(matches!(whole(text), Whole::Is(is) if is == value), "{text}");
        }
        for text in ["1.5", "1e-1", "15e-2", "1e-99999999999", "-1e-1"] {
            assert!(matches!(whole(text), Whole::Not), "{text}");
        }
        for text in ["1e100", "1e99999999999", "-1e41"] {
            assert!(matches!(whole(text), Whole::Beyond), "{text}");
        }
    }

    #[test]
    fn base64_in_either_alphabet() {
        for text in ["_-8", "/+8=", "/+8", "_-8="] {
            assert_eq!(base64(text).as_deref(), Some(&b"\xff\xef"[..]), "{text}");
        }
        assert_eq!(base64("").as_deref(), Some(&b""[..]));
        assert_eq!(base64("a"), None);
        assert_eq!(base64("a b"), None);
    }
}
