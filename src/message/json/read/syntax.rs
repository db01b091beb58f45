//! JSON text as a tree of values that know where they stand.
//!
//! Whoever reads the tree can look at members in any order, sees those that are given twice, and can name the place
//! of whatever does not fit. Text without escapes is not copied.

use std::borrow::Cow;

use super::error::{Open, Problem, shortened};
use super::misfit::Misfit;
use super::steps::Step;
use crate::chars::before_json_special;
use crate::message::bytes::DEPTH;
use crate::message::json::writer::Writer;
use crate::message::{Position, TooDeep};

/// How deep brackets may be nested: those of a list, or a map, and of a message in it for each message that may be
/// nested. A value that is nested deeper is no message either.
pub(super) const NESTING: usize = 2 * DEPTH + 2;

/// How deep it is nested what is printed: a message among the fields of another takes three brackets, as in `decode
/// --raw`.
const PRINTED: usize = 4 * DEPTH;

/// A value and where it begins.
#[derive(Clone)]
pub(super) struct Node<'d> {
    pub(super) at: usize,
    pub(super) json: Json<'d>,
}

/// A value.
#[derive(Clone)]
pub(super) enum Json<'d> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(Cow<'d, str>),
    String(Cow<'d, str>),
    Array(Vec<Node<'d>>),
    Object(Vec<Member<'d>>),
}

/// A member of an object, and where its name begins.
#[derive(Clone)]
pub(super) struct Member<'d> {
    pub(super) at: usize,
    pub(super) name: Cow<'d, str>,
    pub(super) value: Node<'d>,
}

impl Node<'_> {
    /// Writes the value as it was, but for blanks.
    pub(super) fn write(&self, w: &mut Writer<'_>) {
        match &self.json {
            Json::Null => w.raw(b"null"),
            Json::Bool(value) => w.raw(if *value { b"true" } else { b"false" }),
            Json::Number(number) => w.raw(number.as_bytes()),
            Json::String(text) => w.string(text),
            Json::Array(elements) => {
                let mut array = w.array();
                for element in elements {
                    w.item(&mut array);
                    element.write(w);
                }
                w.close(&array);
            }
            Json::Object(members) => {
                let mut object = w.object();
                for member in members {
                    w.key(&mut object, &member.name);
                    member.value.write(w);
                }
                w.close(&object);
            }
        }
    }
}

/// Parses a document of one value.
pub(super) fn parse(document: &[u8]) -> Result<Node<'_>, Misfit> {
    parse_to(document, NESTING)
}

/// Parses what was printed here, which may be nested deeper than what is read.
pub(super) fn parse_printed(document: &[u8]) -> Result<Node<'_>, Misfit> {
    parse_to(document, PRINTED)
}

fn parse_to(document: &[u8], nesting: usize) -> Result<Node<'_>, Misfit> {
    let text =
        std::str::from_utf8(document).map_err(|error| Misfit::new(error.valid_up_to(), Problem::Encoding))?;
    let mut parser = Parser { text, at: 0, open: Vec::new(), nesting };
    let root = parser.value("a JSON value")?;
    parser.blanks();
    if parser.peek().is_some() {
        return Err(parser.expected("nothing more after the value"));
    }
    Ok(root)
}

/// Whether `text` is written as JSON has numbers.
pub(in crate::message) fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}

struct Parser<'d> {
    text: &'d str,
    at: usize,
    /// The objects and arrays around this place, and where each begins.
    open: Vec<(&'static str, usize)>,
    /// How many of them there may be.
    nesting: usize,
}

