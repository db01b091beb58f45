//! What bytes behind a length look like, where nothing says what they are.
//!
//! The first of these that holds:
//!
//! 1. Nothing at all, or UTF-8 without controls but tabs and line ends, is text: letters often read as fields, too. It is
//!    a message instead where it reads as one and begins with a tab or a line end, with which text hardly begins, and
//!    messages do: `\n` is the tag of a string in field 1.
//! 2. What reads as fields to its end is a message, if no number is above 2047, of which a tag takes two bytes.
//! 3. Eights of bytes that are all small integers, or all zero or between 1e-6 and 1e12 as doubles, are packed; and so are
//!    fours, of floats at least three, or two that are round.
//! 4. UTF-8 with few controls is text.
//! 5. What reads as varints to its end, more than one of them and each as short as it can be, is packed.
//! 6. Anything else that reads as fields is a message, and the rest bytes.

use super::super::bytes::{Raw, Records, Scalar};

/// What it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look<'a> {
    Text(&'a str),
    Message,
    Packed(Scalar),
    Bytes,
}

/// The largest number of a field that is common: a tag of two bytes has no larger one.
const COMMON: u32 = 2047;

/// What these bytes look like.
pub(super) fn look(content: &[u8]) -> Look<'_> {
    let text = std::str::from_utf8(content).ok();
    if let Some(text) = text.filter(|text| is_plain(text)) {
        let odd =
            text.starts_with(['\n', '\r', '\t']) && largest_number(content).is_some_and(|n| n <= COMMON);
        return if odd { Look::Message } else { Look::Text(text) };
    }
    let largest = largest_number(content);
    if largest.is_some_and(|largest| largest <= COMMON) {
        return Look::Message;
    }
    if let Some(scalar) = fixed(content) {
        return Look::Packed(scalar);
    }
    if let Some(text) = text
        && text.chars().filter(|c| c.is_control()).count() * 8 <= text.len()
    {
        return Look::Text(text);
    }
    if are_varints(content) {
        return Look::Packed(Scalar::Uint64);
    }
    if largest.is_some() { Look::Message } else { Look::Bytes }
}

/// Whether bytes look like the beginning of a message of `length`, of which the end is missing.
pub(super) fn is_message_cut(content: &[u8], length: u64) -> bool {
    let valid = match std::str::from_utf8(content) {
        Ok(text) => Some(text),
        // The last character may be cut as well.
        Err(error) if error.error_len().is_none() => {
            content.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok())
        }
        Err(_) => None,
    };
    if valid.is_some_and(|text| is_plain(text) && !text.starts_with(['\n', '\r', '\t'])) {
        return false;
    }
    let mut whole = 0;
    for record in Records::new(content) {
        match record {
            Ok(record) if record.number <= COMMON => whole += 1,
            Ok(_) => return false,
            Err(broken) => {
                let before = content.len() - broken.bytes.len();
                let rest = length.saturating_sub(before as u64);
                return match (broken.length(), broken.number) {
                    // What is inside has to end before it does.
                    (Some((head, inner)), Some(1..=COMMON)) => (head as u64).saturating_add(inner) <= rest,
                    // A tag may be cut as well.
                    (None, Some(1..=COMMON)) | (_, None) => whole > 0 && broken.is_cut(),
                    _ => false,
                };
            }
        }
    }
    whole > 0
}

/// Whether text has no controls but those that text has.
fn is_plain(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
}

/// The largest number that a field has, where bytes are fields to their end.
fn largest_number(content: &[u8]) -> Option<u32> {
    Records::new(content).try_fold(0, |largest, record| Some(record.ok()?.number.max(largest)))
}

/// Numbers of one size, of which all look likely.
fn fixed(content: &[u8]) -> Option<Scalar> {
    if let (eights @ [_, _, ..], []) = content.as_chunks::<8>() {
        let some = |likely: fn(f64) -> bool| eights.iter().all(|bytes| likely(f64::from_le_bytes(*bytes)));
        if some(|value| value == 0.0 || (1e-6..1e12).contains(&value.abs())) {
            let zero = eights.iter().all(|bytes| *bytes == [0; 8]);
            return Some(if zero { Scalar::Fixed64 } else { Scalar::Double });
        }
        if eights.iter().all(|bytes| u64::from_le_bytes(*bytes) < 1 << 32) {
            return Some(Scalar::Fixed64);
        }
    }
    let (fours @ [_, _, ..], []) = content.as_chunks::<4>() else { return None };
    let likely = |bytes: &[u8; 4]| {
        let value = f32::from_le_bytes(*bytes);
        value == 0.0 || (1e-6..1e9).contains(&value.abs())
    };
    if fours.iter().all(|bytes| u32::from_le_bytes(*bytes) < 1 << 16) {
        return Some(Scalar::Fixed32);
    }
    // Two by chance are not rare, but where both are round.
    let round = fours.iter().all(|bytes| bytes.starts_with(&[0, 0]));
    (fours.iter().all(likely) && (fours.len() > 2 || round)).then_some(Scalar::Float)
}

