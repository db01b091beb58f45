//! The fields that bytes have, as a tree, with where each stands: for payloads of which nothing is known, or which are
//! broken.
//!
//! The wire has numbers and lengths and no types. What a type says is taken from it; without one, what a value looks
//! like is a guess, and marked as such (`guess` has the rules).
//!
//! A tree is a view of the bytes and holds nothing of them: fields are read as they are asked for, and so many of them
//! take no more memory than few.

mod guess;
mod number;

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use prost_reflect::MessageDescriptor;

use super::bytes::{
    Broken, Contents, DEPTH, Field, Kind, Layout, Layouts, Malformed, Opened, Parts, Raw, Record, Records,
    Scalar, Shape,
};
use super::json::WellKnown;
use guess::Look;
pub use number::{Number, Other, Packed};
use number::{PackedKind, packed, word};

/// What bytes have in them.
#[derive(Clone)]
pub struct Tree<'a> {
    whole: &'a [u8],
    bytes: &'a [u8],
    typed: Option<Typed>,
    depth: usize,
    /// Whether more bytes should stand behind these.
    cut: bool,
    /// The type of the message in it, where it is an `Any`, once that was looked for.
    in_any: OnceCell<Option<Arc<Layout>>>,
}

/// The type of what bytes have in them.
#[derive(Clone)]
struct Typed {
    layouts: Arc<Layouts>,
    layout: Arc<Layout>,
}

/// A field.
pub struct Node<'a> {
    /// Its number.
    pub number: u32,
    /// Its name, where a type has one for it.
    pub name: Option<String>,
    /// Which bytes it takes, its tag included.
    pub range: Range<usize>,
    /// Where what is in it begins: before that stand the tag, and the length if it has one.
    pub content: usize,
    /// Where a group's last tag begins, and everything else ends.
    pub end: usize,
    /// What stands there.
    pub value: Shown<'a>,
    /// How that is known.
    pub meaning: Meaning,
    /// How many of its bytes are missing, of how many, where its length says that.
    pub missing: Option<(u64, u64)>,
}

/// A value.
pub enum Shown<'a> {
    /// A number as the wire has it.
    Number(Number),
    /// A number, a name or a truth value, as it is written.
    Word(String),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Numbers that share one length.
    Packed(Packed<'a>),
    /// A message.
    Message(Tree<'a>),
    /// A message between two tags.
    Group(Tree<'a>),
}

/// How it is known what a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// The type says so: this is the type of the field.
    Declared(String),
    /// It is what the wire says, and may mean this, too.
    Wire(Option<Other>),
    /// It looks like one.
    Guess(&'static str),
    /// It is something else than the type says.
    Misfit(String),
}

/// Where bytes stop being fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break<'a> {
    /// The first byte of what can't be read.
    pub offset: usize,
    /// The field that begins there, as far as can be told.
    pub number: Option<u32>,
    /// What is wrong.
    pub error: Malformed,
    /// What is left.
    pub bytes: &'a [u8],
    /// How many of the bytes behind its length are missing, of how many.
    pub missing: Option<(u64, u64)>,
}

/// Where a break is in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakPlace {
    /// The numbers of the fields around it, and of its own if that can be told.
    pub path: Vec<u32>,
    /// The first byte of what can't be read.
    pub offset: usize,
    /// What is wrong.
    pub error: Malformed,
    /// How many of the bytes behind its length are missing, of how many.
    pub missing: Option<(u64, u64)>,
}

impl<'a> Tree<'a> {
    /// The fields of bytes of which the type may be known.
    pub fn of(bytes: &'a [u8], descriptor: Option<&MessageDescriptor>) -> Self {
        let typed = descriptor.map(|descriptor| {
            let layouts = Arc::new(Layouts::default());
            Typed { layout: layouts.of(descriptor), layouts }
        });
        Self { whole: bytes, bytes, typed, depth: 0, cut: false, in_any: OnceCell::new() }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.cut
    }

    /// The fields, as they stand there. What can't be read is the last that comes.
    pub fn fields(&self) -> impl Iterator<Item = Result<Node<'a>, Break<'a>>> {
        self.fields_from(false)
    }

    /// The same, or only what can't be read, or is cut.
    fn fields_from(&self, odd: bool) -> impl Iterator<Item = Result<Node<'a>, Break<'a>>> {
        let mut broken = false;
        let records = Records::new(self.bytes).filter(move |record| !odd || record.is_err());
        let fields = records.map(move |record| {
            let node = match record {
                Ok(record) => Ok(self.node(&record)),
                Err(part) => self.opened(&part).ok_or(part),
            };
            node.map_err(|part| Break {
                offset: self.offset(part.bytes),
                number: part.number,
                error: part.error,
                bytes: part.bytes,
                missing: part.missing(),
            })
        });
        // A field that is cut between two of those in it breaks at its end.
        let at_end = self.cut.then(|| {
            let end = self.bytes.get(self.bytes.len()..).unwrap_or_default();
            Break {
                offset: self.offset(self.bytes) + self.bytes.len(),
                number: None,
                error: Malformed::Cut,
                bytes: end,
                missing: None,
            }
        });
        fields.map(Some).chain(std::iter::once(None)).filter_map(move |field| match field {
            Some(field) => {
                broken |= !matches!(&field, Ok(node) if !node.is_open());
                Some(field)
            }
            None => at_end.filter(|_| !broken).map(Err),
        })
    }

