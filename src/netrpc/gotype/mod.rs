//! Go types in Go's own words: `struct{A uint; T time.Time}`, or a source file of the server.
//!
//! [`parse`] reads what `--type` is given, [`parse_file`] a file in which one type is meant. What comes out is a tree
//! with a table of the named types in it, since Go's types may name themselves.

mod choose;
mod declarations;
mod error;
mod known;
mod lex;
mod parse;
mod print;
mod resolve;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use error::{Place, TypeError};

use super::gob::Marshaler;
use super::standard::Standard;

/// A Go type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoType {
    /// `bool`.
    Bool,
    /// A signed integer: its name and its bits.
    Int(&'static str, u32),
    /// An unsigned integer: its name and its bits.
    Uint(&'static str, u32),
    /// A floating-point number: its bits.
    Float(u32),
    /// A complex number: its bits.
    Complex(u32),
    /// `string`.
    String,
    /// An interface of any kind.
    Interface,
    /// `*T`.
    Pointer(Box<GoType>),
    /// `[]T`.
    Slice(Box<GoType>),
    /// `[N]T`.
    Array(usize, Box<GoType>),
    /// `map[K]V`.
    Map(Box<GoType>, Box<GoType>),
    /// A struct's fields that gob sends: the exported ones, but for channels and functions.
    Struct(Arc<[GoField]>),
    /// A type with a name and a place in [`GoTypes::named`].
    Named(usize),
    /// A type of the standard library that encodes itself.
    Standard(Standard),
    /// A type of the server's that encodes itself: its name, and how.
    Opaque(Arc<str>, Marshaler),
    /// A channel or a function.
    Unsendable,
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoField {
    /// The name; that of an embedded field is its type's.
    pub name: Arc<str>,
    /// The type.
    pub ty: GoType,
}

/// A type with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedType {
    /// The name, without a package.
    pub name: Arc<str>,
    /// What it stands for.
    pub ty: GoType,
}

/// A type with the named types in it. Made by [`parse`] and [`parse_file`] alone, so it is no deeper than a stack, and
/// its values without slices, maps and pointers are of finite size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoTypes {
    root: GoType,
    named: Vec<NamedType>,
}

impl GoTypes {
    /// The type itself.
    pub fn root(&self) -> &GoType {
        &self.root
    }

    /// The named types in it.
    pub fn named(&self) -> &[NamedType] {
        &self.named
    }

    /// The type that a name stands for and pointers point to, and the last name on the way.
    pub fn underlying<'a>(&'a self, ty: &'a GoType) -> (&'a GoType, Option<&'a Arc<str>>) {
        let (mut ty, mut name) = (ty, None);
        // Made types have no endless chains.
        loop {
            match ty {
                GoType::Pointer(to) => ty = to,
                GoType::Named(place) => match self.named.get(*place) {
                    Some(named) => (ty, name) = (&named.ty, Some(&named.name)),
                    None => return (ty, name),
                },
                _ => return (ty, name),
            }
        }
    }
}

/// Reads a type, such as `[]string`, and the declarations behind it, if any: `Node; type Node struct{ Next *Node }`.
/// Declarations without a type before them are read as [`parse_file`] reads them.
pub fn parse(text: &str) -> Result<GoTypes, TypeError> {
    parse_file(text, None, "").map_err(|error| match error {
        TypeError::Undefined { at, name } => TypeError::UndefinedInWords { at, name },
        TypeError::Nothing => TypeError::NothingInWords,
        error => error,
    })
}

/// Reads a type out of a source file: the one called for by name (or by any type expression, such as `[]Args`), the
/// one with which the file begins if it is not a declaration, the argument of the method (`Service.Method`) if the
/// file has its signature, or the only struct that is not a part of another type.
pub fn parse_file(text: &str, wanted: Option<&str>, method: &str) -> Result<GoTypes, TypeError> {
    let declarations = declarations::parse(text)?;
    choose::choose(text, &declarations, wanted, method)
}

/// Splits `FILE:TYPE` into the file and the type in it.
pub fn split_file(reference: &str) -> (&str, Option<&str>) {
    match reference.rsplit_once(':') {
        Some((file, ty)) if !file.is_empty() && !ty.is_empty() && !ty.contains(['/', '\\']) => {
            (file, Some(ty))
        }
        _ => (reference, None),
    }
}
