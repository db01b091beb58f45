//! Where in a message an item's value stands.

use std::fmt;

/// From a value into one that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::message) enum Step {
    /// `.name`: a field, or a map's key.
    Name(String),
    /// `[key]`: a map's key, with whatever is in it.
    Key(String),
    /// `[2]`: an element, or a map's key.
    Index(usize),
    /// `[]`: an element behind those that are there.
    Append,
}

/// The text of a path, as one would write it.
pub(in crate::message) fn text(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        if matches!(step, Step::Name(_)) && !text.is_empty() {
            text.push('.');
        }
        text.push_str(&step.to_string());
    }
    text
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) if is_plain(name) => f.write_str(name),
            Self::Name(name) => f.write_str(&quoted(name)),
            Self::Key(key) if key.is_empty() || key.contains([']', '"']) => write!(f, "[{}]", quoted(key)),
            Self::Key(key) => write!(f, "[{key}]"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Append => f.write_str("[]"),
        }
    }
}

impl Step {
    /// To a map's entry, in as few characters as will do.
    pub(in crate::message) fn key(key: &str) -> Self {
        if is_plain(key) && !key.starts_with('[') {
            Self::Name(key.to_owned())
        } else {
            Self::Key(key.to_owned())
        }
    }
}

/// A name in quotes, as a word of the command line has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', r"\\").replace('"', "\\\""))
}

/// Whether a name needs no quotes: a field's, or an extension's in its brackets.
fn is_plain(name: &str) -> bool {
    let inner = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let dots = inner.len() < name.len();
    !inner.is_empty()
        && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-') || (dots && c == '.'))
}
