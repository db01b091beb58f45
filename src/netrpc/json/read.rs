//! JSON text to a tree that borrows from it.

use std::borrow::Cow;

use crate::netrpc::gob::MAX_DEPTH;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::netrpc) enum Json<'a> {
    Null,
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    /// The members, in order.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// Why text is not JSON.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}, column {column}: {what}")]
pub struct SyntaxError {
    /// The line, from one.
    pub line: usize,
    /// The character in the line, from one.
    pub column: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// Reads one value and nothing else. No object in it may have two members of one name.
pub(in crate::netrpc) fn read(text: &str) -> Result<Json<'_>, SyntaxError> {
    read_with(text, Repeated::Refused)
}

/// Reads one value of somebody else's, who may have repeated names: JSON leaves it open what that means.
pub(super) fn read_reply(text: &str) -> Result<Json<'_>, SyntaxError> {
    read_with(text, Repeated::Kept)
}

fn read_with(text: &str, repeated: Repeated) -> Result<Json<'_>, SyntaxError> {
    let mut reader = Reader { text, at: 0, repeated };
    let json = reader.document();
    json.map_err(|what| {
        let before = text.get(..reader.at).unwrap_or(text);
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        SyntaxError { line: before.matches('\n').count() + 1, column, what }
    })
}

/// What becomes of a name that an object already has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeated {
    Refused,
    Kept,
}

struct Reader<'a> {
    text: &'a str,
    /// Where the next byte is; always between characters.
    at: usize,
    repeated: Repeated,
}

