//! Writing the wire format.

use super::DEPTH;
use super::layout::{Kind, Scalar};

/// Bytes of a message that is being written.
#[derive(Debug, Default)]
pub(in crate::message) struct Sink {
    pub(in crate::message) out: Vec<u8>,
    /// How many messages the one being written is in.
    depth: usize,
}

/// The wire types.
const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LENGTH: u32 = 2;
const START_GROUP: u32 = 3;
const END_GROUP: u32 = 4;
const FIXED32: u32 = 5;

impl Sink {
    pub(in crate::message) fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.out.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.out.push(value.to_le_bytes()[0]);
    }

    fn tag(&mut self, number: u32, wire_type: u32) {
        self.varint(u64::from(number) << 3 | u64::from(wire_type));
    }

    /// A number: of a double and a float the bits, of an integer the value with its sign extended.
    pub(in crate::message) fn number(&mut self, number: u32, scalar: Scalar, bits: u64) {
        self.tag(
            number,
            match scalar {
                Scalar::Double | Scalar::Fixed64 | Scalar::Sfixed64 => FIXED64,
                Scalar::Float | Scalar::Fixed32 | Scalar::Sfixed32 => FIXED32,
                _ => VARINT,
            },
        );
        self.bare(scalar, bits);
    }

    /// A number without its tag, as in a packed list.
    pub(in crate::message) fn bare(&mut self, scalar: Scalar, bits: u64) {
        match scalar {
            Scalar::Double | Scalar::Fixed64 | Scalar::Sfixed64 => self.out.extend(bits.to_le_bytes()),
            Scalar::Float | Scalar::Fixed32 | Scalar::Sfixed32 => {
                // The upper half is what the sign was extended to.
                let [a, b, c, d, ..] = bits.to_le_bytes();
                self.out.extend([a, b, c, d]);
            }
            Scalar::Sint32 | Scalar::Sint64 => {
                let value = bits.cast_signed();
                self.varint((value << 1 ^ value >> 63).cast_unsigned());
            }
            _ => self.varint(bits),
        }
    }

    /// A string, bytes, or a message that is written already.
    pub(in crate::message) fn bytes(&mut self, number: u32, content: &[u8]) {
        self.tag(number, LENGTH);
        self.varint(content.len() as u64);
        self.out.extend_from_slice(content);
    }

    /// Whatever `content` writes, behind its length.
    pub(in crate::message) fn length<E>(
        &mut self,
        number: u32,
        content: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.tag(number, LENGTH);
        // Mostly one byte is all that the length takes.
        let start = self.out.len();
        self.out.push(0);
        content(self)?;
        let length = self.out.len() - start - 1;
        if let (Some(place), Ok(short @ ..0x80)) = (self.out.get_mut(start), u8::try_from(length)) {
            *place = short;
            return Ok(());
        }
        let mut prefix = Self::default();
        prefix.varint(length as u64);
        let more = prefix.out.len() - 1;
        if more > 0 {
            self.out.resize(self.out.len() + more, 0);
            self.out.copy_within(start + 1..start + 1 + length, start + 1 + more);
        }
        if let Some(place) = self.out.get_mut(start..=start + more) {
            place.copy_from_slice(&prefix.out);
        }
        Ok(())
    }

    /// The zero of a kind, which for a message is the empty one.
    pub(in crate::message) fn zero(&mut self, number: u32, kind: &Kind) {
        match kind.number() {
            Some(scalar) => self.number(number, scalar, 0),
            None => self.bytes(number, b""),
        }
    }

    /// An extension in a message set: its number, and its message, which `message` writes as field 3.
    pub(in crate::message) fn item<E>(
        &mut self,
        extension: u32,
        too_deep: impl FnOnce() -> E,
        message: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.message((1, true), too_deep, |sink| {
            sink.number(2, Scalar::Uint32, extension.into());
            message(sink)
        })
    }

    /// What an `Any` has in it: the URL of a type, and the message that `content` writes.
    pub(in crate::message) fn any<E>(
        &mut self,
        url: &str,
        too_deep: impl FnOnce() -> E,
        content: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.bytes(1, url.as_bytes());
        let before = self.out.len();
        self.message((2, false), too_deep, content)?;
        // Bytes that are empty are as good as none: a tag, and a length of nothing.
        if self.out.len() == before + 2 {
            self.out.truncate(before);
        }
        Ok(())
    }

    /// A message that `content` writes, between tags when it is a `group`, or `too_deep` when no reader would go there.
    pub(in crate::message) fn message<E>(
        &mut self,
        (number, group): (u32, bool),
        too_deep: impl FnOnce() -> E,
        content: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.depth >= DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        let written = if group {
            self.tag(number, START_GROUP);
            content(self).map(|()| self.tag(number, END_GROUP))
        } else {
            self.length(number, content)
        };
        self.depth -= 1;
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Sink)) -> Vec<u8> {
        let mut sink = Sink::default();
        write(&mut sink);
        sink.out
    }

    #[test]
    fn numbers_by_their_types() {
        let minus_one = u64::MAX;
        for (scalar, bits, bytes) in [
            (Scalar::Int32, minus_one, &b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"[..]),
            (Scalar::Sint32, minus_one, b"\x08\x01"),
            (Scalar::Sint64, i64::MIN.cast_unsigned(), b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
            (Scalar::Sfixed32, minus_one, b"\x0d\xff\xff\xff\xff"),
            (Scalar::Fixed64, 1, b"\x09\x01\0\0\0\0\0\0\0"),
            (Scalar::Float, 1.0_f32.to_bits().into(), b"\x0d\0\0\x80\x3f"),
            (Scalar::Bool, 1, b"\x08\x01"),
        ] {
            assert_eq!(written(|sink| sink.number(1, scalar, bits)), bytes, "{scalar:?}");
        }
    }

    #[test]
    fn lengths_of_any_size_stand_before_what_they_count() {
        for size in [0, 1, 127, 128, 16_383, 16_384, 3_000_000] {
            let content = vec![b'x'; size];
            let inner = written(|sink| sink.bytes(2, &content));
            let ours = written(|sink| {
                let nested = sink.message(
                    (1, false),
                    || (),
                    |sink| {
                        sink.bytes(2, &content);
                        Ok(())
                    },
                );
                nested.unwrap();
            });
            assert_eq!(ours, written(|sink| sink.bytes(1, &inner)));
        }
    }

    #[test]
    fn nobody_is_sent_what_nobody_reads() {
        fn nest(sink: &mut Sink, depth: usize) -> Result<(), &'static str> {
            if depth == 0 { Ok(()) } else { sink.message((1, true), || "deep", |sink| nest(sink, depth - 1)) }
        }
        assert!(nest(&mut Sink::default(), DEPTH).is_ok());
        assert_eq!(nest(&mut Sink::default(), DEPTH + 1), Err("deep"));
    }
}
