//! A problem on its way out of the document: every level it passes adds its step to the path.

use std::sync::Arc;

use super::error::{Problem, ReadError, shortened};
use super::steps::{self, Grammar, Step};
use super::syntax::{Json, Node};
use crate::message::Position;
use crate::message::bytes::{Layout, Layouts};

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

    /// The same, of one among the values of a field of which so many came before: of a list in brackets, or of one that
    /// stands alone.
    pub(in crate::message) fn among(mut self, before: usize, in_list: bool) -> Self {
        match self.0.path.last_mut() {
            Some(Step::Element(index)) if in_list => *index += before,
            _ if in_list => {}
            _ => self.0.path.push(Step::Element(before)),
        }
        self
    }

    /// The same of a document that can't be read to its end, with what the types say of its path.
    pub(in crate::message) fn through(
        mut self,
        layouts: &Layouts,
        layout: Arc<Layout>,
        grammar: Grammar,
    ) -> Self {
        let path = std::mem::take(&mut self.0.path);
        self.0.path = steps::through(layouts, layout, path, grammar);
        self
    }

    /// As an error of reading `document`.
    pub(in crate::message) fn told(self, document: &[u8]) -> Box<ReadError> {
        let Inner { at, path, problem } = *self.0;
        Box::new(ReadError { position: Position::of(document, at), path: steps::path(&path), problem })
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
