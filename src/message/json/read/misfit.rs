//! A problem on its way out of the document: every level it passes adds its step to the path.

use std::fmt::Write as _;

use super::error::{Problem, ReadError, shortened};
use super::syntax::{Json, Node};
use crate::message::Position;

/// What is wrong, and at which byte. Boxed, because reading mostly succeeds.
#[derive(Debug)]
pub(in crate::message) struct Misfit(Box<Inner>);

#[derive(Debug)]
struct Inner {
    at: usize,
    /// Innermost first.
    path: Vec<Step>,
    problem: Problem,
}

/// From a value into one that is in it.
#[derive(Debug)]
pub(in crate::message) enum Step {
    Field(String),
    Element(usize),
    Key(String),
}

impl Misfit {
    pub(in crate::message) fn new(at: usize, problem: Problem) -> Self {
        Self(Box::new(Inner { at, path: Vec::new(), problem }))
    }

    /// A value that is not what it should be.
    pub(super) fn unfit(node: &Node<'_>, expected: impl Into<String>) -> Self {
        Self::new(node.at, Problem::Unfit { expected: expected.into(), found: found(node), message: None })
    }

    /// A value that is not the object that stands for a message.
    pub(super) fn no_message(node: &Node<'_>, message: &str) -> Self {
        let expected = format!("{message} (an object)");
        Self::new(node.at, Problem::Unfit { expected, found: found(node), message: Some(message.to_owned()) })
    }

    /// The same, seen from one level further out.
    pub(in crate::message) fn within(mut self, step: Step) -> Self {
        self.0.path.push(step);
        self
    }

    /// As an error of reading `document`.
    pub(in crate::message) fn told(self, document: &[u8]) -> Box<ReadError> {
        let Inner { at, path, problem } = *self.0;
        let mut text = String::new();
        for step in path.into_iter().rev() {
            // Writing to a String cannot fail.
            let _ = match step {
                Step::Field(name) if text.is_empty() => write!(text, "{name}"),
                Step::Field(name) => write!(text, ".{name}"),
                Step::Element(index) => write!(text, "[{index}]"),
                Step::Key(key) => write!(text, "[{:?}]", shortened(&key)),
            };
        }
        let path = (!text.is_empty()).then_some(text);
        Box::new(ReadError { position: Position::of(document, at), path, problem })
    }
}

/// A value as a message about it shows it.
pub(super) fn found(node: &Node<'_>) -> String {
    match &node.json {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(text) => shortened(text),
        Json::String(text) => format!("{:?}", shortened(text)),
        Json::Array(_) => "an array".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}
