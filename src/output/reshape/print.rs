//! Values as JSON, as messages are printed: laid out the same, members in order, numbers with their digits.

use jaq_json::{Num, Val};

use crate::chars;
use crate::output::sanitize;

/// Writes one value.
pub(super) struct Printer<'a> {
    out: &'a mut Vec<u8>,
    pretty: bool,
    escape: bool,
    indent: usize,
}

impl<'a> Printer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, pretty: bool, escape: bool) -> Self {
        Self { out, pretty, escape, indent: 0 }
    }

    pub(super) fn value(&mut self, value: &Val) {
        match value {
            Val::Null => self.out.extend_from_slice(b"null"),
            Val::Bool(true) => self.out.extend_from_slice(b"true"),
            Val::Bool(false) => self.out.extend_from_slice(b"false"),
            Val::Num(number) => self.out.extend_from_slice(self::number(number).as_bytes()),
            Val::TStr(text) | Val::BStr(text) => self.string(text),
            Val::Arr(items) => {
                self.all(*b"[]", items.iter(), Self::value);
            }
            Val::Obj(members) => self.all(*b"{}", members.iter(), |printer, (key, value)| {
                match key {
                    Val::TStr(text) | Val::BStr(text) => printer.string(text),
                    // jq's objects have no other keys; a filter may make some all the same.
                    other => {
                        let mut key = Vec::new();
                        Printer::new(&mut key, false, printer.escape).value(other);
                        printer.string(&key);
                    }
                }
                printer.out.extend_from_slice(if printer.pretty { b": " } else { b":" });
                printer.value(value);
            }),
        }
    }

    fn string(&mut self, bytes: &[u8]) {
        chars::quoted(self.out, &String::from_utf8_lossy(bytes), self.escape);
    }

    fn all<T>(
        &mut self,
        [open, close]: [u8; 2],
        items: impl ExactSizeIterator<Item = T>,
        write: impl Fn(&mut Self, T),
    ) {
        self.out.push(open);
        self.indent += 1;
        let empty = items.len() == 0;
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.line();
            write(self, item);
        }
        self.indent -= 1;
        if !empty {
            self.line();
        }
        self.out.push(close);
    }

    fn line(&mut self) {
        if self.pretty {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.indent, b' ');
        }
    }
}

/// A number as JSON has it: whole doubles without a point, and what JSON has no number for as jq does.
pub(super) fn number(number: &Num) -> String {
    match number {
        Num::Int(int) => int.to_string(),
        Num::BigInt(int) => int.to_string(),
        Num::Dec(digits) => digits.to_string(),
        Num::Float(float) if !float.is_finite() => "null".to_owned(),
        Num::Float(float) => {
            let plain = *float == 0.0 || (1e-5..1e17).contains(&float.abs());
            if plain { float.to_string() } else { format!("{float:e}") }
        }
    }
}

/// Writes a string without quotes; false for any other value.
pub(super) fn raw(value: &Val, escape: bool, out: &mut Vec<u8>) -> bool {
    let (Val::TStr(text) | Val::BStr(text)) = value else { return false };
    if escape {
        out.extend_from_slice(sanitize::multiline(&String::from_utf8_lossy(text)).as_bytes());
    } else {
        out.extend_from_slice(text);
    }
    true
}
