//! Printing the text format: fields in declaration order, map entries sorted by key, `Any` expanded, unknown fields
//! kept.
//!
//! It never fails: an `Any` that cannot be expanded is printed as its two fields, and what did not decode becomes a
//! comment and the bytes.

use std::io::Write as _;

use prost_reflect::bytes::{Buf as _, Bytes};
use prost_reflect::prost::encoding::{WireType, decode_varint};
use prost_reflect::{DynamicMessage, Kind, MapKey, ReflectMessage as _, Value};

use crate::chars::is_unsafe;
use crate::message::decode::{Broken, Decoded};
use crate::message::json::{self, Missing, Types};
use crate::message::record::{Record, records};
use crate::schema::fields::place_among_siblings;

/// How many messages may be nested in one, `Any` and unknown fields included.
const DEPTH: usize = 100;

/// Appends `decoded` to `out`: one line a field when `pretty`, all on one line otherwise; without a line break at
/// its end.
pub fn print(decoded: &Decoded, types: &dyn Types, pretty: bool, out: &mut Vec<u8>) -> Missing {
    let mut printer = Printer { out, pretty, indent: 0, types, missing: Missing::default(), fresh: true };
    printer.fields(&decoded.message, 0);
    for part in &decoded.broken {
        printer.broken(part);
    }
    printer.missing
}

struct Printer<'p> {
    out: &'p mut Vec<u8>,
    pretty: bool,
    indent: usize,
    types: &'p dyn Types,
    missing: Missing,
    /// Nothing has been printed since the last bracket.
    fresh: bool,
}

