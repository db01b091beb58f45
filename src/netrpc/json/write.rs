//! A Go value as JSON text, as near to Go's own `encoding/json` as JSON allows.
//!
//! | Go | JSON |
//! |---|---|
//! | integers, `big.Int` | a number with all its digits |
//! | floats | the shortest number that reads back the same; `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | complex | `{"re": 1, "im": 2}` |
//! | strings | a string; `{"@bytes": base64}` if it is not UTF-8 |
//! | `[]byte` | base64 |
//! | maps | an object sorted by key, if the keys are strings, numbers or booleans; else `[[key, value], …]` |
//! | interfaces | what they hold; `{"@type": "main.Point", "value": …}` if its type is not one of Go's own |
//! | `time.Time`, `netip.Addr` … | their texts |
//! | other types that encode themselves | `{"@type": name, "@gob": base64}`, or `@binary`, `@text` |

use std::io::Write as _;

use crate::chars;
use crate::netrpc::gob::{MAX_DEPTH, Marshaler, Value};
use crate::netrpc::standard::{self, Text};

/// How many brackets deep a value is followed. No decoder makes deeper ones: each level is a bracket, and two for a map
/// whose keys are no names.
const DEPTH: usize = 2 * MAX_DEPTH;

/// How many levels are laid out on lines of their own. Indentation grows with the depth, so without an end to it a few
/// bytes of a deep value would become as many blanks as it is deep.
const INDENTED: usize = 16;

/// How JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Lines and indentation, though not to any depth, or one line without spaces.
    pub pretty: bool,
    /// Escape what a terminal would hide; what it would act on is escaped always.
    pub escape_controls: bool,
}

/// Writes `value` after what `out` holds.
pub fn write(out: &mut Vec<u8>, value: &Value, style: Style) {
    Writer::new(out, style).value(value);
}

