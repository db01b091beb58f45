//! What in a message is not what its type says, and where: for whoever has to find out why.
//!
//! A message is looked at as the printers do, so that what they show a placeholder for has its cause here, whatever it is
//! printed as.

use std::collections::BTreeSet;
use std::fmt;

use prost_reflect::MessageDescriptor;

use super::bytes::{
    Contents, DEPTH, Entries, Field, Key, Kind, Layout, Layouts, Malformed, Parts, Raw, Scalar, Shape,
    elements, entries, int32, value,
};
use super::json::{self, Types};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The first things that are wrong.
    pub problems: Vec<Problem>,
    /// How many there are in all.
    pub count: usize,
    /// What the types do not have, a type each.
    pub unknown: Vec<Unknown>,
    /// What closed enums do not have, a field each.
    pub unlisted: Vec<Unlisted>,
}

/// Something that is not what the type says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in the message, as its fields are named in the schema; nothing for the message itself.
    pub path: String,
    /// Where in the bytes.
    pub offset: usize,
    /// What is wrong.
    pub what: String,
}

/// Fields that a type does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The type's full name.
    pub message: String,
    /// How many fields.
    pub fields: usize,
    /// How many bytes they take.
    pub bytes: usize,
    /// Their numbers.
    pub numbers: Few<u32>,
}

/// Values of a field that its closed enum does not have: JSON does not show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// The field's full name.
    pub field: String,
    /// The enum's.
    pub of: String,
    /// How many values.
    pub count: usize,
    /// Their numbers.
    pub numbers: Few<i32>,
}

/// How many problems are told, and how many numbers.
const FEW: usize = 8;

/// Numbers, each once, the first of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Few<T> {
    numbers: BTreeSet<T>,
    /// Whether there are more than these.
    more: bool,
}

impl<T: Ord> Few<T> {
    fn insert(&mut self, number: T) {
        if self.numbers.len() < FEW {
            self.numbers.insert(number);
        } else {
            self.more |= !self.numbers.contains(&number);
        }
    }
}

impl<T: fmt::Display> fmt::Display for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.numbers.iter().enumerate() {
            write!(f, "{}{number}", if index > 0 { ", " } else { "" })?;
        }
        if self.more { f.write_str(", …") } else { Ok(()) }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fields, be) = if self.fields == 1 { ("field", "is") } else { ("fields", "are") };
        let bytes = if self.bytes == 1 { "byte" } else { "bytes" };
        let Self { message, numbers, .. } = self;
        write!(f, "{} {fields} ({} {bytes}) {be} not in {message}: {numbers}", self.fields, self.bytes)
    }
}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, of, count, numbers } = self;
        let (values, be) = if *count == 1 { ("value", "is") } else { ("values", "are") };
        write!(f, "{count} {values} of {field} {be} not in {of}: {numbers}")
    }
}

/// Looks at messages. Keep one for a whole stream: it remembers the types it has seen.
#[derive(Default)]
pub struct Surveyor {
    layouts: Layouts,
    /// Whether strings may be of any bytes where the type lets them: the text format can show those.
    any_strings: bool,
}

impl Surveyor {
    /// Looks for what can't be printed in the text format; the default is what can't be printed as JSON.
    pub fn of_text() -> Self {
        Self { any_strings: true, ..Self::default() }
    }

    /// Looks at the message of a type that bytes are.
    pub fn survey(&self, descriptor: &MessageDescriptor, bytes: &[u8], types: &dyn Types) -> Survey {
        let mut run = Run {
            layouts: &self.layouts,
            any_strings: self.any_strings,
            types,
            whole: bytes.as_ptr_range(),
            path: Vec::new(),
            found: Survey::default(),
        };
        run.message(&self.layouts.of(descriptor), &Parts::One(bytes), 0);
        run.found.problems.sort_by_key(|problem| problem.offset);
        run.found
    }

    /// Whether bytes are a message of a type, and nothing else.
    pub fn fits(&self, descriptor: &MessageDescriptor, bytes: &[u8], types: &dyn Types) -> bool {
        self.survey(descriptor, bytes, types) == Survey::default()
    }
}

struct Run<'r> {
    layouts: &'r Layouts,
    any_strings: bool,
    types: &'r dyn Types,
    whole: std::ops::Range<*const u8>,
    path: Vec<String>,
    found: Survey,
}

