//! Why JSON is no argument.

use crate::netrpc::json::SyntaxError;

/// Why JSON is no argument.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ArgumentError {
    /// It isn't JSON.
    #[error("the request is not JSON: {0}")]
    Syntax(#[from] SyntaxError),
    /// A value in it can't be what it has to be.
    #[error("{}{problem}", at(path))]
    Value {
        /// Where in the JSON: `.Items[2].Name`, or empty for the whole.
        path: String,
        /// What is wrong there.
        problem: Problem,
    },
}

fn at(path: &str) -> String {
    // Any element of the whole is no place that would have to be said.
    if matches!(path, "" | "[]") { String::new() } else { format!("at {path}: ") }
}

/// What is wrong with a value.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Problem {
    /// No Go type holds all of an array's elements.
    #[error("the elements are {one} and {other}, but a Go slice has elements of one type")]
    Mixed {
        /// Some elements.
        one: &'static str,
        /// Some others.
        other: &'static str,
        /// What the whole argument's type is if the server takes `any` here.
        suggested: String,
    },
    /// An integer that no integer of Go's holds.
    #[error("{number} is beyond int64 and uint64")]
    Huge {
        /// The number.
        number: String,
        /// What the whole argument's type is if this is a `*big.Int`.
        suggested: String,
    },
    /// An argument that is null or an empty array says nothing about its type.
    #[error("{found} says nothing about the argument's type")]
    Untyped {
        /// What it is.
        found: &'static str,
    },
    /// A value of another kind.
    #[error("expected {expected}, found {found}")]
    Kind {
        /// What the type takes.
        expected: String,
        /// What there is.
        found: String,
    },
    /// A number that the type can't hold.
    #[error("{number} is out of the range of {ty}")]
    Range {
        /// The number.
        number: String,
        /// The type.
        ty: String,
    },
    /// An array of another length.
    #[error("{ty} takes {expected} elements, found {found}")]
    Length {
        /// The type.
        ty: String,
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A member that is no field of the struct.
    #[error("{ty} has no field {name}{}", nearest.as_ref().map_or(String::new(), |near| format!("; did you mean {near}?")))]
    UnknownField {
        /// The member.
        name: String,
        /// The struct.
        ty: String,
        /// The field with the nearest name.
        nearest: Option<String>,
    },
    /// Two members that are the same field, as their names differ in case alone.
    #[error("field {name} is given twice")]
    Twice {
        /// The field.
        name: String,
    },
    /// A type that an interface is to hold, of which nothing is known.
    #[error("type {name} is not known: add its definition behind the argument's type{}", example(name))]
    UnknownType {
        /// Its name.
        name: String,
    },
    /// A type that is nested too deep to be described.
    #[error("the type is nested too deep")]
    Deep,
}

/// How a type's definition stands behind a type in which it may be.
fn example(name: &str) -> String {
    let alone = name.rsplit('.').next().unwrap_or_default();
    if alone.is_empty() || !alone.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return String::new();
    }
    format!(": --type 'struct{{Any any}}; type {alone} struct{{Radius float64}}'")
}

impl Problem {
    /// The type to give for the whole argument, where only the type is wrong.
    pub fn suggested(&self) -> Option<&str> {
        match self {
            Self::Mixed { suggested, .. } | Self::Huge { suggested, .. } => Some(suggested),
            _ => None,
        }
    }
}

/// A path in the JSON, which grows outwards: the innermost step is known first.
#[derive(Debug)]
pub(super) struct Misfit {
    path: String,
    problem: Problem,
}

impl Misfit {
    pub(super) fn within(mut self, step: impl std::fmt::Display) -> Self {
        self.path.insert_str(0, &step.to_string());
        self
    }

    pub(super) fn member(self, name: &str) -> Self {
        self.within(format_args!(".{name}"))
    }

    pub(super) fn element(self, index: usize) -> Self {
        self.within(format_args!("[{index}]"))
    }
}

impl From<Problem> for Misfit {
    fn from(problem: Problem) -> Self {
        Self { path: String::new(), problem }
    }
}

impl From<Misfit> for ArgumentError {
    fn from(misfit: Misfit) -> Self {
        Self::Value { path: misfit.path, problem: misfit.problem }
    }
}
