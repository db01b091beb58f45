//! Finds every path that a Rust source file names, with the line it is on.
//!
//! This reads tokens, not syntax trees: comments and literals are passed over, `use` groups are spread out, and
//! `super` is resolved against the file's place and the inline modules around it. Paths made by macros are not seen.

use std::iter::Peekable;
use std::str::Chars;

/// A path of two or more words, or a macro's name with its `!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The words of the path, with `crate::`, `self::` and `super::` made absolute: `["crate", "wire", "Code"]`.
    pub(crate) path: Vec<String>,
    /// Whether this is a macro's invocation.
    pub(crate) is_macro: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Colons,
    Other(char),
}

/// All that `source` names. `module` is where the file is: `["schema", "print"]` for `src/schema/print/mod.rs`.
pub(crate) fn names(module: &[&str], source: &str) -> Vec<Named> {
    let tokens = tokens(source);
    let mut reader = Reader { tokens: &tokens, at: 0, found: Vec::new() };
    let mut module: Vec<String> = module.iter().map(|&word| word.to_owned()).collect();
    // For every open brace, whether it is an inline module's.
    let mut braces = Vec::new();
    while let Some((_, token)) = reader.peek(0) {
        match token {
            Token::Word(word) if word == "mod" => {
                if let (Some(Token::Word(name)), Some(Token::Other('{'))) = (reader.token(1), reader.token(2))
                {
                    module.push(name.clone());
                    braces.push(true);
                    reader.at += 3;
                } else {
                    reader.at += 1;
                }
            }
            Token::Word(_) => reader.path(&module, &[]),
            Token::Other(brace) => {
                match brace {
                    '{' => braces.push(false),
                    '}' if braces.pop() == Some(true) => drop(module.pop()),
                    _ => {}
                }
                reader.at += 1;
            }
            Token::Colons => reader.at += 1,
        }
    }
    reader.found
}

struct Reader<'a> {
    tokens: &'a [(usize, Token)],
    at: usize,
    found: Vec<Named>,
}

impl<'a> Reader<'a> {
    fn peek(&self, ahead: usize) -> Option<&'a (usize, Token)> {
        self.tokens.get(self.at + ahead)
    }

    fn token(&self, ahead: usize) -> Option<&'a Token> {
        self.peek(ahead).map(|(_, token)| token)
    }

    /// Reads the path that begins here; of a group, every path in it.
    fn path(&mut self, module: &[String], prefix: &[String]) {
        let line = self.peek(0).map_or(0, |(line, _)| *line);
        let mut path = prefix.to_vec();
        while let Some(Token::Word(word)) = self.token(0) {
            path.push(word.clone());
            self.at += 1;
            if self.token(0) != Some(&Token::Colons) {
                break;
            }
            self.at += 1;
            match self.token(0) {
                Some(Token::Other('{')) => return self.group(module, &path),
                Some(Token::Other('*')) => {
                    path.push("*".to_owned());
                    self.at += 1;
                }
                _ => {}
            }
        }
        // `!=` is a comparison.
        let is_macro = self.token(0) == Some(&Token::Other('!')) && self.token(1) != Some(&Token::Other('='));
        if is_macro || path.len() > 1 {
            self.found.push(Named { line, path: absolute(module, path), is_macro });
        }
    }

    fn group(&mut self, module: &[String], prefix: &[String]) {
        self.at += 1;
        while let Some(token) = self.token(0) {
            match token {
                // `as` and the name it gives.
                Token::Word(word) if word == "as" => self.at += 2,
                Token::Word(_) => self.path(module, prefix),
                Token::Other('}') => {
                    self.at += 1;
                    return;
                }
                _ => self.at += 1,
            }
        }
    }
}

fn absolute(module: &[String], path: Vec<String>) -> Vec<String> {
    let ups = path.iter().take_while(|word| *word == "super" || *word == "self").count();
    if ups == 0 {
        return path;
    }
    let levels = path.iter().take(ups).filter(|word| *word == "super").count();
    let kept = module.len().saturating_sub(levels);
    let here = module.iter().take(kept).cloned();
    std::iter::once("crate".to_owned()).chain(here).chain(path.into_iter().skip(ups)).collect()
}