impl Run<'_> {
    fn wrong(&mut self, field: Option<&str>, bytes: &[u8], what: impl fmt::Display) {
        self.found.count += 1;
        if self.found.problems.len() < FEW {
            let path: Vec<&str> = self.path.iter().map(String::as_str).chain(field).collect();
            let offset = bytes.as_ptr().addr().saturating_sub(self.whole.start.addr());
            self.found.problems.push(Problem { path: path.join("."), offset, what: what.to_string() });
        }
    }

    fn unknown(&mut self, layout: &Layout, number: u32, bytes: usize) {
        let name = layout.descriptor.full_name();
        let found = &mut self.found.unknown;
        let at = found.iter().position(|unknown| unknown.message == name).unwrap_or_else(|| {
            let message = name.to_owned();
            found.push(Unknown { message, fields: 0, bytes: 0, numbers: Few::default() });
            found.len() - 1
        });
        let Some(unknown) = found.get_mut(at) else { return };
        unknown.fields += 1;
        unknown.bytes += bytes;
        unknown.numbers.insert(number);
    }

    fn unlisted(&mut self, field: &Field, number: i32) {
        let Kind::Enum(values) = &field.kind else { return };
        let name = field.full_name();
        let found = &mut self.found.unlisted;
        let at = found.iter().position(|unlisted| unlisted.field == name).unwrap_or_else(|| {
            let of = values.descriptor.full_name().to_owned();
            found.push(Unlisted { field: name.to_owned(), of, count: 0, numbers: Few::default() });
            found.len() - 1
        });
        let Some(unlisted) = found.get_mut(at) else { return };
        unlisted.count += 1;
        unlisted.numbers.insert(number);
    }

    fn message(&mut self, layout: &Layout, parts: &Parts<'_>, depth: usize) {
        let first = parts.pieces().first().copied().unwrap_or_default();
        if depth > DEPTH {
            return self.wrong(None, first, Malformed::TooDeep);
        }
        let contents = Contents::of(layout, parts);
        for part in &contents.unknown {
            match (part.misfit, layout.by_number(part.record.number)) {
                (true, field) => {
                    let expected = field.map(|field| field.place().to_string()).unwrap_or_default();
                    let what = format!("{}, which {expected} has not", wire_type(part.record.raw));
                    self.wrong(field.map(Field::name), part.record.whole, what);
                }
                (false, None) => self.unknown(layout, part.record.number, part.record.whole.len()),
                (false, Some(field)) => {
                    if let Raw::Varint(number) = part.record.raw {
                        self.unlisted(field, int32(number));
                    }
                }
            }
        }
        for part in &contents.broken {
            let name = part.number.map(|number| match layout.by_number(number) {
                Some(field) => field.name().to_owned(),
                None => format!("field {number}"),
            });
            self.wrong(name.as_deref(), part.bytes, part.error);
        }
        if let Some(known) = layout.well_known.filter(|_| contents.is_whole()) {
            match json::fault(known, layout, &contents) {
                Some(fault) => self.wrong(None, first, fault),
                None if known == json::WellKnown::Any => return self.any(layout, &contents, first, depth),
                None => {}
            }
        }
        for (index, set) in contents.fields() {
            if let Some(field) = layout.field(index) {
                self.field(field, set, depth);
            }
        }
    }

    fn field(&mut self, field: &Field, set: &[(u32, Raw<'_>)], depth: usize) {
        let name = field.name().to_owned();
        match field.shape {
            Shape::Single => self.single(name, field, set, depth),
            Shape::List { .. } => {
                let all = set.iter().flat_map(|(_, raw)| elements(&field.kind, *raw));
                for (index, element) in all.enumerate() {
                    let name = format!("{name}[{index}]");
                    match element {
                        Ok(raw) => self.single(name, field, &[(0, raw)], depth),
                        Err((error, bytes)) => self.wrong(Some(&name), bytes, error),
                    }
                }
            }
            Shape::Map(key) => {
                let Entries { known, unknown, broken } = entries(field, key, set);
                for (_, number) in unknown {
                    self.unlisted(field, number);
                }
                for part in broken {
                    self.wrong(Some(&name), part.bytes, format_args!("an entry: {}", part.error));
                }
                for (key, set) in known {
                    let name = match key {
                        Key::Text(key) => format!("{name}[{key:?}]"),
                        Key::Bool(key) => format!("{name}[{key}]"),
                        Key::Signed(key) => format!("{name}[{key}]"),
                        Key::Unsigned(key) => format!("{name}[{key}]"),
                    };
                    self.single(name, field, &set, depth);
                }
            }
        }
    }

    fn single(&mut self, name: String, field: &Field, set: &[(u32, Raw<'_>)], depth: usize) {
        match (&field.kind, set.last()) {
            (Kind::Message(link), _) => {
                let layout = self.layouts.behind(link);
                self.path.push(name);
                self.message(&layout, &Parts::of(set), depth + 1);
                self.path.pop();
            }
            (Kind::Scalar(Scalar::String), _) if self.any_strings && !field.utf8 => {}
            (Kind::Enum(values), Some((_, Raw::Varint(number)))) => {
                if !values.takes(int32(*number)) {
                    self.unlisted(field, int32(*number));
                }
            }
            (Kind::Scalar(scalar), Some((_, raw))) => {
                if let Err(error) = value(*scalar, *raw) {
                    self.wrong(Some(&name), raw.content(), error);
                }
            }
            (Kind::Enum(_) | Kind::Scalar(_), _) => {}
        }
    }

    /// The message inside an `Any`.
    fn any(&mut self, layout: &Layout, any: &Contents<'_>, first: &[u8], depth: usize) {
        let content = |number| any.get(layout, number).last().map_or(&b""[..], |(_, raw)| raw.content());
        let (url, bytes) = (content(1), content(2));
        if url.is_empty() && bytes.is_empty() {
            return;
        }
        match json::any_layout(self.types, self.layouts, layout, url, depth) {
            Ok(inner) => {
                let name = inner.descriptor.full_name();
                self.path.push(format!("[{name}]"));
                self.message(&inner, &Parts::One(bytes), depth + 1);
                self.path.pop();
            }
            Err((_, error)) => self.wrong(None, first, error),
        }
    }
}

/// What stands there, by its wire type.
fn wire_type(raw: Raw<'_>) -> &'static str {
    match raw {
        Raw::Varint(_) => "a varint",
        Raw::Fixed32(_) => "four bytes",
        Raw::Fixed64(_) => "eight bytes",
        Raw::Length(_) => "a length and bytes",
        Raw::Group(_) => "a group",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing;

    struct Nobody;

    impl Types for Nobody {
        fn message(&self, _: &str) -> Option<MessageDescriptor> {
            None
        }
    }

    const PROTO: &str = r#"
        syntax = "proto3";
        import "google/protobuf/any.proto";
        import "google/protobuf/timestamp.proto";
        message M {
          string s = 1; repeated string l = 2; M m = 3; map<string, M> map = 4; repeated sint32 p = 5;
          google.protobuf.Any any = 6; google.protobuf.Timestamp at = 7;
        }
    "#;

    fn survey(bytes: &[u8]) -> Survey {
        let descriptor = testing::message(PROTO, "M");
        let found = Surveyor::default().survey(&descriptor, bytes, &Nobody);
        // What is shown in place of values and what is told of them are the same things.
        let shown = json::Printer::default().print(&descriptor, bytes, &Nobody, &mut Vec::new());
        assert_eq!(found.count, shown.placeholders, "{}", bytes.escape_ascii());
        found
    }

    #[test]
    fn what_is_wrong_has_a_path_an_offset_and_a_cause() {
        for (bytes, path, offset, what) in [
            (&b"\x0a\x01\xff"[..], "s", 2, "a string that is not valid UTF-8"),
            (b"\x12\x01a\x12\x01\xff", "l[1]", 5, "a string that is not valid UTF-8"),
            (b"\x1a\x03\x0a\x01\xff", "m.s", 4, "a string that is not valid UTF-8"),
            (b"\x22\x08\x0a\x01k\x12\x03\x0a\x01\xff", "map[\"k\"].s", 9, "a string that is not valid UTF-8"),
            (b"\x22\x03\x0a\x01\xff", "map", 2, "an entry: a string that is not valid UTF-8"),
            (b"\x2a\x02\x02\x80", "p[1]", 3, "it ends in the middle of a field"),
            (b"\x08\x01", "s", 0, "a varint, which string has not"),
            (b"\x1a\x02\x0a\x05", "m.s", 2, "it ends in the middle of a field"),
            (b"\x3a\x02\x10\x05\x0a\x05", "s", 4, "it ends in the middle of a field"),
            (b"\x07", "", 0, "a field number that no field can have"),
            (b"\x32\x05\x0a\x03a/B", "any", 2, "message type B is not known"),
        ] {
            let found = survey(bytes);
            let problem = Problem { path: path.to_owned(), offset, what: what.to_owned() };
            assert_eq!((found.problems, found.count), (vec![problem], 1), "{}", bytes.escape_ascii());
        }
        let late = survey(b"\x3a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00").problems;
        assert!(late[0].path == "at" && late[0].offset == 2, "{late:?}");
    }

    #[test]
    fn what_a_type_does_not_have_is_counted() {
        assert_eq!(survey(b"\x0a\x01a").unknown, []);
        let found = survey(b"\x58\x01\x52\x02ab\x58\x02\x1a\x03\x8a\x01\x00");
        let told: Vec<String> = found.unknown.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["4 fields (11 bytes) are not in M: 10, 11, 17"]);
        assert_eq!(found.count, 0);
        let many: Vec<u8> = (10..15_u8).flat_map(|number| [number << 3, 1]).collect();
        let many = [many, (16..30_u8).flat_map(|n| [0x80 | n << 3, n >> 4, 1]).collect()].concat();
        let told = survey(&many).unknown[0].to_string();
        assert_eq!(told, "19 fields (52 bytes) are not in M: 10, 11, 12, 13, 14, 16, 17, 18, …");
    }

    const CLOSED: &str = r#"
        syntax = "proto2";
        enum E { ONE = 1; }
        message M {
          optional E e = 1; repeated E l = 2; repeated E p = 3 [packed = true]; map<string, E> map = 4; optional string s = 5;
        }
    "#;

    #[test]
    fn what_a_closed_enum_does_not_have_is_told_and_leaves_no_trace_in_json() {
        let descriptor = testing::message(CLOSED, "M");
        let told = |bytes: &[u8]| {
            let found = Surveyor::default().survey(&descriptor, bytes, &Nobody);
            let mut json = Vec::new();
            json::Printer::default().print(&descriptor, bytes, &Nobody, &mut json);
            let told: Vec<String> = found.unlisted.iter().map(ToString::to_string).collect();
            (told.join("; "), String::from_utf8(json).unwrap(), found.count)
        };
        for (bytes, unlisted, json) in [
            (&b"\x08\x01"[..], "", r#"{"e":"ONE"}"#),
            (b"\x08\x07", "1 value of M.e is not in E: 7", "{}"),
            (b"\x10\x07\x10\x01\x10\x09", "2 values of M.l are not in E: 7, 9", r#"{"l":["ONE"]}"#),
            (b"\x1a\x02\x07\x08", "2 values of M.p are not in E: 7, 8", "{}"),
            (b"\x22\x05\x0a\x01k\x10\x07", "1 value of M.map is not in E: 7", "{}"),
        ] {
            let expected = (unlisted.to_owned(), json.to_owned(), 0);
            assert_eq!(told(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_string_of_any_bytes_is_wrong_where_it_can_not_be_shown() {
        let descriptor = testing::message(CLOSED, "M");
        let count = |surveyor: Surveyor| surveyor.survey(&descriptor, b"\x2a\x01\xff", &Nobody).count;
        assert_eq!((count(Surveyor::default()), count(Surveyor::of_text())), (1, 0));
        let checked = testing::message(PROTO, "M");
        assert_eq!(Surveyor::of_text().survey(&checked, b"\x0a\x01\xff", &Nobody).count, 1);
    }

    #[test]
    fn whatever_is_damaged_is_told_where_it_is_shown() {
        let descriptor = testing::message(PROTO, "M");
        let whole = b"\x0a\x02ab\x12\x01c\x1a\x07\x0a\x01d\x2a\x02\x01\x02\x22\x08\x0a\x01k\x12\x03\x0a\x01v\
            \x2a\x03\x02\x80\x01\x32\x0a\x0a\x03x/M\x12\x03\x0a\x01w\x3a\x04\x08\x05\x10\x07";
        let (surveyor, printer) = (Surveyor::default(), json::Printer::default());
        let mut wrong = 0;
        for at in 0..whole.len() {
            for byte in 0..=u8::MAX {
                let mut bytes = whole.to_vec();
                bytes[at] = byte;
                let found = surveyor.survey(&descriptor, &bytes, &Nobody);
                let shown = printer.print(&descriptor, &bytes, &Nobody, &mut Vec::new()).placeholders;
                assert_eq!(found.count > 0, shown > 0, "{} {found:?}", bytes.escape_ascii());
                assert!(found.problems.iter().all(|problem| problem.offset <= bytes.len()));
                wrong += found.count.min(1);
            }
        }
        assert!(wrong > 1000, "{wrong}");
    }

    #[test]
    fn of_many_problems_the_first_are_told() {
        let found = survey(&b"\x12\x01\xff".repeat(100));
        assert_eq!((found.count, found.problems.len()), (100, FEW));
    }
}
