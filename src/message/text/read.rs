//! Reading the text format into the bytes of a message.

use std::collections::HashMap;
use std::sync::Arc;

use prost_reflect::MessageDescriptor;

use super::parse::{self, Entry, Name, Node, Value};
use super::{any, scalar};
use crate::message::Position;
use crate::message::TooDeep;
use crate::message::bytes::{DEPTH, Field, Kind, Layout, Layouts, Link, Named, Noted, Scalar, Shape, Sink};
use crate::message::json::{Fields, Given, Grammar, Misfit, Problem, ReadError, Step, unknown_field};

/// Reads documents as the bytes of messages. Keep one for a whole stream: it remembers the types it has seen.
#[derive(Default)]
pub struct Reader {
    layouts: Layouts,
}

impl Reader {
    /// Reads one document as the bytes of a message.
    pub fn read(&self, descriptor: &MessageDescriptor, document: &[u8]) -> Result<Vec<u8>, Box<ReadError>> {
        let text = std::str::from_utf8(document)
            .map_err(|utf8| Misfit::new(utf8.valid_up_to(), Problem::Encoding).told(document))?;
        let layout = self.layouts.of(descriptor);
        let entries = parse::parse(text).map_err(|misfit| {
            misfit.through(&self.layouts, Arc::clone(&layout), Grammar::Text).told(document)
        })?;
        let read = |sorted| {
            let reading = Reading { document, layouts: &self.layouts, sorted };
            let mut sink = Sink::default();
            reading.message(&layout, 0, &entries, &mut sink).map(|()| sink.out)
        };
        // Of several things that are wrong, the first in the document is told.
        read(true).or_else(|_| read(false)).map_err(|misfit| misfit.told(document))
    }
}

/// Reads the tree of one document.
#[derive(Clone, Copy)]
pub(super) struct Reading<'r> {
    /// To tell places that came before the one a problem is at.
    document: &'r [u8],
    pub(super) layouts: &'r Layouts,
    /// Whether fields are written by their numbers, those of a list together, rather than as they come.
    sorted: bool,
}

