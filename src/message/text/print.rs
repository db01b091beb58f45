//! Printing the text format: fields in declaration order, map entries sorted by key, `Any` expanded, unknown fields
//! kept.
//!
//! It never fails: an `Any` that cannot be expanded is printed as its two fields, and what did not decode becomes a
//! comment and the bytes.

use std::io::Write as _;

use prost_reflect::MessageDescriptor;

use crate::chars::is_unsafe;
use crate::message::bytes::{
    Broken, Contents, DEPTH, Entries, Enumeration, Field, Key, Kind, Layout, Layouts, Malformed, Parts, Raw,
    Record, Records, Scalar, Shape, Slot, Value, elements, entries, int32, printed_name, value,
};
use crate::message::json::{self, Missing, Types};

/// Prints messages as text. Keep one for a whole stream: it remembers the types it has seen.
#[derive(Default)]
pub struct Printer {
    layouts: Layouts,
    style: Style,
}

/// What the text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// One line a field, rather than all on one line.
    pub pretty: bool,
    /// Print the fields that the type does not have, under their numbers.
    pub unknown: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { pretty: true, unknown: true }
    }
}

impl Printer {
    /// A printer of one style.
    pub fn new(style: Style) -> Self {
        Self { layouts: Layouts::default(), style }
    }

    /// Appends the message of type `descriptor` that `bytes` are to `out`, without a line break at its end.
    pub fn print(
        &self,
        descriptor: &MessageDescriptor,
        bytes: &[u8],
        types: &dyn Types,
        out: &mut Vec<u8>,
    ) -> Missing {
        let mut run = Run {
            out,
            style: self.style,
            layouts: &self.layouts,
            indent: 0,
            types,
            missing: Missing::default(),
            fresh: true,
        };
        run.fields(&self.layouts.of(descriptor), &Parts::One(bytes), 0);
        run.missing
    }
}

/// One message being printed.
struct Run<'p> {
    out: &'p mut Vec<u8>,
    style: Style,
    layouts: &'p Layouts,
    indent: usize,
    types: &'p dyn Types,
    missing: Missing,
    /// Nothing has been printed since the last bracket.
    fresh: bool,
}

