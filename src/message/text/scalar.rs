//! Numbers, strings and enums in the text format.

use std::borrow::Cow;

use super::parse::{Node, Value};
use crate::message::bytes::{Enumeration, Scalar};
use crate::message::json::{Given, Misfit, Problem, shortened, unknown_value};

/// A value of a type that is neither a message nor an enum.
pub(super) fn read<'n>(kind: Scalar, utf8: bool, node: &'n Node<'_>) -> Result<Given<'n>, Misfit> {
    let unfit = |how: &str| Err(unfit(&format!("{}{how}", kind.name()), node));
    match (kind, &node.value) {
        (Scalar::String, Value::String(bytes)) if utf8 => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Given::Text(Cow::Borrowed(text))),
            Err(_) => Err(Misfit::new(node.at, Problem::Encoding)),
        },
        (Scalar::String | Scalar::Bytes, Value::String(bytes)) => Ok(Given::Bytes(bytes.clone())),
        (Scalar::String | Scalar::Bytes, _) => unfit(" (in quotes)"),
        (Scalar::Bool, Value::Word { negative: false, text: "true" | "True" | "t" }) => Ok(Given::Number(1)),
        (Scalar::Bool, Value::Word { negative: false, text: "false" | "False" | "f" }) => {
            Ok(Given::Number(0))
        }
        (Scalar::Bool, Value::Number { negative: false, text }) => match integer(text) {
            Some(Integer::Is(value @ 0..=1)) => Ok(Given::Number(value)),
            _ => unfit(" (true or false)"),
        },
        (Scalar::Bool, _) => unfit(" (true or false)"),
        (Scalar::Double, value) => match float::<f64>(value) {
            Some(value) => Ok(Given::Number(value.to_bits())),
            None => unfit(" (a number, inf or nan)"),
        },
        (Scalar::Float, value) => match float::<f32>(value) {
            Some(value) => Ok(Given::Number(value.to_bits().into())),
            None => unfit(" (a number, inf or nan)"),
        },
        (kind, Value::Number { negative, text }) => {
            let range = match kind {
                Scalar::Int32 | Scalar::Sint32 | Scalar::Sfixed32 => i32::MIN.into()..=i32::MAX.into(),
                Scalar::Uint32 | Scalar::Fixed32 => 0..=u32::MAX.into(),
                Scalar::Uint64 | Scalar::Fixed64 => 0..=u64::MAX.into(),
                _ => i64::MIN.into()..=i64::MAX.into(),
            };
            whole(kind.name(), (*negative, text), range, node).map(Given::Number)
        }
        _ => unfit(" (a whole number)"),
    }
}

/// The number of an enum's value.
pub(super) fn enumeration(values: &Enumeration, node: &Node<'_>) -> Result<i32, Misfit> {
    let name = values.descriptor.full_name();
    match &node.value {
        Value::Word { negative: false, text } => match values.descriptor.get_value_by_name(text) {
            Some(value) => Ok(value.number()),
            None => Err(Misfit::new(node.at, unknown_value(text, &values.descriptor))),
        },
        Value::Number { negative, text } => {
            let bits = whole(name, (*negative, text), i32::MIN.into()..=i32::MAX.into(), node)?;
            // It is in range.
            let number = i32::try_from(bits.cast_signed()).unwrap_or_default();
            if values.takes(number) {
                Ok(number)
            } else {
                Err(Misfit::new(node.at, unknown_value(&number.to_string(), &values.descriptor)))
            }
        }
        _ => Err(unfit(&format!("{name} (the name of a value, or its number)"), node)),
    }
}

/// A whole number in a range, as the wire has it.
fn whole(
    kind: &str,
    (negative, text): (bool, &str),
    range: std::ops::RangeInclusive<i128>,
    node: &Node<'_>,
) -> Result<u64, Misfit> {
    let value = match integer(text) {
        None => return Err(unfit(&format!("{kind} (a whole number)"), node)),
        Some(Integer::Is(value)) if negative => Some(-i128::from(value)),
        Some(Integer::Is(value)) => Some(value.into()),
        Some(Integer::Beyond) => None,
    };
    let fits = value.filter(|value| range.contains(value));
    // Two's complement, the sign extended.
    let bits = fits.map(|value| {
        u64::try_from(value).or_else(|_| i64::try_from(value).map(i64::cast_unsigned)).unwrap_or_default()
    });
    bits.ok_or_else(|| {
        let range = format!("{} to {}", range.start(), range.end());
        Misfit::new(node.at, Problem::Range { found: found(node), kind: kind.to_owned(), range })
    })
}

enum Integer {
    Is(u64),
    /// More than any integer type holds.
    Beyond,
}

/// Decimal, octal behind a 0, hexadecimal behind 0x.
fn integer(text: &str) -> Option<Integer> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.starts_with('0') && text.len() > 1 => (text.get(1..)?, 8),
        None => (text, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    Some(u64::from_str_radix(digits, radix).map_or(Integer::Beyond, Integer::Is))
}

/// A number as one of the floating-point types has it; what is too large is infinite.
fn float<F: std::str::FromStr + std::ops::Neg<Output = F>>(value: &Value<'_>) -> Option<F> {
    let (negative, digits) = match value {
        Value::Word { negative, text } => {
            let lower = text.to_ascii_lowercase();
            let word = lower.strip_suffix('f').filter(|rest| matches!(*rest, "inf" | "nan" | "infinity"));
            match word.unwrap_or(&lower) {
                "inf" | "infinity" => (negative, Cow::Borrowed("inf")),
                "nan" => (negative, Cow::Borrowed("nan")),
                _ => return None,
            }
        }
        Value::Number { negative, text } => {
            let digits = text.strip_suffix(['f', 'F']).unwrap_or(text);
            let zero_first =
                digits.len() > 1 && digits.starts_with('0') && digits.as_bytes().get(1)?.is_ascii_digit();
            let is_decimal =
                digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
            if zero_first || !is_decimal {
                return None;
            }
            (negative, Cow::Borrowed(digits))
        }
        _ => return None,
    };
    let value: F = digits.parse().ok()?;
    Some(if *negative { -value } else { value })
}

/// A value that is not what it should be.
pub(super) fn unfit(expected: &str, node: &Node<'_>) -> Misfit {
    Misfit::new(node.at, Problem::Unfit { expected: expected.to_owned(), found: found(node), message: None })
}

fn found(node: &Node<'_>) -> String {
    match &node.value {
        Value::String(bytes) => format!("{:?}", shortened(&String::from_utf8_lossy(bytes))),
        Value::Word { negative, text } | Value::Number { negative, text } => {
            format!("{}{}", if *negative { "-" } else { "" }, shortened(text))
        }
        Value::Message(_) => "a message".to_owned(),
        Value::List(_) => "a list".to_owned(),
    }
}