impl<'d> Parser<'d> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Moves past `byte` if it comes next, blanks aside.
    fn takes(&mut self, byte: u8) -> bool {
        self.blanks();
        let comes = self.peek() == Some(byte);
        self.at += usize::from(comes);
        comes
    }

    /// What comes next, up to where a number or a word would end.
    fn word(&self) -> &'d str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.')));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }

    fn value(&mut self, expected: &'static str) -> Result<Node<'d>, Misfit> {
        self.blanks();
        let at = self.at;
        let json = match self.peek() {
            Some(b'{') => self.within("object", Self::object)?,
            Some(b'[') => self.within("array", Self::array)?,
            Some(b'"') => Json::String(self.string()?),
            _ => {
                let word = self.word();
                let json = match word {
                    "null" => Json::Null,
                    "true" => Json::Bool(true),
                    "false" => Json::Bool(false),
                    number if is_number(number) => Json::Number(Cow::Borrowed(number)),
                    _ => return Err(self.expected(expected)),
                };
                self.at += word.len();
                json
            }
        };
        Ok(Node { at, json })
    }

    fn within(
        &mut self,
        what: &'static str,
        inside: fn(&mut Self) -> Result<Json<'d>, Misfit>,
    ) -> Result<Json<'d>, Misfit> {
        self.open.push((what, self.at));
        if self.open.len() > self.nesting {
            return Err(Misfit::new(self.at, TooDeep(DEPTH).into()));
        }
        self.at += 1;
        let json = inside(self)?;
        self.open.pop();
        Ok(json)
    }

    fn object(&mut self) -> Result<Json<'d>, Misfit> {
        let mut members = Vec::new();
        if self.takes(b'}') {
            return Ok(Json::Object(members));
        }
        let mut expected = "a member's name in double quotes, or '}'";
        loop {
            self.blanks();
            let at = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.expected(expected));
            }
            let name = self.string()?;
            if !self.takes(b':') {
                return Err(self.expected("':' after the member's name"));
            }
            match self.value("a value after ':'") {
                Ok(value) => members.push(Member { at, name, value }),
                Err(misfit) => return Err(misfit.within(Step::Field(name.into_owned()))),
            }
            if self.takes(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.takes(b',') {
                return Err(self.expected("',' or '}'"));
            }
            expected = "another member's name after ','";
        }
    }

    fn array(&mut self) -> Result<Json<'d>, Misfit> {
        let mut elements = Vec::new();
        if self.takes(b']') {
            return Ok(Json::Array(elements));
        }
        let mut expected = "a value, or ']'";
        loop {
            let value = self.value(expected);
            elements.push(value.map_err(|misfit| misfit.within(Step::Element(elements.len())))?);
            if self.takes(b']') {
                return Ok(Json::Array(elements));
            }
            if !self.takes(b',') {
                return Err(self.expected("',' or ']'"));
            }
            expected = "another value after ','";
        }
    }

    /// A string, at whose opening quote this stands.
    fn string(&mut self) -> Result<Cow<'d, str>, Misfit> {
        let begin = self.at;
        self.at += 1;
        let mut copied: Option<String> = None;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest.get(..before_json_special(rest.as_bytes())).unwrap_or_default();
            self.at += plain.len();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(match copied {
                        Some(text) => Cow::Owned(text + plain),
                        None => Cow::Borrowed(plain),
                    });
                }
                Some(b'\\') => {
                    let text = copied.get_or_insert_default();
                    text.push_str(plain);
                    let at = self.at;
                    self.at += 1;
                    text.push(self.escape().ok_or_else(|| Misfit::new(at, Problem::Escape))?);
                }
                Some(_) => return Err(Misfit::new(self.at, Problem::Control)),
                None => {
                    self.open.push(("string", begin));
                    return Err(self.expected("'\"'"));
                }
            }
        }
    }

    /// The character that an escape stands for, after whose backslash this stands.
    fn escape(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                self.at += self.text.get(self.at..)?.strip_prefix("\\u").map(|_| 2)?;
                let second = self.unit().filter(|unit| (0xdc00..0xe000).contains(unit))?;
                char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))?
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| hex)
    }

    /// What is wrong where something else than `expected` comes next.
    fn expected(&mut self, expected: &'static str) -> Misfit {
        self.blanks();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (found, open) = match (rest.chars().next(), self.word()) {
            (None, _) => {
                let open = self
                    .open
                    .last()
                    .map(|&(what, at)| Open { what, position: Position::of(self.text.as_bytes(), at) });
                ("the end of the input".to_owned(), open)
            }
            (Some('"'), _) => ("a string".to_owned(), None),
            (Some('\''), _) => ("a single quote".to_owned(), None),
            (Some(c), "") => (format!("{c:?}"), None),
            (Some(_), word) => (shortened(word), None),
        };
        Misfit::new(self.at, Problem::Syntax { expected, found, open })
    }
}
