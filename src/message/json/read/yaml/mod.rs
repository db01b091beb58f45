//! YAML as the same tree that JSON becomes: YAML 1.2 in its core schema, of which JSON is a part.
//!
//! Whoever reads the tree sees no difference, and tells what does not fit by path, line and column of the YAML. What
//! YAML has and JSON has not is dealt with here: anchors are copied, up to a limit, so that no document grows beyond
//! what was meant; keys are text; tags are those of the core schema.

mod scalar;
mod write;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::mem;

pub(super) use self::write::write;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::error::Problem;
use super::misfit::Misfit;
use super::steps::Step;
use super::syntax::{Json, Member, NESTING, Node};
use crate::message::TooDeep;
use crate::message::bytes::DEPTH;

/// How much may be copied for aliases, in values and blocks of 64 bytes of text: far more than anybody writes, and far
/// less than a document made to grow.
const COPIES: usize = 1 << 17;

/// Parses a document of one value.
pub(super) fn parse(document: &[u8]) -> Result<Node<'_>, Misfit> {
    let text =
        std::str::from_utf8(document).map_err(|error| Misfit::new(error.valid_up_to(), Problem::Encoding))?;
    let mut builder = Builder::new(text);
    for event in Parser::new_from_str(text) {
        let taken = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => Err(builder.unreadable(&error)),
        };
        taken.map_err(|misfit| builder.within(misfit))?;
    }
    let root = builder.root.unwrap_or(Node { at: 0, json: Json::Null });
    Ok(root)
}

/// Makes a tree of events.
struct Builder<'d> {
    text: &'d str,
    /// A character's number and its place in the text: the parser counts characters, mostly forward.
    known: (usize, usize),
    open: Vec<Open<'d>>,
    root: Option<Node<'d>>,
    anchors: HashMap<usize, Node<'d>>,
    copies: usize,
}

/// A list or a mapping that has begun.
struct Open<'d> {
    at: usize,
    /// The anchor at it; 0 is none.
    anchor: usize,
    inside: Inside<'d>,
}

enum Inside<'d> {
    List(Vec<Node<'d>>),
    Mapping(Vec<Member<'d>>, Option<(usize, Cow<'d, str>)>),
}

impl<'d> Builder<'d> {
    fn new(text: &'d str) -> Self {
        Self { text, known: (0, 0), open: Vec::new(), root: None, anchors: HashMap::new(), copies: 0 }
    }