type Result<T, E = &'static str> = std::result::Result<T, E>;

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Json<'a>> {
        let json = self.value(MAX_DEPTH)?;
        self.space();
        if self.peek().is_some() { Err("expected the end of the text") } else { Ok(json) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Takes a byte of ASCII.
    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>> {
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth.checked_sub(1).ok_or("nested more than 512 deep")?),
            Some(b'[') => self.array(depth.checked_sub(1).ok_or("nested more than 512 deep")?),
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => Ok(Json::Number(self.number()?)),
            Some(b'n') => self.word("null", Json::Null),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            _ => Err("expected a JSON value"),
        }
    }

    fn word(&mut self, word: &str, json: Json<'a>) -> Result<Json<'a>> {
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += if found { word.len() } else { 0 };
        if found { Ok(json) } else { Err("expected a JSON value") }
    }

    fn array(&mut self, depth: usize) -> Result<Json<'a>> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.space();
            if self.take(b']') {
                return Ok(Json::Array(items));
            }
            if !self.take(b',') {
                return Err("expected a comma or a closing bracket");
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>> {
        self.at += 1;
        let mut members: Vec<(Cow<'a, str>, Json<'a>)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        self.space();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            let begin = self.at;
            if self.peek() != Some(b'"') {
                return Err("expected a member's name in double quotes");
            }
            let name = self.string()?;
            if self.repeated == Repeated::Refused && !names.insert(name.clone()) {
                self.at = begin;
                return Err("this member is given twice");
            }
            self.space();
            if !self.take(b':') {
                return Err("expected a colon");
            }
            members.push((name, self.value(depth)?));
            self.space();
            if self.take(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.take(b',') {
                return Err("expected a comma or a closing brace");
            }
        }
    }

    fn digits(&mut self) -> Result<()> {
        let begin = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == begin { Err("expected a digit") } else { Ok(()) }
    }

    fn number(&mut self) -> Result<&'a str> {
        let begin = self.at;
        self.take(b'-');
        if self.take(b'0') {
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err("a number can't begin with 0");
            }
        } else {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(self.text.get(begin..self.at).unwrap_or_default())
    }

    /// Borrows the string if nothing in it is escaped.
    fn string(&mut self) -> Result<Cow<'a, str>> {
        self.at += 1;
        let mut whole: Option<String> = None;
        let mut begin = self.at;
        loop {
            match self.peek() {
                None => return Err("the string has no end"),
                Some(0..=0x1f) => return Err("a control character in a string must be escaped"),
                Some(byte @ (b'"' | b'\\')) => {
                    let part = self.text.get(begin..self.at).unwrap_or_default();
                    self.at += 1;
                    if byte == b'"' {
                        return Ok(match whole {
                            None => Cow::Borrowed(part),
                            Some(whole) => Cow::Owned(whole + part),
                        });
                    }
                    let whole = whole.get_or_insert_default();
                    whole.push_str(part);
                    whole.push(self.escape()?);
                    begin = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let c = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err("no such escape"),
        };
        self.at += 1;
        Ok(c)
    }

    /// Four hexadecimal digits, or twice four for what UTF-16 writes in two.
    fn unicode(&mut self) -> Result<char> {
        let first = self.unit()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).ok_or("no such character");
        }
        if !(self.take(b'\\') && self.take(b'u')) {
            return Err("half of a surrogate pair");
        }
        let second = self.unit()?;
        if first >= 0xdc00 || !(0xdc00..0xe000).contains(&second) {
            return Err("half of a surrogate pair");
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or("no such character")
    }

    fn unit(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("expected four hexadecimal digits");
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| "expected four hexadecimal digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_order_are_kept() {
        let json =
            read(" {\"b\": [18446744073709551616, -0.10e+400],\n\"a\": {\"c\": null}, \"\": true} ").unwrap();
        let Json::Object(members) = json else { panic!() };
        let names: Vec<_> = members.iter().map(|(name, _)| name.as_ref()).collect();
        assert_eq!(names, ["b", "a", ""]);
        assert_eq!(
            members[0].1,
            Json::Array(vec![Json::Number("18446744073709551616"), Json::Number("-0.10e+400")])
        );
    }

    #[test]
    fn strings_are_unescaped() {
        for (text, expected) in [
            (r#""é日""#, "é日"),
            (r#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz"),
            (r#""\u00e9\ud83d\ude00""#, "é😀"),
        ] {
            assert_eq!(read(text).unwrap(), Json::String(expected.into()));
        }
    }

    #[test]
    fn what_is_no_json_has_a_place() {
        for (text, expected) in [
            ("", "line 1, column 1: expected a JSON value"),
            ("{\n  \"é\" 1}", "line 2, column 7: expected a colon"),
            ("{A:1}", "line 1, column 2: expected a member's name in double quotes"),
            ("{\"a\":1,\"a\":2}", "line 1, column 8: this member is given twice"),
            ("[1,]", "line 1, column 4: expected a JSON value"),
            ("[1 2]", "line 1, column 4: expected a comma or a closing bracket"),
            ("01", "line 1, column 2: a number can't begin with 0"),
            ("-", "line 1, column 2: expected a digit"),
            ("1.e", "line 1, column 3: expected a digit"),
            ("1 2", "line 1, column 3: expected the end of the text"),
            ("nul", "line 1, column 1: expected a JSON value"),
            ("\"a", "line 1, column 3: the string has no end"),
            ("\"\t\"", "line 1, column 2: a control character in a string must be escaped"),
            (r#""\x""#, "line 1, column 3: no such escape"),
            (r#""\ud83d""#, "line 1, column 8: half of a surrogate pair"),
            (r#""\u12é4""#, "line 1, column 4: expected four hexadecimal digits"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), expected, "{text}");
        }
        assert!(read(&("[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH))).is_ok());
        assert_eq!(
            read(&"[".repeat(100_000)).unwrap_err().what,
            format!("nested more than {MAX_DEPTH} deep")
        );
    }

    #[test]
    fn agrees_with_another_reader() {
        for text in [
            "[1.5e3, {\"a\": [true, false, null]}, \"\\u0041\"]",
            "{}",
            "[]",
            "[[],{}]",
            "tru",
            "{\"a\"}",
            "[1",
        ] {
            assert_eq!(read(text).is_ok(), serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
    }
}
