//! A reply as JSON, whichever way it came.

use super::read::{Json, read_reply};
use super::write::{Style, Writer, write};
use crate::chars;
use crate::netrpc::Reply;

/// Writes a reply after what `out` holds. One that came as JSON is laid out anew and otherwise as the server wrote it:
/// members stay in order, be they repeated, and numbers keep their digits.
pub fn write_reply(out: &mut Vec<u8>, reply: &Reply, style: Style) {
    match reply {
        Reply::Gob(value) => write(out, value, style),
        Reply::Json(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            match read_reply(&text) {
                Ok(json) => Writer::new(out, style).json(&json),
                // Deeper than is followed, or half of a surrogate pair, which no string here can hold.
                Err(_) => copy(out, &text, style),
            }
        }
    }
}

/// Copies JSON token by token, on one line. Escapes are copied as they are, so a string need not be one of Unicode.
fn copy(out: &mut Vec<u8>, text: &str, style: Style) {
    let mut rest = text;
    while let Some((between, string)) = rest.split_once('"') {
        copy_plain(out, between);
        out.push(b'"');
        rest = copy_string(out, string, style);
    }
    copy_plain(out, rest);
}

/// Numbers, words and punctuation; the blanks between them are left out.
fn copy_plain(out: &mut Vec<u8>, text: &str) {
    out.extend(text.bytes().filter(u8::is_ascii_graphic));
}

/// Copies a string from behind its opening quote, that at its end too, and returns what is behind it.
fn copy_string<'a>(out: &mut Vec<u8>, mut rest: &'a str, style: Style) -> &'a str {
    loop {
        let end = rest.find(['"', '\\']).unwrap_or(rest.len());
        let (unescaped, special) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let from = out.len();
        chars::quoted(out, unescaped, style.escape_controls);
        // The quotes are those of the whole string, not of this piece.
        out.remove(from);
        out.pop();
        let Some(escape) = special.strip_prefix('\\') else {
            out.push(b'"');
            return special.strip_prefix('"').unwrap_or_default();
        };
        let mut letters = escape.chars();
        out.push(b'\\');
        // The digits after a `u` go with the next piece.
        let letter = letters.next().filter(char::is_ascii_graphic).unwrap_or('\\');
        out.extend(u8::try_from(letter));
        rest = letters.as_str();
    }
}

impl Writer<'_> {
    fn json(&mut self, json: &Json<'_>) {
        match json {
            Json::Null => self.raw("null"),
            Json::Bool(true) => self.raw("true"),
            Json::Bool(false) => self.raw("false"),
            Json::Number(digits) => self.raw(digits),
            Json::String(text) => self.string(text),
            Json::Array(items) => self.array(items, Self::json),
            Json::Object(members) => {
                self.object(members.iter().map(|(name, value)| (&**name, value)), Self::json);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, pretty: bool) -> String {
        let mut out = Vec::new();
        let style = Style { pretty, ..Style::default() };
        write_reply(&mut out, &Reply::Json(bytes::Bytes::copy_from_slice(text.as_bytes())), style);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_is_laid_out_anew_and_says_the_same() {
        let text = "{ \"b\" : [1e400, -0.10 ], \"a\":{}}";
        assert_eq!(shown(text, false), r#"{"b":[1e400,-0.10],"a":{}}"#);
        assert_eq!(shown(text, true), "{\n  \"b\": [\n    1e400,\n    -0.10\n  ],\n  \"a\": {}\n}");
        assert_eq!(shown("{\"a\":1,\n \"a\":\"\u{9b}\"}", false), r#"{"a":1,"a":"\u009b"}"#);
        assert_eq!(shown(r#"{"a":1,"a":2}"#, true), "{\n  \"a\": 1,\n  \"a\": 2\n}");
    }

    #[test]
    fn what_is_not_read_is_one_line_that_no_terminal_acts_on() {
        let inner = "{\n \"a\" : [ -1.0e+5,\ttrue ],\r\"\u{9b}é\\\"\\u001b \\\\\": \"\\ud83d\u{202e}\" }";
        let copied = r#"{"a":[-1.0e+5,true],"\u009bé\"\u001b \\":"\ud83d\u202e"}"#;
        assert_eq!(shown(inner, true), copied);
        for pretty in [false, true] {
            let deep = |inner: &str| "[ ".repeat(100_000) + inner + &"\n]".repeat(100_000);
            assert_eq!(shown(&deep(inner), pretty), deep(copied).replace("[ ", "[").replace("\n]", "]"));
        }
    }
}
