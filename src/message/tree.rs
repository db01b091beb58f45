//! The fields that bytes have, as a tree, with where each stands: for payloads of which nothing is known, or which are
//! broken.
//!
//! The wire has numbers and lengths and no types. What a type says is taken from it; without one, what a value looks
//! like is a guess, and marked as such.

use std::ops::Range;

use prost_reflect::MessageDescriptor;

use super::bytes::{
    DEPTH, Field, Kind, Layout, Layouts, Malformed, Raw, Record, Records, Scalar, Shape, Value, elements,
    int32, value,
};

/// What bytes have in them.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The fields, as they stand there.
    pub fields: Vec<Node>,
    /// What stands behind them and can't be read.
    pub broken: Option<Break>,
}

/// A field.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its number.
    pub number: u32,
    /// Its name, where a type has one for it.
    pub name: Option<String>,
    /// Which bytes it takes, its tag included.
    pub range: Range<usize>,
    /// What stands there.
    pub value: Shown,
    /// How that is known.
    pub meaning: Meaning,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A number, a name or a truth value, as it is written.
    Word(String),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Numbers that share one length.
    Packed(Vec<String>),
    /// A message.
    Message(Tree),
    /// A message between two tags.
    Group(Tree),
}

/// How it is known what a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// The type says so: this is the type of the field.
    Declared(String),
    /// It is what the wire says, and may mean this, too.
    Wire(Option<String>),
    /// It looks like one.
    Guess(&'static str),
    /// It is something else than the type says.
    Misfit(String),
}

/// Where bytes stop being fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The first byte of what can't be read.
    pub offset: usize,
    /// The field that begins there, as far as can be told.
    pub number: Option<u32>,
    /// What is wrong.
    pub error: Malformed,
    /// What is left.
    pub bytes: Vec<u8>,
}

impl Tree {
    /// The fields of bytes of which the type may be known.
    pub fn of(bytes: &[u8], descriptor: Option<&MessageDescriptor>) -> Self {
        let layouts = Layouts::default();
        let grower = Grower { whole: bytes, layouts: &layouts };
        let layout = descriptor.map(|descriptor| layouts.of(descriptor));
        grower.tree(bytes, layout.as_deref(), 0)
    }

    /// The first place where bytes stop being what they should be.
    pub fn first_break(&self) -> Option<&Break> {
        let inside = self.fields.iter().find_map(|node| match &node.value {
            Shown::Message(tree) | Shown::Group(tree) => tree.first_break(),
            _ => None,
        });
        inside.or(self.broken.as_ref())
    }
}

struct Grower<'a> {
    whole: &'a [u8],
    layouts: &'a Layouts,
}

