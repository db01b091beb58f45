//! JSON in colours: members' names, strings, numbers, words.

use super::{FAINT, NAME, NUMBER, STRING, WORD, put};

/// Appends JSON text in colours.
pub fn json(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(&first) = rest.first() {
        let length = match first {
            b'"' => string(rest),
            b'-' | b'0'..=b'9' => {
                run(rest, |byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            }
            b'a'..=b'z' => run(rest, |byte| byte.is_ascii_lowercase()),
            _ => {
                let length = run(rest, |byte| !matches!(byte, b'"' | b'-' | b'0'..=b'9' | b'a'..=b'z'));
                out.extend_from_slice(rest.get(..length).unwrap_or_default());
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        let style = match first {
            b'"' if after.trim_ascii_start().first() == Some(&b':') => NAME,
            b'"' => STRING,
            b'n' => FAINT,
            b'a'..=b'z' => WORD,
            _ => NUMBER,
        };
        put(out, style, token);
        rest = after;
    }
}

/// How many bytes at the beginning are such; at least one.
fn run(text: &[u8], is: impl Fn(u8) -> bool) -> usize {
    text.iter().skip(1).position(|&byte| !is(byte)).map_or(text.len(), |end| end + 1)
}

/// How long the string at the beginning is.
fn string(text: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::{plain, shown};
    use super::*;

    fn painted(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        json(text.as_bytes(), &mut out);
        assert_eq!(plain(&out), text);
        out
    }

    #[test]
    fn each_kind_of_token_has_its_colour() {
        assert_eq!(
            shown(&painted("{\n  \"a\\\"\": \"b:\",\"c\" : [-1.5e+3, true, null]\n}\n")),
            "{\n  <name>\"a\\\"\"</>: <string>\"b:\"</>,<name>\"c\"</> : \
             [<number>-1.5e+3</>, <word>true</>, <faint>null</>]\n}\n"
        );
    }

    #[test]
    fn what_is_cut_off_stays_as_it_is() {
        let whole = r#"{"a\u001b": ["é\\", 1, false]}"#;
        for end in (0..=whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            painted(&whole[..end]);
        }
    }
}
