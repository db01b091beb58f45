//! Numbers, strings, bytes and enums in JSON.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::error::Problem;
use super::misfit::{Misfit, found};
use super::names;
use super::syntax::{Json, Node, is_number};
use crate::chars;
use crate::message::bytes::{Enumeration, Scalar, Sink};

/// A value as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::message) enum Given<'n> {
    /// As [`Sink::number`] takes it.
    Number(u64),
    Text(Cow<'n, str>),
    Bytes(Vec<u8>),
}

impl Given<'_> {
    /// Writes it as a field.
    pub(in crate::message) fn write(&self, number: u32, kind: Scalar, sink: &mut Sink) {
        match self {
            Self::Number(bits) => sink.number(number, kind, *bits),
            Self::Text(text) => sink.bytes(number, text.as_bytes()),
            Self::Bytes(bytes) => sink.bytes(number, bytes),
        }
    }

    /// Whether it is what an unset field of its type has.
    pub(in crate::message) fn is_zero(&self) -> bool {
        match self {
            Self::Number(bits) => *bits == 0,
            Self::Text(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }

    pub(in crate::message) fn into_owned(self) -> Given<'static> {
        match self {
            Self::Number(bits) => Given::Number(bits),
            Self::Text(text) => Given::Text(Cow::Owned(text.into_owned())),
            Self::Bytes(bytes) => Given::Bytes(bytes),
        }
    }

    /// A map's key of this type, as JSON has it.
    pub(in crate::message) fn key(&self, kind: Scalar) -> String {
        match self {
            Self::Number(bits) if kind == Scalar::Bool => (*bits != 0).to_string(),
            Self::Number(bits) if kind.is_signed() => bits.cast_signed().to_string(),
            Self::Number(bits) => bits.to_string(),
            Self::Text(text) => text.clone().into_owned(),
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// The order of two map keys of this type.
    pub(in crate::message) fn cmp_as(&self, other: &Self, kind: Scalar) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) if kind.is_signed() => a.cast_signed().cmp(&b.cast_signed()),
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => Ordering::Equal,
        }
    }
}

/// A value of a type that is neither a message nor an enum.
pub(super) fn read<'n>(kind: Scalar, node: &'n Node<'_>) -> Result<Given<'n>, Misfit> {
    match (kind, &node.json) {
        (Scalar::Bool, Json::Bool(value)) => Ok(Given::Number((*value).into())),
        (Scalar::String, Json::String(text)) => Ok(Given::Text(Cow::Borrowed(text))),
        (Scalar::Bytes, Json::String(text)) => {
            chars::unbase64(text.as_bytes()).map(Given::Bytes).map_err(|_| unfit(kind, node))
        }
        (Scalar::Bool | Scalar::String | Scalar::Bytes, _) => Err(unfit(kind, node)),
        (Scalar::Double, _) => double(node).map(|value| Given::Number(value.to_bits())),
        (Scalar::Float, _) => float(node).map(|value| Given::Number(value.to_bits().into())),
        (Scalar::Int32 | Scalar::Sint32 | Scalar::Sfixed32, _) => {
            let value = integer(kind.name(), node, i32::MIN..=i32::MAX)?;
            Ok(Given::Number(i64::from(value).cast_unsigned()))
        }
        (Scalar::Int64 | Scalar::Sint64 | Scalar::Sfixed64, _) => {
            integer(kind.name(), node, i64::MIN..=i64::MAX).map(|value| Given::Number(value.cast_unsigned()))
        }
        (Scalar::Uint32 | Scalar::Fixed32, _) => {
            integer(kind.name(), node, u32::MIN..=u32::MAX).map(|value| Given::Number(value.into()))
        }
        (Scalar::Uint64 | Scalar::Fixed64, _) => {
            integer(kind.name(), node, u64::MIN..=u64::MAX).map(Given::Number)
        }
    }
}

