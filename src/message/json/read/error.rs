//! What is wrong with a JSON document, in the words of the schema and with its place.

use std::fmt;

use crate::chars::beginning;
use crate::message::{Position, TooDeep};

/// A document that is not the message it should be.
#[derive(Debug, thiserror::Error)]
#[error("{}{position}: {problem}", path.as_ref().map(|path| format!("{path} at ")).unwrap_or_default())]
pub struct ReadError {
    /// Where in the document.
    pub position: Position,
    /// The field, as `some.list[2].map["key"]`; none at the top.
    pub path: Option<String>,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not UTF-8.
    #[error("not valid UTF-8")]
    Encoding,
    /// It is not JSON.
    #[error("not valid JSON: expected {expected}, found {found}{}", open.map(|open| open.to_string()).unwrap_or_default())]
    Syntax {
        /// What could have stood there.
        expected: &'static str,
        /// What does.
        found: String,
        /// What the input's end leaves open.
        open: Option<Open>,
    },
    /// It is not the text format.
    #[error("expected {expected}, found {found}")]
    Text {
        /// What could have stood there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A string with an escape that JSON does not have.
    #[error(
        r#"not valid JSON: an escape is one of \" \\ \/ \b \f \n \r \t \uXXXX, and surrogates come in pairs"#
    )]
    Escape,
    /// A string with a control character in it.
    #[error(r"not valid JSON: line breaks and controls stand in a string as escapes, such as \n")]
    Control,
    /// It is not YAML, or nothing that JSON has as well.
    #[error("not valid YAML: {0}")]
    Yaml(String),
    /// A key that is a list or a mapping.
    #[error("not valid YAML: a key is a scalar here, and no list or mapping")]
    Key,
    /// Aliases that stand for more than anybody writes.
    #[error("what its aliases stand for is too much")]
    Aliases,
    /// A value does not fit its field.
    #[error("expected {expected}, found {found}")]
    Unfit {
        /// The field's type, and how its values are written.
        expected: String,
        /// What stands there.
        found: String,
        /// The message type that it should be, where its fields are worth a look.
        message: Option<String>,
    },
    /// A number, time or duration beyond what its field holds.
    #[error("{found} is out of range: {kind} goes from {range}")]
    Range {
        /// The value as it was written.
        found: String,
        /// The field's type.
        kind: String,
        /// What it holds.
        range: String,
    },
    /// A name that the message type does not have.
    #[error("unknown field {name:?} of {message}{}", if similar.is_empty() { has(all) } else { did_you_mean(similar) })]
    UnknownField {
        /// The name as it was written.
        name: String,
        /// The message type's full name.
        message: String,
        /// The nearest names that it does have.
        similar: Vec<String>,
        /// All names that it has, where they are few.
        all: Vec<String>,
    },
    /// A name that the enum does not have.
    #[error("unknown value {name:?} of {enumeration}{}", if similar.is_empty() { has(all) } else { did_you_mean(similar) })]
    UnknownValue {
        /// The name as it was written.
        name: String,
        /// The enum's full name.
        enumeration: String,
        /// The nearest names that it does have.
        similar: Vec<String>,
        /// All names that it has, where they are few.
        all: Vec<String>,
    },
    /// An `Any` of a type that is not known.
    #[error("message type {0} is not known")]
    UnknownType(String),
    /// An `Any` without what every `Any` has.
    #[error(
        r#"expected a member {member:?}: google.protobuf.Any is written as {{"@type": "type.googleapis.com/pkg.Message", …}}"#
    )]
    Any {
        /// The member that is missing.
        member: &'static str,
    },
    /// A member or map key that came before.
    #[error("{name:?} is given twice, first at {first}{}", other_name.as_ref().map(|name| format!(" as {name:?}")).unwrap_or_default())]
    Twice {
        /// The name as it was written.
        name: String,
        /// Where it was given first.
        first: Position,
        /// How it was written there, if otherwise.
        other_name: Option<String>,
    },
    /// A message without one of the fields that it can't be without.
    #[error("{message} can't be without {field:?}, which is required")]
    Required {
        /// The field's name.
        field: String,
        /// The message type's full name.
        message: String,
    },
    /// A second member of a oneof.
    #[error("only one member of oneof {oneof} can be given, and {first:?} was given already")]
    Oneof {
        /// The oneof's name.
        oneof: String,
        /// The member that came first.
        first: String,
    },
    /// Messages in messages beyond what any receiver accepts.
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
}

impl Problem {
    /// Whether the document is no JSON, or YAML, at all.
    pub(in crate::message) fn is_of_syntax(&self) -> bool {
        matches!(
            self,
            Self::Encoding
                | Self::Syntax { .. }
                | Self::Text { .. }
                | Self::Escape
                | Self::Control
                | Self::Yaml(_)
                | Self::Key
        )
    }
}

/// What has begun and not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// `object`, `array` or `string`.
    pub what: &'static str,
    /// Where it begins.
    pub position: Position,
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " inside the {} that begins at {}", self.what, self.position)
    }
}

impl ReadError {
    /// The same, its places counted in the input in which the document begins at `start`.
    #[must_use]
    pub fn after(mut self, start: Position) -> Self {
        self.position = self.position.after(start);
        match &mut self.problem {
            Problem::Twice { first: inner, .. }
            | Problem::Syntax { open: Some(Open { position: inner, .. }), .. } => {
                *inner = inner.after(start);
            }
            _ => {}
        }
        self
    }
}

/// How much of a value is repeated in a message about it.
const SHOWN: usize = 40;

/// As much of a value as tells which one is meant.
pub(in crate::message) fn shortened(text: &str) -> String {
    beginning(text, SHOWN)
}

fn did_you_mean(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(", did you mean {}?", listed(names, "or")) }
}

fn has(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(", which has {}", listed(names, "and")) }
}

fn listed(names: &[String], joint: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {joint} {last}", others.join(", ")),
        None => String::new(),
    }
}