/// Writes one value after another.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    style: Style,
    depth: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, style: Style) -> Self {
        Self { out, style, depth: 0 }
    }
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Nil => self.raw("null"),
            Value::Bool(true) => self.raw("true"),
            Value::Bool(false) => self.raw("false"),
            Value::Int(number) => self.display(number),
            Value::Uint(number) => self.display(number),
            Value::Float(number) => self.float(*number),
            Value::Complex(re, im) => self.object([("re", *re), ("im", *im)], Self::float),
            Value::Bytes(bytes) => chars::base64(self.out, bytes),
            Value::String(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => self.string(text),
                Err(_) => self.object([("@bytes", bytes)], |this, bytes| chars::base64(this.out, bytes)),
            },
            Value::Opaque { name, marshaler, bytes } => self.opaque(name, *marshaler, bytes),
            _ if self.depth >= DEPTH => self.raw("null"),
            Value::List(items) => self.array(items, Self::value),
            Value::Map(pairs) => self.map(pairs),
            Value::Struct(value) => {
                self.object(value.fields.iter().map(|(name, value)| (&**name, value)), Self::value);
            }
            Value::Interface { name, value } if name.contains('.') => {
                self.open(b'{');
                self.member(true, "@type");
                self.string(name);
                self.member(false, "value");
                self.value(value);
                self.close(b'}', false);
            }
            Value::Interface { value, .. } => {
                self.depth += 1;
                self.value(value);
                self.depth -= 1;
            }
        }
    }

    pub(super) fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn display(&mut self, number: impl std::fmt::Display) {
        // Writing to memory can't fail.
        let _ = write!(self.out, "{number}");
    }

    pub(super) fn string(&mut self, text: &str) {
        chars::quoted(self.out, text, self.style.escape_controls);
    }

    /// The shortest digits, with an exponent where `encoding/json` has one.
    fn float(&mut self, number: f64) {
        let magnitude = number.abs();
        if number.is_nan() {
            self.raw("\"NaN\"");
        } else if number.is_infinite() {
            self.raw(if number > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
        } else if number == 0.0 || (1e-6..1e21).contains(&magnitude) {
            self.display(number);
        } else {
            let text = format!("{number:e}");
            let signed = if magnitude >= 1.0 { text.replace('e', "e+") } else { text };
            self.raw(&signed);
        }
    }

    fn open(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.depth += 1;
    }

    /// Begins an item, the first or one after others.
    fn item(&mut self, first: bool) {
        if !first {
            self.out.push(b',');
        }
        if self.is_on_lines() {
            self.line();
        }
    }

    fn close(&mut self, bracket: u8, empty: bool) {
        let on_lines = self.is_on_lines();
        self.depth = self.depth.saturating_sub(1);
        if on_lines && !empty {
            self.line();
        }
        self.out.push(bracket);
    }

    /// Whether the items of what is open have lines of their own.
    fn is_on_lines(&self) -> bool {
        self.style.pretty && self.depth <= INDENTED
    }

    fn line(&mut self) {
        self.out.push(b'\n');
        self.out.resize(self.out.len() + 2 * self.depth, b' ');
    }

    fn member(&mut self, first: bool, name: &str) {
        self.item(first);
        self.string(name);
        self.raw(if self.is_on_lines() { ": " } else { ":" });
    }

    pub(super) fn array<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.open(b'[');
        let mut empty = true;
        for item in items {
            self.item(empty);
            write(self, item);
            empty = false;
        }
        self.close(b']', empty);
    }

    pub(super) fn object<'n, T>(
        &mut self,
        members: impl IntoIterator<Item = (&'n str, T)>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.open(b'{');
        let mut empty = true;
        for (name, value) in members {
            self.member(empty, name);
            write(self, value);
            empty = false;
        }
        self.close(b'}', empty);
    }

    fn map(&mut self, pairs: &[(Value, Value)]) {
        let keys: Option<Vec<String>> = pairs.iter().map(|(key, _)| key_text(key)).collect();
        let Some(keys) = keys else {
            self.array(pairs, |this, (key, value)| this.array([key, value], Self::value));
            return;
        };
        let mut members: Vec<(&str, &Value)> =
            keys.iter().map(String::as_str).zip(pairs.iter().map(|(_, value)| value)).collect();
        members.sort_by_key(|(key, _)| *key);
        self.object(members, Self::value);
    }

    fn opaque(&mut self, name: &str, marshaler: Marshaler, bytes: &[u8]) {
        let known = match (standard::text(name, marshaler, bytes), marshaler) {
            (None, Marshaler::Text) => {
                std::str::from_utf8(bytes).ok().map(|text| Text::String(text.to_owned()))
            }
            (known, _) => known,
        };
        match known {
            Some(Text::Number(digits)) => self.raw(&digits),
            Some(Text::String(text)) => self.string(&text),
            None => {
                self.open(b'{');
                if !name.is_empty() {
                    self.member(true, "@type");
                    self.string(name);
                }
                let method = match marshaler {
                    Marshaler::Gob => "@gob",
                    Marshaler::Binary => "@binary",
                    Marshaler::Text => "@text",
                };
                self.member(name.is_empty(), method);
                chars::base64(self.out, bytes);
                self.close(b'}', false);
            }
        }
    }
}

/// A map's key as a member's name, if it can be one without being mistaken for another.
fn key_text(key: &Value) -> Option<String> {
    match key {
        Value::String(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Value::Int(number) => Some(number.to_string()),
        Value::Uint(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Float(number) => {
            let mut out = Vec::new();
            Writer { out: &mut out, style: Style::default(), depth: 0 }.float(*number);
            let text = String::from_utf8(out).ok()?;
            Some(text.trim_matches('"').to_owned())
        }
        Value::Opaque { name, marshaler, bytes } => match standard::text(name, *marshaler, bytes)? {
            Text::Number(text) | Text::String(text) => Some(text),
        },
        _ => None,
    }
}