    /// The first place where bytes stop being what they should be.
    pub fn first_break(&self) -> Option<BreakPlace> {
        // What is guessed is whole, but for what is cut, which is the last; nothing before that has to be looked at.
        if self.typed.is_none() && !self.cut && Records::new(self.bytes).all(|record| record.is_ok()) {
            return None;
        }
        for field in self.fields_from(self.typed.is_none()) {
            match field {
                Ok(node) => {
                    let inside = match &node.value {
                        Shown::Message(tree) | Shown::Group(tree) if self.typed.is_some() || tree.cut => {
                            tree.first_break()
                        }
                        _ => None,
                    };
                    if let Some(mut place) = inside {
                        place.path.insert(0, node.number);
                        return Some(place);
                    }
                }
                Err(broken) => {
                    let Break { offset, error, missing, number, .. } = broken;
                    return Some(BreakPlace { path: number.into_iter().collect(), offset, error, missing });
                }
            }
        }
        None
    }

    /// Where a part of the whole begins.
    fn offset(&self, part: &[u8]) -> usize {
        part.as_ptr().addr().saturating_sub(self.whole.as_ptr().addr())
    }

    /// What is in a field, of a type that may be known.
    fn inside(&self, bytes: &'a [u8], layout: Option<Arc<Layout>>) -> Self {
        let typed = layout.zip(self.typed.as_ref());
        let typed = typed.map(|(layout, typed)| Typed { layouts: Arc::clone(&typed.layouts), layout });
        let depth = self.depth + 1;
        Tree { whole: self.whole, bytes, typed, depth, cut: false, in_any: OnceCell::new() }
    }

    fn field(&self, number: u32) -> Option<(u32, &Field)> {
        let layout = &self.typed.as_ref()?.layout;
        let index = layout.index_of(number)?;
        Some((index, layout.field(index)?))
    }

