//! Why gobs could not be read or written.

use std::fmt;

use thiserror::Error;

/// Why a stream is not one of gobs, or not one that this side is ready to read. Nothing more can be read from it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// One message, or the messages that one value came in, are too long.
    #[error("a message of {size} bytes, where {limit} are the most that is taken")]
    MessageTooLarge {
        /// How long.
        size: u64,
        /// How long it may be.
        limit: usize,
    },
    /// A value would take too much memory.
    #[error("a value that takes more than {limit} bytes of memory")]
    ValueTooLarge {
        /// How many it may take.
        limit: usize,
    },
    /// Values are nested too deep.
    #[error("values nested more than {limit} deep")]
    TooDeep {
        /// How deep they may be.
        limit: usize,
    },
    /// Too many types, or too long definitions of them.
    #[error("definitions of more than {limit} types")]
    TooManyTypes {
        /// How many there may be.
        limit: usize,
    },
    /// A message ends in the middle of a value, or of a type's definition.
    #[error("a message that ends too early")]
    Truncated,
    /// The stream ends in the middle of a value.
    #[error("a stream that ends in the middle of a value")]
    UnexpectedEnd,
    /// A message goes on where its value or definition ends.
    #[error("{bytes} bytes too many at the end of a message")]
    TrailingBytes {
        /// How many bytes are left.
        bytes: usize,
    },
    /// An integer claims more bytes than any has.
    #[error("an integer of {bytes} bytes")]
    LongInteger {
        /// How many.
        bytes: usize,
    },
    /// A type is defined that was defined before.
    #[error("a second definition of type {id}")]
    DuplicateType {
        /// The type's number.
        id: i32,
    },
    /// A type is defined under a number that is kept for types that everybody knows.
    #[error("a definition of type {id}, whose number is reserved")]
    ReservedType {
        /// The number.
        id: i32,
    },
    /// A type is used that nobody defined.
    #[error("type {id}, which was never defined")]
    UnknownType {
        /// The type's number.
        id: i64,
    },
    /// A struct's field or element is of a type that nobody defined.
    #[error("a value of a type that was never defined")]
    UndefinedType,
    /// A message that should define a type defines none, or more than one.
    #[error("a definition that is not of one type")]
    AmbiguousDefinition,
    /// A field has a number that its struct does not have.
    #[error("a field beyond the last of a struct with {count}")]
    FieldOutOfRange {
        /// How many the struct has.
        count: usize,
    },
    /// A field is declared without a name.
    #[error("a field without a name")]
    NamelessField,
    /// A name of a type or a field is not UTF-8.
    #[error("a name that is not UTF-8")]
    NameNotText,
    /// A name of what an interface holds is longer than any.
    #[error("a type's name of {length} bytes")]
    NameTooLong {
        /// How long it is.
        length: usize,
    },
    /// A value that is no struct has not the zero in front that all have.
    #[error("a field's number in front of what is not a struct")]
    NumberedSingleton,
    /// An array is declared with a length that none can have.
    #[error("an array of {length} elements")]
    ArrayLength {
        /// The length.
        length: i64,
    },
    /// An array comes with another number of elements than its type says.
    #[error("{sent} elements in an array of {declared}")]
    ArrayMismatch {
        /// How many the type says.
        declared: usize,
        /// How many came.
        sent: u64,
    },
}

/// Why a value can't be sent, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodeError {
    /// The way to the part that is wrong, such as `Args.Points[3].X`; empty for the whole of an unnamed one.
    pub path: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a value that can't be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The value is of another kind than its type.
    #[error("{got} where {want} is wanted")]
    Mismatch {
        /// The type's kind.
        want: &'static str,
        /// The value's kind.
        got: &'static str,
    },
    /// An array has another number of elements than its type says.
    #[error("{got} elements in an array of {want}")]
    Length {
        /// How many the type says.
        want: usize,
        /// How many there are.
        got: usize,
    },
    /// The type has no field of this name, or it has it before one that came before.
    #[error("no such field")]
    UnknownField,
    /// No type is registered under the name that an interface's value has.
    #[error("nothing is registered under the name {name:?}")]
    Unregistered {
        /// The name.
        name: String,
    },
    /// The type, or one that it is made of, was reserved and never filled.
    #[error("a type that is not defined")]
    UndefinedType,
    /// Values or types are nested too deep.
    #[error("nested too deep")]
    TooDeep,
}

impl EncodeError {
    pub(super) fn new(problem: Problem) -> Self {
        Self { path: String::new(), problem }
    }

    /// The same, seen from one level further out.
    pub(super) fn within(mut self, outer: impl fmt::Display) -> Self {
        self.path = format!("{outer}{}", self.path);
        self
    }
}

impl std::error::Error for EncodeError {}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.strip_prefix('.').unwrap_or(&self.path) {
            "" => self.problem.fmt(f),
            path => write!(f, "{path}: {}", self.problem),
        }
    }
}
