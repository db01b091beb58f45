//! The grammar of a Go source file, of which all but types, methods' signatures and plain constants is passed over.

use super::lex::Kind;
use super::parse::{Expr, Parser, Result};

/// A method, and what its first parameter is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Method {
    pub(super) receiver: String,
    pub(super) name: String,
    pub(super) argument: Option<Expr>,
}

/// What a text declares.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    /// The type that the text begins with, if it does.
    pub(super) first: Option<Expr>,
    pub(super) types: Vec<(String, Expr)>,
    pub(super) methods: Vec<Method>,
    /// Constants that are plain numbers.
    pub(super) constants: Vec<(String, String)>,
}

/// Parses a type, declarations, or a type and declarations.
pub(super) fn parse(text: &str) -> Result<Declarations> {
    let mut parser = Parser::new(text);
    let mut found = Declarations::default();
    parser.skip_semicolons();
    if !parser.at_declaration() && parser.peek() != Kind::End {
        found.first = Some(parser.expr()?);
        parser.end_of_line()?;
    }
    loop {
        parser.skip_semicolons();
        if parser.peek() == Kind::End {
            return Ok(found);
        }
        parser.declaration(&mut found)?;
    }
}

impl Parser<'_> {
    /// A function's type begins with `func` too, but no argument is a function.
    fn at_declaration(&self) -> bool {
        matches!(self.peek(), Kind::Word("package" | "import" | "type" | "const" | "var" | "func"))
    }

    fn declaration(&mut self, found: &mut Declarations) -> Result<()> {
        match self.peek() {
            Kind::Word("type") => {
                self.bump();
                self.group(|parser| parser.type_spec(found))
            }
            Kind::Word("const") => {
                self.constants(found);
                Ok(())
            }
            Kind::Word("func") => {
                found.methods.extend(self.function());
                Ok(())
            }
            Kind::Word("package" | "import" | "var") => {
                self.skip_declaration();
                Ok(())
            }
            _ => Err(self.unexpected("a declaration such as type NAME struct { … }")),
        }
    }

    /// One item, or several in parentheses.
    fn group(&mut self, mut item: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        if !self.take(Kind::Mark('(')) {
            return item(self);
        }
        loop {
            self.skip_semicolons();
            if self.take(Kind::Mark(')')) {
                return Ok(());
            }
            item(self)?;
        }
    }

    fn type_spec(&mut self, found: &mut Declarations) -> Result<()> {
        let at = self.at();
        let name = self.word("the type's name")?.to_owned();
        let generic = self.peek() == Kind::Mark('[')
            && matches!(self.ahead(1), Kind::Word(_))
            && self.ahead(2) != Kind::Mark(']');
        let ty = if generic {
            self.skip_until_line_ends();
            Expr::Generic { name: name.clone(), at }
        } else {
            self.take(Kind::Mark('='));
            self.expr()?
        };
        found.types.push((name, ty));
        if self.peek() == Kind::Mark(')') { Ok(()) } else { self.end_of_line() }
    }

    /// Passes over constants, and notes those that are a name and a number.
    fn constants(&mut self, found: &mut Declarations) {
        let begin = self.next;
        self.skip_declaration();
        let tokens = self.tokens.get(begin..self.next).unwrap_or_default();
        for four in tokens.windows(4) {
            if let [
                Kind::Word(name),
                Kind::Mark('='),
                Kind::Integer(number),
                Kind::Semicolon | Kind::Mark(')'),
            ] = [four[0].kind, four[1].kind, four[2].kind, four[3].kind]
            {
                found.constants.push((name.to_owned(), number.to_owned()));
            }
        }
    }

    /// Passes over a declaration and the line's end behind it.
    fn skip_declaration(&mut self) {
        self.skip_until_line_ends();
        self.take(Kind::Semicolon);
    }

    /// Passes over what is left of a declaration, brackets and all.
    fn skip_until_line_ends(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Kind::End => return,
                Kind::Mark('(' | '[' | '{') => open += 1,
                Kind::Semicolon | Kind::Mark(')' | ']' | '}') if open == 0 => return,
                Kind::Mark(')' | ']' | '}') => open -= 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// Passes over a function. Of a method it keeps the signature's beginning; one that is not understood is none.
    fn function(&mut self) -> Option<Method> {
        let begin = self.next;
        self.bump();
        let method = self.signature();
        self.next = begin;
        // Not `bump`: a stray bracket that ends the declaration must not be met again.
        self.bump();
        self.skip_until_line_ends();
        while matches!(self.peek(), Kind::Mark(')' | ']' | '}') | Kind::Semicolon) {
            self.bump();
        }
        method
    }

    /// `(RECEIVER) NAME(ARGUMENT…`
    fn signature(&mut self) -> Option<Method> {
        self.take(Kind::Mark('(')).then_some(())?;
        if matches!(self.ahead(0), Kind::Word(_)) && self.ahead(1) != Kind::Mark(')') {
            self.bump();
        }
        self.take(Kind::Mark('*'));
        let receiver = self.word("a type").ok()?.to_owned();
        self.take(Kind::Mark(')')).then_some(())?;
        let name = self.word("a name").ok()?.to_owned();
        self.take(Kind::Mark('(')).then_some(())?;
        Some(Method { receiver, name, argument: self.first_parameter() })
    }

    /// The first parameter's type, whether or not it has a name, or shares its type with the second.
    fn first_parameter(&mut self) -> Option<Expr> {
        let named = matches!(self.peek(), Kind::Word(word) if !matches!(word, "map" | "struct" | "interface"))
            && !matches!(self.ahead(1), Kind::Mark(',' | ')' | '.'));
        let shared = matches!(self.peek(), Kind::Word(_))
            && self.ahead(1) == Kind::Mark(',')
            && matches!(self.ahead(2), Kind::Word(_))
            && !matches!(self.ahead(3), Kind::Mark(',' | ')' | '.'));
        self.next += if named { 1 } else { 3 * usize::from(shared) };
        self.expr().ok()
    }
}
