//! The grammar of Go's types.
//!
//! What comes out is the text's own tree: names are still names, and whether anything defines them is asked when one
//! of them is needed ([`super::resolve`]). So a file may hold types that could never be sent, as long as the argument
//! has none of them.

use std::rc::Rc;

use super::error::{Place, TypeError};
use super::lex::{Kind, Token, is_keyword, tokens};

/// How deep types may be nested in the text.
const DEPTH: usize = 100;

/// A type as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expr {
    Name {
        name: String,
        at: usize,
    },
    Generic {
        name: String,
        at: usize,
    },
    Pointer(Box<Expr>),
    Slice(Box<Expr>),
    Array {
        length: Length,
        at: usize,
        element: Box<Expr>,
    },
    Map(Box<Expr>, Box<Expr>),
    Struct(Vec<ExprField>),
    Interface,
    /// A channel or a function.
    Unsendable,
}

/// An array's length: a literal, or the name of a constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Length {
    Literal(String),
    Constant(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExprField {
    pub(super) name: String,
    /// Shared by the fields that were declared together.
    pub(super) ty: Rc<Expr>,
}

/// Reads types from tokens; [`super::declarations`] reads what is around them.
pub(super) struct Parser<'a> {
    text: &'a str,
    pub(super) tokens: Vec<Token<'a>>,
    pub(super) next: usize,
    depth: usize,
}