impl Run<'_> {
    fn fields(&mut self, layout: &Layout, parts: &Parts<'_>, depth: usize) {
        let contents = Contents::of(layout, parts);
        if self.expanded(layout, &contents, depth) {
            return;
        }
        for (index, set) in contents.fields() {
            if let Some(field) = layout.field(index) {
                self.field(field, set, depth);
            }
        }
        if self.style.unknown {
            contents.unknown.iter().for_each(|unknown| self.record(&unknown.record, depth));
        }
        for part in &contents.broken {
            self.broken(part);
        }
    }

    /// Prints the message inside an `Any`, if it can be shown.
    fn expanded(&mut self, layout: &Layout, any: &Contents<'_>, depth: usize) -> bool {
        if layout.descriptor.full_name() != "google.protobuf.Any" || depth >= DEPTH || !any.is_whole() {
            return false;
        }
        let content = |number| any.get(layout, number).last().map_or(&b""[..], |(_, raw)| raw.content());
        let Some((url, (domain, name))) =
            std::str::from_utf8(content(1)).ok().and_then(|url| Some((url, url.rsplit_once('/')?)))
        else {
            return false;
        };
        // The format has room for no more than these between the brackets.
        if !json::is_full_name(domain) || !json::is_full_name(name) {
            return false;
        }
        let known =
            self.types.message(name).or_else(|| layout.descriptor.parent_pool().get_message_by_name(name));
        let Some(known) = known else {
            self.missing.wants(name);
            return false;
        };
        self.name(&format!("[{url}]"));
        self.message(&self.layouts.of(&known), &Parts::One(content(2)), depth + 1);
        true
    }

    fn field(&mut self, field: &Field, set: &[(u32, Raw<'_>)], depth: usize) {
        let name = match &field.slot {
            Slot::Field(declared) if field.is_group_like() => {
                // A group goes by its type's name.
                declared.kind().as_message().map_or(declared.name(), |group| group.name()).to_owned()
            }
            Slot::Field(declared) => declared.name().to_owned(),
            Slot::Extension(extension) => format!("[{}]", printed_name(extension)),
        };
        match field.shape {
            Shape::Single => self.single(&name, field, set, depth),
            Shape::List { .. } => {
                for element in set.iter().flat_map(|(_, raw)| elements(&field.kind, *raw)) {
                    match (&field.kind, element) {
                        (Kind::Enum(values), Ok(Raw::Varint(number))) if !values.takes(int32(number)) => {
                            if self.style.unknown {
                                self.name(&field.number.to_string());
                                self.colon();
                                self.display(number);
                            }
                        }
                        (_, Ok(raw)) => self.single(&name, field, &[(0, raw)], depth),
                        (_, Err((error, bytes))) => {
                            self.broken(&Broken { number: Some(field.number), error, bytes });
                        }
                    }
                }
            }
            Shape::Map(key) => {
                let Entries { known, unknown, broken } = entries(field, key, set);
                for (key, set) in known {
                    self.name(&name);
                    self.open();
                    self.name("key");
                    self.key(key);
                    self.single("value", field, &set, depth + 1);
                    self.close();
                }
                for part in &broken {
                    self.broken(part);
                }
                let shown = if self.style.unknown { unknown } else { Vec::new() };
                for (bytes, number) in shown {
                    self.comment(&format!("an entry whose value is {number}, which its enum has not"));
                    self.name(&field.number.to_string());
                    self.colon();
                    self.quoted(bytes);
                }
            }
        }
    }

    /// A value, which is the last that came, or a message, of which every piece counts.
    fn single(&mut self, name: &str, field: &Field, set: &[(u32, Raw<'_>)], depth: usize) {
        if let (Kind::Scalar(Scalar::String), true, Some((_, raw))) = (&field.kind, field.utf8, set.last())
            && let Err(error) = value(Scalar::String, *raw)
        {
            return self.broken(&Broken { number: Some(field.number), error, bytes: raw.content() });
        }
        self.name(name);
        match (&field.kind, set.last()) {
            (Kind::Message(link), _) => {
                self.message(&self.layouts.behind(link), &Parts::of(set), depth + 1);
            }
            (Kind::Enum(values), Some((_, Raw::Varint(number)))) => self.enum_value(values, int32(*number)),
            (Kind::Enum(values), _) => self.enum_value(values, values.first()),
            (Kind::Scalar(scalar), Some((_, raw))) => self.scalar(*scalar, *raw),
            (Kind::Scalar(Scalar::String | Scalar::Bytes), None) => {
                self.colon();
                self.quoted(b"");
            }
            (Kind::Scalar(scalar), None) => {
                self.colon();
                self.display(if *scalar == Scalar::Bool { "false" } else { "0" });
            }
        }
    }

    fn message(&mut self, layout: &Layout, parts: &Parts<'_>, depth: usize) {
        self.open();
        if depth > DEPTH {
            self.missing.placeholders += 1;
            self.comment(&Malformed::TooDeep.to_string());
        } else {
            self.fields(layout, parts, depth);
        }
        self.close();
    }

    fn key(&mut self, key: Key<'_>) {
        self.colon();
        match key {
            Key::Bool(key) => self.display(key),
            Key::Signed(key) => self.display(key),
            Key::Unsigned(key) => self.display(key),
            Key::Text(key) => self.quoted(key.as_bytes()),
        }
    }

    fn enum_value(&mut self, values: &Enumeration, number: i32) {
        self.colon();
        match values.descriptor.get_value(number) {
            Some(value) => self.word(value.name()),
            None => self.display(number),
        }
    }

    fn scalar(&mut self, scalar: Scalar, raw: Raw<'_>) {
        self.colon();
        // Octal escapes show strings that are not UTF-8.
        let scalar = if scalar == Scalar::String { Scalar::Bytes } else { scalar };
        match value(scalar, raw) {
            Ok(Value::Bool(value)) => self.display(value),
            Ok(Value::I32(value)) => self.display(value),
            Ok(Value::I64(value)) => self.display(value),
            Ok(Value::U32(value)) => self.display(value),
            Ok(Value::U64(value)) => self.display(value),
            Ok(Value::F32(value)) if value.is_finite() => json::float(self.out, value),
            Ok(Value::F64(value)) if value.is_finite() => json::double(self.out, value),
            Ok(Value::F32(value)) => self.infinite(value.into()),
            Ok(Value::F64(value)) => self.infinite(value),
            Ok(Value::Text(text)) => self.quoted(text.as_bytes()),
            Ok(Value::Bytes(bytes)) => self.quoted(bytes),
            // The contents have no other wire types.
            Err(_) => self.quoted(raw.content()),
        }
    }

    fn infinite(&mut self, value: f64) {
        self.display(if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        });
    }

    /// An unknown field. One with a length may be text, bytes or a message, and is shown as a message if it reads as
    /// one.
    fn record(&mut self, record: &Record<'_>, depth: usize) {
        self.name(&record.number.to_string());
        match record.raw {
            Raw::Varint(value) => {
                self.colon();
                self.display(value);
            }
            Raw::Fixed32(value) => {
                self.colon();
                self.display(format_args!("0x{value:08x}"));
            }
            Raw::Fixed64(value) => {
                self.colon();
                self.display(format_args!("0x{value:016x}"));
            }
            Raw::Length(content) | Raw::Group(content) => {
                let is_group = matches!(record.raw, Raw::Group(_));
                if let Some(inner) = nested(content, is_group, depth) {
                    self.open();
                    for record in &inner {
                        self.record(record, depth + 1);
                    }
                    self.close();
                } else {
                    self.colon();
                    self.quoted(content);
                }
            }
        }
    }

    /// A part that did not decode, under the number of its field, as its bytes.
    fn broken(&mut self, part: &Broken<'_>) {
        self.missing.placeholders += 1;
        self.comment(&part.error.to_string());
        self.name(&part.number.unwrap_or_default().to_string());
        self.colon();
        self.quoted(part.bytes);
    }

    fn comment(&mut self, text: &str) {
        // A comment runs to the end of its line, so on one line there is no room for it.
        if self.style.pretty {
            self.separate();
            self.out.extend_from_slice(b"# ");
            self.out.extend(text.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
        }
    }

    fn name(&mut self, name: &str) {
        self.separate();
        self.word(name);
    }

    /// A name out of a schema, which nobody checks to be one: what a terminal would act on is left out.
    fn word(&mut self, word: &str) {
        for c in word.chars().filter(|&c| !is_unsafe(c)) {
            self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn separate(&mut self) {
        if self.style.pretty && (self.indent > 0 || !self.fresh) {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.indent, b' ');
        } else if !self.fresh {
            self.out.push(b' ');
        }
        self.fresh = false;
    }

    fn open(&mut self) {
        self.out.extend_from_slice(if self.style.pretty { b" {" } else { b"{" });
        self.indent += 1;
        self.fresh = true;
    }

    fn close(&mut self) {
        self.indent = self.indent.saturating_sub(1);
        if self.style.pretty && !self.fresh {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.indent, b' ');
        }
        self.fresh = false;
        self.out.push(b'}');
    }

    fn colon(&mut self) {
        self.out.extend_from_slice(if self.style.pretty { b": " } else { b":" });
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        let _ = write!(self.out, "{value}");
    }

    /// A string as it is where it is visible UTF-8, and octal escapes for every other byte.
    fn quoted(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\n' => self.out.extend_from_slice(b"\\n"),
                    '\r' => self.out.extend_from_slice(b"\\r"),
                    '\t' => self.out.extend_from_slice(b"\\t"),
                    '"' | '\\' => self.display(format_args!("\\{c}")),
                    c if is_unsafe(c) => self.octal(c.encode_utf8(&mut [0; 4]).as_bytes()),
                    c => self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                }
            }
            self.octal(chunk.invalid());
        }
        self.out.push(b'"');
    }

    fn octal(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.display(format_args!("\\{byte:03o}"));
        }
    }
}

/// The fields inside an unknown value that reads as a message, and not as text.
fn nested(bytes: &[u8], is_group: bool, depth: usize) -> Option<Vec<Record<'_>>> {
    let is_text = || std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(char::is_control));
    if depth >= DEPTH || !is_group && is_text() {
        return None;
    }
    Records::new(bytes).collect::<Result<_, _>>().ok()
}
