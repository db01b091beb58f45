//! Items as one line of JSON, and which item each part of it is from.

use std::fmt;

use super::build::{Node, Tree};
use super::error::{Misplaced, Problem, shown};
use super::value::quoted;
use super::{Item, path};
use crate::message::{Error, Position, json};

/// A message put together from items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    text: String,
    /// Where in the text what an item says begins, in the order of the text.
    parts: Vec<(usize, usize)>,
    /// The words of the items, and their paths.
    items: Vec<(String, String)>,
}

impl Written {
    pub(super) fn new(tree: &Tree, items: &[Item]) -> Self {
        let items = items.iter().map(|item| (shown(&item.word), path::text(&item.path))).collect();
        let mut written = Self { text: String::new(), parts: Vec::new(), items };
        written.tree(tree);
        written
    }

    /// The JSON, on one line.
    pub fn json(&self) -> &str {
        &self.text
    }

    fn tree(&mut self, tree: &Tree) {
        match &tree.node {
            Node::Value(json) => self.text.push_str(json),
            Node::List(elements) => {
                self.text.push('[');
                for (index, element) in elements.iter().enumerate() {
                    self.next(index, element);
                    self.tree(element);
                }
                self.text.push(']');
            }
            Node::Object(members) => {
                self.text.push('{');
                for (index, (name, member)) in members.iter().enumerate() {
                    self.next(index, member);
                    self.text.push_str(&quoted(name));
                    self.text.push(':');
                    self.tree(member);
                }
                self.text.push('}');
            }
        }
    }

    /// Begins a member or an element.
    fn next(&mut self, index: usize, tree: &Tree) {
        if index > 0 {
            self.text.push(',');
        }
        self.parts.push((self.text.len(), tree.by));
    }

    /// What does not fit, as told of the item that says it.
    pub(in crate::message) fn error(&self, error: json::ReadError) -> Error {
        let (word, own) = self.at(error.position);
        let path = error.path.filter(|path| folded(path) != folded(own));
        let problem = match error.problem {
            json::Problem::Twice { name, first, .. } => {
                Problem::Twice { path: name, first: self.at(first).0.to_owned(), list: false }
            }
            problem => Problem::Json(problem),
        };
        Misplaced::new(problem).of(word, path)
    }

    /// The word and the path of the item that says what stands there.
    fn at(&self, position: Position) -> (&str, &str) {
        let offset = position.column.saturating_sub(1);
        let part = self.parts.iter().rev().find(|(start, _)| *start <= offset);
        let item = self.items.get(part.map_or(0, |(_, item)| *item));
        item.map_or(("", ""), |(word, path)| (word, path))
    }

    /// The words of all items that say something at this path, which begins with a dot.
    pub fn words_at(&self, path: &str) -> Vec<&str> {
        let inside = |own: &str| {
            let own = format!(".{own}");
            let longer = own.strip_prefix(path).or_else(|| path.strip_prefix(own.as_str()));
            longer.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.items.iter().filter(|(_, own)| inside(own)).map(|(word, _)| word.as_str()).collect()
    }
}

/// A path without the difference between a field's name and its name in JSON.
fn folded(path: &str) -> String {
    path.replace('_', "").to_lowercase()
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.items.as_slice() {
            [(word, _)] => f.write_str(word),
            _ => f.write_str("the items"),
        }
    }
}
