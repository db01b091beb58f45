//! Go source text in tokens, with the semicolons that Go puts at the ends of lines.
//!
//! Only as much is told apart as types and the edges of declarations need: every operator is the characters it is made
//! of, and a literal that is not an integer is just a literal. Nothing is an error here; what makes no sense is one
//! where it is parsed.

use std::iter::Peekable;
use std::str::CharIndices;

/// A token and the byte at which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) at: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A name or a keyword.
    Word(&'a str),
    /// An integer literal, as written.
    Integer(&'a str),
    /// A string, rune or floating-point literal.
    Literal,
    /// One character of an operator or a bracket.
    Mark(char),
    /// A semicolon, written or implied.
    Semicolon,
    /// The end of the text.
    End,
}

/// The keywords after which a line goes on.
const UNFINISHED: &[&str] = &[
    "case",
    "chan",
    "const",
    "default",
    "defer",
    "else",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// Whether no name can be this word.
pub(super) fn is_keyword(word: &str) -> bool {
    UNFINISHED.contains(&word) || matches!(word, "break" | "continue" | "fallthrough" | "return")
}

/// The text's tokens; the last is its end.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { text, rest: text.char_indices().peekable(), tokens: Vec::new() };
    while let Some((at, c)) = lexer.rest.next() {
        lexer.token(at, c);
    }
    lexer.line_ends(text.len());
    lexer.push(Kind::End, text.len());
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn token(&mut self, at: usize, c: char) {
        match c {
            '\n' => self.line_ends(at),
            ';' => self.push(Kind::Semicolon, at),
            '/' if self.next_is('/') => while self.rest.next_if(|(_, c)| *c != '\n').is_some() {},
            '/' if self.next_is('*') => self.block_comment(at),
            '"' | '\'' => self.quoted(at, c),
            '`' => {
                let _ = self.rest.by_ref().find(|(_, c)| *c == '`');
                self.push(Kind::Literal, at);
            }
            '0'..='9' => self.number(at),
            _ if c.is_whitespace() || c == '\u{feff}' => {}
            _ if c.is_alphabetic() || c == '_' => {
                let word = self.take(at, |c| c.is_alphanumeric() || c == '_');
                self.push(Kind::Word(word), at);
            }
            _ => self.push(Kind::Mark(c), at),
        }
    }

    fn push(&mut self, kind: Kind<'a>, at: usize) {
        self.tokens.push(Token { kind, at });
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.rest.peek().is_some_and(|(_, c)| *c == wanted)
    }

    /// The text from `at` to where the next character is not one of those wanted.
    fn take(&mut self, at: usize, wanted: impl Fn(char) -> bool) -> &'a str {
        while self.rest.next_if(|(_, c)| wanted(*c)).is_some() {}
        let end = self.rest.peek().map_or(self.text.len(), |(end, _)| *end);
        self.text.get(at..end).unwrap_or_default()
    }

    /// A line's end is a semicolon after a token that can end a statement.
    fn line_ends(&mut self, at: usize) {
        let ends = match self.tokens.last().map(|token| token.kind) {
            Some(Kind::Word(word)) => !UNFINISHED.contains(&word),
            Some(Kind::Integer(_) | Kind::Literal | Kind::Mark(')' | ']' | '}')) => true,
            _ => false,
        };
        if ends {
            self.push(Kind::Semicolon, at);
        }
    }

    /// A comment with a line's end in it counts as one.
    fn block_comment(&mut self, at: usize) {
        self.rest.next();
        let (mut star, mut lines) = (false, false);
        for (_, c) in self.rest.by_ref() {
            if star && c == '/' {
                break;
            }
            star = c == '*';
            lines |= c == '\n';
        }
        if lines {
            self.line_ends(at);
        }
    }

    /// A literal that its quote ends, or at the latest its line.
    fn quoted(&mut self, at: usize, quote: char) {
        while let Some((_, c)) = self.rest.next_if(|(_, c)| *c != '\n') {
            match c {
                '\\' => {
                    let _ = self.rest.next_if(|(_, c)| *c != '\n');
                }
                _ if c == quote => break,
                _ => {}
            }
        }
        self.push(Kind::Literal, at);
    }

    fn number(&mut self, at: usize) {
        let digits = self.take(at, |c| c.is_alphanumeric() || c == '_' || c == '.');
        self.push(if digits.contains('.') { Kind::Literal } else { Kind::Integer(digits) }, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let shown = tokens(text).into_iter().map(|token| match token.kind {
            Kind::Word(word) | Kind::Integer(word) => word.to_owned(),
            Kind::Literal => "LIT".to_owned(),
            Kind::Mark(c) => c.to_string(),
            Kind::Semicolon => ";".to_owned(),
            Kind::End => "END".to_owned(),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lines_end_as_go_ends_them() {
        assert_eq!(
            words("type A struct {\n\tB int `json:\"b\"`\n\n}\n"),
            "type A struct { B int LIT ; } ; END"
        );
        assert_eq!(words("a,\nb"), "a , b ; END");
        assert_eq!(words("x /* one\ntwo */ y // rest\nz"), "x ; y ; z ; END");
    }

    #[test]
    fn literals_hide_what_is_in_them() {
        assert_eq!(words("\"a\\\"{\" '{' `\n{`"), "LIT LIT LIT ; END");
        assert_eq!(words("0x_10 1.5e3"), "0x_10 LIT ; END");
        assert_eq!(words("\"open\nnext"), "LIT ; next ; END");
    }

    #[test]
    fn anything_at_all_has_tokens() {
        for text in ["", "\\", "/", "/*", "`", "'\\", "\u{0}\u{feff}é€", "/**/"] {
            assert_eq!(tokens(text).last().map(|token| token.kind), Some(Kind::End));
        }
    }
}
