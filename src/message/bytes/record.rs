//! Fields as they stand on the wire: a number, and a value of which nothing but the wire type is known.

use super::DEPTH;

/// Why bytes are no message, or not the one they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The bytes end before the field does.
    #[error("it ends in the middle of a field")]
    Cut,
    /// A varint that goes on beyond 64 bits.
    #[error("a varint of more than 64 bits")]
    Varint,
    /// A field number that is 0 or beyond 2^29 - 1.
    #[error("a field number that no field can have")]
    Number,
    /// A wire type that protobuf does not define.
    #[error("wire type {0}, which does not exist")]
    WireType(u8),
    /// A group that ends without having begun, or another than the one that began last.
    #[error("the end of a group that did not begin")]
    EndGroup,
    /// Messages in messages beyond what readers allow.
    #[error("nested more than {DEPTH} messages deep")]
    TooDeep,
    /// A string that is not UTF-8.
    #[error("a string that is not valid UTF-8")]
    Utf8,
    /// A value that its field can't have.
    #[error("a value of another wire type than the field's")]
    Misfit,
}

/// A value by its wire type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::message) enum Raw<'a> {
    Varint(u64),
    Fixed64(u64),
    /// Without the length.
    Length(&'a [u8]),
    /// Without the tags around it.
    Group(&'a [u8]),
    Fixed32(u32),
}

impl<'a> Raw<'a> {
    /// The value's own bytes, where it has some.
    pub(in crate::message) fn content(&self) -> &'a [u8] {
        match self {
            Self::Length(content) | Self::Group(content) => content,
            _ => &[],
        }
    }
}

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::message) struct Record<'a> {
    pub(in crate::message) number: u32,
    pub(in crate::message) raw: Raw<'a>,
    /// Its bytes from the tag on.
    pub(in crate::message) whole: &'a [u8],
}

impl<'a> Record<'a> {
    /// The value as it stands there, without tag and length.
    pub(in crate::message) fn value_bytes(&self) -> &'a [u8] {
        match self.raw {
            Raw::Length(content) | Raw::Group(content) => content,
            Raw::Varint(_) | Raw::Fixed64(_) | Raw::Fixed32(_) => {
                let mut rest = self.whole;
                // It was read before.
                let _ = varint(&mut rest);
                rest
            }
        }
    }
}

/// Bytes that can't be read as fields, up to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::message) struct Broken<'a> {
    /// The field it begins with, where as much can be read.
    pub(in crate::message) number: Option<u32>,
    pub(in crate::message) error: Malformed,
    pub(in crate::message) bytes: &'a [u8],
}

impl<'a> Broken<'a> {
    /// Whether it is only that bytes are missing.
    pub(in crate::message) fn is_cut(&self) -> bool {
        self.error == Malformed::Cut
    }

    /// What stands behind the tag, as far as it is there: a group, or what has a length.
    pub(in crate::message) fn open(&self) -> Option<Opened<'a>> {
        let mut rest = self.bytes;
        let (_, wire_type) = tag(&mut rest).ok()?;
        let length = match wire_type {
            2 => Some(varint(&mut rest).ok()?),
            START_GROUP => None,
            _ => return None,
        };
        Some(Opened { head: self.bytes.len() - rest.len(), length, content: rest })
    }

    /// How many of the bytes that its length says are missing, and how many those are.
    pub(in crate::message) fn missing(&self) -> Option<(u64, u64)> {
        let Opened { length, content, .. } = self.open().filter(|_| self.is_cut())?;
        let length = length?;
        let missing = length.saturating_sub(content.len() as u64);
        (missing > 0).then_some((missing, length))
    }

    /// How many bytes the tag and the length take, and what the length is.
    pub(in crate::message) fn length(&self) -> Option<(usize, u64)> {
        self.open().and_then(|opened| Some((opened.head, opened.length?)))
    }
}

/// A field of which the end is missing, or what is in it can't be read.
#[derive(Debug, Clone, Copy)]
pub(in crate::message) struct Opened<'a> {
    /// How many bytes stand before what is in it.
    pub(in crate::message) head: usize,
    /// How long it is to be; none of a group.
    pub(in crate::message) length: Option<u64>,
    /// What is in it, as far as it is there.
    pub(in crate::message) content: &'a [u8],
}

/// The fields that bytes are made of, one after the other. What can't be read is the last that comes.
#[derive(Debug, Clone)]
pub(in crate::message) struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    pub(in crate::message) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Broken<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let bytes = std::mem::take(&mut self.rest);
        let mut rest = bytes;
        let broken = |number, error| Some(Err(Broken { number, error, bytes }));
        let (number, wire_type) = match tag(&mut rest) {
            Ok(tag) => tag,
            Err(error) => return broken(None, error),
        };
        match raw(number, wire_type, &mut rest) {
            Ok(raw) => {
                let whole = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
                self.rest = rest;
                Some(Ok(Record { number, raw, whole }))
            }
            Err(error) => broken(Some(number), error),
        }
    }
}

const START_GROUP: u8 = 3;
const END_GROUP: u8 = 4;

/// A field's number and wire type.
fn tag(rest: &mut &[u8]) -> Result<(u32, u8), Malformed> {
    let tag = varint(rest)?;
    let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number));
    let number = number.ok_or(Malformed::Number)?;
    Ok((number, tag.to_le_bytes()[0] & 7))
}

