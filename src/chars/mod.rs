//! Characters that do something to the text around them rather than showing themselves, and how they are written
//! where they must not.
//!
//! A leaf that every room may use: servers choose names and messages, and whoever prints those has to agree with
//! the others about what a terminal would act on. Bytes that are no characters at all are base64.

mod base64;
mod json;
mod scan;

use std::fmt::Write as _;

pub use base64::{DecodeError, Unbase64, base64, base64_digits, unbase64};
pub use json::quoted;
pub use scan::before_json_special;

/// A text, or as many characters of its beginning and an ellipsis where it has more.
pub fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Whether a terminal acts on a character, or orders the text around it anew: controls (C0, DEL, C1), marks and
/// overrides of the writing direction.
pub fn acts(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character acts, or is invisible: zero-width and other formatting characters, line separators, tags.
pub fn is_unsafe(c: char) -> bool {
    acts(c)
        || matches!(c,
            '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2028}'..='\u{2029}'
            | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes a character as JSON does, `\u001b`, in two parts where it takes two.
pub fn escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_and_what_hides() {
        for c in ['\0', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200f}'] {
            assert!(acts(c) && is_unsafe(c), "{c:?}");
        }
        for c in ['\u{200b}', '\u{200d}', '\u{2028}', '\u{feff}', '\u{ad}', '\u{e0041}', '\u{2065}'] {
            assert!(!acts(c) && is_unsafe(c), "{c:?}");
        }
        assert!("aZ~ é世👋".chars().all(|c| !is_unsafe(c)));
    }

    #[test]
    fn escapes_are_those_of_json() {
        let mut out = String::new();
        for c in ['\u{1b}', '\u{202e}', '\u{e0041}'] {
            escape(c, &mut out);
        }
        assert_eq!(out, r"\u001b\u202e\udb40\udc41");
    }
}
