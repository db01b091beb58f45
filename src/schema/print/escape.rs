//! Words from descriptors made safe for source text: identifiers, quoted strings, comment lines.
//!
//! Descriptors come from servers, so a name may hold anything. Nothing that leaves this module can end a
//! comment or a string early, start a terminal escape sequence or reorder what a reader sees.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::chars::{self, is_unsafe};

/// A name as an identifier: what cannot stand in one becomes `_x1b_`.
pub(super) fn identifier(name: &str) -> Cow<'_, str> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts_well && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Cow::Borrowed(name);
    }
    let mut safe = String::with_capacity(name.len() + 8);
    if !starts_well {
        safe.push('_');
    }
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            safe.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(safe, "_x{:x}_", u32::from(c));
        }
    }
    Cow::Owned(safe)
}

/// A dotted name, each part an identifier; a leading dot stays.
pub(super) fn dotted(name: &str) -> String {
    let (dot, rest) = name.strip_prefix('.').map_or(("", name), |rest| (".", rest));
    let parts: Vec<Cow<'_, str>> = rest.split('.').map(identifier).collect();
    format!("{dot}{}", parts.join("."))
}

/// A line of a comment or another free text of one line.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_unsafe(c) && c != '\t') {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) && c != '\t' {
            chars::escape(c, &mut safe);
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// A string literal that reads back as `text`; printable characters outside ASCII stay readable.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut buffer = [0; 4];
    for c in text.chars() {
        if c.is_ascii() || is_unsafe(c) {
            c.encode_utf8(&mut buffer).bytes().for_each(|byte| push_byte(&mut out, byte));
        } else {
            out.push(c);
        }
    }
    out.push('"');
    out
}

/// A string literal that reads back as `bytes`.
pub(super) fn quoted_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for &byte in bytes {
        push_byte(&mut out, byte);
    }
    out.push('"');
    out
}

fn push_byte(out: &mut String, byte: u8) {
    match byte {
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        b'"' | b'\\' => {
            out.push('\\');
            out.push(char::from(byte));
        }
        b' '..=b'~' => out.push(char::from(byte)),
        // Three octal digits always: a digit that follows must not be read into the escape.
        _ => {
            let _ = write!(out, "\\{byte:03o}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_stay_and_anything_else_is_spelled_out() {
        assert_eq!(identifier("message"), "message");
        assert_eq!(identifier("a\u{1b}[31m"), "a_x1b__x5b_31m");
        assert_eq!(identifier("x\n}"), "x_xa__x7d_");
        assert_eq!(identifier("1st"), "_1st");
        assert_eq!(identifier(""), "_");
        assert_eq!(dotted(".a.b c.D"), ".a.b_x20_c.D");
    }

    #[test]
    fn strings_read_back_and_hide_nothing() {
        assert_eq!(quoted("a\"b\\c\nd\u{1b}1é"), r#""a\"b\\c\nd\0331é""#);
        assert_eq!(quoted("\u{202e}"), r#""\342\200\256""#);
        assert_eq!(quoted_bytes(b"\x00\xff9"), r#""\000\3779""#);
    }

    #[test]
    fn comment_lines_keep_tabs_and_show_controls() {
        assert_eq!(line("a\tb */"), "a\tb */");
        assert_eq!(line("a\u{1b}]0;x\u{7}\rb"), "a\\u001b]0;x\\u0007\\u000db");
        assert_eq!(line("a\u{200b}b\u{2066}"), "a\\u200bb\\u2066");
    }
}