fn raw<'a>(number: u32, wire_type: u8, rest: &mut &'a [u8]) -> Result<Raw<'a>, Malformed> {
    Ok(match wire_type {
        0 => Raw::Varint(varint(rest)?),
        1 => Raw::Fixed64(u64::from_le_bytes(fixed(rest)?)),
        2 => {
            let length = usize::try_from(varint(rest)?).map_err(|_| Malformed::Cut)?;
            let (content, after) = rest.split_at_checked(length).ok_or(Malformed::Cut)?;
            *rest = after;
            Raw::Length(content)
        }
        START_GROUP => Raw::Group(group(number, rest)?),
        END_GROUP => return Err(Malformed::EndGroup),
        5 => Raw::Fixed32(u32::from_le_bytes(fixed(rest)?)),
        other => return Err(Malformed::WireType(other)),
    })
}

/// The content of a group whose first tag was read; the last one is read, too.
fn group<'a>(number: u32, rest: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let content = *rest;
    let mut open = vec![number];
    while let Some(&innermost) = open.last() {
        let before = rest.len();
        match tag(rest)? {
            (number, START_GROUP) if open.len() < DEPTH => open.push(number),
            (_, START_GROUP) => return Err(Malformed::TooDeep),
            (number, END_GROUP) if number == innermost => {
                open.pop();
                if open.is_empty() {
                    return Ok(content.get(..content.len() - before).unwrap_or_default());
                }
            }
            (number, wire_type) => drop(raw(number, wire_type, rest)?),
        }
    }
    Err(Malformed::EndGroup)
}

/// Takes a varint off `rest`.
#[inline]
pub(super) fn varint(rest: &mut &[u8]) -> Result<u64, Malformed> {
    if let Some((&first, after)) = rest.split_first()
        && first < 0x80
    {
        *rest = after;
        return Ok(first.into());
    }
    let mut value = 0;
    for (index, &byte) in rest.iter().take(10).enumerate() {
        // Of the tenth byte one bit is left.
        if index == 9 && byte > 1 {
            return Err(Malformed::Varint);
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            *rest = rest.get(index + 1..).unwrap_or_default();
            return Ok(value);
        }
    }
    Err(if rest.len() < 10 { Malformed::Cut } else { Malformed::Varint })
}

/// Takes so many bytes off `rest`.
pub(super) fn fixed<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (bytes, after) = rest.split_first_chunk().ok_or(Malformed::Cut)?;
    *rest = after;
    Ok(*bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field, or the number and the problem of what is none.
    type Seen<'a> = Result<(u32, Raw<'a>), (Option<u32>, Malformed)>;

    fn all(bytes: &[u8]) -> Vec<Seen<'_>> {
        Records::new(bytes)
            .map(|record| record.map(|r| (r.number, r.raw)).map_err(|broken| (broken.number, broken.error)))
            .collect()
    }

    #[test]
    fn values_are_without_lengths_and_tags() {
        let bytes = b"\x08\x96\x01\x12\x02ab\x1b\x08\x07\x1c\x25\x01\x00\x00\x00\x29\x02\0\0\0\0\0\0\0";
        let expected = [
            (1, Raw::Varint(150)),
            (2, Raw::Length(b"ab")),
            (3, Raw::Group(b"\x08\x07")),
            (4, Raw::Fixed32(1)),
            (5, Raw::Fixed64(2)),
        ];
        assert_eq!(all(bytes), expected.map(Ok));
        let whole: Vec<&[u8]> = Records::new(bytes).map(|record| record.unwrap().whole).collect();
        assert_eq!(whole.concat(), bytes);
    }

    #[test]
    fn what_is_no_field_is_told_with_the_number_if_there_is_one() {
        for (bytes, number, error) in [
            (&b"\x12\x09abc"[..], Some(2), Malformed::Cut),
            (b"\x08\x80", Some(1), Malformed::Cut),
            (b"\x09\0\0\0\0\0\0\0", Some(1), Malformed::Cut),
            (b"\xff\xff", None, Malformed::Cut),
            (b"\x00\x01", None, Malformed::Number),
            (b"\x80\x80\x80\x80\x10\x01", None, Malformed::Number),
            (b"\x0c", Some(1), Malformed::EndGroup),
            (b"\x0b\x14", Some(1), Malformed::EndGroup),
            (b"\x0b\x08\x01", Some(1), Malformed::Cut),
            (b"\x0e", Some(1), Malformed::WireType(6)),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", Some(1), Malformed::Varint),
            (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", Some(2), Malformed::Cut),
        ] {
            assert_eq!(all(bytes), [Err((number, error))], "{}", bytes.escape_ascii());
        }
        assert_eq!(all(b"\x08\x05\x07rest"), [Ok((1, Raw::Varint(5))), Err((None, Malformed::Number))]);
    }

    #[test]
    fn varints_may_be_longer_than_they_need_to_be() {
        assert_eq!(all(b"\x08\x85\x80\x80\x80\x80\x80\x80\x80\x80\x00"), [Ok((1, Raw::Varint(5)))]);
        let largest = b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(all(largest), [Ok((1, Raw::Varint(u64::MAX)))]);
    }

    #[test]
    fn groups_nest_as_deep_as_messages() {
        let nested = |depth: usize| [vec![0x0b; depth], vec![0x0c; depth]].concat();
        assert!(all(&nested(DEPTH))[0].is_ok());
        assert_eq!(all(&nested(DEPTH + 1)), [Err((Some(1), Malformed::TooDeep))]);
        assert_eq!(all(&nested(1_000_000)), [Err((Some(1), Malformed::TooDeep))]);
    }
}