/// Whether bytes are more than one varint, each as short as it can be.
fn are_varints(content: &[u8]) -> bool {
    let mut count = 0;
    let mut start = 0;
    for (at, byte) in content.iter().enumerate() {
        let length = at - start + 1;
        if byte & 0x80 == 0 {
            if length > 1 && *byte == 0 || length == 10 && *byte > 1 {
                return false;
            }
            count += 1;
            start = at + 1;
        } else if length == 10 {
            return false;
        }
    }
    count > 1 && start == content.len()
}

/// Whether a number on the wire may as well be another.
pub(super) fn other(raw: Raw<'_>) -> Option<super::Other> {
    match raw {
        Raw::Varint(bits) if bits > i64::MAX.cast_unsigned() => Some(super::Other::Int64(bits.cast_signed())),
        Raw::Varint(bits) if bits > 1 => {
            Some(super::Other::Sint64((bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()))
        }
        Raw::Fixed32(bits) => Some(super::Other::Float(f32::from_bits(bits))),
        Raw::Fixed64(bits) => Some(super::Other::Double(f64::from_bits(bits))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(numbers: &[&[u8]]) -> Vec<u8> {
        numbers.concat()
    }

    #[test]
    fn words_are_text_though_they_read_as_fields() {
        // A varint in field 9, a float in field 8, a double in field 8, and no field at all.
        for text in ["Hi", "Email", "Alexander", "Alice", "", "a\tb\n", "Grüße", "\n", "\nindented\n"] {
            assert_eq!(look(text.as_bytes()), Look::Text(text), "{text:?}");
        }
        let escaped = "plain \u{1b}[1mbold\u{1b}[0m and more";
        assert_eq!(look(escaped.as_bytes()), Look::Text(escaped));
    }

    #[test]
    fn fields_are_a_message() {
        for message in [
            &b"\x08\x96\x01"[..],
            b"\x0a\x05Alice",
            // UTF-8 without a control but line ends and tabs, to its last byte.
            b"\x0a\x0a0123456789",
            b"\x0a\x0d0123456789abc",
            b"\x12\x03\xff\xff\xff",
        ] {
            assert_eq!(look(message), Look::Message, "{}", message.escape_ascii());
        }
    }

    #[test]
    fn numbers_of_one_size_are_packed() {
        let doubles = [1.0_f64, 0.1, -2.5e9, 0.0].map(f64::to_le_bytes);
        assert_eq!(look(doubles.as_flattened()), Look::Packed(Scalar::Double));
        let floats = [1.0_f32, 0.1, -2.5].map(f32::to_le_bytes);
        assert_eq!(look(floats.as_flattened()), Look::Packed(Scalar::Float));
        assert_eq!(look([1.0_f32, 2.5].map(f32::to_le_bytes).as_flattened()), Look::Packed(Scalar::Float));
        assert_eq!(look([1_u32, 70, 3].map(u32::to_le_bytes).as_flattened()), Look::Packed(Scalar::Fixed32));
        assert_eq!(
            look([1_u64 << 31, 7].map(u64::to_le_bytes).as_flattened()),
            Look::Packed(Scalar::Fixed64)
        );
        let varints = packed(&[b"\x03", b"\x8e\x02", b"\x9e\xa7\x05"]);
        assert_eq!(look(&varints), Look::Packed(Scalar::Uint64));
    }

    #[test]
    fn what_looks_like_nothing_is_bytes() {
        for bytes in [&b"\xff\xff"[..], b"\x00", b"\x00\x80\x00", b"\xde\xad\xbe\xef\x99\x12\x0f\xf0"] {
            assert_eq!(look(bytes), Look::Bytes, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_message_that_is_cut_is_told_from_text_that_is() {
        for (content, length) in
            [(&b"\x08\x96\x01\x12\x05ab"[..], 10), (b"\x0a\x07Al", 9), (b"\x08\x01", 5), (b"\x08\x01\x92", 5)]
        {
            assert!(is_message_cut(content, length), "{}", content.escape_ascii());
        }
        for (content, length) in [
            (&b"Alice"[..], 9),
            (b"Gr\xc3", 9),
            (b"\x0a\x27Al", 9),
            (b"\xff\xff", 9),
            (b"\x00\x01", 9),
            (b"", 3),
            (b"\x08\x01\x07", 9),
        ] {
            assert!(!is_message_cut(content, length), "{}", content.escape_ascii());
        }
    }
}