impl Grower<'_> {
    /// Where a part of the whole begins.
    fn offset(&self, part: &[u8]) -> usize {
        part.as_ptr().addr().saturating_sub(self.whole.as_ptr().addr())
    }

    fn tree(&self, bytes: &[u8], layout: Option<&Layout>, depth: usize) -> Tree {
        let mut tree = Tree { fields: Vec::new(), broken: None };
        for record in Records::new(bytes) {
            match record {
                Ok(record) => {
                    let field = layout.and_then(|layout| layout.by_number(record.number));
                    tree.fields.push(self.node(&record, field, depth));
                }
                Err(broken) => {
                    tree.broken = Some(Break {
                        offset: self.offset(broken.bytes),
                        number: broken.number,
                        error: broken.error,
                        bytes: broken.bytes.to_vec(),
                    });
                }
            }
        }
        tree
    }

    fn node(&self, record: &Record<'_>, field: Option<&Field>, depth: usize) -> Node {
        let start = self.offset(record.whole);
        let declared = field.map(|field| {
            let place = field.place().to_string();
            match self.declared(field, record.raw, depth) {
                Some(value) => (value, Meaning::Declared(place)),
                None => (self.guessed(record.raw, depth).0, Meaning::Misfit(place)),
            }
        });
        let (value, meaning) = declared.unwrap_or_else(|| self.guessed(record.raw, depth));
        Node {
            number: record.number,
            name: field.map(|field| field.name().to_owned()),
            range: start..start + record.whole.len(),
            value,
            meaning,
        }
    }

    /// A value as its field has it, if it fits.
    fn declared(&self, field: &Field, raw: Raw<'_>, depth: usize) -> Option<Shown> {
        if let (Shape::Map(_), Raw::Length(entry)) = (field.shape, raw) {
            let (_, _, kind) = field.slot.is();
            let layout = self.layouts.of(kind.as_message()?);
            return (depth < DEPTH).then(|| Shown::Message(self.tree(entry, Some(&layout), depth + 1)));
        }
        match (&field.kind, raw) {
            (Kind::Message(link), Raw::Length(content) | Raw::Group(content)) => {
                if link.group != matches!(raw, Raw::Group(_)) || depth >= DEPTH {
                    return None;
                }
                let tree = self.tree(content, Some(&self.layouts.behind(link)), depth + 1);
                Some(if link.group { Shown::Group(tree) } else { Shown::Message(tree) })
            }
            (Kind::Message(_), _) => None,
            (kind, Raw::Length(_)) if kind.number().is_some() => {
                let words = elements(kind, raw).map(|raw| word(kind, raw.ok()?)).collect::<Option<_>>()?;
                matches!(field.shape, Shape::List { .. }).then_some(Shown::Packed(words))
            }
            (Kind::Scalar(Scalar::String), Raw::Length(bytes)) => Some(text_or_bytes(bytes)),
            (Kind::Scalar(Scalar::Bytes), Raw::Length(bytes)) => Some(Shown::Bytes(bytes.to_vec())),
            (kind, raw) => word(kind, raw).map(Shown::Word),
        }
    }

    /// A value as it looks.
    fn guessed(&self, raw: Raw<'_>, depth: usize) -> (Shown, Meaning) {
        match raw {
            Raw::Varint(bits) => {
                let other = if bits > i64::MAX.cast_unsigned() {
                    Some(format!("int64 {}", bits.cast_signed()))
                } else if bits > 1 {
                    Some(format!("sint64 {}", (bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()))
                } else {
                    None
                };
                (Shown::Word(bits.to_string()), Meaning::Wire(other))
            }
            Raw::Fixed32(bits) => {
                let other = format!("float {}", f32::from_bits(bits));
                (Shown::Word(format!("0x{bits:08x}")), Meaning::Wire(Some(other)))
            }
            Raw::Fixed64(bits) => {
                let other = format!("double {}", f64::from_bits(bits));
                (Shown::Word(format!("0x{bits:016x}")), Meaning::Wire(Some(other)))
            }
            Raw::Group(content) if depth < DEPTH => {
                (Shown::Group(self.tree(content, None, depth + 1)), Meaning::Wire(None))
            }
            Raw::Group(content) => (Shown::Bytes(content.to_vec()), Meaning::Wire(None)),
            Raw::Length(content) => self.guessed_content(content, depth),
        }
    }

    /// Text, a message, packed numbers, or bytes: the first that fits.
    fn guessed_content(&self, content: &[u8], depth: usize) -> (Shown, Meaning) {
        if let Shown::Text(text) = text_or_bytes(content)
            && !text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
        {
            return (Shown::Text(text), Meaning::Guess("text"));
        }
        if depth < DEPTH && Records::new(content).all(|record| record.is_ok()) {
            return (Shown::Message(self.tree(content, None, depth + 1)), Meaning::Guess("a message"));
        }
        let packed = Kind::Scalar(Scalar::Uint64);
        let words = elements(&packed, Raw::Length(content)).map(|raw| word(&packed, raw.ok()?));
        match words.collect::<Option<Vec<_>>>() {
            Some(words) if words.len() > 1 => (Shown::Packed(words), Meaning::Guess("packed varints")),
            _ => (Shown::Bytes(content.to_vec()), Meaning::Guess("bytes")),
        }
    }
}

fn text_or_bytes(bytes: &[u8]) -> Shown {
    match std::str::from_utf8(bytes) {
        Ok(text) => Shown::Text(text.to_owned()),
        Err(_) => Shown::Bytes(bytes.to_vec()),
    }
}

