//! Where in a message an item's value stands.

use std::fmt;

/// From a value into one that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
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
pub(super) fn text(steps: &[Step]) -> String {
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
            Self::Name(name) => write!(f, "{name:?}"),
            Self::Key(key) if key.contains([']', '"']) => write!(f, "[{key:?}]"),
            Self::Key(key) => write!(f, "[{key}]"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Append => f.write_str("[]"),
        }
    }
}

/// Whether a name needs no quotes: a field's, or an extension's in its brackets.
fn is_plain(name: &str) -> bool {
    let inner = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let dots = inner.len() < name.len();
    !inner.is_empty()
        && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-') || (dots && c == '.'))
}