pub(super) type Result<T, E = TypeError> = std::result::Result<T, E>;

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, tokens: tokens(text), next: 0, depth: 0 }
    }

    pub(super) fn peek(&self) -> Kind<'a> {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, count: usize) -> Kind<'a> {
        self.tokens.get(self.next + count).map_or(Kind::End, |token| token.kind)
    }

    pub(super) fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.text.len(), |token| token.at)
    }

    pub(super) fn bump(&mut self) -> Kind<'a> {
        let kind = self.peek();
        self.next += 1;
        kind
    }

    pub(super) fn take(&mut self, wanted: Kind<'_>) -> bool {
        let found = self.peek() == wanted;
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, mark: char, expected: &'static str) -> Result<()> {
        if self.take(Kind::Mark(mark)) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    pub(super) fn word(&mut self, expected: &'static str) -> Result<&'a str> {
        match self.peek() {
            Kind::Word(word) if !is_keyword(word) => {
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn place(&self) -> Place {
        Place::of(self.text, self.at())
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> TypeError {
        let found = match self.peek() {
            Kind::Word(word) | Kind::Integer(word) => word.to_owned(),
            Kind::Literal => "a literal".to_owned(),
            Kind::Mark(mark) => format!("{mark:?}"),
            Kind::Semicolon => "the end of the line".to_owned(),
            Kind::End => "the end of the text".to_owned(),
        };
        TypeError::Syntax { at: self.place(), expected, found }
    }

    pub(super) fn skip_semicolons(&mut self) {
        while self.take(Kind::Semicolon) {}
    }

    pub(super) fn end_of_line(&mut self) -> Result<()> {
        match self.peek() {
            Kind::Semicolon | Kind::End => Ok(()),
            _ => Err(self.unexpected("the end of the type")),
        }
    }

    /// Passes over brackets and what is in them.
    pub(super) fn skip_brackets(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.bump() {
                Kind::Mark('(' | '[' | '{') => open += 1,
                Kind::Mark(')' | ']' | '}') => open = open.saturating_sub(1),
                Kind::End => return,
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }

    pub(super) fn expr(&mut self) -> Result<Expr> {
        if self.depth == DEPTH {
            return Err(TypeError::Deep { limit: DEPTH });
        }
        self.depth += 1;
        let expr = self.expr_inside();
        self.depth -= 1;
        expr
    }

    fn expr_inside(&mut self) -> Result<Expr> {
        let at = self.at();
        match self.peek() {
            Kind::Mark('*') => {
                self.bump();
                Ok(Expr::Pointer(Box::new(self.expr()?)))
            }
            Kind::Mark('[') => self.list(at),
            Kind::Mark('(') => {
                self.bump();
                let inner = self.expr()?;
                self.expect(')', "a closing parenthesis")?;
                Ok(inner)
            }
            Kind::Mark('<') | Kind::Word("chan") => self.channel(),
            Kind::Word("func") => self.function_type(),
            Kind::Word("map") => self.map(),
            Kind::Word("struct") => self.structure(),
            Kind::Word("interface") => {
                self.bump();
                if self.peek() != Kind::Mark('{') {
                    return Err(self.unexpected("an opening brace"));
                }
                self.skip_brackets();
                Ok(Expr::Interface)
            }
            Kind::Word(_) => self.name(at),
            _ => Err(self.unexpected("a type")),
        }
    }

    fn list(&mut self, at: usize) -> Result<Expr> {
        self.bump();
        if self.take(Kind::Mark(']')) {
            return Ok(Expr::Slice(Box::new(self.expr()?)));
        }
        let length = match self.bump() {
            Kind::Integer(number) => Length::Literal(number.to_owned()),
            Kind::Word(name) => Length::Constant(name.to_owned()),
            _ => {
                self.next -= 1;
                return Err(self.unexpected("the array's length or a closing bracket"));
            }
        };
        self.expect(']', "a closing bracket")?;
        Ok(Expr::Array { length, at, element: Box::new(self.expr()?) })
    }

    fn map(&mut self) -> Result<Expr> {
        self.bump();
        self.expect('[', "an opening bracket")?;
        let key = self.expr()?;
        self.expect(']', "a closing bracket")?;
        Ok(Expr::Map(Box::new(key), Box::new(self.expr()?)))
    }

    /// `chan T`, `chan<- T` or `<-chan T`.
    fn channel(&mut self) -> Result<Expr> {
        while matches!(self.peek(), Kind::Mark('<' | '-') | Kind::Word("chan")) {
            self.bump();
        }
        self.expr().map(|_| Expr::Unsendable)
    }

    fn function_type(&mut self) -> Result<Expr> {
        self.bump();
        if self.peek() != Kind::Mark('(') {
            return Err(self.unexpected("an opening parenthesis"));
        }
        self.skip_brackets();
        match self.peek() {
            Kind::Mark('(') => self.skip_brackets(),
            Kind::Word(_) | Kind::Mark('*' | '[' | '<') => {
                self.expr()?;
            }
            _ => {}
        }
        Ok(Expr::Unsendable)
    }

    /// `T`, `package.T`, or either with type arguments.
    fn name(&mut self, at: usize) -> Result<Expr> {
        let mut name = self.word("a type")?.to_owned();
        if self.take(Kind::Mark('.')) {
            name = format!("{name}.{}", self.word("the type's name")?);
        }
        if self.peek() == Kind::Mark('[') {
            self.skip_brackets();
            return Ok(Expr::Generic { name, at });
        }
        Ok(Expr::Name { name, at })
    }

    fn structure(&mut self) -> Result<Expr> {
        self.bump();
        self.expect('{', "an opening brace")?;
        let mut fields = Vec::new();
        loop {
            self.skip_semicolons();
            if self.take(Kind::Mark('}')) {
                return Ok(Expr::Struct(fields));
            }
            self.fields(&mut fields)?;
            self.take(Kind::Literal);
            if !matches!(self.peek(), Kind::Semicolon | Kind::Mark('}')) {
                return Err(self.unexpected("a semicolon, a new line or a closing brace"));
            }
        }
    }

    /// `A, B T`, or an embedded type, which names its field.
    fn fields(&mut self, fields: &mut Vec<ExprField>) -> Result<()> {
        let embedded = match (self.peek(), self.ahead(1)) {
            (Kind::Mark('*' | '('), _) => true,
            (Kind::Word(_), next) => {
                matches!(next, Kind::Semicolon | Kind::Literal | Kind::Mark('}' | '.') | Kind::End)
            }
            _ => return Err(self.unexpected("a field or a closing brace")),
        };
        if embedded {
            let ty = self.expr()?;
            if let Some(name) = embedded_name(&ty) {
                fields.push(ExprField { name, ty: Rc::new(ty) });
            }
            return Ok(());
        }
        let mut names = vec![self.word("a field's name")?.to_owned()];
        while self.take(Kind::Mark(',')) {
            names.push(self.word("a field's name")?.to_owned());
        }
        let ty = Rc::new(self.expr()?);
        fields.extend(names.into_iter().map(|name| ExprField { name, ty: Rc::clone(&ty) }));
        Ok(())
    }
}

/// The name that an embedded type gives its field: its own, without package and pointer.
fn embedded_name(ty: &Expr) -> Option<String> {
    match ty {
        Expr::Name { name, .. } | Expr::Generic { name, .. } => {
            Some(name.rsplit('.').next().unwrap_or(name).to_owned())
        }
        Expr::Pointer(to) => embedded_name(to),
        _ => None,
    }
}
