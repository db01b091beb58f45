//! From names to what they stand for.
//!
//! Only what the argument is made of is looked up. Named types are taken from a queue, not by recursion, so that a
//! long chain of them needs no deep stack; what then may recurse is checked to end.

use std::collections::HashMap;

use super::declarations::Declarations;
use super::error::{Place, TypeError};
use super::parse::{Expr, Length};
use super::{GoField, GoType, GoTypes, NamedType, known};
use crate::netrpc::gob::Marshaler;

/// How many fields and elements of arrays a type may have: all are sent, be they zero.
const SIZE: usize = 1 << 20;
/// How deep named types may be nested by value.
const DEPTH: usize = 100;

/// The type that `root` stands for; `root_text` is the text that it was parsed from, `text` that of the declarations.
///
/// Where an interface is a part of it, so may be any declared type: then all that make sense are in the table too.
pub(super) fn resolve(
    text: &str,
    declarations: &Declarations,
    root: &Expr,
    root_text: &str,
) -> Result<GoTypes, TypeError> {
    let mut resolver = Resolver::new(declarations);
    let mut types = GoTypes { root: resolver.expr(root_text, root)?, named: Vec::new() };
    resolver.take_queue(text, &mut types)?;
    if resolver.interfaces {
        for (name, _) in &declarations.types {
            if makes_sense(text, declarations, name) {
                resolver.declared(name);
                resolver.take_queue(text, &mut types)?;
            }
        }
    }
    types.check()?;
    Ok(types)
}

fn makes_sense(text: &str, declarations: &Declarations, name: &str) -> bool {
    let mut resolver = Resolver::new(declarations);
    let Some(root) = resolver.declared(name) else { return false };
    let mut types = GoTypes { root, named: Vec::new() };
    resolver.take_queue(text, &mut types).and_then(|()| types.check()).is_ok()
}

struct Resolver<'a> {
    declarations: &'a Declarations,
    /// Where each name is declared.
    places: HashMap<&'a str, usize>,
    /// Where each named type in use has its place.
    used: HashMap<&'a str, usize>,
    /// The named types in use, in the order of [`GoTypes::named`].
    queue: Vec<(&'a str, &'a Expr)>,
    nodes: usize,
    /// Whether an interface was met.
    interfaces: bool,
}

impl<'a> Resolver<'a> {
    fn new(declarations: &'a Declarations) -> Self {
        let names = declarations.types.iter().enumerate().map(|(place, (name, _))| (name.as_str(), place));
        Self {
            declarations,
            places: names.collect(),
            used: HashMap::new(),
            queue: Vec::new(),
            nodes: 0,
            interfaces: false,
        }
    }

    /// Resolves the named types that were met, and those met on the way.
    fn take_queue(&mut self, text: &str, types: &mut GoTypes) -> Result<(), TypeError> {
        while let Some((name, expr)) = self.queue.get(types.named.len()).copied() {
            let ty = self.expr(text, expr)?;
            types.named.push(NamedType { name: name.into(), ty });
        }
        Ok(())
    }

    /// Recurses no deeper than the parser did.
    fn expr(&mut self, text: &str, expr: &Expr) -> Result<GoType, TypeError> {
        self.nodes += 1;
        if self.nodes > SIZE {
            return Err(TypeError::Large { limit: SIZE });
        }
        Ok(match expr {
            Expr::Name { name, at } => self
                .name(name)
                .ok_or_else(|| TypeError::Undefined { at: Place::of(text, *at), name: name.clone() })?,
            Expr::Generic { name, at } => {
                return Err(TypeError::Generic { at: Place::of(text, *at), name: name.clone() });
            }
            Expr::Pointer(to) => match self.expr(text, to)? {
                GoType::Unsendable => GoType::Unsendable,
                to => GoType::Pointer(Box::new(to)),
            },
            Expr::Slice(element) => GoType::Slice(Box::new(self.expr(text, element)?)),
            Expr::Array { length, at, element } => {
                let length = self
                    .length(length)
                    .ok_or_else(|| TypeError::Length { at: Place::of(text, *at), limit: SIZE })?;
                GoType::Array(length, Box::new(self.expr(text, element)?))
            }
            Expr::Map(key, value) => {
                GoType::Map(Box::new(self.expr(text, key)?), Box::new(self.expr(text, value)?))
            }
            Expr::Struct(fields) => {
                let mut sent = Vec::new();
                for field in fields.iter().filter(|field| is_exported(&field.name)) {
                    match self.expr(text, &field.ty)? {
                        GoType::Unsendable => {}
                        ty => sent.push(GoField { name: field.name.as_str().into(), ty }),
                    }
                }
                GoType::Struct(sent.into())
            }
            Expr::Interface => self.interface(),
            Expr::Unsendable => GoType::Unsendable,
        })
    }

