//! Items put together: each goes to its place, which the message's type knows, and no two go to the same.

use prost_reflect::{Kind, MessageDescriptor};

use super::error::{Misplaced, Problem, shown};
use super::path::{self, Step};
use super::{Given, Item, Manner, value};
use crate::message::json::{self, Outline, Place, WellKnown, unknown_json_field};

/// What stands at a place so far, and which item made it.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) by: usize,
    pub(super) node: Node,
}

#[derive(Debug)]
pub(super) enum Node {
    /// JSON, whole.
    Value(String),
    List(Vec<Tree>),
    /// Members by their names in JSON.
    Object(Vec<(String, Tree)>),
}

/// What a place takes.
#[derive(Clone)]
enum Type {
    /// What the schema says.
    Known(Place),
    /// Any JSON there is.
    Open,
}

/// Puts items together.
pub(super) struct Builder {
    ty: Type,
    root: Option<Tree>,
    manner: Manner,
    /// The words of the items so far.
    words: Vec<String>,
}

/// The item at hand, and what is asked about all of them.
struct Adding<'b> {
    index: usize,
    item: &'b Item,
    manner: Manner,
    words: &'b [String],
}

type Done = Result<(), Misplaced>;

impl Builder {
    pub(super) fn new(message: Option<&MessageDescriptor>, manner: Manner) -> Self {
        let ty = match message {
            Some(message) => Type::Known(Place::Element(Kind::Message(message.clone()))),
            None => Type::Open,
        };
        Self { ty, root: None, manner, words: Vec::new() }
    }

    /// Takes the next item.
    pub(super) fn add(&mut self, index: usize, item: &Item) -> Done {
        let adding = Adding { index, item, manner: self.manner, words: &self.words };
        adding.descend(&mut self.root, &self.ty, 0)?;
        self.words.push(shown(&item.word));
        Ok(())
    }

    /// All that was put together.
    pub(super) fn tree(self) -> Tree {
        self.root.unwrap_or(Tree { by: 0, node: Node::Object(Vec::new()) })
    }
}

