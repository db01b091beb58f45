//! Arguments from JSON: a Go value and its type, as gob sends them.
//!
//! JSON says less than Go's decoder wants to hear. Without a type given, one is inferred from the value: integers are
//! `int` (`uint` beyond its range), numbers with a point or an exponent `float64`, objects structs with the members as
//! fields, arrays slices of whatever all their elements are. With one given, the value is read as that type.
//!
//! Either way the same type is defined once: a connection describes it to the server with the first argument that has
//! it, and never again.

mod any;
mod error;
mod given;
mod intern;
mod leaf;
mod shape;
#[cfg(test)]
mod tests;

pub use error::{ArgumentError, Problem};

use self::intern::Interner;
use super::gob::{Definition, TypeRef, Types, Value};
use super::gotype::GoTypes;
use super::json;

/// Reads a connection's arguments.
#[derive(Debug, Default)]
pub struct Arguments {
    types: Interner,
    given: Option<GoTypes>,
    /// The given named types' places among the gob types, once they are defined.
    named: Vec<Option<TypeRef>>,
}

/// An argument to be encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its type, one of [`Arguments::types`].
    pub ty: TypeRef,
    /// Its value.
    pub value: Value,
}

impl Arguments {
    /// Arguments whose types are inferred.
    pub fn inferred() -> Self {
        Self::default()
    }

    /// Arguments of a type.
    pub fn of(given: GoTypes) -> Self {
        let named = vec![None; given.named().len()];
        Self { types: Interner::default(), given: Some(given), named }
    }

    /// The types of all arguments so far.
    pub fn types(&self) -> &Types {
        self.types.types()
    }

    /// Adds a type of the connection's own.
    pub fn define(&mut self, definition: Definition) -> TypeRef {
        self.types.types_mut().define(definition)
    }

    /// Reads one argument.
    pub fn read(&mut self, text: &str) -> Result<Argument, ArgumentError> {
        let json = json::read(text)?;
        match &self.given {
            Some(given) => given::read(given, &mut self.named, &mut self.types, &json),
            None => shape::read(&mut self.types, &json),
        }
    }
}
