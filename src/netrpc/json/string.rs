//! JSON strings: quotes, escapes, base64.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::chars::{acts, is_unsafe};

/// Writes `text` quoted. What a terminal acts on is always escaped, of which JSON demands a part; with `invisible`, so is
/// what a terminal hides.
pub(super) fn quoted(out: &mut Vec<u8>, text: &str, invisible: bool) {
    out.push(b'"');
    // Nearly every string is of this kind; the search is one the compiler makes wide.
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\') {
        out.extend_from_slice(text.as_bytes());
    } else {
        let mut utf8 = [0; 4];
        for c in text.chars() {
            if acts(c) || matches!(c, '"' | '\\') || invisible && is_unsafe(c) {
                escaped(out, c);
            } else {
                out.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
            }
        }
    }
    out.push(b'"');
}

/// Writes `bytes` as quoted standard base64.
pub(super) fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    // In blocks of whole triples, so that many bytes need no second text beside the output.
    let mut block = [0_u8; 4096];
    for chunk in bytes.chunks(3072) {
        if let Ok(length) = BASE64_STANDARD.encode_slice(chunk, &mut block) {
            out.extend_from_slice(block.get(..length).unwrap_or_default());
        }
    }
    out.push(b'"');
}

fn escaped(out: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' => b'"',
        '\\' => b'\\',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
            }
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_as_the_same_string() {
        let all: String = (0..=0x2_ffff).filter_map(char::from_u32).collect();
        for invisible in [false, true] {
            let mut out = Vec::new();
            quoted(&mut out, &all, invisible);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), all);
        }
    }

    #[test]
    fn escapes_invisible_characters_on_request() {
        let json = |invisible| {
            let mut out = Vec::new();
            quoted(&mut out, "a\"\u{7f}\u{202e}\u{e0041}\u{1b}é", invisible);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(json(false), "\"a\\\"\\u007f\\u202e\u{e0041}\\u001bé\"");
        assert_eq!(json(true), r#""a\"\u007f\u202e\udb40\udc41\u001bé""#);
    }
}