/// A number of this type, as [`Sink::number`] takes it, that is written as text.
pub(in crate::message) fn number_of(kind: Scalar, text: &str) -> Option<u64> {
    let node = Node { at: 0, json: Json::String(Cow::Borrowed(text)) };
    match read(kind, &node).ok()? {
        Given::Number(bits) => Some(bits),
        Given::Text(_) | Given::Bytes(_) => None,
    }
}

/// The number of an enum's value; nothing for a name that is passed over.
pub(super) fn enumeration(
    values: &Enumeration,
    node: &Node<'_>,
    allow_unknown: bool,
) -> Result<Option<i32>, Misfit> {
    let name = values.descriptor.full_name();
    let how = if values.null { "null" } else { "the name of a value, or its number" };
    match &node.json {
        Json::Null if values.null => Ok(Some(0)),
        Json::String(name) => match values.descriptor.get_value_by_name(name) {
            Some(value) => Ok(Some(value.number())),
            None if allow_unknown => Ok(None),
            None => Err(Misfit::new(node.at, names::unknown_value(name, &values.descriptor))),
        },
        Json::Number(text) => {
            let number = integer(name, node, i32::MIN..=i32::MAX)?;
            if values.takes(number) {
                Ok(Some(number))
            } else if allow_unknown {
                Ok(None)
            } else {
                Err(Misfit::new(node.at, names::unknown_value(text, &values.descriptor)))
            }
        }
        _ => Err(Misfit::unfit(node, format!("{name} ({how})"))),
    }
}

fn unfit(kind: Scalar, node: &Node<'_>) -> Misfit {
    let how = match kind {
        Scalar::String => return Misfit::unfit(node, "string"),
        Scalar::Bool => "true or false",
        Scalar::Bytes => r#"base64, such as "aGVsbG8=""#,
        _ => "a number",
    };
    Misfit::unfit(node, format!("{} ({how})", kind.name()))
}

fn out_of_range(kind: &str, node: &Node<'_>, range: String) -> Misfit {
    Misfit::new(node.at, Problem::Range { found: found(node), kind: kind.to_owned(), range })
}

/// The digits of a number, which may stand in quotes.
fn digits<'n>(kind: &str, node: &'n Node<'_>) -> Result<&'n str, Misfit> {
    match &node.json {
        Json::Number(text) => Ok(text),
        Json::String(text) if is_number(text) => Ok(text),
        _ => Err(Misfit::unfit(node, format!("{kind} (a number)"))),
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

fn double(node: &Node<'_>) -> Result<f64, Misfit> {
    if let Some(value) = special(node) {
        return Ok(value.into());
    }
    let value: f64 = digits("double", node)?.parse().map_err(|_| unfit(Scalar::Double, node))?;
    let range =
        || out_of_range("double", node, "-1.7976931348623157e308 to 1.7976931348623157e308".to_owned());
    value.is_finite().then_some(value).ok_or_else(range)
}

fn float(node: &Node<'_>) -> Result<f32, Misfit> {
    if let Some(value) = special(node) {
        return Ok(value);
    }
    let value: f32 = digits("float", node)?.parse().map_err(|_| unfit(Scalar::Float, node))?;
    let range = || out_of_range("float", node, "-3.4028235e38 to 3.4028235e38".to_owned());
    value.is_finite().then_some(value).ok_or_else(range)
}

/// An integer of a type of this name.
fn integer<N>(kind: &str, node: &Node<'_>, range: RangeInclusive<N>) -> Result<N, Misfit>
where
    N: TryFrom<i128> + FromStr + Display,
{
    let (Json::Number(text) | Json::String(text)) = &node.json else {
        return Err(Misfit::unfit(node, format!("{kind} (a number)")));
    };
    // Mostly the digits are all there is to it.
    if let Ok(value) = text.parse()
        && !text.starts_with('+')
    {
        return Ok(value);
    }
    let whole = match digits(kind, node).map(whole)? {
        Whole::Is(value) => N::try_from(value).ok(),
        Whole::Beyond => None,
        Whole::Not => return Err(Misfit::unfit(node, format!("{kind} (a whole number)"))),
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
}
