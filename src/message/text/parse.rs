//! The grammar of the text format (<https://protobuf.dev/reference/protobuf/textformat-spec/>): a document becomes a
//! tree, of which nothing is known to fit anything yet.

use crate::message::TooDeep;
use crate::message::bytes::DEPTH;
use crate::message::json::{Misfit, Problem, Step};

/// A field and its value.
pub(super) struct Entry<'d> {
    pub(super) at: usize,
    pub(super) name: Name<'d>,
    /// Whether a colon stands between them.
    pub(super) colon: bool,
    pub(super) value: Node<'d>,
}

/// What a value is given to.
#[derive(PartialEq, Eq)]
pub(super) enum Name<'d> {
    Field(&'d str),
    /// What stands between brackets, blanks left out: the name of an extension, or the URL of a type.
    Bracketed(String),
}

impl Name<'_> {
    pub(super) fn shown(&self) -> String {
        match self {
            Name::Field(name) => (*name).to_owned(),
            Name::Bracketed(name) => format!("[{name}]"),
        }
    }
}

/// A value, and where it begins.
pub(super) struct Node<'d> {
    pub(super) at: usize,
    pub(super) value: Value<'d>,
}

pub(super) enum Value<'d> {
    /// With its escapes resolved.
    String(Vec<u8>),
    /// A name, such as that of an enum's value, or `inf`.
    Word {
        negative: bool,
        text: &'d str,
    },
    /// As it is written, but for a sign in front.
    Number {
        negative: bool,
        text: &'d str,
    },
    Message(Vec<Entry<'d>>),
    List(Vec<Node<'d>>),
}

impl Entry<'_> {
    /// How many values it gives.
    fn count(&self) -> usize {
        match &self.value.value {
            Value::List(nodes) => nodes.len(),
            _ => 1,
        }
    }
}

/// Parses a whole document.
pub(super) fn parse(document: &str) -> Result<Vec<Entry<'_>>, Misfit> {
    let mut parser = Parser { text: document, at: 0, depth: 0 };
    parser.blank();
    let entries = parser.entries(None)?;
    Ok(entries)
}

struct Parser<'d> {
    text: &'d str,
    at: usize,
    depth: usize,
}