impl Printer<'_> {
    fn fields(&mut self, message: &DynamicMessage, depth: usize) {
        if let Some((url, inner)) = self.unpack(message, depth) {
            self.name(&format!("[{url}]"));
            return self.message(&inner, depth + 1);
        }
        let mut fields: Vec<_> = message.fields().collect();
        fields.sort_by_key(|(field, _)| place_among_siblings(field.path()));
        for (field, value) in fields {
            let kind = field.kind();
            match &kind {
                // A group goes by its type's name.
                Kind::Message(group) if field.is_group() => self.field(group.name(), value, &kind, depth),
                _ => self.field(field.name(), value, &kind, depth),
            }
        }
        for (extension, value) in message.extensions() {
            self.field(&format!("[{}]", extension.full_name()), value, &extension.kind(), depth);
        }
        let mut unknown = Vec::new();
        message.unknown_fields().for_each(|field| field.encode(&mut unknown));
        for record in records(unknown.into()).unwrap_or_default() {
            self.record(&record, depth);
        }
    }

    /// The message inside an `Any`, if it can be shown.
    fn unpack(&mut self, message: &DynamicMessage, depth: usize) -> Option<(String, DynamicMessage)> {
        let descriptor = message.descriptor();
        if descriptor.full_name() != "google.protobuf.Any" || depth >= DEPTH {
            return None;
        }
        let url = message.get_field_by_number(1)?.as_str()?.to_owned();
        let bytes = message.get_field_by_number(2)?.as_bytes()?.clone();
        let (domain, name) = url.rsplit_once('/')?;
        // The format has room for no more than these between the brackets.
        if !json::is_full_name(domain) || !json::is_full_name(name) {
            return None;
        }
        let known = self.types.message(name).or_else(|| descriptor.parent_pool().get_message_by_name(name));
        let Some(known) = known else {
            if !self.missing.0.iter().any(|missing| missing == name) {
                self.missing.0.push(name.to_owned());
            }
            return None;
        };
        let inner = DynamicMessage::decode(known, bytes).ok()?;
        Some((url, inner))
    }

    fn field(&mut self, name: &str, value: &Value, kind: &Kind, depth: usize) {
        match value {
            Value::List(values) => {
                for value in values {
                    self.field(name, value, kind, depth);
                }
            }
            Value::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_unstable_by_key(|&(key, _)| key);
                let kind = kind.as_message().map(|entry| entry.map_entry_value_field().kind());
                for (key, value) in entries {
                    self.name(name);
                    self.open();
                    self.name("key");
                    self.map_key(key);
                    self.field("value", value, kind.as_ref().unwrap_or(&Kind::Bytes), depth + 1);
                    self.close();
                }
            }
            Value::Message(message) => {
                self.name(name);
                self.message(message, depth + 1);
            }
            scalar => {
                self.name(name);
                self.scalar(scalar, kind);
            }
        }
    }

    fn message(&mut self, message: &DynamicMessage, depth: usize) {
        self.open();
        if depth > DEPTH {
            self.comment(&format!("nested more than {DEPTH} messages deep"));
        } else {
            self.fields(message, depth);
        }
        self.close();
    }

    fn map_key(&mut self, key: &MapKey) {
        self.scalar(&key.clone().into(), &Kind::String);
    }

    fn scalar(&mut self, value: &Value, kind: &Kind) {
        self.colon();
        match value {
            Value::Bool(value) => self.display(value),
            Value::I32(value) => self.display(value),
            Value::I64(value) => self.display(value),
            Value::U32(value) => self.display(value),
            Value::U64(value) => self.display(value),
            Value::F32(value) if value.is_finite() => json::float(self.out, *value),
            Value::F64(value) if value.is_finite() => json::double(self.out, *value),
            Value::F32(value) => self.infinite(f64::from(*value)),
            Value::F64(value) => self.infinite(*value),
            Value::String(text) => self.quoted(text.as_bytes()),
            Value::Bytes(bytes) => self.quoted(bytes),
            Value::EnumNumber(number) => match kind {
                Kind::Enum(names) => match names.get_value(*number) {
                    Some(value) => self.word(value.name()),
                    None => self.display(number),
                },
                _ => self.display(number),
            },
            Value::Message(_) | Value::List(_) | Value::Map(_) => {}
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
    fn record(&mut self, record: &Record, depth: usize) {
        self.name(&record.number.to_string());
        let mut content = record.content.clone();
        match record.wire_type {
            WireType::Varint => {
                self.colon();
                self.display(decode_varint(&mut content).unwrap_or_default());
            }
            WireType::ThirtyTwoBit => {
                self.colon();
                self.display(format_args!("0x{:08x}", content.try_get_u32_le().unwrap_or_default()));
            }
            WireType::SixtyFourBit => {
                self.colon();
                self.display(format_args!("0x{:016x}", content.try_get_u64_le().unwrap_or_default()));
            }
            WireType::LengthDelimited | WireType::StartGroup | WireType::EndGroup => {
                if let Some(inner) = nested(&content, depth) {
                    self.open();
                    for record in &inner {
                        self.record(record, depth + 1);
                    }
                    self.close();
                } else {
                    self.colon();
                    self.quoted(&content);
                }
            }
        }
    }

    /// A part that did not decode, under the number of its field, as its bytes.
    fn broken(&mut self, part: &Broken) {
        self.comment(&part.error.to_string());
        self.name(&part.number.unwrap_or_default().to_string());
        self.colon();
        self.quoted(&part.bytes);
    }

    fn comment(&mut self, text: &str) {
        // A comment runs to the end of its line, so on one line there is no room for it.
        if self.pretty {
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
        if self.pretty && (self.indent > 0 || !self.fresh) {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.indent, b' ');
        } else if !self.fresh {
            self.out.push(b' ');
        }
        self.fresh = false;
    }

    fn open(&mut self) {
        self.out.extend_from_slice(if self.pretty { b" {" } else { b"{" });
        self.indent += 1;
        self.fresh = true;
    }

    fn close(&mut self) {
        self.indent = self.indent.saturating_sub(1);
        if self.pretty && !self.fresh {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.indent, b' ');
        }
        self.fresh = false;
        self.out.push(b'}');
    }

    fn colon(&mut self) {
        self.out.extend_from_slice(if self.pretty { b": " } else { b":" });
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
fn nested(bytes: &Bytes, depth: usize) -> Option<Vec<Record>> {
    let text = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(char::is_control));
    if text || depth >= DEPTH { None } else { records(bytes.clone()) }
}
