//! `google.protobuf.Any` in the text format: the message inside, under the URL of its type.

use super::parse::{self, Entry, Name, Node, Value};
use super::read::{Reading, too_deep};
use super::scalar;
use crate::message::bytes::{Layout, Sink};
use crate::message::json::{Distinct, Misfit, Problem, WellKnown, is_full_name};

/// The URL and the message, where the one thing that is given to a message is what is in it.
pub(super) fn expanded<'e, 'd>(
    layout: &Layout,
    entries: &'e [Entry<'d>],
) -> Option<(usize, &'e str, &'e Node<'d>)> {
    match entries {
        [Entry { at, name: Name::Bracketed(url), value, .. }]
            if layout.well_known == Some(WellKnown::Any) =>
        {
            Some((*at, url, value))
        }
        _ => None,
    }
}

/// Writes an `Any` with the message in it.
pub(super) fn read(
    reading: Reading<'_>,
    any: &Layout,
    (at, url, node): (usize, &str, &Node<'_>),
    sink: &mut Sink,
) -> Result<(), Misfit> {
    let Some(name) = type_name(url) else {
        let expected = r"a type's URL, such as [type.googleapis.com/pkg.Message]";
        return Err(Misfit::new(at, Problem::Text { expected, found: format!("[{url}]") }));
    };
    let inner = any.descriptor.parent_pool().get_message_by_name(name);
    let inner = inner.ok_or_else(|| Misfit::new(at, Problem::UnknownType(name.to_owned())))?;
    let inner = reading.layouts.of(&inner);
    let Value::Message(entries) = &node.value else {
        return Err(scalar::unfit(&format!("{name} (in braces)"), node));
    };
    sink.any(url, || too_deep(node), |sink| reading.message(&inner, node.at, entries, sink))
}

/// The full name of the type that a URL is of.
fn type_name(url: &str) -> Option<&str> {
    url.rsplit_once('/').map(|(_, name)| name).filter(|name| is_full_name(name))
}

/// The full names of the types that the URLs in brackets name, each once, in the order found.
///
/// They have to be in the message type's pool before the document is read.
pub fn any_types(document: &[u8]) -> Vec<String> {
    let mut names = Distinct::default();
    // What is wrong with the document is for the reader to say.
    if document.contains(&b'[')
        && let Ok(text) = std::str::from_utf8(document)
        && let Ok(entries) = parse::parse(text)
    {
        collect_types(&entries, &mut names);
    }
    names.list
}

fn collect_types(entries: &[Entry<'_>], names: &mut Distinct) {
    for entry in entries {
        if let Name::Bracketed(url) = &entry.name
            && let Some(name) = type_name(url)
        {
            names.push(name);
        }
        collect_in(&entry.value, names);
    }
}

fn collect_in(node: &Node<'_>, names: &mut Distinct) {
    match &node.value {
        Value::Message(entries) => collect_types(entries, names),
        Value::List(nodes) => nodes.iter().for_each(|node| collect_in(node, names)),
        Value::String(_) | Value::Word { .. } | Value::Number { .. } => {}
    }
}
