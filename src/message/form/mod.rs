//! A request asked for field by field: a dialogue over lines, which come out as the items that would say the same.
//!
//! Pure: it has a question, and takes a line in answer to it, until it is done. An answer is held against the message's
//! type like any other item, and what does not fit is asked again.

mod ask;
mod check;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::SystemTime;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor};

use self::ask::Ask;
use super::items::{Item, Step, path_text};
use super::json::{Place, WellKnown};
use crate::schema::fields::{fields_in_declaration_order, place_among_siblings};

/// What skips all that has not been asked for yet.
pub const ENOUGH: &str = ".";

/// As deep as is asked into messages of messages; nobody types more.
const DEPTH: usize = 32;

/// A request, as far as it has been asked for.
pub struct Form {
    root: MessageDescriptor,
    /// Whether there may be more than one message.
    many: bool,
    now: SystemTime,
    open: Vec<Open>,
    /// What is asked; nothing when all has been.
    ask: Option<Ask>,
    /// The message at hand.
    items: Vec<Item>,
    messages: Vec<Vec<Item>>,
}

/// What has been begun and not asked to its end.
enum Open {
    Message {
        path: Vec<Step>,
        left: VecDeque<Slot>,
        /// How many items there were before it.
        before: usize,
    },
    List {
        path: Vec<Step>,
        kind: Kind,
        next: usize,
    },
    Map {
        path: Vec<Step>,
        key: Kind,
        kind: Kind,
        keys: Vec<String>,
        /// Whether the last key still lacks its value.
        lacking: bool,
    },
}

/// Something to ask about in a message.
enum Slot {
    Field(FieldDescriptor),
    Oneof(OneofDescriptor),
}

/// An answer that can't be taken, and why; the question stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotTaken(String);

impl Form {
    /// Begins to ask for a message that [`is_asked_into`], or for `many`. `now` is what such a time is held to be.
    pub fn new(root: &MessageDescriptor, many: bool, now: SystemTime) -> Self {
        let mut form = Self {
            root: root.clone(),
            many,
            now,
            open: Vec::new(),
            ask: None,
            items: Vec::new(),
            messages: Vec::new(),
        };
        form.begin();
        form
    }

    /// The question, in lines of which the last waits for its answer; nothing when all has been asked.
    pub fn question(&self) -> Option<String> {
        self.ask.as_ref().map(ToString::to_string)
    }

    /// Takes a line in answer.
    pub fn answer(&mut self, line: &str) -> Result<(), NotTaken> {
        let Some(ask) = &self.ask else { return Ok(()) };
        if line.trim() == ENOUGH {
            self.finish();
            return Ok(());
        }
        let ask = ask.clone();
        match &ask {
            Ask::Value { path, .. } => {
                let value = ask.word(line).map_err(NotTaken)?;
                match value {
                    None => self.skip(),
                    Some(value) => {
                        let item = self.check(path, &value)?;
                        self.items.push(item);
                        self.advance();
                    }
                }
            }
            Ask::Enter { path, message } => {
                if ask::yes(line).map_err(NotTaken)? {
                    self.enter(path.clone(), message);
                } else {
                    self.skip();
                }
            }
            Ask::Choose { path, oneof } => {
                if let Some(field) = ask::choice(oneof, line).map_err(NotTaken)? {
                    let chosen = path_to(path, &field);
                    match field.kind() {
                        Kind::Message(message) if is_asked_into(&message) => self.enter(chosen, &message),
                        kind => {
                            self.ask = Some(Ask::value(chosen, kind, None));
                            return Ok(());
                        }
                    }
                }
            }
            Ask::Key { key, keys, .. } => {
                if line.is_empty() {
                    self.open.pop();
                } else {
                    let line = if line == ask::DOT { ENOUGH } else { line };
                    let name = check::key(key, line, keys).map_err(NotTaken)?;
                    if let Some(Open::Map { keys, lacking, .. }) = self.open.last_mut() {
                        keys.push(name);
                        *lacking = true;
                    }
                }
            }
            Ask::Another => {
                if ask::yes(line).map_err(NotTaken)? {
                    self.begin();
                } else {
                    self.ask = None;
                }
                return Ok(());
            }
        }
        self.next();
        Ok(())
    }

    /// The messages, each as its items.
    pub fn messages(self) -> Vec<Vec<Item>> {
        self.messages
    }

    /// Begins with a message.
    fn begin(&mut self) {
        let root = self.root.clone();
        self.enter(Vec::new(), &root);
        self.next();
    }