fn tokens(source: &str) -> Vec<(usize, Token)> {
    let mut lexer = Lexer { chars: source.chars().peekable(), line: 1 };
    let mut tokens = Vec::new();
    while let Some(first) = lexer.next() {
        let line = lexer.line;
        match first {
            '/' if lexer.chars.peek() == Some(&'/') => lexer.skip_line(),
            '/' if lexer.chars.peek() == Some(&'*') => lexer.skip_block(),
            '"' => lexer.skip_string(),
            '\'' => lexer.skip_character(),
            ':' if lexer.chars.peek() == Some(&':') => {
                lexer.next();
                tokens.push((line, Token::Colons));
            }
            c if c == '_' || c.is_alphanumeric() => {
                let word = lexer.word(c);
                match lexer.chars.peek() {
                    Some('"' | '#') if word == "r" || word == "br" => lexer.skip_raw_string(),
                    _ => tokens.push((line, Token::Word(word))),
                }
            }
            c if c.is_whitespace() => {}
            c => tokens.push((line, Token::Other(c))),
        }
    }
    tokens
}

struct Lexer<'a> {
    chars: Peekable<Chars<'a>>,
    line: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.chars.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        while let Some(c) = self.chars.next_if(|c| *c == '_' || c.is_alphanumeric()) {
            word.push(c);
        }
        word
    }

    fn skip_line(&mut self) {
        while self.chars.next_if(|c| *c != '\n').is_some() {}
    }

    fn skip_block(&mut self) {
        let mut depth = 1;
        self.next();
        while depth > 0 {
            match self.next() {
                None => return,
                Some('*') if self.chars.next_if_eq(&'/').is_some() => depth -= 1,
                Some('/') if self.chars.next_if_eq(&'*').is_some() => depth += 1,
                Some(_) => {}
            }
        }
    }

    fn skip_string(&mut self) {
        while let Some(c) = self.next() {
            match c {
                '\\' => drop(self.next()),
                '"' => return,
                _ => {}
            }
        }
    }

    /// A character literal, or nothing of a lifetime but its quote.
    fn skip_character(&mut self) {
        if self.chars.next_if_eq(&'\\').is_some() {
            self.next();
            while let Some(c) = self.next() {
                if c == '\'' {
                    return;
                }
            }
            return;
        }
        let mut ahead = self.chars.clone();
        ahead.next();
        if ahead.next() == Some('\'') {
            self.next();
            self.next();
        }
    }

    /// A raw string from its `#`s on; or a raw identifier's `#`, after which its name is read as any other.
    fn skip_raw_string(&mut self) {
        let mut hashes = 0;
        while self.chars.next_if_eq(&'#').is_some() {
            hashes += 1;
        }
        if self.chars.next_if_eq(&'"').is_none() {
            return;
        }
        while let Some(c) = self.next() {
            let mut left = hashes;
            while c == '"' && left > 0 && self.chars.next_if_eq(&'#').is_some() {
                left -= 1;
            }
            if c == '"' && left == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        names(&["schema", "print"], source)
            .into_iter()
            .map(|name| {
                format!("{}:{}{}", name.line, name.path.join("::"), if name.is_macro { "!" } else { "" })
            })
            .collect()
    }

    #[test]
    fn groups_are_spread_out_and_lines_counted() {
        let source =
            "use crate::{\n    transport,\n    wire::{Code, status::Origin as O},\n};\nlet x = a::b::<C>();";
        assert_eq!(
            found(source),
            ["2:crate::transport", "3:crate::wire::Code", "3:crate::wire::status::Origin", "5:a::b"]
        );
    }

    #[test]
    fn super_is_resolved_from_the_module_it_stands_in() {
        let source = "use super::name; mod tests { use super::super::x; fn f() { super::g() } } use super::super::wire;";
        assert_eq!(
            found(source),
            ["1:crate::schema::name", "1:crate::schema::x", "1:crate::schema::print::g", "1:crate::wire"]
        );
    }

    #[test]
    fn comments_strings_and_characters_name_nothing() {
        let source = "// crate::wire\n/* a::b /* */ c::d */ \"e::f \\\" g::h\" '\"' 'x' r#\"i::j\"# k::l::<'static> m::n";
        assert_eq!(found(source), ["2:k::l", "2:m::n"]);
    }

    #[test]
    fn macros_are_told_from_comparisons() {
        assert_eq!(found("println!(); if a != b {} std::dbg!(x)"), ["1:println!", "1:std::dbg!"]);
    }
}
