//! What can be wrong with a type that was given in Go's words.

use std::fmt;

/// Why text does not give a type.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TypeError {
    /// The text is not Go.
    #[error("{at}: expected {expected}, found {found}")]
    Syntax {
        /// Where.
        at: Place,
        /// What should have been there.
        expected: &'static str,
        /// What was.
        found: String,
    },
    /// Types inside types inside types.
    #[error("types are nested more than {limit} deep")]
    Deep {
        /// How deep they may be.
        limit: usize,
    },
    /// A name that nothing defines.
    #[error("{at}: type {name} is not defined: add its definition to the file")]
    Undefined {
        /// Where it is named.
        at: Place,
        /// The name.
        name: String,
    },
    /// The same where there is no file.
    #[error("{at}: type {name} is not defined: add its definition, behind a semicolon{}", example(name))]
    UndefinedInWords {
        /// Where it is named.
        at: Place,
        /// The name.
        name: String,
    },
    /// A generic type, which has no shape before its parameters have.
    #[error("{at}: {name} is generic: write the type out with its parameters filled in")]
    Generic {
        /// Where it is named.
        at: Place,
        /// The name.
        name: String,
    },
    /// An array whose length is no plain number, or an impossible one.
    #[error("{at}: the array's length must be a number up to {limit}")]
    Length {
        /// Where it is.
        at: Place,
        /// The longest that can be.
        limit: usize,
    },
    /// A type that contains itself, other than in a slice, a map or behind a struct's pointer.
    #[error("type {name} contains itself: its size would be infinite")]
    Infinite {
        /// The type.
        name: String,
    },
    /// Fields or elements of arrays, together too many to fill with zeros.
    #[error("the type is too large: it has over {limit} fields and elements of arrays")]
    Large {
        /// How many there may be.
        limit: usize,
    },
    /// A file without a type that could be an argument.
    #[error("the file defines no struct type that could be an argument")]
    Nothing,
    /// The same where there is no file.
    #[error("no type is given, such as 'struct{{A int; B []string}}'")]
    NothingInWords,
    /// A file with several types that could be the argument.
    #[error("the file defines several types that could be the argument: {}", .candidates.join(", "))]
    Ambiguous {
        /// Their names, in the file's order.
        candidates: Vec<String>,
    },
    /// A named type that the file does not define.
    #[error("the file does not define type {name}; it defines {}", list(.defined))]
    NotInFile {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        defined: Vec<String>,
    },
}

/// A definition of a type, behind a type that could have it as a part.
fn example(name: &str) -> String {
    let alone = name.rsplit('.').next().unwrap_or_default();
    format!(": 'struct{{F {alone}}}; type {alone} struct{{N int}}'")
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// A place in the text, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Place {
    /// Where the byte at `offset` is.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Self { line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}
