//! From the members of JSON objects to the fields of messages, which are written as they are read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::error::Problem;
use super::fields::Fields;
use super::misfit::Misfit;
use super::scalar::{self, Given};
use super::steps::Step;
use super::syntax::{Json, Member, Node};
use super::{names, wkt};
use crate::message::bytes::{DEPTH, Field, Kind, Layout, Layouts, Link, Scalar, Shape, Sink};
use crate::message::{Position, TooDeep};

/// Reads the tree of one document.
#[derive(Clone, Copy)]
pub(super) struct Reading<'r> {
    /// To tell places that came before the one a problem is at.
    pub(super) document: &'r [u8],
    pub(super) layouts: &'r Layouts,
    /// Whether members and enum values that the types do not have are passed over.
    pub(super) allow_unknown_fields: bool,
    /// Whether fields are written by their numbers and map entries by their keys, rather than as they come.
    pub(super) sorted: bool,
}

impl Reading<'_> {
    /// A message of any type.
    pub(super) fn message(self, layout: &Layout, node: &Node<'_>, sink: &mut Sink) -> Result<(), Misfit> {
        if let Some(known) = layout.well_known {
            return wkt::read(self, known, layout, node, sink);
        }
        let Json::Object(members) = &node.json else {
            return Err(Misfit::no_message(node, layout.descriptor.full_name()));
        };
        self.members(layout, (node, members), "", sink)
    }

    /// Writes what the members of an object give, leaving out the one called `except`.
    pub(super) fn members(
        self,
        layout: &Layout,
        (node, members): (&Node<'_>, &[Member<'_>]),
        except: &str,
        sink: &mut Sink,
    ) -> Result<(), Misfit> {
        let mut found: Vec<(&Field, &Member<'_>)> = Vec::with_capacity(members.len());
        let mut fields = Fields::new(layout, |field| field.slot.json_name());
        for member in members {
            if member.name == except && !except.is_empty() {
                continue;
            }
            let index = layout.index_of_json(&member.name);
            let Some((index, field)) = index.and_then(|index| Some((index, layout.field(index)?))) else {
                if self.allow_unknown_fields {
                    continue;
                }
                let problem = names::unknown_field(&member.name, &layout.descriptor, names::in_json);
                return Err(Misfit::new(member.at, problem));
            };
            if fields.again(index) {
                let same = |first: &&Member<'_>| layout.index_of_json(&first.name) == Some(index);
                let first = members.iter().find(same).unwrap_or(member);
                return Err(self.twice(member.at, &member.name, first.at, &first.name));
            }
            if is_absent(field, &member.value) {
                continue;
            }
            fields.give(index, member.at)?;
            if !self.sorted {
                self.given(layout, field, member, sink)?;
            }
            found.push((field, member));
        }
        fields.end(node.at)?;
        if self.sorted {
            found.sort_by_key(|(field, _)| field.number);
            found.into_iter().try_for_each(|(field, member)| self.given(layout, field, member, sink))?;
        }
        Ok(())
    }

    /// Writes what a member gives a field.
    fn given(
        self,
        layout: &Layout,
        field: &Field,
        member: &Member<'_>,
        sink: &mut Sink,
    ) -> Result<(), Misfit> {
        let written = if layout.message_set {
            self.item(field, &member.value, sink)
        } else {
            self.field(field, &member.value, sink)
        };
        written.map_err(|misfit| misfit.within(Step::Field(member.name.clone().into_owned())))
    }

    /// A name that came before, perhaps in another form.
    pub(super) fn twice(self, at: usize, name: &str, first: usize, first_name: &str) -> Misfit {
        let other_name = (first_name != name).then(|| first_name.to_owned());
        let first = Position::of(self.document, first);
        Misfit::new(at, Problem::Twice { name: name.to_owned(), first, other_name })
    }

    /// An extension in a message set.
    fn item(self, field: &Field, node: &Node<'_>, sink: &mut Sink) -> Result<(), Misfit> {
        let Kind::Message(link) = &field.kind else { return self.field(field, node, sink) };
        sink.item(field.number, || too_deep(node), |sink| self.linked(3, link, node, sink))
    }

    fn field(self, field: &Field, node: &Node<'_>, sink: &mut Sink) -> Result<(), Misfit> {
        match (field.shape, &node.json) {
            (Shape::Single, _) => self.single(field, field.number, node, sink, field.is_implicit()).map(drop),
            (Shape::List { .. }, Json::Array(elements)) => self.list(field, elements, sink),
            (Shape::Map(key), Json::Object(members)) => self.map(field, key, members, sink),
            (Shape::List { .. }, _) => Err(Misfit::unfit(node, format!("{} (an array)", field.place()))),
            (Shape::Map(_), _) => Err(Misfit::unfit(node, format!("{} (an object)", field.place()))),
        }
    }

    /// A value of a field's kind under a number of its own; false for an enum value that is passed over.
    pub(super) fn single(
        self,
        field: &Field,
        number: u32,
        node: &Node<'_>,
        sink: &mut Sink,
        implicit: bool,
    ) -> Result<bool, Misfit> {
        match &field.kind {
            Kind::Message(link) => self.linked(number, link, node, sink)?,
            Kind::Enum(values) => {
                let Some(value) = scalar::enumeration(values, node, self.allow_unknown_fields)? else {
                    return Ok(false);
                };
                if !(implicit && value == 0) {
                    sink.number(number, Scalar::Int32, i64::from(value).cast_unsigned());
                }
            }
            Kind::Scalar(kind) => match scalar::read(*kind, node)? {
                given if implicit && given.is_zero() => {}
                given => given.write(number, *kind, sink),
            },
        }
        Ok(true)
    }

    /// A message in a message.
    pub(super) fn linked(
        self,
        number: u32,
        link: &Link,
        node: &Node<'_>,
        sink: &mut Sink,
    ) -> Result<(), Misfit> {
        let layout = self.layouts.behind(link);
        sink.message((number, link.group), || too_deep(node), |sink| self.message(&layout, node, sink))
    }

    pub(super) fn list(self, field: &Field, elements: &[Node<'_>], sink: &mut Sink) -> Result<(), Misfit> {
        let element = |index, read: Result<bool, Misfit>| {
            read.map(drop).map_err(|misfit| misfit.within(Step::Element(index)))
        };
        match (field.shape, field.kind.number()) {
            (Shape::List { packed: true }, Some(kind)) if !elements.is_empty() => {
                let mut any = false;
                let before = sink.out.len();
                sink.length(field.number, |sink| {
                    elements.iter().enumerate().try_for_each(|(index, node)| {
                        let bits = self.bits(field, node);
                        if let Ok(Some(bits)) = bits {
                            any = true;
                            sink.bare(kind, bits);
                        }
                        element(index, bits.map(|_| true))
                    })
                })?;
                if !any {
                    sink.out.truncate(before);
                }
                Ok(())
            }
            _ => elements.iter().enumerate().try_for_each(|(index, node)| {
                element(index, self.single(field, field.number, node, sink, false))
            }),
        }
    }

    /// A number as the wire has it; none for an enum value that is passed over.
    fn bits(self, field: &Field, node: &Node<'_>) -> Result<Option<u64>, Misfit> {
        match &field.kind {
            Kind::Enum(values) => {
                let number = scalar::enumeration(values, node, self.allow_unknown_fields)?;
                Ok(number.map(|number| i64::from(number).cast_unsigned()))
            }
            Kind::Scalar(kind) => match scalar::read(*kind, node)? {
                Given::Number(bits) => Ok(Some(bits)),
                Given::Text(_) | Given::Bytes(_) => Ok(None),
            },
            Kind::Message(_) => Ok(None),
        }
    }

    pub(super) fn map(
        self,
        field: &Field,
        key: Scalar,
        members: &[Member<'_>],
        sink: &mut Sink,
    ) -> Result<(), Misfit> {
        let within =
            |misfit: Misfit, member: &Member<'_>| misfit.within(Step::Key(member.name.clone().into_owned()));
        let mut seen: HashMap<Given<'_>, &Member<'_>> = HashMap::with_capacity(members.len());
        let mut entries = Vec::with_capacity(members.len());
        for member in members {
            let read = map_key(key, member).map_err(|misfit| within(misfit, member))?;
            match seen.entry(read.clone()) {
                Entry::Vacant(entry) => drop(entry.insert(member)),
                Entry::Occupied(first) => {
                    let first = first.get();
                    return Err(self.twice(member.at, &member.name, first.at, &first.name));
                }
            }
            entries.push((read, member));
        }
        if self.sorted {
            entries.sort_by(|(a, _), (b, _)| a.cmp_as(b, key));
        }
        for (given, member) in entries {
            let before = sink.out.len();
            let mut is_set = true;
            let entry = sink.message(
                (field.number, false),
                || too_deep(&member.value),
                |sink| {
                    given.write(1, key, sink);
                    is_set = self.single(field, 2, &member.value, sink, false)?;
                    Ok(())
                },
            );
            entry.map_err(|misfit| within(misfit, member))?;
            if !is_set {
                sink.out.truncate(before);
            }
        }
        Ok(())
    }
}

/// Whether null stands there and is no value, but the absence of one.
fn is_absent(field: &Field, node: &Node<'_>) -> bool {
    let takes_null = match &field.kind {
        Kind::Message(link) => link.descriptor.full_name() == "google.protobuf.Value",
        Kind::Enum(values) => values.null,
        Kind::Scalar(_) => false,
    };
    matches!(node.json, Json::Null) && !(takes_null && field.shape == Shape::Single)
}

pub(super) fn too_deep(node: &Node<'_>) -> Misfit {
    Misfit::new(node.at, TooDeep(DEPTH).into())
}

/// A map's key, which JSON always has as a string.
fn map_key<'n>(kind: Scalar, member: &'n Member<'_>) -> Result<Given<'n>, Misfit> {
    match (kind, &*member.name) {
        (Scalar::String, name) => Ok(Given::Text(Cow::Borrowed(name))),
        (Scalar::Bool, "true") => Ok(Given::Number(1)),
        (Scalar::Bool, "false") => Ok(Given::Number(0)),
        (kind, name) => {
            let node = Node { at: member.at, json: Json::String(Cow::Borrowed(name)) };
            match kind {
                Scalar::Bool => Err(Misfit::unfit(&node, "bool as the key (\"true\" or \"false\")")),
                kind => scalar::read(kind, &node).map(Given::into_owned),
            }
        }
    }
}
