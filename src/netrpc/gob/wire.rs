//! The primitives that every gob is made of: unsigned and signed integers, floats, counted bytes and field numbers.
//!
//! Reading goes through a [`Cursor`] over one message, which no length that a peer claims leads out of.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};

use super::DecodeError;

/// The most bytes that an integer takes after the one that counts them.
const MAX_DIGITS: usize = 8;

/// The unsigned integer in front of `bytes`, and how many of them it takes; none when they end in the middle of it.
pub(super) fn split_uint(bytes: &[u8]) -> Result<Option<(u64, usize)>, DecodeError> {
    let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
    if first < 0x80 {
        return Ok(Some((u64::from(first), 1)));
    }
    let count = usize::from(first.wrapping_neg());
    if count > MAX_DIGITS {
        return Err(DecodeError::LongInteger { bytes: count });
    }
    let Some(digits) = rest.get(..count) else { return Ok(None) };
    let number = digits.iter().fold(0, |number, &digit| number << 8 | u64::from(digit));
    Ok(Some((number, 1 + count)))
}

/// What is left of a message.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    message: Bytes,
    /// Never past the message's end.
    at: usize,
}

impl Cursor {
    pub(super) fn new(message: Bytes) -> Self {
        Self { message, at: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.remaining() == 0
    }

    pub(super) fn remaining(&self) -> usize {
        self.message.len() - self.at
    }

    pub(super) fn uint(&mut self) -> Result<u64, DecodeError> {
        let rest = self.message.get(self.at..).unwrap_or_default();
        let (number, length) = split_uint(rest)?.ok_or(DecodeError::Truncated)?;
        self.at += length;
        Ok(number)
    }

    /// The sign is in the lowest bit, so that small numbers of either sign are short.
    pub(super) fn int(&mut self) -> Result<i64, DecodeError> {
        let bits = self.uint()?;
        let number = (bits >> 1).cast_signed();
        Ok(if bits & 1 == 0 { number } else { !number })
    }

    /// The bytes come in reverse, so that the zeros at a round number's end are in front, where they are not sent.
    pub(super) fn float(&mut self) -> Result<f64, DecodeError> {
        Ok(f64::from_bits(self.uint()?.swap_bytes()))
    }

    pub(super) fn type_id(&mut self) -> Result<i32, DecodeError> {
        let id = self.int()?;
        i32::try_from(id).map_err(|_| DecodeError::UnknownType { id })
    }

    /// A length of something in this message.
    pub(super) fn length(&mut self) -> Result<usize, DecodeError> {
        let length = self.uint()?;
        match usize::try_from(length) {
            Ok(length) if length <= self.remaining() => Ok(length),
            _ => Err(DecodeError::Truncated),
        }
    }

    /// Counted bytes, which share the message's memory.
    pub(super) fn bytes(&mut self) -> Result<Bytes, DecodeError> {
        let length = self.length()?;
        let start = self.at;
        self.at += length;
        Ok(self.message.slice(start..self.at))
    }

    /// The name of a type or of a field.
    pub(super) fn name(&mut self) -> Result<Arc<str>, DecodeError> {
        let length = self.length()?;
        let bytes = self.message.get(self.at..self.at + length).unwrap_or_default();
        let name = std::str::from_utf8(bytes).map_err(|_| DecodeError::NameNotText)?.into();
        self.at += length;
        Ok(name)
    }

    /// The number of the next field of a struct of `count` fields, the lowest that may come being `next`; none where
    /// the struct ends.
    pub(super) fn field(&mut self, next: usize, count: usize) -> Result<Option<usize>, DecodeError> {
        let delta = self.uint()?;
        if delta == 0 {
            return Ok(None);
        }
        let number = usize::try_from(delta - 1).ok().and_then(|skipped| next.checked_add(skipped));
        match number {
            Some(number) if number < count => Ok(Some(number)),
            _ => Err(DecodeError::FieldOutOfRange { count }),
        }
    }

    /// Reads a struct of `count` fields by handing the number of each that was sent to `read`.
    pub(super) fn fields(
        &mut self,
        count: usize,
        mut read: impl FnMut(usize, &mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut next = 0;
        while let Some(number) = self.field(next, count)? {
            read(number, self)?;
            next = number + 1;
        }
        Ok(())
    }
}

pub(super) fn put_uint(out: &mut BytesMut, number: u64) {
    if let Ok(small) = u8::try_from(number)
        && small < 0x80
    {
        out.put_u8(small);
        return;
    }
    let digits = MAX_DIGITS - usize::try_from(number.leading_zeros() / 8).unwrap_or(0);
    out.put_u8(u8::try_from(digits).unwrap_or(0).wrapping_neg());
    out.put_uint(number, digits);
}

pub(super) fn put_int(out: &mut BytesMut, number: i64) {
    let bits = if number < 0 { !number } else { number }.cast_unsigned() << 1;
    put_uint(out, bits | u64::from(number < 0));
}

pub(super) fn put_float(out: &mut BytesMut, number: f64) {
    put_uint(out, number.to_bits().swap_bytes());
}

/// How many bytes, elements or pairs follow.
pub(super) fn put_count(out: &mut BytesMut, count: usize) {
    // No usize is wider than 64 bits.
    put_uint(out, u64::try_from(count).unwrap_or(u64::MAX));
}

pub(super) fn put_bytes(out: &mut BytesMut, bytes: &[u8]) {
    put_count(out, bytes.len());
    out.put_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_integers_are_as_short_as_go_makes_them() {
        // Go's own table.
        let table: &[(u64, &[u8])] = &[
            (0x00, &[0x00]),
            (0x0F, &[0x0F]),
            (0xFF, &[0xFF, 0xFF]),
            (0xFFFF, &[0xFE, 0xFF, 0xFF]),
            (0xFF_FFFF, &[0xFD, 0xFF, 0xFF, 0xFF]),
            (0xFFFF_FFFF, &[0xFC, 0xFF, 0xFF, 0xFF, 0xFF]),
            (0xFF_FFFF_FFFF, &[0xFB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            (0xFFFF_FFFF_FFFF, &[0xFA, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            (0xFF_FFFF_FFFF_FFFF, &[0xF9, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            (u64::MAX, &[0xF8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            (0x1111, &[0xFE, 0x11, 0x11]),
            (0x1111_1111_1111_1111, &[0xF8, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11]),
            (0x8888_8888_8888_8888, &[0xF8, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88]),
            (1 << 63, &[0xF8, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00]),
        ];
        for &(number, encoded) in table {
            let mut out = BytesMut::new();
            put_uint(&mut out, number);
            assert_eq!(out, encoded, "{number:#x}");
            assert_eq!(split_uint(encoded), Ok(Some((number, encoded.len()))), "{number:#x}");
        }
    }

    #[test]
    fn integers_and_floats_come_back_as_they_went() {
        for number in [0, 1, -1, 63, 64, -64, -65, -129, 1 << 40, i64::MAX, i64::MIN] {
            let mut out = BytesMut::new();
            put_int(&mut out, number);
            assert_eq!(Cursor::new(out.freeze()).int(), Ok(number));
        }
        for number in [0.0, -0.0, 17.0, 1e-300, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let mut out = BytesMut::new();
            put_float(&mut out, number);
            let read = Cursor::new(out.freeze()).float().unwrap();
            assert_eq!(read.to_bits(), number.to_bits());
        }
    }

    #[test]
    fn an_integer_is_read_only_when_all_of_it_is_there() {
        assert_eq!(split_uint(&[]), Ok(None));
        assert_eq!(split_uint(&[0xFE, 0x01]), Ok(None));
        assert_eq!(split_uint(&[0xFE, 0x01, 0x00, 0x77]), Ok(Some((256, 3))));
        assert_eq!(split_uint(&[0xF7]), Err(DecodeError::LongInteger { bytes: 9 }));
        assert_eq!(split_uint(&[0x80]), Err(DecodeError::LongInteger { bytes: 128 }));
    }

    #[test]
    fn a_length_past_the_end_of_the_message_is_refused() {
        let mut cursor = Cursor::new(Bytes::from_static(&[0x03, b'a', b'b']));
        assert_eq!(cursor.bytes(), Err(DecodeError::Truncated));
        let mut cursor =
            Cursor::new(Bytes::from_static(&[0xF8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        assert_eq!(cursor.bytes(), Err(DecodeError::Truncated));
    }

    #[test]
    fn a_field_number_past_the_last_is_refused() {
        let overflow = &[0xF8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        assert_eq!(
            Cursor::new(Bytes::from_static(overflow)).field(5, 6),
            Err(DecodeError::FieldOutOfRange { count: 6 })
        );
        assert_eq!(Cursor::new(Bytes::from_static(&[2])).field(5, 7), Ok(Some(6)));
        assert_eq!(
            Cursor::new(Bytes::from_static(&[2])).field(5, 6),
            Err(DecodeError::FieldOutOfRange { count: 6 })
        );
    }
}