    /// A declaration hides what Go and its library mean by a name; a package's type may be declared without its
    /// package, as it is in the package's own file.
    fn name(&mut self, name: &str) -> Option<GoType> {
        if name.contains('.') {
            let alone = name.rsplit('.').next()?;
            return known::standard(name).or_else(|| self.declared(alone));
        }
        self.declared(name).or_else(|| match known::basic(name)? {
            GoType::Interface => Some(self.interface()),
            basic => Some(basic),
        })
    }

    fn interface(&mut self) -> GoType {
        self.interfaces = true;
        GoType::Interface
    }

    fn declared(&mut self, name: &str) -> Option<GoType> {
        let declarations = self.declarations;
        let (name, expr) = declarations.types.get(*self.places.get(name)?)?;
        if matches!(expr, Expr::Unsendable) {
            return Some(GoType::Unsendable);
        }
        if let Some(marshaler) = self.marshaler(name) {
            return Some(GoType::Opaque(name.as_str().into(), marshaler));
        }
        let next = self.queue.len();
        let place = *self.used.entry(name).or_insert(next);
        if place == next {
            self.queue.push((name, expr));
        }
        Some(GoType::Named(place))
    }

    /// The method with which a type encodes itself, in gob's order of preference.
    fn marshaler(&self, name: &str) -> Option<Marshaler> {
        let has = |wanted: &[&str]| {
            let mut methods = self.declarations.methods.iter().filter(|method| method.receiver == name);
            methods.any(|method| wanted.contains(&method.name.as_str()))
        };
        if has(&["GobEncode", "GobDecode"]) {
            Some(Marshaler::Gob)
        } else {
            has(&["MarshalBinary", "UnmarshalBinary"]).then_some(Marshaler::Binary)
        }
    }

    fn length(&self, length: &Length) -> Option<usize> {
        let literal = match length {
            Length::Literal(literal) => literal,
            Length::Constant(name) => {
                &self.declarations.constants.iter().find(|(constant, _)| constant == name)?.1
            }
        };
        let digits = literal.replace('_', "");
        let length = match digits.get(..2) {
            Some("0x" | "0X") => usize::from_str_radix(digits.get(2..)?, 16),
            Some("0b" | "0B") => usize::from_str_radix(digits.get(2..)?, 2),
            Some("0o" | "0O") => usize::from_str_radix(digits.get(2..)?, 8),
            _ => digits.parse(),
        };
        length.ok().filter(|length| *length <= SIZE)
    }
}

/// What is known of a named type's size.
#[derive(Clone, Copy)]
enum Size {
    Unknown,
    Measuring,
    Known(usize),
}

/// Whether Go exports a name: it begins with a capital.
fn is_exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

impl GoTypes {
    /// Makes sure that following pointers and names ends, and that a value of zeros does.
    fn check(&self) -> Result<(), TypeError> {
        let mut sizes = vec![Size::Unknown; self.named.len()];
        for named in &self.named {
            let mut ty = &named.ty;
            let mut names = 0;
            loop {
                ty = match ty {
                    GoType::Pointer(to) => to,
                    GoType::Named(place) if names < self.named.len() => {
                        names += 1;
                        self.named.get(*place).map_or(&GoType::Unsendable, |named| &named.ty)
                    }
                    GoType::Named(_) => return Err(TypeError::Infinite { name: named.name.to_string() }),
                    _ => break,
                };
            }
        }
        for place in 0..self.named.len() {
            self.size(&GoType::Named(place), &mut sizes, DEPTH)?;
        }
        self.size(&self.root, &mut sizes, DEPTH).map(|_| ())
    }

    /// How many values a value of zeros is made of.
    fn size(&self, ty: &GoType, sizes: &mut [Size], depth: usize) -> Result<usize, TypeError> {
        let size = match ty {
            GoType::Array(length, element) => self.size(element, sizes, depth)?.saturating_mul(*length),
            GoType::Struct(fields) => fields.iter().try_fold(1, |sum: usize, field| {
                Ok(sum.saturating_add(self.size(&field.ty, sizes, depth)?))
            })?,
            GoType::Named(place) => {
                let (Some(named), Some(known)) = (self.named.get(*place), sizes.get_mut(*place)) else {
                    return Ok(1);
                };
                match known {
                    Size::Known(size) => return Ok(*size),
                    Size::Measuring => return Err(TypeError::Infinite { name: named.name.to_string() }),
                    Size::Unknown if depth == 0 => return Err(TypeError::Deep { limit: DEPTH }),
                    Size::Unknown => *known = Size::Measuring,
                }
                let size = self.size(&named.ty, sizes, depth - 1)?;
                if let Some(known) = sizes.get_mut(*place) {
                    *known = Size::Known(size);
                }
                size
            }
            _ => 1,
        };
        if size > SIZE { Err(TypeError::Large { limit: SIZE }) } else { Ok(size) }
    }
}