/// A number, a truth value or an enum's, as it is written.
fn word(kind: &Kind, raw: Raw<'_>) -> Option<String> {
    if let (Kind::Enum(values), Raw::Varint(bits)) = (kind, raw) {
        let number = int32(bits);
        let named = values.descriptor.get_value(number);
        return Some(
            named.map_or_else(|| number.to_string(), |value| format!("{} ({number})", value.name())),
        );
    }
    let Kind::Scalar(scalar) = kind else { return None };
    Some(match value(*scalar, raw).ok()? {
        Value::Bool(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        Value::U64(value) => value.to_string(),
        Value::F32(value) => value.to_string(),
        Value::F64(value) => value.to_string(),
        Value::Text(_) | Value::Bytes(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing;

    fn guess(content: &[u8]) -> (Shown, Meaning) {
        let length = u8::try_from(content.len()).unwrap();
        let bytes = [&[0x0a, length], content].concat();
        let node = Tree::of(&bytes, None).fields.remove(0);
        assert_eq!(node.range, 0..bytes.len());
        (node.value, node.meaning)
    }

    #[test]
    fn what_has_a_length_is_guessed() {
        assert_eq!(guess(b"Alice"), (Shown::Text("Alice".to_owned()), Meaning::Guess("text")));
        assert_eq!(guess(b""), (Shown::Text(String::new()), Meaning::Guess("text")));
        assert!(matches!(guess(b"\x08\x96\x01"), (Shown::Message(_), Meaning::Guess("a message"))));
        let packed = Shown::Packed(vec!["3".to_owned(), "270".to_owned(), "86942".to_owned()]);
        assert_eq!(guess(b"\x03\x8e\x02\x9e\xa7\x05"), (packed, Meaning::Guess("packed varints")));
        assert_eq!(guess(b"\xff\xff"), (Shown::Bytes(vec![0xff, 0xff]), Meaning::Guess("bytes")));
    }

    #[test]
    fn numbers_may_mean_several_things() {
        let nodes = Tree::of(b"\x08\x96\x01\x15\x00\x00\x80\x3f\x18\x01", None).fields;
        let shown: Vec<_> = nodes.into_iter().map(|node| (node.value, node.meaning)).collect();
        let word = |word: &str, other: Option<&str>| {
            (Shown::Word(word.to_owned()), Meaning::Wire(other.map(str::to_owned)))
        };
        let expected = [word("150", Some("sint64 75")), word("0x3f800000", Some("float 1")), word("1", None)];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_type_says_what_is_what_and_what_does_not_fit() {
        let proto = r#"
            syntax = "proto3";
            enum E { NONE = 0; ONE = 1; }
            message M { string s = 1; repeated sint32 l = 2; E e = 3; M m = 4; map<string, int32> map = 5; }
        "#;
        let bytes = b"\x0a\x01a\x12\x02\x01\x02\x18\x01\x22\x02\x08\x05\x2a\x05\x0a\x01k\x10\x07";
        let tree = Tree::of(bytes, Some(&testing::message(proto, "M")));
        let names: Vec<_> = tree.fields.iter().map(|node| node.name.clone().unwrap()).collect();
        assert_eq!(names, ["s", "l", "e", "m", "map"]);
        assert_eq!(tree.fields[1].value, Shown::Packed(vec!["-1".to_owned(), "1".to_owned()]));
        assert_eq!(tree.fields[2].value, Shown::Word("ONE (1)".to_owned()));
        let Shown::Message(inner) = &tree.fields[3].value else { panic!() };
        assert_eq!(inner.fields[0].meaning, Meaning::Misfit("string".to_owned()));
        assert_eq!(inner.fields[0].range, 11..13);
        let Shown::Message(entry) = &tree.fields[4].value else { panic!() };
        assert_eq!(entry.fields[1].value, Shown::Word("7".to_owned()));
        assert_eq!(tree.first_break(), None);
    }

    #[test]
    fn where_it_breaks_is_told_however_deep() {
        let proto = "syntax = 'proto3'; message M { M m = 1; int32 i = 2; }";
        let tree = Tree::of(b"\x10\x01\x0a\x02\x10\x80", Some(&testing::message(proto, "M")));
        let broken = tree.first_break().unwrap();
        assert_eq!((broken.offset, broken.number, broken.error), (4, Some(2), Malformed::Cut));
        let broken = Tree::of(b"\x10\x01\x07", None).broken.unwrap();
        assert_eq!((broken.offset, broken.number, broken.error), (2, None, Malformed::Number));
    }

    #[test]
    fn no_depth_is_too_much() {
        let mut bytes = b"\x08\x01".to_vec();
        for _ in 0..30 {
            bytes = [&[0x0b], &bytes[..], &[0x0c]].concat();
        }
        assert!(matches!(Tree::of(&bytes, None).fields[0].value, Shown::Group(_)));
        let deep = [vec![0x0b; 100_000], vec![0x0c; 100_000]].concat();
        assert_eq!(Tree::of(&deep, None).broken.unwrap().error, Malformed::TooDeep);
    }
}
