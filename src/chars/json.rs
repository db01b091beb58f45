//! JSON strings: quotes and escapes.

use super::scan::before_json_special_or_beyond_ascii;
use super::{acts, is_unsafe};

/// Writes `text` as a quoted JSON string.
///
/// C0 controls are always escaped, as JSON demands, and so is what else [`acts`] on a terminal, since what is written
/// to a file is looked at on one. With `invisible`, so is all that [`is_unsafe`] names. The result is the same string to
/// any JSON reader.
pub fn quoted(out: &mut Vec<u8>, text: &str, invisible: bool) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let (mut written, mut at) = (0, 0);
    loop {
        at += before_json_special_or_beyond_ascii(bytes.get(at..).unwrap_or_default());
        let special = match bytes.get(at) {
            None => break,
            Some(b'"' | b'\\' | 0..=0x1f) => true,
            // With these begins all that acts: DEL, C1, U+061C, and the marks and overrides from U+2000 on.
            Some(0x7f | 0xc2 | 0xd8 | 0xe2) => begins(text, at, if invisible { is_unsafe } else { acts }),
            // A byte that begins no character is skipped: `get` refuses to split one.
            Some(_) => invisible && begins(text, at, is_unsafe),
        };
        if special {
            out.extend_from_slice(bytes.get(written..at).unwrap_or_default());
            at += escape(out, text, at);
            written = at;
        } else {
            at += 1;
        }
    }
    out.extend_from_slice(bytes.get(written..).unwrap_or_default());
    out.push(b'"');
}

fn begins(text: &str, at: usize, what: fn(char) -> bool) -> bool {
    text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(what)
}

/// Escapes the character at `at` and says how many bytes it takes in `text`.
fn escape(out: &mut Vec<u8>, text: &str, at: usize) -> usize {
    let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { return 1 };
    let short = match c {
        '"' => Some(b'"'),
        '\\' => Some(b'\\'),
        '\n' => Some(b'n'),
        '\r' => Some(b'r'),
        '\t' => Some(b't'),
        '\u{8}' => Some(b'b'),
        '\u{c}' => Some(b'f'),
        _ => None,
    };
    if let Some(letter) = short {
        out.extend_from_slice(&[b'\\', letter]);
    } else {
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.extend_from_slice(b"\\u");
            out.extend(unit.to_be_bytes().iter().flat_map(|byte| [hex(byte >> 4), hex(byte & 0xf)]));
        }
    }
    c.len_utf8()
}

fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + (nibble - 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str, invisible: bool) -> String {
        let mut out = Vec::new();
        quoted(&mut out, text, invisible);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escapes_what_json_demands_or_a_terminal_acts_on() {
        assert_eq!(json("a\"b\\c\n\r\t\u{8}\u{c}\u{0}\u{1b}", false), r#""a\"b\\c\n\r\t\b\f\u0000\u001b""#);
        assert_eq!(json("</a> & é 日本 😀 \u{200d}", false), "\"</a> & é 日本 😀 \u{200d}\"");
        assert_eq!(
            json("é\u{7f}\u{9b}\u{61c}\u{202e}\u{2069}", false),
            r#""é\u007f\u009b\u061c\u202e\u2069""#
        );
        assert_eq!(json("", false), r#""""#);
    }

    #[test]
    fn escapes_invisible_characters_on_request() {
        assert_eq!(
            json("é\u{7f}\u{9b}a\u{202e}b\u{200b}\u{feff}\u{2066}日", true),
            r#""é\u007f\u009ba\u202eb\u200b\ufeff\u2066日""#
        );
        assert_eq!(json("\u{e0041}", true), r#""\udb40\udc41""#);
        assert_eq!(json("soft\u{ad}hyphen", true), r#""soft\u00adhyphen""#);
    }

    #[test]
    fn reads_back_as_the_same_string() {
        let all: String = (0..=0x2_ffff).filter_map(char::from_u32).collect();
        assert!(!json(&all, false).contains(acts) && !json(&all, true).contains(is_unsafe));
        for invisible in [false, true] {
            assert_eq!(serde_json::from_str::<String>(&json(&all, invisible)).unwrap(), all);
        }
    }
}