    fn node(&self, record: &Record<'a>) -> Node<'a> {
        let start = self.offset(record.whole);
        let range = start..start + record.whole.len();
        let field = self.field(record.number);
        let declared = field.map(|(index, field)| {
            let place = field.place().to_string();
            match self.declared(index, field, record.raw) {
                Some(value) => (value, Meaning::Declared(place)),
                None => (self.guessed(record.raw).0, Meaning::Misfit(place)),
            }
        });
        let name = field.map(|(_, field)| field.name().to_owned());
        let (value, meaning) =
            self.packed_in_any(record).or(declared).unwrap_or_else(|| self.guessed(record.raw));
        let (content, end) = match record.raw {
            Raw::Length(content) | Raw::Group(content) => {
                (self.offset(content), self.offset(content) + content.len())
            }
            _ => (range.end, range.end),
        };
        Node { number: record.number, name, content, end, range, value, meaning, missing: None }
    }

    /// The message in an `Any`, if its type is known.
    fn packed_in_any(&self, record: &Record<'a>) -> Option<(Shown<'a>, Meaning)> {
        let (2, Raw::Length(content)) = (record.number, record.raw) else { return None };
        let layout = self.in_any.get_or_init(|| self.type_in_any()).as_ref()?;
        let meaning = Meaning::Declared(layout.descriptor.full_name().to_owned());
        Some((Shown::Message(self.inside(content, Some(Arc::clone(layout)))), meaning))
    }

    /// The type of the message in it, where it is an `Any`.
    fn type_in_any(&self) -> Option<Arc<Layout>> {
        let Typed { layouts, layout } = self.typed.as_ref()?;
        if layout.well_known != Some(WellKnown::Any) || self.depth >= DEPTH {
            return None;
        }
        let any = Contents::of(layout, &Parts::One(self.bytes));
        let (_, url) = any.get(layout, 1).last()?;
        let (_, name) = std::str::from_utf8(url.content()).ok()?.rsplit_once('/')?;
        Some(layouts.of(&layout.descriptor.parent_pool().get_message_by_name(name)?))
    }

    /// A field that breaks off, if what is in it is a message, or looks like one.
    fn opened(&self, part: &Broken<'a>) -> Option<Node<'a>> {
        let number = part.number?;
        if part.error == Malformed::TooDeep || self.depth >= DEPTH {
            return None;
        }
        let Opened { head, length, content } = part.open()?;
        let declared = self.field(number);
        let layout = match declared {
            Some((_, field)) => Some(self.layout_in(field, length.is_none())?),
            None if length.is_none_or(|length| guess::is_message_cut(content, length)) => None,
            None => return None,
        };
        let meaning = match declared {
            Some((_, field)) => Meaning::Declared(field.place().to_string()),
            None if length.is_none() => Meaning::Wire(None),
            None => Meaning::Guess("a message"),
        };
        let start = self.offset(part.bytes);
        let inside = Tree { cut: true, ..self.inside(content, layout) };
        let missing = length.map(|length| (length.saturating_sub(content.len() as u64), length));
        Some(Node {
            number,
            name: declared.map(|(_, field)| field.name().to_owned()),
            content: start + head,
            end: start + part.bytes.len(),
            range: start..start + part.bytes.len(),
            value: if length.is_none() { Shown::Group(inside) } else { Shown::Message(inside) },
            meaning,
            missing,
        })
    }

    /// The layout of what is in a field, if that is a message between tags, or behind a length.
    fn layout_in(&self, field: &Field, group: bool) -> Option<Arc<Layout>> {
        let layouts = &self.typed.as_ref()?.layouts;
        match (field.shape, &field.kind) {
            (Shape::Map(_), _) if !group => {
                let (_, _, kind) = field.slot.is();
                Some(layouts.of(kind.as_message()?))
            }
            (Shape::Map(_), _) => None,
            (_, Kind::Message(link)) if link.group == group => Some(layouts.behind(link)),
            _ => None,
        }
    }

    /// A value as its field has it, if it fits.
    fn declared(&self, index: u32, field: &Field, raw: Raw<'a>) -> Option<Shown<'a>> {
        if let Raw::Length(content) | Raw::Group(content) = raw
            && let Some(layout) = self.layout_in(field, matches!(raw, Raw::Group(_)))
        {
            let inside = self.inside(content, Some(layout));
            let shown = if matches!(raw, Raw::Group(_)) { Shown::Group } else { Shown::Message };
            return (self.depth < DEPTH).then(|| shown(inside));
        }
        match (&field.kind, raw) {
            _ if matches!(field.shape, Shape::Map(_)) => None,
            (Kind::Message(_), _) => None,
            (kind, Raw::Length(bytes)) if kind.number().is_some() => {
                let fits = matches!(field.shape, Shape::List { .. })
                    && packed(kind, bytes).all(|raw| raw.is_ok_and(|raw| word(kind, raw).is_some()));
                let layout = Arc::clone(&self.typed.as_ref()?.layout);
                fits.then(|| Shown::Packed(Packed { bytes, kind: PackedKind::Declared(layout, index) }))
            }
            (Kind::Scalar(Scalar::String), Raw::Length(bytes)) => Some(match std::str::from_utf8(bytes) {
                Ok(text) => Shown::Text(text),
                Err(_) => Shown::Bytes(bytes),
            }),
            (Kind::Scalar(Scalar::Bytes), Raw::Length(bytes)) => Some(Shown::Bytes(bytes)),
            (kind, raw) => word(kind, raw).map(Shown::Word),
        }
    }

    /// A value as it looks.
    fn guessed(&self, raw: Raw<'a>) -> (Shown<'a>, Meaning) {
        let number = match raw {
            Raw::Varint(bits) => Number::Varint(bits),
            Raw::Fixed32(bits) => Number::Fixed32(bits),
            Raw::Fixed64(bits) => Number::Fixed64(bits),
            Raw::Group(content) if self.depth < DEPTH => {
                return (Shown::Group(self.inside(content, None)), Meaning::Wire(None));
            }
            Raw::Group(content) => return (Shown::Bytes(content), Meaning::Wire(None)),
            Raw::Length(content) => return self.guessed_content(content),
        };
        (Shown::Number(number), Meaning::Wire(guess::other(raw)))
    }

    fn guessed_content(&self, content: &'a [u8]) -> (Shown<'a>, Meaning) {
        match guess::look(content) {
            Look::Text(text) => (Shown::Text(text), Meaning::Guess("text")),
            Look::Message if self.depth < DEPTH => {
                (Shown::Message(self.inside(content, None)), Meaning::Guess("a message"))
            }
            Look::Packed(scalar) => {
                let what = match scalar {
                    Scalar::Double => "packed doubles",
                    Scalar::Float => "packed floats",
                    Scalar::Fixed64 => "packed fixed64",
                    Scalar::Fixed32 => "packed fixed32",
                    _ => "packed varints",
                };
                let kind = PackedKind::Guess(scalar);
                (Shown::Packed(Packed { bytes: content, kind }), Meaning::Guess(what))
            }
            Look::Message | Look::Bytes => (Shown::Bytes(content), Meaning::Guess("bytes")),
        }
    }
}

impl Node<'_> {
    /// Whether its end is missing.
    fn is_open(&self) -> bool {
        matches!(&self.value, Shown::Message(tree) | Shown::Group(tree) if tree.cut)
    }
}

#[cfg(test)]
mod tests;