impl Reading<'_> {
    pub(super) fn message(
        self,
        layout: &Layout,
        at: usize,
        entries: &[Entry<'_>],
        sink: &mut Sink,
    ) -> Result<(), Misfit> {
        if let Some(inside) = any::expanded(layout, entries) {
            return any::read(self, layout, inside, sink);
        }
        let mut fields = Fields::new(layout, Field::name);
        let mut given: Vec<(&Field, &Entry<'_>)> = Vec::with_capacity(entries.len());
        let mut counts = Noted::default();
        for entry in entries {
            let Some(index) = Self::index(layout, entry)? else { continue };
            let Some(field) = layout.field(index) else { continue };
            if fields.again(index) && field.shape == Shape::Single {
                let first = given.iter().find(|(other, _)| other.number == field.number);
                return Err(self.twice(entry, first.map_or(entry, |(_, first)| first)));
            }
            fields.give(index, entry.at)?;
            given.push((field, entry));
            if !self.sorted {
                let before = counts.get(index).copied().unwrap_or_default();
                let count = self.field(layout, field, (&[(field, entry)], before), sink)?;
                counts.set(index, before + count);
            }
        }
        fields.end(at)?;
        if self.sorted {
            given.sort_by_key(|(field, _)| field.number);
            for given in given.chunk_by(|(field, _), (other, _)| field.number == other.number) {
                let Some((field, _)) = given.first() else { continue };
                self.field(layout, field, (given, 0), sink)?;
            }
        }
        Ok(())
    }

    /// Which field an entry is about; none where it is one that the type used to have.
    fn index(layout: &Layout, entry: &Entry<'_>) -> Result<Option<u32>, Misfit> {
        let index = match &entry.name {
            Name::Field(name) => layout.index_of_text(name),
            Name::Bracketed(_) => layout.index_of_text(&entry.name.shown()),
        };
        index.map(Named::field).ok_or_else(|| {
            let problem = unknown_field(&entry.name.shown(), &layout.descriptor, |field| vec![field.name()]);
            Misfit::new(entry.at, problem)
        })
    }

    fn twice(self, entry: &Entry<'_>, first: &Entry<'_>) -> Misfit {
        let first = Position::of(self.document, first.at);
        Misfit::new(entry.at, Problem::Twice { name: entry.name.shown(), first, other_name: None })
    }

    /// Writes all that is given to a field, of whose elements or entries so many came before, and tells how many these
    /// are.
    fn field(
        self,
        layout: &Layout,
        field: &Field,
        (given, before): (&[(&Field, &Entry<'_>)], usize),
        sink: &mut Sink,
    ) -> Result<usize, Misfit> {
        let mut nodes: Vec<(&Entry<'_>, &Node<'_>)> = Vec::with_capacity(given.len());
        for (_, entry) in given {
            match &entry.value.value {
                Value::List(_) if field.shape == Shape::Single => {
                    return Err(scalar::unfit(field.kind.name(), &entry.value).within(entry.step()));
                }
                Value::List(list) => nodes.extend(list.iter().map(|node| (*entry, node))),
                value => {
                    if !entry.colon && !matches!(value, Value::Message(_)) {
                        return Err(scalar::unfit(field.kind.name(), &entry.value).within(entry.step()));
                    }
                    nodes.push((*entry, &entry.value));
                }
            }
        }
        if let Shape::Map(key) = field.shape {
            self.map(field, key, (&nodes, before), sink)?;
            return Ok(nodes.len());
        }
        let within = |misfit: Misfit, index: usize, entry: &Entry<'_>| {
            let misfit = match field.shape {
                Shape::Single => misfit,
                Shape::List { .. } | Shape::Map(_) => misfit.within(Step::Element(before + index)),
            };
            misfit.within(entry.step())
        };
        if let (Shape::List { packed: true }, Some(kind)) = (field.shape, field.kind.number()) {
            if !nodes.is_empty() {
                sink.length(field.number, |sink| {
                    nodes.iter().enumerate().try_for_each(|(index, (entry, node))| {
                        let bits = number(field, node).map_err(|misfit| within(misfit, index, entry))?;
                        sink.bare(kind, bits);
                        Ok(())
                    })
                })?;
            }
            return Ok(nodes.len());
        }
        for (index, (entry, node)) in nodes.iter().enumerate() {
            let written = match &field.kind {
                Kind::Message(link) if layout.message_set => {
                    sink.item(field.number, || too_deep(node), |sink| self.linked(3, link, node, sink))
                }
                _ => self.value(field, field.number, node, field.is_implicit(), sink),
            };
            written.map_err(|misfit| within(misfit, index, entry))?;
        }
        Ok(nodes.len())
    }

    fn value(
        self,
        field: &Field,
        number: u32,
        node: &Node<'_>,
        implicit: bool,
        sink: &mut Sink,
    ) -> Result<(), Misfit> {
        match &field.kind {
            Kind::Message(link) => return self.linked(number, link, node, sink),
            Kind::Enum(values) => {
                let value = scalar::enumeration(values, node)?;
                if !(implicit && value == 0) {
                    sink.number(number, Scalar::Int32, i64::from(value).cast_unsigned());
                }
            }
            Kind::Scalar(kind) => match scalar::read(*kind, field.utf8, node)? {
                given if implicit && given.is_zero() => {}
                given => given.write(number, *kind, sink),
            },
        }
        Ok(())
    }

    fn linked(self, number: u32, link: &Link, node: &Node<'_>, sink: &mut Sink) -> Result<(), Misfit> {
        let layout = self.layouts.behind(link);
        let Value::Message(entries) = &node.value else {
            let expected = format!("{} (in braces)", layout.descriptor.full_name());
            return Err(scalar::unfit(&expected, node));
        };
        sink.message(
            (number, link.group),
            || too_deep(node),
            |sink| self.message(&layout, node.at, entries, sink),
        )
    }

    /// Writes entries, of those with one key the last.
    fn map(
        self,
        field: &Field,
        key: Scalar,
        (nodes, before): (&[(&Entry<'_>, &Node<'_>)], usize),
        sink: &mut Sink,
    ) -> Result<(), Misfit> {
        let mut entries: HashMap<Given<'_>, (&Entry<'_>, &Node<'_>, Option<&Node<'_>>)> = HashMap::new();
        for (index, (entry, node)) in nodes.iter().enumerate() {
            let within = |misfit: Misfit| misfit.within(Step::Element(before + index)).within(entry.step());
            let (given, value) = self.map_entry(field, key, node).map_err(within)?;
            entries.insert(given, (*entry, *node, value));
        }
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp_as(b, key));
        for (given, (entry, node, value)) in entries {
            let written = sink.message(
                (field.number, false),
                || too_deep(node),
                |sink| {
                    given.write(1, key, sink);
                    if let Some(value) = value {
                        return self.value(field, 2, value, false, sink);
                    }
                    sink.zero(2, &field.kind);
                    Ok(())
                },
            );
            written.map_err(|misfit| misfit.within(Step::Key(given.key(key))).within(entry.step()))?;
        }
        Ok(())
    }

    /// The key and the value of a map's entry.
    fn map_entry<'n, 'd>(
        self,
        field: &Field,
        key: Scalar,
        node: &'n Node<'d>,
    ) -> Result<(Given<'n>, Option<&'n Node<'d>>), Misfit> {
        let Value::Message(entries) = &node.value else {
            return Err(scalar::unfit("an entry, such as { key: … value: … }", node));
        };
        let (mut found_key, mut found_value) = (None, None);
        for entry in entries {
            let place = match &entry.name {
                Name::Field("key") => &mut found_key,
                Name::Field("value") => &mut found_value,
                _ => {
                    let name = entry.name.shown();
                    let message = format!("an entry of {}", field.name());
                    let all = vec!["key".to_owned(), "value".to_owned()];
                    let problem = Problem::UnknownField { name, message, similar: Vec::new(), all };
                    return Err(Misfit::new(entry.at, problem));
                }
            };
            if let Some(first) = place.replace(entry) {
                return Err(self.twice(entry, first));
            }
        }
        let given = match found_key {
            Some(entry) => scalar::read(key, field.utf8, &entry.value)
                .map_err(|misfit| misfit.within(Step::Field("key".to_owned())))?,
            None if key == Scalar::String => Given::Text(std::borrow::Cow::Borrowed("")),
            None => Given::Number(0),
        };
        Ok((given, found_value.map(|entry: &Entry<'_>| &entry.value)))
    }
}

/// A number of a list.
fn number(field: &Field, node: &Node<'_>) -> Result<u64, Misfit> {
    let unfit = || scalar::unfit(field.kind.name(), node);
    match &field.kind {
        Kind::Enum(values) => Ok(i64::from(scalar::enumeration(values, node)?).cast_unsigned()),
        Kind::Scalar(kind) => match scalar::read(*kind, field.utf8, node)? {
            Given::Number(bits) => Ok(bits),
            Given::Text(_) | Given::Bytes(_) => Err(unfit()),
        },
        Kind::Message(_) => Err(unfit()),
    }
}

pub(super) fn too_deep(node: &Node<'_>) -> Misfit {
    Misfit::new(node.at, TooDeep(DEPTH).into())
}

impl Entry<'_> {
    fn step(&self) -> Step {
        Step::Field(self.name.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing;

    const PROTO: &str = r#"
        syntax = "proto3";
        import "google/protobuf/any.proto";
        enum Color { NONE = 0; RED = 1; }
        message M {
            reserved "was_here";
            int32 a = 1; M m = 2; string s = 3; repeated int32 l = 4; google.protobuf.Any any = 5; repeated M r = 6;
            double d = 7; float f = 8; bool b = 9; bytes raw = 10; Color c = 11; map<string, M> named = 12;
            oneof either { uint64 u = 13; string t = 14; }
        }
    "#;

    fn parse(text: &str) -> Result<Vec<u8>, Box<ReadError>> {
        Reader::default().read(&testing::message(PROTO, "M"), text.as_bytes())
    }

    #[test]
    fn braces_and_angle_brackets_comments_and_lists() {
        let bytes = parse("# {\na: 1 m { a: 2 } # <\n l: [1, 2] s: '}<'").unwrap();
        assert_eq!(bytes, b"\x08\x01\x12\x02\x08\x02\x1a\x02}<\x22\x02\x01\x02");
        assert_eq!(parse("m < a: 2 >").unwrap(), b"\x12\x02\x08\x02");
        assert_eq!(parse("m: < a: 2 >;").unwrap(), b"\x12\x02\x08\x02");
        assert_eq!(parse("l: 1, l: [] l: [2]").unwrap(), b"\x22\x02\x01\x02");
        assert_eq!(parse("r [{}, <a: 1>]").unwrap(), b"\x32\x00\x32\x02\x08\x01");
        assert_eq!(parse("").unwrap(), b"");
        assert_eq!(
            parse("any { [type.googleapis.com / M] { a: 1 } }").unwrap(),
            b"\x2a\x1b\x0a\x15type.googleapis.com/M\x12\x02\x08\x01"
        );
        assert_eq!(parse("was_here: [{ x: 1 }] a: 1").unwrap(), b"\x08\x01");
    }

    #[test]
    fn of_the_entries_with_one_key_the_last_counts() {
        let bytes = parse("named { key: 'b' value { a: 1 } } named { value {} } named { key: 'b' }").unwrap();
        assert_eq!(bytes, b"\x62\x04\x0a\x00\x12\x00\x62\x05\x0a\x01b\x12\x00");
    }

    #[test]
    fn numbers_in_every_notation() {
        for (text, same) in [
            ("a: 0x1F", "a: 31"),
            ("a: -017", "a: - 15"),
            ("a: -0x80000000", "a: -2147483648"),
            ("d: .5", "d: 0.5F"),
            ("d: 1.", "d: 1"),
            ("f: 1e99", "f: Infinity"),
            ("f: -1e99f", "f: -inf"),
            ("d: 18446744073709551616", "d: 18446744073709551616.0"),
            ("b: 1", "b: true"),
            ("c: RED", "c: 0x1"),
        ] {
            assert_eq!(parse(text).unwrap(), parse(same).unwrap(), "{text}");
        }
        // A zero that is negative is none that an unset field has.
        assert_eq!(parse("f: -0").unwrap(), b"\x45\0\0\0\x80");
        assert_eq!(parse("f: 0 a: 0 s: '' c: NONE b: f").unwrap(), b"");
        for text in ["a: 1.0", "a: 1f", "a: 08", "d: 012", "d: 0x1", "b: 2", "b: TRUE", "u: -1", "a: 1_0"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn strings_are_put_together_and_escapes_resolved() {
        for (text, bytes) in [
            (
                r#"raw: "a" 'b' # and
                "c""#,
                &b"abc"[..],
            ),
            (r#"raw: "\a\b\f\n\r\t\v\?\\\'\"""#, b"\x07\x08\x0c\n\r\t\x0b?\\'\""),
            (r#"raw: "\341\210\264\xe1\x88\xb4\u1234\U00001234\1\x41z""#, "ሴሴሴሴ\u{1}Az".as_bytes()),
            (r#"raw: "\377""#, b"\xff"),
        ] {
            let length = u8::try_from(bytes.len()).unwrap();
            assert_eq!(parse(text).unwrap(), [&[0x52, length], bytes].concat(), "{text}");
        }
        for text in [r"'\q'", r"'\400'", r"'\x'", r"'\ud83d\ude01'", r"'\U00110000'", "'a\nb'", "'a", r"'\"] {
            assert!(parse(&format!("raw: {text}")).is_err(), "{text}");
        }
        assert!(parse(r"s: '\xff'").is_err());
    }

    #[test]
    fn errors_say_where() {
        for (text, error) in [
            ("a: 1\n  nme: 2", r#"line 2 column 3: unknown field "nme" of M, did you mean "named"?"#),
            ("a: 1\nm { a: x }", "m.a at line 2 column 8: expected int32 (a whole number), found x"),
            ("a: 1\nm {", "m at line 2 column 4: expected a field's name or '}', found the end of the input"),
            (
                "a: 99999999999",
                "a at line 1 column 4: 99999999999 is out of range: int32 goes from -2147483648 to 2147483647",
            ),
            ("s: 1 a: 2 a: 3", "s at line 1 column 4: expected string (in quotes), found 1"),
            ("a: 2 a: 3", r#"line 1 column 6: "a" is given twice, first at line 1 column 1"#),
            (
                "u: 2 t: ''",
                r#"line 1 column 6: only one member of oneof either can be given, and "u" was given already"#,
            ),
            ("a 1", r#"line 1 column 3: expected ':' or '{', found "1""#),
            ("a: 1,, l: 2", "line 1 column 6: expected a field's name, found ','"),
            ("l: [1, 2,]", "l[2] at line 1 column 10: expected a value, found ']'"),
            ("l: 1 m {} l: [2, x]", "l[2] at line 1 column 18: expected int32 (a whole number), found x"),
            ("r {} r { a: x }", "r[1].a at line 1 column 13: expected int32 (a whole number), found x"),
            ("r {} r { m { a: } }", "r[1].m.a at line 1 column 17: expected a value, found '}'"),
            ("r: [{}] r: [{}, {}, { a: }]", "r[3].a at line 1 column 26: expected a value, found '}'"),
            (
                "named { key: 'a b' value { a: x } }",
                r#"named["a b"].a at line 1 column 31: expected int32 (a whole number), found x"#,
            ),
            (
                "named {} named { key: 1 }",
                "named[1].key at line 1 column 23: expected string (in quotes), found 1",
            ),
            (
                "named {} named { value { a: } }",
                "named[1].value.a at line 1 column 29: expected a value, found '}'",
            ),
            ("c: BLUE", r#"c at line 1 column 4: unknown value "BLUE" of Color, which has "NONE" and "RED""#),
            ("m: 1", "m at line 1 column 4: expected M (in braces), found 1"),
            ("any { [x/N] {} }", "any at line 1 column 7: message type N is not known"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), error, "{text}");
        }
        let error = Reader::default().read(&testing::message(PROTO, "M"), b"a: 1\n\xff").unwrap_err();
        assert_eq!(error.to_string(), "line 2 column 1: not valid UTF-8");
    }

    #[test]
    fn nesting_is_refused_before_it_is_parsed() {
        let nested = |depth: usize, open: &str, close: &str| open.repeat(depth) + &close.repeat(depth);
        for (open, close) in [("m{", "}"), ("m<", ">"), ("r:[{", "}]")] {
            assert!(parse(&nested(50, open, close)).is_ok());
            let error = parse(&nested(1_000_000, open, close)).unwrap_err();
            assert!(matches!(error.problem, Problem::TooDeep(_)));
        }
        assert!(parse(&nested(100, "m{", "}")).is_ok());
        assert!(parse(&nested(101, "m{", "}")).is_err());
        // Neither strings nor comments nest anything.
        assert!(parse(&format!("s: \"\\\"{}\" # {}", "{".repeat(1000), "<".repeat(1000))).is_ok());
    }
}