impl Adding<'_> {
    /// The path's first steps.
    fn before(&self, depth: usize) -> &[Step] {
        self.item.path.get(..depth).unwrap_or_default()
    }

    fn path(&self, depth: usize) -> String {
        path::text(self.before(depth))
    }

    fn word(&self, index: usize) -> String {
        self.words.get(index).cloned().unwrap_or_default()
    }

    fn tree(&self, node: Node) -> Tree {
        Tree { by: self.index, node }
    }

    /// Goes on from a place that so many steps lead to.
    fn descend(&self, slot: &mut Option<Tree>, ty: &Type, depth: usize) -> Done {
        let Some(step) = self.item.path.get(depth) else { return self.fill(slot, ty, depth) };
        match ty {
            Type::Open => self.open(slot, step, depth),
            Type::Known(Place::Element(Kind::Message(message))) => match WellKnown::of(message) {
                Some(WellKnown::Struct | WellKnown::Value | WellKnown::ListValue) => {
                    self.open(slot, step, depth)
                }
                None | Some(WellKnown::Empty) => self.field(slot, message, step, depth),
                Some(_) => Err(Misplaced::step(
                    self.before(depth),
                    message.full_name(),
                    "which is written as a whole",
                )),
            },
            Type::Known(Place::Element(kind)) => {
                let before = self.before(depth);
                let why = match before.split_last() {
                    Some((Step::Name(key), map)) if !map.is_empty() => format!(
                        "and nothing is in it; a map's key with a dot goes in brackets: {}[{key}{}]",
                        path::text(map),
                        dotted(step)
                    ),
                    _ => "and nothing is in it".to_owned(),
                };
                Err(Misplaced::step(before, json::type_name(kind), why))
            }
            Type::Known(place @ Place::List(kind)) => match step {
                Step::Append | Step::Index(_) => {
                    self.element(slot, &Type::Known(Place::Element(kind.clone())), step, depth)
                }
                Step::Name(name) | Step::Key(name) => {
                    let path = self.path(depth);
                    let why = format!(
                        "and its elements have numbers: {path}[0].{name}, or {path}[].{name} for one more"
                    );
                    Err(Misplaced::step(self.before(depth), place.to_string(), why))
                }
            },
            Type::Known(place @ Place::Map(_, kind)) => {
                let key = match step {
                    Step::Name(key) | Step::Key(key) => key.clone(),
                    Step::Index(index) => index.to_string(),
                    Step::Append => {
                        let why = format!("whose entries have keys: {}.KEY=…", self.path(depth));
                        return Err(Misplaced::step(self.before(depth), place.to_string(), why));
                    }
                };
                self.member(slot, key, &Type::Known(Place::Element(kind.clone())), depth)
            }
        }
    }

    /// A step into a value of no known type.
    fn open(&self, slot: &mut Option<Tree>, step: &Step, depth: usize) -> Done {
        let object = matches!(slot, Some(Tree { node: Node::Object(_), .. }));
        match step {
            Step::Name(name) | Step::Key(name) => self.member(slot, name.clone(), &Type::Open, depth),
            // What has members already has keys that are numbers too.
            Step::Index(index) if object => self.member(slot, index.to_string(), &Type::Open, depth),
            Step::Index(_) | Step::Append => self.element(slot, &Type::Open, step, depth),
        }
    }

    /// A step into a message.
    fn field(&self, slot: &mut Option<Tree>, message: &MessageDescriptor, step: &Step, depth: usize) -> Done {
        let name = match step {
            Step::Name(name) => name,
            Step::Key(name) if depth > 0 => {
                let why = format!("whose fields go behind a dot: {}.{name}", self.path(depth));
                return Err(Misplaced::step(self.before(depth), message.full_name(), why));
            }
            Step::Key(_) | Step::Index(_) | Step::Append => {
                return Err(Misplaced::step(self.before(depth), message.full_name(), "and no list"));
            }
        };
        let field = message.get_field_by_json_name(name).or_else(|| message.get_field_by_name(name));
        let found = field
            .map(|field| {
                (field.json_name().to_owned(), Place::new(field.is_list(), field.is_map(), field.kind()))
            })
            .or_else(|| {
                let extension = message.get_extension_by_json_name(name)?;
                let place = Place::new(extension.is_list(), extension.is_map(), extension.kind());
                Some((name.clone(), place))
            });
        match found {
            Some((name, place)) => self.member(slot, name, &Type::Known(place), depth),
            // Whoever reads it passes over it as well.
            None if self.manner.allow_unknown_fields => self.member(slot, name.clone(), &Type::Open, depth),
            None => Err(unknown_json_field(name, message).into()),
        }
    }

    /// Goes on in the member of that name.
    fn member(&self, slot: &mut Option<Tree>, name: String, ty: &Type, depth: usize) -> Done {
        let tree = slot.get_or_insert_with(|| self.tree(Node::Object(Vec::new())));
        let Node::Object(members) = &mut tree.node else { return Err(self.occupied(tree, depth)) };
        let at = members.iter().position(|(known, _)| *known == name);
        let mut inner = at.map(|at| members.swap_remove(at).1);
        let done = self.descend(&mut inner, ty, depth + 1);
        if let Some(inner) = inner {
            members.push((name, inner));
            // Members stand in the order in which they came.
            if let Some(at) = at {
                let last = members.len() - 1;
                members.swap(at, last);
            }
        }
        done
    }

    /// Goes on in an element.
    fn element(&self, slot: &mut Option<Tree>, ty: &Type, step: &Step, depth: usize) -> Done {
        let tree = slot.get_or_insert_with(|| self.tree(Node::List(Vec::new())));
        let Node::List(elements) = &mut tree.node else { return Err(self.occupied(tree, depth)) };
        let index = if let Step::Index(index) = step { *index } else { elements.len() };
        let next = elements.len();
        if let Some(element) = elements.get_mut(index) {
            let node = std::mem::replace(&mut element.node, Node::Object(Vec::new()));
            let mut inner = Some(Tree { by: element.by, node });
            let done = self.descend(&mut inner, ty, depth + 1);
            *element = inner.unwrap_or_else(|| self.tree(Node::Object(Vec::new())));
            done
        } else if index == next {
            let mut inner = None;
            self.descend(&mut inner, ty, depth + 1)?;
            elements.extend(inner);
            Ok(())
        } else {
            Err(Misplaced::new(Problem::Gap { path: self.path(depth), next }))
        }
    }

    /// Sets what a place takes.
    fn fill(&self, slot: &mut Option<Tree>, ty: &Type, depth: usize) -> Done {
        match ty {
            Type::Known(Place::List(kind)) if !self.is_whole_list(kind) => {
                return self.element(slot, &Type::Known(Place::Element(kind.clone())), &Step::Append, depth);
            }
            Type::Known(place @ Place::Map(..)) if matches!(self.item.value, Given::Text(_)) => {
                let path = self.path(depth);
                let why = format!("whose entries have keys: {path}.KEY=…, or {path}:={{…}}");
                return Err(Misplaced::step(self.before(depth), place.to_string(), why));
            }
            _ => {}
        }
        if let Some(tree) = slot {
            return Err(self.filled(tree, ty, depth));
        }
        let json = match ty {
            Type::Known(Place::Element(kind)) => value::of(self.item, Some(kind), self.manner.now)?,
            Type::Known(Place::List(_) | Place::Map(..)) => value::whole(self.item)?,
            Type::Open => value::of(self.item, None, self.manner.now)?,
        };
        *slot = Some(self.tree(Node::Value(json)));
        Ok(())
    }

    /// Whether the item says a whole list, and not an element: it is an array, or null.
    fn is_whole_list(&self, kind: &Kind) -> bool {
        let bytes =
            matches!(kind, Kind::String | Kind::Bytes) && matches!(self.item.value, Given::Content(..));
        let outline = if bytes { None } else { value::outlined(self.item).ok().flatten() };
        matches!(outline, Some(Outline::Array | Outline::Null))
    }

    /// Why a value can't be where another is.
    fn filled(&self, tree: &Tree, ty: &Type, depth: usize) -> Misplaced {
        let (path, first) = (self.path(depth), self.word(tree.by));
        Misplaced::new(match tree.node {
            Node::Value(_) => Problem::Twice { path, first, list: matches!(ty, Type::Open) },
            Node::List(_) | Node::Object(_) => Problem::Whole { path, first },
        })
    }

    /// Why there is no step into a value: it was given whole, or is of the other kind.
    fn occupied(&self, tree: &Tree, depth: usize) -> Misplaced {
        let (path, first) = (self.path(depth), self.word(tree.by));
        let kind = match tree.node {
            Node::Value(_) => return Misplaced::new(Problem::Whole { path, first }),
            Node::List(_) => "a list",
            Node::Object(_) => "an object",
        };
        Misplaced::step(self.before(depth), kind, format!("by {first}"))
    }
}

/// A step as the rest of a key with dots in it.
fn dotted(step: &Step) -> String {
    match step {
        Step::Name(name) => format!(".{name}"),
        step => step.to_string(),
    }
}