    /// What is wrong here, with the path to it.
    fn within(&self, misfit: Misfit) -> Misfit {
        let step = |open: &Open<'_>| match &open.inside {
            Inside::List(elements) => Some(Step::Element(elements.len())),
            Inside::Mapping(_, key) => key.as_ref().map(|(_, key)| Step::Field(key.clone().into_owned())),
        };
        self.open.iter().rev().filter_map(step).fold(misfit, Misfit::within)
    }

    fn unreadable(&mut self, error: &ScanError) -> Misfit {
        let at = self.place(error.marker().index());
        Misfit::new(at, Problem::Yaml(error.info().to_owned()))
    }

    /// The place in the text of the character with that number.
    fn place(&mut self, character: usize) -> usize {
        let (number, at) = self.known;
        let ahead = self.text.get(at..).unwrap_or_default();
        let place = if character >= number {
            let step = ahead.char_indices().nth(character - number).map_or(ahead.len(), |(step, _)| step);
            at + step
        } else {
            let before = self.text.get(..at).unwrap_or_default();
            before.char_indices().rev().nth(number - character - 1).map_or(0, |(at, _)| at)
        };
        self.known = (character, place);
        place
    }

    fn take(&mut self, event: Event<'d>, span: Span) -> Result<(), Misfit> {
        let at = self.place(span.start.index());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let key = matches!(self.open.last(), Some(Open { inside: Inside::Mapping(_, None), .. }));
                let json = if key {
                    Json::String(text)
                } else {
                    scalar::value(text, style == ScalarStyle::Plain, tag.as_deref())
                        .map_err(|problem| Misfit::new(at, problem))?
                };
                self.put(Node { at, json }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                scalar::no_odd_tag(tag.as_deref(), "seq").map_err(|problem| Misfit::new(at, problem))?;
                self.begin(at, anchor, Inside::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                scalar::no_odd_tag(tag.as_deref(), "map").map_err(|problem| Misfit::new(at, problem))?;
                self.begin(at, anchor, Inside::Mapping(Vec::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.copy(at, anchor),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, at: usize, anchor: usize, inside: Inside<'d>) -> Result<(), Misfit> {
        if let Some(Open { inside: Inside::Mapping(_, None), .. }) = self.open.last() {
            return Err(Misfit::new(at, Problem::Key));
        }
        self.open.push(Open { at, anchor, inside });
        reach(at, self.open.len())
    }

    fn end(&mut self) -> Result<(), Misfit> {
        let Some(Open { at, anchor, inside }) = self.open.pop() else { return Ok(()) };
        let json = match inside {
            Inside::List(elements) => Json::Array(elements),
            Inside::Mapping(members, _) => Json::Object(members),
        };
        self.put(Node { at, json }, anchor)
    }

    /// Puts a value where it belongs: into what is open, or at the root.
    fn put(&mut self, node: Node<'d>, anchor: usize) -> Result<(), Misfit> {
        if anchor > 0 {
            self.count(&node, node.at)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => self.root = Some(node),
            Some(Inside::List(elements)) => elements.push(node),
            Some(Inside::Mapping(members, key)) => match mem::take(key) {
                Some((at, name)) => members.push(Member { at, name, value: node }),
                None => match node.json {
                    // What an alias stands for is as it is written.
                    Json::String(name) | Json::Number(name) => *key = Some((node.at, name)),
                    Json::Bool(value) => *key = Some((node.at, value.to_string().into())),
                    Json::Null => *key = Some((node.at, "null".into())),
                    Json::Array(_) | Json::Object(_) => return Err(Misfit::new(node.at, Problem::Key)),
                },
            },
        }
        Ok(())
    }

    fn copy(&mut self, at: usize, anchor: usize) -> Result<(), Misfit> {
        let Some(node) = self.anchors.get(&anchor) else {
            let problem = Problem::Yaml("an alias cannot stand inside of what it stands for".to_owned());
            return Err(Misfit::new(at, problem));
        };
        let node = node.clone();
        self.count(&node, at)?;
        reach(at, self.open.len() + depth(&node))?;
        self.put(node, 0)
    }

    /// Counts what is copied of a value.
    fn count(&mut self, node: &Node<'_>, at: usize) -> Result<(), Misfit> {
        self.copies += weight(node);
        if self.copies > COPIES { Err(Misfit::new(at, Problem::Aliases)) } else { Ok(()) }
    }
}

/// Refuses what is deeper than anything that could be sent.
fn reach(at: usize, depth: usize) -> Result<(), Misfit> {
    if depth > NESTING { Err(Misfit::new(at, TooDeep(DEPTH).into())) } else { Ok(()) }
}

/// How deep a value is nested, which is never deeper than what is read.
fn depth(node: &Node<'_>) -> usize {
    match &node.json {
        Json::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or_default(),
        Json::Object(members) => {
            1 + members.iter().map(|member| depth(&member.value)).max().unwrap_or_default()
        }
        _ => 0,
    }
}

/// What a copy of a value takes.
fn weight(node: &Node<'_>) -> usize {
    let text = |text: &str| text.len() / 64;
    1 + match &node.json {
        Json::Null | Json::Bool(_) => 0,
        Json::Number(number) => text(number),
        Json::String(string) => text(string),
        Json::Array(elements) => elements.iter().map(weight).sum(),
        Json::Object(members) => {
            members.iter().map(|member| text(&member.name) + weight(&member.value)).sum()
        }
    }
}
