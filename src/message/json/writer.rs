//! JSON punctuation: where commas, line breaks and indentation go, pretty or on one line.

use super::number;
use crate::chars;

/// Writes tokens; the caller says when an item begins.
pub struct Writer<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pretty: bool,
    escape: bool,
    indent: usize,
}

/// An object or array being written.
pub struct Open {
    close: u8,
    empty: bool,
}

impl<'a> Writer<'a> {
    /// Writes after what `out` holds. With `escape`, what a terminal may not be shown is escaped.
    pub fn new(out: &'a mut Vec<u8>, pretty: bool, escape: bool) -> Self {
        Self { out, pretty, escape, indent: 0 }
    }

    /// Begins an object.
    pub fn object(&mut self) -> Open {
        self.open(b'{', b'}')
    }

    /// Begins an array.
    pub fn array(&mut self) -> Open {
        self.open(b'[', b']')
    }

    fn open(&mut self, open: u8, close: u8) -> Open {
        self.out.push(open);
        self.indent += 1;
        Open { close, empty: true }
    }

    /// Begins the next item of an object or array.
    pub fn item(&mut self, open: &mut Open) {
        if !open.empty {
            self.out.push(b',');
        }
        open.empty = false;
        self.line();
    }

    /// Ends an object or array.
    pub fn close(&mut self, open: &Open) {
        self.indent = self.indent.saturating_sub(1);
        if !open.empty {
            self.line();
        }
        self.out.push(open.close);
    }

    fn line(&mut self) {
        if self.pretty {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.indent, b' ');
        }
    }

    /// Begins the next member of an object.
    pub fn key(&mut self, open: &mut Open, key: &str) {
        self.item(open);
        self.string(key);
        self.colon();
    }

    /// What stands between a member's name and its value.
    pub fn colon(&mut self) {
        self.raw(if self.pretty { b": " } else { b":" });
    }

    /// A token as it is.
    pub fn raw(&mut self, token: &[u8]) {
        self.out.extend_from_slice(token);
    }

    /// A string.
    pub fn string(&mut self, text: &str) {
        chars::quoted(self.out, text, self.escape);
    }

    pub(super) fn base64(&mut self, bytes: &[u8]) {
        chars::base64(self.out, bytes);
    }

    pub(super) fn integer(&mut self, value: impl std::fmt::Display) {
        number::integer(self.out, value);
    }

    pub(super) fn quoted_integer(&mut self, value: impl std::fmt::Display) {
        self.out.push(b'"');
        number::integer(self.out, value);
        self.out.push(b'"');
    }
}
