//! JSON as a document of YAML, in blocks.

use std::io::Write as _;

use super::super::syntax::{Json, Member, Node};
use super::scalar;
use crate::chars;

/// Appends a document: a line a member or element, two spaces for each level, a line break at its end.
pub(in super::super) fn write(node: &Node<'_>, out: &mut Vec<u8>) {
    match &node.json {
        Json::Object(members) if !members.is_empty() => mapping(members, 0, out),
        Json::Array(elements) if !elements.is_empty() => sequence(elements, 0, out),
        _ => {
            flat(node, out);
            out.push(b'\n');
        }
    }
}

/// How long a key may be for its colon to stand on the same line (YAML 1.2.2, section 7.4.2: 1024 characters), with room
/// to spare.
const KEY: usize = 1000;

fn mapping(members: &[Member<'_>], indent: usize, out: &mut Vec<u8>) {
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            out.resize(out.len() + indent, b' ');
        }
        key(&member.name, indent, out);
        match &member.value.json {
            Json::Object(members) if !members.is_empty() => {
                out.push(b'\n');
                out.resize(out.len() + indent + 2, b' ');
                mapping(members, indent + 2, out);
            }
            Json::Array(elements) if !elements.is_empty() => {
                out.push(b'\n');
                out.resize(out.len() + indent + 2, b' ');
                sequence(elements, indent + 2, out);
            }
            _ => {
                out.push(b' ');
                flat(&member.value, out);
                out.push(b'\n');
            }
        }
    }
}

/// A key and its colon.
fn key(name: &str, indent: usize, out: &mut Vec<u8>) {
    let start = out.len();
    string(name, out);
    if out.len() - start > KEY {
        out.splice(start..start, *b"? ");
        out.push(b'\n');
        out.resize(out.len() + indent, b' ');
    }
    out.push(b':');
}

fn sequence(elements: &[Node<'_>], indent: usize, out: &mut Vec<u8>) {
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            out.resize(out.len() + indent, b' ');
        }
        out.extend_from_slice(b"- ");
        match &element.json {
            Json::Object(members) if !members.is_empty() => mapping(members, indent + 2, out),
            Json::Array(elements) if !elements.is_empty() => sequence(elements, indent + 2, out),
            _ => {
                flat(element, out);
                out.push(b'\n');
            }
        }
    }
}

/// What takes no line of its own.
fn flat(node: &Node<'_>, out: &mut Vec<u8>) {
    match &node.json {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(true) => out.extend_from_slice(b"true"),
        Json::Bool(false) => out.extend_from_slice(b"false"),
        Json::Number(number) => out.extend_from_slice(number.as_bytes()),
        Json::String(text) => string(text, out),
        Json::Array(_) => out.extend_from_slice(b"[]"),
        Json::Object(_) => out.extend_from_slice(b"{}"),
    }
}

/// Plain where nothing in it means anything to YAML, and else as JSON, which YAML reads as well: all but the escapes in
/// two parts, for which it has one of its own.
fn string(text: &str, out: &mut Vec<u8>) {
    if is_plain(text) {
        return out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| *c > '\u{ffff}' && chars::is_unsafe(*c)) {
        let (before, after) = rest.split_at(at);
        content(before, out);
        // Writing to a Vec cannot fail.
        let _ = write!(out, "\\U{:08x}", u32::from(c));
        rest = after.strip_prefix(c).unwrap_or_default();
    }
    content(rest, out);
    out.push(b'"');
}

/// What JSON has between the quotes.
fn content(text: &str, out: &mut Vec<u8>) {
    let mut quoted = Vec::with_capacity(text.len() + 2);
    chars::quoted(&mut quoted, text, true);
    out.extend_from_slice(quoted.get(1..quoted.len() - 1).unwrap_or_default());
}

fn is_plain(text: &str) -> bool {
    // Readers of YAML 1.1 have more words for true and false, and some of them numbers with colons.
    const WORDS: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "true", "false"];
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ');
    text.starts_with(|c: char| c.is_alphabetic())
        && text.chars().all(inner)
        && !text.ends_with(' ')
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        && matches!(scalar::value(text.into(), true, None), Ok(Json::String(same)) if same == text)
}