impl<'d> Parser<'d> {
    fn rest(&self) -> &'d str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over blanks and comments.
    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']).len();
            self.at += blanks;
            if self.peek() != Some(b'#') {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// Takes a character that stands alone, and the blanks behind it.
    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.at += 1;
            self.blank();
        }
        there
    }

    fn expected(&self, expected: &'static str) -> Misfit {
        let found = match self.rest().chars().next() {
            None => "the end of the input".to_owned(),
            Some('"' | '\'') => "a string".to_owned(),
            Some(c) if is_word(c) => {
                let end = self.rest().find(|c| !is_word(c)).unwrap_or(self.rest().len());
                format!("{:?}", crate::message::json::shortened(self.rest().get(..end).unwrap_or_default()))
            }
            Some(c) => format!("{c:?}"),
        };
        Misfit::new(self.at, Problem::Text { expected, found })
    }

    /// Fields up to the bracket that closes their message, or the end of the document.
    fn entries(&mut self, close: Option<u8>) -> Result<Vec<Entry<'d>>, Misfit> {
        let mut entries = Vec::new();
        loop {
            match (self.peek(), close) {
                (None, None) => return Ok(entries),
                (Some(byte), Some(close)) if byte == close => {
                    self.take(close);
                    return Ok(entries);
                }
                _ => entries.push(self.entry(close, &entries)?),
            }
            // One of them may stand behind a field.
            let _ = self.take(b',') || self.take(b';');
        }
    }

    fn entry(&mut self, close: Option<u8>, before: &[Entry<'d>]) -> Result<Entry<'d>, Misfit> {
        let at = self.at;
        let name = if self.take(b'[') {
            Name::Bracketed(self.bracketed()?)
        } else {
            let word = self.word().ok_or_else(|| {
                self.expected(match close {
                    None => "a field's name",
                    Some(b'>') => "a field's name or '>'",
                    Some(_) => "a field's name or '}'",
                })
            })?;
            Name::Field(word)
        };
        let colon = self.take(b':');
        let is_list = self.peek() == Some(b'[');
        let value = match self.peek() {
            Some(b'[') => self.list(colon),
            Some(b'{' | b'<') => self.message(),
            _ if colon => self.scalar(),
            _ => return Err(self.expected("':' or '{'")),
        };
        let value = value.map_err(|misfit| {
            let same = before.iter().filter(|entry| entry.name == name);
            misfit.among(same.map(Entry::count).sum(), is_list).within(Step::Field(name.shown()))
        })?;
        Ok(Entry { at, name, colon, value })
    }

    fn word(&mut self) -> Option<&'d str> {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        self.at += end;
        self.blank();
        rest.get(..end)
    }

    /// What stands between brackets whose first was taken.
    fn bracketed(&mut self) -> Result<String, Misfit> {
        let mut name = String::new();
        while !self.take(b']') {
            let rest = self.rest();
            let end = rest.find(|c| !is_word(c) && !matches!(c, '.' | '/' | '-' | '%')).unwrap_or(rest.len());
            if end == 0 {
                return Err(self.expected("the name of an extension or a type, and ']'"));
            }
            name.push_str(rest.get(..end).unwrap_or_default());
            self.at += end;
            self.blank();
        }
        Ok(name)
    }

    fn message(&mut self) -> Result<Node<'d>, Misfit> {
        let at = self.at;
        if self.depth >= DEPTH {
            return Err(Misfit::new(at, TooDeep(DEPTH).into()));
        }
        self.depth += 1;
        let close = if self.take(b'{') {
            b'}'
        } else if self.take(b'<') {
            b'>'
        } else {
            return Err(self.expected("a message in braces"));
        };
        let entries = self.entries(Some(close))?;
        self.depth -= 1;
        Ok(Node { at, value: Value::Message(entries) })
    }

    /// Values between brackets, which are messages where no colon stands before.
    fn list(&mut self, colon: bool) -> Result<Node<'d>, Misfit> {
        let at = self.at;
        self.take(b'[');
        let mut nodes = Vec::new();
        if self.take(b']') {
            return Ok(Node { at, value: Value::List(nodes) });
        }
        loop {
            let value = match self.peek() {
                Some(b'{' | b'<') => self.message(),
                _ if colon => self.scalar(),
                _ => self.message(),
            };
            nodes.push(value.map_err(|misfit| misfit.within(Step::Element(nodes.len())))?);
            if self.take(b']') {
                return Ok(Node { at, value: Value::List(nodes) });
            }
            if !self.take(b',') {
                return Err(self.expected("',' or ']'"));
            }
        }
    }

    fn scalar(&mut self) -> Result<Node<'d>, Misfit> {
        let at = self.at;
        if matches!(self.peek(), Some(b'"' | b'\'')) {
            let mut bytes = Vec::new();
            while let Some(quote @ (b'"' | b'\'')) = self.peek() {
                self.string(quote, &mut bytes)?;
                self.blank();
            }
            return Ok(Node { at, value: Value::String(bytes) });
        }
        let negative = self.take(b'-');
        if self.rest().starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            let text = self.number();
            return Ok(Node { at, value: Value::Number { negative, text } });
        }
        let text = self.word().ok_or_else(|| self.expected("a value"))?;
        Ok(Node { at, value: Value::Word { negative, text } })
    }

    /// Everything that may belong to a number; whether it is one depends on the field.
    fn number(&mut self) -> &'d str {
        let rest = self.rest();
        let is_hex = rest.starts_with("0x") || rest.starts_with("0X");
        let mut last = ' ';
        let end = rest.find(|c: char| {
            let signed = matches!(c, '+' | '-') && matches!(last, 'e' | 'E') && !is_hex;
            last = c;
            !(is_word(c) || c == '.' || signed)
        });
        let end = end.unwrap_or(rest.len());
        self.at += end;
        self.blank();
        rest.get(..end).unwrap_or_default()
    }

    /// Appends what a string stands for.
    fn string(&mut self, quote: u8, out: &mut Vec<u8>) -> Result<(), Misfit> {
        let begin = self.at;
        self.at += 1;
        loop {
            let plain =
                self.rest().bytes().take_while(|&byte| byte != quote && byte != b'\\' && byte != b'\n');
            let length = plain.count();
            out.extend_from_slice(self.rest().as_bytes().get(..length).unwrap_or_default());
            self.at += length;
            match self.peek() {
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape(out)?,
                Some(_) => {
                    let problem = Problem::Text {
                        expected: r"the string's end on its line (a line break in it is written \n)",
                        found: "a line break".to_owned(),
                    };
                    return Err(Misfit::new(self.at, problem));
                }
                None => {
                    let found = "the end of the input".to_owned();
                    return Err(Misfit::new(begin, Problem::Text { expected: "a string that ends", found }));
                }
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), Misfit> {
        let at = self.at;
        let bytes = self.text.as_bytes();
        let digits = |from: usize, most: usize, radix: u32| {
            let digits = bytes.get(from..).unwrap_or_default().iter().take(most);
            digits.take_while(|byte| char::from(**byte).is_digit(radix)).count()
        };
        let number = |from: usize, count: usize, radix| {
            self.text.get(from..from + count).and_then(|text| u32::from_str_radix(text, radix).ok())
        };
        let bad = || {
            Misfit::new(
                at,
                Problem::Text {
                    expected: r#"an escape such as \n, \", \\, \303, \x41, \u00e9 or \U0001f600"#,
                    found: "another".to_owned(),
                },
            )
        };
        let kind = bytes.get(at + 1).copied().ok_or_else(bad)?;
        let (length, value) = match kind {
            b'0'..=b'7' => {
                let count = digits(at + 1, 3, 8);
                let value = number(at + 1, count, 8).and_then(|value| u8::try_from(value).ok());
                out.push(value.ok_or_else(bad)?);
                (count, None)
            }
            b'x' | b'X' => {
                let count = digits(at + 2, 2, 16);
                let value = number(at + 2, count, 16).and_then(|value| u8::try_from(value).ok());
                out.push(value.ok_or_else(bad)?);
                (1 + count, None)
            }
            b'u' | b'U' => {
                let count = if kind == b'u' { 4 } else { 8 };
                let value = Some(digits(at + 2, count, 16)).filter(|found| *found == count);
                let value = value.and_then(|_| number(at + 2, count, 16)).and_then(char::from_u32);
                (1 + count, Some(value.ok_or_else(bad)?))
            }
            b'a' => (1, Some('\x07')),
            b'b' => (1, Some('\x08')),
            b'f' => (1, Some('\x0c')),
            b'n' => (1, Some('\n')),
            b'r' => (1, Some('\r')),
            b't' => (1, Some('\t')),
            b'v' => (1, Some('\x0b')),
            b'?' | b'\\' | b'\'' | b'"' => (1, Some(char::from(kind))),
            _ => return Err(bad()),
        };
        if let Some(c) = value {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        self.at += 1 + length;
        Ok(())
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
