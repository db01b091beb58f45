//! Text from elsewhere made safe for a terminal.
//!
//! A server chooses its names, its messages and its errors. What would move the cursor, change colours, set
//! the window's title or reorder the line around it is shown as an escape instead: `\u{1b}`.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::schema::print::escape::is_unsafe;

/// For text that belongs on one line: line breaks and tabs are shown as escapes too.
pub fn line(text: &str) -> Cow<'_, str> {
    replace(text, is_unsafe, |c, out| out.extend(c.escape_unicode()))
}

/// For text of several lines, which keeps its line breaks and tabs.
pub fn multiline(text: &str) -> Cow<'_, str> {
    replace(text, |c| is_unsafe(c) && !matches!(c, '\n' | '\t'), |c, out| out.extend(c.escape_unicode()))
}

/// For JSON text, whose strings may hold such characters as they are: the same value, written with JSON's own
/// escapes.
pub fn json(text: &str) -> Cow<'_, str> {
    let is_unsafe = |c| is_unsafe(c) && !matches!(c, '\n' | '\t' | '\r');
    replace(text, is_unsafe, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

fn replace(text: &str, unsafe_: impl Fn(char) -> bool, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    let Some(first) = text.find(&unsafe_) else { return Cow::Borrowed(text) };
    let (clean, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(clean);
    for c in rest.chars() {
        if unsafe_(c) {
            escape(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(line("Grüße, 世界 👋"), Cow::Borrowed(_)));
        assert!(matches!(multiline("a\n\tb"), Cow::Borrowed(_)));
    }

    #[test]
    fn controls_are_shown() {
        assert_eq!(line("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(line("\u{1b}]0;title\u{7}"), "\\u{1b}]0;title\\u{7}");
        assert_eq!(line("\u{9b}2J\u{7f}\0"), "\\u{9b}2J\\u{7f}\\u{0}");
        assert_eq!(line("a\r\n\tb"), "a\\u{d}\\u{a}\\u{9}b");
        assert_eq!(multiline("a\r\n\tb\u{8}"), "a\\u{d}\n\tb\\u{8}");
    }

    #[test]
    fn what_reorders_or_hides_is_shown() {
        assert_eq!(line("a\u{202e}b\u{2066}c\u{200b}d\u{feff}"), "a\\u{202e}b\\u{2066}c\\u{200b}d\\u{feff}");
    }

    #[test]
    fn json_keeps_its_value() {
        let value = "a\u{202e}b\u{7f}c\u{e0041}";
        let text = serde_json::to_string(value).unwrap();
        let safe = json(&text);
        assert_eq!(safe, r#""a\u202eb\u007fc\udb40\udc41""#);
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), value);
    }
}