    /// Goes into a message.
    fn enter(&mut self, path: Vec<Step>, message: &MessageDescriptor) {
        let mut left = VecDeque::new();
        for field in fields_in_declaration_order(message) {
            match field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
                None => left.push_back(Slot::Field(field)),
                Some(oneof) => {
                    let first = oneof.fields().min_by_key(|field| place_among_siblings(field.path()));
                    if first.is_some_and(|first| first.number() == field.number()) {
                        left.push_back(Slot::Oneof(oneof));
                    }
                }
            }
        }
        self.open.push(Open::Message { path, left, before: self.items.len() });
        self.ask = None;
    }

    /// Leaves out all that is left of the message at hand, or of messages.
    fn finish(&mut self) {
        if matches!(self.ask, Some(Ask::Another)) {
            self.ask = None;
            return;
        }
        while let Some(open) = self.open.last() {
            match open {
                Open::Message { .. } => self.leave(),
                Open::List { .. } | Open::Map { .. } => drop(self.open.pop()),
            }
        }
        self.next();
    }

    /// Leaves out what was asked for: a field, or the rest of a list.
    fn skip(&mut self) {
        match self.open.last_mut() {
            Some(Open::List { .. }) => drop(self.open.pop()),
            // A key without a value is none.
            Some(Open::Map { keys, lacking, .. }) => {
                keys.pop();
                *lacking = false;
            }
            _ => {}
        }
    }

    /// Goes on behind a value that was given.
    fn advance(&mut self) {
        match self.open.last_mut() {
            Some(Open::List { next, .. }) => *next += 1,
            Some(Open::Map { lacking, .. }) => *lacking = false,
            _ => {}
        }
    }

    /// Finds the next question.
    fn next(&mut self) {
        loop {
            let deep = self.open.len() > DEPTH;
            let Some(open) = self.open.last_mut() else {
                self.messages.push(std::mem::take(&mut self.items));
                self.ask = self.many.then_some(Ask::Another);
                return;
            };
            match open {
                Open::Message { path, left, .. } => {
                    let path = path.clone();
                    match left.pop_front() {
                        None => self.leave(),
                        Some(Slot::Oneof(oneof)) => {
                            self.ask = Some(Ask::Choose { path, oneof });
                            return;
                        }
                        Some(Slot::Field(field)) => {
                            let path = path_to(&path, &field);
                            match Place::new(field.is_list(), field.is_map(), field.kind()) {
                                Place::Element(Kind::Message(message)) if is_asked_into(&message) && deep => {
                                }
                                Place::Element(kind) => {
                                    self.ask = Some(Ask::single(path, kind, Some(&field)));
                                    return;
                                }
                                Place::List(kind) => self.open.push(Open::List { path, kind, next: 0 }),
                                Place::Map(key, kind) => {
                                    self.open.push(Open::Map {
                                        path,
                                        key,
                                        kind,
                                        keys: Vec::new(),
                                        lacking: false,
                                    });
                                }
                            }
                        }
                    }
                }
                Open::List { path, kind, next } => {
                    let element = [path.as_slice(), &[Step::Index(*next)]].concat();
                    self.ask = Some(Ask::single(element, kind.clone(), None));
                    return;
                }
                Open::Map { path, key, kind, keys, lacking } => {
                    self.ask = Some(match keys.last() {
                        Some(last) if *lacking => {
                            Ask::single([path.as_slice(), &[Step::key(last)]].concat(), kind.clone(), None)
                        }
                        _ => Ask::Key { path: path.clone(), key: key.clone(), keys: keys.clone() },
                    });
                    return;
                }
            }
        }
    }

    /// Leaves a message whose fields have all been asked for. One that was wanted is there even if nothing is in it.
    fn leave(&mut self) {
        let Some(Open::Message { path, before, .. }) = self.open.pop() else { return };
        if path.is_empty() {
            return;
        }
        if self.items.len() == before {
            let word = format!("{}:={{}}", path_text(&path));
            self.items.extend(Item::parse(&word).ok());
        }
        self.advance();
    }
}

fn path_to(path: &[Step], field: &FieldDescriptor) -> Vec<Step> {
    [path, &[Step::Name(field.name().to_owned())]].concat()
}

/// Whether a message is asked for field by field, and not as one value. What is one value as a whole has no path that an
/// item could name, and no form.
pub fn is_asked_into(message: &MessageDescriptor) -> bool {
    matches!(WellKnown::of(message), None | Some(WellKnown::Empty))
}
